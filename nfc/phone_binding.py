"""What a phone says once, to become a medium: "I have this key, and I am to show that pass".

    base64url of a COSE_Sign1, external_aad "MPS-BIND1", no kid:

    [ << {1: -9} >>, {}, << [ iat, pass number (text), x | y (64 bytes) ] >>, r || s ]

The key that signs is the key that is sent: nobody binds a key that they do not have, or spoils another phone's by
binding it first. It names the pass, so it is of no use at another desk.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from nfc import cbor, cose, keys
from nfc.errors import CodeError

MAX_CHARACTERS: Final = 256
MAX_AGE_SECONDS: Final = 600
"""How long a proof waits at a desk."""
MAX_AHEAD_SECONDS: Final = 60

_AAD: Final = b"MPS-BIND1"
_MAX_BYTES: Final = 176
_POINT_BYTES: Final = 64


def prove(private: ec.EllipticCurvePrivateKey, number: str, now: int) -> str:
    """The proof, as the phone makes it for a pass's number; `now` is in seconds since 1970, UTC."""
    payload = cbor.dump([now, number, keys.dump_point(private.public_key())])
    signed = cose.sign1(private, payload, kid=None, external_aad=_AAD)
    return urlsafe_b64encode(signed).rstrip(b"=").decode("ascii")


def read(text: str, *, number: str, now: int) -> bytes:
    """The phone's key, x and y, 64 bytes: it lies on the curve, and whoever wrote the proof has its private half.

    Raises:
        CodeError: "too_long" or "unreadable"; "bad_signature" for another key, or for another pass; "stale".

    """
    if len(text) > MAX_CHARACTERS:
        raise CodeError("too_long", f"{len(text)} characters")
    message = cose.parse1(_bytes(text), max_bytes=_MAX_BYTES)
    if message.kid is not None:
        raise CodeError("unreadable", "the key stands in the payload, and nowhere else")
    match cbor.load(message.payload):
        case [int(iat), str(meant), bytes(point)] if type(iat) is int and len(point) == _POINT_BYTES:
            pass
        case _:
            raise CodeError("unreadable", "binding")
    try:
        device = keys.load_point(point)
    except ValueError as error:
        raise CodeError("unreadable", "not on the curve") from error
    if not cose.verify1(message, device, external_aad=_AAD) or meant != number:
        raise CodeError("bad_signature", "binding")
    if not -MAX_AHEAD_SECONDS <= now - iat <= MAX_AGE_SECONDS:
        raise CodeError("stale", f"{now - iat} seconds old")
    return point


def _bytes(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise CodeError("unreadable", "not base64url") from error
