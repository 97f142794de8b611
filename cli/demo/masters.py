"""Masters of cards of the demonstration: made by two custodians, as an installation's are, whose keys nobody keeps.

With them the console orders batches. The stock that the city has already is of cards that were never made.
"""

from datetime import datetime

from adapters.custody import Act, Approval, Custodian
from adapters.keyring import KeyRing
from adapters.masters import CARDS, TRANSPORT, Masters
from adapters.secrets_file import name_of
from nfc import keys

CUSTODIANS = ("alice", "bruno")

_VERSION = 1
"""What the city's cards bear."""


def make_card_masters(keyring: KeyRing, authority: str, *, now: datetime) -> None:
    """Make a version of cards, and a key for their maker; what an earlier city has left stays in force."""
    if keyring.masters.custodians:
        return
    keyring.change_masters(lambda masters: _ceremony(masters, authority, now))


def _ceremony(masters: Masters, authority: str, now: datetime) -> None:
    own = [keys.generate() for _ in CUSTODIANS]
    for name, key in zip(CUSTODIANS, own, strict=True):
        masters.appoint(Custodian(name, keys.dump_point(key.public), now), approval=None)
    for kind in (*CARDS, TRANSPORT):
        approval = Approval(Act("make", name_of(authority, kind, _VERSION), now))
        for key in own:
            approval = approval.signed(key)
        masters.make(authority, kind, _VERSION, approval=approval, now=now)
