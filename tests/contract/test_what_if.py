"""A passage that never happens: judged by the facts of the ledger, on both engines, and nothing is written."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from msgspec import Struct
from sqlalchemy import select

from adapters.keyring import KeyRing
from domain import passes
from domain.access.answer import compose, encode
from domain.access.decide import decide
from domain.access.facts import Direction, Evidence
from domain.access.reasons import Reason
from domain.errors import LedgerUnavailable
from domain.errors.passes import MediumNotFound, PassNotFound
from domain.errors.places import GateNotFound, SiteNotFound
from domain.passes import BlockReason, MediumKind, PassStatus
from domain.places import Gate, Passback, Zone
from domain.text import Text
from store.database import Database
from store.ledger import Lane, lane_for
from store.ledger.scan import Scan
from store.ledger.what_if import WhatIf, consider, imagine
from store.tables import metadata
from tests.city import NOW, City, TestPass, resident, small_city
from tests.contract.ledger_world import scan

LATER = NOW + timedelta(minutes=3)


class World(Struct, frozen=True):
    """A city with its ledger open."""

    database: Database
    keyring: KeyRing
    city: City
    lane: Lane

    async def resident(self, reference: str, *rights: str, **more: Any) -> TestPass:  # noqa: ANN401 - as `tests.city`
        return await resident(self.database, self.keyring, self.city, reference, rights=rights, **more)

    def asks(self, who: TestPass, site: str, **more: Any) -> WhatIf:  # noqa: ANN401 - fields of WhatIf
        return WhatIf(
            **{"authority_id": self.city.authority.id, "number": who.pass_.number, "site": site, "at": NOW, **more}
        )

    def tap(
        self, key: str, gate: str, who: TestPass, *, direction: Direction = Direction.ENTRY, at: datetime = NOW
    ) -> Scan:
        return scan(
            self.city.terminal.terminal.id, key, self.city.gates[gate].id, who.medium.id, direction=direction, at=at
        )

    async def rows(self) -> dict[str, list[Any]]:
        """Every row of every table."""
        async with self.database.read() as connection:
            return {
                table.name: sorted((tuple(row) for row in await connection.execute(select(table))), key=repr)
                for table in metadata.sorted_tables
            }

    async def reason(self, question: WhatIf) -> Reason:
        return decide((await imagine(self.database, question)).facts).reason


@pytest_asyncio.fixture
async def world(database_url: str, keyring: KeyRing) -> AsyncIterator[World]:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    lane = lane_for(database)
    await lane.open()
    yield World(database, keyring, city, lane)
    await lane.close()
    await database.close()


async def test_what_is_considered_is_answered_word_for_word_when_it_happens(world: World) -> None:
    """The same rows, the same verdict, at the same instant: through entries, exits, counters, crowds and refusals."""
    people = [
        await world.resident("R1", "carnet-10", "bus-year", "waste-24"),
        await world.resident("R2", "pool-year", born_on=date(2020, 1, 1)),
        await world.resident("R3"),
        await world.resident("R4", "waste-24", ends=date(2026, 11, 1)),
    ]
    async with world.database.begin() as unit:
        await passes.block(unit, people[2].pass_, people[2].medium.id, reason=BlockReason.LOST, now=NOW)
    heard = set()
    for number, (at, way) in enumerate(
        [(NOW, Direction.ENTRY), (LATER, Direction.ENTRY), (LATER, Direction.EXIT), (LATER, Direction.ENTRY)]
    ):
        for gate in ("pool", "library", "waste", "bus", "free"):
            for who in people:
                question = world.asks(who, gate, at=at, direction=way)
                imagined = (await imagine(world.database, question)).facts
                # No signature was read in this test: only the issuer differs.
                tap = world.tap(f"{number}-{gate}-{who.holder.reference}", gate, who, direction=way, at=at)
                facts = await consider(world.database, tap, await world.database.catalogue())
                assert facts is not None
                settled = await world.lane.submit(tap)
                assert settled == encode(compose(facts, decide(facts)))
                assert settled == encode(compose(imagined, decide(imagined)))
                heard.add(decide(facts).reason)
    assert {Reason.WELCOME, Reason.SAME_TRIP, Reason.MEDIUM_LOST, Reason.RIGHT_EXPIRED, Reason.GOODBYE} <= heard


async def test_nothing_is_written(world: World) -> None:
    zoe = await world.resident("R1", "carnet-10")
    await world.lane.submit(world.tap("a", "pool", zoe))
    before = await world.rows()
    for way in Direction:
        for site in world.city.sites:
            await imagine(world.database, world.asks(zoe, site, direction=way))
    assert await world.rows() == before
    assert before["validation"]


async def test_no_question_waits_for_a_writer(world: World) -> None:
    zoe = await world.resident("R1", "carnet-10")
    async with world.database.write():
        assert await world.reason(world.asks(zoe, "pool")) is Reason.WELCOME


async def test_another_instant_has_its_own_hours_and_windows(world: World) -> None:
    zoe = await world.resident("R1", "reader")
    assert await world.reason(world.asks(zoe, "library")) is Reason.WELCOME
    for elsewhen, reason in (
        (NOW + timedelta(hours=10), Reason.SITE_CLOSED),
        (NOW + timedelta(days=63), Reason.RIGHT_EXPIRED),
        (NOW - timedelta(days=365), Reason.PASS_NOT_STARTED),
        (NOW + timedelta(days=1_001), Reason.CODE_EXPIRED),
    ):
        assert await world.reason(world.asks(zoe, "library", at=elsewhen)) is reason


async def test_the_medium_in_use_is_shown_unless_another_is_named(world: World) -> None:
    zoe = await world.resident("R1", "pool-year")
    async with world.database.begin() as unit:
        await passes.block(unit, zoe.pass_, zoe.medium.id, reason=BlockReason.LOST, now=NOW)
    assert await world.reason(world.asks(zoe, "pool")) is Reason.MEDIUM_LOST
    async with world.database.begin() as unit:
        expires_at = NOW + timedelta(days=9)
        phone = await passes.add_medium(unit, zoe.pass_, kind=MediumKind.PHONE, expires_at=expires_at, now=LATER)
    found = await imagine(world.database, world.asks(zoe, "pool", at=LATER))
    assert found.medium.id == phone.id
    assert found.facts.evidence == Evidence(phone.id, 1, None, "ville")
    assert await world.reason(world.asks(zoe, "pool", medium_id=zoe.medium.id)) is Reason.MEDIUM_LOST


async def test_the_gate_is_the_first_of_the_site_unless_another_is_named(world: World) -> None:
    zoe = await world.resident("R1", "pool-year")
    async with world.database.begin() as unit:
        site = world.city.sites["pool"]
        zone = Zone(unit.ids.row(), site.authority_id, site.id, "sauna", 0, Passback.NONE, 0)
        await unit.places.add_zone(zone)
        name = Text(fr="sauna", en="sauna")
        await unit.places.add_gate(Gate(unit.ids.row(), site.authority_id, zone.id, "sauna-1", name))
    assert await world.reason(world.asks(zoe, "pool")) is Reason.WELCOME
    assert await world.reason(world.asks(zoe, "pool", gate="sauna-1")) is Reason.SITE_FULL


async def test_what_is_not_there_or_not_ours_is_told(world: World) -> None:
    zoe = await world.resident("R1")
    theirs = await world.resident("R1", authority=world.city.neighbour)
    for question, error in (
        (world.asks(theirs, "pool"), PassNotFound),
        (world.asks(zoe, "nowhere"), SiteNotFound),
        (world.asks(zoe, "pool", gate="library-1"), GateNotFound),
        (world.asks(zoe, "pool", medium_id=theirs.medium.id), MediumNotFound),
    ):
        with pytest.raises(error):
            await imagine(world.database, question)


async def test_outdated_reference_data_is_noticed(world: World) -> None:
    zoe = await world.resident("R1")
    before = await world.database.catalogue()
    async with world.database.begin() as unit:
        site = world.city.sites["pool"]
        await unit.places.add_zone(Zone(unit.ids.row(), site.authority_id, site.id, "new", 0, Passback.NONE, 0))
    assert await consider(world.database, world.tap("a", "pool", zoe), before) is None


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_a_database_that_is_away_is_an_outage(world: World) -> None:
    zoe = await world.resident("R1")
    catalogue = await world.database.catalogue()
    away = Database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(LedgerUnavailable):
        await consider(away, world.tap("a", "pool", zoe), catalogue)
    await away.close()


async def test_an_explanation_of_another_time_sees_the_pass_and_its_medium_as_they_were(world: World) -> None:
    """Suspended for an hour, and the paper lost later: yesterday's refusal is explained by yesterday's state."""
    hours = [NOW + timedelta(hours=count) for count in range(4)]
    zoe = await world.resident("R1", "pool-year")
    async with world.database.begin() as unit:
        suspended = await passes.change_status(unit, zoe.pass_, PassStatus.SUSPENDED, now=hours[1])
        await passes.change_status(unit, suspended, PassStatus.ACTIVE, now=hours[2])
        await passes.block(unit, zoe.pass_, zoe.medium.id, reason=BlockReason.LOST, now=hours[3])
    seen = [await world.reason(world.asks(zoe, "free", at=at + timedelta(minutes=1))) for at in hours]
    assert seen == [Reason.WELCOME, Reason.PASS_SUSPENDED, Reason.WELCOME, Reason.MEDIUM_LOST]
    assert await world.reason(world.asks(zoe, "free", at=hours[1])) is Reason.PASS_SUSPENDED, "from the instant on"


async def test_a_medium_that_came_later_is_not_shown_before_it_was_there(world: World) -> None:
    zoe = await world.resident("R1", "pool-year")
    async with world.database.begin() as unit:
        await passes.block(unit, zoe.pass_, zoe.medium.id, reason=BlockReason.LOST, now=NOW)
        card = await passes.add_medium(
            unit, zoe.pass_, kind=MediumKind.CARD, expires_at=zoe.medium.expires_at, now=LATER
        )
    shown = [(await imagine(world.database, world.asks(zoe, "free", at=at))).medium.id for at in (NOW, LATER)]
    assert shown == [zoe.medium.id, card.id]
