"""Cards and phones at a desk: enrolled, bound, listed and stopped, through HTTP; and what is kept of a UID."""

import asyncio
import logging
import secrets
from base64 import urlsafe_b64decode
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from domain.agents import Role
from domain.passes import PassStatus, change_status, medium_bytes
from nfc import keys, phone_binding
from nfc.phone import Phone
from store.tables import metadata
from tests.city import TestPass
from tests.console import enter, said
from tests.house_app import House
from tests.http.cards import chip
from tests.known_answers import entries


async def desk(
    house: House, owner: TestPass, what: str, body: dict[str, Any], *, neighbour: bool = False
) -> httpx.Response:
    answer: httpx.Response = await house.client.post(
        f"/v1/passes/{owner.pass_.number}/{what}",
        json=body,
        headers=await house.agent_headers(Role.DESK, neighbour=neighbour),
    )
    return answer


async def zoe_of(house: House) -> TestPass:
    return await house.resident("R1", rights=("pool-year", "reader"))


def proof_of(house: House, phone: Phone, owner: TestPass, *, seconds: int = 0) -> str:
    return phone_binding.prove(phone.private, owner.pass_.number, int(house.clock().timestamp()) - seconds)


def new_phone() -> Phone:
    return Phone(keys.generate().private)


# --- cards -------------------------------------------------------------------------------------------


async def test_a_card_that_is_enrolled_at_a_desk_opens_the_gate(house: House) -> None:
    zoe, uid = await zoe_of(house), b"\x04" + secrets.token_bytes(6)
    answer = await desk(house, zoe, "cards", {"uid": uid.hex()})
    assert answer.status_code == 201, answer.text
    medium = answer.json()
    assert (medium["kind"], medium["status"], medium["technology"], medium["keyVersion"]) == (
        "card",
        "active",
        "ntag424",
        1,
    )
    url = chip(house, uid).read_url()
    assert (await house.tap(str(url), "free-1")).json()["reason"] == "welcome"


async def test_a_card_of_an_older_version_is_enrolled_under_it(house: House) -> None:
    zoe, uid = await zoe_of(house), b"\x04" + secrets.token_bytes(6)
    house.masters.make_version()
    house.app.state.card_keys.forget()
    assert (await desk(house, zoe, "cards", {"uid": uid.hex(), "keyVersion": 1})).json()["keyVersion"] == 1
    assert (await house.tap(str(chip(house, uid, version=1).read_url()), "free-1")).json()["reason"] == "welcome"


@pytest.mark.parametrize("body", [{"keyVersion": 9}, {"keyVersion": 1, "technology": "uid_only"}])
async def test_a_version_that_no_card_can_have_is_refused(house: House, body: dict[str, Any]) -> None:
    answer = await desk(house, await zoe_of(house), "cards", {"uid": "04112233445566", **body})
    assert (answer.status_code, answer.json()["code"]) == (400, "key-version-not-usable")


@pytest.mark.parametrize("uid", ["08112233", "88112233", "04112233"])
async def test_a_uid_that_names_no_card_with_keys_is_refused(house: House, uid: str) -> None:
    answer = await desk(house, await zoe_of(house), "cards", {"uid": uid})
    assert (answer.status_code, answer.json()["code"]) == (400, "uid-not-usable")


@pytest.mark.parametrize("uid", ["", "04", "0411223344556", "zz112233445566", "04112233445566\n", "04:11:22:33"])
async def test_a_uid_that_is_none_is_no_request(house: House, uid: str) -> None:
    answer = await desk(house, await zoe_of(house), "cards", {"uid": uid})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-request")


async def test_the_makers_signature_is_checked_where_the_chip_brings_it(house: House) -> None:
    zoe = await zoe_of(house)
    genuine = entries("nxp_originality.json", valid=True)[0]
    forged = genuine["signature"][:-2] + ("00" if genuine["signature"][-2:] != "00" else "01")
    answer = await desk(house, zoe, "cards", {"uid": genuine["uid"], "signature": forged})
    assert (answer.status_code, answer.json()["code"]) == (400, "chip-not-genuine")
    answer = await desk(house, zoe, "cards", {"uid": genuine["uid"], "signature": genuine["signature"]})
    assert answer.status_code == 201, answer.text


async def test_a_chip_that_is_somebodys_is_told_so(house: House) -> None:
    zoe, yann = await zoe_of(house), await house.resident("R2")
    assert (await desk(house, zoe, "cards", {"uid": "04112233445566"})).status_code == 201
    answer = await desk(house, yann, "cards", {"uid": "04112233445566"})
    assert (answer.status_code, answer.json()["code"]) == (409, "already-exists")


async def test_a_raw_uid_is_neither_stored_nor_logged_nor_told(
    house: House, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    zoe, uid = await zoe_of(house), b"\x04" + secrets.token_bytes(6)
    said = [(await desk(house, zoe, "cards", {"uid": uid.hex()})).text for _ in range(2)]
    async with house.database.read() as connection:
        rows = [
            repr((await connection.execute(text(f'SELECT * FROM "{name}"'))).all())  # noqa: S608 - our own tables
            for name in metadata.tables
        ]
    heard = capfd.readouterr()
    everything = "\n".join([*rows, *said, caplog.text, heard.out, heard.err]).lower()
    assert zoe.pass_.number in everything, "it was looked at"
    for form in (uid.hex(), repr(uid)[2:-1].lower(), str(int.from_bytes(uid, "big"))):
        assert form not in everything


# --- phones ------------------------------------------------------------------------------------------


async def test_a_phone_that_proves_its_key_is_bound_and_opens_the_gate(house: House) -> None:
    zoe, phone = await zoe_of(house), new_phone()
    answer = await desk(house, zoe, "phones", {"proof": proof_of(house, phone, zoe)})
    assert answer.status_code == 201, answer.text
    bound = answer.json()
    assert (bound["medium"]["kind"], bound["medium"]["keySecurity"]) == ("phone", "software")
    credential = urlsafe_b64decode(bound["credential"] + "=" * (-len(bound["credential"]) % 4))
    code = Phone(phone.private, credential).code(int(house.clock().timestamp()))
    assert (await house.tap(code, "free-1")).json()["reason"] == "welcome"


async def test_the_console_says_of_a_phones_key_what_is_proved_and_no_more(house: House) -> None:
    """ADR 0071: that the phone has it; not where it keeps it. Of a printed code there is nothing to say."""
    zoe = await zoe_of(house)
    bound = await desk(house, zoe, "phones", {"proof": proof_of(house, new_phone(), zoe)})
    console = await enter(house, Role.DESK)
    page = f"/console/passes/{zoe.pass_.number}/media"
    shown = said(await console.get(f"{page}/{bound.json()['medium']['id']}?lang=en"))
    assert "It has the key: that is proved. Where it keeps it, nobody attests." in shown
    assert "The phone’s key" not in said(await console.get(f"{page}/{medium_bytes(zoe.medium.id).hex()}?lang=en"))


async def test_a_proof_for_another_pass_binds_nothing(house: House) -> None:
    zoe, yann = await zoe_of(house), await house.resident("R2")
    answer = await desk(house, yann, "phones", {"proof": proof_of(house, new_phone(), zoe)})
    assert (answer.status_code, answer.json()["code"]) == (400, "phone-proof-refused")


@pytest.mark.parametrize(("seconds", "status"), [(600, 201), (601, 400), (-60, 201), (-61, 400)])
async def test_a_proof_waits_ten_minutes(house: House, seconds: int, status: int) -> None:
    zoe = await zoe_of(house)
    answer = await desk(house, zoe, "phones", {"proof": proof_of(house, new_phone(), zoe, seconds=seconds)})
    assert answer.status_code == status


async def test_a_key_is_bound_once(house: House) -> None:
    zoe, phone = await zoe_of(house), new_phone()
    proof = proof_of(house, phone, zoe)
    assert (await desk(house, zoe, "phones", {"proof": proof})).status_code == 201
    answer = await desk(house, zoe, "phones", {"proof": proof})
    assert (answer.status_code, answer.json()["code"]) == (409, "already-exists")


# --- lists, stops and neighbours ---------------------------------------------------------------------


async def test_media_are_listed_with_what_they_are_made_of_and_each_is_stopped_alone(house: House) -> None:
    zoe = await zoe_of(house)
    house.clock.turn(seconds=1)
    card = (await desk(house, zoe, "cards", {"uid": "04112233445566", "technology": "desfire"})).json()
    house.clock.turn(seconds=1)
    phone = (await desk(house, zoe, "phones", {"proof": proof_of(house, new_phone(), zoe)})).json()["medium"]
    headers = await house.agent_headers(Role.DESK)
    where = f"/v1/passes/{zoe.pass_.number}/media"
    listed = (await house.client.get(where, headers=headers)).json()
    assert listed[1:] == [card, phone]
    assert (listed[0]["kind"], listed[0]["technology"], listed[0]["keySecurity"]) == ("print", None, None)
    for medium in (card, phone):
        answer = await house.client.post(f"{where}/{medium['id']}/block", json={"reason": "lost"}, headers=headers)
        assert answer.status_code == 200
    states = {one["id"]: one["status"] for one in (await house.client.get(where, headers=headers)).json()}
    assert states == {listed[0]["id"]: "active", card["id"]: "lost", phone["id"]: "lost"}


async def test_a_neighbours_pass_gets_no_card_and_shows_no_media(house: House) -> None:
    zoe = await zoe_of(house)
    for what, body in (("cards", {"uid": "04112233445566"}), ("phones", {"proof": proof_of(house, new_phone(), zoe)})):
        answer = await desk(house, zoe, what, body, neighbour=True)
        assert (answer.status_code, answer.json()["code"]) == (404, "pass-not-found")
    answer = await house.client.get(
        f"/v1/passes/{zoe.pass_.number}/media", headers=await house.agent_headers(Role.DESK, neighbour=True)
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "pass-not-found")


async def test_a_pass_that_has_ended_gets_no_card_and_no_phone(house: House) -> None:
    zoe = await zoe_of(house)
    async with house.database.begin() as unit:
        await change_status(unit, zoe.pass_, PassStatus.ENDED, now=house.clock())
    for what, body in (("cards", {"uid": "04112233445566"}), ("phones", {"proof": proof_of(house, new_phone(), zoe)})):
        answer = await desk(house, zoe, what, body)
        assert (answer.status_code, answer.json()["code"]) == (409, "lifecycle-conflict")


async def test_two_desks_enrol_one_card_at_the_same_moment_and_one_does(house: House) -> None:
    zoe = await zoe_of(house)
    answers = await asyncio.gather(*(desk(house, zoe, "cards", {"uid": "04112233445566"}) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
