"""The object on a card: as designed, for one card only, and read only when genuine."""

from contextlib import suppress
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfc import card_object, cose, ev2, issued, keys
from nfc.diversify import Slot
from nfc.errors import CodeError
from nfc.keys import KeySet, SigningKey
from nfc.qr import CodeReader
from nfc.tap import VerifiedTap
from terminal.software_card import SoftwareCard
from tests.known_answers import flipped

NOW = 1_800_000_000
EXPIRY = 1_957_680_000
MEDIUM = bytes.fromhex("0102030405060708")
UID = bytes.fromhex("04de5f1eacc040")
HELD: dict[str, Any] = {"medium_id": MEDIUM, "expires_at": EXPIRY, "status_list": 3, "status_index": 123456}
BINDING = bytes.fromhex("8b9ff6de9dce0000")


@pytest.fixture(scope="module")
def trusted(issuer: SigningKey) -> KeySet:
    return keys.key_set([keys.verify_key(issuer.public, purpose="card", authority="clairmont")])


@pytest.fixture(scope="module")
def genuine(design: dict[str, Any]) -> bytes:
    return bytes.fromhex(design["card_object"]["cbor"])


def refusal(data: bytes, trusted: KeySet, *, uid: bytes = UID, now: int = NOW) -> CodeError:
    with pytest.raises(CodeError) as caught:
        card_object.read(data, trusted, now, uid=uid)
    return caught.value


def test_issuing_gives_the_designed_bytes(genuine: bytes, issuer: SigningKey) -> None:
    assert card_object.issue(issuer, uid=UID, **HELD) == genuine
    assert len(genuine) == 123


def test_reading_gives_what_was_issued(genuine: bytes, trusted: KeySet, issuer: SigningKey) -> None:
    tap = card_object.read(genuine, trusted, NOW, uid=UID)
    assert tap == VerifiedTap(MEDIUM, EXPIRY, 3, 123456, "clairmont", issuer.kid, "card", 1)


def test_a_card_that_has_proved_its_key_is_worth_more(genuine: bytes, trusted: KeySet) -> None:
    assert card_object.read(genuine, trusted, NOW, uid=UID, authenticated=True).assurance == 3


def test_a_copy_on_another_card_is_refused_and_names_its_medium(genuine: bytes, trusted: KeySet) -> None:
    for uid in (*flipped(UID), b"", UID + b"\x00", UID[:4]):
        copy = refusal(genuine, trusted, uid=uid)
        assert (copy.kind, copy.medium_id, copy.authority) == ("wrong_card", MEDIUM, "clairmont")


def test_it_is_over_at_the_second_it_says(genuine: bytes, trusted: KeySet) -> None:
    assert card_object.read(genuine, trusted, EXPIRY - 1, uid=UID).medium_id == MEDIUM
    over = refusal(genuine, trusted, now=EXPIRY)
    assert (over.kind, over.medium_id, over.authority) == ("expired", MEDIUM, "clairmont")


def test_every_flipped_bit_is_refused(genuine: bytes, trusted: KeySet) -> None:
    for changed in flipped(genuine):
        refused = refusal(changed, trusted)
        assert refused.kind in {"unreadable", "unknown_key", "bad_signature"}
        assert refused.medium_id is None


def test_every_truncation_and_extension_is_refused(genuine: bytes, trusted: KeySet) -> None:
    for length in range(len(genuine)):
        assert refusal(genuine[:length], trusted).kind == "unreadable"
    assert refusal(genuine + b"\x00", trusted).kind == "unreadable"
    assert refusal(genuine + bytes(5), trusted).kind == "too_long"


def test_other_objects_of_ours_are_no_card_objects(design: dict[str, Any], issuer: SigningKey, trusted: KeySet) -> None:
    static = next(bytes.fromhex(one["cbor"]) for one in design["payloads"] if one["id"] == "static_qr")
    assert refusal(static, trusted).kind == "bad_signature"
    assert refusal(bytes.fromhex(design["credential"]), trusted).kind == "too_long"


@pytest.mark.parametrize("purpose", ["print", "phone", ""])
def test_a_key_for_another_purpose_signs_no_card(genuine: bytes, issuer: SigningKey, purpose: str) -> None:
    other = keys.key_set([keys.verify_key(issuer.public, purpose=purpose, authority="clairmont")])
    assert refusal(genuine, other).kind == "unknown_key"


def test_a_withdrawn_key_is_refused_by_name(genuine: bytes, issuer: SigningKey) -> None:
    gone = keys.key_set([keys.verify_key(issuer.public, purpose="card", authority="clairmont", withdrawn=True)])
    assert refusal(genuine, gone).kind == "withdrawn_key"


@pytest.mark.parametrize(
    "wrong", [{"medium_id": b""}, {"expires_at": 0}, {"status_list": -1}, {"status_index": 1 << 20}]
)
def test_nothing_is_issued_that_would_not_be_read(issuer: SigningKey, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="out of range"):
        card_object.issue(issuer, uid=UID, **{**HELD, **wrong})


@pytest.mark.parametrize(
    "payload",
    [
        {4: EXPIRY, 7: MEDIUM, -70001: [3, 1]},
        {4: EXPIRY, 7: MEDIUM, -70001: [3, 1], -70004: "8b9ff6de"},
        {4: EXPIRY, 7: MEDIUM, -70001: [3, 1], -70004: BINDING[:7]},
        {4: EXPIRY, 7: MEDIUM, -70001: [3, 1], -70004: b""},
        {4: EXPIRY, 7: MEDIUM, -70001: [3, 1], -70004: None},
        {4: EXPIRY, 7: MEDIUM, -70001: [3, 1], -70004: BINDING, 1: "issuer"},
        {4: True, 7: MEDIUM, -70001: [3, 1], -70004: BINDING},
        {4: EXPIRY, 7: MEDIUM, -70001: [3, True], -70004: BINDING},
        {4: EXPIRY, 7: MEDIUM, -70001: [3], -70004: BINDING},
        {4.0: EXPIRY, 7: MEDIUM, -70001: [3, 1], -70004: BINDING},
        {4: EXPIRY, 7: MEDIUM[1:], -70001: [3, 1], -70004: BINDING},
        [],
        7,
    ],
)
def test_signed_claims_of_another_shape_are_refused(issuer: SigningKey, trusted: KeySet, payload: object) -> None:
    data = cose.sign1(issuer.private, cbor2.dumps(payload), kid=issuer.kid, external_aad=b"MPS-CARD1")
    assert refusal(data, trusted).kind == "unreadable"


@given(st.binary(max_size=140), st.binary(max_size=12))
def test_any_bytes_give_a_code_error(data: bytes, uid: bytes) -> None:
    assert refusal(data, keys.key_set([]), uid=uid).medium_id is None
    with suppress(CodeError):
        assert card_object.to_file(card_object.from_file(data)) == data


# --- its file ------------------------------------------------------------------------------------


@given(
    st.fixed_dictionaries(
        {
            "medium_id": st.binary(min_size=8, max_size=8),
            "expires_at": st.integers(1, 2**32 - 1),
            "status_list": st.integers(0, 2**32 - 1),
            "status_index": st.integers(0, 2**20 - 1),
        }
    )
)
def test_whatever_is_issued_fits_a_file_and_is_read_from_it(held: dict[str, Any]) -> None:
    key = keys.signing_key(7)
    trust = keys.key_set([keys.verify_key(key.public, purpose="card", authority="demo")])
    data = card_object.issue(key, uid=UID, **held)
    content = card_object.to_file(data)
    assert len(content) == 128
    assert card_object.from_file(content) == data
    assert card_object.read(data, trust, 0, uid=UID).medium_id == held["medium_id"]


def test_what_is_too_long_for_a_file_is_not_written() -> None:
    with pytest.raises(ValueError, match="128 bytes"):
        card_object.to_file(bytes(128))


@pytest.mark.parametrize(
    "content", [b"", bytes(128), bytes(127), bytes(129), b"\x80" + bytes(127), b"\x01\x01\x01" + bytes(125)]
)
def test_a_file_of_another_form_is_refused(content: bytes) -> None:
    with pytest.raises(CodeError) as caught:
        card_object.from_file(content)
    assert caught.value.kind == "unreadable"


def test_a_terminal_without_a_network_reads_a_card(genuine: bytes, trusted: KeySet) -> None:
    key = bytes(range(16))
    card = SoftwareCard(UID, {Slot.OFFLINE: key}, "https://a/t/1", file=card_object.to_file(genuine))
    data = card_object.from_file(card_object.file_content(card.transmit(card_object.READ_FILE)))
    assert card_object.read(data, trusted, NOW, uid=UID).assurance == 1
    command, pending = ev2.answer(key, card.transmit(ev2.first_command(Slot.OFFLINE)), rnd_a=bytes(range(16)))
    ev2.finish(key, pending, card.transmit(command))
    assert card_object.read(data, trusted, NOW, uid=UID, authenticated=True).assurance == 3


def test_two_keys_of_one_name_are_both_tried(genuine: bytes, issuer: SigningKey) -> None:
    stranger = keys.VerifyKey(issuer.kid, keys.generate().public, "card", "elsewhere", withdrawn=True)
    ours = keys.verify_key(issuer.public, purpose="card", authority="clairmont")
    for both in ([ours, stranger], [stranger, ours]):
        assert card_object.read(genuine, keys.key_set(both), NOW, uid=UID).authority == "clairmont"


def test_a_claim_is_named_by_its_own_label(issuer: SigningKey, trusted: KeySet) -> None:
    other = issued.issue(issuer, external_aad=b"MPS-CARD1", more={-70005: BINDING}, **HELD)
    assert refusal(other, trusted).kind == "unreadable"


def test_what_a_terminal_sends_of_a_card_is_read_as_the_card_itself(genuine: bytes, trusted: KeySet) -> None:
    text = card_object.to_text(UID, genuine)
    assert card_object.from_text(text) == (UID, genuine)
    assert CodeReader(trusted).object_of_card(text, NOW) == card_object.read(genuine, trusted, NOW, uid=UID)


@pytest.mark.parametrize("text", ["OBJ:", "OBJ:%", "OBJ:BwAA", "OBJ:AA", "OBJ:AAAAA"])
def test_what_is_sent_without_its_uid_is_refused(text: str, trusted: KeySet) -> None:
    with pytest.raises(CodeError) as refused:
        CodeReader(trusted).object_of_card(text, NOW)
    assert refused.value.kind in {"unreadable", "bad_signature"}
