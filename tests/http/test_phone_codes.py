"""A phone at the gate: its code is read like a card's, and only while it is fresh. Real keys, through HTTP."""

from datetime import timedelta

import pytest

from adapters.keyring import Purpose
from adapters.phones import phone_credential
from domain.passes import BlockReason, block
from domain.phones import KeySecurity, bind_phone
from nfc import cose, keys
from nfc.phone import Phone
from tests.city import TestPass
from tests.house_app import House
from tests.http import codes
from tests.http.ledger_rows import last_event


async def with_phone(house: House, owner: TestPass, *, authority: str = "ville") -> Phone:
    """Bind a phone to somebody's pass, as an agent's desk will."""
    phone = Phone(keys.generate().private)
    async with house.database.begin() as unit:
        medium = await bind_phone(
            unit,
            owner.pass_,
            public_key=phone.public_key,
            security=KeySecurity.TEE,
            expires_at=owner.medium.expires_at,
            now=house.clock(),
        )
        issuer = await unit.places.authority(authority)
    return Phone(phone.private, phone_credential(house.keyring, issuer, medium, phone.public_key, now=house.clock()))


def shown(house: House, phone: Phone) -> str:
    return phone.code(int(house.clock().timestamp()))


async def test_a_phone_opens_the_gate_and_spends_the_rights_of_its_pass(house: House) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))
    phone = await with_phone(house, zoe)

    first = await house.tap(shown(house, phone), "free-1")
    house.clock.turn(seconds=10)
    second = await house.tap(shown(house, phone) + "\r\n", "free-1")

    assert [(tap.json()["outcome"], tap.json()["remaining"][0]["left"]) for tap in (first, second)] == [
        ("granted", 9),
        ("granted", 8),
    ]
    assert (await last_event(house)).pass_id == zoe.pass_.id


@pytest.mark.parametrize(
    ("seconds", "reason"), [(60, "welcome"), (61, "code_stale"), (-30, "welcome"), (-31, "code_stale")]
)
async def test_a_screenshot_is_refused_after_a_minute(house: House, seconds: int, reason: str) -> None:
    zoe = await house.resident("R1", rights=("pool-year",))
    phone = await with_phone(house, zoe)
    text = phone.code(int((house.clock() - timedelta(seconds=seconds)).timestamp()))

    answer = await house.tap(text)

    assert answer.json()["reason"] == reason
    event = await last_event(house)
    assert event.pass_id == zoe.pass_.id, "whoever is late is known"


async def test_somebody_inside_leaves_with_a_code_that_is_late(house: House) -> None:
    zoe = await house.resident("R1", rights=("pool-year",))
    phone = await with_phone(house, zoe)
    text = shown(house, phone)
    assert (await house.tap(text)).json()["reason"] == "welcome"
    house.clock.turn(minutes=5)
    assert (await house.tap(text, direction="exit")).json()["reason"] == "goodbye"


async def test_a_copied_credential_without_the_phones_key_is_a_forgery(house: House) -> None:
    zoe = await house.resident("R1", rights=("pool-year",))
    phone = await with_phone(house, zoe)
    thief = Phone(keys.generate().private, phone.credential)
    answer = await house.tap(shown(house, thief))
    assert answer.json()["reason"] == "bad_signature"
    assert (await last_event(house)).pass_id is None


async def test_a_credential_lasts_thirty_days(house: House) -> None:
    zoe = await house.resident("R1", rights=("pool-year",))
    phone = await with_phone(house, zoe)
    house.clock.turn(days=30, seconds=-1)
    assert (await house.tap(shown(house, phone), "free-1")).json()["reason"] == "expires_soon", (
        "the right, not the code"
    )
    house.clock.turn(seconds=1)
    assert (await house.tap(shown(house, phone), "free-1")).json()["reason"] == "code_expired"


async def test_a_lost_phone_is_refused_while_the_card_beside_it_goes_on(house: House) -> None:
    zoe = await house.resident("R1", rights=("pool-year",))
    phone = await with_phone(house, zoe)
    async with house.database.begin() as unit:
        (lost,) = [medium for medium in await unit.passes.media(zoe.pass_.id) if medium.id != zoe.medium.id]
        await block(unit, zoe.pass_, lost.id, reason=BlockReason.LOST, now=house.clock())
    assert (await house.tap(shown(house, phone))).json()["reason"] == "medium_lost"
    assert (await house.tap(zoe.code)).json()["reason"] == "welcome"


async def test_a_phone_of_the_neighbour_is_told_so(house: House) -> None:
    theirs = await house.resident("R1", authority=house.city.neighbour)
    phone = await with_phone(house, theirs, authority="voisine")
    assert (await house.tap(shown(house, phone))).json()["reason"] == "other_authority"


async def test_a_printed_code_under_the_key_for_phones_is_refused(house: House) -> None:
    """Type confusion: the right signature, of the wrong purpose."""
    zoe = await house.resident("R1", rights=("pool-year",))
    forged = codes.signed_by(house.keyring.signing_key("ville", Purpose.PHONE), zoe)
    assert (await house.tap(forged)).json()["reason"] == "unknown_key"


async def test_a_screenshot_of_a_code_that_has_opened_a_gate_opens_no_other(house: House) -> None:
    zoe = await house.resident("R1", rights=("pool-year", "reader"))
    text = shown(house, await with_phone(house, zoe))
    assert (await house.tap(text, "free-1")).json()["reason"] == "welcome"
    house.clock.turn(seconds=1)
    assert (await house.tap(text, "library-1")).json()["reason"] == "replayed"
    assert (await house.tap(text, "free-1")).json()["reason"] == "double_read"
    house.clock.turn(seconds=8)
    assert (await house.tap(text, "free-1")).json()["reason"] == "replayed"


# --- K1: the key that credentials of phones are signed with changes, and is withdrawn ---------------------


@pytest.mark.usefixtures("quick_keys")
async def test_phones_of_the_old_key_work_during_the_overlap_and_are_refused_once_it_is_withdrawn(house: House) -> None:
    zoe = await house.resident("R1", rights=("pool-year",))
    before = await with_phone(house, zoe)
    old = house.keyring.signing_key("ville", Purpose.PHONE).kid.hex()
    house.keyring.announce("ville", Purpose.PHONE, now=house.clock())
    house.keyring.take_over("ville", Purpose.PHONE, now=house.clock(), announced=timedelta())
    after = await with_phone(house, zoe)
    await told(house, after, "welcome")
    assert (await house.tap(shown(house, before), "free-1")).json()["reason"] == "welcome"

    house.keyring.withdraw(old, now=house.clock())

    await told(house, before, "withdrawn_key")
    anew = await house.terminal_token()
    assert (await house.tap(shown(house, after), "free-1", token=anew)).json()["reason"] == "welcome"
    card = await house.tap(zoe.code, "free-1", token=anew)
    assert card.json()["reason"] == "welcome", "the card has a key of its own"


async def test_a_credential_under_a_key_that_nobody_knows_is_refused(house: House) -> None:
    zoe = await house.resident("R1", rights=("pool-year",))
    phone = await with_phone(house, zoe)
    unknown = Phone(phone.private, under_another_key(phone))
    assert (await house.tap(shown(house, unknown))).json()["reason"] == "unknown_key"


async def told(house: House, phone: Phone, reason: str) -> None:
    """Tap until the server has followed its keyring."""

    async def heard() -> bool:
        house.clock.turn(seconds=1)  # each code is a new one, and the terminal proves itself anew: its token ends, too
        tap = await house.tap(shown(house, phone), "free-1", token=await house.terminal_token())
        return bool(tap.json()["reason"] == reason)

    await house.until(heard)


def under_another_key(phone: Phone) -> bytes:
    """The same claims for the same phone, signed by a key of nobody's."""
    stranger, claims = keys.generate(), cose.parse1(phone.credential, max_bytes=400).payload
    return cose.sign1(stranger.private, claims, kid=stranger.kid, external_aad=b"MPS-CRED1")
