"""Transport: personal subscriptions; a second tap of the same trip costs nothing (`domain.md` 2.4).

A passage stays identified for 48 hours only (CNIL AU-015, guide value).
"""

from domain.access.rules import RIGHTS, no_passback, site_open
from domain.offline_policy import Fail, OfflinePolicy
from domain.people import Subject
from domain.services.service import Service
from domain.text import Text

SERVICE = Service(
    code="transport",
    name=Text(fr="Transport", en="Transport"),
    sector="transport",
    subject=Subject.PERSON,
    rules=(site_open, *RIGHTS, no_passback),
    identified_days=2,
    offline=OfflinePolicy(Fail.OPEN, entries=10),  # nobody is left at the stop
)
