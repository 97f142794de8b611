"""Tokens for programs in the database: an end stays an end, and nothing is kept for ever."""

from datetime import timedelta
from uuid import UUID

from msgspec.structs import replace

from adapters.keyring import KeyRing
from api.forgetter import Forgetter
from domain.agents import Permission, Role
from domain.personal_tokens import REMEMBERED, PersonalToken, make, revoke_token
from store.database import Database
from tests.city import NOW, small_city
from tests.house_app import TestClock

DAY = NOW.date()


async def _made(database: Database, keyring: KeyRing) -> PersonalToken:
    agent = (await small_city(database, keyring)).agents[Role.DESK]
    allowed = (Permission.PASS_READ, Permission.MEDIUM_BLOCK)
    until = DAY + timedelta(days=10)
    async with database.begin() as unit:
        return await make(
            unit, agent, name="Export", permissions=allowed, until=until, token_hash=b"t" * 32, now=NOW, day=DAY
        )


async def test_a_token_is_read_back_as_it_was_made_and_its_end_stays(database_url: str, keyring: KeyRing) -> None:
    database = Database(database_url, patience=30)
    token = await _made(database, keyring)
    async with database.look() as unit:
        assert await unit.personal_tokens.by_hash(token.token_hash) == token
        assert await unit.personal_tokens.of(UUID(int=0)) == []
    async with database.begin() as unit:
        await unit.personal_tokens.used(token.id, NOW)
        await revoke_token(unit, token, now=NOW)
        await unit.personal_tokens.save(replace(token, revoked_at=NOW + timedelta(days=1)))
    async with database.look() as unit:
        found = await unit.personal_tokens.one(token.agent_id, token.id)
    assert (found.used_at, found.revoked_at, found.keep_until) == (NOW, NOW, DAY + REMEMBERED)
    await database.close()


async def test_tokens_are_forgotten_a_month_after_their_end(database_url: str, keyring: KeyRing) -> None:
    database, clock = Database(database_url, patience=30), TestClock()
    token = await _made(database, keyring)
    forgetter = Forgetter(database, clock)
    clock.now = NOW + timedelta(days=10) + REMEMBERED - timedelta(days=1)
    await forgetter.round()
    async with database.look() as unit:
        assert await unit.personal_tokens.of(token.agent_id) == [token]
    clock.now += timedelta(days=2)
    await forgetter.round()
    async with database.look() as unit:
        assert await unit.personal_tokens.of(token.agent_id) == []
    await database.close()
