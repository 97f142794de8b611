"""What an authority gives to a phone: "whoever has this key shows this medium".

    the issuer's COSE_Sign1, external_aad "MPS-CRED1", with one claim more (RFC 8747, RFC 9052 section 7):
    8: { 1: { 1: 2 (EC2), -1: 1 (P-256), -2: x (32 bytes), -3: sign of y } }

154 to 158 bytes. It is worth nothing without the phone's key: shown alone it opens no gate.
"""

from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from nfc import cbor, issued
from nfc.errors import CodeError
from nfc.issued import Issued
from nfc.keys import KeySet, SigningKey

PHONE: Final = "phone"
MAX_BYTES: Final = 158  # with every integer at its widest

_AAD: Final = b"MPS-CRED1"
_CNF, _COSE_KEY = 8, 1
_KTY, _CRV, _X, _Y = 1, -1, -2, -3
_EC2, _P256 = 2, 1
_CNF_LABELS = frozenset({_COSE_KEY})
_KEY_LABELS = frozenset({_KTY, _CRV, _X, _Y})


class PhoneCredential(Issued, frozen=True, gc=False):
    """A genuine credential, and the key that its phone must prove to have."""

    device: ec.EllipticCurvePublicKey  # on P-256


def issue(
    key: SigningKey,
    device: ec.EllipticCurvePublicKey,
    *,
    medium_id: bytes,
    expires_at: int,
    status_list: int,
    status_index: int,
) -> bytes:
    """The credential of a phone whose public key is `device` (on P-256): the same bytes for the same arguments.

    Raises:
        ValueError: an argument out of the range that readers accept.

    """
    return issued.issue(
        key,
        external_aad=_AAD,
        medium_id=medium_id,
        expires_at=expires_at,
        status_list=status_list,
        status_index=status_index,
        more={_CNF: {_COSE_KEY: _compressed(device)}},
    )


def read(data: bytes, keys: KeySet) -> PhoneCredential:
    """The credential in `data`, its issuer's signature verified, its expiry not looked at.

    Raises:
        CodeError: the only one, whatever the bytes.

    """
    said, claims = issued.read(
        data, keys, purpose=PHONE, external_aad=_AAD, max_bytes=MAX_BYTES, more=frozenset({_CNF})
    )
    return PhoneCredential(
        said.medium_id,
        said.expires_at,
        said.status_list,
        said.status_index,
        said.authority,
        said.kid,
        _device(claims[_CNF]),
    )


def _compressed(public: ec.EllipticCurvePublicKey) -> dict[int, object]:
    point = public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    return {_KTY: _EC2, _CRV: _P256, _X: point[1:], _Y: point[0] == 3}


def _device(confirmation: object) -> ec.EllipticCurvePublicKey:
    """The key in a `cnf` claim of exactly the shape above."""
    key = confirmation.get(_COSE_KEY) if cbor.has_labels(confirmation, _CNF_LABELS) else None
    if not cbor.has_labels(key, _KEY_LABELS):
        raise CodeError("unreadable", "cnf")
    match key[_KTY], key[_CRV], key[_X], key[_Y]:
        case int(kty), int(crv), bytes(x), bool(sign) if (kty, crv, len(x)) == (_EC2, _P256, 32) and type(crv) is int:
            pass
        case _:
            raise CodeError("unreadable", "cnf: not a compressed point of P-256")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), (b"\x03" if sign else b"\x02") + x)
    except ValueError as error:
        raise CodeError("unreadable", "cnf: not on the curve") from error
