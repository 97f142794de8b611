"""Commands and answers of contactless cards, ISO/IEC 7816-4, short form only: at most 255 bytes out and 256 back."""

from typing import Final

from msgspec import Struct

from nfc.errors import CodeError

MAX_COMMAND_BYTES: Final = 4 + 1 + 255 + 1
MAX_ANSWER_BYTES: Final = 256 + 2

OK: Final = 0x9000
NATIVE_OK: Final = 0x9100  # the same from a DESFire or NTAG 424 command wrapped in class 90
NATIVE_MORE: Final = 0x91AF  # it waits for the next leg

WRONG_LENGTH: Final = 0x6700
NOT_ALLOWED: Final = 0x6985  # not selected, or the phone's holder has not agreed
UNKNOWN_APPLICATION: Final = 0x6A82
WRONG_PARAMETERS: Final = 0x6A86
UNKNOWN_INSTRUCTION: Final = 0x6D00
UNKNOWN_CLASS: Final = 0x6E00


class Command(Struct, frozen=True, gc=False):
    """A command without the length it expects back: ours all ask for whatever comes."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""


def write(command: Command) -> bytes:
    """The command's bytes, Le = 00.

    Raises:
        ValueError: more than 255 bytes of data.

    """
    length = bytes([len(command.data)]) if command.data else b""
    return bytes([command.cla, command.ins, command.p1, command.p2]) + length + command.data + b"\x00"


def native(ins: int, data: bytes = b"") -> bytes:
    """A DESFire or NTAG 424 command in its ISO wrapping."""
    return write(Command(0x90, ins, 0, 0, data))


def read(data: bytes) -> Command:
    """The command in `data`, with or without Le: what a card understands.

    Raises:
        CodeError: "too_long", or "unreadable".

    """
    if len(data) > MAX_COMMAND_BYTES:
        raise CodeError("too_long", f"APDU of {len(data)} bytes")
    if len(data) < 4:
        raise CodeError("unreadable", "APDU without a header")
    cla, ins, p1, p2, *_ = data
    body = data[4:]
    if len(body) <= 1:  # nothing, or Le
        return Command(cla, ins, p1, p2)
    length = body[0]
    if length == 0 or len(body) - 1 - length not in (0, 1):
        raise CodeError("unreadable", "APDU length")
    return Command(cla, ins, p1, p2, body[1 : 1 + length])


def content(answer: bytes, *, status: int, least: int, most: int) -> bytes:
    """The data of a card's answer, between `least` and `most` bytes, when it ends in `status`.

    Raises:
        CodeError: "too_long"; "refused" for another status, which `detail` holds as four hex digits; "unknown_type"
            when the card does not have the application asked for; "unreadable" for another length.

    """
    if len(answer) > MAX_ANSWER_BYTES:
        raise CodeError("too_long", f"answer of {len(answer)} bytes")
    if len(answer) < 2:
        raise CodeError("unreadable", "answer without a status")
    data, said = answer[:-2], int.from_bytes(answer[-2:], "big")
    if said == UNKNOWN_APPLICATION:
        raise CodeError("unknown_type", f"{said:04x}")
    if said != status:
        raise CodeError("refused", f"{said:04x}")
    if not least <= len(data) <= most:
        raise CodeError("unreadable", f"answer of {len(data)} bytes, not {least} to {most}")
    return data
