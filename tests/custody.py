"""Two custodians, and what they make together: masters of cards for a test."""

from datetime import datetime

from adapters.custody import Act, Approval, Custodian, Deed
from adapters.keyring import KeyRing
from adapters.masters import CARDS
from adapters.secrets_file import name_of
from nfc import keys
from nfc.keys import SigningKey

ALICE, BRUNO, MALLORY = keys.signing_key(0xA11CE), keys.signing_key(0xB0B), keys.signing_key(0x3A110)


def appoint_two(ring: KeyRing, *, now: datetime) -> None:
    """Trust Alice and Bruno."""
    for name, key in (("alice", ALICE), ("bruno", BRUNO)):
        custodian = Custodian(name, keys.dump_point(key.public), now)
        ring.masters.appoint(custodian, approval=None)


def approved(deed: Deed, subject: str, *signers: SigningKey, now: datetime) -> Approval:
    """What these people sign."""
    approval = Approval(Act(deed, subject, now))
    for signer in signers:
        approval = approval.signed(signer)
    return approval


def make_card_masters(ring: KeyRing, authority: str, *, version: int = 1, now: datetime) -> None:
    """Make the five masters of a version of cards, as a ceremony does."""
    for kind in CARDS:
        make_master(ring, authority, kind, version=version, now=now)


def make_master(ring: KeyRing, authority: str, kind: str, *, version: int = 1, now: datetime) -> None:
    """Make one master, as the same ceremony does."""
    if not ring.masters.custodians:
        appoint_two(ring, now=now)
    approval = approved("make", name_of(authority, kind, version), ALICE, BRUNO, now=now)
    ring.masters.make(authority, kind, version, approval=approval, now=now)
