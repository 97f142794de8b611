"""Masters of cards in memory, drawn anew for each test: what the keyring keeps for an installation."""

import secrets

from adapters.keyring import KeyMissing
from nfc.diversify import KEY_BYTES, Slot
from nfc.uid import KEY_BYTES as UID_KEY_BYTES


class MemoryMasters:
    """`adapters.cards.CardMasters` for whichever authority asks: version 1, until another one is made."""

    def __init__(self) -> None:
        self._versions = [1]
        self._masters: dict[tuple[str, Slot, int], bytes] = {}
        self._uid_keys: dict[str, bytes] = {}

    def make_version(self) -> int:
        """One more version beside those there are."""
        self._versions.append(self._versions[-1] + 1)
        return self._versions[-1]

    def withdraw(self, version: int) -> None:
        """A version that is no longer in force."""
        self._versions.remove(version)

    def card_versions(self, authority: str) -> tuple[int, ...]:  # noqa: ARG002 - every authority has the same
        return tuple(self._versions)

    def card_master(self, authority: str, slot: Slot, version: int) -> bytes:
        if version not in self._versions:
            raise KeyMissing(f"No version {version}.")
        return self._masters.setdefault((authority, slot, version), secrets.token_bytes(KEY_BYTES))

    def uid_key(self, authority: str) -> bytes:
        return self._uid_keys.setdefault(authority, secrets.token_bytes(UID_KEY_BYTES))
