"""What somebody typed or let a reader type into the search, taken apart: a contact, a chip, a birthday, a name."""

import re
from contextlib import suppress
from datetime import date

from msgspec import Struct

from domain.contacts import ContactKind, contact_key
from nfc import uid as uids
from nfc.errors import CodeError

_BETWEEN = re.compile(r"[\s:-]")
_FRENCH_KEYS = str.maketrans("&é\"'(-è_çàq", "1234567890a")
"""A reader presses the keys of an English keyboard; on a French one these letters come out for digits and an A."""
_DAYS = (
    re.compile(r"\b(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})\b"),
    re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\b"),
    re.compile(r"\b(?P<day>\d{2})(?P<month>\d{2})(?P<year>(?:19|20)\d{2})\b"),
)


class Typed(Struct, frozen=True):
    """What a text may mean. `name` is what is left of it beside the birthday."""

    name: str
    born_on: date | None
    contact: tuple[ContactKind, str] | None
    uid: bytes | None


def read_typed(said: str) -> Typed:
    """Read what was typed, each way in which it can be read."""
    name, born_on = _birthday(said)
    return Typed(name, born_on, contact_key(said), read_uid(said))


def read_uid(said: str) -> bytes | None:
    """Read the UID that a reader on a desk types, in hex with or without marks between; None where it is none."""
    text = said.strip().removeprefix("UID:")
    for hexadecimal in (_BETWEEN.sub("", text), text.casefold().translate(_FRENCH_KEYS)):
        with suppress(CodeError):
            return uids.parse(hexadecimal)
    return None


def _birthday(said: str) -> tuple[str, date | None]:
    for form in _DAYS:
        found = form.search(said)
        if found is not None:
            with suppress(ValueError):
                born_on = date(int(found["year"]), int(found["month"]), int(found["day"]))
                return f"{said[: found.start()]} {said[found.end() :]}".strip(), born_on
    return said, None
