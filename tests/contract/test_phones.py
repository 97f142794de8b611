"""Phones bound as media, and handles that are taken once: the same on both engines."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from msgspec import Struct
from sqlalchemy import func, select

from adapters.keyring import KeyRing, Purpose
from adapters.phones import phone_credential
from domain import passes
from domain.errors import AlreadyExists
from domain.errors.passes import LifecycleConflict
from domain.passes import Medium, MediumKind, MediumStatus, PassStatus, medium_bytes
from domain.phones import DeviceKey, KeySecurity, bind_phone
from nfc import keys, online_handle, qr
from nfc.phone import Phone
from store import online_handles
from store.database import Database
from store.online_handles import OnlineHandle
from store.tables.passes import medium
from store.tables.passes import online_handle as handles
from tests.city import KEEP, NOW, City, TestPass, resident, small_city


class World(Struct, frozen=True):
    """The small city, somebody in it, and a phone that belongs to nobody yet."""

    database: Database
    keyring: KeyRing
    city: City
    zoe: TestPass
    phone: Phone

    async def bind(self, phone: Phone, *, to: TestPass | None = None) -> Medium:
        """As the app will: the medium lasts as long as the printed one."""
        owner = to or self.zoe
        async with self.database.begin() as unit:
            return await bind_phone(
                unit,
                owner.pass_,
                public_key=phone.public_key,
                security=KeySecurity.STRONGBOX,
                expires_at=owner.medium.expires_at,
                now=NOW,
            )


@pytest.fixture
async def world(database_url: str, keyring: KeyRing) -> AsyncIterator[World]:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    zoe = await resident(database, keyring, city, "R1")
    yield World(database, keyring, city, zoe, Phone(keys.generate().private))
    await database.close()


async def test_a_phone_becomes_a_medium_of_the_pass_and_its_key_is_kept(world: World) -> None:
    bound = await world.bind(world.phone)
    assert (bound.kind, bound.status, bound.pass_id) == (MediumKind.PHONE, MediumStatus.ACTIVE, world.zoe.pass_.id)
    async with world.database.look() as unit:
        media = {medium.id: medium for medium in await unit.passes.media(world.zoe.pass_.id)}
        assert media == {bound.id: bound, world.zoe.medium.id: world.zoe.medium}
        assert await unit.passes.device_key(bound.id) == DeviceKey(
            bound.id, world.city.authority.id, world.phone.public_key, KeySecurity.STRONGBOX, NOW, KEEP
        )
        assert await unit.passes.device_key(world.zoe.medium.id) is None, "paper has no key"


async def test_a_key_serves_one_medium_of_an_authority_and_a_second_binding_leaves_nothing(world: World) -> None:
    await world.bind(world.phone)
    other = await resident(world.database, world.keyring, world.city, "R2")
    for owner in (world.zoe, other):
        with pytest.raises(AlreadyExists):
            await world.bind(world.phone, to=owner)
    async with world.database.read() as connection:
        assert (await connection.execute(select(func.count()).select_from(medium))).scalar_one() == 3
    elsewhere = await resident(world.database, world.keyring, world.city, "R1", authority=world.city.neighbour)
    assert (await world.bind(world.phone, to=elsewhere)).authority_id == world.city.neighbour.id


async def test_no_phone_is_bound_to_a_pass_that_has_ended(world: World) -> None:
    async with world.database.begin() as unit:
        ended = await passes.change_status(unit, world.zoe.pass_, PassStatus.ENDED, now=NOW)
    with pytest.raises(LifecycleConflict):
        async with world.database.begin() as unit:
            await bind_phone(
                unit,
                ended,
                public_key=world.phone.public_key,
                security=KeySecurity.SOFTWARE,
                expires_at=world.zoe.medium.expires_at,
                now=NOW,
            )


async def test_the_credential_of_a_phone_is_what_a_gate_reads(world: World) -> None:
    bound = await world.bind(world.phone)
    credential = phone_credential(world.keyring, world.city.authority, bound, world.phone.public_key, now=NOW)
    moment = int(NOW.timestamp())
    code = qr.read(
        Phone(world.phone.private, credential).code(moment), world.keyring.verify_keys(Purpose.PHONE), moment
    )
    assert (code.medium_id, code.assurance, code.authority) == (medium_bytes(bound.id), 2, "ville")
    assert (code.status_list, code.status_index) == (bound.status_list, bound.status_index)
    assert code.expires_at == moment + 30 * 86_400


async def test_a_credential_outlives_no_medium(world: World) -> None:
    bound = await world.bind(world.phone)
    late = bound.expires_at - timedelta(days=3)
    credential = phone_credential(world.keyring, world.city.authority, bound, world.phone.public_key, now=late)
    moment = int(late.timestamp())
    code = qr.read(
        Phone(world.phone.private, credential).code(moment), world.keyring.verify_keys(Purpose.PHONE), moment
    )
    assert code.expires_at == int(bound.expires_at.timestamp())


# --- handles ---------------------------------------------------------------------------------------


async def keep(world: World, *, service_code: str | None = None) -> OnlineHandle:
    new = OnlineHandle(
        handle_hash=online_handle.stored_hash(online_handle.parse(online_handle.make())),
        authority_id=world.city.authority.id,
        medium_id=world.zoe.medium.id,
        service_code=service_code,
        expires_at=NOW + timedelta(seconds=online_handle.TTL_SECONDS),
    )
    async with world.database.write() as connection:
        await online_handles.keep(connection, new)
    return new


async def take(world: World, handle_hash: bytes, *, after_seconds: float = 0) -> OnlineHandle | None:
    async with world.database.write() as connection:
        return await online_handles.take(connection, handle_hash, NOW + timedelta(seconds=after_seconds))


@pytest.mark.parametrize("service_code", [None, "pool"])
async def test_a_handle_is_taken_once(world: World, service_code: str | None) -> None:
    kept = await keep(world, service_code=service_code)
    assert await take(world, kept.handle_hash, after_seconds=59.9) == kept
    assert await take(world, kept.handle_hash) is None


async def test_of_many_who_take_a_handle_at_once_one_has_it(world: World) -> None:
    kept = await keep(world)
    taken = await asyncio.gather(*(take(world, kept.handle_hash) for _ in range(8)))
    assert [handle for handle in taken if handle is not None] == [kept]


async def test_a_handle_is_over_after_its_minute_and_gone_once_it_was_shown(world: World) -> None:
    kept = await keep(world)
    assert await take(world, kept.handle_hash, after_seconds=60) is None
    assert await take(world, kept.handle_hash) is None


async def test_a_handle_that_nobody_made_is_not_there(world: World) -> None:
    await keep(world)
    assert await take(world, bytes(32)) is None


async def test_what_nobody_took_in_time_is_deleted_and_the_rest_stays(world: World) -> None:
    await keep(world)
    async with world.database.write() as connection:
        await online_handles.forget_old(connection, NOW + timedelta(seconds=59))
        assert (await connection.execute(select(func.count()).select_from(handles))).scalar_one() == 1
        await online_handles.forget_old(connection, NOW + timedelta(seconds=60))
        assert (await connection.execute(select(func.count()).select_from(handles))).scalar_one() == 0
