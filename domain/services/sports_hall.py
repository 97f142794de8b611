"""Sports halls: clubs have their hours, and whoever holds a club's key opens the door (`domain.md` 2.5).

The right is the club's, so its key-holders are its members in the register, and one who leaves the club opens
nothing any more. A club's hour is a reserved session of the site; the club's product names it. Who practises alone
comes in the public hours, on a right of their own.
"""

from domain.access.rules import RIGHTS, below_capacity, child_accompanied, no_passback, site_open
from domain.offline_policy import Fail, OfflinePolicy
from domain.people import Subject
from domain.services.service import Service
from domain.text import Text

SERVICE = Service(
    code="sports-hall",
    name=Text(fr="Salle de sport", en="Sports hall"),
    sector="sport",
    subject=Subject.ORGANISATION,
    rules=(site_open, *RIGHTS, below_capacity, no_passback, child_accompanied(below_age=14)),
    identified_days=92,
    offline=OfflinePolicy(Fail.CLOSED),  # nobody is there who would see a stranger go in
)
