"""Sessions of agents in the database: an end stays an end, and nothing is kept for ever."""

from datetime import timedelta

from msgspec.structs import replace

from adapters.keyring import KeyRing
from api.forgetter import Forgetter
from domain.agent_sessions import LONGEST, REMEMBERED, AgentSession, Proof, open_session, revoke
from domain.agents import Role
from store.database import Database
from tests.city import NOW, small_city
from tests.house_app import TestClock


async def _opened(database: Database, keyring: KeyRing) -> AgentSession:
    agent = (await small_city(database, keyring)).agents[Role.DESK]
    async with database.begin() as unit:
        return await open_session(
            unit,
            agent,
            secret_hash=b"s" * 32,
            address="192.0.2.1",
            browser="Firefox, Linux",
            proof=Proof.PASSWORD,
            now=NOW,
        )


async def test_a_session_that_was_revoked_is_not_revived_by_the_page_that_was_being_read(
    database_url: str, keyring: KeyRing
) -> None:
    database = Database(database_url, patience=30)
    session = await _opened(database, keyring)
    async with database.begin() as unit:
        await revoke(unit, session, now=NOW)
    async with database.begin() as unit:
        await unit.agent_sessions.save(replace(session, seen_at=NOW + timedelta(minutes=1)))
    async with database.look() as unit:
        found = await unit.agent_sessions.entered(session.secret_hash)
    assert found is not None
    assert (found.session.revoked_at, found.session.seen_at) == (NOW, NOW)
    await database.close()


async def test_sessions_are_forgotten_a_month_after_their_end(database_url: str, keyring: KeyRing) -> None:
    database, clock = Database(database_url, patience=30), TestClock()
    session = await _opened(database, keyring)
    forgetter = Forgetter(database, clock)
    clock.now = NOW + REMEMBERED - timedelta(days=1)
    await forgetter.round()
    async with database.look() as unit:
        assert await unit.agent_sessions.of(session.agent_id) == [session]
    clock.now = NOW + LONGEST + REMEMBERED + timedelta(days=1)
    await forgetter.round()
    async with database.look() as unit:
        assert await unit.agent_sessions.of(session.agent_id) == []
    await database.close()
