"""Reading the lines of an old card file: who each one is, or everything that is wrong with it.

Pure, and over the whole file: what stands in it twice is known without asking anybody, and a run that goes on in the
middle reads what the one before has read.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from domain.import_cells import (
    FIRST_LINE,
    LONGEST_REFERENCE,
    Cells,
    Ground,
    Line,
    born,
    card,
    commune,
    end,
    name,
    product,
    text,
)
from domain.import_headings import folded
from domain.import_kinds import Field
from domain.imports import LineFlaw, LineReason, Plan


class Newcomer(Struct, frozen=True):
    """A line that says who somebody is. `uid_digest` is their card; `until` the day after the last of their pass."""

    line: int
    reference: str | None
    first_name: str
    last_name: str
    born_on: date
    commune_code: str
    uid_digest: bytes | None
    product: str | None
    until: date

    @property
    def name_key(self) -> tuple[str, date]:
        """What makes two lines, or a line and somebody in the register, one person."""
        return name_key(self.first_name, self.last_name, self.born_on)


Read = Newcomer | list[LineFlaw]


def name_key(first_name: str, last_name: str, born_on: date) -> tuple[str, date]:
    """Somebody as they are compared: names without accents, capitals or hyphens, and the day of birth."""
    return f"{folded(last_name)}/{folded(first_name)}", born_on


def read(headings: Sequence[str], rows: Sequence[Cells], plan: Plan, ground: Ground) -> list[Read]:
    """Read every line, in their order: a newcomer, or its flaws."""
    places = {field: headings.index(heading) for field, heading in plan.columns.items()}
    lines = [_read(Line(number, row, places), plan, ground) for number, row in enumerate(rows, start=FIRST_LINE)]
    return _without_doubles(lines)


def _read(line: Line, plan: Plan, ground: Ground) -> Read:
    return person(line, commune(line, plan, ground), plan, ground) or line.flaws


def person(line: Line, commune_code: str | None, plan: Plan, ground: Ground) -> Newcomer | None:
    """Read who a line is about, living in this commune. None where something of the line is wrong."""
    first_name, last_name = name(line, Field.FIRST_NAME), name(line, Field.LAST_NAME)
    born_on = born(line, ground.today)
    until = end(line, Field.LAST_DAY, ground.today, plan.until, LineReason.PASS_OVER)
    reference = text(line, Field.REFERENCE, longest=LONGEST_REFERENCE)
    uid_digest, wished = card(line, ground), product(line, ground)
    if line.flaws or born_on is None or commune_code is None or until is None:
        return None
    return Newcomer(
        line=line.number,
        reference=reference or None,
        first_name=first_name,
        last_name=last_name,
        born_on=born_on,
        commune_code=commune_code,
        uid_digest=uid_digest,
        product=wished,
        until=until,
    )


def _without_doubles(lines: list[Read]) -> list[Read]:
    """Refuse what stands in the file a second time: the first line is taken in."""
    seen: dict[object, int] = {}
    kept: list[Read] = []
    for line in lines:
        if isinstance(line, Newcomer):
            doubles = [
                LineFlaw(line.line, LineReason.TWICE_IN_FILE, field, seen[key])
                for field, key in _keys(line)
                if key in seen
            ]
            if doubles:
                kept.append(doubles)
                continue
            seen.update((key, line.line) for _, key in _keys(line))
        kept.append(line)
    return kept


def _keys(line: Newcomer) -> Iterator[tuple[Field, object]]:
    yield Field.LAST_NAME, line.name_key
    if line.reference is not None:
        yield Field.REFERENCE, line.reference
    if line.uid_digest is not None:
        yield Field.CARD, line.uid_digest
