"""Reading files of households and of organisations: each line says of whom it speaks, and to what they belong.

Pure, and over the whole file, as for cards (`domain.import_lines`). What a household or an organisation is stands in
the first line that says all of it; later lines may leave these cells empty, and may not say otherwise. Somebody may
belong to several: a child whose parents live apart stands in the file twice.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from domain.errors.people import BadRegistration
from domain.import_cells import (
    FIRST_LINE,
    LONGEST_REFERENCE,
    Cells,
    Ground,
    Line,
    commune,
    end,
    first_day,
    name,
    product,
    text,
)
from domain.import_headings import folded
from domain.import_kinds import PERSON, Field, ImportKind
from domain.import_lines import Newcomer, person
from domain.import_words import ORGANISATION_KINDS
from domain.imports import LineFlaw, LineReason, Plan
from domain.organisations import OrganisationKind, checked_registration
from domain.people import age_on
from domain.periods import FOREVER

MOST_GUARDIANS = 4
_OF_AGE = 18
_LONGEST_FIRM = 120
_OF_A_PERSON = (*PERSON, Field.REFERENCE, Field.CARD, Field.JOINS_ON, Field.LEAVES_ON)
_NO_SIRET = str.maketrans("", "", " .-\u00a0")


class Firm(Struct, frozen=True):
    """What an organisation is, beside its number and its seat."""

    name: str
    kind: OrganisationKind
    registration: str | None


class Group(Struct, frozen=True):
    """A household, or an organisation where it is a `firm`. `line` is the first that says all of it."""

    line: int
    reference: str
    commune_code: str
    firm: Firm | None = None


class Member(Struct, frozen=True):
    """A line that can be taken in: who belongs to what, from `since` to the day before `until`.

    Without a person it is an organisation alone. Of somebody whom the file names again, `person.line` is the first line
    that does. `product` is for the person or for the group, as the catalogue says; it ends before `ends`. `guardians`
    are references.
    """

    line: int
    group: Group
    person: Newcomer | None
    since: date
    until: date
    product: str | None
    ends: date
    guardians: tuple[str, ...] = ()


ReadMember = Member | list[LineFlaw]


def read_members(
    kind: ImportKind, headings: Sequence[str], rows: Sequence[Cells], plan: Plan, ground: Ground
) -> list[ReadMember]:
    """Read every line: a member, or its flaws. Whoever has guardians comes after all who have none."""
    places = {field: headings.index(heading) for field, heading in plan.columns.items()}
    reader = _Reader(kind, plan, ground)
    lines = [reader.read(Line(number, row, places)) for number, row in enumerate(rows, start=FIRST_LINE)]
    lines = _without_bad_guardians(_without_doubles(lines), ground.today)
    wards = {one.person.name_key for one in lines if isinstance(one, Member) and one.person and one.guardians}
    return sorted(lines, key=lambda one: _is_of(one, wards))


def _is_of(one: ReadMember, people: set[tuple[str, date]]) -> bool:
    return isinstance(one, Member) and one.person is not None and one.person.name_key in people


class _Reader:
    """Reads lines one after the other, and remembers what was said of households and organisations."""

    def __init__(self, kind: ImportKind, plan: Plan, ground: Ground) -> None:
        self._firms = kind is ImportKind.ORGANISATIONS
        self._plan = plan
        self._ground = ground
        self._groups: dict[str, Group] = {}
        self._registered: dict[str, str] = {}

    def read(self, line: Line) -> ReadMember:
        """Read a line."""
        group = self._organisation(line) if self._firms else self._household(line)
        if self._firms and not line.says(*_OF_A_PERSON):
            return self._alone(line, group)
        someone = person(line, self._home(line, group), self._plan, self._ground)
        born_on = someone.born_on if someone is not None else None
        since = first_day(line, Field.JOINS_ON, self._ground.today, born_on)
        until = end(line, Field.LEAVES_ON, self._ground.today, FOREVER, LineReason.MEMBERSHIP_OVER)
        if since is not None and until is not None and self._ground.today < until <= since:
            line.wrong(LineReason.IMPOSSIBLE_DATE, Field.LEAVES_ON)
        guardians = _guardians(line)
        if line.flaws or group is None or someone is None or since is None or until is None:
            return line.flaws
        return Member(
            line=line.number,
            group=group,
            person=replace(someone, product=None),
            since=since,
            until=until,
            product=someone.product,
            ends=someone.until,
            guardians=guardians,
        )

    def _home(self, line: Line, group: Group | None) -> str | None:
        """Where somebody lives: with their household, or wherever those who work somewhere do."""
        if self._firms:
            return commune(line, self._plan, self._ground)
        return group.commune_code if group is not None else None

    def _alone(self, line: Line, group: Group | None) -> ReadMember:
        wished = product(line, self._ground)
        ends = end(line, Field.LAST_DAY, self._ground.today, self._plan.until, LineReason.PASS_OVER)
        if line.flaws or group is None or ends is None:
            return line.flaws
        return Member(line.number, group, None, self._ground.today, FOREVER, wished, ends)

    def _household(self, line: Line) -> Group | None:
        reference = text(line, Field.HOUSEHOLD, longest=LONGEST_REFERENCE)
        if not reference:
            line.wrong(LineReason.HOUSEHOLD_MISSING, Field.HOUSEHOLD)
        known = self._groups.get(reference)
        if known is not None and not line[Field.COMMUNE]:
            return known
        where = commune(line, self._plan, self._ground)
        if line.flaws or where is None:
            return None
        return self._settled(line, Group(line.number, reference, where))

    def _organisation(self, line: Line) -> Group | None:
        number = line[Field.REGISTRATION].translate(_NO_SIRET).upper()
        reference = text(line, Field.ORGANISATION, longest=LONGEST_REFERENCE) or self._registered.get(number, number)
        if not reference:
            line.wrong(LineReason.ORGANISATION_MISSING, Field.ORGANISATION)
            return None
        known = self._groups.get(reference)
        firm = self._firm(line, number, known.firm if known is not None else None)
        seat = known.commune_code if known is not None and not line[Field.SEAT] else self._seat(line)
        if line.flaws or firm is None or seat is None:
            return None
        return self._settled(line, Group(line.number, reference, seat, firm))

    def _seat(self, line: Line) -> str | None:
        return commune(line, self._plan, self._ground, Field.SEAT)

    def _firm(self, line: Line, number: str, known: Firm | None) -> Firm | None:
        """Read what an organisation is; what the line leaves out, a line before has said."""
        called = known.name if known is not None and not line[Field.NAME] else _name_of_firm(line)
        kind = _kind(line, number, known)
        registration = number or (known.registration if known is not None else None)
        if kind is None:
            return None
        try:
            return Firm(called, kind, checked_registration(kind, registration))
        except BadRegistration:
            missing = LineReason.BAD_REGISTRATION if number else LineReason.REGISTRATION_MISSING
            line.wrong(missing, Field.REGISTRATION)
            return None

    def _settled(self, line: Line, said: Group) -> Group | None:
        """Return the group as the file said it first, if this line says the same."""
        number = said.firm.registration if said.firm is not None else None
        if number is not None:
            other = self._registered.setdefault(number, said.reference)
            if other != said.reference:
                line.wrong(LineReason.TWICE_IN_FILE, Field.REGISTRATION, self._groups[other].line)
                return None
        known = self._groups.setdefault(said.reference, said)
        for field in _differences(known, said):
            line.wrong(LineReason.CONTRADICTS, field, known.line)
        return None if line.flaws else known


def _name_of_firm(line: Line) -> str:
    return name(line, Field.NAME, longest=_LONGEST_FIRM)


def _kind(line: Line, number: str, known: Firm | None) -> OrganisationKind | None:
    """Read what an organisation is to the city. Where nobody says, only an association can have a number with a W."""
    said = line[Field.KIND]
    if not said:
        otherwise = OrganisationKind.ASSOCIATION if number.startswith("W") else OrganisationKind.PROFESSIONAL
        return known.kind if known is not None else otherwise
    kind = ORGANISATION_KINDS.get(folded(said))
    if kind is None:
        line.wrong(LineReason.UNKNOWN_KIND, Field.KIND)
    return kind


def _differences(known: Group, said: Group) -> list[Field]:
    """List what a line says of a group otherwise than the first one; capitals and accents are no difference."""
    if known.firm is None or said.firm is None:
        return [Field.COMMUNE] if known.commune_code != said.commune_code else []
    pairs = {
        Field.NAME: (folded(known.firm.name), folded(said.firm.name)),
        Field.KIND: (known.firm.kind, said.firm.kind),
        Field.REGISTRATION: (known.firm.registration, said.firm.registration),
        Field.SEAT: (known.commune_code, said.commune_code),
    }
    return [field for field, (first, second) in pairs.items() if first != second]


def _guardians(line: Line) -> tuple[str, ...]:
    said = text(line, Field.GUARDIANS, longest=MOST_GUARDIANS * (LONGEST_REFERENCE + 2))
    found = tuple(dict.fromkeys(one.strip() for one in said.replace(";", ",").split(",") if one.strip()))
    if len(found) > MOST_GUARDIANS or any(len(one) > LONGEST_REFERENCE for one in found):
        line.wrong(LineReason.TOO_LONG, Field.GUARDIANS)
    return found


def _without_doubles(lines: list[ReadMember]) -> list[ReadMember]:
    """Refuse what stands in the file a second time. One person in two groups is no double, nor is a second stay."""
    seen = _Seen()
    return [seen.next(line) if isinstance(line, Member) else line for line in lines]


class _Seen:
    """What the lines so far have said."""

    def __init__(self) -> None:
        self._people: dict[tuple[str, date], Newcomer] = {}
        self._references: dict[str, int] = {}
        self._cards: dict[bytes, Newcomer] = {}
        self._groups: dict[str, int] = {}
        self._stays: defaultdict[tuple[tuple[str, date], str], list[Member]] = defaultdict(list)

    def next(self, line: Member) -> ReadMember:
        """Return a line as it is taken in, or what is wrong with it beside the lines so far."""
        reference, someone = line.group.reference, line.person
        if someone is None:
            if reference in self._groups:
                field = Field.ORGANISATION
                return [LineFlaw(line.line, LineReason.TWICE_IN_FILE, field, self._groups[reference])]
            self._groups[reference] = line.line
            return line
        flaws = self._flaws(line, someone)
        if flaws:
            return flaws
        self._groups.setdefault(reference, line.line)
        first = self._people.setdefault(someone.name_key, someone)
        if someone.reference is not None:
            self._references.setdefault(someone.reference, line.line)
        if someone.uid_digest is not None:
            self._cards.setdefault(someone.uid_digest, first)
        self._stays[someone.name_key, reference].append(line)
        return replace(line, person=replace(someone, line=first.line, reference=first.reference))

    def _flaws(self, line: Member, someone: Newcomer) -> list[LineFlaw]:
        first = self._people.get(someone.name_key)
        found: list[tuple[LineReason, Field, int]] = [
            (LineReason.TWICE_IN_FILE, Field.LAST_NAME, stay.line)
            for stay in self._stays[someone.name_key, line.group.reference]
            if stay.since < line.until and line.since < stay.until
        ][:1]
        number, chip = someone.reference, someone.uid_digest
        if first is None:
            if number is not None and number in self._references:
                found.append((LineReason.TWICE_IN_FILE, Field.REFERENCE, self._references[number]))
        elif number is not None and number != first.reference:
            found.append((LineReason.CONTRADICTS, Field.REFERENCE, first.line))
        if chip is not None:
            owner = self._cards.get(chip)
            if owner is not None and owner is not first:
                found.append((LineReason.TWICE_IN_FILE, Field.CARD, owner.line))
            elif owner is None and first is not None:
                found.append((LineReason.CONTRADICTS, Field.CARD, first.line))
        return [LineFlaw(line.line, reason, field, other) for reason, field, other in found]


def _without_bad_guardians(lines: list[ReadMember], today: date) -> list[ReadMember]:
    """Refuse whom somebody is to act for who is not of age, or who is themself the one."""
    people = {one.person.reference: one.person for one in lines if isinstance(one, Member) and one.person}
    kept: list[ReadMember] = []
    for one in lines:
        if isinstance(one, Member) and one.person is not None:
            named = [people.get(reference) for reference in one.guardians]
            young = [guardian for guardian in named if guardian and age_on(guardian.born_on, today) < _OF_AGE]
            if young or one.person.reference in one.guardians:
                other = young[0].line if young else None
                kept.append([LineFlaw(one.line, LineReason.BAD_GUARDIAN, Field.GUARDIANS, other)])
                continue
        kept.append(one)
    return kept
