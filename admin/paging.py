"""Long lists in pages: each goes on behind the line with which the one before ended, whatever came meanwhile."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Generic, TypeVar
from uuid import UUID

from msgspec import Struct

Line = TypeVar("Line")

LINES = 50


class Paged(Struct, Generic[Line], frozen=True):
    """A page, and where the next one begins; empty on the last."""

    lines: list[Line]
    more: str


def paged(found: Sequence[Line], after: str, name: Callable[[Line], str]) -> Paged[Line]:
    """Cut a page out of a list that is at hand whole; a name that is not in it begins anew."""
    begin = next((place for place, one in enumerate(found, start=1) if name(one) == after), 0) if after else 0
    page = list(found[begin : begin + LINES])
    return Paged(page, name(page[-1]) if len(found) > begin + LINES else "")


def begun(found: Sequence[Line], place_of: Callable[[Line], tuple[datetime, UUID]], most: int) -> Paged[Line]:
    """Make a page of lines that were asked for behind a place, one more than are shown."""
    page = list(found[:most])
    at, named = place_of(page[-1]) if len(found) > most else (None, None)
    return Paged(page, f"{at.isoformat()}~{named}" if at is not None else "")


def place(said: str) -> tuple[datetime, UUID] | None:
    """Read where a list goes on; what is no place begins it anew."""
    at, _, named = said.partition("~")
    try:
        read, who = datetime.fromisoformat(at), UUID(named)
        return (read.astimezone(UTC), who) if read.tzinfo is not None else None
    except (ValueError, OverflowError):  # of a day before the first or after the last that there is in UTC
        return None
