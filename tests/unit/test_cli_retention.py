"""`multipass retention`: it counts what is over, and forgets it."""

import asyncio
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from adapters.clock import utc_now
from cli.main import front
from domain.people import register_holder
from store.database import Database
from store.tables.people import holder
from tests.migrated import lay


def invoke(folder: Path, *words: str) -> Result:
    settings = {
        "MULTIPASS_DATABASE_URL": f"sqlite:///{folder}/multipass.sqlite3",
        "MULTIPASS_KEYS_FOLDER": str(folder / "keys"),
        "MULTIPASS_DOCUMENTS_FOLDER": str(folder / "documents"),
    }
    return CliRunner().invoke(front, list(words), prog_name="multipass", env=settings)


def done(folder: Path, *words: str) -> str:
    result = invoke(folder, *words)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lay(tmp_path / "multipass.sqlite3")
    done(tmp_path, "authority", "add", "ville", "--name-fr", "Ville", "--name-en", "Town")
    asyncio.run(_register(tmp_path))
    return tmp_path


async def _register(folder: Path) -> None:
    """Somebody whose days are over, and somebody whose days are not."""
    database = Database(f"sqlite:///{folder}/multipass.sqlite3")
    async with database.begin() as unit:
        (authority,) = await unit.places.authorities()
        for reference, until in (("over", date(2020, 1, 1)), ("kept", date(2999, 1, 1))):
            await register_holder(
                unit,
                authority_id=authority.id,
                reference=reference,
                first_name="Zoé",
                last_name="Lefèvre",
                born_on=date(1980, 5, 17),
                commune_code="59350",
                now=utc_now(),
                keep_until=until,
            )
    await database.close()


async def _people(folder: Path) -> int:
    database = Database(f"sqlite:///{folder}/multipass.sqlite3")
    async with database.read() as connection:
        found = int((await connection.execute(select(func.count()).select_from(holder))).scalar_one())
    await database.close()
    return found


def test_a_dry_run_counts_and_changes_nothing(folder: Path) -> None:
    said = done(folder, "retention", "--dry-run")
    assert "Never done yet." in said
    assert "holder" in said
    assert asyncio.run(_people(folder)) == 2


def test_a_walk_by_hand_forgets_who_is_over_and_says_so(folder: Path) -> None:
    assert "holder" in done(folder, "retention")
    assert asyncio.run(_people(folder)) == 1
    assert "Nothing has come to its end." in done(folder, "retention")
    assert "Last done on" in done(folder, "retention", "--dry-run")
