"""What gateways sign of cards of others: read back exactly, and nothing else is read."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from nfc import base45, cbor, cose, gateway_statement, keys
from nfc.errors import CodeError
from nfc.gateway_statement import GATEWAY, PREFIX, Statement, read, serial_hash, state
from tests.known_answers import flipped

KEY = keys.signing_key(20_261_122)
TRUSTED = keys.key_set([keys.verify_key(KEY.public, purpose=GATEWAY, authority="ville")])
NOW = 1_800_000_000
SAID = Statement("amc", bytes(range(32)), "leisure", b"identifier", True, NOW, bytes(16))  # noqa: FBT003 - as on the wire
CLAIMS: dict[int, object] = {
    6: NOW,
    7: bytes(16),
    -70040: "amc",
    -70041: bytes(32),
    -70042: "leisure",
    -70043: bytes(8),
    -70044: True,
}

statements = st.builds(
    Statement,
    technology=st.sampled_from(["calypso", "amc"]),
    serial_hash=st.binary(min_size=32, max_size=32),
    sector=st.from_regex(r"[a-z][a-z0-9-]{0,39}", fullmatch=True),
    identifier=st.binary(min_size=4, max_size=32),
    sam_session=st.booleans(),
    iat=st.integers(1, 2**32 - 1),
    nonce=st.binary(min_size=16, max_size=16),
)


def told(claims: object, *, aad: bytes = b"MPS-EXT1", kid: bytes | None = KEY.kid) -> str:
    """Whatever claims, under a signature that holds."""
    signed = cose.sign1(KEY.private, cbor.dump(claims), kid=kid, external_aad=aad)
    return PREFIX + urlsafe_b64encode(signed).rstrip(b"=").decode()


def kind_of(text: str, trusted: keys.KeySet = TRUSTED, now: int = NOW) -> str:
    with pytest.raises(CodeError) as refused:
        read(text, trusted, now)
    return refused.value.kind


@given(statements)
def test_what_is_said_is_read_back(said: Statement) -> None:
    assert read(state(KEY, said), TRUSTED, said.iat) == said


def test_every_flipped_bit_is_refused() -> None:
    digits = state(KEY, SAID).removeprefix(PREFIX)
    raw = urlsafe_b64decode(digits + "=" * (-len(digits) % 4))
    for changed in flipped(raw):
        kind_of(PREFIX + urlsafe_b64encode(changed).rstrip(b"=").decode())


@pytest.mark.parametrize(
    "wrong",
    [
        {6: 0},
        {6: 2**32},
        {6: True},
        {6: "now"},
        {7: bytes(15)},
        {7: "0" * 16},
        {-70040: "mifare"},
        {-70040: 1},
        {-70041: bytes(31)},
        {-70042: "Leisure"},
        {-70042: "a" * 41},
        {-70042: "lei\nsure"},
        {-70042: b"leisure"},
        {-70043: bytes(3)},
        {-70043: bytes(33)},
        {-70044: 1},
        {-70044: None},
        {99: 1},
    ],
)
def test_a_claim_of_another_type_or_out_of_range_is_unreadable(wrong: dict[int, object]) -> None:
    assert kind_of(told({**CLAIMS, **wrong})) == "unreadable"


@pytest.mark.parametrize("label", CLAIMS)
def test_no_claim_may_miss(label: int) -> None:
    assert read(told(CLAIMS), TRUSTED, NOW).sector == "leisure"
    assert kind_of(told({name: value for name, value in CLAIMS.items() if name != label})) == "unreadable"


def test_a_gateways_key_signs_nothing_but_statements_and_no_other_key_signs_them() -> None:
    assert kind_of(told(CLAIMS, aad=b"MPS-STAT1")) == "bad_signature"
    printing = keys.key_set([keys.verify_key(KEY.public, purpose="print", authority="ville")])
    assert kind_of(told(CLAIMS), printing) == "unknown_key"
    assert kind_of(told(CLAIMS, kid=None)) == "unknown_key"


def test_a_revoked_gateway_is_told_by_name() -> None:
    revoked = keys.key_set([keys.verify_key(KEY.public, purpose=GATEWAY, authority="ville", withdrawn=True)])
    assert kind_of(told(CLAIMS), revoked) == "withdrawn_key"


@pytest.mark.parametrize(("age", "fresh"), [(60, True), (61, False), (-5, True), (-6, False)])
def test_a_statement_is_of_its_minute(age: int, *, fresh: bool) -> None:
    if fresh:
        assert read(told(CLAIMS), TRUSTED, NOW + age).iat == NOW
    else:
        assert kind_of(told(CLAIMS), now=NOW + age) == "stale"


@pytest.mark.parametrize(
    "text", ["EXT:", "EXT:A", "EXT:AA==", "EXT:A A", "EXT:+/", "EXT:é", "EXT:" + base45.encode(b"x")]
)
def test_what_is_no_base64url_of_a_message_is_unreadable(text: str) -> None:
    assert kind_of(text) == "unreadable"


def test_what_is_longer_than_any_statement_is_not_looked_at() -> None:
    assert kind_of("EXT:" + "A" * 400) == "too_long"


def test_a_card_has_another_name_in_each_sector_and_at_each_gateway() -> None:
    names = {serial_hash(secret, sector, b"serial") for secret in (b"1", b"2") for sector in ("leisure", "culture")}
    assert len(names) == 4
    assert serial_hash(b"1", "a", b"bc") != serial_hash(b"1", "ab", b"c")


def test_it_prints_neither_the_identifier_nor_the_card() -> None:
    assert "identifier" not in repr(SAID)
    assert "\\x01" not in repr(SAID)


def test_a_gateway_cannot_say_what_no_reader_takes() -> None:
    for wrong in ({"sector": "A"}, {"identifier": b""}, {"iat": 0}, {"nonce": b""}, {"serial_hash": b""}):
        with pytest.raises(ValueError, match="out of range"):
            state(KEY, replace(SAID, **wrong))


def test_the_longest_statement_fits() -> None:
    longest = replace(SAID, technology="calypso", sector="a" * 40, identifier=bytes(32), iat=2**32 - 1)
    text = state(KEY, longest)
    assert read(text, TRUSTED, longest.iat) == longest
    assert gateway_statement.parse(text).kid == KEY.kid
