"""Mutual authentication in two legs, end to end: a card in software, the terminal's two requests, and the passage."""

import asyncio
import secrets

import httpx
import pytest

from domain.cards import CardTechnology
from nfc import ev1, ev2
from nfc.diversify import Slot
from tests.city import paired_terminal
from tests.house_app import House
from tests.http.cards import TestCard, chip, with_card
from tests.http.ledger_rows import last_event

PATH = "/v1/terminals/card-authentications"


async def post(house: House, path: str, body: object, *, token: str | None = None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token or await house.terminal_token()}"}
    answer: httpx.Response = await house.client.post(path, json=body, headers=headers)
    return answer


async def first_leg(house: House, card: TestCard, *, protocol: str = "ev2", uid: bytes | None = None) -> httpx.Response:
    command = (ev2 if protocol == "ev2" else ev1).first_command(Slot.SERVER)
    said = card.chip.transmit(command)
    return await post(house, PATH, {"uid": (uid or card.uid).hex(), "said": said.hex(), "protocol": protocol})


async def authenticated(house: House, card: TestCard, *, protocol: str = "ev2", seconds: float = 0.05) -> str:
    """Both legs; the card takes so many seconds for the second."""
    begun = (await first_leg(house, card, protocol=protocol)).json()
    said = card.chip.transmit(bytes.fromhex(begun["command"]))
    house.clock.turn(seconds=seconds)
    answer = await post(house, f"{PATH}/{begun['handle']}", {"uid": card.uid.hex(), "said": said.hex()})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["credential"])


async def card_of(house: House, technology: CardTechnology = CardTechnology.DESFIRE) -> TestCard:
    zoe = await house.resident("R1", rights=("pool-year", "reader"))
    return await with_card(house, zoe, technology=technology)


@pytest.mark.parametrize("protocol", ["ev2", "ev1"])
@pytest.mark.parametrize("technology", [CardTechnology.NTAG424, CardTechnology.DESFIRE])
async def test_a_card_that_proves_its_key_opens_the_gate(
    house: House, protocol: str, technology: CardTechnology
) -> None:
    card = await card_of(house, technology)
    credential = await authenticated(house, card, protocol=protocol)
    assert (await house.tap(credential, "free-1")).json()["reason"] == "welcome"
    assert (await last_event(house)).medium_id == card.medium.id


async def test_a_proof_is_good_for_one_passage(house: House) -> None:
    credential = await authenticated(house, await card_of(house))
    assert (await house.tap(credential, "free-1")).json()["reason"] == "welcome"
    assert (await house.tap(credential, "library-1")).json()["reason"] == "card_too_late"


async def test_the_same_key_brings_the_same_answer_though_the_proof_is_spent(house: House) -> None:
    credential = await authenticated(house, await card_of(house))
    first = await house.tap(credential, "free-1", key="t-1")
    assert (await house.tap(credential, "free-1", key="t-1")).content == first.content


async def test_of_many_passages_with_one_proof_one_opens(house: House) -> None:
    credential = await authenticated(house, await card_of(house))
    taps = [house.tap(credential, gate) for gate in ("free-1", "library-1", "free-1", "library-1")]
    heard = sorted(answer.json()["reason"] for answer in await asyncio.gather(*taps))
    assert heard == ["card_too_late"] * 3 + ["welcome"]


async def test_a_proof_is_over_after_three_seconds(house: House) -> None:
    credential = await authenticated(house, await card_of(house))
    house.clock.turn(seconds=3)
    assert (await house.tap(credential, "free-1")).json()["reason"] == "card_too_late"


async def test_a_card_that_answers_late_may_be_far_away(house: House) -> None:
    card = await card_of(house)
    assert (await house.tap(await authenticated(house, card, seconds=1.5), "free-1")).json()["reason"] == "welcome"
    house.clock.turn(seconds=10)
    late = await authenticated(house, card, seconds=1.6)
    assert (await house.tap(late, "free-1")).json()["reason"] == "card_too_late"


async def test_the_first_leg_waits_three_seconds(house: House) -> None:
    card = await card_of(house)
    begun = (await first_leg(house, card)).json()
    house.clock.turn(seconds=3)
    answer = await post(house, f"{PATH}/{begun['handle']}", {"uid": card.uid.hex(), "said": "9100"})
    assert (answer.status_code, answer.json()["code"]) == (404, "card-authentication-not-found")


async def test_each_handle_has_one_chance(house: House) -> None:
    card = await card_of(house)
    begun = (await first_leg(house, card)).json()
    said = card.chip.transmit(bytes.fromhex(begun["command"])).hex()
    path = f"{PATH}/{begun['handle']}"
    wrong = await post(house, path, {"uid": card.uid.hex(), "said": "00" * 32 + "9100"})
    assert (await house.tap(wrong.json()["credential"], "free-1")).json()["reason"] == "bad_signature"
    again = await post(house, path, {"uid": card.uid.hex(), "said": said})
    assert again.json()["code"] == "card-authentication-not-found"


async def test_another_terminal_can_neither_finish_nor_use_it(house: House) -> None:
    card = await card_of(house)
    async with house.database.begin() as unit:
        gates = (house.city.gates["free"],)
        other = await paired_terminal(unit, house.city.authority.id, gates, now=house.clock())
    token = await house.terminal_token(other)
    begun = (await first_leg(house, card)).json()
    said = card.chip.transmit(bytes.fromhex(begun["command"]))
    body = {"uid": card.uid.hex(), "said": said.hex()}
    stolen = await post(house, f"{PATH}/{begun['handle']}", body, token=token)
    assert stolen.json()["code"] == "card-authentication-not-found"
    own = await post(house, f"{PATH}/{begun['handle']}", body)
    credential = own.json()["credential"]
    assert (await house.tap(credential, "free-1", token=token)).json()["reason"] == "card_too_late"
    assert (await house.tap(credential, "free-1")).json()["reason"] == "welcome"


async def test_a_copied_uid_without_the_key_proves_nothing(house: House) -> None:
    card = await card_of(house)
    copy = TestCard(chip(house, b"\x04" + secrets.token_bytes(6)), card.uid, card.medium)
    begun = (await first_leg(house, copy)).json()
    said = copy.chip.transmit(bytes.fromhex(begun["command"]))  # the card hears that we do not know its key
    answer = await post(house, f"{PATH}/{begun['handle']}", {"uid": card.uid.hex(), "said": said.hex()})
    assert (await house.tap(answer.json()["credential"], "free-1")).json()["reason"] == "bad_signature"
    assert (await last_event(house)).pass_id is None


async def test_the_second_leg_is_of_the_same_card(house: House) -> None:
    card, other = await card_of(house), b"\x04" + secrets.token_bytes(6)
    begun = (await first_leg(house, card)).json()
    said = card.chip.transmit(bytes.fromhex(begun["command"]))
    answer = await post(house, f"{PATH}/{begun['handle']}", {"uid": other.hex(), "said": said.hex()})
    assert (await house.tap(answer.json()["credential"], "free-1")).json()["reason"] == "bad_signature"


async def test_a_genuine_card_that_was_never_bound_is_unknown_at_the_gate(house: House) -> None:
    card = await card_of(house)
    uid = b"\x04" + secrets.token_bytes(6)
    blank = TestCard(chip(house, uid), uid, card.medium)
    assert (await house.tap(await authenticated(house, blank), "free-1")).json()["reason"] == "unknown_medium"


@pytest.mark.parametrize("said", ["91AE", "9140", "00" * 16 + "9100", "00" * 15 + "91AF", "6A82"])
async def test_what_is_no_first_answer_is_refused(house: House, said: str) -> None:
    card = await card_of(house)
    answer = await post(house, PATH, {"uid": card.uid.hex(), "said": said})
    assert (answer.status_code, answer.json()["code"]) == (400, "card-answer-refused")


@pytest.mark.parametrize("credential", ["CARD:", "CARD:é", "CARD:AAAA", "CARD:" + "A" * 22])
async def test_a_made_up_proof_is_refused(house: House, credential: str) -> None:
    assert (await house.tap(credential)).json()["reason"] in {"card_too_late", "unreadable"}


async def test_what_waits_between_the_legs_is_no_proof(house: House) -> None:
    card = await card_of(house)
    begun = (await first_leg(house, card)).json()
    assert (await house.tap(f"CARD:{begun['handle']}", "free-1")).json()["reason"] == "card_too_late"
