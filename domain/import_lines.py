"""Reading the lines of an old card file: who each one is, or everything that is wrong with it.

Pure, and over the whole file: what stands in it twice is known without asking anybody, and a run that goes on in the
middle reads what the one before has read.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct

from domain.circumstances import CircumstanceKind, check_value
from domain.errors.people import BadCircumstance
from domain.import_headings import folded
from domain.imports import Field, LineFlaw, LineReason, Plan

FIRST_LINE = 2
"""The headings are line 1, as in a spreadsheet."""

_OLDEST_YEAR = 1900
_LONGEST_NAME = 80
_LONGEST_REFERENCE = 40
_COMMUNE_DIGITS = 5
_FURTHEST = 30 * 366
"""A pass that would last longer than so many days is a slip of the keyboard."""

_DAY_FIRST = re.compile(r"([0-9]{1,2})[/.\- ]([0-9]{1,2})[/.\- ]([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")
_BETWEEN_DIGITS = re.compile(r"[ :.\-]")
_MIDNIGHT = re.compile(r"[T ]00:00(:00(\.0+)?)?$")

Cells = Sequence[str]


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


class Ground(Struct, frozen=True):
    """What lines are read against: communes by code and by folded name, codes of products, and how a UID is hashed.

    `digest` returns None for what no card can be called.
    """

    communes: Mapping[str, str]
    products: frozenset[str]
    digest: Callable[[str], bytes | None]
    today: date


Read = Newcomer | list[LineFlaw]


def name_key(first_name: str, last_name: str, born_on: date) -> tuple[str, date]:
    """Somebody as they are compared: names without accents, capitals or hyphens, and the day of birth."""
    return f"{folded(last_name)}/{folded(first_name)}", born_on


def read(headings: Sequence[str], rows: Sequence[Cells], plan: Plan, ground: Ground) -> list[Read]:
    """Read every line, in their order: a newcomer, or its flaws."""
    places = {field: headings.index(heading) for field, heading in plan.columns.items()}
    lines = [_read(_Line(number, row, places), plan, ground) for number, row in enumerate(rows, start=FIRST_LINE)]
    return _without_doubles(lines)


def day(text: str) -> date | None:
    """A day as people and spreadsheets write it: 31/12/1980, 31.12.1980, 1980-12-31, 19801231. None if it is none."""
    bare = _MIDNIGHT.sub("", text)
    for form, order in ((_DAY_FIRST, (3, 2, 1)), (_YEAR_FIRST, (1, 2, 3))):
        found = form.fullmatch(bare)
        if found:
            try:
                return date(*(int(found[place]) for place in order))
            except ValueError:
                return None
    return None


class _Line:
    """What one line says, and what is wrong with it."""

    def __init__(self, number: int, row: Cells, places: Mapping[Field, int]) -> None:
        self.number = number
        self.flaws: list[LineFlaw] = []
        self._said = {field: " ".join(row[at].split()) if at < len(row) else "" for field, at in places.items()}

    def __getitem__(self, field: Field) -> str:
        return self._said.get(field, "")

    def wrong(self, reason: LineReason, field: Field) -> None:
        self.flaws.append(LineFlaw(self.number, reason, field))


def _read(line: _Line, plan: Plan, ground: Ground) -> Read:
    first_name, last_name = _name(line, Field.FIRST_NAME), _name(line, Field.LAST_NAME)
    born_on = _born(line, ground.today)
    commune = _commune(line, plan, ground)
    until = _until(line, plan, ground.today)
    reference, card, product = line[Field.REFERENCE], line[Field.CARD], line[Field.PRODUCT]
    if len(reference) > _LONGEST_REFERENCE:
        line.wrong(LineReason.TOO_LONG, Field.REFERENCE)
    uid_digest = ground.digest(_BETWEEN_DIGITS.sub("", card)) if card else None
    if card and uid_digest is None:
        line.wrong(LineReason.IMPOSSIBLE_CARD, Field.CARD)
    if product and product not in ground.products:
        line.wrong(LineReason.UNKNOWN_PRODUCT, Field.PRODUCT)
    if line.flaws or born_on is None or commune is None or until is None:
        return line.flaws
    return Newcomer(
        line=line.number,
        reference=reference or None,
        first_name=first_name,
        last_name=last_name,
        born_on=born_on,
        commune_code=commune,
        uid_digest=uid_digest,
        product=product or None,
        until=until,
    )


def _name(line: _Line, field: Field) -> str:
    if not folded(line[field]):
        line.wrong(LineReason.NAME_MISSING, field)
    elif len(line[field]) > _LONGEST_NAME:
        line.wrong(LineReason.TOO_LONG, field)
    return line[field]


def _born(line: _Line, today: date) -> date | None:
    if not line[Field.BORN_ON]:
        line.wrong(LineReason.BIRTH_MISSING, Field.BORN_ON)
        return None
    born_on = day(line[Field.BORN_ON])
    if born_on is None or born_on.year < _OLDEST_YEAR or born_on > today:
        line.wrong(LineReason.IMPOSSIBLE_DATE, Field.BORN_ON)
        return None
    return born_on


def _commune(line: _Line, plan: Plan, ground: Ground) -> str | None:
    said = line[Field.COMMUNE]
    if said.isdecimal():
        said = said.zfill(_COMMUNE_DIGITS)  # a spreadsheet takes 01004 for a number
    if not said:
        if plan.commune is None:
            line.wrong(LineReason.COMMUNE_MISSING, Field.COMMUNE)
        return plan.commune
    code = ground.communes.get(said) or ground.communes.get(folded(said)) or (said if plan.outside else None)
    try:
        check_value(CircumstanceKind.COMMUNE, code or "")
    except BadCircumstance:
        line.wrong(LineReason.UNKNOWN_COMMUNE, Field.COMMUNE)
        return None
    return code


def _until(line: _Line, plan: Plan, today: date) -> date | None:
    if not line[Field.LAST_DAY]:
        return plan.until
    last = day(line[Field.LAST_DAY])
    if last is None or (last - today).days > _FURTHEST:
        line.wrong(LineReason.IMPOSSIBLE_DATE, Field.LAST_DAY)
        return None
    if last < today:
        line.wrong(LineReason.PASS_OVER, Field.LAST_DAY)
    return last + timedelta(days=1)


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
