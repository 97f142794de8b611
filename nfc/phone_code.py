"""MP1, the code that a phone shows and renews every ten seconds.

    MP1:<base45 of [ <<{1: -9}>>, {}, <<[ iat, credential ]>>, device signature ]>     external_aad "MPS-QR1"

236 bytes, 358 characters, QR version 11 at level M. The phone's own key signs the moment and the credential that names
that key, so a copy is worth something for a minute, and to a ledger that remembers `iat` per medium for one tap.
"""

from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from nfc import base45, cbor, cose, issued, phone_credential
from nfc.errors import CodeError
from nfc.issued import VerifiedCode
from nfc.keys import KeySet
from nfc.phone_credential import PHONE, PhoneCredential

PREFIX: Final = "MP1:"

MAX_AGE_SECONDS: Final = 60
"""Six renewals: a slow hand, a queue at the reader, a terminal that sends its tap again. No longer, or a screenshot
travels."""

MAX_AHEAD_SECONDS: Final = 30
"""How far a phone's clock may run ahead of ours; what it runs behind is taken from the minute above."""

_AAD: Final = b"MPS-QR1"
_MAX_BYTES: Final = 264  # what 400 characters can hold, the prefix taken off
_UINT32: Final = 1 << 32


class Presentation(msgspec.Struct, frozen=True, gc=False):
    """A parsed code in which nothing is verified yet: not even whose credential it carries."""

    message: cose.Sign1
    iat: int  # seconds since 1970, by the phone's clock
    credential: bytes


def present(private: ec.EllipticCurvePrivateKey, credential: bytes, now: int) -> str:
    """The code of this second, as the phone makes it; `now` is in seconds since 1970, UTC."""
    payload = cbor.dump([now, credential])
    return PREFIX + base45.encode(cose.sign1(private, payload, kid=None, external_aad=_AAD))


def parse(text: str) -> Presentation:
    """The parts of a code that starts with `PREFIX`.

    Raises:
        CodeError: the only one, whatever the text.

    """
    message = cose.parse1(base45.decode(text[len(PREFIX) :]), max_bytes=_MAX_BYTES)
    if message.kid is not None:
        raise CodeError("unreadable", "the credential names the phone's key, nothing else does")
    match cbor.load(message.payload):
        case [int(iat), bytes(credential)] if type(iat) is int and 0 < iat < _UINT32:
            return Presentation(message, iat, credential)
        case _:
            raise CodeError("unreadable", "presentation")


def verify(
    shown: Presentation,
    credential: PhoneCredential,
    now: int,
    *,
    max_age_seconds: int = MAX_AGE_SECONDS,
    max_ahead_seconds: int = MAX_AHEAD_SECONDS,
) -> VerifiedCode:
    """What the phone proves, given its credential as `phone_credential.read` verified it.

    The signature is looked at first, then the expiry, then the moment: whoever is late is known. Who cannot see whether
    a code was shown elsewhere takes a shorter age.

    Raises:
        CodeError: "bad_signature", "expired" or "stale".

    """
    if not cose.verify1(shown.message, credential.device, external_aad=_AAD):
        raise CodeError("bad_signature", "device")
    issued.still_valid(credential, now)
    age = now - shown.iat
    if not -max_ahead_seconds <= age <= max_age_seconds:
        raise CodeError("stale", f"{age} seconds old", medium_id=credential.medium_id, authority=credential.authority)
    return VerifiedCode(
        credential.medium_id,
        credential.expires_at,
        credential.status_list,
        credential.status_index,
        credential.authority,
        credential.kid,
        kind=PHONE,
        assurance=2,
        presented_at=shown.iat,
    )


def read(text: str, keys: KeySet, now: int) -> VerifiedCode:
    """The phone's code in `text`, which starts with `PREFIX`, both signatures verified.

    Raises:
        CodeError: the only one, whatever the text.

    """
    shown = parse(text)
    return verify(shown, phone_credential.read(shown.credential, keys), now)
