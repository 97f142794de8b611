"""The masters: symmetric secrets from which the keys of cards and of sectors are derived.

Here are the rules of their life; `adapters.secrets_file` is how they lie on disk.
"""

import hmac
import secrets
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from msgspec.structs import replace

from adapters import custody, shares, wrapping
from adapters.custody import Approval, Custodian, CustodianConflict, Deed, NotApproved
from adapters.key_folder import KeyFolder
from adapters.secrets_file import Master, MasterState, SecretsFile, name_of
from domain.errors import AlreadyExists, NotFound
from nfc.diversify import Slot

CARD_BYTES, OTHER_BYTES = 16, 32

PSEUDONYM: Final = "pseudonym"
"""What the keys of an authority's sectors are derived from."""
UID: Final = "uid"
"""What UIDs of cards are hashed under."""
BORN_WITH: Final = (PSEUDONYM, UID)
"""Drawn when the authority is founded: nobody has seen them, so nobody need be watched."""
CARDS: Final = tuple(f"card-{slot.value}" for slot in Slot)
"""One master for each slot of a card."""
TRANSPORT: Final = "transport"
"""What the keys of cards are wrapped under on their way to a maker; a version for each maker, or for each year."""
KINDS: Final = (*BORN_WITH, *CARDS, TRANSPORT)

_TO_READ_CARDS: Final = (f"card-{Slot.META.value}", f"card-{Slot.SERVER.value}")
"""Without these two a version of cards says nothing to a server."""


class KeyMissing(NotFound):
    """No key of this name or for this purpose is in the keyring."""

    code = "key-missing"


class Masters:
    """The masters of one installation and those who watch over them."""

    def __init__(self, folder: KeyFolder, *, secret: str) -> None:
        self._file = SecretsFile(folder, secret=secret)

    def reread(self) -> None:
        """Read them again."""
        self._file.reread()

    @property
    def are_kept(self) -> bool:
        """Whether this keyring has a key of its own: older ones have none until something is written."""
        return bool(self._file.content.key)

    @property
    def entries(self) -> tuple[Master, ...]:
        """The masters, oldest first."""
        return self._file.content.masters

    @property
    def custodians(self) -> tuple[Custodian, ...]:
        """Who watches over them."""
        return self._file.content.custodians

    @property
    def acts(self) -> tuple[Approval, ...]:
        """What custodians agreed to, oldest first."""
        return self._file.content.acts

    def versions(self, authority: str) -> tuple[int, ...]:
        """Return the versions of an authority's cards that a server can read, smallest first."""
        readable = [
            {one.version for one in self.entries if (one.authority, one.kind) == (authority, kind) and _lives(one)}
            for kind in _TO_READ_CARDS
        ]
        return tuple(sorted(set.intersection(*readable)))

    def newest(self, authority: str, kind: str) -> int | None:
        """Return the greatest version of a master in force; None where there is none."""
        mine = (one for one in self.entries if (one.authority, one.kind) == (authority, kind) and _lives(one))
        return max((one.version for one in mine), default=None)

    def secret_of(self, authority: str, kind: str, version: int | None = None) -> bytes:
        """Return a master in force, the newest unless a version is named.

        Raises:
            KeyMissing: there is none.
            WrongSecret, KeyringAltered: it does not open.
        """
        found = [one for one in self.entries if (one.authority, one.kind) == (authority, kind) and _lives(one)]
        chosen = max(
            (one for one in found if version in (None, one.version)), key=lambda one: one.version, default=None
        )
        if chosen is None:
            raise KeyMissing(f"The keyring has no {kind} master for {authority}: multipass keys master list.")
        self._file.believed()
        return wrapping.unwrap(self._file.key(), chosen.wrapped, name=chosen.name.encode())

    def derived(self, use: bytes) -> bytes:
        """Return a key for one use of the keyring itself, such as what its private keys lie under."""
        self._file.believed()
        return wrapping.derived(self._file.key(), use)

    # --- without custodians: what nobody learns anything from -----------------------------------------

    def be_born(self, authority: str, kind: str, master: bytes | None, *, now: datetime) -> None:
        """Draw a master that an authority starts with, or take in the one it has from before; never a second one."""
        if any((one.authority, one.kind) == (authority, kind) for one in self.entries):
            return
        self._keep(authority, kind, 1, master or secrets.token_bytes(OTHER_BYTES), now)

    def withdraw(self, authority: str, kind: str, version: int) -> Master:
        """Stop using a master, for good. One person may: it shuts out and gives nothing away."""
        content = self._file.believed()
        name = name_of(authority, kind, version)
        found = next((one for one in content.masters if one.name == name), None)
        if found is None:
            raise KeyMissing(f"The keyring has no master {name}.")
        withdrawn = replace(found, state=MasterState.WITHDRAWN)
        self._file.save(replace(content, masters=tuple(withdrawn if one is found else one for one in content.masters)))
        return withdrawn

    def rewrap(self, secret: str) -> None:
        """Wrap the keyring's own key under another secret; the masters stay as they are."""
        self._file.believed()
        self._file.rewrap(secret)

    # --- with two custodians --------------------------------------------------------------------------

    def make(self, authority: str, kind: str, version: int, *, approval: Approval, now: datetime) -> None:
        """Draw a master.

        Raises:
            NotApproved: not by two custodians.
            AlreadyExists: there is one of this name, in force or not.
        """
        self._check_new(authority, kind, version)
        self._approve(approval, "make", name_of(authority, kind, version))
        size = CARD_BYTES if kind in CARDS else OTHER_BYTES
        self._keep(authority, kind, version, secrets.token_bytes(size), now)

    def share_out(self, authority: str, kind: str, version: int, *, approval: Approval) -> tuple[shares.Share, ...]:
        """Take a master out, in a share for each of the two custodians who approve."""
        master, name = self.secret_of(authority, kind, version), name_of(authority, kind, version)
        pair, check = secrets.token_hex(8), self.check_of(master)
        two = self._approve(approval, "export", name)
        return tuple(
            shares.seal(share, custodian.key, master=name, custodian=custodian.name, pair=pair, check=check)
            for share, custodian in zip(shares.split(master), two, strict=True)
        )

    def take_in(
        self,
        authority: str,
        kind: str,
        version: int,
        *,
        halves: tuple[tuple[shares.Share, ec.EllipticCurvePrivateKey], ...],
        approval: Approval,
        now: datetime,
    ) -> None:
        """Put a master together from two shares, each opened with its custodian's key.

        Raises:
            NotApproved, AlreadyExists: as `make`.
            ShareRefused: a share is another's, of another master, or the two are no pair.
        """
        self._check_new(authority, kind, version)
        name = name_of(authority, kind, version)
        if len(halves) != custody.NEEDED or {(share.master, share.pair) for share, _ in halves} != {
            (name, halves[0][0].pair)
        }:
            raise shares.ShareRefused(f"These are not the two shares of {name}.")
        master = shares.joined(*(shares.unseal(share, private) for share, private in halves))
        if self.check_of(master) != halves[0][0].check:
            raise shares.ShareRefused("Twice the same share is no master.")
        self._approve(approval, "import", name)
        self._keep(authority, kind, version, master, now)

    def appoint(self, custodian: Custodian, *, approval: Approval | None) -> None:
        """Trust a custodian from now on. The first two come together; every later one takes two of those there are.

        Raises:
            CustodianConflict: the name or the key is there already.
            NotApproved: there are two already, and not two of them agree.
        """
        if any(custodian.name == one.name or custodian.public == one.public for one in self.custodians):
            raise CustodianConflict(f"{custodian.name}, or this key, is a custodian already.")
        if len(self.custodians) >= custody.NEEDED:
            self._approve(approval, "appoint", f"{custodian.name} {custodian.fingerprint}")
        content = self._file.believed()
        self._file.save(replace(content, custodians=(*content.custodians, custodian)))

    def dismiss(self, name: str, *, approval: Approval) -> None:
        """Trust a custodian no longer. Shares that they hold stay what they are: half of nothing.

        Raises:
            CustodianConflict: there is no such custodian, or fewer than two would be left.
        """
        leaving = next((one for one in self.custodians if one.name == name), None)
        if leaving is None or len(self.custodians) <= custody.NEEDED:
            raise CustodianConflict(f"{name} is no custodian, or fewer than two would be left.")
        self._approve(approval, "dismiss", f"{name} {leaving.fingerprint}")
        content = self._file.believed()
        self._file.save(replace(content, custodians=tuple(one for one in content.custodians if one.name != name)))

    def check_of(self, master: bytes) -> str:
        """What two people compare by telephone: 8 hexadecimal digits that give nothing away of a random master."""
        return hmac.digest(master, b"multipass check", "sha256").hex()[:8]

    def _approve(self, approval: Approval | None, deed: Deed, subject: str) -> tuple[Custodian, ...]:
        """Hold an approval to the act in hand and write it down: it is good once."""
        content = self._file.believed()
        if approval is None or (approval.act.deed, approval.act.subject) != (deed, subject):
            raise NotApproved(f"To {deed} {subject} takes two custodians.")
        two = custody.approvers(approval, content.custodians)
        if any(approval.act == past.act for past in content.acts):
            raise NotApproved("This approval has been used.")
        self._file.save(replace(content, acts=(*content.acts, approval)))
        return two

    def _check_new(self, authority: str, kind: str, version: int) -> None:
        if kind not in KINDS or not 1 <= version <= 255:
            raise ValueError(f"no master: {kind} {version}")
        if any(one.name == name_of(authority, kind, version) for one in self.entries):
            raise AlreadyExists(f"There is a master {name_of(authority, kind, version)} already.")

    def _keep(self, authority: str, kind: str, version: int, master: bytes, now: datetime) -> None:
        content, name = self._file.believed(), name_of(authority, kind, version)
        wrapped = wrapping.wrap(self._file.key(), master, name=name.encode())
        entry = Master(authority, kind, version, MasterState.IN_FORCE, now, wrapped)
        self._file.save(replace(content, masters=(*content.masters, entry)))


def _lives(master: Master) -> bool:
    return master.state is MasterState.IN_FORCE
