"""Cases of the domain study, section 7, on the real ledger, by their names there.

The last minute of December that is settled on 2 January stands with the windows (`test_ledger_windows`), an agent who
cancels a wrong volume with the cancellations (`test_ledger_cancellations`).
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from domain import organisations, people
from domain.access.facts import Direction
from domain.conditions import Conditions, Lift, Vehicle, VehicleClass
from domain.errors.products import YearlyAllowanceSpent
from domain.limits import ONE, Limit, Measure, Window
from domain.people import Subject
from domain.places import Passback
from domain.products import Attendance, Terms
from store.ledger.scan import AgentAct
from tests.city import KEEP, NOW, TestPass
from tests.contract.ledger_audit import audit
from tests.contract.ledger_books import PARIS, Party
from tests.contract.ledger_lanes import Here, everywhere
from tests.contract.ledger_world import APART, add_place, add_product, add_zone, give, scan

EXIT = Direction.EXIT


class Visitor:
    """Somebody who comes to gates, one after the other."""

    def __init__(self, here: Here, medium_id: int) -> None:
        self.here, self.medium_id = here, medium_id

    async def __call__(self, gate_id: UUID, at: datetime, **more: Any) -> str:  # noqa: ANN401 - as `scan`
        """Tap, and return the reason that is heard."""
        key = f"{self.medium_id}-{at.isoformat()}-{more.get('direction')}"
        (said,) = await everywhere(self.here, [scan(self.here.terminal, key, gate_id, self.medium_id, at=at, **more)])
        assert isinstance(said, bytes), said
        return str(msgspec.json.decode(said)["reason"])


def paris(*at: int, fold: int = 0) -> datetime:
    year, month, day, hour, minute = at
    return datetime(year, month, day, hour, minute, tzinfo=PARIS, fold=fold).astimezone(UTC)


async def test_dst_night_the_hour_that_comes_twice_is_one_day_and_two_visits(here: Here) -> None:
    """2:30 before and after the clocks go back: an hour apart, the same window, the same day."""
    twice = await add_product(here.database, here.city, "twice-a-day", (2, Window.DAY))
    zoe, gate = await here.resident("R1"), here.city.gates["free"].id
    await give(here.database, twice, zoe.holder.id, ends=date(2028, 1, 1))
    comes = Visitor(here, zoe.medium.id)
    assert await comes(gate, paris(2027, 10, 31, 2, 30)) == "welcome"
    assert await comes(gate, paris(2027, 10, 31, 2, 30, fold=1)) == "welcome"
    assert await comes(gate, paris(2027, 10, 31, 23, 59)) == "carnet_empty"
    assert await comes(gate, paris(2027, 11, 1, 0, 0)) == "welcome"
    books = await audit(here.database, one_writer=True)
    assert {key[1]: used for key, used in books.used.items()} == {
        date(2027, 11, 1): 2 * ONE,
        date(2027, 11, 2): ONE,
    }


async def test_dst_night_a_stay_is_charged_the_minutes_that_passed_not_those_the_clock_jumped(here: Here) -> None:
    """In at 1:30, out at 3:30 on the night of 28 March: one hour."""
    minutes = Limit(0, Measure.MINUTE, 300 * ONE, Window.MONTH)
    hours = await add_product(here.database, here.city, "hours", minutes, service="library")
    (room,) = await add_place(here.database, here.city, "room", service="library")
    zoe = await here.resident("R1")
    await give(here.database, hours, zoe.holder.id, ends=date(2028, 1, 1))
    comes = Visitor(here, zoe.medium.id)
    await comes(room.id, paris(2027, 3, 28, 1, 30))
    assert await comes(room.id, paris(2027, 3, 28, 3, 30), direction=EXIT) == "goodbye"
    assert list((await audit(here.database, one_writer=True)).used.values()) == [60 * ONE]


async def test_a_carnet_bought_on_29_february_lasts_a_year_and_its_window_begins_on_1_march(here: Here) -> None:
    year = Limit(0, Measure.VISIT, 2 * ONE, Window.SHIFTED_YEAR, starts=(2, 29))
    leap = await add_product(here.database, here.city, "leap", year)
    zoe, gate = await here.resident("R1"), here.city.gates["free"].id
    await give(here.database, leap, zoe.holder.id, starts=date(2028, 2, 29), ends=date(2029, 3, 2))
    comes = Visitor(here, zoe.medium.id)
    assert await comes(gate, paris(2028, 2, 28, 12, 0)) == "ticket_needed"
    assert await comes(gate, paris(2028, 2, 29, 12, 0)) == "welcome"
    assert await comes(gate, paris(2029, 2, 28, 12, 0)) == "last_visit"
    assert await comes(gate, paris(2029, 2, 28, 13, 0)) == "carnet_empty"
    assert await comes(gate, paris(2029, 3, 1, 12, 0)) == "expires_soon"
    books = await audit(here.database, one_writer=True)
    assert {key[1] for key in books.used} == {date(2029, 3, 1), date(2030, 3, 1)}


async def test_the_maximum_attendance_is_reached_then_one_leaves(here: Here) -> None:
    (door,) = await add_place(here.database, here.city, "bath", capacity=3, passback=Passback.HARD)
    crowd = [Visitor(here, (await here.resident(f"R{n}", "pool-year")).medium.id) for n in range(5)]
    assert [await one(door.id, NOW) for one in crowd] == ["welcome"] * 3 + ["site_full"] * 2
    assert await crowd[0](door.id, NOW + APART, direction=EXIT) == "goodbye"
    later = NOW + 2 * APART
    assert [await one(door.id, later) for one in crowd[3:]] == ["welcome", "site_full"]
    await audit(here.database, one_writer=True)


async def test_nobody_is_let_in_over_the_maximum_attendance_by_an_agent_either(here: Here) -> None:
    """What an agent may overlook, here that there is no right, hides nothing that they may not."""
    (door,) = await add_place(here.database, here.city, "depot", service="waste-centre", capacity=1)
    agent = AgentAct(next(iter(here.city.agents.values())).id, "courtesy")
    inside, without = await here.resident("R1", "waste-24"), await here.resident("R2")
    assert await Visitor(here, inside.medium.id)(door.id, NOW) == "welcome"
    comes = Visitor(here, without.medium.id)
    assert await comes(door.id, NOW) == "no_right"
    assert await comes(door.id, NOW + APART, act=agent) == "site_full"
    await Visitor(here, inside.medium.id)(door.id, NOW + APART, direction=EXIT)
    assert await comes(door.id, NOW + 2 * APART, act=agent) == "overridden"
    await audit(here.database, one_writer=True)


async def test_an_exit_without_an_entry_opens_and_counts_nobody_out(here: Here) -> None:
    zoe, door = await here.resident("R1", "pool-year"), here.city.gates["pool"].id
    assert await Visitor(here, zoe.medium.id)(door, NOW, direction=EXIT) == "exit_without_entry"
    assert (await audit(here.database, one_writer=True)).inside == {}


async def test_a_replay_of_the_same_tap_days_later_gets_the_first_answer_and_spends_nothing(here: Here) -> None:
    zoe, door = await here.resident("R1", "carnet-10"), here.city.gates["pool"].id
    first = await everywhere(here, [scan(here.terminal, "tap", door, zoe.medium.id)])
    again = await everywhere(here, [scan(here.terminal, "tap", door, zoe.medium.id, at=NOW + timedelta(days=9))] * 3)
    assert set(first) == set(again)
    books = await audit(here.database, one_writer=True)
    assert list(books.used.values()) == [ONE]


async def test_a_derogation_is_used_once_though_it_is_shown_twice_and_is_granted_no_third_time(here: Here) -> None:
    """A pass for one day and one visit with a van, two a year: the second van of the day stays outside."""
    (gate,) = await add_place(here.database, here.city, "depot", service="waste-centre")
    cars = Terms(points={VehicleClass.CAR: ONE})
    household = await add_product(
        here.database,
        here.city,
        "cars",
        Limit(0, Measure.POINT, 20 * ONE, Window.YEAR),
        service="waste-centre",
        terms=cars,
    )
    van = await add_product(
        here.database,
        here.city,
        "van-day",
        (1, Window.WHOLE),
        service="waste-centre",
        terms=Terms(lifts=(Lift.VEHICLE,), yearly=2),
    )
    ben = await here.resident("R1")
    await give(here.database, household, ben.holder.id)
    today, tomorrow = NOW.date(), NOW.date() + timedelta(days=1)
    await give(here.database, van, ben.holder.id, starts=today, ends=tomorrow)

    async def with_van(at: datetime) -> str:
        tap = scan(here.terminal, at.isoformat(), gate.id, ben.medium.id, at=at)
        (said,) = await everywhere(here, [msgspec.structs.replace(tap, vehicle=Vehicle(VehicleClass.VAN))])
        assert isinstance(said, bytes), said
        return str(msgspec.json.decode(said)["reason"])

    assert await with_van(NOW) == "last_visit"
    assert await with_van(NOW + timedelta(hours=1)) == "quota_spent"
    assert await with_van(NOW + timedelta(days=1)) == "vehicle_not_allowed"
    await give(here.database, van, ben.holder.id, starts=tomorrow, ends=tomorrow + timedelta(days=1))
    assert await with_van(NOW + timedelta(days=1, hours=1)) == "last_visit"
    with pytest.raises(YearlyAllowanceSpent):
        await give(here.database, van, ben.holder.id, starts=date(2026, 12, 1), ends=date(2026, 12, 2))
    await audit(here.database, one_writer=True)


async def test_a_professional_on_a_household_card_spends_the_firms_right_or_stays_outside(here: Here) -> None:
    """With the firm's van nothing of the household is spent; whose firm has no right is told about the vehicle."""
    (gate,) = await add_place(here.database, here.city, "depot", service="waste-centre")
    household = await add_product(
        here.database,
        here.city,
        "family",
        (24, Window.YEAR),
        service="waste-centre",
        subject=Subject.HOUSEHOLD,
        terms=Terms(conditions=Conditions(vehicles=(VehicleClass.CAR,))),
    )
    firm = await add_product(
        here.database,
        here.city,
        "firm",
        (2, Window.YEAR),
        service="waste-centre",
        subject=Subject.ORGANISATION,
        terms=Terms(conditions=Conditions(vehicles=(VehicleClass.VAN,))),
    )
    mason, plumber = await here.resident("R1"), await here.resident("R2")
    async with here.database.begin() as unit:
        masons = await organisations.register_organisation(
            unit,
            authority_id=here.city.authority.id,
            reference="F-1",
            name="Maçonnerie Lefèvre",
            kind=organisations.OrganisationKind.PROFESSIONAL,
            registration="732 829 320 00074",
            commune_code="00101",
            now=NOW,
            keep_until=KEEP,
        )
        await people.join(unit, mason.holder, masons.id, since=date(2026, 1, 1))
    for one in (mason, plumber):
        await give(here.database, household, one.household.id)
    of_the_firm = await give(here.database, firm, masons.id)

    async def comes(who: TestPass, vehicle: VehicleClass, minutes: int) -> str:
        at = NOW + timedelta(minutes=minutes)
        tap = scan(here.terminal, f"{who.medium.id}-{minutes}", gate.id, who.medium.id, at=at)
        (said,) = await everywhere(here, [msgspec.structs.replace(tap, vehicle=Vehicle(vehicle))])
        assert isinstance(said, bytes), said
        return str(msgspec.json.decode(said)["reason"])

    assert await comes(mason, VehicleClass.VAN, 0) == "welcome"
    assert await comes(mason, VehicleClass.CAR, 1) == "welcome"
    assert await comes(plumber, VehicleClass.VAN, 2) == "vehicle_not_allowed"
    assert await comes(mason, VehicleClass.VAN, 3) == "last_visit"
    # The firm's visits are spent: its van does not fall back on the family's.
    assert await comes(mason, VehicleClass.VAN, 4) == "quota_spent"
    books = await audit(here.database, one_writer=True)
    assert {key[0] == of_the_firm.id: used for key, used in books.used.items()} == {True: 2 * ONE, False: ONE}


async def test_a_tap_that_arrives_a_day_late_leaves_everybody_where_they_are(here: Here) -> None:
    """It is counted in its own day; whoever is inside today stays inside, once, and can leave."""
    (door,) = await add_place(here.database, here.city, "bath", capacity=3, passback=Passback.HARD)
    zoe = Visitor(here, (await here.resident("R1", "carnet-10")).medium.id)
    assert await zoe(door.id, NOW) == "welcome"
    assert await zoe(door.id, NOW - timedelta(days=1)) == "welcome"
    assert await zoe(door.id, NOW + APART) == "already_inside"
    assert await zoe(door.id, NOW + 2 * APART, direction=EXIT) == "goodbye"
    books = await audit(here.database, one_writer=True)
    assert list(books.used.values()) == [2 * ONE]
    assert set(map(len, books.inside.values())) == {0}


async def test_a_tap_of_yesterday_is_not_too_soon_after_the_visit_of_today(here: Here) -> None:
    ben, gate = await here.resident("R1", "waste-24"), here.city.gates["waste"].id
    comes = Visitor(here, ben.medium.id)
    assert await comes(gate, NOW) == "welcome"
    assert await comes(gate, NOW - timedelta(days=1)) == "welcome"
    assert await comes(gate, NOW - timedelta(minutes=9)) == "too_soon"
    await audit(here.database, one_writer=True)


async def test_whoever_came_in_as_a_visitor_stays_one_in_the_next_zone(here: Here) -> None:
    """Another right serves them there, a swimmer's: the places of the others are asked, and taken, all the same."""
    (hall,) = await add_place(here.database, here.city, "hall", capacity=5, capacity_others=5)
    gallery = await add_zone(here.database, here.city, hall, "gallery", capacity=1, capacity_others=5)
    swimming = await here.resident("R1", "pool-year")
    watches = await add_product(
        here.database, here.city, "watches", (5, Window.DAY), terms=Terms(attends=Attendance.OTHERS)
    )
    watching = await here.resident("R2")
    day = NOW.date()
    await give(here.database, watches, watching.holder.id, starts=day, ends=day + timedelta(days=1))
    swimmer, visitor = Visitor(here, swimming.medium.id), Visitor(here, watching.medium.id)
    for zone in (hall, gallery):
        at = NOW + (APART if zone is gallery else timedelta(0))
        assert await swimmer(zone.id, at) == "welcome"
    assert await visitor(hall.id, NOW) == "welcome"
    # From now on a right without any limit serves them first, as a user.
    await give(here.database, here.city.products["pool-year"], watching.holder.id)
    assert await visitor(gallery.id, NOW + APART) == "welcome"
    key = f"{watching.medium.id}-{NOW.isoformat()}-None"
    await audit(here.database, one_writer=True, parties={(here.terminal, key): Party(attends=Attendance.OTHERS)})
