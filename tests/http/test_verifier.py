"""Codes never seen before are verified beside the event loop, and no key that was replaced is trusted there."""

import asyncio
from datetime import UTC, datetime

import pytest

from api.verifier import MOST_WAITING, Verifier
from domain.errors import Overloaded
from nfc import keys, qr
from nfc.errors import CodeError
from nfc.qr import CodeReader, VerifiedCode

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
KEY = keys.signing_key(7)
TRUSTED = keys.key_set([keys.verify_key(KEY.public, purpose="print", authority="ville")])
WITHDRAWN = keys.key_set([keys.verify_key(KEY.public, purpose="print", authority="ville", withdrawn=True)])


def code_of(number: int) -> str:
    return qr.issue_static(
        KEY, medium_id=number.to_bytes(8, "big"), expires_at=2_000_000_000, status_list=1, status_index=number
    )


def flaw(read: VerifiedCode | CodeError) -> str:
    assert isinstance(read, CodeError)
    return read.kind


@pytest.mark.parametrize("count", [1, 2, 70])
async def test_every_code_is_told_from_its_neighbours_and_the_genuine_are_remembered(count: int) -> None:
    reader = CodeReader(TRUSTED)
    verifier = Verifier(reader)
    codes = [code_of(number) for number in range(count)]
    forged = [code[:-3] + ("000" if code[-3:] != "000" else "111") for code in codes]
    asked = [verifier.read(text, NOW) for pair in zip(codes, forged, strict=True) for text in pair]
    found = await asyncio.gather(*asked)
    for number, (genuine, false) in enumerate(zip(found[::2], found[1::2], strict=True)):
        assert isinstance(genuine, VerifiedCode)
        assert genuine.medium_id == number.to_bytes(8, "big")
        assert flaw(false) in {"bad_signature", "unreadable"}
    now = int(NOW.timestamp())
    assert all(reader.remembered(code, now) is not None for code in codes)
    assert all(reader.remembered(code, now) is None for code in forged)
    verifier.close()


async def test_keys_that_are_replaced_meanwhile_are_not_trusted_by_what_is_under_way() -> None:
    reader = CodeReader(TRUSTED)
    verifier = Verifier(reader)
    codes = [code_of(number) for number in range(20)]
    asked = [verifier.read(code, NOW) for code in codes]
    await asyncio.sleep(0)  # the thread is at it, with the old keys
    reader.replace_keys(WITHDRAWN)
    assert {flaw(read) for read in await asyncio.gather(*asked)} == {"withdrawn_key"}
    assert all(reader.remembered(code, int(NOW.timestamp())) is None for code in codes)
    verifier.close()


async def test_whoever_hangs_up_meanwhile_hurts_no_neighbour() -> None:
    verifier = Verifier(CodeReader(TRUSTED))
    gone, *others = [verifier.read(code_of(number), NOW) for number in range(8)]
    gone.cancel()
    assert all(isinstance(read, VerifiedCode) for read in await asyncio.gather(*others))
    verifier.close()


async def test_what_came_while_the_thread_was_busy_goes_next() -> None:
    verifier = Verifier(CodeReader(TRUSTED))
    first = [verifier.read(code_of(number), NOW) for number in range(4)]
    await asyncio.sleep(0)
    second = [verifier.read(code_of(number), NOW) for number in range(4, 7)]
    assert all(isinstance(read, VerifiedCode) for read in await asyncio.gather(*first, *second))
    verifier.close()


async def test_more_than_a_city_can_show_is_turned_away() -> None:
    verifier = Verifier(CodeReader(TRUSTED))
    asked = [verifier.read("MP2:no code", NOW) for _ in range(MOST_WAITING)]
    with pytest.raises(Overloaded):
        verifier.read("MP2:no code", NOW)
    assert {flaw(read) for read in await asyncio.gather(*asked)} == {"unreadable"}
    verifier.close()
