"""The shape of a service."""

from datetime import date, timedelta

from msgspec import Struct

from domain.access.rules import Rule
from domain.offline_policy import OfflinePolicy
from domain.people import Subject
from domain.text import Text


class Service(Struct, frozen=True):
    """What the city offers under one name, and the rules of its doors.

    `sector` names the sealed data sector: two services under one sector see the same pseudonym of a person, two
    sectors never do. A passage stays identified for `identified_days`, then only counts (`domain.md` 3.2); the
    terminal that asked may cancel it for `cancel_minutes`. Where something is handed over after the entry,
    `deposit_rules` judge it. `assurance` is the least that a
    medium must prove, from 0 (a card's UID, copied in seconds) to 3 (a key that has just answered): docs/cards.md.
    `offline` is what gates do alone where their site says nothing of its own: every service has to say it.
    With `weak_proof_overridable` an agent, who sees who stands there, may let somebody in who proves less.
    """

    code: str
    name: Text
    sector: str
    subject: Subject
    rules: tuple[Rule, ...]
    identified_days: int
    offline: OfflinePolicy
    deposit_rules: tuple[Rule, ...] = ()
    cancel_minutes: int = 10
    assurance: int = 1
    weak_proof_overridable: bool = False

    def keep_until(self, day: date) -> date:
        """Return the first day on which a passage of `day` may no longer be tied to a person."""
        return day + timedelta(days=self.identified_days)
