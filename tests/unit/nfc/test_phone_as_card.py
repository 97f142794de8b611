"""A phone proves its key to a terminal that is alone: as designed, for one tap, at one terminal."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from nfc import apdu, cose, hce, issued, keys, phone_credential
from nfc.errors import CodeError
from nfc.hce import Application, Challenge
from nfc.keys import KeySet, SigningKey
from nfc.tap import VerifiedTap
from terminal.software_phone import SoftwarePhone
from tests.known_answers import flipped, known_answers

NOW = 1_800_000_000
MEDIUM = bytes.fromhex("0102030405060708")
OK = b"\x90\x00"
DESIGN = known_answers("design_examples.json")
EXPIRY = 1_802_592_000
CREDENTIAL = bytes.fromhex(DESIGN["credential"])
ANSWER = bytes.fromhex(DESIGN["hce"]["response"])
DEVICE = keys.signing_key(int(DESIGN["device"]["private_d"], 16))
HELD: dict[str, Any] = {"medium_id": MEDIUM, "expires_at": EXPIRY, "status_list": 3, "status_index": 123456}
CHALLENGE = Challenge(
    nonce=bytes.fromhex(DESIGN["hce"]["reader_nonce"]),
    terminal=bytes.fromhex(DESIGN["hce"]["terminal_id"]),
    time=DESIGN["hce"]["terminal_ts"],
    service=bytes.fromhex(DESIGN["hce"]["service"]),
)
CHALLENGES = st.builds(
    Challenge,
    st.binary(min_size=16, max_size=16),
    st.binary(min_size=8, max_size=8),
    st.integers(0, 2**32 - 1),
    st.binary(min_size=4, max_size=4),
)


@pytest.fixture(scope="module")
def trusted(issuer: SigningKey) -> KeySet:
    return keys.key_set([keys.verify_key(issuer.public, purpose="phone", authority="clairmont")])


@pytest.fixture
def phone() -> SoftwarePhone:
    return SoftwarePhone(DEVICE.private, CREDENTIAL)


def refusal(answer: bytes, trusted: KeySet, *, challenge: Challenge = CHALLENGE, now: int = NOW) -> CodeError:
    with pytest.raises(CodeError) as caught:
        hce.read(challenge, answer, trusted, now)
    return caught.value


# --- the design, byte for byte -------------------------------------------------------------------


def test_the_designed_commands() -> None:
    assert hce.SELECT.hex() == "00a4040005f04d50530100"
    assert hce.auth_command(CHALLENGE).hex() == DESIGN["hce"]["auth_apdu"]


def test_the_designed_answer_is_read(trusted: KeySet, issuer: SigningKey) -> None:
    assert len(ANSWER) == 218
    tap = hce.read(CHALLENGE, ANSWER + OK, trusted, NOW)
    assert tap == VerifiedTap(MEDIUM, EXPIRY, 3, 123456, "clairmont", issuer.kid, "phone", 3)


def test_the_designed_credential_and_answer_are_made(issuer: SigningKey, phone: SoftwarePhone) -> None:
    assert phone_credential.issue(issuer, DEVICE.public, **HELD) == CREDENTIAL
    assert phone.transmit(hce.SELECT) == bytes.fromhex("6f0b8405f04d50530185020100") + OK
    assert phone.transmit(hce.auth_command(CHALLENGE)) == ANSWER + OK


# --- a tap ---------------------------------------------------------------------------------------


@given(CHALLENGES)
def test_a_phone_proves_itself_to_any_challenge(challenge: Challenge) -> None:
    issuer, device = keys.signing_key(7), keys.signing_key(8)
    trust = keys.key_set([keys.verify_key(issuer.public, purpose="phone", authority="demo")])
    phone = SoftwarePhone(device.private, phone_credential.issue(issuer, device.public, **HELD))
    assert hce.read_application(phone.transmit(hce.SELECT)) == Application(version=1, capabilities=0)
    assert hce.read(challenge, phone.transmit(hce.auth_command(challenge)), trust, NOW).medium_id == MEDIUM
    assert hce.read_challenge(apdu.read(hce.auth_command(challenge)).data) == challenge


@pytest.mark.parametrize(
    "other",
    [
        {"nonce": bytes(16)},
        {"terminal": bytes(8)},
        {"time": CHALLENGE.time + 1},
        {"service": bytes(4)},
    ],
)
def test_an_answer_is_good_for_one_challenge(trusted: KeySet, other: dict[str, Any]) -> None:
    """Another tap, another terminal, another service: what was recorded is of no use."""
    assert refusal(ANSWER + OK, trusted, challenge=replace(CHALLENGE, **other)).kind == "bad_signature"


def test_a_copied_credential_is_nothing_without_its_device(trusted: KeySet) -> None:
    thief = SoftwarePhone(keys.signing_key(9).private, CREDENTIAL)
    thief.transmit(hce.SELECT)
    refused = refusal(thief.transmit(hce.auth_command(CHALLENGE)), trusted)
    assert (refused.kind, refused.detail, refused.medium_id) == ("bad_signature", "device", None)


def test_a_signature_goes_with_the_credential_it_was_made_for(trusted: KeySet, issuer: SigningKey) -> None:
    longer = phone_credential.issue(issuer, DEVICE.public, **{**HELD, "expires_at": 2**32 - 1})
    assert refusal(longer + ANSWER[-64:] + OK, trusted).kind == "bad_signature"


def test_every_flipped_bit_is_refused(trusted: KeySet) -> None:
    for changed in flipped(ANSWER):
        refused = refusal(changed + OK, trusted)
        assert refused.kind in {"unreadable", "unknown_key", "bad_signature"}
        assert refused.medium_id is None


def test_every_truncation_and_extension_is_refused(trusted: KeySet) -> None:
    for length in range(len(ANSWER)):
        assert refusal(ANSWER[:length] + OK, trusted).kind == "unreadable"
    for more in range(1, 39):
        assert refusal(bytes(more) + ANSWER + OK, trusted).kind == "unreadable"
    assert refusal(bytes(39) + ANSWER + OK, trusted).kind == "too_long"


def test_a_credential_is_over_at_the_second_it_says(trusted: KeySet) -> None:
    assert hce.read(CHALLENGE, ANSWER + OK, trusted, EXPIRY - 1).medium_id == MEDIUM
    over = refusal(ANSWER + OK, trusted, now=EXPIRY)
    assert (over.kind, over.medium_id, over.authority) == ("expired", MEDIUM, "clairmont")


def test_an_expired_credential_without_its_device_names_no_medium(trusted: KeySet) -> None:
    forged = refusal(ANSWER[:-1] + b"\x00" + OK, trusted, now=2**32)
    assert (forged.kind, forged.medium_id) == ("bad_signature", None)


def test_the_issuers_key_is_for_phones_and_in_force(issuer: SigningKey) -> None:
    for purpose in ("print", "card"):
        other = keys.key_set([keys.verify_key(issuer.public, purpose=purpose, authority="clairmont")])
        assert refusal(ANSWER + OK, other).kind == "unknown_key"
    gone = keys.key_set([keys.verify_key(issuer.public, purpose="phone", authority="clairmont", withdrawn=True)])
    assert refusal(ANSWER + OK, gone).kind == "withdrawn_key"


# --- the credential ------------------------------------------------------------------------------

X, Y_SIGN = bytes.fromhex(DESIGN["device"]["x"]), bool(int(DESIGN["device"]["y"], 16) & 1)
COSE_KEY: dict[Any, Any] = {1: 2, -1: 1, -2: X, -3: Y_SIGN}


def test_the_devices_key_is_read_from_it(trusted: KeySet) -> None:
    assert phone_credential.read(CREDENTIAL, trusted).device == DEVICE.public
    assert len(CREDENTIAL) == 154


@pytest.mark.parametrize("secret", range(1, 9))
def test_either_half_of_the_curve(trusted: KeySet, issuer: SigningKey, secret: int) -> None:
    device = keys.signing_key(secret).public
    held = phone_credential.issue(issuer, device, **HELD)
    assert phone_credential.read(held, trusted).device == device


@pytest.mark.parametrize(
    "confirmation",
    [
        None,
        b"",
        [],
        {},
        {1: None},
        {1: {}},
        {2: COSE_KEY},
        {1: COSE_KEY, 3: b"kid"},
        {1: {**COSE_KEY, 2: b"kid"}},
        {1: {**COSE_KEY, 1: 1}},
        {1: {**COSE_KEY, -1: 2}},
        {1: {**COSE_KEY, -2: X[1:]}},
        {1: {**COSE_KEY, -2: X + b"\x00"}},
        {1: {**COSE_KEY, -2: X.hex()}},
        {1: {**COSE_KEY, -2: b"\xff" * 32}},
        {1: {**COSE_KEY, -2: bytes(31) + b"\x01"}},
        {1: {**COSE_KEY, -3: 1}},
        {1: {**COSE_KEY, -3: bytes.fromhex(DESIGN["device"]["y"])}},
    ],
)
def test_a_device_key_of_another_shape_is_refused(trusted: KeySet, issuer: SigningKey, confirmation: object) -> None:
    held = issued.issue(issuer, external_aad=b"MPS-CRED1", more={8: confirmation}, **HELD)
    with pytest.raises(CodeError) as caught:
        phone_credential.read(held, trusted)
    assert caught.value.kind in {"unreadable", "too_long"}


@pytest.mark.parametrize("aad", [b"", b"MPS-CARD1", b"MPS-STAT1", b"MPS-QR1"])
def test_a_signature_for_another_type_is_refused(trusted: KeySet, issuer: SigningKey, aad: bytes) -> None:
    held = issued.issue(issuer, external_aad=aad, more={8: {1: COSE_KEY}}, **HELD)
    with pytest.raises(CodeError, match="bad_signature"):
        phone_credential.read(held, trusted)


def test_its_device_cannot_issue_one(trusted: KeySet, issuer: SigningKey) -> None:
    """The algorithm and the name of the key are right, the key is not."""
    payload = cose.parse1(CREDENTIAL, max_bytes=192).payload
    forged = cose.sign1(DEVICE.private, payload, kid=issuer.kid, external_aad=b"MPS-CRED1")
    with pytest.raises(CodeError, match="bad_signature"):
        phone_credential.read(forged, trusted)


# --- the commands --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind", "detail"),
    [
        ("6a82", "unknown_type", "6a82"),
        ("6985", "refused", "6985"),
        ("9000", "unreadable", "answer of 0 bytes, not 13 to 13"),
        ("6f0b8405f04d50530285020100" + "9000", "unreadable", "SELECT: FCI"),
        ("6f0b8405f04d50530185020200" + "9000", "unknown_type", "HCE version 2"),
        ("6f0b8405f04d5053018502010000" + "9000", "unreadable", "answer of 14 bytes, not 13 to 13"),
    ],
)
def test_what_answers_select_otherwise_is_not_ours(answer: str, kind: str, detail: str) -> None:
    with pytest.raises(CodeError) as caught:
        hce.read_application(bytes.fromhex(answer))
    assert (caught.value.kind, caught.value.detail) == (kind, detail)


def test_capabilities_to_come_are_no_obstacle() -> None:
    later = bytes.fromhex("6f0b8405f04d50530185020182") + OK
    assert hce.read_application(later) == Application(version=1, capabilities=0x82)


@pytest.mark.parametrize(
    "wrong",
    [{"nonce": bytes(15)}, {"terminal": bytes(16)}, {"time": -1}, {"time": 2**32}, {"service": b"pool!"}],
)
def test_a_challenge_of_another_length_is_not_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="challenge of lengths"):
        replace(CHALLENGE, **wrong)


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (hce.auth_command(CHALLENGE), "6985"),
        (apdu.write(apdu.Command(0, 0xA4, 4, 0, b"other")), "6a82"),
        (apdu.write(apdu.Command(0, 0xA4, 0, 0, hce.AID)), "6a86"),
        (apdu.write(apdu.Command(0, 0x88, 1, 0, bytes(32))), "6a86"),
        (apdu.write(apdu.Command(0, 0xCA, 0, 0)), "6d00"),
        (apdu.native(0x71, b"\x00\x00"), "6e00"),
        (b"", "6700"),
        (bytes(300), "6700"),
    ],
)
def test_the_phone_says_no_in_the_words_of_the_norm(phone: SoftwarePhone, command: bytes, status: str) -> None:
    assert phone.transmit(command).hex() == status


def test_the_phone_wants_32_bytes_and_to_be_selected_each_time(phone: SoftwarePhone) -> None:
    phone.transmit(hce.SELECT)
    assert phone.transmit(apdu.write(apdu.Command(0, 0x88, 0, 0, bytes(31)))).hex() == "6700"
    assert phone.transmit(hce.auth_command(CHALLENGE)) == ANSWER + OK
    phone.leave_field()
    assert phone.transmit(hce.auth_command(CHALLENGE)).hex() == "6985"


def reads() -> list[Callable[[bytes], object]]:
    trust = keys.key_set([])
    return [
        hce.read_application,
        hce.read_challenge,
        lambda data: hce.read(CHALLENGE, data, trust, NOW),
        lambda data: phone_credential.read(data, trust),
        SoftwarePhone(DEVICE.private, CREDENTIAL).transmit,
    ]


@given(st.binary(max_size=300) | st.binary(max_size=256).map(lambda data: data + OK))
def test_any_bytes_give_a_value_or_a_code_error(data: bytes) -> None:
    for read in reads():
        with suppress(CodeError):
            read(data)


@given(
    st.dictionaries(
        st.sampled_from([4, 7, 8, -70001]) | st.integers(),
        st.integers()
        | st.binary(max_size=33)
        | st.booleans()
        | st.lists(st.integers(), max_size=3)
        | st.just({1: COSE_KEY}),
        max_size=5,
    )
)
def test_whatever_an_issuer_signs_gives_a_credential_or_a_code_error(payload: object) -> None:
    key = keys.signing_key(7)
    trust = keys.key_set([keys.verify_key(key.public, purpose="phone", authority="demo")])
    data = cose.sign1(key.private, cbor2.dumps(payload), kid=key.kid, external_aad=b"MPS-CRED1")
    with suppress(CodeError):
        phone_credential.read(data, trust)
