"""The signed set of an authority's keys: what a verifier without a network takes, and what it refuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfc import cbor, cose, key_set, keys
from nfc.errors import CodeError
from nfc.key_set import Unsigned
from nfc.keys import KeySet, SigningKey

ROOT, NEXT, STRANGER = (keys.signing_key(number) for number in (11, 12, 13))
PRINT, PHONE, BUNDLE = (keys.signing_key(number) for number in (21, 22, 23))
NOW = 1_800_000_000


def of(*roots: SigningKey, authority: str = "ville") -> KeySet:
    return keys.key_set(keys.verify_key(root.public, purpose="root", authority=authority) for root in roots)


def asked(*, version: int = 1, authority: str = "ville", roots: tuple[SigningKey, ...] = (ROOT,)) -> bytes:
    mine = tuple(
        keys.verify_key(key.public, purpose=purpose, authority=authority)
        for key, purpose in ((PRINT, "print"), (PHONE, "phone"), (BUNDLE, "bundle"))
    )
    return key_set.payload(
        Unsigned(authority, version, NOW, NOW + 2_592_000, mine, tuple(root.public for root in roots))
    )


def refusal(data: bytes, roots: KeySet, *, now: int = NOW, last_version: int = 0, authority: str = "ville") -> str:
    with pytest.raises(CodeError) as refused:
        key_set.read(data, roots, authority=authority, now=now, last_version=last_version)
    return refused.value.kind


def test_a_verifier_learns_every_key_for_its_purpose_and_nothing_else() -> None:
    found = key_set.read(key_set.sign(ROOT, asked(version=7)), of(ROOT), authority="ville", now=NOW, last_version=6)
    assert {key.kid: key.purpose for same in found.keys.values() for key in same} == {
        PRINT.kid: "print",
        PHONE.kid: "phone",
        BUNDLE.kid: "bundle",
    }
    assert (found.version, found.expires_at, {*found.roots}) == (7, NOW + 2_592_000, {ROOT.kid})


def test_an_older_set_never_takes_the_place_of_a_newer_one_and_the_same_may_come_again() -> None:
    signed = key_set.sign(ROOT, asked(version=7))
    assert key_set.read(signed, of(ROOT), authority="ville", now=NOW, last_version=7).version == 7
    assert refusal(signed, of(ROOT), last_version=8) == "stale"


def test_a_set_that_is_over_is_refused_from_its_very_second() -> None:
    signed = key_set.sign(ROOT, asked())
    assert refusal(signed, of(ROOT), now=NOW + 2_592_000) == "expired"
    assert key_set.read(signed, of(ROOT), authority="ville", now=NOW + 2_591_999, last_version=0).version == 1


def test_no_key_but_the_pinned_root_signs_a_set() -> None:
    assert refusal(key_set.sign(STRANGER, asked()), of(ROOT)) == "unknown_key"
    pretender = SigningKey(STRANGER.private, ROOT.kid)
    assert refusal(key_set.sign(pretender, asked()), of(ROOT)) == "bad_signature"
    not_root = keys.key_set([keys.verify_key(ROOT.public, purpose="print", authority="ville")])
    assert refusal(key_set.sign(ROOT, asked()), not_root) == "unknown_key"


def test_a_neighbours_set_is_not_ours_even_under_one_root() -> None:
    signed = key_set.sign(ROOT, asked(authority="voisine"))
    assert refusal(signed, of(ROOT)) == "unknown_key"
    assert refusal(signed, of(ROOT, authority="voisine")) == "unknown_key"


def test_a_root_names_its_successor_and_the_successor_signs_the_next() -> None:
    first = key_set.read(
        key_set.sign(ROOT, asked(version=1, roots=(ROOT, NEXT))), of(ROOT), authority="ville", now=NOW, last_version=0
    )
    signed = key_set.sign(NEXT, asked(version=2, roots=(NEXT,)))
    assert key_set.read(signed, first.roots, authority="ville", now=NOW, last_version=1).version == 2
    assert refusal(signed, of(ROOT)) == "unknown_key"


def test_one_bit_more_or_less_is_a_forgery() -> None:
    signed = bytearray(key_set.sign(ROOT, asked()))
    signed[-1] ^= 1
    assert refusal(bytes(signed), of(ROOT)) == "bad_signature"


def test_a_signature_made_for_another_type_of_object_is_none() -> None:
    other = b"\xd2" + cose.sign1(ROOT.private, asked(), kid=ROOT.kid, external_aad=b"MPS-STAT1", typ=key_set.MEDIA_TYPE)
    assert refusal(other, of(ROOT)) == "bad_signature"


@pytest.mark.parametrize(
    "change",
    [
        {1: 5},
        {-70010: 0},
        {-70010: True},
        {-70010: -1},
        {4: NOW},
        {-70011: {"token": cbor.dump([])}},
        {-70011: {"print": []}},
        {-70011: {"print": cbor.dump({})}},
        {-70011: {"print": cbor.dump([{1: 2}])}},
        {-70011: {"print": cbor.dump([{-2: bytes(32), -3: bytes(32)}])}},
        {-70012: []},
        {99: 1},
    ],
    ids=str,
)
def test_a_root_signs_no_request_that_is_none(change: dict[int, object]) -> None:
    claims = cbor.load(asked())
    assert isinstance(claims, dict)
    with pytest.raises(CodeError):
        key_set.sign(ROOT, cbor.dump({**claims, **change}))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_set_or_a_refusal(data: bytes) -> None:
    for read in (data, b"\xd2" + data):
        with pytest.raises(CodeError):
            key_set.read(read, of(ROOT), authority="ville", now=NOW, last_version=0)
    with pytest.raises(CodeError):
        key_set.read_request(data)
