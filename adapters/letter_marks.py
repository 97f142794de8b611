"""Names of letters to residents, by which a report of their delivery is believed.

A `Message-ID` says when its letter was written, and proves by a code (HMAC-SHA256, of a key that follows from the
authority's master) to which address. So a report that brings it back speaks of a letter of ours to that address, or
comes from somebody who has read it; nothing is stored, and a `Message-ID` names nobody.
"""

import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Struct

from adapters.keyring import KeyRing
from adapters.masters import KeyMissing

_NAME: Final = re.compile(r"<([a-z0-9-]{1,40})\.([0-9a-f]{12,14})\.([0-9a-f]{8})\.([0-9a-f]{32})@[^<>@\s]{1,253}>")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MAC_DIGITS: Final = 32


class Written(Struct, frozen=True):
    """A letter that we have written: at which authority (its code), to whom and when."""

    authority: str
    address: str
    at: datetime


class LetterMarks:
    """Names letters, and knows them again."""

    def __init__(self, keyring: KeyRing, host: str) -> None:
        self._keyring = keyring
        self._host = host

    def name(self, authority: str, address: str, now: datetime) -> str:
        """Return the `Message-ID` of a letter; each time another one.

        Raises:
            KeyMissing: the authority has no master.
        """
        said = f"{authority}.{(now - _EPOCH) // _MICROSECOND:012x}.{secrets.token_hex(4)}"
        return f"<{said}.{self._mac(authority, said, address)}@{self._host}>"

    def read(self, message_id: str, addresses: Iterable[str]) -> Written | None:
        """Tell which letter of ours bears a name, if it went to one of these addresses; None if we wrote none such."""
        found = _NAME.fullmatch(message_id.strip())
        if found is None:
            return None
        authority, at, drawn, mac = found.groups()
        for address in addresses:
            try:
                right = self._mac(authority, f"{authority}.{at}.{drawn}", address)
            except KeyMissing:
                return None
            if hmac.compare_digest(right, mac):
                return Written(authority, address, _EPOCH + int(at, 16) * _MICROSECOND)
        return None

    def _mac(self, authority: str, said: str, address: str) -> str:
        key = self._keyring.sector_key(authority, "names of letters")
        return hmac.digest(key, f"{said} {address.lower()}".encode(), "sha256").hex()[:_MAC_DIGITS]
