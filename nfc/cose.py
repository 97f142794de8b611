"""COSE_Sign1 (RFC 9052 section 4.2), untagged, with ECDSA on P-256 and SHA-256, and nothing else.

    [ protected: bstr << {1: alg, ? 4: kid, ? 16: typ} >>, unprotected: {}, payload: bstr, signature: bstr (r || s) ]

Issued with alg -9 (ESP256, RFC 9864); the older -7 (ES256) is read as well: it is the same signature. Everything a
reader acts on is in the protected header, whose labels are an allow-list: an unknown or critical one is a refusal.
`typ` (RFC 9596) is there in objects of other people's standards, which leave external_aad empty.
"""

from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from nfc import cbor
from nfc.errors import CodeError

ESP256: Final = -9
ES256: Final = -7
SIGNATURE_BYTES: Final = 64

_ALG: Final = 1
_KID: Final = 4
_TYP: Final = 16
_LABELS = frozenset({_ALG, _KID, _TYP})
_MAX_KID_BYTES = 32
_VERIFY = ec.ECDSA(SHA256())
_SIGN = ec.ECDSA(SHA256(), deterministic_signing=True)  # RFC 6979: no nonce to get wrong, and issuing is repeatable


class Sign1(msgspec.Struct, frozen=True, gc=False):
    """A parsed message, its signature not yet verified: `payload` is a stranger's until `verify1` says True."""

    protected: bytes  # as received: what the signature covers
    payload: bytes
    signature: bytes  # r || s, 64 bytes
    alg: int
    kid: bytes | None


def sign1(
    private: ec.EllipticCurvePrivateKey,
    payload: bytes,
    *,
    kid: bytes | None,
    external_aad: bytes,
    typ: str | None = None,
) -> bytes:
    """The message's bytes. `private` is on P-256; without `kid` the reader must know the key from elsewhere.

    `external_aad` names the type of object: a signature made for one type never verifies as another.
    """
    header: dict[int, int | bytes | str] = {_ALG: ESP256}
    if kid is not None:
        header[_KID] = kid
    if typ is not None:
        header[_TYP] = typ
    protected = cbor.dump(header)
    r, s = decode_dss_signature(private.sign(_to_be_signed(protected, payload, external_aad), _SIGN))
    return cbor.dump([protected, {}, payload, r.to_bytes(32, "big") + s.to_bytes(32, "big")])


def parse1(data: bytes, *, max_bytes: int, typ: str | None = None) -> Sign1:
    """The message in `data`, at most `max_bytes` long, of this `typ` (None: it has none).

    Says nothing of the signature: see `verify1`.

    Raises:
        CodeError: "too_long", or "unreadable" for anything but the shape at the top of this file.

    """
    if len(data) > max_bytes:
        raise CodeError("too_long", f"{len(data)} bytes, at most {max_bytes}")
    match cbor.load(data):
        case [bytes(protected), dict(unprotected), bytes(payload), bytes(signature)]:
            pass
        case _:
            raise CodeError("unreadable", "COSE: not a Sign1")
    if unprotected:
        raise CodeError("unreadable", "COSE: unprotected header")
    if len(signature) != SIGNATURE_BYTES:
        raise CodeError("unreadable", "COSE: signature length")
    alg, kid = _read_header(cbor.load(protected), typ)
    return Sign1(protected, payload, signature, alg, kid)


def verify1(message: Sign1, public: ec.EllipticCurvePublicKey, *, external_aad: bytes) -> bool:
    """Whether `public` (on P-256) signed this payload, under this header, as this type of object."""
    signature = encode_dss_signature(
        int.from_bytes(message.signature[:32], "big"), int.from_bytes(message.signature[32:], "big")
    )
    try:
        public.verify(signature, _to_be_signed(message.protected, message.payload, external_aad), _VERIFY)
    except InvalidSignature:
        return False
    return True


def _read_header(header: object, typ: str | None) -> tuple[int, bytes | None]:
    if not isinstance(header, dict) or not header.keys() <= _LABELS or not all(type(label) is int for label in header):
        raise CodeError("unreadable", "COSE: protected header")
    alg = header.get(_ALG)
    if type(alg) is not int or alg not in (ESP256, ES256):
        raise CodeError("unreadable", "COSE: algorithm")
    if header.get(_TYP) != typ or (_TYP in header) is not (typ is not None):
        raise CodeError("unreadable", "COSE: typ")
    if _KID not in header:
        return alg, None
    kid = header[_KID]
    if not isinstance(kid, bytes) or not 0 < len(kid) <= _MAX_KID_BYTES:
        raise CodeError("unreadable", "COSE: kid")
    return alg, kid


def _to_be_signed(protected: bytes, payload: bytes, external_aad: bytes) -> bytes:
    """The Sig_structure of RFC 9052 section 4.4."""
    return cbor.dump(["Signature1", protected, external_aad, payload])
