"""`multipass offers` on a real installation: a pool with a carnet, granted and sold."""

import asyncio
import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from domain.conditions import Conditions
from domain.limits import Window
from domain.products import Price, Term, Terms, publish_product
from store.database import Database
from tests.migrated import lay
from tests.unit.test_cli import ADA, invoke, media_in, number_in, refusal_of
from tests.unit.test_cli_explain import open_a_lido

FIRST, END = date(2021, 1, 1), date(2100, 1, 1)


async def sell(database: Database) -> None:
    """The carnet that agents grant, sold too, under another code."""
    async with database.begin() as unit:
        owner = (await unit.places.authorities())[0].id
        carnet = await unit.products.by_code(owner, "carnet")
        prices = (
            Price(1, 2430, FIRST, END),
            Price(2, 1620, FIRST, END, Conditions(age_from=18)),
            Price(3, 900, FIRST, END, Conditions(statuses=("student",))),
        )
        sold = replace(
            carnet, id=unit.ids.row(), code="sold", terms=Terms(term=Term(Window.ROLLING_DAYS, days=365)), prices=prices
        )
        await publish_product(unit, sold)
        closed = replace(sold, id=unit.ids.row(), code="never", prices=prices[2:])
        await publish_product(unit, closed)
    await database.close()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    lay(folder / "multipass.sqlite3")
    invoke(folder, "authority", "add", "cornelia", "--name-fr", "Cornélia", "--name-en", "Cornelia")
    url = f"sqlite:///{folder}/multipass.sqlite3"
    asyncio.run(open_a_lido(Database(url, patience=30)))
    asyncio.run(sell(Database(url, patience=30)))
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "installation"))


@pytest.fixture
def number(folder: Path) -> str:
    years = ("--from", "2021-01-01", "--until", "2099-01-01")
    return number_in(invoke(folder, "pass", "issue", "R-1", *ADA, *years, "--product", "carnet"))


def test_rights_and_prices_are_shown_as_a_till_hears_them(folder: Path, number: str) -> None:
    shown = invoke(folder, "offers", number, "lido-1", "--lang", "en")
    assert shown.exit_code == 0, shown.output
    assert "10 of 10 visits left" in shown.output
    assert "€16.20 (18 and over)" in shown.output
    assert "24.30" not in shown.output


def test_what_is_on_sale_says_how_long_it_lasts(folder: Path, number: str) -> None:
    in_french = invoke(folder, "offers", number, "lido-1", "--lang", "fr").output
    assert re.search(r"16,20 € \(18 ans et plus\), jusqu’au \d\d/\d\d/20\d\d", in_french), in_french
    assert "reste 10 sur 10 passages, jusqu’au" in in_french


def test_a_blocked_pass_is_told_as_such(folder: Path, number: str) -> None:
    (medium,) = media_in(invoke(folder, "pass", "show", number))
    assert invoke(folder, "pass", "block", number, medium, "--reason", "lost").exit_code == 0
    shown = invoke(folder, "offers", number, "lido-1", "--lang", "fr")
    assert "Le pass n’est pas valable ici" in shown.output
    assert "€" not in shown.output


def test_a_gate_that_is_not_there_is_told_by_its_code(folder: Path, number: str) -> None:
    refused = invoke(folder, "offers", number, "nowhere")
    assert refused.exit_code != 0
    assert "nowhere" in refusal_of(refused)
