"""A card maker who is played: it answers an order as a maker does whose every card was a success, and makes none.

For a rehearsal of the way of a batch, and for the demonstration. Whoever makes cards reads docs/personalisation.md.
"""

import secrets
from hashlib import sha256
from typing import Final

import msgspec

from adapters.card_order import Header, OrderCard, Trailer
from adapters.maker_files import ReportHeader, ReportLine
from domain.errors.cards import BatchFileRefused, Flaw
from nfc.diversify import UID_BYTES

_OF_NXP: Final = b"\x04"
"""With what every UID of NXP's begins (ISO/IEC 7816-6)."""


def chips(count: int) -> bytes:
    """Return a list of so many chips, as a maker sends it before a batch; no such chip was ever made."""
    uids = (_OF_NXP + secrets.token_bytes(UID_BYTES - 1) for _ in range(count))
    return b"".join(uid.hex().encode() + b"\n" for uid in uids)


def report(order: bytes) -> bytes:
    """Return the report on an order: every card of it was produced.

    Raises:
        BatchFileRefused: it is no order, or was cut off or altered.
    """
    *lines, last = order.splitlines(keepends=True) or [b""]
    try:
        trailer = msgspec.json.decode(last, type=Trailer)
        header = msgspec.json.decode(lines[0], type=Header)
        cards = [msgspec.json.decode(line, type=OrderCard) for line in lines[1:]]
    except (msgspec.DecodeError, UnicodeDecodeError, IndexError):
        raise BatchFileRefused(Flaw(0, "this is no order, or it was cut off.")) from None
    if trailer.sha256 != sha256(b"".join(lines)).hexdigest():
        raise BatchFileRefused(Flaw(len(lines) + 1, "the SHA-256 is another: the file was altered or cut."))
    said = [
        ReportHeader("multipass-cards-report/1", header.batch, trailer.sha256, len(cards)),
        *(ReportLine(one.sequence, one.number, one.uid, "produced", header.key_version) for one in cards),
    ]
    body = b"".join(msgspec.json.encode(one) + b"\n" for one in said)
    return body + msgspec.json.encode(Trailer(len(cards), sha256(body).hexdigest())) + b"\n"
