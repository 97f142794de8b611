"""The maximum of a day, supplements once a day and prices by vehicle and load, on the real ledger of both engines."""

from datetime import timedelta

import pytest

from domain.access.facts import Direction
from domain.conditions import Vehicle, VehicleClass
from domain.limits import ONE, Limit, Measure, Settlement, Window
from domain.places import Passback
from domain.rates import Rate
from tests.city import NOW
from tests.contract.ledger_audit import audit
from tests.contract.ledger_lanes import Here, everywhere, reasons
from tests.contract.ledger_world import add_place, add_product, add_zone, cancellation, give, scan

HOUR, EXIT = timedelta(hours=1), Direction.EXIT


async def hears(here: Here, key: str, gate_id: object, medium_id: int, **more: object) -> str:
    """Come to a gate, and return what is heard."""
    return reasons(await everywhere(here, [scan(here.terminal, key, gate_id, medium_id, **more)]))[0]  # type: ignore[arg-type]


async def test_of_many_at_once_the_day_lets_in_its_maximum_and_those_come_back(here: Here) -> None:
    """CSP D.1332-7: no gate lets in the sixth of a day that takes five, however many ask at once."""
    doors = await add_place(here.database, here.city, "bath", doors=4, daily_capacity=5, passback=Passback.HARD)
    people = [await here.resident(f"R{n}", "pool-year") for n in range(12)]
    rush = [scan(here.terminal, f"in-{n}", doors[n % 4].id, one.medium.id) for n, one in enumerate(people)]
    answers = await everywhere(here, rush)
    assert reasons(answers) == ["day_full"] * 7 + ["welcome"] * 5
    came = [one for one, said in zip(people, answers, strict=True) if b'"welcome"' in said]  # type: ignore[operator]
    for n, one in enumerate(came):
        assert await hears(here, f"out-{n}", doors[0].id, one.medium.id, direction=EXIT, at=NOW + HOUR) == "goodbye"
    back = [
        scan(here.terminal, f"back-{n}", doors[n % 4].id, one.medium.id, at=NOW + 2 * HOUR)
        for n, one in enumerate(people)
    ]
    assert reasons(await everywhere(here, back)) == ["day_full"] * 7 + ["welcome"] * 5
    tomorrow = scan(here.terminal, "tomorrow", doors[0].id, people[0].medium.id, at=NOW + timedelta(days=1))
    assert reasons(await everywhere(here, [tomorrow])) == ["welcome"]
    await audit(here.database)


async def test_an_entry_that_is_cancelled_gives_its_place_of_the_day_back(here: Here) -> None:
    (door,) = await add_place(here.database, here.city, "bath", daily_capacity=1, passback=Passback.HARD)
    zoe, ben = await here.resident("R1", "pool-year"), await here.resident("R2", "pool-year")
    assert await hears(here, "zoe", door.id, zoe.medium.id) == "welcome"
    assert await hears(here, "ben", door.id, ben.medium.id) == "day_full"
    passed = (await audit(here.database)).event_of(here.terminal, "zoe")
    undo = cancellation(here.terminal, "undo", passed, at=NOW + timedelta(minutes=5))
    assert reasons(await everywhere(here, [undo])) == ["cancelled"]
    assert await hears(here, "ben-again", door.id, ben.medium.id, at=NOW + HOUR) == "welcome"
    assert await hears(here, "zoe-again", door.id, zoe.medium.id, at=NOW + HOUR) == "day_full"
    await audit(here.database)


@pytest.mark.parametrize("undone", [False, True], ids=["paid", "paid and taken back"])
async def test_a_supplement_is_paid_once_a_day_unless_its_entry_is_taken_back(here: Here, *, undone: bool) -> None:
    """CC des Étangs: who has paid the sauna today goes back in; who got the money back has not paid."""
    (basin,) = await add_place(here.database, here.city, "basin", passback=Passback.HARD)
    sauna = await add_zone(here.database, here.city, basin, "sauna", supplement_cents=500)
    zoe = await here.resident("R1", "pool-year")
    at = NOW
    assert await hears(here, "basin", basin.id, zoe.medium.id, at=at) == "welcome"
    assert await hears(here, "unpaid", sauna.id, zoe.medium.id, at=at + HOUR) == "payment_due"
    assert await hears(here, "paid", sauna.id, zoe.medium.id, at=at + HOUR, paid_cents=500) == "welcome"
    assert await hears(here, "basin-2", basin.id, zoe.medium.id, at=at + HOUR + timedelta(minutes=5)) == "welcome"
    if undone:
        passed = (await audit(here.database)).event_of(here.terminal, "paid")
        undo = cancellation(here.terminal, "undo", passed, at=at + HOUR + timedelta(minutes=9))
        assert reasons(await everywhere(here, [undo])) == ["cancelled"]
    says = "payment_due" if undone else "welcome"
    assert await hears(here, "again", sauna.id, zoe.medium.id, at=at + 2 * HOUR) == says
    tomorrow = at + timedelta(days=1)
    assert await hears(here, "tomorrow", sauna.id, zoe.medium.id, at=tomorrow) == "payment_due"
    await audit(here.database)


async def test_prices_by_vehicle_and_load_come_back_from_the_database_as_they_went_in(here: Here) -> None:
    """SMITOM Lombric."""
    rates = (
        Rate(1_000, (VehicleClass.CAR,), ("rubble",)),
        Rate(1_200, (VehicleClass.CAR,)),
        Rate(2_500, (VehicleClass.VAN,)),
    )
    beyond = Limit(0, Measure.VISIT, 20 * ONE, Window.YEAR, free=0, settlement=Settlement.AT_GATE, rates=rates)
    offer = await add_product(here.database, here.city, "beyond", beyond, service="waste-centre")
    async with here.database.look() as unit:
        assert (await unit.products.by_code(here.city.authority.id, "beyond")) == offer
    assert (await here.database.catalogue()).products[offer.id] == offer
    zoe, gate = await here.resident("R1"), here.city.gates["waste"].id
    await give(here.database, offer, zoe.holder.id)
    car, rubble = Vehicle(VehicleClass.CAR), {"rubble": {Measure.M3: 500}}
    assert await hears(here, "untold", gate, zoe.medium.id, vehicle=car, paid_cents=2_500) == "quantity_needed"
    assert await hears(here, "less", gate, zoe.medium.id, vehicle=car, kinds=rubble, paid_cents=999) == "payment_due"
    assert await hears(here, "paid", gate, zoe.medium.id, vehicle=car, kinds=rubble, paid_cents=1_000) == "welcome"
    await audit(here.database)
