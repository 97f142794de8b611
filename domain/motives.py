"""Why an agent acts in the place of a gate: one closed list, so that motives can be counted and name nobody.

There is no field for a free text beside them: what people write there is about other people.
"""

from enum import StrEnum

from domain.text import Text


class Motive(StrEnum):
    """Why somebody was let in, or their passage cancelled."""

    TECHNICAL_FAULT = "technical_fault"
    STAFF_ERROR = "staff_error"
    WRONG_QUANTITY = "wrong_quantity"
    WRONG_PASS = "wrong_pass"
    TURNED_BACK = "turned_back"
    GOOD_FAITH = "good_faith"
    DEROGATION_PENDING = "derogation_pending"
    LOST_CHILD = "lost_child"
    MEDICAL = "medical"
    SAFETY = "safety"
    OTHER = "other"


MOTIVES: dict[Motive, Text] = {
    Motive.TECHNICAL_FAULT: Text(fr="Panne technique", en="Technical fault"),
    Motive.STAFF_ERROR: Text(fr="Erreur d’un agent", en="Mistake of the staff"),
    Motive.WRONG_QUANTITY: Text(fr="Quantité mal saisie", en="Wrong quantity"),
    Motive.WRONG_PASS: Text(fr="Pass d’une autre personne", en="Somebody else’s pass"),
    Motive.TURNED_BACK: Text(fr="Demi-tour sans entrer", en="Turned back at the gate"),
    Motive.GOOD_FAITH: Text(fr="Bonne foi", en="Good faith"),
    Motive.DEROGATION_PENDING: Text(fr="Dérogation en cours", en="Derogation under way"),
    Motive.LOST_CHILD: Text(fr="Enfant à retrouver", en="Looking for a child"),
    Motive.MEDICAL: Text(fr="Raison médicale", en="Medical reason"),
    Motive.SAFETY: Text(fr="Sécurité", en="Safety"),
    Motive.OTHER: Text(fr="Autre motif", en="Another motive"),
}

_M = Motive
LETS_IN_FOR = (
    *(_M.TECHNICAL_FAULT, _M.STAFF_ERROR, _M.GOOD_FAITH, _M.DEROGATION_PENDING),
    *(_M.LOST_CHILD, _M.MEDICAL, _M.SAFETY, _M.OTHER),
)
"""What a screen offers to whoever lets somebody in, or takes what they bring: no form asks for what cannot be."""

TAKES_BACK_FOR = (
    *(_M.STAFF_ERROR, _M.WRONG_QUANTITY, _M.WRONG_PASS, _M.TURNED_BACK, _M.TECHNICAL_FAULT, _M.GOOD_FAITH, _M.OTHER),
)
"""What a screen offers to whoever takes a passage back. Programs may say any motive of either."""
