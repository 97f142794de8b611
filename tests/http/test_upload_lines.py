"""Uploads line by line: keys, what cannot be taken in, and the request as a whole."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from domain import terminals
from store.tables.ledger import passage_fact, quarantine, validation
from tests.city import NOW, paired_terminal
from tests.house_app import House
from tests.http.rights import assert_problem
from tests.http.uploads import line, ndjson, results, rows, swimmer, upload

ONE_ENGINE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
"""For what looks the same whatever the database."""

MORNING = NOW - timedelta(hours=4)


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
