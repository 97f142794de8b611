"""The keyring: a folder that holds every key, and nothing else knows them.

    keyring.json            what signs: authority, purpose, kid, state, day of birth
    <purpose>-<kid>.pem     private keys (PKCS #8), encrypted when there is a secret
    secrets.json            masters, wrapped, and who watches over them (`adapters.masters`)
    key-set-<authority>     the public keys, signed by the authority's offline root (`nfc.key_set`)

Private keys and masters never enter the database, a log or an error.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar
from uuid import UUID

import msgspec

from adapters.key_entries import (
    INSTALLATION,
    OF_AN_AUTHORITY,
    SHOWN_AT_GATES,
    KeyEntry,
    KeyState,
    Purpose,
    file_of,
    retired,
)
from adapters.key_folder import KeyFolder
from adapters.masters import BORN_WITH, PSEUDONYM, TRANSPORT, UID, KeyMissing, Masters
from adapters.secrets_file import FILE as SECRETS
from domain.errors import Conflict
from domain.passes import Medium, MediumKind
from domain.privacy import sector_key
from nfc import keys
from nfc.diversify import Slot

__all__ = [
    "INSTALLATION",
    "OF_AN_AUTHORITY",
    "SHOWN_AT_GATES",
    "KeyEntry",
    "KeyMissing",
    "KeyRing",
    "KeyState",
    "Purpose",
    "TooEarly",
]

T = TypeVar("T")

_LIST: Final = "keyring.json"
_SIGNED_BY: Final = {MediumKind.PRINT: Purpose.PRINT, MediumKind.PHONE: Purpose.PHONE}
_PRIVATE_KEYS: Final = b"private keys"


class TooEarly(Conflict):
    """A key that verifiers may not have seen yet would begin to sign."""

    code = "key-too-young"


class KeyRing:
    """The keys of one installation."""

    def __init__(self, folder: Path | KeyFolder, *, password: str = "") -> None:
        self._folder = KeyFolder(folder) if isinstance(folder, Path) else folder
        self._password = password
        self._loaded: dict[str, keys.SigningKey] = {}
        self._seen = self._mark()
        self._entries = self._read()
        self.masters = Masters(self._folder, secret=password)

    @property
    def entries(self) -> tuple[KeyEntry, ...]:
        """What signs and has signed, oldest first."""
        return self._entries

    @property
    def folder(self) -> KeyFolder:
        """Where it lies, for what else lies there."""
        return self._folder

    @property
    def has_secret(self) -> bool:
        """Whether the keyring is worth more than the folder's rights."""
        return bool(self._password)

    def rehearsal(self) -> "KeyRing":
        """Return a keyring that does everything and changes nothing: `folder.would_change` says what it would have."""
        return KeyRing(self._folder.rehearsal(), password=self._password)

    def refresh(self) -> bool:
        """Read the keyring again if another program has changed it; tell whether it had."""
        mark = self._mark()
        if mark == self._seen:
            return False
        self._seen = mark
        self._entries = self._read()
        self.masters.reread()
        return True

    # --- keys that sign -------------------------------------------------------------------------------

    def generate(self, authority: str, purpose: Purpose, *, now: datetime) -> KeyEntry:
        """Make a key that signs from now on; the one before it goes on verifying."""
        with self._folder.turn():
            self.refresh()
            made = self._make(authority, purpose, KeyState.SIGNING, now)
            self._save((*retired(self._entries, authority, purpose, now), made))
            return made

    def announce(self, authority: str, purpose: Purpose, *, now: datetime) -> KeyEntry:
        """Make a key that is accepted from now on and signs once `take_over` says so."""
        with self._folder.turn():
            self.refresh()
            made = self._make(authority, purpose, KeyState.COMING, now)
            self._save((*self._entries, made))
            return made

    def coming(self, authority: str, purpose: Purpose) -> KeyEntry | None:
        """Return the oldest key that waits for its turn."""
        mine = (authority, purpose, KeyState.COMING)
        return next((entry for entry in self._entries if (entry.authority, entry.purpose, entry.state) == mine), None)

    def take_over(self, authority: str, purpose: Purpose, *, now: datetime, announced: timedelta) -> KeyEntry:
        """Let the coming key sign; the one before it goes on verifying.

        Raises:
            KeyMissing: none is coming.
            TooEarly: it was made less than `announced` ago.
        """
        with self._folder.turn():
            self.refresh()
            entry = self.coming(authority, purpose)
            if entry is None:
                raise KeyMissing(f"No {purpose} key of {authority or 'this installation'} is coming.")
            if now < entry.created_at + announced:
                raise TooEarly(f"Key {entry.kid} may sign from {(entry.created_at + announced):%d/%m/%Y %H:%M} UTC on.")
            signing = entry.becomes(KeyState.SIGNING, now)
            others = retired(self._entries, authority, purpose, now)
            self._save(tuple(signing if old.kid == entry.kid else old for old in others))
            return signing

    def withdraw(self, kid: str, *, now: datetime) -> KeyEntry:
        """Refuse from now on what this key has signed. Withdrawn once more, it stays withdrawn since the first time."""
        with self._folder.turn():
            self.refresh()
            entry = next((entry for entry in self._entries if entry.kid == kid), None)
            if entry is None:
                raise KeyMissing(f"The keyring has no key {kid}.")
            if entry.state is KeyState.WITHDRAWN:
                return entry
            withdrawn = entry.becomes(KeyState.WITHDRAWN, now)
            self._save(tuple(withdrawn if old.kid == kid else old for old in self._entries))
            return withdrawn

    def signing_key(self, authority: str, purpose: Purpose) -> keys.SigningKey:
        """Return the key that signs now."""
        for entry in self._entries:
            if (entry.authority, entry.purpose, entry.state) == (authority, purpose, KeyState.SIGNING):
                return self._load(entry)
        raise KeyMissing(f"No {purpose} key signs for {authority or 'this installation'}: multipass keys new.")

    def named_key(self, authority: str, purpose: Purpose, kid: str) -> keys.SigningKey:
        """Return a key by its name, even one that has stepped down: some know a city by one key alone.

        Raises:
            KeyMissing: there is none, or it was withdrawn.
        """
        for entry in self._entries:
            known = (entry.authority, entry.purpose, entry.kid) == (authority, purpose, kid)
            if known and entry.state is not KeyState.WITHDRAWN:
                return self._load(entry)
        raise KeyMissing(f"No {purpose} key {kid} of {authority} is in force.")

    def verify_keys(self, *purposes: Purpose) -> keys.KeySet:
        """Return every key of these purposes, withdrawn ones included so that they can be refused by name."""
        return self._verify_keys(purposes, lambda entry: entry.state)

    def gate_keys_at(self, at: datetime) -> keys.KeySet:
        """Return the keys of what people show at gates as they were at an instant that is over.

        A key that was made since is among them: clocks of gates are minutes off, and it has signed nothing before.
        """
        return self._verify_keys(SHOWN_AT_GATES, lambda entry: entry.state_at(at))

    def flaw_then(self, authority: str, medium: Medium, at: datetime) -> str | None:
        """Say what was wrong at an instant with the best code that a medium could have by then; None: nothing.

        A code is printed again, and a phone's credential renewed, under the key that signs at that moment. So one key
        in force among those that signed since the medium was made is enough. Chips prove masters, not these keys.
        """
        purpose = _SIGNED_BY.get(medium.kind)
        signed = [
            entry
            for entry in self._entries
            if (entry.authority, entry.purpose) == (authority, purpose) and entry.signed_between(medium.created_at, at)
        ]
        refused = signed and all(entry.state_at(at) is KeyState.WITHDRAWN for entry in signed)
        return "withdrawn_key" if refused else None

    def _verify_keys(self, purposes: tuple[Purpose, ...], state: Callable[[KeyEntry], KeyState]) -> keys.KeySet:
        return keys.key_set(
            keys.verify_key(
                self._load(entry).public,
                purpose=entry.purpose,
                authority=entry.authority,
                withdrawn=state(entry) is KeyState.WITHDRAWN,
            )
            for entry in self._entries
            if entry.purpose in purposes
        )

    # --- masters --------------------------------------------------------------------------------------

    def make_master(self, authority: str, *, now: datetime) -> None:
        """Draw the masters that an authority starts with, unless it has them."""
        with self._folder.turn():
            self.refresh()
            self._take_in(authority, now)
            for kind in BORN_WITH:
                self.masters.be_born(authority, kind, None, now=now)
            self._seen = self._mark()

    def sector_key(self, authority: str, sector: str) -> bytes:
        """Return the key under which a sector's pseudonyms are made."""
        master = self._open_master(authority) or self.masters.secret_of(authority, PSEUDONYM)
        return sector_key(master, sector)

    def uid_key(self, authority: str) -> bytes:
        """Return what UIDs of the authority's cards are hashed under, 32 bytes."""
        return self.masters.secret_of(authority, UID)

    def webhook_key(self, authority: str, webhook_id: UUID) -> bytes:
        """Return what messages to one webhook are signed with, 32 bytes: derived, so that it lies nowhere.

        Raises:
            KeyMissing: the authority has no master.
        """
        return self.sector_key(authority, f"webhook {webhook_id}")

    def code_key(self, authority: str, seed: bytes) -> bytes:
        """Return what the codes of one agent's telephone are drawn from, 32 bytes: derived, so that it lies nowhere.

        Raises:
            KeyMissing: the authority has no master.
        """
        return self.sector_key(authority, f"second factor {seed.hex()}")

    def login_key(self, authority: str, seed: bytes) -> bytes:
        """Return what the code of one login of a resident is drawn from, 32 bytes.

        Raises:
            KeyMissing: the authority has no master.
        """
        return self.sector_key(authority, f"login {seed.hex()}")

    def refresh_key(self, authority: str, seed: bytes) -> bytes:
        """Return what the refresh tokens of one session of a resident are proved with, 32 bytes.

        Raises:
            KeyMissing: the authority has no master.
        """
        return self.sector_key(authority, f"refresh {seed.hex()}")

    def passkey_key(self, authority: str, seed: bytes) -> bytes:
        """Return what the challenges of residents' passkeys are sealed with, 32 bytes; `seed` says whose turn it is.

        Raises:
            KeyMissing: the authority has no master.
        """
        return self.sector_key(authority, f"passkey {seed.hex()}")

    def documents_key(self, authority: str) -> bytes:
        """Return what the keys of an authority's documents are wrapped under, 32 bytes.

        Raises:
            KeyMissing: the authority has no master.
        """
        return self.sector_key(authority, "documents")

    def card_versions(self, authority: str) -> tuple[int, ...]:
        """Return the versions of card masters in force, smallest first."""
        return self.masters.versions(authority)

    def card_master(self, authority: str, slot: Slot, version: int) -> bytes:
        """Return the master of one slot of the cards of one version, 16 bytes.

        Slot 1 is no master to derive from: it hides the UID of a whole batch.

        Raises:
            KeyMissing: there is none in force.
        """
        return self.masters.secret_of(authority, f"card-{slot.value}", version)

    def transport_key(self, authority: str, version: int) -> bytes:
        """Return what keys of cards are wrapped under on their way to a maker, 32 bytes.

        Raises:
            KeyMissing: there is none in force.
        """
        return self.masters.secret_of(authority, TRANSPORT, version)

    def change_masters(self, change: Callable[[Masters], T]) -> T:
        """Change masters or custodians while no other program does."""
        with self._folder.turn():
            self.refresh()
            result = change(self.masters)
            self._seen = self._mark()
            return result

    def rewrap(self, password: str, *, now: datetime) -> None:
        """Put everything under another secret. Running servers go on: what they hold open stays what it is.

        Stopped halfway, it is simply done again: the secret that counts changes with the very last file.
        """
        with self._folder.turn():
            self.refresh()
            for authority in sorted({entry.authority for entry in self._entries} - {INSTALLATION}):
                self._take_in(authority, now)
            within = self.masters.derived(_PRIVATE_KEYS) if password else None
            for entry in self._entries:
                self._folder.write(file_of(entry), keys.dump_pem(self._load(entry), password=within))
            self.masters.rewrap(password)
            self._password = password
            self._seen = self._mark()

    # --- files ----------------------------------------------------------------------------------------

    def _make(self, authority: str, purpose: Purpose, state: KeyState, now: datetime) -> KeyEntry:
        key = keys.generate()
        entry = KeyEntry(authority, purpose, key.kid.hex(), state, now)
        within = self.masters.derived(_PRIVATE_KEYS) if self._password else None
        self._folder.write(file_of(entry), keys.dump_pem(key, password=within))
        return entry

    def _load(self, entry: KeyEntry) -> keys.SigningKey:
        key = self._loaded.get(entry.kid)
        if key is None:
            key = self._loaded[entry.kid] = self._unlocked(self._folder.read(file_of(entry)))
        return key

    def _unlocked(self, pem: bytes) -> keys.SigningKey:
        """A key that lies open, under the keyring's own key, or (from before there was one) under the secret itself."""
        if b"ENCRYPTED" not in pem:
            return keys.load_pem(pem)
        if self.masters.are_kept:
            within = self.masters.derived(_PRIVATE_KEYS)
            with suppress(ValueError):
                return keys.load_pem(pem, password=within)
        return keys.load_pem(pem, password=self._password.encode() or None)

    def _open_master(self, authority: str) -> bytes | None:
        """A master of pseudonyms from the time when they lay open."""
        try:
            return self._folder.read(f"master-{authority}")
        except FileNotFoundError:
            return None

    def _take_in(self, authority: str, now: datetime) -> None:
        before = self._open_master(authority)
        if before is not None:
            self.masters.be_born(authority, PSEUDONYM, before, now=now)
            self._folder.remove(f"master-{authority}")

    def _mark(self) -> tuple[tuple[int, int], ...]:
        return self._folder.mark(_LIST, SECRETS)

    def _read(self) -> tuple[KeyEntry, ...]:
        try:
            return msgspec.json.decode(self._folder.read(_LIST), type=tuple[KeyEntry, ...])
        except FileNotFoundError:
            return ()

    def _save(self, entries: tuple[KeyEntry, ...]) -> None:
        self._folder.write(_LIST, msgspec.json.format(msgspec.json.encode(entries), indent=2))
        self._entries = entries
        self._seen = self._mark()
