"""What servers note of their jobs: seldom, at once when one begins to fail, and no longer than they live."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from adapters.antivirus import Antivirus
from adapters.cards import CardKeys
from adapters.document_vault import DocumentVault
from adapters.keyring import KeyRing
from api import background
from api.background import Background
from api.diary import Diary
from api.messenger import Messenger
from api.rounds import Done
from api.settings import Settings
from domain.errors import LedgerUnavailable
from domain.jobs import GONE_AFTER, Condition, standings
from store.database import Database
from store.jobs import rounds_noted

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)


class Hours:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


async def test_a_diary_is_written_seldom_and_at_once_when_something_begins_to_fail(database_url: str) -> None:
    database, hours = Database(database_url, patience=30), Hours()
    diary = Diary(database, hours, worker="one:1")

    async def noted(problem: BaseException | None) -> tuple[int, str]:
        diary.note(Done("courier", 5.0, 0.5, problem))
        await diary.write()
        async with database.read() as connection:
            (found,) = await rounds_noted(connection)
        return found.failures, found.problem

    assert await noted(None) == (0, "")
    hours.now += timedelta(seconds=5)
    assert await noted(LedgerUnavailable("away")) == (1, "ledger-unavailable")
    hours.now += timedelta(seconds=5)
    assert await noted(ValueError("Madame Dupont")) == (1, "ledger-unavailable"), "one that goes on failing can wait"
    hours.now += timedelta(minutes=1)
    assert await noted(ValueError("Madame Dupont")) == (3, "ValueError"), "and only its code is kept"
    assert await noted(None) == (0, "")
    await diary.leave()
    async with database.read() as connection:
        assert await rounds_noted(connection) == []
    await database.close()


async def test_several_workers_stand_side_by_side_and_one_that_is_gone_is_forgotten(database_url: str) -> None:
    database, hours = Database(database_url, patience=30), Hours()
    first, second = Diary(database, hours, worker="one:1"), Diary(database, hours, worker="two:1")
    for diary in (first, second):
        diary.note(Done("tallier", 60.0, 0.5, None))
        await diary.write()
    async with database.read() as connection:
        (standing,) = standings(await rounds_noted(connection), hours.now)
    assert ({one.worker for one in standing.rounds}, standing.condition) == ({"one:1", "two:1"}, Condition.WELL)
    hours.now += GONE_AFTER + timedelta(seconds=1)
    second.note(Done("tallier", 60.0, 0.5, None))
    await second.write()
    async with database.read() as connection:
        assert [one.worker for one in await rounds_noted(connection)] == ["two:1"]
    await database.close()


@pytest.mark.usefixtures("jobs_at_once")
async def test_jobs_begin_one_after_the_other_and_share_a_connection(
    database_url: str, keyring: KeyRing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten servers that start together would ask PostgreSQL for eighty connections, to use each for a moment."""
    monkeypatch.setattr(background, "TURN_SECONDS", 30.0)  # nobody loses their turn on a busy machine
    settings, clock, database = Settings(database_url=database_url), Hours(), Database(database_url, patience=30)
    vault = DocumentVault(tmp_path / "documents", keyring, Antivirus(settings.clamd))
    messenger = Messenger(None, None, countries=settings.sms_countries)
    jobs = Background(settings, keyring, clock, vault, CardKeys(keyring), mail=None, messenger=messenger, push=None)
    opened: list[object] = []
    event.listen(jobs._database.engine.sync_engine, "connect", lambda *connection: opened.append(connection))
    jobs.start()
    async with asyncio.timeout(60), database.read() as connection:
        while len(await rounds_noted(connection)) < len(jobs._jobs):
            await connection.rollback()
            await asyncio.sleep(0.01)
    assert len(opened) == 1
    await jobs.stop()
    await database.close()
