"""Libraries: entry is free to registered readers, the right is the year's registration (`domain.md` 2.3)."""

from domain.access.rules import RIGHTS, below_capacity, no_passback, site_open
from domain.offline_policy import Fail, OfflinePolicy
from domain.people import Subject
from domain.services.service import Service
from domain.text import Text

SERVICE = Service(
    code="library",
    name=Text(fr="Médiathèque", en="Library"),
    sector="culture",
    subject=Subject.PERSON,
    rules=(site_open, *RIGHTS, below_capacity, no_passback),
    identified_days=92,
    offline=OfflinePolicy(Fail.OPEN, entries=10),  # readers come and go, and nothing is counted
    assurance=0,  # entry is free, and many readers' cards have a UID only
)
