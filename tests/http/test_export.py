"""The export of passages: complete, in order, each once, and without a name in it."""

import json
from typing import Any

import httpx
import pytest

from domain.agents import Role
from domain.limits import ONE, Limit, Measure, Window
from domain.passes import MediumKind, add_medium
from tests.city import TestPass
from tests.house_app import House
from tests.http import codes
from tests.http.ledger_rows import events
from tests.http.rights import give, terminal_posts

PATH = "/v1/exports/validations"
FIELDS = {
    "cursor",
    "recordedAt",
    "happenedAt",
    "offline",
    "flags",
    "terminalTime",
    "terminalId",
    "gate",
    "site",
    "service",
    "direction",
    "subject",
    "outcome",
    "reason",
    "persons",
    "charges",
    "billedCents",
    "paidCents",
    "byAgent",
    "motive",
    "cancels",
    "deposits",
}


async def export(house: House, **asked: str | int) -> httpx.Response:
    answer: httpx.Response = await house.client.get(PATH, params=asked, headers=await house.agent_headers(Role.MANAGER))
    return answer


def lines_of(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/jsonl")
    assert answer.text == "" or answer.text.endswith("\n")
    return [json.loads(line) for line in answer.text.splitlines()]


async def busy_day(house: House) -> tuple[TestPass, TestPass]:
    """Two residents, all four services, refusals, an exit and a stranger's code."""
    zoe = await house.resident("R1", rights=("carnet-10", "reader", "waste-24", "bus-year"))
    yann = await house.resident("R2", rights=("pool-year",))
    for gate in ("pool-1", "library-1", "waste-1", "bus-1", "pool-1"):
        await house.tap(zoe.code, gate)
    await house.tap(zoe.code, "pool-1", direction="exit")
    await house.tap(yann.code, "free-1", terminalTime="2026-11-18T14:04:00+01:00")
    await house.tap(yann.code, "bus-1")
    await house.tap("nonsense")
    return zoe, yann


async def test_before_the_first_passage_the_export_is_empty(house: House) -> None:
    assert lines_of(await export(house)) == []


async def test_a_line_says_all_of_a_passage(house: House) -> None:
    await busy_day(house)
    lines = lines_of(await export(house))
    assert all(line.keys() == FIELDS for line in lines)
    assert len(lines) == 9
    first = lines[0]
    assert first["cursor"] == "1"
    assert (first["recordedAt"], first["terminalTime"]) == ("2026-11-18T13:05:00Z", None)
    assert (first["gate"], first["site"], first["service"]) == ("pool-1", "pool", "pool")
    assert (first["direction"], first["outcome"], first["reason"]) == ("entry", "granted", "welcome")
    (charge,) = first["charges"]
    assert (charge["amount"], charge["position"]) == (1, 0)
    assert (charge["startsOn"], charge["endsBefore"]) == ("2026-01-01", "2027-01-01")
    assert lines[6]["terminalTime"] == "2026-11-18T13:04:00Z"
    assert (lines[8]["subject"], lines[8]["reason"], lines[8]["charges"]) == (None, "unknown_type", [])


async def test_the_export_is_what_was_recorded(house: House) -> None:
    """E2, E3."""
    await busy_day(house)
    said = [(line["cursor"], line["outcome"], line["reason"]) for line in lines_of(await export(house))]
    assert said == [(str(event.number), event.outcome, event.reason) for event in await events(house)]


async def test_what_was_spent_adds_up_in_the_export(house: House) -> None:
    """Q2."""
    zoe = await house.resident("R1", rights=("carnet-10",))
    left = None
    for _ in range(12):
        left = (await house.tap(zoe.code, "free-1")).json()["remaining"][0]["left"]
    spent = sum(charge["amount"] for line in lines_of(await export(house)) for charge in line["charges"])
    assert spent + left == 10


@pytest.mark.parametrize("page", [1, 2, 4, 9, 10])
async def test_a_follower_meets_each_passage_once(house: House, page: int) -> None:
    """F1."""
    await busy_day(house)
    whole = lines_of(await export(house))
    followed: list[dict[str, Any]] = []
    cursor = "0"
    while lines := lines_of(await export(house, after=cursor, limit=page)):
        assert len(lines) <= page
        followed += lines
        cursor = lines[-1]["cursor"]
    assert followed == whole
    await house.tap("one more")
    assert [line["cursor"] for line in lines_of(await export(house, after=cursor))] == ["10"]


async def test_a_long_export_is_read_page_by_page_and_comes_whole(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await busy_day(house)
    whole = (await export(house)).content
    monkeypatch.setattr("api.integrations.PAGE", 2)
    assert (await export(house)).content == whole
    assert lines_of(await export(house, limit=5)) == lines_of(await export(house))[:5]


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1.5", " 1", "٣", "1e3", "0x1", "9" * 19, "1;DROP TABLE x", "\0"])
async def test_a_cursor_that_the_export_never_gave_is_refused(house: House, cursor: str) -> None:
    answer = await export(house, after=cursor)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-cursor")


async def test_a_cursor_beyond_the_end_brings_nothing(house: House) -> None:
    await house.tap("x")
    assert lines_of(await export(house, after="9" * 18)) == []


@pytest.mark.parametrize("limit", [0, -1, 1_000_001, "x", "1.5", "", "9" * 400])
async def test_a_limit_out_of_bounds_is_refused(house: House, limit: str | int) -> None:
    answer = await export(house, limit=limit)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-request")


async def test_a_person_has_one_name_in_a_sector_and_another_in_each_other(house: House) -> None:
    zoe, yann = await busy_day(house)
    await house.tap(zoe.code, "free-1")
    names: dict[str, set[str]] = {}
    for line in lines_of(await export(house)):
        if line["subject"] is not None:
            names.setdefault(line["service"], set()).add(line["subject"])
    assert {service: len(found) for service, found in names.items()} == {
        "pool": 2,
        "library": 1,
        "waste-centre": 1,
        "transport": 2,
    }
    every = [name for found in names.values() for name in found]
    assert len(set(every)) == len(every), "no name is used in two sectors"
    assert zoe.holder.id != yann.holder.id


async def test_two_supports_of_a_pass_have_one_name(house: House) -> None:
    """The name follows the person, not the card."""
    zoe = await house.resident("R1", rights=("pool-year",))
    async with house.database.begin() as unit:
        phone = await add_medium(
            unit, zoe.pass_, kind=MediumKind.PHONE, expires_at=zoe.medium.expires_at, now=house.clock()
        )
    other = TestPass(zoe.holder, zoe.household, zoe.pass_, phone, "")
    await house.tap(zoe.code, "free-1")
    await house.tap(codes.signed_by(codes.printing_key(house.keyring), other), "free-1")
    first, second = lines_of(await export(house))
    assert first["subject"] == second["subject"]


async def test_no_export_carries_what_leads_to_a_person(house: House) -> None:
    zoe, yann = await busy_day(house)
    exported = (await export(house)).content.lower()
    for shown in (zoe, yann):
        medium = shown.medium.id.to_bytes(8, "big", signed=True)
        for trace in (
            shown.holder.first_name,
            shown.holder.last_name,
            shown.holder.reference,
            shown.household.reference,
            shown.pass_.number,
            shown.pass_.id,
            shown.pass_.id.hex,
            shown.holder.id,
            shown.holder.id.hex,
            shown.household.id,
            shown.household.id.hex,
            medium.hex(),
            shown.medium.id,
            shown.code,
            "1980-05-17",
        ):
            assert str(trace).lower().encode() not in exported, trace


@pytest.mark.usefixtures("quick_keys")
async def test_without_the_sectors_master_the_export_is_a_problem_not_a_broken_stream(house: House) -> None:
    async def gone() -> bool:
        return (await export(house)).status_code != 200

    await house.tap("x")
    house.keyring.change_masters(lambda masters: masters.withdraw("ville", "pseudonym", 1))
    await house.until(gone)
    answer = await export(house)
    assert (answer.status_code, answer.json()["code"]) == (404, "key-missing")


async def test_money_kinds_and_cancellations_are_told_and_the_agent_is_not(house: House) -> None:
    zoe = await house.resident("R1")
    rubble = Limit(0, Measure.M3, 9 * ONE, Window.YEAR, kind="rubble", free=ONE, price_cents=3_000)
    await give(house, zoe, "heaps", Limit(1, Measure.VISIT, 9 * ONE, Window.YEAR), rubble)
    await house.tap(zoe.code, "waste-1")
    house.clock.turn(minutes=1)
    items = [{"kind": "rubble", "unit": "m3", "amount": 1.5}, {"kind": "paint", "unit": "litre", "amount": 4}]
    deposit = {"key": "d-1", "gate": "waste-1", "credential": zoe.code, "items": items}
    payment = {"amountCents": 1_000, "reference": "cb-1"}
    await terminal_posts(house, "deposits", {**deposit, "payment": payment})
    house.clock.turn(minutes=1)
    agent = house.city.agents[Role.SITE_AGENT]
    headers = await house.agent_headers(Role.SITE_AGENT)
    body = {"key": "w-1", "motive": "wrong_quantity"}
    await house.client.post("/v1/passages/2/cancellation", json=body, headers=headers)
    entry = {"key": "a-1", "gate": "bus-1", "passNumber": zoe.pass_.number, "motive": "good_faith"}
    await house.client.post("/v1/sites/bus/entries", json=entry, headers=headers)

    answer = await export(house)

    said = [
        tuple(
            line[name] for name in ("direction", "reason", "billedCents", "paidCents", "byAgent", "motive", "cancels")
        )
        for line in lines_of(answer)
    ]
    assert said == [
        ("entry", "welcome", 0, 0, False, None, None),
        ("deposit", "overage", 1_500, 1_000, False, None, None),
        ("deposit", "cancelled", -1_500, 0, True, "wrong_quantity", "2"),
        ("entry", "overridden", 0, 0, True, "good_faith", None),
    ]
    lines = lines_of(answer)
    assert lines[1]["deposits"] == items
    assert sum(charge["amount"] for line in lines for charge in line["charges"] if charge["position"] == 0) == 0
    assert [line["terminalId"] is None for line in lines] == [False, False, True, True]
    for trace in (str(agent.id), agent.id.hex, agent.name, agent.login):
        assert trace not in answer.text


async def test_a_group_says_how_many_it_was_coming_and_going_and_taken_back(house: House) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))
    visit = {"unit": "visit", "amount": 4}
    await house.tap(zoe.code, "pool-1", key="in", quantities=[visit])
    house.clock.turn(minutes=5)
    await house.tap(zoe.code, "pool-1", direction="exit")
    house.clock.turn(minutes=5)
    await house.tap(zoe.code, "free-1", quantities=[visit | {"amount": 7}])  # the carnet has six left
    await house.tap(zoe.code, "free-1")
    await terminal_posts(house, "cancellations", {"key": "c-1", "cancels": "in"})
    lines = lines_of(await export(house))
    assert [(line["direction"], line["outcome"], line["persons"]) for line in lines] == [
        ("entry", "granted", 4),
        ("exit", "granted", 4),
        ("entry", "payment_required", 7),
        ("entry", "granted", 1),
        ("entry", "granted", 4),
    ]
