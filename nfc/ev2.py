"""AuthenticateEV2First: a DESFire EV2, EV3 or NTAG 424 DNA proves its key to the server, and the server to the card.

    terminal -> card    `first_command`             90 71 00 00 02 <key> 00 00
    card -> server      E(K, RndB) 91AF             `answer`: what to send to the card, and what to remember
    server -> card      90 AF 00 00 20 E(K, RndA | RndB turned left) 00
    card -> server      E(K, TI | RndA turned left | capabilities) 9100      `finish`: the session, or it is a forgery

The terminal carries bytes and holds no key. What is remembered between the legs is good for one `finish` within three
seconds, from the same terminal: that is the caller's to see to. `Pending` goes through msgspec, to be sealed or stored.
The random numbers are arguments: give 16 bytes of `secrets.token_bytes` each time. Source: NXP AN12196 section 6.6.
"""

from typing import Annotated, Final

from msgspec import Meta, Struct

from nfc import aes, apdu
from nfc.errors import CodeError
from nfc.messaging import Session

FIRST: Final = 0x71
NEXT_LEG: Final = 0xAF

_SV_ENC: Final = bytes.fromhex("a55a00010080")
_SV_MAC: Final = bytes.fromhex("5aa500010080")

Random = Annotated[bytes, Meta(min_length=16, max_length=16)]


class Pending(Struct, frozen=True):
    """What the server remembers between the two legs. It prints as nothing."""

    rnd_a: Random
    rnd_b: Random

    def __repr__(self) -> str:
        """Both numbers are secret until the card has answered."""
        return "Pending()"


def first_command(key_number: int) -> bytes:
    """The APDU that asks the card for its random number under one of its keys, 0 to 13."""
    return apdu.native(FIRST, bytes([key_number, 0]))


def answer(key: bytes, said: bytes, *, rnd_a: bytes) -> tuple[bytes, Pending]:
    """The APDU for the card that said this to `first_command`, and what `finish` will need.

    Raises:
        CodeError: as `apdu.content`; the card refuses a key number that it does not have.
        ValueError: `key` or `rnd_a` is not 16 bytes.

    """
    encrypted = apdu.content(said, status=apdu.NATIVE_MORE, least=aes.BLOCK_BYTES, most=aes.BLOCK_BYTES)
    if len(rnd_a) != aes.BLOCK_BYTES:
        raise ValueError(f"RndA of {len(rnd_a)} bytes")
    rnd_b = aes.decrypt(key, encrypted)
    return apdu.native(NEXT_LEG, aes.encrypt(key, rnd_a + aes.rotated(rnd_b))), Pending(rnd_a, rnd_b)


def finish(key: bytes, pending: Pending, said: bytes) -> Session:
    """The session with a card that knows `key`, from its second answer.

    When the key was derived from a UID, that card's UID is proved with it.

    Raises:
        CodeError: "bad_signature" when it does not know it; "refused" when it says that we do not; else as
            `apdu.content`.

    """
    length = 2 * aes.BLOCK_BYTES
    plain = aes.decrypt(key, apdu.content(said, status=apdu.NATIVE_OK, least=length, most=length))
    if not aes.same(plain[4:20], aes.rotated(pending.rnd_a)):
        raise CodeError("bad_signature", "EV2")
    enc_key, mac_key = session_keys(key, rnd_a=pending.rnd_a, rnd_b=pending.rnd_b)
    return Session(enc_key, mac_key, plain[:4], plain[20:26], plain[26:])


def session_keys(key: bytes, *, rnd_a: bytes, rnd_b: bytes) -> tuple[bytes, bytes]:
    """The keys for encryption and for MACs: AN12196 section 6.7."""
    mixed = bytes(a ^ b for a, b in zip(rnd_a[2:8], rnd_b[:6], strict=True))
    context = rnd_a[:2] + mixed + rnd_b[6:] + rnd_a[8:]
    return aes.cmac(key, _SV_ENC + context), aes.cmac(key, _SV_MAC + context)
