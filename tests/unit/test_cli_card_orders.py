"""What residents have ordered, on the command line: offered by a file, taken into a batch, handed over at its price."""

import asyncio
import re
import shutil
from pathlib import Path

import pytest

from adapters.clock import utc_now
from domain.accounts import ContactChannel, open_account
from domain.ordered_cards import CardWay, OrderReason, Wish, order_card
from domain.passes import MediumKind, add_medium
from store.database import Database
from tests.batch_commands import (
    DESK,
    MANAGER,
    Run,
    done,
    exported,
    invoke,
    lay_city,
    reported,
    resident,
    transport,
)
from tests.card_maker import chips, make, report

OFFERED = """
[replacement_fees.card]
loss = 5

[card_orders]
by_post = true
working_days = 12

[[card_orders.desks]]
code = "town-hall"
name = { fr = "Siège", en = "Town hall" }
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    lay_city(folder)
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "installation"))


@pytest.fixture
def run(folder: Path) -> Run:
    return lambda *words, answer=None: invoke(folder, *words, answer=answer)


def load(run: Run, folder: Path, text: str = OFFERED) -> str:
    (folder / "cards.toml").write_text(text, encoding="utf-8")
    return done(run("catalogue", "load", folder / "cards.toml"))


async def _lose(folder: Path, number: str) -> None:
    """Have whoever holds a pass lose their card, and order another."""
    database, now = Database(f"sqlite:///{folder}/multipass.sqlite3", patience=30), utc_now()
    async with database.begin() as unit:
        authority = await unit.places.authority("ville")
        pass_ = await unit.passes.by_number(authority.id, number)
        later = now.replace(year=now.year + 3, day=1)
        await add_medium(unit, pass_, kind=MediumKind.CARD, expires_at=later, now=now)
        account = await open_account(
            unit,
            authority_id=authority.id,
            channel=ContactChannel.EMAIL,
            address="zoe@example.org",
            language="fr",
            now=now,
        )
        wish = Wish(OrderReason.LOST, CardWay.DESK, "town-hall", "", 500)
        await order_card(unit, account, pass_, wish, now=now, today=now.date())
    await database.close()


def test_a_file_says_whether_residents_order_cards(run: Run, folder: Path) -> None:
    assert "Residents order" not in done(run("catalogue", "show"))
    assert re.search(r"card-orders.*new", load(run, folder))
    assert re.search(r"card-orders.*there already", load(run, folder))
    assert "Town hall, by post, in about 12 working days" in done(run("catalogue", "show"))
    assert re.search(r"card-orders.*changed", load(run, folder, OFFERED.replace("12", "20")))
    load(run, folder, OFFERED.replace("by_post = true", "by_post = true\npaused = true"))
    assert "Residents order" not in done(run("catalogue", "show"))
    load(run, folder, "[card_orders]\n")
    assert "Residents order" not in done(run("catalogue", "show"))


def test_a_file_in_which_two_desks_have_one_code_is_refused(run: Run, folder: Path) -> None:
    desk = OFFERED[OFFERED.index("[[card_orders") :]
    (folder / "cards.toml").write_text(OFFERED + desk, encoding="utf-8")
    refused = run("catalogue", "load", folder / "cards.toml")
    assert (refused.exit_code, "Two desks have one code" in refused.stderr) == (2, True)
    assert "Residents order" not in done(run("catalogue", "show"))


def test_what_was_ordered_is_taken_into_a_batch_and_handed_over_at_its_price(run: Run, folder: Path) -> None:
    nothing = run("batch", "order", "spring", "--ordered", *MANAGER)
    assert (nothing.exit_code, "No card that a resident has ordered waits" in nothing.stderr) == (2, True)
    load(run, folder)
    zoe = resident(run)
    asyncio.run(_lose(folder, zoe))
    assert "1 cards that residents ordered" in done(run("batch", "order", "spring", "--ordered", *MANAGER))
    order = exported(run, folder, chips(1))
    (card,) = make(order, transport(folder))
    assert card.printed["passNumber"].replace(" ", "") == zoe
    done(reported(run, folder, report(order)))
    done(run("batch", "deliver", "spring", "--desk", "town-hall", *MANAGER))
    load(run, folder, OFFERED.replace("loss = 5", "loss = 9"))
    assert "To be collected, as it was ordered: 5.00 €." in done(run("card", "bind", card.number, *DESK))
    assert re.search(rf"{zoe}\s+loss\s+5.00 €", done(run("pass", "fees", "--from", utc_now().date().isoformat())))
