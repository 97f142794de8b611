"""`GET /v1/passes/{number}/explanation`: agents ask why, for their own passes and sites, and nothing happens."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from adapters.keyring import Purpose
from domain.access.rules import ALWAYS
from domain.agents import Role
from domain.places import Gate, Passback, Site, Zone
from domain.services import BY_CODE
from domain.text import Text
from tests.house_app import House
from tests.http.ledger_rows import rows


async def ask(
    house: House,
    number: str,
    *,
    role: Role = Role.DESK,
    neighbour: bool = False,
    **query: Any,  # noqa: ANN401 - parameters of the address
) -> httpx.Response:
    headers = await house.agent_headers(role, neighbour=neighbour)
    address = f"/v1/passes/{number}/explanation"
    answer: httpx.Response = await house.client.get(address, params={"site": "pool", **query}, headers=headers)
    return answer


def findings(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return {rule["rule"]: (rule["finding"], rule["reason"]) for rule in answer.json()["rules"]}


@pytest.mark.parametrize("role", [Role.DESK, Role.SITE_AGENT, Role.MANAGER])
async def test_who_may_read_a_pass_may_ask_why(house: House, role: Role) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))
    answer = await ask(house, zoe.pass_.number, role=role)
    assert set(findings(answer).values()) == {("fine", None)}
    assert len(findings(answer)) == len(ALWAYS) + len(BY_CODE["pool"].rules)
    told = answer.json()
    assert (told["gate"], told["service"], told["decisive"], told["right"]) == ("pool-1", "pool", None, "carnet-10")
    assert told["spent"] == [{"unit": "visit", "amount": 1.0, "until": "2027-01-01"}]
    assert told["medium"] == zoe.medium.id.to_bytes(8, "big", signed=True).hex()


@pytest.mark.parametrize("role", [Role.DPO, Role.ADMINISTRATOR])
async def test_who_may_not_read_a_pass_may_not_ask(house: House, role: Role) -> None:
    zoe = await house.resident("R1")
    answer = await ask(house, zoe.pass_.number, role=role)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_the_answer_is_the_gates_own_and_asking_leaves_no_trace(house: House) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))
    before = await rows(house)
    imagined = (await ask(house, zoe.pass_.number)).json()["answer"]
    assert await rows(house) == before
    assert (await house.tap(zoe.code)).json() == imagined

    house.clock.turn(seconds=4)  # at once it would be the same scan
    again = await ask(house, zoe.pass_.number)
    assert findings(again)["no_passback"] == ("objects", "already_inside")
    assert again.json()["decisive"] == "no_passback"
    assert (await house.tap(zoe.code)).json() == again.json()["answer"]
    leaving = await ask(house, zoe.pass_.number, direction="exit")
    assert leaving.json()["answer"]["reason"] == "goodbye"


async def test_it_says_nothing_of_who_somebody_is(house: House) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))
    said = (await ask(house, zoe.pass_.number)).text
    for telling in ("Zo", "Lef", "R1", "1980", str(zoe.holder.id), str(zoe.pass_.id)):
        assert telling not in said


async def test_another_instant_may_be_asked_about(house: House) -> None:
    zoe = await house.resident("R1", rights=("reader",))
    for at, reason in (
        ("2026-11-18T18:00:00+01:00", "site_closed"),
        ("2026-11-19T10:00:00Z", "welcome"),
        ("2025-11-19T10:00:00Z", "pass_not_started"),
        ("2027-01-06T10:00:00Z", "right_expired"),
    ):
        answer = await ask(house, zoe.pass_.number, site="library", at=at)
        assert answer.json()["answer"]["reason"] == reason


@pytest.mark.parametrize(
    "query",
    [
        {"at": "tomorrow"},
        {"at": "2026-11-19T10:00:00"},
        {"at": "2026-11-19"},
        {"at": "1999-11-19T10:00:00Z"},
        {"at": "0001-01-01T00:00:00+14:00"},
        {"at": "9999-12-31T23:59:59-14:00"},
        {"direction": "sideways"},
    ],
)
async def test_what_is_no_instant_or_direction_is_an_invalid_request(house: House, query: dict[str, Any]) -> None:
    zoe = await house.resident("R1")
    answer = await ask(house, zoe.pass_.number, **query)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-request")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_another_instant_is_judged_by_the_keys_of_then(house: House) -> None:
    """ADR 0066: a code was good until its key was withdrawn, and is again once another key can have signed it."""
    zoe = await house.resident("R1", rights=("carnet-10",))
    begin = house.clock()
    house.clock.turn(hours=2)
    house.keyring.withdraw(house.keyring.signing_key("ville", Purpose.PRINT).kid.hex(), now=house.clock())
    house.clock.turn(hours=2)
    house.keyring.generate("ville", Purpose.PRINT, now=house.clock())

    async def reason(hours: int) -> str:
        at = (begin + timedelta(hours=hours)).isoformat()
        return str((await ask(house, zoe.pass_.number, at=at)).json()["answer"]["reason"])

    async def followed() -> bool:
        return await reason(3) == "withdrawn_key"

    await house.until(followed)
    assert [await reason(hours) for hours in (1, 2, 5)] == ["welcome", "withdrawn_key", "welcome"]


async def test_a_site_must_be_named(house: House) -> None:
    headers = await house.agent_headers(Role.DESK)
    answer = await house.client.get("/v1/passes/0000000000/explanation", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-request")


async def test_what_belongs_to_a_neighbour_does_not_exist(house: House) -> None:
    ours = await house.resident("R1")
    theirs = await house.resident("R1", authority=house.city.neighbour)
    answer = await ask(house, theirs.pass_.number)
    assert (answer.status_code, answer.json()["code"]) == (404, "pass-not-found")
    assert answer.content == (await ask(house, "0000000000")).content
    assert (await ask(house, theirs.pass_.number, neighbour=True)).status_code == 200

    medium = theirs.medium.id.to_bytes(8, "big", signed=True).hex()
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"medium": medium}, "medium-not-found"),
        ({"site": "nowhere"}, "site-not-found"),
        ({"gate": "library-1"}, "gate-not-found"),
    ]
    for query, code in wrong:
        answer = await ask(house, ours.pass_.number, **query)
        assert (answer.status_code, answer.json()["code"]) == (404, code)


async def test_a_site_that_only_the_neighbour_has_does_not_exist(house: House) -> None:
    async with house.database.begin() as unit:
        theirs = house.city.neighbour
        name = Text(fr="Patinoire", en="Rink")
        site = Site(unit.ids.row(), theirs.id, "rink", "pool", name, "00101")
        zone = Zone(unit.ids.row(), theirs.id, site.id, "rink", None, Passback.NONE, 0)
        await unit.places.add_site(site)
        await unit.places.add_zone(zone)
        await unit.places.add_gate(Gate(unit.ids.row(), theirs.id, zone.id, "rink-1", name))
    zoe = await house.resident("R1")
    answer = await ask(house, zoe.pass_.number, site="rink")
    assert (answer.status_code, answer.json()["code"]) == (404, "site-not-found")
