"""What terminals decided alone, told afterwards: facts are stored always and flagged, whatever one line's fate is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import delete, select, update

from domain import passes, terminals
from domain.agents import Role
from domain.limits import ONE, Limit, Measure, Window
from domain.offline_policy import OfflinePolicy
from domain.passes import BlockReason
from nfc import bundle
from store.catalogue import has_changed
from store.tables.attendance import attendance
from store.tables.ledger import counter, passage_fact, quarantine, validation
from store.tables.places import site as site_table
from store.tables.products import entitlement
from tests.city import NOW, TODAY, TestPass, paired_terminal
from tests.house_app import House
from tests.http.rights import assert_problem, give, used
from tests.http.uploads import line, ndjson, results, upload

ONE_ENGINE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
"""For what looks the same whatever the database."""

MORNING = NOW - timedelta(hours=4)
YEAR = Limit(0, Measure.VISIT, 2 * ONE, Window.YEAR)


async def rows(house: House, table: Any) -> list[Any]:  # noqa: ANN401 - a table
    async with house.database.read() as connection:
        found = await connection.execute(select(table).order_by(*table.primary_key.columns))
        return list(found)


async def swimmer(house: House, *limits: Limit) -> TestPass:
    zoe = await house.resident("R1")
    await give(house, zoe, "swims", *(limits or (YEAR,)), service="pool")
    return zoe


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


# --- keys ---------------------------------------------------------------------------------------------


async def test_a_tap_whose_answer_was_lost_and_that_was_decided_alone_is_stored_once(house: House) -> None:
    """The online answer that was stored wins."""
    zoe = await swimmer(house)
    visit = [{"unit": "visit", "amount": 1}]
    asked = await house.tap(zoe.code, "free-1", key="k-1", terminalTime=NOW.isoformat(), quantities=visit)
    assert asked.status_code == 200
    assert (await house.tap(zoe.code, "free-1", key="k-2")).status_code == 200
    one, two = results(await upload(house, line(zoe.code, "k-1", NOW, quantities=visit), line(zoe.code, "k-2", NOW)))
    assert (one["status"], two["status"]) == ("duplicate", "duplicate")
    assert len(await rows(house, validation)) == 2
    assert await rows(house, passage_fact) == []


async def test_another_passage_under_a_used_key_is_a_conflict_and_its_bytes_are_kept(house: House) -> None:
    zoe = await swimmer(house)
    told = line(zoe.code, "o-1", MORNING)
    other = told | {"reason": "last_visit", "outcome": "granted_with_warning"}
    await upload(house, told)
    for _ in range(2):
        (one,) = results(await upload(house, other))
        assert (one["status"], one["code"]) == ("conflict", "idempotency-key-reused")
    (held,) = await rows(house, quarantine)
    assert msgspec.json.decode(held.line) == other
    assert len(await rows(house, validation)) == 1


async def test_a_key_belongs_to_its_terminal(house: House) -> None:
    """I2: what a neighbour stored under the same key is nobody else's duplicate."""
    zoe = await swimmer(house)
    await upload(house, line(zoe.code, "o-1", MORNING))
    token = await house.terminal_token(house.city.neighbour_terminal)
    (one,) = results(await upload(house, line(zoe.code, "o-1", MORNING), token=token))
    assert (one["status"], one["flags"]) == ("stored", ["not_entitled"]), "another authority's pass, told as it was"


# --- lines that cannot be taken in ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (b"not json", "invalid-request"),
        (b"\xff\xfe", "invalid-request"),
        (b"{" * 2_000, "invalid-request"),
        (b'{"key":"a","key":"b"}', "duplicate-field"),
        ({"gate": "nowhere"}, "gate-not-found"),
        ({"gate": "voisine-pool"}, "gate-not-found"),
        ({"outcome": "perhaps"}, "invalid-request"),
        ({"reason": "because"}, "invalid-request"),
        ({"surprise": 1}, "invalid-request"),
        ({"items": [{"kind": "gold", "unit": "m3", "amount": 1}], "direction": "deposit"}, "unknown-kind"),
        ({"items": [{"kind": "rubble", "unit": "m3", "amount": 1}]}, "invalid-request"),
        ({"direction": "deposit"}, "invalid-request"),
        ({"terminalTime": "1970-01-01T00:05:00Z"}, "passage-too-old"),
        ({"credential": "X" * 3_000}, "invalid-request"),
        (b" " + b'{"key":"' + b"x" * 9_000 + b'"}', "body-too-large"),
    ],
)
async def test_a_line_that_cannot_be_read_goes_to_quarantine_and_the_others_do_not(
    house: House,
    bad: bytes | dict[str, Any],
    code: str,
) -> None:
    zoe = await swimmer(house)
    good = line(zoe.code, "o-1", MORNING)
    odd = bad if isinstance(bad, bytes) else good | {"key": "o-9"} | bad
    found = results(await upload(house, odd, good))
    assert [(one["line"], one["status"], one.get("code")) for one in found] == [
        (1, "quarantined", code),
        (2, "stored", None),
    ]
    (held,) = await rows(house, quarantine)
    assert held.line == (odd.strip() if isinstance(odd, bytes) else msgspec.json.encode(odd))
    assert (held.terminal_id, held.code) == (house.city.terminal.terminal.id, code)
    results(await upload(house, odd, good))
    assert len(await rows(house, quarantine)) == 1, "kept once, however often it is sent"


@ONE_ENGINE
async def test_a_last_line_that_was_cut_off_is_not_read(house: House) -> None:
    zoe = await swimmer(house)
    body = ndjson(line(zoe.code, "o-1", MORNING), line(zoe.code, "o-2", MORNING))
    for cut in (1, 30, 200):
        answer = await house.client.post(
            "/v1/access/uploads",
            params={"sentAt": house.clock().isoformat()},
            content=body[:-cut],
            headers={"Authorization": f"Bearer {await house.terminal_token()}"},
        )
        assert [one["key"] for one in results(answer)] == ["o-1"]
    assert await rows(house, quarantine) == []


@ONE_ENGINE
async def test_empty_lines_and_carriage_returns_are_no_lines(house: House) -> None:
    zoe = await swimmer(house)
    told = msgspec.json.encode(line(zoe.code, "o-1", MORNING)) + b"\r"
    assert [one["line"] for one in results(await upload(house, b"", told, b"  "))] == [2]
    assert results(await upload(house)) == []


# --- clocks -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [timedelta(minutes=-10), timedelta(minutes=10), timedelta(days=-3)])
async def test_a_wrong_clock_is_put_right_by_the_servers_and_marked(house: House, wrong: timedelta) -> None:
    """T1: both times are kept, and the servers' wins."""
    zoe = await swimmer(house)
    told = line(zoe.code, "o-1", MORNING + wrong, bundle=int(MORNING.timestamp()))  # bundles have the server's time
    (one,) = results(await upload(house, told, sent_at=NOW + wrong))
    assert one["flags"] == ["clock_suspect"]
    (event,), (fact,) = await rows(house, validation), await rows(house, passage_fact)
    assert (event.terminal_at, fact.happened_at) == (MORNING + wrong, MORNING)
    assert fact.drift_seconds == -wrong.total_seconds()


async def test_a_clock_two_minutes_off_is_good_enough(house: House) -> None:
    zoe = await swimmer(house)
    told = line(zoe.code, "o-1", MORNING)
    assert results(await upload(house, told, sent_at=NOW - timedelta(minutes=2)))[0]["flags"] == []
    assert (await rows(house, passage_fact))[0].happened_at == MORNING


async def test_nothing_happens_in_the_future(house: House) -> None:
    zoe = await swimmer(house)
    (one,) = results(await upload(house, line(zoe.code, "o-1", NOW + timedelta(days=2))))
    assert one["flags"] == ["clock_suspect"]
    assert (await rows(house, passage_fact))[0].happened_at == NOW


async def test_a_terminal_that_has_lost_its_clock_begins_in_1970(house: House) -> None:
    zoe = await swimmer(house)
    begun = datetime(1970, 1, 1, 0, 30, tzinfo=UTC)
    told = line(zoe.code, "o-1", begun - timedelta(minutes=10), bundle=int(MORNING.timestamp() + 3 * 3600 + 1800))
    (one,) = results(await upload(house, told, sent_at=begun))
    assert (one["status"], one["flags"]) == ("stored", ["clock_suspect"])
    assert (await rows(house, passage_fact))[0].happened_at == NOW - timedelta(minutes=10)


async def test_the_last_minute_of_december_told_on_2_january_counts_in_the_old_year(house: House) -> None:
    zoe = await swimmer(house)
    house.clock.now = datetime(2027, 1, 2, 9, 0, tzinfo=UTC)
    (one,) = results(await upload(house, line(zoe.code, "o-1", datetime(2026, 12, 31, 22, 59, tzinfo=UTC))))
    assert (one["status"], one["flags"]) == ("stored", [])
    (row,) = await rows(house, counter)
    assert (row.ends_before, row.used) == (TODAY.replace(year=2027, month=1, day=1), ONE)


async def test_attendance_counts_the_hour_of_the_passage(house: House) -> None:
    zoe = await swimmer(house)
    await upload(house, line(zoe.code, "o-1", MORNING))
    (hour,) = await rows(house, attendance)
    assert (hour.day, hour.hour, hour.entries) == (TODAY, 10, 1), "Paris time"


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


# --- the request as a whole ---------------------------------------------------------------------------------


@ONE_ENGINE
async def test_uploads_are_posted_by_terminals_with_the_time_of_their_clock(house: House) -> None:
    assert_problem(await house.client.post("/v1/access/uploads", content=b""), 401, "not-authenticated")
    headers = {"Authorization": f"Bearer {await house.terminal_token()}"}
    for asked in ("", "?sentAt=", "?sentAt=yesterday", "?sentAt=2026-11-18T13:05:00", "?sentAt=0001-01-01T00:00:00Z"):
        answer = await house.client.post(f"/v1/access/uploads{asked}", content=b"", headers=headers)
        assert_problem(answer, 400, "invalid-request")
    assert_problem(await house.client.get("/v1/access/uploads", headers=headers), 405, "method-not-allowed")


@ONE_ENGINE
@pytest.mark.parametrize("body", [b"{}\n" * 501, b"x" * (1024 * 1024 + 1)])
async def test_more_than_one_upload_may_carry_is_refused_whole(house: House, body: bytes) -> None:
    answer = await house.client.post(
        "/v1/access/uploads",
        params={"sentAt": house.clock().isoformat()},
        content=body,
        headers={"Authorization": f"Bearer {await house.terminal_token()}"},
    )
    assert_problem(answer, 413, "body-too-large")
    assert await rows(house, quarantine) == []


async def test_a_stolen_terminal_uploads_nothing_more(house: House) -> None:
    zoe = await swimmer(house)
    token = await house.terminal_token()
    results(await upload(house, line(zoe.code, "o-1", MORNING), token=token))
    async with house.database.begin() as unit:
        mine = house.city.terminal.terminal
        await terminals.revoke_terminal(unit, authority_id=mine.authority_id, terminal_id=mine.id)
    answer = await upload(house, line(zoe.code, "o-2", MORNING), b"garbage", token=token)
    assert_problem(answer, 401, "not-authenticated")
    assert [event.terminal_at for event in await rows(house, validation)] == [MORNING], "what was acknowledged stays"
    assert await rows(house, quarantine) == []


async def test_a_terminal_that_was_paired_anew_tells_once_what_it_had_told(house: House) -> None:
    """Stolen, revoked while its upload was answered, found: O1 holds over its two ids."""
    zoe = await swimmer(house)
    before = str(house.city.terminal.terminal.id)
    lines = [
        line(zoe.code, f"o-{n}", MORNING + timedelta(minutes=n), sequence=n, decidedBy=before, bundle=n)
        for n in range(2)
    ]
    (first,) = results(await upload(house, lines[0]))
    assert first["status"] == "stored"
    async with house.database.begin() as unit:
        await terminals.revoke_terminal(
            unit, authority_id=house.city.authority.id, terminal_id=house.city.terminal.terminal.id
        )
        anew = await paired_terminal(unit, house.city.authority.id, tuple(house.city.gates.values()), now=house.clock())
    token = await house.terminal_token(anew)
    found = results(await upload(house, *lines, lines[1], token=token))
    assert [one["status"] for one in found] == ["duplicate", "stored", "duplicate"]
    other = line(zoe.code, "o-0", MORNING + timedelta(hours=2), sequence=0, decidedBy=before)
    (one,) = results(await upload(house, other, token=token))
    assert one["status"] == "stored", "another passage that bears the same key is another one's"
    assert len(await rows(house, validation)) == 3


@ONE_ENGINE
async def test_who_decided_is_an_id_or_left_out(house: House) -> None:
    zoe = await swimmer(house)
    (one,) = results(await upload(house, line(zoe.code, "o-1", MORNING, decidedBy="somebody")))
    assert (one["status"], one["code"]) == ("quarantined", "invalid-request")
