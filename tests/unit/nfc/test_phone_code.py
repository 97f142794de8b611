"""The code of a phone: two signatures and a moment; a copy, a borrowed credential and another key are all refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfc import base45, keys, phone_code, phone_credential, qr
from nfc.keys import KeySet, SigningKey
from nfc.phone import Phone
from nfc.qr import VerifiedCode
from tests.unit.nfc.demo_phones import AUTHORITY, EXPIRY, MEDIUM, NOW, PHONE, TRUST, presented, refusal

# --- as designed -----------------------------------------------------------------------------------


def test_issuing_gives_the_designed_credential_byte_for_byte(
    design: dict[str, Any], issuer: SigningKey, phone: Phone
) -> None:
    credential = phone_credential.issue(
        issuer,
        phone.private.public_key(),
        medium_id=MEDIUM,
        expires_at=EXPIRY,
        status_list=3,
        status_index=123456,
    )
    assert credential.hex() == design["credential"]
    assert len(credential) == 154


def test_a_phone_shows_the_designed_code_byte_for_byte(design: dict[str, Any], phone: Phone) -> None:
    example = next(entry for entry in design["payloads"] if entry["id"] == "rotating")
    text = phone.code(design["now"])
    assert text == example["text"]
    assert (len(text), len(base45.decode(text[4:]))) == (358, example["bytes"])


def test_reading_gives_what_was_issued_and_the_moment(phone: Phone, issuer: SigningKey, trusted_phones: KeySet) -> None:
    assert qr.read(phone.code(NOW - 7), trusted_phones, NOW) == VerifiedCode(
        medium_id=MEDIUM,
        kind="phone",
        assurance=2,
        expires_at=EXPIRY,
        status_list=3,
        status_index=123456,
        authority="clairmont",
        kid=issuer.kid,
        presented_at=NOW - 7,
    )


@given(
    secret=st.integers(1, 2**200),
    medium_id=st.binary(min_size=8, max_size=8),
    expires_at=st.integers(NOW + 1, 2**32 - 1),
    status_list=st.integers(0, 2**32 - 1),
    status_index=st.integers(0, 2**20 - 1),
)
def test_whatever_is_issued_is_read_and_fits_a_code(
    secret: int, medium_id: bytes, expires_at: int, status_list: int, status_index: int
) -> None:
    device = keys.signing_key(secret)
    credential = phone_credential.issue(
        AUTHORITY,
        device.public,
        medium_id=medium_id,
        expires_at=expires_at,
        status_list=status_list,
        status_index=status_index,
    )
    assert len(credential) <= phone_credential.MAX_BYTES
    text = Phone(device.private, credential).code(NOW)
    assert len(text) <= 366, "one character more and the code grows by a version"
    code = qr.read(text, TRUST, NOW)
    assert (code.medium_id, code.expires_at, code.status_list, code.status_index) == (
        medium_id,
        expires_at,
        status_list,
        status_index,
    )


@pytest.mark.parametrize("wrong", [{"medium_id": b"short"}, {"expires_at": 0}, {"status_index": 2**20}])
def test_no_credential_is_issued_that_would_not_be_read(wrong: dict[str, Any]) -> None:
    good = {"medium_id": MEDIUM, "expires_at": EXPIRY, "status_list": 3, "status_index": 1}
    with pytest.raises(ValueError, match="out of range"):
        phone_credential.issue(AUTHORITY, PHONE.private.public_key(), **{**good, **wrong})


# --- the moment ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("age", "fresh"), [(61, False), (60, True), (0, True), (-30, True), (-31, False)])
def test_a_code_is_fresh_for_a_minute_and_a_clock_may_run_half_of_one_ahead(*, age: int, fresh: bool) -> None:
    text = PHONE.code(NOW - age)
    if fresh:
        assert qr.read(text, TRUST, NOW).presented_at == NOW - age
    else:
        stale = refusal(text, TRUST)
        assert (stale.kind, stale.medium_id, stale.authority) == ("stale", MEDIUM, "demo")


def test_a_credential_is_over_at_the_second_it_says() -> None:
    assert qr.read(PHONE.code(EXPIRY - 1), TRUST, EXPIRY - 1).medium_id == MEDIUM
    expired = refusal(PHONE.code(EXPIRY), TRUST, EXPIRY)
    assert (expired.kind, expired.medium_id, expired.authority) == ("expired", MEDIUM, "demo")


def test_a_forgery_names_no_medium_however_old_it_is() -> None:
    thief = Phone(keys.signing_key(12).private, PHONE.credential)
    for moment in (NOW, NOW - 3_600, EXPIRY):
        forged = refusal(thief.code(moment), TRUST, max(NOW, moment))
        assert (forged.kind, forged.medium_id) == ("bad_signature", None)


# --- whose key -------------------------------------------------------------------------------------


def test_a_credential_without_its_phones_key_opens_nothing() -> None:
    thief = Phone(keys.signing_key(12).private, PHONE.credential)
    assert refusal(thief.code(NOW), TRUST).kind == "bad_signature"


def test_a_credential_that_a_phone_wrote_for_itself_is_refused() -> None:
    device = keys.signing_key(13)
    own = phone_credential.issue(
        device, device.public, medium_id=MEDIUM, expires_at=EXPIRY, status_list=0, status_index=1
    )
    assert refusal(phone_code.present(device.private, own, NOW), TRUST).kind == "unknown_key"
    named = phone_credential.issue(
        SigningKey(device.private, AUTHORITY.kid),
        device.public,
        medium_id=MEDIUM,
        expires_at=EXPIRY,
        status_list=0,
        status_index=1,
    )
    assert refusal(phone_code.present(device.private, named, NOW), TRUST).kind == "bad_signature"


@pytest.mark.parametrize("purpose", ["print", "card", "bundle", "token"])
def test_a_key_for_another_purpose_signs_no_phone(purpose: str) -> None:
    other = keys.key_set([keys.verify_key(AUTHORITY.public, purpose=purpose, authority="demo")])
    assert refusal(PHONE.code(NOW), other).kind == "unknown_key"


def test_a_withdrawn_key_is_refused_by_name() -> None:
    gone = keys.key_set([keys.verify_key(AUTHORITY.public, purpose="phone", authority="demo", withdrawn=True)])
    assert refusal(PHONE.code(NOW), gone).kind == "withdrawn_key"


def test_a_presentation_signed_as_another_type_is_refused() -> None:
    for aad in (b"", b"MPS-CRED1", b"MPS-STAT1", b"MPS-HCE1"):
        assert refusal(presented(PHONE, [NOW, PHONE.credential], aad=aad), TRUST).kind == "bad_signature"
    assert qr.read(presented(PHONE, [NOW, PHONE.credential]), TRUST, NOW).medium_id == MEDIUM


def test_other_objects_of_ours_are_no_credentials(printed: str, design: dict[str, Any], phone: Phone) -> None:
    both = keys.key_set(
        keys.verify_key(keys.signing_key(int(design["issuer"]["private_d"], 16)).public, purpose=purpose, authority="")
        for purpose in ("print", "phone")
    )
    for other in (base45.decode(printed[4:]), bytes.fromhex(design["card_object"]["cbor"])):
        assert refusal(phone_code.present(phone.private, other, NOW), both).kind == "bad_signature"
    assert refusal("MP2:" + phone.code(NOW)[4:], both).kind == "unknown_key"
    assert refusal("MP1:" + printed[4:], both).kind == "unreadable"
    assert refusal("MP2:" + base45.encode(phone.credential), both).kind == "bad_signature"
