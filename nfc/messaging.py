"""EV2 secure messaging: what a DESFire EV2, EV3 or NTAG 424 DNA and its server say once they know each other.

    MAC = short CMAC(K_mac, code | counter (2, least first) | TI | data)
    IV  = E(K_enc, 5AA5 for an answer | TI | counter | 8 zeros)

The code is the command's or the answer's status; an answer counts one more than its command. Full mode: data is
encrypted, and the MAC is over what is sent. Source: NXP AN12196 section 5 and AN12343.

`card_uid` is for software of integrators that meets cards with random UIDs (`docs/cards.md`): our own server asks no
card yet, and sends none anything encrypted.
"""

from typing import Final

from msgspec import Struct

from nfc import aes, apdu
from nfc.errors import CodeError

UID_BYTES: Final = 7

GET_CARD_UID: Final = 0x51
STATUS_OK: Final = 0x00

_ANSWER: Final = bytes.fromhex("5aa5")


class Session(Struct, frozen=True):
    """A card and its server after mutual authentication. Short-lived, and it prints without its keys."""

    enc_key: bytes  # 16 bytes
    mac_key: bytes  # 16 bytes
    transaction: bytes  # TI, 4 bytes, drawn by the card
    card_capabilities: bytes = bytes(6)
    reader_capabilities: bytes = bytes(6)  # as the card understood ours
    counter: int = 0  # commands so far

    def __repr__(self) -> str:
        """Never the keys."""
        return f"Session({self.transaction.hex()}, counter={self.counter})"

    def command_mac(self, code: int, data: bytes = b"") -> bytes:
        """The MAC of the next command, 8 bytes."""
        return self._mac(code, self.counter, data)

    def answer_mac(self, status: int, data: bytes = b"") -> bytes:
        """The MAC of its answer, 8 bytes; `status` is the low byte of the two."""
        return self._mac(status, self.counter + 1, data)

    def answer_iv(self) -> bytes:
        """The vector that its answer's data is encrypted with."""
        head = _ANSWER + self.transaction + (self.counter + 1).to_bytes(2, "little")
        return aes.encrypt(self.enc_key, head + bytes(8))

    def _mac(self, code: int, counter: int, data: bytes) -> bytes:
        head = bytes([code]) + counter.to_bytes(2, "little") + self.transaction
        return aes.short_mac(self.mac_key, head + data)


def card_uid_command(session: Session) -> bytes:
    """The APDU that asks an authenticated card for its real UID, random UID or not."""
    return apdu.native(GET_CARD_UID, session.command_mac(GET_CARD_UID))


def card_uid(session: Session, answer: bytes) -> bytes:
    """The 7 bytes of the UID in the card's answer to `card_uid_command` of the same session.

    Raises:
        CodeError: "bad_signature" when the card of this session did not say it; else as `apdu.content`.

    """
    length = aes.BLOCK_BYTES + aes.MAC_BYTES
    said = apdu.content(answer, status=apdu.NATIVE_OK, least=length, most=length)
    encrypted, mac = said[: aes.BLOCK_BYTES], said[aes.BLOCK_BYTES :]
    if not aes.same(session.answer_mac(STATUS_OK, encrypted), mac):
        raise CodeError("bad_signature", "GetCardUID")
    uid = aes.unpad(aes.decrypt(session.enc_key, encrypted, session.answer_iv()))
    if uid is None or len(uid) != UID_BYTES:
        raise CodeError("unreadable", "GetCardUID")
    return uid
