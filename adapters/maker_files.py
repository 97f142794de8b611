"""What a card maker sends: the list of the chips put aside for a batch, and the report on it (docs/personalisation.md).

    chips       the UID of a chip in hex, 14 digits, one a line, in the order of the cards
    report      {"format": "multipass-cards-report/1", "batch": ..., "order": SHA-256 of the order, "count": ...}
                {"sequence": 1, "number": ..., "uid": ..., "result": "produced" or "spoiled", "keyVersion": 1}  one each
                {"count": ..., "sha256": ...}                                  over every byte before this line

A UID is hashed as it is read and goes no further. What a refusal says names lines, never a UID.
"""

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import IO, Annotated, Final, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from adapters.card_order import Trailer
from domain.card_batches import NUMBER_DIGITS
from domain.errors.cards import BatchFileRefused, Flaw
from domain.maker_reports import Report, ReportedCard
from domain.personalisation import LARGEST, refuse_if
from nfc import uid as uids
from nfc.diversify import UID_BYTES

_LONGEST_LINE: Final = 512
_MOST_LINES: Final = LARGEST + 2
_UID = re.compile(rb"[0-9A-Fa-f]{14}")
_TOO_LONG = "the file has more than 100,000 cards, or a line of more than 512 bytes."

S = TypeVar("S", bound=Struct)

Hex = Annotated[str, Meta(pattern=rf"^[0-9A-Fa-f]{{{2 * UID_BYTES}}}$")]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]


class ReportHeader(Struct, frozen=True, forbid_unknown_fields=True):
    """The first line."""

    format: Literal["multipass-cards-report/1"]
    batch: str
    order: Sha256
    count: int


class ReportLine(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """One card."""

    sequence: int
    number: Annotated[str, Meta(pattern=rf"^[0-9]{{{NUMBER_DIGITS}}}$")]
    uid: Hex
    result: Literal["produced", "spoiled"]
    key_version: int


class ReportTrailer(Trailer, frozen=True, forbid_unknown_fields=True):
    """The last line."""


def read_chips(file: IO[bytes]) -> list[bytes]:
    """The UIDs in a list of chips, in its order.

    Raises:
        BatchFileRefused: a line is no UID of seven bytes, or there are too many.
    """
    lines = [line.rstrip(b"\r\n") for line in _lines(file)]
    refuse_if([Flaw(at, "no UID of 14 hex digits.") for at, line in enumerate(lines, 1) if not _UID.fullmatch(line)])
    return [bytes.fromhex(line.decode()) for line in lines]


def read_report(file: IO[bytes], uid_key: bytes) -> Report:
    """The report in a file, whole; its UIDs hashed under the authority's key.

    Raises:
        BatchFileRefused: it is no report, was cut off or altered, or does not count its own cards.
    """
    lines = list(_lines(file))
    if len(lines) < 2:
        raise BatchFileRefused(Flaw(0, "a report has a header, its cards and a trailer: the file was cut off."))
    header = _decoded(lines[0], ReportHeader, 1)
    try:
        trailer = _decoded(lines[-1], ReportTrailer, len(lines))
    except BatchFileRefused:
        raise BatchFileRefused(Flaw(len(lines), "the last line is no trailer: the file was cut off.")) from None
    cards: list[ReportedCard] = []
    flaws: list[Flaw] = []
    for at, line in enumerate(lines[1:-1], start=2):
        try:
            cards.append(_card(_decoded(line, ReportLine, at), uid_key))
        except BatchFileRefused as unreadable:
            flaws += unreadable.flaws
    if sha256(b"".join(lines[:-1])).hexdigest() != trailer.sha256:
        flaws.append(Flaw(len(lines), "the SHA-256 is another: the file was altered or cut."))
    if {header.count, trailer.count} != {len(lines) - 2}:
        flaws.append(Flaw(len(lines), f"header and trailer must count {len(lines) - 2} cards: so many there are."))
    refuse_if(flaws)
    return Report(header.batch, bytes.fromhex(header.order), cards)


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    for number in range(1, _MOST_LINES + 2):
        line = file.readline(_LONGEST_LINE + 1)
        if not line:
            return
        if len(line) > _LONGEST_LINE or number > _MOST_LINES:
            raise BatchFileRefused(Flaw(number, _TOO_LONG))
        yield line


def _decoded(line: bytes, kind: type[S], at: int) -> S:
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as unreadable:
        raise BatchFileRefused(Flaw(at, f"{unreadable}.")) from None


def _card(line: ReportLine, uid_key: bytes) -> ReportedCard:
    digest = uids.digest(uid_key, bytes.fromhex(line.uid))
    return ReportedCard(line.sequence, line.number, digest, line.result == "produced", line.key_version)
