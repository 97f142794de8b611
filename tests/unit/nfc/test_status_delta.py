"""Deltas of status lists: small, signed, for one version, and read without trust."""

from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfc import cbor, cose, keys, status_delta, status_list
from nfc.errors import CodeError
from nfc.status_list import Status, StatusList

KEY, PRINT = keys.signing_key(31), keys.signing_key(32)
TRUSTED = keys.key_set(
    [
        keys.verify_key(KEY.public, purpose="bundle", authority="ville"),
        keys.verify_key(PRINT.public, purpose="print", authority="ville"),
    ]
)
URI, NOW = "https://city.example/v1/public/ville/status-lists/0", 1_800_000_000
PLACES = st.dictionaries(st.integers(0, 2**20 - 1), st.sampled_from(Status), max_size=60)


def issued(changes: Mapping[int, Status], *, key: keys.SigningKey = KEY, since: int = 4, until: int = 9) -> bytes:
    return status_delta.issue(
        key,
        changes,
        uri=URI,
        from_version=since,
        to_version=until,
        issued_at=NOW,
        expires_at=NOW + 86_400,
        ttl_seconds=60,
    )


def whole(entries: Mapping[int, Status], version: int) -> StatusList:
    return StatusList(URI, version, NOW, NOW + 86_400, 60, "ville", status_list.pack(entries.items()))


def refusal(data: bytes, *, now: int = NOW, uri: str = URI) -> str:
    with pytest.raises(CodeError) as refused:
        status_delta.read(data, TRUSTED, now, uri=uri)
    return refused.value.kind


@given(PLACES, PLACES)
def test_a_list_with_its_delta_says_what_the_new_list_says(
    before: dict[int, Status], changes: dict[int, Status]
) -> None:
    delta = status_delta.read(issued(changes), TRUSTED, NOW, uri=URI)
    assert delta.changes == changes
    assert status_delta.applied(whole(before, 4), delta) == whole({**before, **changes}, 9)


def test_two_hundred_changes_among_a_million_take_little_more_than_half_a_kilobyte() -> None:
    chance = Random(3)
    changes = {chance.randrange(2**20): Status.INVALID for _ in range(200)}
    assert len(issued(changes)) < 700


def test_the_most_changes_that_are_sent_fit_what_is_read() -> None:
    chance = Random(5)
    changes = {place: chance.choice(list(Status)) for place in chance.sample(range(2**20), 5_000)}
    assert len(issued(changes)) < status_delta.MAX_BYTES
    assert status_delta.read(issued(changes), TRUSTED, NOW, uri=URI).changes == changes


@pytest.mark.parametrize("version", [3, 5, 9])
def test_a_delta_fits_one_version_alone(version: int) -> None:
    delta = status_delta.read(issued({1: Status.INVALID}), TRUSTED, NOW, uri=URI)
    with pytest.raises(CodeError, match="stale"):
        status_delta.applied(whole({}, version), delta)


def test_a_delta_of_another_list_key_or_day_is_refused() -> None:
    data = issued({1: Status.INVALID})
    assert refusal(data, uri=URI + "1") == "unreadable"
    assert refusal(data, now=NOW + 86_400) == "expired"
    assert refusal(issued({}, key=PRINT)) == "unknown_key"
    assert refusal(issued({}, key=keys.SigningKey(PRINT.private, KEY.kid))) == "bad_signature"
    assert refusal(data[:-1] + bytes([data[-1] ^ 1])) == "bad_signature"


def test_a_list_is_no_delta_and_a_delta_no_list() -> None:
    """Type confusion: one key signs both."""
    data = status_list.issue(
        KEY, status_list.pack([]), uri=URI, version=1, issued_at=NOW, expires_at=NOW + 1, ttl_seconds=1
    )
    assert refusal(data) == "unreadable"
    with pytest.raises(CodeError):
        status_list.read(issued({}), TRUSTED, NOW, uri=URI)


@pytest.mark.parametrize(
    "change",
    [
        {-70014: [b"", b""]},
        {-70014: [b"", b"", b"\x80"]},
        {-70014: [b"", b"\x80\x80\x80\x01", b""]},
        {-70014: [b"\xff\xff\x7f", b"", b""]},
        {-70013: 10},
        {-70010: -1},
        {-70013: False},
        {65534: "x"},
        {7: 7},
    ],
    ids=str,
)
def test_a_delta_of_another_shape_is_unreadable(change: dict[int, object]) -> None:
    claims = cbor.load(cose.parse1(issued({})[1:], max_bytes=9_999, typ=status_delta.MEDIA_TYPE).payload)
    assert isinstance(claims, dict)
    body = cose.sign1(
        KEY.private,
        cbor.dump({**claims, **change}),
        kid=KEY.kid,
        external_aad=b"MPS-DELTA1",
        typ=status_delta.MEDIA_TYPE,
    )
    assert refusal(b"\xd2" + body) == "unreadable"


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_and_nothing_else_happens(data: bytes) -> None:
    refusal(data)
    refusal(b"\xd2" + data)
