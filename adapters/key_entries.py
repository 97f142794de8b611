"""What the keyring's list says of each key that signs."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

INSTALLATION = ""
"""In place of an authority: the key belongs to the whole installation."""


class Purpose(StrEnum):
    """What a key signs. A key for one purpose is refused for every other."""

    PRINT = "print"
    PHONE = "phone"
    """Credentials of phones: they live thirty days, printed codes for years, so each has a key of its own."""
    CARD = "card"
    """Objects in the files of cards, written once by their maker."""
    BUNDLE = "bundle"
    """What verifiers fetch: status lists."""
    PUSH = "push"
    """Says to push services who sends (VAPID, RFC 8292)."""
    TOKEN = "token"


VERIFIED = (Purpose.PRINT, Purpose.PHONE, Purpose.CARD, Purpose.BUNDLE)
"""What verifiers are told of."""

OF_AN_AUTHORITY = (*VERIFIED, Purpose.PUSH)
"""Each authority has one of these; the token key is the installation's."""

SHOWN_AT_GATES = (Purpose.PRINT, Purpose.PHONE)
"""What signs the codes that people show."""


class KeyState(StrEnum):
    """Life of a key."""

    COMING = "coming"
    """Published and accepted, so that verifiers know it before the first thing it signs."""
    SIGNING = "signing"
    VERIFYING = "verifying"
    """No longer signs; what it has signed is still accepted."""
    WITHDRAWN = "withdrawn"
    """What it has signed is refused."""


class KeyStep(Struct, frozen=True):
    """A step in the life of a key: what it was, until when."""

    was: KeyState
    until: datetime


class KeyEntry(Struct, frozen=True):
    """One line of the keyring. `past` are its steps, oldest first; one from before they were noted has none."""

    authority: str
    purpose: Purpose
    kid: str
    state: KeyState
    created_at: datetime
    past: tuple[KeyStep, ...] = ()

    def becomes(self, state: KeyState, now: datetime) -> "KeyEntry":
        """Return the key as it is from now on."""
        return replace(self, state=state, past=(*self.past, KeyStep(self.state, now)))

    def state_at(self, at: datetime) -> KeyState:
        """Say what the key was at an instant: what the first step after it says; without one, what it is now."""
        return next((step.was for step in self.past if at < step.until), self.state)

    def signed_between(self, since: datetime, until: datetime) -> bool:
        """Tell whether it may have signed something between two instants, both included."""
        if until < self.created_at:
            return False
        first = self.past[0].was if self.past else self.state
        if first in {KeyState.VERIFYING, KeyState.WITHDRAWN}:
            return True  # it signed once, and nobody noted when it stepped down
        begins = self.created_at
        for step in self.past:
            if step.was is KeyState.SIGNING and begins <= until and since < step.until:
                return True
            begins = step.until
        return self.state is KeyState.SIGNING and begins <= until


def file_of(entry: KeyEntry) -> str:
    """Name the file of its private half."""
    return f"{entry.purpose}-{entry.kid}.pem"


def retired(entries: tuple[KeyEntry, ...], authority: str, purpose: Purpose, now: datetime) -> tuple[KeyEntry, ...]:
    """Return the list with the key that signs now stepping down."""
    mine = (authority, purpose, KeyState.SIGNING)
    return tuple(
        old.becomes(KeyState.VERIFYING, now) if (old.authority, old.purpose, old.state) == mine else old
        for old in entries
    )
