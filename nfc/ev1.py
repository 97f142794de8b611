"""AuthenticateAES (0xAA) of the DESFire EV1, for cards that a city brings along. New cards speak EV2.

The same two legs as `nfc.ev2`, but the CBC chain runs through the whole exchange: each message's vector is the last
block of the one before. What follows the authentication is another secure messaging, which nothing here speaks: that
the card knows its key, diversified by its UID, is all that is asked of it.
"""

from typing import Final

from msgspec import Struct

from nfc import aes, apdu
from nfc.errors import CodeError
from nfc.ev2 import NEXT_LEG, Random

FIRST: Final = 0xAA


class Pending(Struct, frozen=True):
    """What the server remembers between the two legs. It prints as nothing."""

    rnd_a: Random
    rnd_b: Random
    iv: Random  # the last block sent

    def __repr__(self) -> str:
        """The numbers make the session's key."""
        return "Pending()"


def first_command(key_number: int) -> bytes:
    """The APDU that asks the card for its random number under one of its keys, 0 to 13."""
    return apdu.native(FIRST, bytes([key_number]))


def answer(key: bytes, said: bytes, *, rnd_a: bytes) -> tuple[bytes, Pending]:
    """The APDU for the card that said this to `first_command`, and what `finish` will need.

    Raises:
        CodeError: as `apdu.content`.
        ValueError: `key` or `rnd_a` is not 16 bytes.

    """
    encrypted = apdu.content(said, status=apdu.NATIVE_MORE, least=aes.BLOCK_BYTES, most=aes.BLOCK_BYTES)
    if len(rnd_a) != aes.BLOCK_BYTES:
        raise ValueError(f"RndA of {len(rnd_a)} bytes")
    rnd_b = aes.decrypt(key, encrypted)
    token = aes.encrypt(key, rnd_a + aes.rotated(rnd_b), encrypted)
    return apdu.native(NEXT_LEG, token), Pending(rnd_a, rnd_b, token[-aes.BLOCK_BYTES :])


def finish(key: bytes, pending: Pending, said: bytes) -> bytes:
    """The 16-byte session key shared with a card that knows `key`, from its second answer.

    Raises:
        CodeError: "bad_signature" when it does not know it; "refused" when it says that we do not; else as
            `apdu.content`.

    """
    encrypted = apdu.content(said, status=apdu.NATIVE_OK, least=aes.BLOCK_BYTES, most=aes.BLOCK_BYTES)
    if not aes.same(aes.decrypt(key, encrypted, pending.iv), aes.rotated(pending.rnd_a)):
        raise CodeError("bad_signature", "EV1")
    return session_key(rnd_a=pending.rnd_a, rnd_b=pending.rnd_b)


def session_key(*, rnd_a: bytes, rnd_b: bytes) -> bytes:
    """Four bytes of each number from its beginning, four from its end."""
    return rnd_a[:4] + rnd_b[:4] + rnd_a[12:] + rnd_b[12:]
