"""A reader that remembers phones: what it verifies once, and what it looks at every time."""

from collections.abc import Iterator, Mapping

import pytest

from nfc import keys, phone_code
from nfc.errors import CodeError
from nfc.keys import KeySet, VerifyKey
from nfc.phone import Phone
from nfc.qr import CodeReader
from tests.unit.nfc.demo_phones import AUTHORITY, EXPIRY, NOW, PHONE, TRUST, bound


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
