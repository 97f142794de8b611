"""NXP's originality signature: this chip is an NTAG 424 DNA made by NXP (AN12196 section 8).

To be checked once, when a card is enrolled. It proves a genuine chip, not a card of the city, and it is the same at
every reading: at a gate it would prove nothing.

A station that enrols reads the signature (`READ_SIGNATURE`, `read_signature`), the server judges it (`is_genuine`).
"""

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA224

from nfc import apdu

SIGNATURE_BYTES: Final = 56

READ_SIGNATURE: Final = apdu.native(0x3C, b"\x00")

_SIGNATURE_FOLLOWS: Final = 0x9190
_UID_BYTES: Final = 7
_DIGEST_BYTES: Final = 28
_NTAG_424_DNA: Final = bytes.fromhex(
    "048a9b380af2ee1b98dc417fecc263f8449c7625cece82d9b916c992da209d68422b81ec20b65a66b5102a61596af3379200599316a00a1410"
)
_NXP = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP224R1(), _NTAG_424_DNA)
_VERIFY = ec.ECDSA(Prehashed(SHA224()))  # nothing is hashed: the UID stands where a digest would


def read_signature(answer: bytes) -> bytes:
    """The 56 bytes with which a card answers `READ_SIGNATURE`.

    Raises:
        CodeError: as `apdu.content`.

    """
    return apdu.content(answer, status=_SIGNATURE_FOLLOWS, least=SIGNATURE_BYTES, most=SIGNATURE_BYTES)


def is_genuine(uid: bytes, signature: bytes) -> bool:
    """Whether NXP signed this UID. False for anything else, whatever its length."""
    if len(uid) != _UID_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    half = SIGNATURE_BYTES // 2
    der = encode_dss_signature(int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big"))
    try:
        _NXP.verify(der, uid.rjust(_DIGEST_BYTES, b"\x00"), _VERIFY)
    except InvalidSignature:
        return False
    return True
