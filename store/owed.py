"""What is owed to an account: a word that is due at an instant, and how often it was tried."""

from datetime import datetime

from msgspec import Struct

MOST_TOLD = 50
"""Words of one matter that are read at once; whoever reads so many looks again."""


class OwedWord(Struct, frozen=True, kw_only=True):
    """A word that is due to an account; `due_at` and `attempts` say which word of its matter this is."""

    due_at: datetime
    attempts: int
