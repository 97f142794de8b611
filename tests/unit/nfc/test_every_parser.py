"""Whatever the bytes: each reader of `nfc` answers or raises its one error, soon, and in little memory.

CPU time, not the wall's: a busy machine proves nothing. What is slow once is measured again, and the best counts.
"""

import time
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nfc.errors import CodeError
from tests.parsers import BEHIND, PARSERS, Parser, declared

BY_NAME = pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)

HOSTILE = (
    b"",
    b"\x00" * 65_536,
    b"\xff" * 65_536,
    b"A" * 65_536,
    b"\x81" * 65_536,  # lists in lists
    b"\xa1\x01" * 32_768,  # maps in maps
    b"\xd8\x20" * 32_768,  # tags on tags
    b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",  # a list of 2^64 items
    b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff",  # a byte string of 2^63 bytes
    b"\x9f" * 1_000,
    b"\x84\x40\xa0\x5a\x7f\xff\xff\xff",
    b"\x3b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\xfb\x7f\xf0\x00\x00\x00\x00\x00\x00",
)


def test_no_reader_is_forgotten() -> None:
    """A new function of `nfc` that declares a `CodeError` belongs into `tests/parsers.py`."""
    looked_at = {parser.name.partition(",")[0] for parser in PARSERS}
    assert looked_at | BEHIND.keys() == set(declared())
    assert looked_at & BEHIND.keys() == set()
    assert set(BEHIND.values()) <= {parser.name for parser in PARSERS}


@BY_NAME
def test_what_is_genuine_is_read(parser: Parser) -> None:
    """Or the rest of this page would look at refusals only."""
    read = [seed for seed in parser.seeds if not isinstance(outcome(parser, seed), CodeError)]
    assert read


def outcome(parser: Parser, data: bytes) -> object:
    try:
        return parser.call(data)
    except CodeError as refused:
        return refused


def spent(parser: Parser, data: bytes) -> float:
    began = time.thread_time()
    outcome(parser, data)
    return (time.thread_time() - began) * 1_000


def hold(parser: Parser, data: bytes) -> None:
    """Look at one input."""
    tracemalloc.start()
    try:
        outcome(parser, data)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < parser.mebibytes * 2**20
    if spent(parser, data) >= parser.milliseconds:
        assert min(spent(parser, data) for _ in range(3)) < parser.milliseconds


@st.composite
def mutated(draw: st.DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    """A genuine input with a few things done to it: bytes changed, cut, doubled, or of another one."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        match draw(st.sampled_from(["set", "flip", "cut", "insert", "double", "splice"])):
            case "set" if at < len(data):
                data[at] = draw(st.sampled_from([0x00, 0x7F, 0x80, 0xFF, 0x1B, 0x5B, 0x9B, 0xBB, 0xF6]))
            case "flip" if at < len(data):
                data[at] ^= 1 << draw(st.integers(0, 7))
            case "cut":
                del data[at : at + draw(st.integers(1, 16))]
            case "insert":
                data[at:at] = draw(st.binary(max_size=16))
            case "double":
                data[at:at] = data[at : at + 32]
            case "splice":
                data[at:] = draw(st.sampled_from(seeds))[at:]
            case _:
                pass
    return bytes(data)


@BY_NAME
@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_made_to_hurt_does_not(parser: Parser, data: bytes) -> None:
    hold(parser, data)


@BY_NAME
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_the_bytes(parser: Parser, data: st.DataObject) -> None:
    hold(parser, data.draw(st.one_of(mutated(parser.seeds), st.binary(max_size=600))))
