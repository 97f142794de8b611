"""Cells of an old file as people have filled them in: names, days, communes, and what is wrong with each."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct

from domain.circumstances import CircumstanceKind, check_value
from domain.errors.people import BadCircumstance
from domain.import_headings import folded
from domain.import_kinds import Field
from domain.imports import LineFlaw, LineReason, Plan

FIRST_LINE = 2
"""The headings are line 1, as in a spreadsheet."""

LONGEST_REFERENCE = 40
_LONGEST_NAME = 80
_OLDEST_YEAR = 1900
_COMMUNE_DIGITS = 5
_FURTHEST = 30 * 366
"""A day that lies more days ahead is a slip of the keyboard."""

_DAY_FIRST = re.compile(r"([0-9]{1,2})[/.\- ]([0-9]{1,2})[/.\- ]([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")
_BETWEEN_DIGITS = re.compile(r"[ :.\-]")
_MIDNIGHT = re.compile(r"[T ]00:00(:00(\.0+)?)?$")
_FORMULA = ("=", "+", "@")
"""What a spreadsheet would run, if it stood at the beginning of a name in a list that somebody opens (OWASP, "CSV
injection"). A hyphen may begin what people write for want of a name."""

Cells = Sequence[str]


class Ground(Struct, frozen=True):
    """What lines are read against: communes by code and by folded name, codes of products, and how a UID is hashed.

    `digest` returns None for what no card can be called.
    """

    communes: Mapping[str, str]
    products: frozenset[str]
    digest: Callable[[str], bytes | None]
    today: date


class Line:
    """What one line says, and what is wrong with it."""

    def __init__(self, number: int, row: Cells, places: Mapping[Field, int]) -> None:
        self.number = number
        self.flaws: list[LineFlaw] = []
        self._said = {field: " ".join(row[at].split()) if at < len(row) else "" for field, at in places.items()}

    def __getitem__(self, field: Field) -> str:
        return self._said.get(field, "")

    def says(self, *fields: Field) -> bool:
        """Tell whether one of these cells is filled in."""
        return any(self[field] for field in fields)

    def wrong(self, reason: LineReason, field: Field, other_line: int | None = None) -> None:
        """Note what is wrong."""
        self.flaws.append(LineFlaw(self.number, reason, field, other_line))


def text(line: Line, field: Field, *, longest: int) -> str:
    """Read what will stand in the register as it is written. Nothing of it may run, hide or turn other text around."""
    said = line[field]
    if len(said) > longest:
        line.wrong(LineReason.TOO_LONG, field)
    elif not said.isprintable():
        line.wrong(LineReason.UNREADABLE, field)
    elif said.startswith(_FORMULA):
        line.wrong(LineReason.FORMULA, field)
    return said


def name(line: Line, field: Field, *, longest: int = _LONGEST_NAME) -> str:
    """Read a name: there is a letter or a digit in it."""
    if not folded(line[field]):
        line.wrong(LineReason.NAME_MISSING, field)
    return text(line, field, longest=longest)


def day(said: str) -> date | None:
    """A day as people and spreadsheets write it: 31/12/1980, 31.12.1980, 1980-12-31, 19801231. None if it is none."""
    bare = _MIDNIGHT.sub("", said)
    for form, order in ((_DAY_FIRST, (3, 2, 1)), (_YEAR_FIRST, (1, 2, 3))):
        found = form.fullmatch(bare)
        if found:
            try:
                return date(*(int(found[place]) for place in order))
            except ValueError:
                return None
    return None


def born(line: Line, today: date) -> date | None:
    """Read a day of birth. None where it is missing or cannot be."""
    if not line[Field.BORN_ON]:
        line.wrong(LineReason.BIRTH_MISSING, Field.BORN_ON)
        return None
    born_on = day(line[Field.BORN_ON])
    if born_on is None or born_on.year < _OLDEST_YEAR or born_on > today:
        line.wrong(LineReason.IMPOSSIBLE_DATE, Field.BORN_ON)
        return None
    return born_on


def commune(line: Line, plan: Plan, ground: Ground, field: Field = Field.COMMUNE) -> str | None:
    """Read a commune as its INSEE code, or take that of the plan. None where there is none."""
    said = line[field]
    if said.isdecimal():
        said = said.zfill(_COMMUNE_DIGITS)  # a spreadsheet takes 01004 for a number
    if not said:
        if plan.commune is None:
            line.wrong(LineReason.COMMUNE_MISSING, field)
        return plan.commune
    code = ground.communes.get(said) or ground.communes.get(folded(said)) or (said if plan.outside else None)
    try:
        check_value(CircumstanceKind.COMMUNE, code or "")
    except BadCircumstance:
        line.wrong(LineReason.UNKNOWN_COMMUNE, field)
        return None
    return code


def card(line: Line, ground: Ground) -> bytes | None:
    """Read the digest of a card's chip. None where there is none, or it cannot be one."""
    said = line[Field.CARD]
    if not said:
        return None
    uid_digest = ground.digest(_BETWEEN_DIGITS.sub("", said))
    if uid_digest is None:
        line.wrong(LineReason.IMPOSSIBLE_CARD, Field.CARD)
    return uid_digest


def product(line: Line, ground: Ground) -> str | None:
    """Read the code of a product. None where there is none."""
    said = line[Field.PRODUCT]
    if said and said not in ground.products:
        line.wrong(LineReason.UNKNOWN_PRODUCT, Field.PRODUCT)
    return said or None


def end(line: Line, field: Field, today: date, otherwise: date, over: LineReason) -> date | None:
    """Read a last day as the day after it, or take another end. None where it cannot be; `over` where it is past."""
    if not line[field]:
        return otherwise
    last = day(line[field])
    if last is None or (last - today).days > _FURTHEST:
        line.wrong(LineReason.IMPOSSIBLE_DATE, field)
        return None
    if last < today:
        line.wrong(over, field)
    return last + timedelta(days=1)


def first_day(line: Line, field: Field, today: date, born_on: date | None) -> date | None:
    """Read the first day of something in somebody's life; today unless it is said. None where it cannot be."""
    if not line[field]:
        return today
    said = day(line[field])
    if said is None or said < (born_on or date(_OLDEST_YEAR, 1, 1)) or (said - today).days > _FURTHEST:
        line.wrong(LineReason.IMPOSSIBLE_DATE, field)
        return None
    return said
