"""What terminals decided alone, told afterwards: facts are stored always and flagged, whatever one line's fate is."""

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import delete, update

from domain import passes
from domain.agents import Role
from domain.limits import ONE, Limit, Measure, Window
from domain.offline_policy import OfflinePolicy
from domain.passes import BlockReason
from nfc import bundle
from store.catalogue import has_changed
from store.tables.ledger import counter, passage_fact, validation
from store.tables.places import site as site_table
from store.tables.products import entitlement
from tests.city import NOW
from tests.house_app import House
from tests.http.rights import give, used
from tests.http.uploads import line, results, rows, swimmer, upload

ONE_ENGINE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
"""For what looks the same whatever the database."""

MORNING = NOW - timedelta(hours=4)


async def test_a_passage_of_the_morning_is_stored_with_both_times(house: House) -> None:
    zoe = await swimmer(house)
    (one,) = results(await upload(house, line(zoe.code, "o-1", MORNING)))
    assert one == {"line": 1, "key": "o-1", "status": "stored", "flags": []}
    (event,), (fact,) = await rows(house, validation), await rows(house, passage_fact)
    assert (event.recorded_at, event.terminal_at, event.outcome, event.reason) == (NOW, MORNING, "granted", "welcome")
    assert (fact.happened_at, fact.bundle, fact.sequence, fact.drift_seconds) == (
        MORNING,
        int(MORNING.timestamp()) - 60,
        1,
        0,
    )
    assert await used(house) == [ONE]


async def test_an_upload_sent_twice_is_stored_once(house: House) -> None:
    zoe = await swimmer(house)
    lines = [line(zoe.code, f"o-{n}", MORNING + timedelta(minutes=n), sequence=n) for n in range(3)]
    first = results(await upload(house, *lines))
    again = results(await upload(house, *lines))
    assert [one["status"] for one in first] == ["stored"] * 3
    assert [one["status"] for one in again] == ["duplicate"] * 3
    assert [one["flags"] for one in again] == [one["flags"] for one in first]
    assert len(await rows(house, validation)) == 3


async def test_visits_beyond_the_quota_are_stored_counted_and_flagged(house: House) -> None:
    zoe = await swimmer(house)
    lines = [line(zoe.code, f"o-{n}", MORNING + timedelta(minutes=n), sequence=n) for n in range(3)]
    found = results(await upload(house, *reversed(lines)))
    flags = {one["key"]: one["flags"] for one in found}
    assert flags == {"o-0": [], "o-1": [], "o-2": ["over_quota"]}, "in the order in which they happened"
    assert await used(house) == [3 * ONE], "Q2: the surplus is counted"
    (*_, last) = await rows(house, passage_fact)
    assert (last.judged_outcome, last.judged_reason) == ("payment_required", "carnet_empty")
    assert (await house.tap(zoe.code, "free-1")).json()["reason"] == "carnet_empty"


async def test_two_terminals_without_network_spend_the_same_last_visit(house: House) -> None:
    zoe = await swimmer(house, Limit(0, Measure.VISIT, ONE, Window.YEAR))
    (one,) = results(await upload(house, line(zoe.code, "a-1", MORNING)))
    (other,) = results(await upload(house, line(zoe.code, "b-1", MORNING - timedelta(hours=1))))
    assert (one["flags"], other["flags"]) == ([], ["over_quota"])
    assert await used(house) == [2 * ONE]


async def test_a_refusal_of_the_terminal_is_recorded_and_counts_nothing(house: House) -> None:
    zoe = await swimmer(house)
    refused = line(zoe.code, "o-1", MORNING, outcome="denied", reason="medium_lost")
    assert [one["status"] for one in results(await upload(house, refused))] == ["stored"]
    (event,) = await rows(house, validation)
    assert (event.outcome, event.reason, event.charges) == ("denied", "medium_lost", "[]")
    assert await used(house) == []


async def test_a_lost_card_that_was_let_in_is_stored_and_flagged(house: House) -> None:
    zoe = await swimmer(house)
    async with house.database.begin() as unit:
        await passes.block(unit, zoe.pass_, zoe.medium.id, reason=BlockReason.LOST, now=MORNING)
    (one,) = results(await upload(house, line(zoe.code, "o-1", MORNING)))
    assert (one["status"], one["flags"]) == ("stored", ["revoked_at_the_time"])
    assert await used(house) == [ONE]


async def test_without_any_right_nothing_is_counted_and_the_passage_is_flagged(house: House) -> None:
    zoe = await house.resident("R1")
    (one,) = results(await upload(house, line(zoe.code, "o-1", MORNING)))
    assert (one["status"], one["flags"]) == ("stored", ["not_entitled"])
    assert await used(house) == []


async def test_a_second_entry_is_flagged_whichever_of_the_two_comes_first(house: House) -> None:
    zoe = await house.resident("R1", rights=("pool-year",))
    for key, at in (("o-2", MORNING), ("o-1", MORNING - timedelta(minutes=9))):
        (one,) = results(await upload(house, line(zoe.code, key, at, gate="pool-1")))
        assert one["flags"] == ([] if key == "o-2" else ["passback"])


@pytest.mark.parametrize(
    ("gate", "minutes", "flags"),
    [("free-1", 74, []), ("free-1", 76, ["stale_bundle"]), ("pool-1", 76, []), ("pool-1", 136, ["stale_bundle"])],
)
async def test_a_bundle_that_its_site_does_not_take_as_new_is_told(
    house: House, gate: str, minutes: int, flags: list[str]
) -> None:
    async with house.database.write() as connection:
        trusting = msgspec.to_builtins(OfflinePolicy(fresh_minutes=120))
        await connection.execute(update(site_table).where(site_table.c.code == "pool").values(offline=trusting))
        await has_changed(connection)
    headers = {"Authorization": f"Bearer {await house.terminal_token()}"}
    fetched = await house.client.get("/v1/terminals/bundles/pool", headers=headers)
    sequence = bundle.unverified(fetched.content).sequence
    decided = house.clock() + timedelta(minutes=minutes)
    house.clock.turn(minutes=140)
    zoe = await swimmer(house)
    (one,) = results(await upload(house, line(zoe.code, "o-1", decided, bundle=sequence, gate=gate)))
    assert one["flags"] == flags


@ONE_ENGINE
@pytest.mark.parametrize(
    ("ago", "flags"), [(timedelta(minutes=74), []), (timedelta(minutes=76), ["stale_bundle"]), (None, ["stale_bundle"])]
)
async def test_a_bundle_that_is_kept_no_longer_tells_its_age_by_its_sequence(
    house: House, ago: timedelta | None, flags: list[str]
) -> None:
    zoe = await swimmer(house)
    sequence = int((MORNING - ago).timestamp()) if ago is not None else 7
    (one,) = results(await upload(house, line(zoe.code, "o-1", MORNING, bundle=sequence)))
    assert one["flags"] == flags


async def test_a_terminal_that_had_no_bundle_says_so(house: House) -> None:
    zoe = await swimmer(house)
    (one,) = results(await upload(house, line(zoe.code, "o-1", MORNING, bundle=None)))
    assert one["flags"] == ["stale_bundle"]


# --- what became of the rest --------------------------------------------------------------------------------


async def test_a_right_that_was_purged_leaves_a_clean_flagged_passage(house: House) -> None:
    zoe = await swimmer(house)
    await upload(house, line(zoe.code, "o-1", MORNING))
    async with house.database.write() as connection:
        await connection.execute(delete(counter))
        await connection.execute(delete(entitlement))
    (one,) = results(await upload(house, line(zoe.code, "o-2", MORNING)))
    assert (one["status"], one["flags"]) == ("stored", ["not_entitled"])
    assert await used(house) == []


async def test_a_pass_that_nobody_knows_any_more_was_let_in_all_the_same(house: House) -> None:
    (one,) = results(await upload(house, line("MP2:GONE", "o-1", MORNING)))
    assert (one["status"], one["flags"]) == ("stored", ["not_entitled"])


async def test_a_fact_can_be_taken_back_and_gives_back_what_it_counted(house: House) -> None:
    zoe = await swimmer(house)
    await upload(house, line(zoe.code, "o-1", NOW - timedelta(minutes=5)))
    headers = {"Authorization": f"Bearer {await house.terminal_token()}"}
    body = {"key": "c-1", "cancels": "o-1"}
    answer = await house.client.post("/v1/access/cancellations", json=body, headers=headers)
    assert answer.json()["reason"] == "cancelled"
    assert await used(house) == [0]


async def test_a_visit_and_what_was_left_at_the_quay_are_told_together(house: House) -> None:
    zoe = await house.resident("R1")
    visits = Limit(0, Measure.VISIT, 24 * ONE, Window.YEAR)
    rubble = Limit(1, Measure.M3, ONE, Window.DAY, kind="rubble")
    await give(house, zoe, "heaps", visits, rubble)
    heap = [{"kind": "rubble", "unit": "m3", "amount": 1.5}]
    found = results(
        await upload(
            house,
            line(zoe.code, "o-1", MORNING, gate="waste-1"),
            line(
                zoe.code,
                "o-2",
                MORNING + timedelta(minutes=5),
                gate="waste-1",
                direction="deposit",
                reason="deposited",
                items=heap,
            ),
        )
    )
    assert [(one["status"], one["flags"]) for one in found] == [("stored", []), ("stored", ["over_quota"])]
    assert await used(house) == [ONE, 1_500]


async def test_the_export_tells_both_times_and_the_flags(house: House) -> None:
    zoe = await house.resident("R1")
    await house.tap(zoe.code, "free-1")
    house.clock.turn(minutes=1)
    await upload(house, line(zoe.code, "o-1", MORNING))
    headers = await house.agent_headers(Role.MANAGER)
    answer = await house.client.get("/v1/exports/validations", headers=headers)
    live, told = (msgspec.json.decode(one) for one in answer.content.splitlines())
    assert (live["offline"], live["happenedAt"], live["flags"]) == (False, live["recordedAt"], [])
    assert (told["offline"], told["happenedAt"], told["recordedAt"], told["terminalTime"], told["flags"]) == (
        True,
        "2026-11-18T09:05:00Z",
        "2026-11-18T13:06:00Z",
        "2026-11-18T09:05:00Z",
        ["not_entitled"],
    )
