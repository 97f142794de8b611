"""What each of the four services answers, in words, colour and count."""

from datetime import date

import httpx
import pytest
from sqlalchemy import select

from domain import people
from domain.access.reasons import COLOURS, REASONS, Outcome, Reason
from store.tables.ledger import counter, occupancy
from store.tables.products import entitlement
from tests.city import TestPass
from tests.house_app import House
from tests.http.ledger_rows import ENTRY, EXIT, last_event, rows


def heard(answer: httpx.Response) -> tuple[str, str]:
    """Outcome and reason, once the words and the colour were found to be those of the reason."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    outcome, reason = Outcome(body["outcome"]), Reason(body["reason"])
    meaning = REASONS[reason]
    assert body["colour"] == COLOURS[outcome]
    assert body["text"] == {"fr": meaning.short.fr, "en": meaning.short.en}
    assert body["nextStep"] == {"fr": meaning.next_step.fr, "en": meaning.next_step.en}
    assert body.get("overridable", False) is meaning.overridable
    return outcome, reason


async def used(house: House) -> int:
    """Thousandths counted against all limits together."""
    async with house.database.read() as connection:
        return sum((await connection.execute(select(counter.c.used))).scalars())


async def inside(house: House, zone: str) -> int:
    async with house.database.read() as connection:
        found = await connection.execute(
            select(occupancy.c.inside).where(occupancy.c.zone_id == house.city.zones[zone].id)
        )
        return sum(found.scalars())


async def visits(house: House, shown: TestPass, gate: str, times: int) -> list[httpx.Response]:
    """Come back on as many days."""
    answers = []
    for _ in range(times):
        answers.append(await house.tap(shown.code, gate, token=await house.terminal_token()))
        house.clock.turn(hours=1)
    return answers


# --- pool -------------------------------------------------------------------------------------------


async def test_a_carnet_counts_down_warns_and_then_asks_for_payment(house: House) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))

    answers = await visits(house, zoe, "free-1", 11)

    assert [heard(answer) for answer in answers] == [
        *[("granted", "welcome")] * 7,
        *[("granted_with_warning", "low_balance")] * 2,
        ("granted_with_warning", "last_visit"),
        ("payment_required", "carnet_empty"),
    ]
    assert [answer.json()["remaining"][0]["left"] for answer in answers] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0]
    assert answers[7].json()["warnings"] == [
        {"reason": "low_balance", "text": {"fr": "Bientôt épuisé", "en": "Nearly used up"}}
    ]
    assert answers[10].json()["colour"] == "blue"
    assert "passValidUntil" not in answers[10].json()
    assert await used(house) == 10_000, "Q1"


async def test_without_a_right_the_pool_sends_to_the_till(house: House) -> None:
    nobody = await house.resident("R1", rights=("reader", "waste-24", "bus-year"))
    assert heard(await house.tap(nobody.code)) == ("payment_required", "ticket_needed")
    assert await used(house) == 0


@pytest.mark.parametrize(
    ("starts", "ends"), [(date(2025, 1, 1), date(2026, 11, 18)), (date(2026, 11, 19), date(2027, 1, 1))]
)
async def test_a_right_of_another_time_opens_no_pool(house: House, starts: date, ends: date) -> None:
    zoe = await house.resident("R1", rights=("pool-year",), starts=starts, ends=ends)
    assert heard(await house.tap(zoe.code)) == ("payment_required", "ticket_needed")


async def test_a_subscription_spends_no_carnet(house: House) -> None:
    zoe = await house.resident("R1", rights=("carnet-10", "pool-year"))
    answer = await house.tap(zoe.code)
    assert heard(answer) == ("granted", "welcome")
    assert "remaining" not in answer.json()
    assert await used(house) == 0


async def test_a_right_that_ends_within_a_fortnight_is_announced(house: House) -> None:
    zoe = await house.resident("R1", rights=("pool-year",), ends=date(2026, 12, 2))
    yann = await house.resident("R2", rights=("pool-year",), ends=date(2026, 12, 3))
    assert heard(await house.tap(zoe.code)) == ("granted_with_warning", "expires_soon")
    assert heard(await house.tap(yann.code)) == ("granted", "welcome")


@pytest.mark.parametrize(
    ("born_on", "expected"),
    [
        (date(2018, 11, 19), ("manual_check", "child_with_adult")),
        (date(2018, 11, 18), ("granted", "welcome")),
    ],
)
async def test_a_child_below_eight_is_looked_at_by_an_agent(
    house: House, born_on: date, expected: tuple[str, str]
) -> None:
    child = await house.resident("R1", rights=("carnet-10",), born_on=born_on)
    answer = await house.tap(child.code)
    assert heard(answer) == expected
    assert await used(house) == (0 if expected[0] == "manual_check" else 1_000)


async def test_the_eleventh_person_waits_until_somebody_leaves(house: House) -> None:
    swimmers = [await house.resident(f"R{n}", rights=("pool-year",)) for n in range(11)]
    for swimmer in swimmers[:10]:
        assert heard(await house.tap(swimmer.code)) == ("granted", "welcome")

    assert heard(await house.tap(swimmers[10].code)) == ("denied", "site_full")
    assert await inside(house, "pool") == 10

    assert heard(await house.tap(swimmers[0].code, direction=EXIT)) == ("granted", "goodbye")
    assert heard(await house.tap(swimmers[10].code)) == ("granted", "welcome")
    assert await inside(house, "pool") == 10


async def test_who_is_inside_does_not_enter_again_until_they_left(house: House) -> None:
    """A1, A2: hard anti-passback."""
    zoe = await house.resident("R1", rights=("carnet-10",))
    assert heard(await house.tap(zoe.code)) == ("granted", "welcome")
    house.clock.turn(seconds=4)
    assert heard(await house.tap(zoe.code)) == ("denied", "already_inside")
    assert await used(house) == 1_000
    assert heard(await house.tap(zoe.code, direction=EXIT)) == ("granted", "goodbye")
    assert heard(await house.tap(zoe.code)) == ("granted", "welcome")
    assert await used(house) == 2_000


async def test_yesterdays_open_entry_keeps_nobody_out(house: House) -> None:
    zoe = await house.resident("R1", rights=("pool-year",))
    await house.tap(zoe.code)
    house.clock.turn(days=1)
    assert heard(await house.tap(zoe.code, token=await house.terminal_token())) == ("granted", "welcome")


async def test_an_exit_without_an_entry_opens_and_counts_nobody(house: House) -> None:
    zoe = await house.resident("R1", rights=("pool-year",))
    assert heard(await house.tap(zoe.code, direction=EXIT)) == ("granted_with_warning", "exit_without_entry")
    assert await inside(house, "pool") == 0
    event = await last_event(house)
    assert (event.direction, event.outcome) == (EXIT, "granted_with_warning")


async def test_nobody_is_kept_in_when_their_right_ran_out_meanwhile(house: House) -> None:
    zoe = await house.resident("R1", rights=("pool-year",))
    assert heard(await house.tap(zoe.code)) == ("granted", "welcome")
    async with house.database.engine.begin() as connection:
        await connection.execute(entitlement.update().values(valid_until=date(2026, 11, 18)))
    assert heard(await house.tap(zoe.code, direction=EXIT)) == ("granted", "goodbye")


# --- library ----------------------------------------------------------------------------------------


async def test_a_reader_enters_while_the_library_is_open(house: House) -> None:
    zoe = await house.resident("R1", rights=("reader",))
    answer = await house.tap(zoe.code, "library-1")
    assert heard(answer) == ("granted", "welcome")
    assert "remaining" not in answer.json()


@pytest.mark.parametrize(
    ("day", "hour", "minute", "opens"),
    [
        (18, 8, 59, False),  # 09:59 in Paris, a Wednesday
        (18, 9, 0, True),
        (18, 16, 59, True),
        (18, 17, 0, False),
        (16, 13, 0, False),  # a Monday
        (22, 13, 0, False),  # a Sunday
    ],
)
async def test_the_library_keeps_its_hours_in_local_time(
    house: House, day: int, hour: int, minute: int, *, opens: bool
) -> None:
    zoe = await house.resident("R1", rights=("reader",))
    house.clock.now = house.clock.now.replace(day=day, hour=hour, minute=minute)
    expected = ("granted", "welcome") if opens else ("denied", "site_closed")
    assert heard(await house.tap(zoe.code, "library-1")) == expected


async def test_a_closure_wins_over_the_hours(house: House) -> None:
    zoe = await house.resident("R1", rights=("reader",))
    house.clock.now = house.clock.now.replace(month=12, day=25)
    assert heard(await house.tap(zoe.code, "library-1")) == ("denied", "site_closed")


async def test_without_registration_the_library_stays_shut(house: House) -> None:
    zoe = await house.resident("R1", rights=("pool-year",))
    assert heard(await house.tap(zoe.code, "library-1")) == ("denied", "no_right")


@pytest.mark.parametrize(
    ("starts", "ends", "reason"),
    [
        (date(2025, 11, 18), date(2026, 11, 18), "right_expired"),
        (date(2026, 11, 19), date(2027, 11, 19), "right_not_started"),
    ],
)
async def test_a_right_before_or_after_its_time_says_which(house: House, starts: date, ends: date, reason: str) -> None:
    zoe = await house.resident("R1", rights=("reader",), starts=starts, ends=ends)
    assert heard(await house.tap(zoe.code, "library-1")) == ("denied", reason)


# --- waste centre -----------------------------------------------------------------------------------


async def test_waste_centre_refuses_the_25th_visit_of_the_year(house: House) -> None:
    zoe = await house.resident("R1", rights=("waste-24",))
    house.clock.now = house.clock.now.replace(day=1, hour=6)

    answers = await visits(house, zoe, "waste-1", 25)

    assert [heard(answer)[1] for answer in answers] == [
        *["welcome"] * 20,
        *["low_balance"] * 3,
        "last_visit",
        "quota_spent",
    ]
    assert heard(answers[24])[0] == "denied"
    assert answers[24].json()["remaining"] == [
        {"product": "waste-24", "unit": "visit", "left": 0, "of": 24, "until": "2027-01-01"}
    ]
    assert await used(house) == 24_000, "Q1"


async def test_a_new_year_brings_a_new_quota(house: House) -> None:
    zoe = await house.resident("R1", rights=("waste-24",), ends=date(2028, 1, 1))
    await house.tap(zoe.code, "waste-1")
    house.clock.now = house.clock.now.replace(year=2026, month=12, day=31, hour=22, minute=59)
    old = await house.tap(zoe.code, "waste-1", token=await house.terminal_token())
    house.clock.turn(minutes=11)
    new = await house.tap(zoe.code, "waste-1", token=await house.terminal_token())
    assert [answer.json()["remaining"][0]["left"] for answer in (old, new)] == [22, 23]
    assert new.json()["remaining"][0]["until"] == "2028-01-01"


async def test_two_passes_of_a_household_share_its_quota(house: House) -> None:
    zoe = await house.resident("R1", rights=("waste-24",))
    yann = await house.resident("R2")
    async with house.database.begin() as unit:
        await people.join(unit, yann.holder, zoe.household.id, since=date(2024, 1, 1))

    first = await house.tap(zoe.code, "waste-1")
    second = await house.tap(yann.code, "waste-1")

    assert [answer.json()["remaining"][0]["left"] for answer in (first, second)] == [23, 22]
    assert await used(house) == 2_000


async def test_who_left_the_household_spends_its_quota_no_longer(house: House) -> None:
    zoe = await house.resident("R1", rights=("waste-24",))
    yann = await house.resident("R2")
    async with house.database.begin() as unit:
        await people.join(unit, yann.holder, zoe.household.id, since=date(2024, 1, 1), until=date(2026, 11, 18))
    assert heard(await house.tap(yann.code, "waste-1")) == ("denied", "no_right")


async def test_the_waste_centre_does_not_let_the_same_pass_in_twice_within_ten_minutes(house: House) -> None:
    zoe = await house.resident("R1", rights=("waste-24",))
    await house.tap(zoe.code, "waste-1")
    house.clock.turn(minutes=9, seconds=59)
    assert heard(await house.tap(zoe.code, "waste-1")) == ("denied", "too_soon")
    house.clock.turn(seconds=1)
    assert heard(await house.tap(zoe.code, "waste-1")) == ("granted", "welcome")
    assert await used(house) == 2_000


async def test_more_than_is_left_is_refused_whole(house: House) -> None:
    zoe = await house.resident("R1", rights=("waste-24",))
    answer = await house.tap(zoe.code, "waste-1", quantities=[{"unit": "visit", "amount": 25}])
    assert heard(answer) == ("denied", "quota_spent")
    assert answer.json()["remaining"][0]["left"] == 24
    assert await used(house) == 0


# --- transport --------------------------------------------------------------------------------------


async def test_a_second_tap_of_one_trip_opens_and_spends_nothing(house: House) -> None:
    zoe = await house.resident("R1", rights=("bus-year",))
    assert heard(await house.tap(zoe.code, "bus-1")) == ("granted", "welcome")
    before = await rows(house)
    house.clock.turn(minutes=59)

    answer = await house.tap(zoe.code, "bus-1", token=await house.terminal_token())

    assert heard(answer) == ("granted_with_warning", "same_trip")
    after = await rows(house)
    assert len(after["validation"]) == 2, "recorded all the same"
    for untouched in ("counter", "presence", "occupancy"):
        assert after[untouched] == before[untouched]
    house.clock.turn(minutes=1)
    assert heard(await house.tap(zoe.code, "bus-1", token=await house.terminal_token())) == ("granted", "welcome")


async def test_without_a_subscription_the_bus_refuses(house: House) -> None:
    zoe = await house.resident("R1", rights=("pool-year",))
    assert heard(await house.tap(zoe.code, "bus-1")) == ("denied", "no_right")


async def test_a_bus_passage_is_forgotten_sooner_than_a_visit_to_the_pool(house: House) -> None:
    """48 hours (CNIL AU-015) against 92 days."""
    zoe = await house.resident("R1", rights=("bus-year", "pool-year"))
    await house.tap(zoe.code, "bus-1", direction=ENTRY)
    assert (await last_event(house)).keep_until == date(2026, 11, 20)
    await house.tap(zoe.code, "pool-1")
    assert (await last_event(house)).keep_until == date(2027, 2, 18)
