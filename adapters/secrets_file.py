"""`secrets.json` of the keyring's folder: masters, each wrapped, their custodians, and what these agreed to.

A seal over all three shows when something else than this program has changed them.
"""

import hmac
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from adapters import wrapping
from adapters.custody import Approval, Custodian
from adapters.key_folder import KeyFolder

FILE: Final = "secrets.json"


class MasterState(StrEnum):
    """Life of a master: several versions may be in force, for cards in pockets are not re-keyed in a day."""

    IN_FORCE = "in force"
    WITHDRAWN = "withdrawn"


class Master(Struct, frozen=True):
    """A master as it lies on disk."""

    authority: str
    kind: str  # one of KINDS
    version: int  # 1 to 255
    state: MasterState
    created_at: datetime
    wrapped: bytes

    @property
    def name(self) -> str:
        """What it is called in approvals, shares and sentences."""
        return name_of(self.authority, self.kind, self.version)


class Content(Struct, frozen=True):
    """The file. `seal` is over the rest."""

    salt: bytes = b""
    key: bytes = b""  # the keyring's own, wrapped under the secret
    masters: tuple[Master, ...] = ()
    custodians: tuple[Custodian, ...] = ()
    acts: tuple[Approval, ...] = ()
    seal: bytes = b""


def name_of(authority: str, kind: str, version: int) -> str:
    """Name one master of an installation."""
    return f"{authority} {kind} {version}"


class SecretsFile:
    """The file as it was last read, and the one key that everything in it hangs on."""

    def __init__(self, folder: KeyFolder, *, secret: str) -> None:
        self._folder = folder
        self._secret = secret
        self._key: bytes | None = None
        self.reread()

    def reread(self) -> None:
        """Read the file again; nothing in it is believed before the next use."""
        self._believed = False
        try:
            self.content = msgspec.json.decode(self._folder.read(FILE), type=Content)
        except FileNotFoundError:
            self.content = Content()

    def key(self) -> bytes:
        """Return the keyring's key, unwrapped once: stretching the secret takes a quarter of a second.

        Raises:
            WrongSecret: it lies under another secret.
        """
        if self._key is None:
            self._key = (
                wrapping.unwrap_key(self._secret, self.content.salt, self.content.key)
                if self.content.key
                else wrapping.new_key()
            )
        return self._key

    def believed(self) -> Content:
        """Return what is there; a keyring that has no key of its own yet gets one.

        Raises:
            WrongSecret: as `key`.
            KeyringAltered: the seal is broken.
        """
        key = self.key()
        if not self.content.key:
            self.rewrap(self._secret)
        elif not self._believed and not hmac.compare_digest(self.content.seal, _seal(key, self.content)):
            raise wrapping.KeyringAltered(f"{FILE} was changed by something else: restore the keyring's backup.")
        self._believed = True
        return self.content

    def save(self, content: Content) -> None:
        """Write the file with its seal."""
        self.content = replace(content, seal=_seal(self.key(), content))
        self._folder.write(FILE, msgspec.json.format(msgspec.json.encode(self.content), indent=2))
        self._believed = True

    def rewrap(self, secret: str) -> None:
        """Wrap the keyring's key under this secret."""
        key, salt = self.key(), wrapping.new_salt()
        self.save(replace(self.content, salt=salt, key=wrapping.wrap_key(secret, salt, key)))
        self._secret = secret


def _seal(key: bytes, content: Content) -> bytes:
    """What only who has the keyring's key can make, over masters, custodians and acts."""
    covered = msgspec.json.encode((content.masters, content.custodians, content.acts))
    return hmac.digest(wrapping.derived(key, b"seal"), covered, "sha256")
