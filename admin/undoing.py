"""What an act leaves for the page that comes next: a word that it is done and, where that is safe, a way to undo it.

Safe is what has an act of its own that leads back, for the same agent, and hurts nobody meanwhile: a suspension, a
role, a membership, a task, a filter. The way back is that act's own form, filled in: its own rule, its own checks and
its own line in the journal. No act of the law (a decision), and nothing that others were told, has one.
"""

import msgspec
from msgspec import Struct

from web.parting import seal, unseal

_LONGEST_WORD = 500
_LONGEST = 1200
"""Characters of both together: what does not fit into a cookie is said without a way back."""


class Undo(Struct, frozen=True):
    """The form that leads back: where it goes, an address under `/console`, and what it says."""

    path: str
    fields: dict[str, str]


class Left(Struct, frozen=True, omit_defaults=True):
    """What the next page says, once, and offers."""

    said: str = ""
    undo: Undo | None = None


def sealed(said: str, undo: Undo | None, secret: str) -> str:
    """Return what the cookie holds."""
    said = said[:_LONGEST_WORD]
    whole = msgspec.json.encode(Left(said, undo)).decode()
    return seal(whole if len(whole) <= _LONGEST else msgspec.json.encode(Left(said)).decode(), secret, longest=_LONGEST)


def unsealed(cookie: str, secret: str) -> Left:
    """Read it; nothing where there is none, or another session left it."""
    text = unseal(cookie, secret)
    try:
        return msgspec.json.decode(text, type=Left) if text else Left()
    except msgspec.DecodeError:
        return Left()
