"""Commands and answers: short, of exactly one form, and whatever comes is told in our own words."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfc import apdu
from nfc.apdu import Command
from nfc.errors import CodeError

BYTE = st.integers(0, 255)
COMMANDS = st.builds(Command, BYTE, BYTE, BYTE, BYTE, st.binary(max_size=255))


@given(COMMANDS)
def test_what_is_written_is_read(command: Command) -> None:
    assert apdu.read(apdu.write(command)) == command


@given(COMMANDS.filter(lambda command: bool(command.data)))
def test_a_command_may_leave_out_the_length_it_expects(command: Command) -> None:
    assert apdu.read(apdu.write(command)[:-1]) == command


def test_more_than_255_bytes_are_not_written() -> None:
    with pytest.raises(ValueError, match="256"):
        apdu.write(Command(0, 0, 0, 0, bytes(256)))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ("", "unreadable"),
        ("009000", "unreadable"),
        ("00a404000001", "unreadable"),
        ("00a4040002aa", "unreadable"),
        ("00a4040001aa0000", "unreadable"),
        ("00" * 262, "too_long"),
    ],
)
def test_refuses_a_command(data: str, kind: str) -> None:
    with pytest.raises(CodeError) as refusal:
        apdu.read(bytes.fromhex(data))
    assert refusal.value.kind == kind


@pytest.mark.parametrize(
    ("answer", "kind", "detail"),
    [
        ("", "unreadable", "answer without a status"),
        ("90", "unreadable", "answer without a status"),
        ("9000", "unreadable", "answer of 0 bytes, not 1 to 2"),
        ("0102039000", "unreadable", "answer of 3 bytes, not 1 to 2"),
        ("6985", "refused", "6985"),
        ("019100", "refused", "9100"),
        ("6a82", "unknown_type", "6a82"),
        ("00" * 259, "too_long", "answer of 259 bytes"),
    ],
)
def test_refuses_an_answer(answer: str, kind: str, detail: str) -> None:
    with pytest.raises(CodeError) as refusal:
        apdu.content(bytes.fromhex(answer), status=apdu.OK, least=1, most=2)
    assert (refusal.value.kind, refusal.value.detail) == (kind, detail)


@given(st.binary(max_size=300))
def test_any_bytes_give_a_value_or_a_code_error(data: bytes) -> None:
    with suppress(CodeError):
        apdu.read(data)
    with suppress(CodeError):
        assert len(apdu.content(data, status=apdu.OK, least=0, most=256)) == len(data) - 2
