"""What a gate is told besides the pass: the vehicle, and what was paid; and what two readings and an exit cost."""

from typing import Any

import pytest
from sqlalchemy import select

from domain.conditions import VehicleClass
from domain.limits import ONE, Limit, Measure, Settlement, Window
from domain.products import Terms
from domain.rates import Rate
from store.tables.ledger import passage_detail
from tests.city import TestPass
from tests.house_app import House
from tests.http.ledger_rows import EXIT, events, rows
from tests.http.rights import assert_heard, assert_problem, give, low_gate, used

PAID = {"amountCents": 2_000, "reference": "cb-20261118-0042"}

ONE_ENGINE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
"""For what looks the same whatever the database."""


# --- vehicles -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("vehicle", "reason"),
    [
        ({"heightCm": 200, "weightKg": 3_500}, "welcome"),
        ({"heightCm": 201}, "vehicle_too_high"),
        ({"weightKg": 3_501}, "vehicle_too_heavy"),
        ({"kind": "truck"}, "welcome"),
        ({}, "welcome"),
    ],
)
async def test_a_site_says_how_high_and_heavy_a_vehicle_may_be(
    house: House, vehicle: dict[str, object], reason: str
) -> None:
    zoe = await house.resident("R1", rights=("waste-24",))
    token = await house.terminal_token(await low_gate(house))
    answer = await house.tap(zoe.code, "low-1", token=token, vehicle=vehicle)
    assert answer.json()["reason"] == reason
    assert await used(house) == ([1_000] if reason == "welcome" else [])


async def test_a_van_costs_two_points_where_a_car_costs_one(house: House) -> None:
    """Points weighted by vehicle class (`domain.md` 2.1)."""
    zoe = await house.resident("R1")
    points = Limit(0, Measure.POINT, 4 * ONE, Window.YEAR)
    await give(house, zoe, "points", points, terms=Terms(points={VehicleClass.CAR: ONE, VehicleClass.VAN: 2 * ONE}))

    left = []
    for kind in ("car", "van", "van"):
        answer = await house.tap(zoe.code, "waste-1", token=await house.terminal_token(), vehicle={"kind": kind})
        left.append((answer.json()["reason"], answer.json()["remaining"][0]["left"]))
        house.clock.turn(minutes=20)

    assert left == [("welcome", 3), ("welcome", 1), ("quota_spent", 1)]
    truck = await house.tap(zoe.code, "waste-1", token=await house.terminal_token(), vehicle={"kind": "truck"})
    assert truck.json()["reason"] == "vehicle_not_allowed"


@ONE_ENGINE
@pytest.mark.parametrize(
    "said",
    [
        {"vehicle": {"kind": "tank"}},
        {"vehicle": {"heightCm": 0}},
        {"vehicle": {"heightCm": 1_001}},
        {"vehicle": {"heightCm": 1.5}},
        {"vehicle": {"weightKg": -1}},
        {"vehicle": {"weightKg": 100_001}},
        {"vehicle": {"plate": "AB-123-CD"}},
        {"vehicle": None},
        {"vehicle": "van"},
        {"payment": {"amountCents": 0, "reference": "x"}},
        {"payment": {"amountCents": -5, "reference": "x"}},
        {"payment": {"amountCents": 10_000_001, "reference": "x"}},
        {"payment": {"amountCents": 5}},
        {"payment": {"amountCents": 5, "reference": ""}},
        {"payment": {"amountCents": 5, "reference": "Zoé Lefèvre"}},
        {"payment": {"amountCents": 5, "reference": "x" * 65}},
        {"payment": None},
        {"direction": "deposit"},
    ],
)
async def test_a_vehicle_or_a_payment_that_does_not_fit_is_not_recorded(house: House, said: dict[str, Any]) -> None:
    assert_problem(await house.tap("X", "waste-1", **said), 400, "invalid-request")
    assert await events(house) == []


@ONE_ENGINE
@pytest.mark.parametrize(
    "twice",
    [
        b'"vehicle":{},"vehicle":{"heightCm":1}',
        b'"vehicle":{"heightCm":1,"heightCm":999}',
        b'"payment":{"amountCents":1,"amountCents":2,"reference":"x"}',
        b'"quantities":[],"quantities":[]',
    ],
)
async def test_a_member_that_stands_twice_is_refused_wherever_it_stands(house: House, twice: bytes) -> None:
    headers = {"Authorization": f"Bearer {await house.terminal_token()}"}
    body = b'{"key":"k","gate":"waste-1","credential":"X",%b}' % twice
    answer = await house.client.post("/v1/access/validations", content=body, headers=headers)
    assert_problem(answer, 400, "duplicate-field")


# --- payments -----------------------------------------------------------------------------------------


async def spent(house: House, settlement: Settlement) -> TestPass:
    """Somebody who has used their one free visit; two more cost 20 euros each."""
    zoe = await house.resident("R1")
    overage = Limit(0, Measure.VISIT, 3 * ONE, Window.YEAR, free=ONE, price_cents=2_000, settlement=settlement)
    await give(house, zoe, "overage", overage)
    assert (await house.tap(zoe.code, "waste-1")).json()["outcome"].startswith("granted")
    house.clock.turn(minutes=11)
    return zoe


async def test_a_visit_beyond_the_free_ones_is_paid_at_the_gate_and_then_granted(house: House) -> None:
    zoe = await spent(house, Settlement.AT_GATE)

    asked = await house.tap(zoe.code, "waste-1")
    assert assert_heard(asked, "payment_required", "payment_due")["price"] == {"dueCents": 2_000, "billedCents": 0}
    assert await used(house) == [1_000]
    too_little = await house.tap(zoe.code, "waste-1", payment={**PAID, "amountCents": 1_999})
    assert_heard(too_little, "payment_required", "payment_due")

    granted = await house.tap(zoe.code, "waste-1", payment=PAID)

    assert_heard(granted, "granted", "welcome")
    assert await used(house) == [2_000]
    async with house.database.read() as connection:
        found = await connection.execute(select(passage_detail).order_by(passage_detail.c.number))
        kept = [(row.number, row.paid_cents, row.payment, row.billed_cents) for row in found]
    assert kept == [(3, 1_999, PAID["reference"], 0), (4, 2_000, PAID["reference"], 0)]


async def test_the_hard_stop_cannot_be_paid_away(house: House) -> None:
    zoe = await spent(house, Settlement.AT_GATE)
    for _ in range(2):
        token = await house.terminal_token()
        assert (await house.tap(zoe.code, "waste-1", payment=PAID, token=token)).json()["reason"] == "welcome"
        house.clock.turn(minutes=11)
    token = await house.terminal_token()
    assert_heard(await house.tap(zoe.code, "waste-1", payment=PAID, token=token), "denied", "quota_spent")


async def test_a_visit_that_is_billed_later_opens_and_says_its_price(house: House) -> None:
    zoe = await spent(house, Settlement.BILLED)
    answer = await house.tap(zoe.code, "waste-1")
    body = assert_heard(answer, "granted_with_warning", "overage")
    assert body["price"] == {"dueCents": 0, "billedCents": 2_000}


async def test_a_payment_belongs_to_what_its_key_said(house: House) -> None:
    zoe = await spent(house, Settlement.AT_GATE)
    await house.tap(zoe.code, "waste-1", key="p-1")
    assert_problem(await house.tap(zoe.code, "waste-1", key="p-1", payment=PAID), 422, "idempotency-key-reused")
    assert await used(house) == [1_000]


# --- two readings, and the way out --------------------------------------------------------------------


async def test_a_code_that_is_read_twice_within_three_seconds_is_one_passage(house: House) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))
    first = assert_heard(await house.tap(zoe.code, "free-1"), "granted", "welcome")
    before = await rows(house)
    house.clock.turn(seconds=3)

    second = assert_heard(await house.tap(zoe.code, "free-1"), "granted", "double_read")

    assert first["remaining"][0]["left"] == second["remaining"][0]["left"] == 9
    after = await rows(house)
    for untouched in ("counter", "presence", "occupancy"):
        assert after[untouched] == before[untouched]
    house.clock.turn(seconds=1)
    assert_heard(await house.tap(zoe.code, "free-1"), "granted", "welcome")
    assert await used(house) == [2_000]


async def test_another_gate_or_another_card_is_no_second_reading(house: House) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))
    yann = await house.resident("R2", rights=("carnet-10",))
    await house.tap(zoe.code, "free-1")
    assert_heard(await house.tap(yann.code, "free-1"), "granted", "welcome")
    assert_heard(await house.tap(zoe.code, "pool-1"), "granted", "welcome")


async def test_the_exit_charges_the_minutes_of_the_stay(house: House) -> None:
    """An hour credit: begun minutes count, half an hour of them at the entrance."""
    zoe = await house.resident("R1")
    credit = Limit(0, Measure.MINUTE, 120 * ONE, Window.WHOLE)
    await give(house, zoe, "hours", credit, service="pool", terms=Terms(entry_minutes=30))
    entered = assert_heard(await house.tap(zoe.code), "granted", "welcome")
    assert entered["remaining"][0]["left"] == 90
    house.clock.turn(minutes=74, seconds=1)

    left = await house.tap(zoe.code, direction=EXIT, token=await house.terminal_token())

    assert assert_heard(left, "granted", "goodbye")["remaining"][0]["left"] == 45
    assert await used(house) == [75_000]


async def test_nobody_is_kept_in_when_the_credit_runs_out_in_the_water(house: House) -> None:
    zoe = await house.resident("R1")
    credit = Limit(0, Measure.MINUTE, 60 * ONE, Window.WHOLE)
    await give(house, zoe, "hours", credit, service="pool")
    await house.tap(zoe.code)
    house.clock.turn(minutes=90)
    left = await house.tap(zoe.code, direction=EXIT, token=await house.terminal_token())
    assert_heard(left, "granted_with_warning", "time_overrun")
    assert await used(house) == [60_000]


# --- what is brought, where the price depends on it ---------------------------------------------------

RUBBLE = {"kind": "rubble", "unit": "m3", "amount": 0.5}
GREEN = {"kind": "green", "unit": "m3", "amount": 1}
BEYOND = Limit(
    0,
    Measure.VISIT,
    20 * ONE,
    Window.YEAR,
    free=0,
    settlement=Settlement.AT_GATE,
    rates=(Rate(1_000, (VehicleClass.CAR,), ("rubble",)), Rate(2_000, (VehicleClass.CAR,))),
)


async def test_the_price_of_a_visit_depends_on_the_vehicle_and_on_what_is_in_it(house: House) -> None:
    """SMITOM Lombric: by vehicle, for rubble alone or a mixed load, paid before the barrier opens."""
    zoe, car = await house.resident("R1"), {"kind": "car"}
    await give(house, zoe, "beyond", BEYOND)
    assert_heard(await house.tap(zoe.code, "waste-1", vehicle=car), "manual_check", "quantity_needed")
    dear = await house.tap(zoe.code, "waste-1", vehicle=car, items=[RUBBLE, GREEN])
    assert assert_heard(dear, "payment_required", "payment_due")["price"]["dueCents"] == 2_000
    cheap = await house.tap(zoe.code, "waste-1", vehicle=car, items=[RUBBLE])
    assert assert_heard(cheap, "payment_required", "payment_due")["price"]["dueCents"] == 1_000
    opened = await house.tap(zoe.code, "waste-1", vehicle=car, items=[RUBBLE, GREEN], payment=PAID)
    assert_heard(opened, "granted", "welcome")
    assert await used(house) == [1_000]


@ONE_ENGINE
@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"items": []}, "invalid-request"),
        ({"items": [RUBBLE, RUBBLE]}, "invalid-request"),
        ({"items": [{"kind": "rubble", "unit": "litre", "amount": 1}]}, "invalid-request"),
        ({"items": [{"kind": "gold", "unit": "m3", "amount": 1}]}, "unknown-kind"),
        ({"items": [RUBBLE], "direction": "exit"}, "invalid-request"),
    ],
)
async def test_a_load_that_makes_no_sense_is_refused_and_nothing_is_recorded(
    house: House, said: dict[str, Any], code: str
) -> None:
    zoe = await house.resident("R1", rights=("waste-24",))
    assert_problem(await house.tap(zoe.code, "waste-1", **said), 400, code)
    assert await events(house) == []
