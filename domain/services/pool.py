"""Pools: carnets and subscriptions per person, a maximum attendance, children with an adult (`domain.md` 2.2)."""

from domain.access.rules import RIGHTS_OR_TILL, below_capacity, child_accompanied, no_passback, site_open
from domain.offline_policy import Fail, OfflinePolicy
from domain.people import Subject
from domain.services.service import Service
from domain.text import Text

SERVICE = Service(
    code="pool",
    name=Text(fr="Piscine", en="Pool"),
    sector="leisure",
    subject=Subject.PERSON,
    rules=(
        site_open,
        *RIGHTS_OR_TILL,
        below_capacity,
        no_passback,
        child_accompanied(below_age=8),
    ),
    identified_days=92,
    offline=OfflinePolicy(Fail.OPEN),  # an entry too much is settled afterwards; a queue in the rain is not
    weak_proof_overridable=True,
)
