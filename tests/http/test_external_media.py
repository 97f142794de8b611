"""Cards of others at our gates: what a trusted gateway says of them, through HTTP, with real signatures."""

import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from domain.agents import Role
from domain.passes import BlockReason, block
from domain.privacy import pseudonym
from domain.services import SECTORS
from nfc import keys
from tests.city import TestPass
from tests.house_app import House
from tests.http.gateways import SoftwareGateway, enrolled, foreign_card, registered, with_gateway
from tests.http.ledger_rows import last_event


async def reader(house: House, reference: str = "R1") -> TestPass:
    """Somebody who may go everywhere that a test looks at."""
    return await house.resident(reference, rights=("pool-year", "reader"))


async def reason(house: House, statement: str, gate: str = "free-1") -> str:
    return str((await house.tap(statement, gate)).json()["reason"])


# --- at the gate -------------------------------------------------------------------------------------


async def test_a_card_of_others_opens_the_gate_and_spends_the_rights_of_its_pass(house: House) -> None:
    zoe, metro, card = await house.resident("R1", rights=("carnet-10",)), await with_gateway(house), foreign_card()
    medium = await enrolled(house, zoe, metro.reads(card, "leisure", house.clock()))
    answer = (await house.tap(metro.reads(card, "leisure", house.clock()), "free-1")).json()
    assert (answer["outcome"], answer["remaining"][0]["left"]) == ("granted", 9)
    event = await last_event(house)
    assert (event.pass_id, event.medium_id.to_bytes(8, "big", signed=True).hex()) == (zoe.pass_.id, medium["id"])


@pytest.mark.parametrize(("sam_session", "expected"), [(True, "welcome"), (False, "proof_too_weak")])
async def test_a_service_that_asks_for_a_key_takes_a_session_of_a_sam_and_nothing_less(
    house: House, monkeypatch: pytest.MonkeyPatch, expected: str, *, sam_session: bool
) -> None:
    from domain.services import BY_CODE  # noqa: PLC0415 - what is changed for this test

    monkeypatch.setitem(BY_CODE, "pool", replace(BY_CODE["pool"], assurance=3))
    zoe, metro, card = await reader(house), await with_gateway(house), foreign_card()
    await enrolled(house, zoe, metro.reads(card, "leisure", house.clock()))
    assert await reason(house, metro.reads(card, "leisure", house.clock(), sam_session=sam_session)) == expected


async def test_without_a_sam_it_is_worth_a_picture(house: House) -> None:
    zoe, metro, card = await reader(house), await with_gateway(house), foreign_card()
    await enrolled(house, zoe, metro.reads(card, "leisure", house.clock()))
    assert await reason(house, metro.reads(card, "leisure", house.clock(), sam_session=False)) == "welcome"


async def test_a_statement_opens_one_gate_once_and_an_older_one_none(house: House) -> None:
    zoe, metro, card = await reader(house), await with_gateway(house), foreign_card()
    await enrolled(house, zoe, metro.reads(card, "leisure", house.clock()))
    kept = metro.reads(card, "leisure", house.clock())
    house.clock.turn(seconds=5)
    shown = metro.reads(card, "leisure", house.clock())
    assert await reason(house, shown) == "welcome"
    house.clock.turn(seconds=10)
    assert await reason(house, shown) == "replayed"
    assert await reason(house, kept) == "replayed"
    assert await reason(house, metro.reads(card, "leisure", house.clock())) == "welcome"


async def test_what_enrolled_a_card_opens_nothing(house: House) -> None:
    zoe, metro, card = await reader(house), await with_gateway(house), foreign_card()
    said = metro.reads(card, "leisure", house.clock())
    await enrolled(house, zoe, said)
    assert await reason(house, said) == "replayed"


@pytest.mark.parametrize(
    ("seconds", "expected"), [(60, "welcome"), (61, "code_stale"), (-5, "welcome"), (-6, "code_stale")]
)
async def test_a_statement_is_of_this_minute(house: House, seconds: int, expected: str) -> None:
    zoe, metro, card = await reader(house), await with_gateway(house), foreign_card()
    await enrolled(house, zoe, metro.reads(card, "leisure", house.clock()))
    house.clock.turn(minutes=2)
    assert await reason(house, metro.reads(card, "leisure", house.clock() - timedelta(seconds=seconds))) == expected


async def test_a_statement_for_one_sector_opens_no_gate_of_another(house: House) -> None:
    zoe, metro, card = await reader(house), await with_gateway(house), foreign_card()
    await enrolled(house, zoe, metro.reads(card, "leisure", house.clock()))
    assert await reason(house, metro.reads(card, "leisure", house.clock()), "library-1") == "other_service"


async def test_an_identifier_that_was_copied_onto_another_card_is_refused_and_recorded(house: House) -> None:
    zoe, metro, card = await reader(house), await with_gateway(house), foreign_card()
    await enrolled(house, zoe, metro.reads(card, "leisure", house.clock()))
    copy = replace(foreign_card(), identifiers=card.identifiers)
    assert await reason(house, metro.reads(copy, "leisure", house.clock(), sam_session=False)) == "bad_signature"
    assert (await last_event(house)).pass_id == zoe.pass_.id, "somebody is copying cards: whose is known"


async def test_a_card_that_was_never_enrolled_is_nobodys(house: House) -> None:
    metro = await with_gateway(house)
    assert await reason(house, metro.reads(foreign_card(), "leisure", house.clock())) == "unknown_medium"


async def test_a_lost_card_is_refused_while_the_paper_goes_on(house: House) -> None:
    zoe, metro, card = await reader(house), await with_gateway(house), foreign_card()
    medium = await enrolled(house, zoe, metro.reads(card, "leisure", house.clock()))
    async with house.database.begin() as unit:
        await block(
            unit,
            zoe.pass_,
            int.from_bytes(bytes.fromhex(str(medium["id"])), "big", signed=True),
            reason=BlockReason.LOST,
            now=house.clock(),
        )
    assert await reason(house, metro.reads(card, "leisure", house.clock())) == "medium_lost"
    assert await reason(house, zoe.code) == "welcome"


# --- whose word is taken -----------------------------------------------------------------------------


async def test_a_strangers_word_is_worth_nothing(house: House) -> None:
    zoe, metro, card = await reader(house), await with_gateway(house), foreign_card()
    await enrolled(house, zoe, metro.reads(card, "leisure", house.clock()))
    stranger = SoftwareGateway(keys.generate(), metro.secret)
    assert await reason(house, stranger.reads(card, "leisure", house.clock())) == "unknown_key"
    named_alike = SoftwareGateway(replace(stranger.key, kid=metro.key.kid), metro.secret)
    assert await reason(house, named_alike.reads(card, "leisure", house.clock())) == "bad_signature"


async def test_a_gateway_of_the_neighbour_is_nobody_here(house: House) -> None:
    zoe, metro, card = await reader(house), await with_gateway(house), foreign_card()
    await enrolled(house, zoe, metro.reads(card, "leisure", house.clock()))
    theirs = await with_gateway(house, neighbour=True)
    foreign = SoftwareGateway(theirs.key, metro.secret)
    assert await reason(house, foreign.reads(card, "leisure", house.clock())) == "unknown_key"


async def test_a_revoked_gateway_is_refused_at_its_next_word(house: House) -> None:
    zoe, metro, card = await reader(house), await with_gateway(house), foreign_card()
    await enrolled(house, zoe, metro.reads(card, "leisure", house.clock()))
    assert await reason(house, metro.reads(card, "leisure", house.clock())) == "welcome"
    (one,) = await registered(house)
    answer = await house.client.post(
        f"/v1/gateways/{one.id}/revoke", headers=await house.agent_headers(Role.ADMINISTRATOR)
    )
    assert (answer.status_code, answer.json()["status"]) == (200, "revoked")
    house.clock.turn(seconds=10)
    assert await reason(house, metro.reads(card, "leisure", house.clock())) == "withdrawn_key"


@pytest.mark.parametrize("said", ["EXT:", "EXT:é", "EXT:AAAA", "EXT:A", "EXT:" + "A" * 2_000, "EXT:MP2:"])
async def test_garbage_is_unreadable(house: House, said: str) -> None:
    assert await reason(house, said) == "unreadable"


async def test_a_gateway_is_registered_listed_and_belongs_to_one_authority(house: House) -> None:
    key = keys.generate()
    jwk = keys.jwk(keys.verify_key(key.public, purpose="gateway", authority="ville"))
    body = {"name": "Métro", "publicKey": {name: jwk[name] for name in ("kty", "crv", "x", "y")}}
    administrator = await house.agent_headers(Role.ADMINISTRATOR)
    made = await house.client.post("/v1/gateways", json=body, headers=administrator)
    assert (made.status_code, made.json()["kid"], made.json()["status"]) == (201, key.kid.hex(), "active")
    assert (await house.client.get("/v1/gateways", headers=administrator)).json() == [made.json()]
    again = await house.client.post("/v1/gateways", json=body, headers=administrator)
    assert (again.status_code, again.json()["code"]) == (409, "already-exists")

    neighbour = await house.agent_headers(Role.ADMINISTRATOR, neighbour=True)
    assert (await house.client.get("/v1/gateways", headers=neighbour)).json() == []
    theirs = await house.client.post(f"/v1/gateways/{made.json()['id']}/revoke", headers=neighbour)
    assert (theirs.status_code, theirs.json()["code"]) == (404, "gateway-not-found")
    assert (await registered(house))[0].status == "active"


async def test_a_gateways_key_must_lie_on_the_curve(house: House) -> None:
    body = {"name": "Métro", "publicKey": {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}}
    answer = await house.client.post("/v1/gateways", json=body, headers=await house.agent_headers(Role.ADMINISTRATOR))
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-public-key")


# --- at the desk -------------------------------------------------------------------------------------


async def refused(house: House, owner: TestPass, statement: str, *, neighbour: bool = False, **more: str) -> str:
    answer = await house.client.post(
        f"/v1/passes/{owner.pass_.number}/external-media",
        json={"statement": statement, **more},
        headers=await house.agent_headers(Role.DESK, neighbour=neighbour),
    )
    assert answer.status_code >= 400, answer.text
    return str(answer.json()["code"])


async def test_one_card_serves_several_sectors_and_is_one_medium(house: House) -> None:
    zoe, metro, card = await reader(house), await with_gateway(house), foreign_card()
    first = await enrolled(house, zoe, metro.reads(card, "leisure", house.clock()))
    second = await enrolled(house, zoe, metro.reads(card, "culture", house.clock()), medium=str(first["id"]))
    assert (second["id"], second["sectors"], second["kind"]) == (first["id"], ["culture", "leisure"], "card")
    assert await reason(house, metro.reads(card, "culture", house.clock()), "library-1") == "welcome"
    assert "identifier" not in json.dumps(second)


async def test_a_gateway_that_names_a_card_alike_in_two_sectors_is_refused(house: House) -> None:
    zoe, metro, card = await reader(house), await with_gateway(house), foreign_card()
    first = await enrolled(house, zoe, metro.reads(card, "leisure", house.clock(), sealed=False))
    said = metro.reads(card, "culture", house.clock(), sealed=False)
    assert await refused(house, zoe, said, medium=str(first["id"])) == "sectors-joined"


async def test_a_sector_knows_a_person_by_one_identifier_until_the_card_is_stopped(house: House) -> None:
    zoe, metro, old, new = await reader(house), await with_gateway(house), foreign_card(), foreign_card()
    medium = await enrolled(house, zoe, metro.reads(old, "leisure", house.clock()))
    assert await refused(house, zoe, metro.reads(new, "leisure", house.clock())) == "already-exists"
    desk = await house.agent_headers(Role.DESK)
    where = f"/v1/passes/{zoe.pass_.number}/media/{medium['id']}/block"
    assert (await house.client.post(where, json={"reason": "lost"}, headers=desk)).status_code == 200
    await enrolled(house, zoe, metro.reads(new, "leisure", house.clock()))
    assert await reason(house, metro.reads(new, "leisure", house.clock())) == "welcome"
    house.clock.turn(seconds=10)
    assert await reason(house, metro.reads(old, "leisure", house.clock())) == "unknown_medium"


async def test_a_card_of_somebody_else_is_not_enrolled_twice(house: House) -> None:
    zoe, yann, metro, card = await reader(house), await reader(house, "R2"), await with_gateway(house), foreign_card()
    await enrolled(house, zoe, metro.reads(card, "leisure", house.clock()))
    assert await refused(house, yann, metro.reads(card, "leisure", house.clock())) == "already-exists"
    twin = replace(foreign_card(), serial=card.serial)
    assert await refused(house, yann, metro.reads(twin, "leisure", house.clock())) == "already-exists"


async def test_what_is_no_word_of_a_gateway_of_now_is_refused(house: House) -> None:
    zoe, metro, card = await reader(house), await with_gateway(house), foreign_card()
    stranger = SoftwareGateway(keys.generate(), metro.secret)
    late = metro.reads(card, "leisure", house.clock() - timedelta(seconds=61))
    for said in ("EXT:AAAA", "MP2:ABC", zoe.code, stranger.reads(card, "leisure", house.clock()), late):
        assert await refused(house, zoe, said) == "statement-refused"


async def test_a_sector_that_serves_nobody_here_is_refused(house: House) -> None:
    zoe, metro = await reader(house), await with_gateway(house)
    card = replace(foreign_card(), identifiers={"police": bytes(12)})
    assert await refused(house, zoe, metro.reads(card, "police", house.clock())) == "unknown-sector"


async def test_a_neighbours_desk_finds_neither_the_pass_nor_the_gateway(house: House) -> None:
    zoe, metro, card = await reader(house), await with_gateway(house), foreign_card()
    theirs = await house.resident("R9", authority=house.city.neighbour)
    said = metro.reads(card, "leisure", house.clock())
    assert await refused(house, zoe, said, neighbour=True) == "pass-not-found"
    assert await refused(house, theirs, said, neighbour=True) == "statement-refused"


async def test_a_second_sector_is_added_to_a_card_of_others_in_use_and_to_nothing_else(house: House) -> None:
    zoe, metro, card = await reader(house), await with_gateway(house), foreign_card()
    paper = zoe.medium.id.to_bytes(8, "big", signed=True).hex()
    said = metro.reads(card, "leisure", house.clock())
    for medium in (paper, "00" * 8, "zz"):
        assert await refused(house, zoe, said, medium=medium) == "medium-not-found"
    bound = str((await enrolled(house, zoe, said))["id"])
    desk = await house.agent_headers(Role.DESK)
    where = f"/v1/passes/{zoe.pass_.number}/media/{bound}/block"
    await house.client.post(where, json={"reason": "lost"}, headers=desk)
    other = metro.reads(card, "culture", house.clock())
    assert await refused(house, zoe, other, medium=bound) == "lifecycle-conflict"


# --- sealed sectors ----------------------------------------------------------------------------------


async def exported(house: House, sector: str) -> tuple[str, list[dict[str, Any]]]:
    answer = await house.client.get(
        "/v1/exports/validations", params={"sector": sector}, headers=await house.agent_headers(Role.MANAGER)
    )
    return answer.text, [json.loads(line) for line in answer.text.splitlines()]


async def test_amc_names_a_person_in_the_export_of_its_sector_and_in_no_other(house: House) -> None:
    zoe, metro, card = await reader(house), await with_gateway(house), foreign_card()
    await enrolled(house, zoe, metro.reads(card, "leisure", house.clock()))
    await house.tap(metro.reads(card, "leisure", house.clock()), "free-1")
    await house.tap(zoe.code, "library-1")
    said, (pool,) = await exported(house, "leisure")
    other, (library,) = await exported(house, "culture")
    assert pool["subject"] == card.identifiers["leisure"].hex()
    assert library["subject"] == pseudonym(house.keyring.sector_key("ville", "culture"), zoe.holder.id)
    assert card.identifiers["leisure"].hex() not in other
    for sector in SECTORS:
        assert pseudonym(house.keyring.sector_key("ville", sector), zoe.holder.id) not in said


async def test_a_calypso_cards_identifier_stays_in_the_core(house: House) -> None:
    zoe, metro, card = await reader(house), await with_gateway(house), foreign_card()
    await enrolled(house, zoe, metro.reads(card, "leisure", house.clock(), technology="calypso"))
    await house.tap(metro.reads(card, "leisure", house.clock(), technology="calypso"), "free-1")
    _, (line,) = await exported(house, "leisure")
    assert line["subject"] == pseudonym(house.keyring.sector_key("ville", "leisure"), zoe.holder.id)


async def test_no_raw_serial_number_is_stored(house: House) -> None:
    zoe, metro, card = await reader(house), await with_gateway(house), foreign_card()
    await enrolled(house, zoe, metro.reads(card, "leisure", house.clock()))
    async with house.database.read() as connection:
        rows = repr((await connection.execute(text("SELECT * FROM sector_identifier"))).all())
    assert repr(card.identifiers["leisure"])[2:-1] in rows
    for form in (repr(card.serial)[2:-1], card.serial.hex(), urlsafe_b64encode(card.serial).decode()):
        assert form not in rows
