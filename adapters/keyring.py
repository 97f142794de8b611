"""The keyring: a folder that holds every key, and nothing else knows them.

    keyring.json            what there is: authority, purpose, kid, state, day of birth
    <purpose>-<kid>.pem     private keys (PKCS #8), encrypted when a password is set
    master-<authority>      32 bytes from which the keys of the sectors are derived

Private keys never enter the database, a log or an error.
"""

import os
import secrets
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from domain.errors import NotFound
from domain.privacy import sector_key
from nfc import keys

INSTALLATION = ""
"""In place of an authority: the key belongs to the whole installation."""


class Purpose(StrEnum):
    """What a key signs. A key for one purpose is refused for every other."""

    PRINT = "print"
    PHONE = "phone"
    """Credentials of phones: they live thirty days, printed codes for years, so each has a key of its own."""
    BUNDLE = "bundle"
    """What verifiers fetch: status lists."""
    TOKEN = "token"


OF_AN_AUTHORITY = (Purpose.PRINT, Purpose.PHONE, Purpose.BUNDLE)
"""Each authority has one of these; the token key is the installation's."""

SHOWN_AT_GATES = (Purpose.PRINT, Purpose.PHONE)
"""What signs the codes that people show."""


class KeyState(StrEnum):
    """Life of a key."""

    SIGNING = "signing"
    VERIFYING = "verifying"
    """No longer signs; what it has signed is still accepted."""
    WITHDRAWN = "withdrawn"
    """What it has signed is refused."""


class KeyEntry(Struct, frozen=True):
    """One line of the keyring."""

    authority: str
    purpose: Purpose
    kid: str
    state: KeyState
    created_at: datetime


class KeyMissing(NotFound):
    """No key of this name or for this purpose is in the keyring."""

    code = "key-missing"


class KeyRing:
    """The keys of one installation."""

    def __init__(self, folder: Path, *, password: str = "") -> None:
        self._folder = folder
        self._password = password.encode() or None
        self._loaded: dict[str, keys.SigningKey] = {}
        self._seen = self._mark()
        self._entries = self._read()

    @property
    def entries(self) -> tuple[KeyEntry, ...]:
        """What there is, oldest first."""
        return self._entries

    def refresh(self) -> bool:
        """Read the keyring again if another program has changed it; tell whether it had."""
        mark = self._mark()
        if mark == self._seen:
            return False
        self._seen = mark
        self._entries = self._read()
        return True

    def generate(self, authority: str, purpose: Purpose, *, now: datetime) -> KeyEntry:
        """Make a key that signs from now on; the one before it goes on verifying."""
        self.refresh()
        key = keys.generate()
        entry = KeyEntry(authority, purpose, key.kid.hex(), KeyState.SIGNING, now)
        self._write_secret(f"{purpose}-{entry.kid}.pem", keys.dump_pem(key, password=self._password))
        retired = tuple(
            replace(old, state=KeyState.VERIFYING)
            if (old.authority, old.purpose, old.state) == (authority, purpose, KeyState.SIGNING)
            else old
            for old in self._entries
        )
        self._save((*retired, entry))
        return entry

    def withdraw(self, kid: str) -> KeyEntry:
        """Refuse from now on what this key has signed."""
        self.refresh()
        entry = next((entry for entry in self._entries if entry.kid == kid), None)
        if entry is None:
            raise KeyMissing(f"The keyring has no key {kid}.")
        withdrawn = replace(entry, state=KeyState.WITHDRAWN)
        self._save(tuple(withdrawn if old.kid == kid else old for old in self._entries))
        return withdrawn

    def signing_key(self, authority: str, purpose: Purpose) -> keys.SigningKey:
        """Return the key that signs now."""
        for entry in self._entries:
            if (entry.authority, entry.purpose, entry.state) == (authority, purpose, KeyState.SIGNING):
                return self._load(entry)
        raise KeyMissing(f"No {purpose} key signs for {authority or 'this installation'}: multipass keys new.")

    def verify_keys(self, *purposes: Purpose) -> keys.KeySet:
        """Return every key of these purposes, withdrawn ones included so that they can be refused by name."""
        return keys.key_set(
            keys.verify_key(
                self._load(entry).public,
                purpose=entry.purpose,
                authority=entry.authority,
                withdrawn=entry.state is KeyState.WITHDRAWN,
            )
            for entry in self._entries
            if entry.purpose in purposes
        )

    def make_master(self, authority: str) -> None:
        """Make the secret from which the authority's sector keys are derived, unless there is one."""
        if not (self._folder / f"master-{authority}").exists():
            self._write_secret(f"master-{authority}", secrets.token_bytes(32))

    def sector_key(self, authority: str, sector: str) -> bytes:
        """Return the key under which a sector's pseudonyms are made."""
        try:
            master = (self._folder / f"master-{authority}").read_bytes()
        except FileNotFoundError:
            raise KeyMissing(f"The keyring has no master for {authority}.") from None
        return sector_key(master, sector)

    def _load(self, entry: KeyEntry) -> keys.SigningKey:
        key = self._loaded.get(entry.kid)
        if key is None:
            pem = (self._folder / f"{entry.purpose}-{entry.kid}.pem").read_bytes()
            key = self._loaded[entry.kid] = keys.load_pem(pem, password=self._password)
        return key

    def _mark(self) -> tuple[int, int]:
        """What tells one version of the keyring's list from another: it is replaced whole, never written into."""
        try:
            status = (self._folder / "keyring.json").stat()
        except FileNotFoundError:
            return (0, 0)
        return (status.st_ino, status.st_mtime_ns)

    def _read(self) -> tuple[KeyEntry, ...]:
        try:
            return msgspec.json.decode((self._folder / "keyring.json").read_bytes(), type=tuple[KeyEntry, ...])
        except FileNotFoundError:
            return ()

    def _save(self, entries: tuple[KeyEntry, ...]) -> None:
        self._write_secret("keyring.json", msgspec.json.format(msgspec.json.encode(entries), indent=2))
        self._entries = entries
        self._seen = self._mark()

    def _write_secret(self, name: str, content: bytes) -> None:
        """Write a file that only we can read, whole or not at all."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = self._folder / f".{name}.new"
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._folder / name)
