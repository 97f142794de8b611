"""A phone held to a reader, online: the terminal passes its challenge and the phone's answer on."""

import secrets
from base64 import urlsafe_b64encode

import pytest

from nfc import hce
from nfc.hce import Challenge
from terminal.software_phone import SoftwarePhone
from tests.city import TestTerminal
from tests.house_app import House
from tests.http.test_phone_codes import with_phone


async def held(house: House, service: str, *, terminal: TestTerminal | None = None, seconds: int = 0) -> str:
    """What a terminal sends of a phone that was held to it some seconds ago."""
    zoe = await house.resident("R1", rights=("pool-year", "reader"))
    phone = await with_phone(house, zoe)
    reader = (terminal or house.city.terminal).terminal.id
    challenge = Challenge(
        secrets.token_bytes(16),
        hce.terminal_bytes(reader.bytes),
        int(house.clock().timestamp()) - seconds,
        hce.service_bytes(service),
    )
    device = SoftwarePhone(phone.private, phone.credential)
    assert device.transmit(hce.SELECT).endswith(b"\x90\x00")
    answer = device.transmit(hce.auth_command(challenge))
    assert answer.endswith(b"\x90\x00")
    return "HCE:" + urlsafe_b64encode(challenge.to_bytes() + answer[:-2]).decode().rstrip("=")


async def test_a_phone_held_to_a_reader_opens_the_gate(house: House) -> None:
    assert (await house.tap(await held(house, "pool"), "free-1")).json()["reason"] == "welcome"


async def test_what_it_signed_for_one_service_opens_no_other(house: House) -> None:
    assert (await house.tap(await held(house, "library"), "free-1")).json()["reason"] == "other_service"


async def test_what_it_signed_for_another_terminal_opens_nothing_here(house: House) -> None:
    said = await held(house, "pool", terminal=house.city.neighbour_terminal)
    assert (await house.tap(said, "free-1")).json()["reason"] == "bad_signature"


@pytest.mark.parametrize(("seconds", "reason"), [(60, "welcome"), (61, "code_stale"), (-61, "code_stale")])
async def test_a_challenge_is_of_this_minute(house: House, seconds: int, reason: str) -> None:
    assert (await house.tap(await held(house, "pool", seconds=seconds), "free-1")).json()["reason"] == reason


async def test_a_changed_answer_is_a_forgery(house: House) -> None:
    said = await held(house, "pool")
    changed = said[:8] + ("A" if said[8] != "A" else "B") + said[9:]  # a digit of the nonce
    assert (await house.tap(changed, "free-1")).json()["reason"] == "bad_signature"


@pytest.mark.parametrize("said", ["HCE:", "HCE:é", "HCE:AAAA", "HCE:" + "A" * 600])
async def test_garbage_is_told_apart(house: House, said: str) -> None:
    assert (await house.tap(said)).json()["reason"] in {"unreadable", "bad_signature"}
