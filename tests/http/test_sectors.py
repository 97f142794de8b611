"""Sectors are sealed: what one sector's software, screens and logs are given never names a person to another."""

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest

from api.rules import Rule
from domain.agents import Permission, Role
from domain.privacy import pseudonym
from domain.services import BY_CODE
from nfc import gateway_statement
from nfc.gateway_statement import serial_hash
from tests.city import TestPass
from tests.house_app import House
from tests.http.gateways import enrolled, foreign_card, with_gateway
from tests.http.test_permissions import declared

GATES = {"leisure": "pool-1", "culture": "library-1", "waste": "waste-1", "transport": "bus-1"}

# One office sees whole passes; everything else is given to a sector, to a device of one, or to everybody.
ONE_OFFICE = {
    Permission.PASS_ISSUE,
    Permission.PASS_READ,
    Permission.MEDIUM_BLOCK,
    Permission.PERSON_MANAGE,
    Permission.RIGHT_MANAGE,
    # Who settles what gates did alone reads passes anyway, and has to find whom it was about.
    Permission.OVERRIDE_REVIEW,
    # Whoever collects fees has to know whose card was replaced.
    Permission.FEE_READ,
    # Who reviews a request reads who asks, of the service that is asked for; an office has a telephone itself.
    Permission.REQUEST_READ,
    Permission.REQUEST_ENTER,
    Permission.REQUEST_REVIEW,
    Permission.REQUEST_CONFIGURE,
    # The journal says whose file was opened, to the officer who watches over it.
    Permission.JOURNAL_READ,
    # The numbers are those of modifications: a catalogue knows nobody.
    Permission.CATALOGUE_MANAGE,
    # Residents read what is their own.
    Rule.RESIDENT,
}
NAMES_A_PERSON = re.compile(
    r"(holder|pass|medium|media|household|organisation|entitlement|person|card)_?(id|number|reference|uid)?"
    r"|(first|last)_?name|number|reference|uid|born(_?on)?|status_?index|email|phone",
    re.IGNORECASE,
)


def fields(document: dict[str, Any], schema: Any, seen: frozenset[str] = frozenset()) -> Iterator[str]:  # noqa: ANN401
    """Every property that a schema may answer, at whatever depth."""
    if isinstance(schema, list):
        for part in schema:
            yield from fields(document, part, seen)
    if not isinstance(schema, dict):
        return
    name = str(schema.get("$ref", "")).removeprefix("#/components/schemas/")
    if name and name not in seen:
        yield from fields(document, document["components"]["schemas"][name], seen | {name})
    yield from schema.get("properties", {})
    for key, below in schema.items():
        if key == "properties":
            yield from fields(document, list(below.values()), seen)
        elif key in {"items", "allOf", "anyOf", "oneOf", "additionalProperties", "prefixItems"}:
            yield from fields(document, below, seen)


async def test_no_route_that_a_sector_may_read_has_a_field_that_names_a_person(house: House) -> None:
    document = (await house.client.get("/docs/openapi.json")).json()
    rules = {(method.lower(), path): rule for (method, path), rule in declared(house.app).items()}
    looked_at, found = 0, set()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if rules.get((method, path)) in ONE_OFFICE:
                continue
            for answer in operation.get("responses", {}).values():
                for content in answer.get("content", {}).values():
                    names = set(fields(document, content.get("schema")))
                    looked_at += len(names)
                    found |= {(path, name) for name in names if NAMES_A_PERSON.fullmatch(name)}
    assert looked_at > 50
    assert found == set()


def traces(house: House, shown: TestPass, other_than: str | None = None) -> dict[str, str]:
    """Whatever leads to a person, and their pseudonyms of every sector but one."""
    raw = shown.medium.id.to_bytes(8, "big", signed=True)
    universal = {
        "holder": str(shown.holder.id),
        "holder, bare": shown.holder.id.hex,
        "household": str(shown.household.id),
        "pass": str(shown.pass_.id),
        "pass, bare": shown.pass_.id.hex,
        "pass number": shown.pass_.number,
        "medium": str(shown.medium.id),
        "medium, hexadecimal": raw.hex(),
        "reference": shown.holder.reference,
        "last name": shown.holder.last_name,
        "code": shown.code,
    }
    return universal | {
        sector: pseudonym(house.keyring.sector_key("ville", sector), shown.holder.id)
        for sector in {service.sector for service in BY_CODE.values()} - {other_than}
    }


@pytest.fixture
async def zoe(house: House) -> TestPass:
    return await house.resident("REF-canary-1", rights=("carnet-10", "reader", "waste-24", "bus-year"))


async def test_what_a_sector_hears_of_a_person_is_of_that_sector_alone(
    house: House, zoe: TestPass, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    heard = {sector: (await house.tap(zoe.code, gate)).text for sector, gate in GATES.items()}
    manager = await house.agent_headers(Role.MANAGER)
    for sector in GATES:
        answer = await house.client.get("/v1/exports/validations", params={"sector": sector}, headers=manager)
        lines = [json.loads(line) for line in answer.text.splitlines()]
        assert [line["subject"] for line in lines] == [
            pseudonym(house.keyring.sector_key("ville", sector), zoe.holder.id)
        ]
        heard[sector] += answer.text
    said = capfd.readouterr()
    for sector, text in heard.items():
        for what, trace in traces(house, zoe, other_than=sector).items():
            assert trace.lower() not in text.lower(), (sector, what)
    for what, trace in traces(house, zoe).items():
        assert trace.lower() not in (said.out + said.err + caplog.text).lower(), ("log", what)


async def test_a_sector_that_knows_people_by_their_own_cards_hears_of_no_other_sectors_name(
    house: House, zoe: TestPass, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """AMC: the identifier of a sector is what that sector's software has, and nobody else's."""
    caplog.set_level(logging.DEBUG)
    metro, card = await with_gateway(house), foreign_card()
    medium: str | None = None
    for sector in GATES:
        bound = await enrolled(house, zoe, metro.reads(card, sector, house.clock()), medium=medium)
        medium = str(bound["id"])
    names = {
        sector: {card.identifiers[sector].hex(), serial_hash(metro.secret, sector, card.serial).hex()}
        for sector in GATES
    }
    manager = await house.agent_headers(Role.MANAGER)
    heard: dict[str, str] = {}
    for sector, gate in GATES.items():
        house.clock.turn(seconds=1)
        said = metro.reads(card, sector, house.clock())
        answer = await house.tap(said, gate)
        assert answer.json()["outcome"] == "granted", answer.text
        # What the terminal sees of the card is part of what its sector hears.
        heard[sector] = answer.text + gateway_statement.parse(said).payload.hex()
    for sector in GATES:
        export = await house.client.get("/v1/exports/validations", params={"sector": sector}, headers=manager)
        assert [json.loads(line)["subject"] for line in export.text.splitlines()] == [card.identifiers[sector].hex()]
        heard[sector] += export.text
    logged = capfd.readouterr()
    log = (logged.out + logged.err + caplog.text).lower()
    for sector, text in heard.items():
        for what, trace in traces(house, zoe).items():
            assert trace.lower() not in text.lower(), (sector, what)
        for other in GATES.keys() - {sector}:
            assert [name for name in names[other] if name in text.lower()] == [], (sector, other)
    for sector, hidden in names.items():
        assert [name for name in (*hidden, card.serial.hex()) if name in log] == [], ("log", sector)


async def test_what_everybody_reads_names_nobody(house: House, zoe: TestPass) -> None:
    for gate in GATES.values():
        await house.tap(zoe.code, gate)
    for path in ("/v1/public/ville/sites", "/v1/public/ville/sites/pool", "/v1/keys/jwks.json"):
        text = (await house.client.get(path)).text.lower()
        for what, trace in traces(house, zoe).items():
            assert trace.lower() not in text, (path, what)


async def test_rights_of_one_visit_to_a_desk_cannot_be_tied_across_sectors(house: House, zoe: TestPass) -> None:
    """Identifiers of rows begin with their minute: as they are, they would tie the pool to the library."""
    for gate in GATES.values():
        await house.tap(zoe.code, gate)
    answer = await house.client.get("/v1/exports/validations", headers=await house.agent_headers(Role.MANAGER))
    rights = [charge["right"] for line in map(json.loads, answer.text.splitlines()) for charge in line["charges"]]
    assert len(rights) >= 2
    assert len({right[:6] for right in rights}) == len(set(rights)) == len(rights)


async def test_a_sector_of_no_service_is_a_problem(house: House) -> None:
    answer = await house.client.get(
        "/v1/exports/validations", params={"sector": "police"}, headers=await house.agent_headers(Role.MANAGER)
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown-sector")


async def test_following_one_sector_from_a_cursor_misses_nothing_and_repeats_nothing(
    house: House, zoe: TestPass
) -> None:
    manager = await house.agent_headers(Role.MANAGER)
    for gate in (*GATES.values(), *GATES.values(), "pool-1"):
        await house.tap(zoe.code, gate)
    after, seen = "0", []
    while lines := (
        await house.client.get(
            "/v1/exports/validations", params={"sector": "leisure", "after": after, "limit": 1}, headers=manager
        )
    ).text.splitlines():
        (line,) = map(json.loads, lines)
        after = line["cursor"]
        seen.append(line["service"])
    assert seen == ["pool"] * 3
