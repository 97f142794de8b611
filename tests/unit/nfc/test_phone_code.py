"""The code of a phone: two signatures and a moment; a copy, a borrowed credential and another key are all refused."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nfc import base45, cose, keys, phone_code, phone_credential, qr
from nfc.errors import CodeError
from nfc.keys import KeySet, SigningKey, VerifyKey
from nfc.phone import Phone
from nfc.qr import CodeReader, VerifiedCode

NOW = 1_800_000_000
EXPIRY = 1_802_592_000
MEDIUM = bytes.fromhex("0102030405060708")
AUTHORITY = keys.signing_key(7)
TRUST = keys.key_set([keys.verify_key(AUTHORITY.public, purpose="phone", authority="demo")])


def refusal(text: str, trusted: KeySet, now: int = NOW) -> CodeError:
    with pytest.raises(CodeError) as caught:
        qr.read(text, trusted, now)
    return caught.value


def bound(device: SigningKey, *, medium_id: bytes = MEDIUM, expires_at: int = EXPIRY) -> Phone:
    """A phone with this key, and the demonstration authority's credential for it."""
    credential = phone_credential.issue(
        AUTHORITY, device.public, medium_id=medium_id, expires_at=expires_at, status_list=0, status_index=9
    )
    return Phone(device.private, credential)


PHONE = bound(keys.signing_key(11))


def presented(phone: Phone, payload: object, *, aad: bytes = b"MPS-QR1", kid: bytes | None = None) -> str:
    raw = payload if isinstance(payload, bytes) else cbor2.dumps(payload)
    return "MP1:" + base45.encode(cose.sign1(phone.private, raw, kid=kid, external_aad=aad))


def certified(claims: object, aad: bytes = b"MPS-CRED1") -> str:
    """A fresh presentation of whatever the authority signed."""
    credential = cose.sign1(AUTHORITY.private, cbor2.dumps(claims), kid=AUTHORITY.kid, external_aad=aad)
    return phone_code.present(PHONE.private, credential, NOW)


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


# --- shapes ----------------------------------------------------------------------------------------


def test_every_flipped_bit_is_refused() -> None:
    data = base45.decode(PHONE.code(NOW)[4:])
    reader = CodeReader(TRUST)
    for place in range(len(data)):
        flipped = bytearray(data)
        flipped[place] ^= 1 << place % 8
        with pytest.raises(CodeError) as refused:
            reader.read("MP1:" + base45.encode(bytes(flipped)), NOW)
        assert refused.value.kind in {"unreadable", "unknown_key", "bad_signature", "too_long"}


def test_every_truncation_and_extension_is_refused() -> None:
    text = PHONE.code(NOW)
    for length in range(4, len(text)):
        assert refusal(text[:length], TRUST).kind == "unreadable"
    for more in ("0", "00", "000", " ", "\n", "MP1:"):
        assert refusal(text + more, TRUST).kind == "unreadable"
    assert refusal(text + text, TRUST).kind == "too_long"
    assert refusal("MP1:" + "0" * 396, TRUST).kind == "unreadable"


CREDENTIAL = PHONE.credential


@pytest.mark.parametrize(
    "payload",
    [
        [NOW],
        [NOW, CREDENTIAL, 7],
        [CREDENTIAL, NOW],
        [True, CREDENTIAL],
        [float(NOW), CREDENTIAL],
        [0, CREDENTIAL],
        [-1, CREDENTIAL],
        [2**32, CREDENTIAL],
        [NOW, "text"],
        {0: NOW, 1: CREDENTIAL},
        NOW,
        b"",
        b"\x82\x00",
    ],
)
def test_a_presentation_of_another_shape_is_refused(payload: object) -> None:
    assert refusal(presented(PHONE, payload), TRUST).kind == "unreadable"


def test_a_presentation_names_no_key() -> None:
    assert refusal(presented(PHONE, [NOW, CREDENTIAL], kid=AUTHORITY.kid), TRUST).kind == "unreadable"


def test_a_credential_longer_than_any_of_ours_is_refused_unread() -> None:
    assert refusal(presented(PHONE, [NOW, bytes(159)]), TRUST).kind == "too_long"


X = PHONE.public_key[:32]
SIGN = bool(PHONE.public_key[63] & 1)
KEY: dict[Any, Any] = {1: 2, -1: 1, -2: X, -3: SIGN}
CLAIMS: dict[Any, Any] = {4: EXPIRY, 7: MEDIUM, 8: {1: KEY}, -70001: [0, 9]}


@pytest.mark.parametrize(
    "claims",
    [
        {4: EXPIRY, 7: MEDIUM, -70001: [0, 9]},
        {**CLAIMS, 1: "issuer"},
        {**CLAIMS, 8: KEY},
        {**CLAIMS, 8: {}},
        {**CLAIMS, 8: {1: KEY, 2: b""}},
        {**CLAIMS, 8: {3: b"kid"}},
        {**CLAIMS, 8: {1: {**KEY, 2: b"kid"}}},
        {**CLAIMS, 8: {1: {**KEY, 1: 1}}},
        {**CLAIMS, 8: {1: {**KEY, -1: 2}}},
        {**CLAIMS, 8: {1: {**KEY, -1: True}}},
        {**CLAIMS, 8: {1: {**KEY, -2: X[1:]}}},
        {**CLAIMS, 8: {1: {**KEY, -2: X + b"\x00"}}},
        {**CLAIMS, 8: {1: {**KEY, -2: bytes(31) + b"\x01"}}},
        {**CLAIMS, 8: {1: {**KEY, -3: PHONE.public_key[32:]}}},
        {**CLAIMS, 8: {1: {**KEY, -3: 1}}},
        {**CLAIMS, 8: {True: KEY}},
        {**CLAIMS, 7: MEDIUM + b"\x09"},
        {**CLAIMS, -70001: [0, 2**20]},
        [EXPIRY, MEDIUM],
    ],
)
def test_a_signed_credential_of_another_shape_is_refused(claims: object) -> None:
    assert refusal(certified(claims), TRUST).kind in {"unreadable", "too_long"}


def test_the_shape_above_is_the_only_one() -> None:
    assert qr.read(certified(CLAIMS), TRUST, NOW).medium_id == MEDIUM


@pytest.mark.parametrize("aad", [b"", b"MPS-STAT1", b"MPS-CARD1", b"MPS-QR1"])
def test_a_credential_signed_as_another_type_is_refused(aad: bytes) -> None:
    assert refusal(certified(CLAIMS, aad), TRUST).kind == "bad_signature"


@given(st.text(base45.ALPHABET, max_size=396) | st.binary(max_size=264).map(base45.encode))
def test_any_text_gives_a_code_error(text: str) -> None:
    with pytest.raises(CodeError):
        qr.read("MP1:" + text, TRUST, NOW)


VALUES = st.recursive(
    st.integers() | st.binary(max_size=33) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.integers(-4, 9), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=200)
@given(VALUES | st.binary(max_size=200))
def test_whatever_a_phone_signs_gives_a_code_or_a_code_error(payload: object) -> None:
    with suppress(CodeError):
        qr.read(presented(PHONE, payload), TRUST, NOW)


@settings(max_examples=200)
@given(VALUES)
def test_whatever_key_an_issuer_names_gives_a_code_or_a_code_error(confirmation: object) -> None:
    with suppress(CodeError):
        qr.read(certified({**CLAIMS, 8: confirmation}), TRUST, NOW)


# --- the reader ------------------------------------------------------------------------------------


class CountingKeys(Mapping[bytes, tuple[VerifyKey, ...]]):
    """A key set that tells how often it was asked: once for each credential really verified."""

    def __init__(self, inner: KeySet) -> None:
        self.inner = inner
        self.asked = 0

    def __getitem__(self, kid: bytes) -> tuple[VerifyKey, ...]:
        self.asked += 1
        return self.inner[kid]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.inner)

    def __len__(self) -> int:
        return len(self.inner)


def test_a_reader_verifies_a_credential_once_and_every_code_of_it() -> None:
    counting = CountingKeys(TRUST)
    reader = CodeReader(counting)
    thief = Phone(keys.signing_key(12).private, PHONE.credential)
    for moment in range(NOW, NOW + 5):
        assert reader.read(PHONE.code(moment), moment).presented_at == moment
        with pytest.raises(CodeError, match="bad_signature"):
            reader.read(thief.code(moment), moment)
    assert counting.asked == 1


def test_a_reader_looks_at_the_moment_and_the_expiry_every_time() -> None:
    reader = CodeReader(TRUST)
    text = PHONE.code(NOW)
    reader.read(text, NOW)
    with pytest.raises(CodeError, match="stale"):
        reader.read(text, NOW + 61)
    with pytest.raises(CodeError, match="expired"):
        reader.read(text, EXPIRY)


def test_a_reader_remembers_no_credential_that_was_refused() -> None:
    counting = CountingKeys(TRUST)
    reader = CodeReader(counting)
    forged = phone_code.present(PHONE.private, PHONE.credential[:-1] + b"\x00", NOW)
    for _ in range(3):
        with pytest.raises(CodeError, match="bad_signature"):
            reader.read(forged, NOW)
    assert counting.asked == 3


def test_a_reader_forgets_the_phone_least_recently_seen() -> None:
    counting = CountingKeys(TRUST)
    reader = CodeReader(counting, phones=2)
    one, two, three = (bound(keys.signing_key(20 + n), medium_id=bytes([n] * 8)) for n in range(3))
    for phone in (one, two, one, three):
        reader.read(phone.code(NOW), NOW)
    assert counting.asked == 3
    reader.read(one.code(NOW), NOW)
    reader.read(three.code(NOW), NOW)
    assert counting.asked == 3
    reader.read(two.code(NOW), NOW)
    assert counting.asked == 4


def test_a_reader_with_other_keys_trusts_no_phone_it_verified_before() -> None:
    reader = CodeReader(TRUST)
    reader.read(PHONE.code(NOW), NOW)
    reader.replace_keys(
        keys.key_set([keys.verify_key(AUTHORITY.public, purpose="phone", authority="demo", withdrawn=True)])
    )
    with pytest.raises(CodeError, match="withdrawn_key"):
        reader.read(PHONE.code(NOW), NOW)


def test_a_phone_never_prints_its_key() -> None:
    phone = Phone(keys.generate().private, b"credential")
    assert f"{phone.private.private_numbers().private_value}" not in repr(phone)
    assert len(repr(phone)) == len("Phone(00000000)")
