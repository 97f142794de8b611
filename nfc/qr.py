"""The codes people show, and how they are read: the prefix says which.

    MP1:  a phone's, renewed every few seconds and signed by its own key    nfc/phone_code.py
    MP2:  printed on a card or paper                                        nfc/printed_code.py
    MP3:  an online handle: no signature, a database knows it               nfc/online_handle.py

Here MP3 is of unknown type: it proves nothing that could be verified.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final, Generic, TypeVar

from nfc import card_object, hce, issued, phone_code, phone_credential, printed_code
from nfc.errors import CodeError
from nfc.hce import Challenge
from nfc.issued import VerifiedCode
from nfc.keys import KeySet
from nfc.phone_credential import PhoneCredential
from nfc.printed_code import issue_static
from nfc.tap import VerifiedTap

__all__ = [
    "MAX_CHARACTERS",
    "CodeReader",
    "VerifiedCode",
    "issue_static",
    "read",
]

MAX_CHARACTERS: Final = 400

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def read(text: str, keys: KeySet, now: int) -> VerifiedCode:
    """The code in `text`, verified; `now` is in seconds since 1970, UTC.

    The length is looked at first, the expiry last: an expired code is known to be genuine, and names its medium.

    Raises:
        CodeError: the only one, whatever the text.

    """
    return CodeReader(keys).read(text, now)


class CodeReader:
    """Reads codes, remembering what was verified that does not change: printed codes, and phones' credentials.

    Keyed by the exact text or bytes, never by the medium. Only what was accepted is kept. Dates are looked at each
    time, and so is a phone's own signature, which no two of its codes share. One thread's: give each event loop one.

    `printed` and `phones` are how many are remembered: about 30 MB each when full, for a phone's key takes 2 KB.
    """

    def __init__(self, keys: KeySet, *, printed: int = 50_000, phones: int = 10_000) -> None:
        self._keys = keys
        self._printed: _Recent[str, VerifiedCode] = _Recent(printed)
        self._credentials: _Recent[bytes, PhoneCredential] = _Recent(phones)

    @property
    def keys(self) -> KeySet:
        """Whom it trusts."""
        return self._keys

    def remembered(self, text: str, now: int) -> VerifiedCode | None:
        """The printed code of exactly this text, if it was verified before.

        Raises:
            CodeError: "expired", since.

        """
        code = self._printed.get(text)
        if code is not None:
            issued.still_valid(code, now)
        return code

    def read(self, text: str, now: int) -> VerifiedCode:
        """As `qr.read`; on a printed code seen before about a hundred times faster, on a phone's more than twice."""
        code = self.remembered(text, now)
        if code is not None:
            return code
        if len(text) > MAX_CHARACTERS:
            raise CodeError("too_long", f"{len(text)} characters")
        if text.startswith(phone_code.PREFIX):
            shown = phone_code.parse(text)
            return phone_code.verify(shown, self._credential(shown.credential), now)
        if not text.startswith(printed_code.PREFIX):
            raise CodeError("unknown_type")
        code = printed_code.read(text, self._keys, now)
        self.remember(text, code)
        return code

    def remember(self, text: str, code: VerifiedCode) -> None:
        """Keep what was verified with these keys, here or by another reader. A phone's code never comes again."""
        if code.kind == printed_code.PRINT:
            self._printed.put(text, code)

    def tap(self, challenge: Challenge, answer: bytes, now: int) -> VerifiedTap:
        """As `hce.read`: what a phone held to a reader proves. Its credential is remembered like a shown code's."""
        shown = hce.parse(answer)
        return hce.verify(challenge, shown, self._credential(shown.credential), now)

    def object_of_card(self, text: str, now: int) -> VerifiedTap:
        """The object that a terminal read from a card, as `card_object.read`; `text` is as `card_object.to_text`."""
        uid, data = card_object.from_text(text)
        return card_object.read(data, self._keys, now, uid=uid)

    def replace_keys(self, keys: KeySet) -> None:
        """Trust these from now on, and forget what the others verified."""
        self._keys = keys
        self._printed.clear()
        self._credentials.clear()

    def _credential(self, data: bytes) -> PhoneCredential:
        known = self._credentials.get(data)
        if known is None:
            known = phone_credential.read(data, self._keys)
            self._credentials.put(data, known)
        return known


class _Recent(Generic[K, V]):
    """The last things seen: the least recently read leaves first.

    An OrderedDict, because a plain dict finds its oldest entry ever more slowly.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        value = self._kept.get(key)
        if value is not None:
            self._kept.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> None:
        self._kept[key] = value
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)

    def clear(self) -> None:
        self._kept.clear()
