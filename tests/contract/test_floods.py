"""Flood levels through both engines: two people, the watch, the journal, and what becomes public."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from alembic.util import CommandError
from msgspec.structs import replace
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from adapters.keyring import KeyRing
from api.forgetter import Forgetter
from domain.agents import Role
from domain.devices import DeviceKind, Stream, register_device
from domain.errors.floods import AlreadyDecided, SecondPersonNeeded
from domain.flood_levels import Change, ChangeStatus, confirm_change, declare, decline_change
from domain.flood_thresholds import (
    Thresholds,
    ThresholdsStatus,
    Witness,
    confirm_thresholds,
    decline_thresholds,
    propose,
)
from domain.floods import Cause, Level
from domain.readings import Quality
from domain.webhooks import Kind, Webhook, register_webhook
from store import migrate
from store.database import Database
from store.readings import ReadingWriter
from store.tables.floods import flood_thresholds
from store.webhooks import claim_due, settle
from tests.city import City, small_city
from tests.tour_streams import AIR, CO2, NOON, reading
from tour.flood_watch import watch_levels

MINUTE = timedelta(minutes=1)
LEZ = replace(AIR, id=UUID(int=50), code="lez", kind=DeviceKind.WATER_LEVEL, source="hubeau", source_key="Y321")
LEVEL = replace(
    CO2,
    id=UUID(int=51),
    device_id=LEZ.id,
    quantity="water_level",
    unit="m",
    period_seconds=300,
    low=-2.0,
    high=25.0,
)
UPSTREAM = replace(LEZ, id=UUID(int=60), code="lez-amont", source_key="Y320")
UPSTREAM_LEVEL = replace(LEVEL, id=UUID(int=61), device_id=UPSTREAM.id)


class River:
    """A city with a gauge, one upstream, and two agents who may set its thresholds."""

    def __init__(self, database: Database, city: City) -> None:
        self.database = database
        self.city = city
        self.writer = ReadingWriter()
        self.first = city.agents[Role.MANAGER].id
        self.second = city.agents[Role.ADMINISTRATOR].id

    def thresholds(self, id_: int = 70, **more: object) -> Thresholds:
        known = Thresholds(
            id=UUID(int=id_),
            authority_id=self.city.authority.id,
            stream_id=LEVEL.id,
            level_1_m=2.0,
            level_2_m=3.0,
            level_3_m=4.0,
            hysteresis_m=0.2,
            witnesses=(Witness(UPSTREAM_LEVEL.id, 1.5),),
            status=ThresholdsStatus.PROPOSED,
            proposed_by=self.first,
            proposed_at=NOON - timedelta(days=1),
        )
        return replace(known, **more)

    async def hooked(self, *urls: str, kind: Kind = Kind.FLOOD_LEVEL) -> None:
        """Let programs be told."""
        async with self.database.begin() as unit:
            for url in urls:
                hook = Webhook(unit.ids.row(), self.city.authority.id, url, (kind,), self.second, NOON)
                await register_webhook(unit, hook)

    async def set_up(self) -> None:
        async with self.database.begin() as unit:
            for device, stream in ((LEZ, LEVEL), (UPSTREAM, UPSTREAM_LEVEL)):
                mine = {"authority_id": self.city.authority.id}
                await register_device(unit, replace(device, **mine), [replace(stream, **mine)])

    async def agreed(self, id_: int = 70, **more: object) -> None:
        async with self.database.begin() as unit:
            proposed = self.thresholds(id_, **more)
            await propose(unit, proposed, LEVEL)
            await confirm_thresholds(unit, proposed, agent_id=self.second, now=NOON - timedelta(days=1))

    async def says(self, *values: tuple[datetime, float], stream: Stream = LEVEL, late: bool = False) -> None:
        owned = replace(stream, authority_id=self.city.authority.id)
        batch = [
            reading(value, at, owned, received_at=at + (60 if late else 1) * MINUTE, quality=Quality.PROBABLY_GOOD)
            for at, value in values
        ]
        async with self.database.write() as connection:
            await self.writer.write(connection, batch, {owned.id: owned})

    async def watch(self, now: datetime) -> tuple[Change, ...]:
        async with self.database.begin() as unit:
            return await watch_levels(unit, self.city.authority.id, now)

    async def confirm(self, change: Change, now: datetime) -> Change:
        async with self.database.begin() as unit:
            station = await unit.floods.hold(self.city.authority.id, LEVEL.id)
            assert station is not None
            return await confirm_change(unit, change, station, agent_id=self.first, now=now)

    async def levels(self) -> tuple[Level, Level]:
        async with self.database.look() as unit:
            (watched,) = await unit.floods.watched(self.city.authority.id)
        return watched.station.level, watched.station.public_level

    async def journal_by_pages_of_one(self) -> list[tuple[ChangeStatus, Level]]:
        """Each line asked for behind the one before."""
        read, place = [], None
        async with self.database.look() as unit:
            while page := await unit.floods.journal(self.city.authority.id, None, 1, before=place):
                [(_, change)] = page
                place = change.noticed_at, change.id
                read.append((change.status, change.after))
        return read

    async def journal(self) -> list[tuple[ChangeStatus, Level]]:
        async with self.database.look() as unit:
            lines = await unit.floods.journal(self.city.authority.id, LEVEL.id, 50)
        return [(change.status, change.after) for code, change in lines if code == "lez"]


@pytest.fixture
async def river(database_url: str, keyring: KeyRing) -> AsyncIterator[River]:
    database = Database(database_url, patience=30)
    opened = River(database, await small_city(database, keyring))
    await opened.set_up()
    yield opened
    await database.close()


RISEN = ((NOON - 5 * MINUTE, 2.3), (NOON, 2.4))


# --- two people -------------------------------------------------------------------------------------


async def test_thresholds_are_in_force_when_a_second_person_confirms_them(river: River) -> None:
    proposed = river.thresholds()
    async with river.database.begin() as unit:
        await propose(unit, proposed, LEVEL)
        with pytest.raises(SecondPersonNeeded):
            await confirm_thresholds(unit, proposed, agent_id=river.first, now=NOON)
        assert await unit.floods.watched(river.city.authority.id) == []
        await confirm_thresholds(unit, proposed, agent_id=river.second, now=NOON)
        (watched,) = await unit.floods.watched(river.city.authority.id)
    assert watched.thresholds.status is ThresholdsStatus.CONFIRMED
    with pytest.raises(AlreadyDecided):
        async with river.database.begin() as unit:
            await confirm_thresholds(unit, proposed, agent_id=river.second, now=NOON)


async def test_the_table_itself_refuses_thresholds_of_one_person(river: River) -> None:
    async with river.database.begin() as unit:
        await propose(unit, river.thresholds(), LEVEL)
    with pytest.raises(IntegrityError):
        async with river.database.write() as connection:
            await connection.execute(update(flood_thresholds).values(status="confirmed", decided_by=river.first))


async def test_new_thresholds_take_the_place_of_those_before(river: River) -> None:
    await river.agreed()
    await river.agreed(71, level_1_m=2.5)
    async with river.database.begin() as unit:
        (watched,) = await unit.floods.watched(river.city.authority.id)
        before = await unit.floods.thresholds(river.city.authority.id, UUID(int=70))
        withdrawn = river.thresholds(72)
        await propose(unit, withdrawn, LEVEL)
        await decline_thresholds(unit, withdrawn, agent_id=river.first, now=NOON)
    assert (watched.thresholds.level_1_m, before.status) == (2.5, ThresholdsStatus.REPLACED)
    assert before.decided_by == river.second


# --- the watch and the journal ----------------------------------------------------------------------


async def test_a_risen_river_waits_for_somebody_and_is_not_public(river: River) -> None:
    await river.agreed()
    await river.says(*((at - 20 * MINUTE, 4.5) for at, _ in RISEN), late=True)
    assert await river.watch(NOON - 5 * MINUTE) == (), "what came late raises nothing"
    await river.says(*RISEN)
    (change,) = await river.watch(NOON + MINUTE)
    assert (change.cause, change.status) == (Cause.TWO_READINGS, ChangeStatus.WAITING)
    assert await river.watch(NOON + 2 * MINUTE) == (), "seen again, it is the same"
    assert await river.levels() == (Level.VEHICLES, Level.NORMAL)

    async with river.database.look() as unit:
        kept = await unit.floods.change(river.city.authority.id, change.id)
    assert kept == change, "with the readings behind it"
    assert [(one.at, one.metres) for one in kept.behind] == list(RISEN)


async def test_what_is_done_twice_at_once_is_done_once(river: River) -> None:
    """Two rounds of the watch, two agents, two couriers."""
    await river.agreed()
    await river.hooked(*(f"https://{name}.example/" for name in "abc"))
    await river.says(*RISEN)
    rounds = await asyncio.gather(*(river.watch(NOON + MINUTE) for _ in range(3)))
    (change,) = [one for changes in rounds for one in changes]

    told = await asyncio.gather(*(river.confirm(change, NOON) for _ in range(2)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in told) == ["AlreadyDecided", "Change"]

    async def claimed() -> list[UUID]:
        async with river.database.write() as connection:
            found = [delivery.id for delivery, *_ in await claim_due(connection, NOON, 2)]
            await asyncio.sleep(0.05)
            return found

    taken = [one for each in await asyncio.gather(*(claimed() for _ in range(3))) for one in each]
    assert len(taken) == len(set(taken)) == 3


async def test_one_reading_and_the_gauge_upstream_raise_a_level(river: River) -> None:
    await river.agreed()
    await river.says((NOON - 5 * MINUTE, 1.9), (NOON, 2.4))
    assert await river.watch(NOON + MINUTE) == ()
    await river.says((NOON - MINUTE, 1.6), stream=UPSTREAM_LEVEL)
    (change,) = await river.watch(NOON + MINUTE)
    assert change.cause is Cause.AGREEMENT
    assert [one.value for one in change.agreements] == [1.6]


async def test_confirming_makes_it_public_and_tells_the_webhooks(river: River) -> None:
    await river.agreed()
    hook = Webhook(
        UUID(int=80), river.city.authority.id, "https://sirens.example/hook", (Kind.FLOOD_LEVEL,), river.second, NOON
    )
    pager = replace(hook, id=UUID(int=81), url="https://pager.example/", kinds=(Kind.FLOOD_WAITING,))
    async with river.database.begin() as unit:
        await register_webhook(unit, hook)
        await register_webhook(unit, pager)
    await river.says(*RISEN)
    (change,) = await river.watch(NOON + MINUTE)
    async with river.database.write() as connection:
        ((waits, url, _),) = await claim_due(connection, NOON + MINUTE, 10)
        await settle(connection, waits, "204", NOON + MINUTE)
    assert (url, waits.kind) == ("https://pager.example/", Kind.FLOOD_WAITING), "a pager hears of it, a sign does not"
    await river.confirm(change, NOON + 2 * MINUTE)
    assert await river.levels() == (Level.VEHICLES, Level.VEHICLES)
    with pytest.raises(AlreadyDecided):
        await river.confirm(change, NOON + 3 * MINUTE)

    async with river.database.write() as connection:
        ((delivery, url, code),) = await claim_due(connection, NOON + 2 * MINUTE, 10)
        assert await claim_due(connection, NOON + 2 * MINUTE, 10) == [], "nobody takes it twice"
    assert (url, code, delivery.subject) == ("https://sirens.example/hook", "ville", "lez")
    assert b'"level":1' in delivery.body
    assert b"2.4" not in delivery.body, "metres are not public"
    async with river.database.write() as connection:
        ((again, *_),) = await claim_due(connection, NOON + 3 * MINUTE, 10)
        await settle(connection, again, "200", NOON + 3 * MINUTE)
        assert await claim_due(connection, NOON + timedelta(days=2), 10) == []
    for days, left in ((30, 2), (31, 0)):
        await Forgetter(river.database, lambda days=days: NOON + timedelta(days=days)).round()  # type: ignore[misc]
        async with river.database.look() as unit:
            assert len(await unit.webhooks.deliveries(river.city.authority.id, 10)) == left


async def test_a_newer_level_takes_the_place_of_one_that_was_not_delivered(river: River) -> None:
    await river.agreed()
    hook = Webhook(
        UUID(int=80), river.city.authority.id, "https://sirens.example/hook", (Kind.FLOOD_LEVEL,), river.second, NOON
    )
    async with river.database.begin() as unit:
        await register_webhook(unit, hook)
        for level in (Level.VEHICLES, Level.QUAY):
            station = await unit.floods.hold(river.city.authority.id, LEVEL.id)
            assert station is not None
            await declare(unit, station, level, agent_id=river.first, words="vu du pont", now=NOON)
    async with river.database.write() as connection:
        ((delivery, *_),) = await claim_due(connection, NOON, 10)
    assert b'"level":3' in delivery.body
    async with river.database.look() as unit:
        answers = {one.answer for one in await unit.webhooks.deliveries(river.city.authority.id, 10)}
    assert answers == {"overtaken", "no answer"}


async def test_the_journal_keeps_what_was_declined_and_what_nobody_decided(river: River) -> None:
    await river.agreed()
    await river.says(*RISEN)
    (change,) = await river.watch(NOON + MINUTE)
    async with river.database.begin() as unit:
        await decline_change(unit, change, agent_id=river.first, words="Une branche sous la sonde.", now=NOON)
    assert await river.levels() == (Level.VEHICLES, Level.NORMAL)

    await river.says(*((NOON + step * 5 * MINUTE, 1.0) for step in range(1, 8)))
    (over,) = await river.watch(NOON + 36 * MINUTE)
    assert (over.after, over.status) == (Level.NORMAL, ChangeStatus.NOTHING_TO_SAY)
    assert await river.journal() == [
        (ChangeStatus.NOTHING_TO_SAY, Level.NORMAL),
        (ChangeStatus.DECLINED, Level.VEHICLES),
    ]

    later = NOON + 60 * MINUTE
    await river.says((later, 2.3), (later + 5 * MINUTE, 2.4))
    (first,) = await river.watch(later + 6 * MINUTE)
    await river.says((later + 10 * MINUTE, 3.2), (later + 15 * MINUTE, 3.3))
    await river.watch(later + 16 * MINUTE)
    with pytest.raises(AlreadyDecided):
        await river.confirm(first, later + 17 * MINUTE)
    newest, before, *_ = await river.journal()
    assert (newest, before) == ((ChangeStatus.WAITING, Level.ROADS), (ChangeStatus.OVERTAKEN, Level.VEHICLES))
    assert await river.journal_by_pages_of_one() == await river.journal()


async def test_the_older_schema_takes_no_journal_of_public_levels(river: River, database_url: str) -> None:
    await river.agreed()
    async with river.database.begin() as unit:
        station = await unit.floods.hold(river.city.authority.id, LEVEL.id)
        assert station is not None
        await declare(unit, station, Level.ROADS, agent_id=river.first, words="vu du pont", now=NOON)
    await river.database.close()
    with pytest.raises(CommandError, match="1 flood levels were made public"):
        await asyncio.to_thread(migrate.downgrade, database_url, "0024")


async def test_a_retired_gauge_is_watched_no_more(river: River) -> None:
    await river.agreed()
    async with river.database.begin() as unit:
        gauge, _ = await unit.floods.gauge(river.city.authority.id, "lez")
        await unit.devices.save(replace(gauge, retired_on=date(2026, 11, 1)))
    await river.says(*RISEN)
    assert await river.watch(NOON + MINUTE) == ()
