"""The codes people show, and how they are read.

    MP2:<base45 of COSE_Sign1>    printed on a card or paper; 109 bytes, 168 characters, QR version 9 at level Q

The payload is `{4: expiry, 7: medium id, -70001: [status list, index]}` and the external_aad "MPS-STAT1". It says
nothing of the person and nothing of their rights. MP1 (rotating, phone) and MP3 (online handle) are other types.
"""

from collections import OrderedDict
from typing import Final, Literal

import msgspec

from nfc import base45, cbor, cose
from nfc.errors import CodeError
from nfc.keys import KeySet, SigningKey, VerifyKey

MAX_CHARACTERS: Final = 400
MEDIUM_ID_BYTES: Final = 8
STATUS_LIST_SIZE: Final = 1 << 20  # entries of one status list, credentials.md section 4
PRINT: Final = "print"

_PREFIX: Final = "MP2:"
_AAD: Final = b"MPS-STAT1"
_MAX_BYTES: Final = 272  # what 400 characters can hold
_UINT32: Final = 1 << 32
_EXPIRY, _MEDIUM_ID, _STATUS = 4, 7, -70001
_CLAIMS = frozenset({_EXPIRY, _MEDIUM_ID, _STATUS})


class VerifiedCode(msgspec.Struct, frozen=True, gc=False):
    """What a code proves once its signature is checked and it is not over. Whether it was revoked is elsewhere."""

    medium_id: bytes  # 8 bytes
    expires_at: int  # seconds since 1970, UTC: not accepted from this second on
    status_list: int
    status_index: int
    authority: str  # code of the issuing tenant
    kid: bytes
    kind: Literal["print"] = PRINT
    assurance: int = 1  # a picture can be copied: credentials.md section 0


def issue_static(key: SigningKey, *, medium_id: bytes, expires_at: int, status_list: int, status_index: int) -> str:
    """The printed code of a medium: the same text every time for the same arguments.

    `medium_id` is 8 random bytes; `expires_at` is in seconds since 1970, UTC.

    Raises:
        ValueError: an argument out of the range that readers accept.

    """
    claims = {_EXPIRY: expires_at, _MEDIUM_ID: medium_id, _STATUS: [status_list, status_index]}
    if _read_claims(claims) is None:
        raise ValueError(f"claims out of range: {claims}")
    return _PREFIX + base45.encode(cose.sign1(key.private, cbor.dump(claims), kid=key.kid, external_aad=_AAD))


def read(text: str, keys: KeySet, now: int) -> VerifiedCode:
    """The printed code in `text`, verified; `now` is in seconds since 1970, UTC.

    The length is looked at first, the expiry last: an expired code is known to be genuine, and names its medium.

    Raises:
        CodeError: the only one, whatever the text.

    """
    if len(text) > MAX_CHARACTERS:
        raise CodeError("too_long", f"{len(text)} characters")
    if not text.startswith(_PREFIX):
        raise CodeError("unknown_type")
    message = cose.parse1(base45.decode(text[len(_PREFIX) :]), max_bytes=_MAX_BYTES)
    key = _signer(message, keys)
    claims = _read_claims(cbor.load(message.payload))
    if claims is None:
        raise CodeError("unreadable", "claims")
    expires_at, medium_id, status_list, status_index = claims
    return _still_valid(VerifiedCode(medium_id, expires_at, status_list, status_index, key.authority, key.kid), now)


class CodeReader:
    """`read`, remembering which texts were verified.

    Keyed by the exact text, never by the medium. Only what was accepted is kept; the expiry is looked at each time.
    The least recently read leaves first (an OrderedDict: a plain dict finds its oldest entry ever more slowly).
    One thread's: give each event loop its own.
    """

    def __init__(self, keys: KeySet, size: int = 50_000) -> None:
        self._keys = keys
        self._size = size
        self._verified: OrderedDict[str, VerifiedCode] = OrderedDict()

    def read(self, text: str, now: int) -> VerifiedCode:
        """As `qr.read`, and about a hundred times faster on a code seen before."""
        code = self._verified.get(text)
        if code is not None:
            self._verified.move_to_end(text)
            return _still_valid(code, now)
        code = read(text, self._keys, now)
        self._verified[text] = code
        if len(self._verified) > self._size:
            self._verified.popitem(last=False)
        return code

    def replace_keys(self, keys: KeySet) -> None:
        """Trust these from now on, and forget what the others verified."""
        self._keys = keys
        self._verified.clear()


def _signer(message: cose.Sign1, keys: KeySet) -> VerifyKey:
    candidates = [key for key in keys.get(message.kid or b"", ()) if key.purpose == PRINT]
    if not candidates:
        raise CodeError("unknown_key", (message.kid or b"").hex())
    for key in candidates:
        if cose.verify1(message, key.public, external_aad=_AAD):
            if key.withdrawn:
                raise CodeError("withdrawn_key", key.kid.hex())
            return key
    raise CodeError("bad_signature")


def _read_claims(claims: object) -> tuple[int, bytes, int, int] | None:
    """Expiry, medium id, status list and index; None when they are not exactly these, or out of range."""
    if not isinstance(claims, dict) or claims.keys() != _CLAIMS or not all(type(label) is int for label in claims):
        return None
    match claims[_EXPIRY], claims[_MEDIUM_ID], claims[_STATUS]:
        case int(expires_at), bytes(medium_id), [int(status_list), int(status_index)] if (
            bool not in {type(expires_at), type(status_list), type(status_index)}
            and 0 < expires_at < _UINT32
            and len(medium_id) == MEDIUM_ID_BYTES
            and 0 <= status_list < _UINT32
            and 0 <= status_index < STATUS_LIST_SIZE
        ):
            return expires_at, medium_id, status_list, status_index
        case _:
            return None


def _still_valid(code: VerifiedCode, now: int) -> VerifiedCode:
    if now >= code.expires_at:
        raise CodeError("expired", medium_id=code.medium_id, authority=code.authority)
    return code
