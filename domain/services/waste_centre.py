"""Waste centres: the household's visits of the year, and vehicles on the platform (`domain.md` 2.1)."""

from domain.access.rules import RIGHTS, below_capacity, inside, no_passback, site_open
from domain.offline_policy import Fail, OfflinePolicy
from domain.people import Subject
from domain.services.service import Service
from domain.text import Text

SERVICE = Service(
    code="waste-centre",
    name=Text(fr="Déchèterie", en="Waste centre"),
    sector="waste",
    subject=Subject.HOUSEHOLD,
    rules=(site_open, *RIGHTS, below_capacity, no_passback),
    deposit_rules=(inside, *RIGHTS),
    identified_days=92,
    offline=OfflinePolicy(Fail.CLOSED),  # a load costs money, and an agent is on the spot
    weak_proof_overridable=True,
)
