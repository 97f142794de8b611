"""Status lists: packed as the standard packs them, small, signed, and read only whole and genuine."""

import random
import zlib
from contextlib import suppress
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nfc import cbor, cose, keys, status_list
from nfc.errors import CodeError
from nfc.issued import STATUS_LIST_SIZE
from nfc.keys import KeySet
from nfc.status_list import LIST_BYTES, Status, StatusList
from tests.unit.nfc.conftest import vectors

NOW = 1_800_000_000
URI = "https://pass.example/v1/public/val-clair/status-lists/0"
KEY = keys.signing_key(7)
TRUST = keys.key_set([keys.verify_key(KEY.public, purpose="bundle", authority="val-clair")])
EMPTY = status_list.pack([])
CLAIMS: dict[Any, Any] = {
    2: URI,
    6: NOW,
    4: NOW + 86_400,
    65534: 60,
    65533: {"bits": 2, "lst": status_list.compress(EMPTY)},
    -70010: 3,
}


def vector(name: str) -> dict[str, Any]:
    entry: dict[str, Any] = next(v for v in vectors("token_status_list.json")["vectors"] if v["id"] == name)
    return entry


def list_of(places: bytes) -> StatusList:
    return StatusList(URI, 1, NOW, NOW + 60, 60, "val-clair", places)


def issued(places: bytes = EMPTY, *, version: int = 3) -> bytes:
    return status_list.issue(
        KEY, places, uri=URI, version=version, issued_at=NOW, expires_at=NOW + 86_400, ttl_seconds=60
    )


def signed(claims: object, *, aad: bytes = b"", typ: str | None = status_list.MEDIA_TYPE) -> bytes:
    payload = claims if isinstance(claims, bytes) else cbor2.dumps(claims)
    return b"\xd2" + cose.sign1(KEY.private, payload, kid=KEY.kid, external_aad=aad, typ=typ)


def refusal(data: bytes, trusted: KeySet = TRUST, now: int = NOW, uri: str = URI) -> CodeError:
    with pytest.raises(CodeError) as caught:
        status_list.read(data, trusted, now, uri=uri)
    return caught.value


# --- the standard's own examples -------------------------------------------------------------------


def test_places_are_packed_as_in_the_standards_example_of_two_bits() -> None:
    example = vector("tsl-2bit-12")
    ours = status_list.pack(enumerate(example["statuses"]))
    assert ours[:3].hex() == example["raw"]
    assert not any(ours[3:])
    assert zlib.decompress(cbor2.loads(bytes.fromhex(example["cbor"]))["lst"]) == ours[:3]


def test_a_full_list_of_the_standard_is_read_place_by_place() -> None:
    example = vector("tsl-2bit-2^20")
    theirs = cbor2.loads(bytes.fromhex(example["cbor"]))
    assert (theirs["bits"], example["size"]) == (2, STATUS_LIST_SIZE)
    said = {int(index): value for index, value in example["statuses"].items()}
    places = status_list.decompress(theirs["lst"])
    assert places == status_list.pack((index, Status(value) if value < 3 else 3) for index, value in said.items())  # type: ignore[misc]
    read = list_of(places)
    meanings = {1: Status.INVALID, 2: Status.SUSPENDED, 3: Status.INVALID}
    assert {index: read.status(index) for index in said} == {i: meanings[v] for i, v in said.items()}
    assert read.status(1) is Status.VALID


def test_the_signed_claim_that_refers_to_a_list_verifies() -> None:
    example = vector("tsl-referenced-cwt")
    protected, unprotected, payload, signature = cbor2.loads(bytes.fromhex(example["cwt"])).value
    public = keys.load_point(bytes.fromhex(example["x"] + example["y"]))
    message = cose.Sign1(protected, payload, signature, cose.ES256, unprotected[4])
    assert cose.verify1(message, public, external_aad=b"")
    claims = cbor.load(payload)
    assert isinstance(claims, dict)
    assert claims[65535] == {"status_list": {"idx": 0, "uri": "https://example.com/statuslists/1"}}


# --- ours ------------------------------------------------------------------------------------------


def test_what_is_issued_is_read() -> None:
    places = status_list.pack([(0, Status.INVALID), (77, Status.SUSPENDED), (STATUS_LIST_SIZE - 1, Status.INVALID)])
    read = status_list.read(issued(places), TRUST, NOW, uri=URI)
    assert (read.version, read.issued_at, read.expires_at, read.ttl_seconds) == (3, NOW, NOW + 86_400, 60)
    assert read.authority == "val-clair"
    told = {index: read.status(index) for index in (0, 1, 76, 77, 78, STATUS_LIST_SIZE - 1)}
    assert told == {
        0: Status.INVALID,
        1: Status.VALID,
        76: Status.VALID,
        77: Status.SUSPENDED,
        78: Status.VALID,
        STATUS_LIST_SIZE - 1: Status.INVALID,
    }


def test_any_tool_for_cwt_reads_it() -> None:
    """By hand, with nothing of ours: tag 18, `typ`, empty external data."""
    message = cbor2.loads(issued())
    assert message.tag == 18
    protected, unprotected, payload, _ = message.value
    assert cbor2.loads(protected) == {1: -9, 4: KEY.kid, 16: "application/statuslist+cwt"}
    assert unprotected == {}
    claims = cbor2.loads(payload)
    assert claims == CLAIMS
    assert zlib.decompress(claims[65533]["lst"]) == EMPTY


@settings(max_examples=30)
@given(st.dictionaries(st.integers(0, STATUS_LIST_SIZE - 1), st.sampled_from(Status), max_size=50))
def test_every_place_tells_what_was_packed(entries: dict[int, Status]) -> None:
    read = list_of(status_list.decompress(status_list.compress(status_list.pack(entries.items()))))
    assert {index: read.status(index) for index in entries} == entries


def test_a_million_media_two_in_a_hundred_revoked_take_less_than_thirty_kilobytes() -> None:
    """Issue bar. Entropy of the pattern: 17.9 KB; the densest deflate: 25.0 KB, a hundred times slower."""
    draw = random.Random(2026)
    media = draw.sample(range(STATUS_LIST_SIZE), 1_000_000)
    data = issued(status_list.pack((index, Status.INVALID) for index in media[:20_000]))
    assert 17_900 < len(data) < 30_000
    assert len(issued()) < 1_000


# --- what is refused -------------------------------------------------------------------------------


def test_a_list_is_over_at_the_second_it_says() -> None:
    assert status_list.read(issued(), TRUST, NOW + 86_399, uri=URI).version == 3
    assert refusal(issued(), now=NOW + 86_400).kind == "expired"


def test_a_list_of_another_address_is_refused() -> None:
    """Otherwise the neighbour's list, or list 1, could stand in for this one."""
    assert refusal(issued(), uri=URI[:-1] + "1").kind == "unreadable"


@pytest.mark.parametrize("purpose", ["print", "phone", "token"])
def test_a_key_for_another_purpose_signs_no_list(purpose: str) -> None:
    other = keys.key_set([keys.verify_key(KEY.public, purpose=purpose, authority="val-clair")])
    assert refusal(issued(), other).kind == "unknown_key"


def test_a_withdrawn_key_is_refused_by_name() -> None:
    gone = keys.key_set([keys.verify_key(KEY.public, purpose="bundle", authority="val-clair", withdrawn=True)])
    assert refusal(issued(), gone).kind == "withdrawn_key"


def test_every_changed_byte_is_refused() -> None:
    data = issued()
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 0x10
        assert refusal(bytes(changed)).kind in {"unreadable", "bad_signature", "unknown_key"}
        assert refusal(data[:place]).kind == "unreadable"
    assert refusal(data + b"\x00").kind == "unreadable"


def test_a_list_says_what_it_is_or_is_none() -> None:
    assert refusal(signed(CLAIMS, typ=None)).kind == "unreadable"
    assert refusal(signed(CLAIMS, typ="application/cwt")).kind == "unreadable"
    assert refusal(signed(CLAIMS, aad=b"MPS-STAT1")).kind == "bad_signature"
    assert refusal(signed(CLAIMS)[1:]).kind == "unreadable"
    assert status_list.read(signed(CLAIMS), TRUST, NOW, uri=URI).places == EMPTY


def test_a_signature_over_a_list_is_none_over_a_code() -> None:
    """`typ` is refused wherever it is not asked for."""
    with pytest.raises(CodeError, match="typ"):
        cose.parse1(issued()[1:], max_bytes=10_000)


def packed(places: bytes) -> dict[str, Any]:
    return {"bits": 2, "lst": zlib.compress(places, 9)}


BOMB = zlib.compress(bytes(50_000_000), 9)


@pytest.mark.parametrize(
    "claims",
    [
        {**CLAIMS, 2: URI.encode()},
        {**CLAIMS, 6: True},
        {**CLAIMS, 4: float(NOW + 60)},
        {**CLAIMS, 65534: -1},
        {**CLAIMS, -70010: "3"},
        {**CLAIMS, 1: "issuer"},
        {name: value for name, value in CLAIMS.items() if name != -70010},
        {**CLAIMS, 65533: {"bits": 1, "lst": CLAIMS[65533]["lst"]}},
        {**CLAIMS, 65533: {**CLAIMS[65533], "aggregation_uri": "x"}},
        {**CLAIMS, 65533: {"bits": 2, "lst": b""}},
        {**CLAIMS, 65533: {"bits": 2, "lst": EMPTY[:100]}},
        {**CLAIMS, 65533: packed(EMPTY[1:])},
        {**CLAIMS, 65533: packed(EMPTY + b"\x00")},
        {**CLAIMS, 65533: {"bits": 2, "lst": CLAIMS[65533]["lst"] + b"\x00"}},
        {**CLAIMS, 65533: {"bits": 2, "lst": CLAIMS[65533]["lst"][:-1]}},
        {**CLAIMS, 65533: {"bits": 2, "lst": BOMB}},
        [],
        b"",
    ],
)
def test_signed_claims_of_another_shape_are_refused(claims: object) -> None:
    assert refusal(signed(claims)).kind == "unreadable"


def test_more_bytes_than_any_list_has_are_not_looked_at() -> None:
    assert refusal(b"\xd2" + bytes(LIST_BYTES + 2_000)).kind == "too_long"


@given(st.binary(max_size=300) | st.binary(max_size=300).map(b"\xd2\x84".__add__))
def test_any_bytes_give_a_code_error(data: bytes) -> None:
    refusal(data)


@settings(max_examples=100)
@given(st.binary(max_size=400))
def test_any_stream_gives_a_list_or_a_code_error(data: bytes) -> None:
    with suppress(CodeError):
        assert len(status_list.decompress(data)) == LIST_BYTES
