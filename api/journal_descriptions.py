"""What the API says of the journal."""

from typing import Any

from api import journal
from domain.acts import Act
from domain.journal import Kind

TAGS = {"Journal": "Who did what with personal data, reading included: for the data protection officer alone."}

PROBLEMS: dict[tuple[str, str], dict[str, str]] = {
    ("/v1/journal", "get"): {"404": "You have no agent of this login, or no holder of this reference."}
}

PARAMETER_SCHEMAS: dict[str, dict[str, Any]] = {
    "firstDay": {"type": "string", "format": "date"},
    "beforeDay": {"type": "string", "format": "date"},
    "act": {"type": "string", "enum": [act.value for act in Act]},
    "objectKind": {"type": "string", "enum": [kind.value for kind in Kind]},
    "beforeLine": {"type": "string", "pattern": "^[0-9]{1,18}$"},
}

BODIES = (journal.JournalPage,)

PARAMETERS: dict[str, tuple[str, Any]] = {
    "agent": ("Login of whoever acted.", "guichet@val-clair.example"),
    "objectKind": ("Of what sort the thing is that something was done to.", Kind.PASS),
    "objectId": ("Its id, as a line of the journal gives it.", "01930c3e-8d2a-7c41-9a53-0242ac120002"),
    "firstDay": ("The first local day that is looked at.", "2026-10-22"),
    "beforeDay": ("The first local day after them.", "2026-11-22"),
    "beforeLine": ("The `before` of the page that you have; the newest lines, unless given.", "1042"),
    "act": ("What was done.", Act.PASS_SHOWN),
}
