"""`multipass explain` on a real installation: a pool that opens at nine, and a pass with a carnet."""

import asyncio
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import Result

from cli.explain import instant
from cli.stop import Stop
from domain.access.rules import ALWAYS
from domain.calendars import Calendar, Hours
from domain.places import Gate, Passback, Site, Zone
from domain.services import BY_CODE
from domain.text import Text
from store.database import Database
from tests.migrated import lay
from tests.unit.test_cli import ADA, furnish, invoke, media_in, number_in, refusal_of

DAILY = Calendar(tuple(Hours(date(2020, 1, 1), date(2100, 1, 1), weekday, 540, 1140) for weekday in range(7)))
YEAR = ("--from", "2026-01-01", "--until", "2027-01-01")
OPEN = ("--at", "2026-11-21 14:05", "--lang", "en")
LONG_AFTER = ("--at", "2099-11-21 14:05", "--lang", "en")
"""After whatever is done now: what became of a medium counts from then on."""


async def open_a_lido(database: Database) -> None:
    """Beside the pool without hours that `furnish` builds."""
    async with database.begin() as unit:
        owner = (await unit.places.authorities())[0].id
        name = Text(fr="Lido", en="Lido")
        await unit.places.add_site(Site(UUID(int=11), owner, "lido", "pool", name, "59350", DAILY))
        await unit.places.add_zone(Zone(UUID(int=12), owner, UUID(int=11), "lido", 50, Passback.NONE, 0))
        await unit.places.add_gate(Gate(UUID(int=13), owner, UUID(int=12), "lido-1", name))
    await furnish(database)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    lay(folder / "multipass.sqlite3")
    invoke(folder, "authority", "add", "cornelia", "--name-fr", "Cornélia", "--name-en", "Cornelia")
    asyncio.run(open_a_lido(Database(f"sqlite:///{folder}/multipass.sqlite3")))
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "installation"))


@pytest.fixture
def number(folder: Path) -> str:
    return number_in(invoke(folder, "pass", "issue", "R-1", *ADA, *YEAR, "--product", "carnet"))


def explained(folder: Path, *words: str) -> Result:
    return invoke(folder, "explain", *words)


def test_every_rule_is_told_with_what_it_looked_at_then_the_verdict(folder: Path, number: str) -> None:
    shown = explained(folder, number, "lido", *OPEN)
    assert shown.exit_code == 0, shown.output
    assert "Entry by lido-1 (lido)" in shown.output
    assert "2026-11-21 14:05" in shown.output
    assert shown.output.count("✔") == len(ALWAYS) + len(BY_CODE["pool"].rules) + 1
    assert "Hours of the day: 09:00–19:00" in shown.output
    assert "Session now: none" in shown.output
    assert "Lives in a commune of the right: the right does not ask" in shown.output
    assert "To pay on the spot: €0.00" in shown.output
    assert "carnet, 0 of 10 visits used, from 2026-01-01" in shown.output
    assert "GRANTED" in shown.output
    assert "9 of 10 visits left" in shown.output
    assert "Right that would be used: carnet" in shown.output
    assert "Would be counted: 1 visit, in the counter that runs until 2026-12-31" in shown.output
    assert "Nothing was recorded" in shown.output
    assert "Ada" not in shown.output


def test_a_refusal_names_the_rule_that_wins_and_ends_with_status_one(folder: Path, number: str) -> None:
    shown = explained(folder, f"{number[:4]} {number[4:]}", "pool", "--at", "2026-11-21 14:05", "--lang", "fr")
    assert shown.exit_code == 1, shown.output
    assert "Horaires du jour : fermé toute la journée" in shown.output
    assert "Site fermé (site_closed)" in shown.output
    assert "Une seule règle objecte : site_open (site_closed)." in shown.output
    assert "REFUSÉ" in shown.output


def test_a_time_with_its_offset_is_that_instant(folder: Path, number: str) -> None:
    assert explained(folder, number, "lido", "--at", "2026-11-21T08:05:00+01:00").exit_code == 1
    assert explained(folder, number, "lido", "--at", "2026-11-21T08:05:00Z").exit_code == 0


def test_on_the_way_out_the_other_rules_are_not_asked(folder: Path, number: str) -> None:
    shown = explained(folder, number, "lido", "--exit", *OPEN)
    assert shown.exit_code == 0, shown.output
    assert shown.output.count("– ") >= 8
    assert "Nobody is kept in" in shown.output


def test_a_lost_card_is_shown_by_name(folder: Path, number: str) -> None:
    (lost,) = media_in(invoke(folder, "pass", "block", number, "--reason", "lost"))[:1]
    invoke(folder, "pass", "replace", number, lost)
    assert explained(folder, number, "lido", *OPEN).exit_code == 0
    shown = explained(folder, number, "lido", "--medium", lost[:8], *LONG_AFTER)
    assert shown.exit_code == 1
    assert f"medium {lost}" in shown.output
    assert "State of the medium: replaced" in shown.output


def test_asking_changes_nothing(folder: Path, number: str) -> None:
    first = explained(folder, number, "lido", *OPEN).output
    assert explained(folder, number, "lido", *OPEN).output == first
    assert "10 of 10 visits in all" in invoke(folder, "pass", "show", number).output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("lido", "--at", "half past two"), "is no time of this century"),
        (("lido", "--at", "2026-11-21"), "write it like '2026-11-21 14:05'"),
        (("lido", "--at", "1026-11-21 14:05"), "is no time of this century"),
        (("lido", "--at", "2026-03-29 02:30"), "the clocks go forward"),
        (("nowhere",), "No site with a gate has the code nowhere"),
        (("lido", "--gate", "pool-1"), "has no gate of the code pool-1"),
        (("lido", "--medium", "ffffffffffffffff"), "No medium begins with"),
        (("lido", "--authority", "elsewhere"), "No authority has the code elsewhere"),
    ],
)
def test_a_wrong_question_is_told_in_one_line(folder: Path, number: str, words: tuple[str, ...], said: str) -> None:
    assert said in refusal_of(explained(folder, number, *words))


def test_a_mistyped_number_is_told(folder: Path) -> None:
    assert "no pass number" in refusal_of(explained(folder, "1234567890", "lido"))
    assert "No pass has" in refusal_of(explained(folder, "1234567897", "lido"))


def test_the_clock_on_the_wall_is_the_sites() -> None:
    assert instant("2026-07-01 14:05", "Europe/Paris") == datetime(2026, 7, 1, 12, 5, tzinfo=UTC)
    assert instant("2026-07-01 14:05", "Indian/Reunion") == datetime(2026, 7, 1, 10, 5, tzinfo=UTC)
    with pytest.raises(Stop):
        instant("2026-03-29 02:30", "Europe/Paris")
