"""The offline bundle and its deltas: small, signed, never older, and read without trust."""

import random
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from nfc import bundle, bundle_delta, cbor, cose, keys, status_list
from nfc.bundle import Bundle
from nfc.errors import CodeError
from nfc.keys import KeySet
from nfc.status_list import Status

KEY, PRINT = keys.signing_key(41), keys.signing_key(42)
TRUSTED = keys.key_set(
    [
        keys.verify_key(KEY.public, purpose="bundle", authority="ville"),
        keys.verify_key(PRINT.public, purpose="print", authority="ville"),
    ]
)
SIZE, NOW = 1 << 18, 1_800_000_000
EMPTY = Bundle("ville", "pool", 7, NOW, NOW + 86_400, {}, {}, b"", b"{}")
SMALL = replace(EMPTY, status={0: status_list.pack([(9, Status.INVALID)], size=64)}, entitled={0: bundle.bits([8], 64)})


def read(data: bytes, trusted: KeySet = TRUSTED, **said: Any) -> Bundle:  # noqa: ANN401 - arguments of the reader
    return bundle.read(data, trusted, **{"authority": "ville", "service": "pool", "newest": 0, **said})


def refusal(reader: Callable[[], object]) -> str:
    with pytest.raises(CodeError) as refused:
        reader()
    return refused.value.kind


def city(*, media: int, seed: int = 1) -> Bundle:
    """A service to which 60 of 100 media are entitled; two of 100 are stopped."""
    chance = random.Random(seed)
    drawn = chance.sample(range(SIZE), media)
    stopped = ((place, Status.INVALID) for place in drawn[: media // 50])
    return replace(
        EMPTY,
        status={0: status_list.pack(stopped, size=SIZE)},
        entitled={0: bundle.bits(chance.sample(drawn, media * 6 // 10), SIZE)},
        keys=chance.randbytes(900),
        content=b'{"sites": "%s"}' % (b"Monday " * 2_000),
    )


# --- what it says ----------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.dictionaries(st.integers(0, 511), st.sampled_from(Status)), st.sets(st.integers(0, 511)))
def test_every_place_tells_what_was_issued(told: dict[int, Status], may: set[int]) -> None:
    packed = replace(EMPTY, status={3: status_list.pack(told.items(), size=512)}, entitled={3: bundle.bits(may, 512)})
    found = read(bundle.issue(KEY, packed))
    assert found == packed
    assert [found.status_of(3, place) for place in range(512)] == [
        told.get(place, Status.VALID) for place in range(512)
    ]
    assert {place for place in range(512) if found.is_entitled(3, place)} == may


@pytest.mark.parametrize(("number", "index"), [(1, 8), (0, 64), (0, 1 << 19)])
def test_a_place_that_no_list_has_was_not_stopped_and_is_entitled_to_nothing(number: int, index: int) -> None:
    """A medium that was issued after the bundle: it is not lost, and the gate cannot know what it may do."""
    assert (SMALL.status_of(number, index), SMALL.is_entitled(number, index)) == (Status.VALID, False)


def test_two_hundred_thousand_media_of_which_six_in_ten_are_entitled_take_less_than_sixty_kilobytes() -> None:
    """Issue bar. The entropy of the entitled list alone is 32.6 KB."""
    data = bundle.issue(KEY, city(media=200_000))
    assert 32_600 < len(data) < 60_000
    assert read(data) == city(media=200_000)


def test_a_million_media_two_in_a_hundred_revoked_take_less_than_thirty_kilobytes_of_status_lists() -> None:
    """Issue bar, with lists of 2^18 places: five of them."""
    lists = {number: city(media=200_000, seed=number).status[0] for number in range(5)}
    data = bundle.issue(KEY, replace(EMPTY, status=lists))
    assert 17_900 < len(data) < 30_000


def test_it_is_the_same_bytes_every_time() -> None:
    assert bundle.issue(KEY, SMALL) == bundle.issue(KEY, SMALL)


def test_more_than_a_reader_takes_is_not_issued() -> None:
    for too_much in (
        replace(EMPTY, status=dict.fromkeys(range(65), b"\x00")),
        replace(EMPTY, content=bytes(bundle.MAX_CONTENT_BYTES + 1)),
        replace(EMPTY, keys=bytes(bundle.MAX_BYTES)),
    ):
        with pytest.raises(ValueError, match="a bundle of"):
            bundle.issue(KEY, too_much)


# --- what is refused --------------------------------------------------------------------------------


def test_a_bundle_that_is_over_is_read_all_the_same() -> None:
    """How old it may be is the site's policy, not the reader's."""
    assert read(bundle.issue(KEY, replace(SMALL, expires_at=0))).expires_at == 0


def test_an_older_bundle_is_refused_and_the_same_one_is_not() -> None:
    data = bundle.issue(KEY, SMALL)
    assert read(data, newest=7) == SMALL
    assert refusal(lambda: read(data, newest=8)) == "stale"


def test_a_bundle_of_another_authority_or_service_is_refused() -> None:
    data = bundle.issue(KEY, SMALL)
    assert refusal(lambda: read(data, authority="voisine")) == "unknown_key"
    assert refusal(lambda: read(data, service="library")) == "unknown_key"


def test_a_neighbours_key_signs_no_bundle_of_ours() -> None:
    theirs = keys.key_set([keys.verify_key(KEY.public, purpose="bundle", authority="voisine")])
    assert refusal(lambda: read(bundle.issue(KEY, SMALL), theirs)) == "unknown_key"


def test_an_unknown_key_another_purpose_or_a_withdrawn_key_signs_none() -> None:
    assert refusal(lambda: read(bundle.issue(keys.signing_key(43), SMALL))) == "unknown_key"
    assert refusal(lambda: read(bundle.issue(PRINT, SMALL))) == "unknown_key"
    assert refusal(lambda: read(bundle.issue(keys.SigningKey(PRINT.private, KEY.kid), SMALL))) == "bad_signature"
    gone = keys.key_set([keys.verify_key(KEY.public, purpose="bundle", authority="ville", withdrawn=True)])
    assert refusal(lambda: read(bundle.issue(KEY, SMALL), gone)) == "withdrawn_key"


def test_every_changed_byte_is_refused() -> None:
    data = bundle.issue(KEY, SMALL)
    delta = bundle_delta.make(KEY, SMALL, replace(SMALL, sequence=8, content=b"[]"))
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 0x10
        assert refusal(lambda changed=changed: read(bytes(changed))) in {"unreadable", "bad_signature", "unknown_key"}  # type: ignore[misc]
        assert refusal(lambda place=place: read(data[:place])) == "unreadable"  # type: ignore[misc]
    for place in range(len(delta)):
        changed = bytearray(delta)
        changed[place] ^= 0x10
        assert refusal(lambda changed=changed: bundle_delta.apply(SMALL, bytes(changed), TRUSTED))  # type: ignore[misc]


def claims_of(data: bytes, typ: str) -> dict[Any, Any]:
    found = cbor.load(cose.parse1(data[1:], max_bytes=bundle.MAX_BYTES, typ=typ).payload)
    assert isinstance(found, dict)
    return found


def signed(claims: dict[Any, Any], *, aad: bytes = b"MPS-BNDL1", typ: str = bundle.MEDIA_TYPE) -> bytes:
    return b"\xd2" + cose.sign1(KEY.private, cbor.dump(claims), kid=KEY.kid, external_aad=aad, typ=typ)


BOMB = zlib.compress(bytes(50_000_000), 9)


@pytest.mark.parametrize(
    "change",
    [
        {-70010: -1},
        {-70010: True},
        {6: "now"},
        {4: 1.5},
        {1: b"ville"},
        {2: None},
        {-70017: None},
        {-70018: "{}"},
        {-70018: BOMB},
        {-70015: []},
        {-70015: {"0": b""}},
        {-70015: {-1: status_list.compress(bytes(16))}},
        {-70015: {0: b""}},
        {-70015: {0: status_list.compress(bytes(17))}},
        {-70015: {0: BOMB}},
        {-70015: dict.fromkeys(range(65), status_list.compress(bytes(16)))},
        {-70016: {0: 7}},
        {-70016: {0: status_list.compress(bytes(1 << 18))}},
        {99: 1},
    ],
    ids=lambda change: str(change)[:40],
)
def test_signed_claims_of_another_shape_are_unreadable(change: dict[object, object]) -> None:
    claims = claims_of(bundle.issue(KEY, SMALL), bundle.MEDIA_TYPE)
    assert read(signed(claims)) == SMALL
    assert refusal(lambda: read(signed({**claims, **change}))) == "unreadable"


def test_it_says_what_it_is_or_is_none() -> None:
    claims = claims_of(bundle.issue(KEY, SMALL), bundle.MEDIA_TYPE)
    assert refusal(lambda: read(signed(claims, aad=b""))) == "bad_signature"
    assert refusal(lambda: read(signed(claims, typ=status_list.MEDIA_TYPE))) == "unreadable"
    assert refusal(lambda: read(bundle_delta.make(KEY, SMALL, SMALL))) == "unreadable"
    assert refusal(lambda: bundle_delta.apply(SMALL, bundle.issue(KEY, SMALL), TRUSTED)) == "unreadable"


@given(st.binary(max_size=300) | st.binary(max_size=300).map(b"\xd2\x84".__add__))
def test_any_bytes_are_refused_and_nothing_else_happens(data: bytes) -> None:
    refusal(lambda: read(data))
    refusal(lambda: bundle_delta.apply(SMALL, data, TRUSTED))


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.binary(max_size=20) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.integers(0, 3), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=300)
@given(st.sampled_from([1, 2, 4, 6, -70010, -70013, -70015, -70016, -70017, -70018, -70019]), _ANY)
def test_whatever_a_signed_claim_holds_a_reader_answers_a_bundle_or_a_code_error(label: int, value: object) -> None:
    for data, aad, typ, reader in (
        (bundle.issue(KEY, SMALL), b"MPS-BNDL1", bundle.MEDIA_TYPE, read),
        (
            bundle_delta.make(KEY, SMALL, SMALL),
            b"MPS-BNDD1",
            bundle_delta.MEDIA_TYPE,
            lambda data: bundle_delta.apply(SMALL, data, TRUSTED),
        ),
    ):
        claims = claims_of(data, typ)
        if label in claims:
            try:
                assert isinstance(reader(signed({**claims, label: value}, aad=aad, typ=typ)), Bundle)
            except CodeError:
                continue


# --- deltas -----------------------------------------------------------------------------------------

_PLACES = st.dictionaries(st.integers(0, 255), st.sampled_from(Status), max_size=40)
_BUNDLES = st.builds(
    lambda told, may, more, keys_, content: replace(
        EMPTY,
        status={0: status_list.pack(told.items(), size=256), **({1: status_list.pack([], size=64)} if more else {})},
        entitled={0: bundle.bits(may, 256), **({1: bundle.bits([3], 64)} if more else {})},
        keys=keys_,
        content=content,
    ),
    _PLACES,
    st.sets(st.integers(0, 255)),
    st.booleans(),
    st.sampled_from([b"", b"keys"]),
    st.sampled_from([b"{}", b"[1]"]),
)


@given(_BUNDLES, _BUNDLES)
def test_the_old_bundle_with_its_delta_is_the_new_bundle(old: Bundle, new: Bundle) -> None:
    """Lists come, go and change; so do keys and content."""
    new = replace(new, sequence=9, issued_at=NOW + 60)
    assert bundle_delta.apply(old, bundle_delta.make(KEY, old, new), TRUSTED) == new


def test_two_hundred_changes_take_less_than_two_kilobytes() -> None:
    """Issue bar: a hundred media revoked, a hundred whose right has changed."""
    chance, old = random.Random(3), city(media=200_000)
    status, entitled = bytearray(old.status[0]), bytearray(old.entitled[0])
    for place in chance.sample(range(SIZE), 100):
        status[place >> 2] |= 1 << 2 * (place & 3)
    for place in chance.sample(range(SIZE), 100):
        entitled[place >> 3] ^= 1 << (place & 7)
    new = replace(old, sequence=8, status={0: bytes(status)}, entitled={0: bytes(entitled)})
    delta = bundle_delta.make(KEY, old, new)
    assert len(delta) < 2_000
    assert bundle_delta.apply(old, delta, TRUSTED) == new


def test_a_delta_fits_one_sequence_of_one_service_alone() -> None:
    delta = bundle_delta.make(KEY, SMALL, replace(SMALL, sequence=8))
    for sequence in (6, 8):
        assert refusal(lambda s=sequence: bundle_delta.apply(replace(SMALL, sequence=s), delta, TRUSTED)) == "stale"  # type: ignore[misc]
    assert refusal(lambda: bundle_delta.apply(replace(SMALL, service="library"), delta, TRUSTED)) == "unknown_key"
    assert refusal(lambda: bundle_delta.apply(replace(SMALL, authority="voisine"), delta, TRUSTED)) == "unknown_key"


def test_a_delta_never_goes_back() -> None:
    assert refusal(
        lambda: bundle_delta.apply(SMALL, bundle_delta.make(KEY, SMALL, replace(SMALL, sequence=6)), TRUSTED)
    )


def test_a_delta_on_a_bundle_that_differs_comes_out_as_nothing() -> None:
    """The sequence is right and a place is not: what would come out is not what the server has."""
    delta = bundle_delta.make(KEY, SMALL, replace(SMALL, sequence=8))
    spoilt = replace(SMALL, entitled={0: bundle.bits([8, 9], 64)})
    assert refusal(lambda: bundle_delta.apply(spoilt, delta, TRUSTED)) == "stale"


def test_a_delta_of_an_unknown_or_withdrawn_key_is_refused() -> None:
    after = replace(SMALL, sequence=8)
    assert refusal(lambda: bundle_delta.apply(SMALL, bundle_delta.make(PRINT, SMALL, after), TRUSTED)) == "unknown_key"
    gone = keys.key_set([keys.verify_key(KEY.public, purpose="bundle", authority="ville", withdrawn=True)])
    assert refusal(lambda: bundle_delta.apply(SMALL, bundle_delta.make(KEY, SMALL, after), gone)) == "withdrawn_key"


@pytest.mark.parametrize(
    "change",
    [
        {-70015: {0: [16, b"", b"", b""]}},
        {-70015: {0: [15, b"", b"", b"", b""]}},
        {-70015: {0: [0, b"", b"", b"", b""]}},
        {-70015: {0: [1 << 19, b"", b"", b"", b""]}},
        {-70015: {0: [16, b"\x40", b"", b"", b""]}},
        {-70015: {0: [16, "", b"", b"", b""]}},
        {-70015: {True: [16, b"", b"", b"", b""]}},
        {-70016: {0: [8, b"\x80", b""]}},
        {-70018: BOMB},
        {-70013: True},
        {-70010: -7},
    ],
    ids=lambda change: str(change)[:40],
)
def test_a_delta_of_another_shape_is_unreadable(change: dict[object, object]) -> None:
    claims = claims_of(bundle_delta.make(KEY, SMALL, replace(SMALL, sequence=8)), bundle_delta.MEDIA_TYPE)
    data = signed({**claims, **change}, aad=b"MPS-BNDD1", typ=bundle_delta.MEDIA_TYPE)
    assert refusal(lambda: bundle_delta.apply(SMALL, data, TRUSTED)) == "unreadable"
