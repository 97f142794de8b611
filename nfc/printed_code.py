"""MP2, the printed code.

    MP2:<base45 of the issuer's COSE_Sign1, external_aad "MPS-STAT1">

109 bytes, 168 characters, QR version 9 at level Q. A picture can be copied: it proves who issued it, not who holds it.
"""

from typing import Final

from nfc import base45, issued
from nfc.issued import VerifiedCode
from nfc.keys import KeySet, SigningKey

PREFIX: Final = "MP2:"
PRINT: Final = "print"

_AAD: Final = b"MPS-STAT1"
_MAX_BYTES: Final = 272  # what 400 characters can hold


def issue_static(key: SigningKey, *, medium_id: bytes, expires_at: int, status_list: int, status_index: int) -> str:
    """The printed code of a medium: the same text every time for the same arguments.

    `medium_id` is 8 random bytes; `expires_at` is in seconds since 1970, UTC.

    Raises:
        ValueError: an argument out of the range that readers accept.

    """
    return PREFIX + base45.encode(
        issued.issue(
            key,
            external_aad=_AAD,
            medium_id=medium_id,
            expires_at=expires_at,
            status_list=status_list,
            status_index=status_index,
        )
    )


def read(text: str, keys: KeySet, now: int) -> VerifiedCode:
    """The printed code in `text`, which starts with `PREFIX`; `now` is in seconds since 1970, UTC.

    Raises:
        CodeError: the only one, whatever the text.

    """
    data = base45.decode(text[len(PREFIX) :])
    said, _ = issued.read(data, keys, purpose=PRINT, external_aad=_AAD, max_bytes=_MAX_BYTES)
    issued.still_valid(said, now)
    return VerifiedCode(
        said.medium_id,
        said.expires_at,
        said.status_list,
        said.status_index,
        said.authority,
        said.kid,
        kind=PRINT,
        assurance=1,
    )
