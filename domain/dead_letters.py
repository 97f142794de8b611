"""Why agents throw a message away that nobody could use: one closed list, and the journal keeps which."""

from enum import StrEnum


class Motive(StrEnum):
    """Why a message is discarded."""

    TEST = "test"
    """Somebody was trying something out."""
    NOT_OURS = "not-ours"
    """It comes from a device of somebody else."""
    BROKEN = "broken"
    """It was cut or garbled, and nothing will mend it."""
    PERSONAL = "personal"
    """It says something of a person."""
