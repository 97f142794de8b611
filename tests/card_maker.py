"""A card maker, with what docs/personalisation.md tells one and nothing else of ours: JSON, AES key wrap, SHA-256.

Chips are software cards. Where a chip mirrors its values into the NDEF file is taken from the file settings' bytes, as
a chip would take it.
"""

import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives.keywrap import aes_key_unwrap
from msgspec import Struct

from nfc import card_object
from nfc.diversify import Slot
from terminal.software_card import SoftwareCard


class MadeCard(Struct, frozen=True):
    """A card that has left the machine."""

    number: str
    printed: dict[str, Any]
    chip: SoftwareCard
    content: bytes
    settings: bytes

    def tap(self) -> str:
        """The URL in the NDEF file at this tap."""
        written = self.chip.read_url()
        assert written is not None
        values = dict(part.split("=") for part in written.removeprefix("?").split("&"))
        assert self.settings[:4].hex() == "4000e0c1", "SDM on, in clear, read freely, UID and counter as ASCII"
        picc_data, mac_input, mac = (int.from_bytes(self.settings[at : at + 3], "little") for at in (6, 9, 12))
        assert mac_input == mac, "our template's MAC covers no text"
        file = bytearray(self.content)
        for offset, value in ((picc_data, values["e"]), (mac, values["c"])):
            assert set(file[offset : offset + len(value)]) == {ord("0")}
            file[offset : offset + len(value)] = value.encode()
        return url_of(bytes(file))


def url_of(file: bytes) -> str:
    """The URL in an NDEF file with one short URI record (NFC Forum URI RTD 1.0)."""
    length = int.from_bytes(file[:2], "big")
    message = file[2 : 2 + length]
    assert len(message) == length
    assert (message[0], message[1], message[3:4]) == (0xD1, 1, b"U")
    payload = message[4:]
    assert len(payload) == message[2]
    return {1: "http://www.", 2: "https://www.", 3: "http://", 4: "https://"}[payload[0]] + payload[1:].decode()


def chips(count: int) -> list[bytes]:
    """So many blank chips of NXP's."""
    return [b"\x04" + secrets.token_bytes(6) for _ in range(count)]


def chip_list(uids: list[bytes]) -> bytes:
    """The list that a maker sends before a batch."""
    return b"".join(uid.hex().encode() + b"\n" for uid in uids)


def read_order(order: bytes) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]]:
    """Header, cards and trailer of an order whose checksum and counts agree."""
    *lines, last = order.splitlines(keepends=True)
    header, *cards = map(json.loads, lines)
    trailer = json.loads(last)
    assert trailer["sha256"] == hashlib.sha256(b"".join(lines)).hexdigest()
    assert header["count"] == trailer["count"] == len(cards)
    return header, cards, trailer


def make(order: bytes, transport: bytes) -> list[MadeCard]:
    """Produce every card of an order."""
    header, cards, _ = read_order(order)
    made = []
    for card in cards:
        keys = aes_key_unwrap(transport, bytes.fromhex(card["keys"]))
        slots = {slot: keys[16 * slot : 16 * slot + 16] for slot in Slot}
        file = bytes.fromhex(card["object"])
        assert len(file) == card_object.FILE_BYTES
        chip = SoftwareCard(bytes.fromhex(card["uid"]), slots, "", file=file)
        content, settings = (bytes.fromhex(header["ndef"][name]) for name in ("content", "settings"))
        made.append(MadeCard(card["number"], card["print"], chip, content, settings))
    return made


def report(order: bytes, *, spoiled: frozenset[int] = frozenset(), **changed: Any) -> bytes:  # noqa: ANN401 - JSON
    """The report on an order; `changed` replaces values of its header."""
    header, cards, trailer = read_order(order)
    lines = [
        {
            "format": "multipass-cards-report/1",
            "batch": header["batch"],
            "order": trailer["sha256"],
            "count": len(cards),
            **changed,
        },
        *(
            {
                "sequence": card["sequence"],
                "number": card["number"],
                "uid": card["uid"],
                "result": "spoiled" if card["sequence"] in spoiled else "produced",
                "keyVersion": header["keyVersion"],
            }
            for card in cards
        ),
    ]
    return sealed(lines)


def sealed(lines: list[dict[str, Any]]) -> bytes:
    """Lines of a report, with the trailer that fits."""
    body = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    trailer = {"count": len(lines) - 1, "sha256": hashlib.sha256(body).hexdigest()}
    return body + json.dumps(trailer).encode() + b"\n"
