"""The printed code: issued as designed, read only when genuine, never read as anything else."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nfc import base45, cose, keys, qr
from nfc.errors import CodeError
from nfc.keys import KeySet, SigningKey, VerifyKey
from nfc.qr import CodeReader, VerifiedCode

NOW = 1_800_000_000
EXPIRY = 1_831_536_000
MEDIUM = bytes.fromhex("0102030405060708")
AAD = b"MPS-STAT1"
CLAIMS: dict[Any, Any] = {4: EXPIRY, 7: MEDIUM, -70001: [3, 123456]}


def refusal(text: str, trusted: KeySet, now: int = NOW) -> CodeError:
    with pytest.raises(CodeError) as caught:
        qr.read(text, trusted, now)
    return caught.value


def signed(issuer: SigningKey, claims: object, aad: bytes = AAD) -> str:
    payload = claims if isinstance(claims, bytes) else cbor2.dumps(claims)
    return "MP2:" + base45.encode(cose.sign1(issuer.private, payload, kid=issuer.kid, external_aad=aad))


def test_issuing_gives_the_designed_text_byte_for_byte(printed: str, issuer: SigningKey) -> None:
    text = qr.issue_static(issuer, medium_id=MEDIUM, expires_at=EXPIRY, status_list=3, status_index=123456)
    assert text == printed
    assert len(text) == 168


def test_reading_gives_what_was_issued(printed: str, issuer: SigningKey, trusted: KeySet) -> None:
    assert qr.read(printed, trusted, NOW) == VerifiedCode(
        medium_id=MEDIUM,
        kind="print",
        assurance=1,
        expires_at=EXPIRY,
        status_list=3,
        status_index=123456,
        authority="clairmont",
        kid=issuer.kid,
    )


@given(
    medium_id=st.binary(min_size=8, max_size=8),
    expires_at=st.integers(NOW + 1, 2**32 - 1),
    status_list=st.integers(0, 2**32 - 1),
    status_index=st.integers(0, 2**20 - 1),
)
def test_whatever_is_issued_is_read(medium_id: bytes, expires_at: int, status_list: int, status_index: int) -> None:
    key = keys.signing_key(7)
    trust = keys.key_set([keys.verify_key(key.public, purpose="print", authority="demo")])
    text = qr.issue_static(
        key, medium_id=medium_id, expires_at=expires_at, status_list=status_list, status_index=status_index
    )
    code = qr.read(text, trust, NOW)
    assert (code.medium_id, code.expires_at, code.status_list, code.status_index) == (
        medium_id,
        expires_at,
        status_list,
        status_index,
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"medium_id": b"short"},
        {"expires_at": 0},
        {"expires_at": 2**32},
        {"status_list": -1},
        {"status_index": 2**20},
    ],
)
def test_nothing_is_issued_that_would_not_be_read(issuer: SigningKey, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="out of range"):
        qr.issue_static(
            issuer, **{"medium_id": MEDIUM, "expires_at": EXPIRY, "status_list": 3, "status_index": 1, **wrong}
        )


def test_every_other_character_anywhere_is_refused(printed: str, trusted: KeySet) -> None:
    kinds = set()
    for place, character in enumerate(printed):
        for other in base45.ALPHABET + "aé\n":
            if other != character:
                kinds.add(refusal(printed[:place] + other + printed[place + 1 :], trusted).kind)
    assert kinds == {"unreadable", "unknown_type", "unknown_key", "bad_signature"}


def test_every_flipped_bit_is_refused(printed: str, trusted: KeySet) -> None:
    data = base45.decode(printed[4:])
    for place in range(len(data)):
        for bit in range(8):
            flipped = bytearray(data)
            flipped[place] ^= 1 << bit
            kind = refusal("MP2:" + base45.encode(bytes(flipped)), trusted).kind
            assert kind in {"unreadable", "unknown_key", "bad_signature"}


def test_every_truncation_and_extension_is_refused(printed: str, trusted: KeySet) -> None:
    for length in range(len(printed)):
        assert refusal(printed[:length], trusted).kind in {"unreadable", "unknown_type"}
    for more in ("0", "00", "000", " ", "\n", "::", printed, printed[4:]):
        assert refusal(printed + more, trusted).kind == "unreadable"
        assert refusal(more + printed, trusted).kind in {"unknown_type", "unreadable"}
    data = base45.decode(printed[4:])
    for byte in range(256):
        assert refusal("MP2:" + base45.encode(data + bytes([byte])), trusted).kind == "unreadable"
        assert refusal("MP2:" + base45.encode(bytes([byte]) + data), trusted).kind == "unreadable"


@given(st.text() | st.text(base45.ALPHABET).map("MP2:".__add__) | st.binary(max_size=300).map(base45.encode))
def test_any_text_gives_a_code_error(text: str) -> None:
    with pytest.raises(CodeError):
        qr.read(text, keys.key_set([]), NOW)


@settings(max_examples=300)
@given(
    st.dictionaries(
        st.sampled_from([4, 7, -70001]) | st.integers(),
        st.integers()
        | st.binary(max_size=9)
        | st.booleans()
        | st.none()
        | st.lists(st.integers() | st.none(), max_size=3),
        max_size=4,
    )
    | st.binary(max_size=60)
)
def test_whatever_an_issuer_signs_gives_a_code_or_a_code_error(claims: object) -> None:
    key = keys.signing_key(7)
    trust = keys.key_set([keys.verify_key(key.public, purpose="print", authority="demo")])
    with suppress(CodeError):
        qr.read(signed(key, claims), trust, NOW)


@pytest.mark.parametrize(
    "claims",
    [
        {**CLAIMS, 4: True},
        {**CLAIMS, 4: float(EXPIRY)},
        {**CLAIMS, 4: -1},
        {**CLAIMS, 4: 2**32},
        {**CLAIMS, 7: "01020304"},
        {**CLAIMS, 7: MEDIUM + b"\x09"},
        {**CLAIMS, -70001: [3]},
        {**CLAIMS, -70001: [3, 123456, 0]},
        {**CLAIMS, -70001: [False, 123456]},
        {**CLAIMS, -70001: [3, 2**20]},
        {**CLAIMS, -70001: [3, -1]},
        {**CLAIMS, -70001: {3: 123456}},
        {**CLAIMS, 1: "issuer"},
        {**CLAIMS, 8: {1: {1: 2, -1: 1, -2: b"x", -3: False}}},
        {4: EXPIRY, 7: MEDIUM},
        {4.0: EXPIRY, 7: MEDIUM, -70001: [3, 123456]},
        [EXPIRY, MEDIUM, [3, 123456]],
        {},
        b"",
        b"\xa0\x00",
    ],
)
def test_signed_claims_of_another_shape_are_refused(issuer: SigningKey, trusted: KeySet, claims: object) -> None:
    assert refusal(signed(issuer, claims), trusted).kind == "unreadable"


def test_the_shape_above_is_the_only_one(issuer: SigningKey, trusted: KeySet) -> None:
    assert qr.read(signed(issuer, CLAIMS), trusted, NOW).medium_id == MEDIUM


@pytest.mark.parametrize("aad", [b"", b"MPS-CRED1", b"MPS-CARD1", b"MPS-QR1", b"MPS-STAT2"])
def test_a_signature_for_another_type_is_refused(issuer: SigningKey, trusted: KeySet, aad: bytes) -> None:
    assert refusal(signed(issuer, CLAIMS, aad), trusted).kind == "bad_signature"


def test_other_objects_of_ours_are_not_printed_codes(design: dict[str, Any], trusted: KeySet) -> None:
    for cbor in (design["credential"], design["card_object"]["cbor"]):
        assert refusal("MP2:" + base45.encode(bytes.fromhex(cbor)), trusted).kind == "bad_signature"
    for payload in design["payloads"]:
        if payload["id"] != "static_qr":
            assert refusal(payload["text"], trusted).kind in {"unknown_key", "unknown_type"}
            assert refusal("MP2:" + payload["text"][4:], trusted).kind in {"unknown_key", "unreadable"}


@pytest.mark.parametrize("text", ["", "MP2", "mp2:", "MP4:00", "HC1:6BF", "https://example.org/t/1", " MP2:00"])
def test_what_is_not_a_code_of_ours_is_of_unknown_type(trusted: KeySet, text: str) -> None:
    assert refusal(text, trusted).kind == "unknown_type"


def test_length_is_looked_at_first(trusted: KeySet) -> None:
    assert refusal("?" * 400, trusted).kind == "unknown_type"
    assert refusal("?" * 401, trusted).kind == "too_long"
    assert refusal("MP2:" + "0" * 396, trusted).kind == "unreadable"


def test_a_code_is_over_at_the_second_it_says(printed: str, trusted: KeySet) -> None:
    assert qr.read(printed, trusted, EXPIRY - 1).medium_id == MEDIUM
    expired = refusal(printed, trusted, EXPIRY)
    assert (expired.kind, expired.medium_id, expired.authority) == ("expired", MEDIUM, "clairmont")


def test_an_expired_forgery_is_a_forgery_and_names_no_medium(printed: str, trusted: KeySet) -> None:
    forged = refusal(printed[:-1] + "0", trusted, EXPIRY)
    assert (forged.kind, forged.medium_id) == ("bad_signature", None)


def test_a_key_nobody_knows(printed: str) -> None:
    other = keys.verify_key(keys.generate().public, purpose="print", authority="clairmont")
    assert refusal(printed, keys.key_set([other])).kind == "unknown_key"


def test_a_key_for_another_purpose_signs_no_printed_code(printed: str, issuer: SigningKey) -> None:
    phone = keys.verify_key(issuer.public, purpose="phone", authority="clairmont")
    assert refusal(printed, keys.key_set([phone])).kind == "unknown_key"


def test_a_code_that_names_no_key(trusted: KeySet, issuer: SigningKey) -> None:
    unnamed = cose.sign1(issuer.private, cbor2.dumps(CLAIMS), kid=None, external_aad=AAD)
    assert refusal("MP2:" + base45.encode(unnamed), trusted).kind == "unknown_key"


def test_a_withdrawn_key_is_refused_by_name(printed: str, issuer: SigningKey) -> None:
    gone = keys.key_set([keys.verify_key(issuer.public, purpose="print", authority="clairmont", withdrawn=True)])
    withdrawn = refusal(printed, gone)
    assert (withdrawn.kind, withdrawn.medium_id) == ("withdrawn_key", None)
    assert refusal(printed[:-1] + "0", gone).kind == "bad_signature"


@pytest.mark.parametrize("first", [True, False])
def test_two_keys_of_one_name_are_both_tried(printed: str, issuer: SigningKey, *, first: bool) -> None:
    stranger = VerifyKey(issuer.kid, keys.generate().public, "print", "elsewhere", withdrawn=True)
    ours = keys.verify_key(issuer.public, purpose="print", authority="clairmont")
    both = keys.key_set([ours, stranger] if first else [stranger, ours])
    assert qr.read(printed, both, NOW).authority == "clairmont"


class CountingKeys(Mapping[bytes, tuple[VerifyKey, ...]]):
    """A key set that tells how often it was asked: once for each code really verified."""

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


def codes(issuer: SigningKey, count: int) -> list[str]:
    return [
        qr.issue_static(issuer, medium_id=bytes([n] * 8), expires_at=EXPIRY, status_list=0, status_index=n)
        for n in range(count)
    ]


def test_a_reader_verifies_a_code_once(printed: str, trusted: KeySet) -> None:
    counting = CountingKeys(trusted)
    reader = CodeReader(counting)
    assert reader.read(printed, NOW) == reader.read(printed, NOW) == qr.read(printed, trusted, NOW)
    assert counting.asked == 1


def test_a_reader_looks_at_the_expiry_every_time(printed: str, trusted: KeySet) -> None:
    reader = CodeReader(trusted)
    reader.read(printed, EXPIRY - 1)
    with pytest.raises(CodeError) as expired:
        reader.read(printed, EXPIRY)
    assert (expired.value.kind, expired.value.medium_id) == ("expired", MEDIUM)


def test_a_reader_remembers_no_refusal(printed: str, trusted: KeySet) -> None:
    counting = CountingKeys(trusted)
    reader = CodeReader(counting)
    for _ in range(3):
        with pytest.raises(CodeError):
            reader.read(printed[:-1] + "0", NOW)
        with pytest.raises(CodeError):
            reader.read(printed, EXPIRY)
    assert counting.asked == 6


def test_a_reader_forgets_the_least_recently_read(issuer: SigningKey, trusted: KeySet) -> None:
    counting = CountingKeys(trusted)
    reader = CodeReader(counting, printed=2)
    one, two, three = codes(issuer, 3)
    for text in (one, two, one, three):
        reader.read(text, NOW)
    assert counting.asked == 3
    reader.read(one, NOW)
    reader.read(three, NOW)
    assert counting.asked == 3
    reader.read(two, NOW)
    assert counting.asked == 4


def test_a_reader_with_other_keys_trusts_nothing_it_verified_before(
    printed: str, issuer: SigningKey, trusted: KeySet
) -> None:
    reader = CodeReader(trusted)
    reader.read(printed, NOW)
    reader.replace_keys(
        keys.key_set([keys.verify_key(issuer.public, purpose="print", authority="clairmont", withdrawn=True)])
    )
    with pytest.raises(CodeError) as refused:
        reader.read(printed, NOW)
    assert refused.value.kind == "withdrawn_key"
