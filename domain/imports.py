"""Imports of old files: what a file is, what is to be made of it, and how far that has come.

    draft ──> (checking) ──> checked ──> running ──> finished
      └──────────────────────────┴──────────┴──────> dropped

A check reads the whole file and writes nothing but its report. A run takes lines in by batches, and writes in the same
transaction how far it has come: whoever is killed in the middle goes on there, and nobody comes in twice.
"""

import re
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.errors.imports import BadImportPlan, ImportMoved
from domain.import_kinds import FIELDS_OF, NEEDED, PERSON, Field, ImportKind
from domain.ports import Unit

FILE_KEPT = timedelta(days=30)
"""A file that nobody finishes with is deleted; so it is as soon as it is taken in or dropped."""

MOST_LINES = 200_000

_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_CODE = 28
"""It begins the references of those who have none: `code-line` has room for 40 characters."""


class LineReason(StrEnum):
    """Why a line is not taken in."""

    NAME_MISSING = "name-missing"
    BIRTH_MISSING = "birth-missing"
    IMPOSSIBLE_DATE = "impossible-date"
    COMMUNE_MISSING = "commune-missing"
    UNKNOWN_COMMUNE = "unknown-commune"
    IMPOSSIBLE_CARD = "impossible-card"
    UNKNOWN_PRODUCT = "unknown-product"
    PASS_OVER = "pass-over"
    TOO_LONG = "too-long"
    FORMULA = "formula"
    UNREADABLE = "unreadable"
    HOUSEHOLD_MISSING = "household-missing"
    ORGANISATION_MISSING = "organisation-missing"
    REGISTRATION_MISSING = "registration-missing"
    BAD_REGISTRATION = "bad-registration"
    UNKNOWN_KIND = "unknown-kind"
    MEMBERSHIP_OVER = "membership-over"
    CONTRADICTS = "contradicts"
    TWICE_IN_FILE = "twice-in-file"
    IN_REGISTER = "in-register"
    REFERENCE_KNOWN = "reference-known"
    CARD_KNOWN = "card-known"
    GROUP_KNOWN = "group-known"
    REGISTRATION_KNOWN = "registration-known"
    MEMBER_ALREADY = "member-already"
    QUOTA_SHARED = "quota-shared"
    RIGHTS_AT_DESK = "rights-at-desk"
    GUARDIAN_UNKNOWN = "guardian-unknown"
    BAD_GUARDIAN = "bad-guardian"


class LineFlaw(Struct, frozen=True):
    """One thing that is wrong with a line; never what stands there. `line` counts as a spreadsheet does."""

    line: int
    reason: LineReason
    field: Field | None = None
    other_line: int | None = None
    """The line that says the same, or something else, where the file says it twice."""


class ImportState(StrEnum):
    """Life of an import."""

    DRAFT = "draft"
    CHECKING = "checking"
    """Asked for in the console, and done in the background."""
    CHECKED = "checked"
    RUNNING = "running"
    FINISHED = "finished"
    DROPPED = "dropped"


_BEFORE = (ImportState.DRAFT, ImportState.CHECKING, ImportState.CHECKED)


class Plan(Struct, frozen=True, omit_defaults=True):
    """What is to be made of the lines.

    `columns` names a heading for each field that the file has. `commune` is where those live of whom no line says it;
    with `outside`, INSEE codes of communes outside the territory are taken too. `products` are granted to everybody:
    those of households and organisations once to each. Passes end before `until` where a line does not say when. With
    `extend`, lines may join households and organisations that the register has already.
    """

    columns: dict[Field, str]
    until: date
    commune: str | None = None
    outside: bool = False
    products: tuple[str, ...] = ()
    extend: bool = False


class Import(Struct, frozen=True):
    """A file on its way into the register. `done` lines were looked at: `taken` came in, `refused` did not.

    Before the run, the three are what the check has found. `keep_until` is the first day without the file.
    """

    id: UUID
    authority_id: UUID
    code: str
    kind: ImportKind
    file_name: str
    headings: tuple[str, ...]
    lines: int
    plan: Plan
    state: ImportState
    done: int
    taken: int
    refused: int
    created_by: UUID
    created_at: datetime
    keep_until: date
    started_at: datetime | None = None
    ended_at: datetime | None = None


class Imports(Protocol):
    """Imports, their files, and what was wrong with lines (`store.imports`)."""

    async def add(self, new: Import, content: bytes) -> None:
        """Write an import with its file.

        Raises:
            AlreadyExists: the authority has an import of this code.
        """
        ...

    async def save(self, changed: Import) -> None: ...
    async def by_code(self, authority_id: UUID, code: str) -> Import: ...
    async def hold(self, authority_id: UUID, code: str) -> Import:
        """Find an import, and keep others from changing it to the end of the unit."""
        ...

    async def all_of(self, authority_id: UUID) -> list[Import]: ...
    async def content(self, import_id: UUID) -> bytes:
        """Return the file.

        Raises:
            ImportMoved: it is deleted.
        """
        ...

    async def forget_content(self, import_id: UUID) -> None: ...
    async def add_flaws(self, import_id: UUID, flaws: list[LineFlaw]) -> None: ...
    async def forget_flaws(self, import_id: UUID) -> None: ...
    async def flaws(self, import_id: UUID, *, after: int, most: int) -> list[LineFlaw]:
        """List what is wrong with the lines after one, whole lines only, in their order."""
        ...

    async def tally(self, import_id: UUID) -> dict[LineReason, int]: ...
    async def keep_mapping(self, authority_id: UUID, name: str, columns: dict[Field, str]) -> None: ...
    async def mapping(self, authority_id: UUID, name: str) -> dict[Field, str]: ...
    async def mappings(self, authority_id: UUID) -> list[str]: ...


def check_plan(plan: Plan, headings: tuple[str, ...], today: date, kind: ImportKind = ImportKind.CARDS) -> None:
    """Refuse a plan that does not fit its file.

    Raises:
        BadImportPlan: a needed field has no column, a column is not there, stands for two fields or for one that this
            kind of file does not have, or passes would have ended already.
    """
    missing = missing_fields(plan, kind)
    if missing:
        raise BadImportPlan(f"Say which columns hold: {', '.join(missing)}.")
    misplaced = [field for field in plan.columns if field not in FIELDS_OF[kind]]
    if misplaced:
        raise BadImportPlan(f"A file of {kind} has no {misplaced[0]}.")
    strangers = [heading for heading in plan.columns.values() if heading not in headings]
    if strangers:
        raise BadImportPlan(f"The file has no column {strangers[0]!r}.")
    if len(set(plan.columns.values())) < len(plan.columns):
        raise BadImportPlan("One column stands for two fields.")
    if plan.commune is None and any(field not in plan.columns for field in communes_needed(plan, kind)):
        raise BadImportPlan("Say in which column the commune is, or where everybody lives.")
    if plan.until <= today:
        raise BadImportPlan(f"Passes would end on {plan.until}, before they begin.")


def missing_fields(plan: Plan, kind: ImportKind) -> list[Field]:
    """List the fields for which a column must still be named."""
    missing = [field for field in NEEDED[kind] if field not in plan.columns]
    if kind is ImportKind.ORGANISATIONS:
        if not plan.columns.keys() & {Field.ORGANISATION, Field.REGISTRATION}:
            missing.append(Field.REGISTRATION)
        if names_people(plan):
            missing += [field for field in PERSON if field not in plan.columns]
    return missing


def names_people(plan: Plan) -> bool:
    """Tell whether a file says who people are, or names organisations alone."""
    return not plan.columns.keys().isdisjoint(PERSON)


def communes_needed(plan: Plan, kind: ImportKind) -> tuple[Field, ...]:
    """List the fields that say where people live and organisations have their seat."""
    if kind is not ImportKind.ORGANISATIONS:
        return (Field.COMMUNE,)
    return (Field.SEAT, Field.COMMUNE) if names_people(plan) else (Field.SEAT,)


async def begin_import(
    unit: Unit,
    *,
    authority_id: UUID,
    code: str,
    kind: ImportKind = ImportKind.CARDS,
    file_name: str,
    content: bytes,
    headings: tuple[str, ...],
    lines: int,
    plan: Plan,
    agent_id: UUID,
    now: datetime,
) -> Import:
    """Keep a file with what is to be made of it. The plan is checked when it is complete: with the check of the lines.

    Raises:
        BadImportPlan: the code has another form.
        AlreadyExists: there is an import of this code.
    """
    if len(code) > _LONGEST_CODE or not _CODE.fullmatch(code):
        raise BadImportPlan("The code of an import has small letters, digits and hyphens, 28 at most.")
    new = Import(
        id=unit.ids.row(),
        authority_id=authority_id,
        code=code,
        kind=kind,
        file_name=file_name[:120],
        headings=headings,
        lines=lines,
        plan=plan,
        state=ImportState.DRAFT,
        done=0,
        taken=0,
        refused=0,
        created_by=agent_id,
        created_at=now,
        keep_until=(now + FILE_KEPT).date(),
    )
    await unit.imports.add(new, content)
    return new


async def plan_anew(unit: Unit, job: Import, plan: Plan) -> Import:
    """Change what is to be made of a file: it must be checked again.

    Raises:
        ImportMoved: lines were taken in by the plan of before.
    """
    _expect(job, *_BEFORE)
    await unit.imports.forget_flaws(job.id)
    changed = replace(job, plan=plan, state=ImportState.DRAFT, done=0, taken=0, refused=0)
    await unit.imports.save(changed)
    return changed


async def ask_for_check(unit: Unit, job: Import) -> Import:
    """Have the lines checked in the background.

    Raises:
        ImportMoved: the run has begun.
    """
    _expect(job, *_BEFORE)
    changed = replace(job, state=ImportState.CHECKING)
    await unit.imports.save(changed)
    return changed


async def checked(unit: Unit, job: Import, flaws: list[LineFlaw]) -> Import:
    """Write what a check of all lines has found, in the place of what one before had.

    Raises:
        ImportMoved: the run has begun.
    """
    _expect(job, *_BEFORE)
    await unit.imports.forget_flaws(job.id)
    await unit.imports.add_flaws(job.id, flaws)
    refused = len({flaw.line for flaw in flaws})
    changed = replace(job, state=ImportState.CHECKED, done=job.lines, taken=job.lines - refused, refused=refused)
    await unit.imports.save(changed)
    return changed


async def start(unit: Unit, job: Import, *, now: datetime) -> Import:
    """Begin to take lines in, or go on: whoever starts a run that was interrupted changes nothing.

    Raises:
        ImportMoved: it was not checked, or is over.
    """
    if job.state is ImportState.RUNNING:
        return job
    _expect(job, ImportState.CHECKED)
    await unit.imports.forget_flaws(job.id)
    changed = replace(job, state=ImportState.RUNNING, done=0, taken=0, refused=0, started_at=now)
    await unit.imports.save(changed)
    return changed


async def advance(unit: Unit, job: Import, *, looked_at: int, flaws: list[LineFlaw], now: datetime) -> Import:
    """Write how far a run has come; after the last line it is finished, and the file is deleted."""
    _expect(job, ImportState.RUNNING)
    refused = len({flaw.line for flaw in flaws})
    await unit.imports.add_flaws(job.id, flaws)
    changed = replace(
        job, done=job.done + looked_at, taken=job.taken + looked_at - refused, refused=job.refused + refused
    )
    if changed.done >= job.lines:
        changed = await _end(unit, changed, ImportState.FINISHED, now)
    await unit.imports.save(changed)
    return changed


async def drop(unit: Unit, job: Import, *, now: datetime) -> Import:
    """Give an import up: its file is deleted. Who has come in stays.

    Raises:
        ImportMoved: it is over already.
    """
    _expect(job, *_BEFORE, ImportState.RUNNING)
    changed = await _end(unit, job, ImportState.DROPPED, now)
    await unit.imports.save(changed)
    return changed


async def _end(unit: Unit, job: Import, state: ImportState, now: datetime) -> Import:
    await unit.imports.forget_content(job.id)
    return replace(job, state=state, ended_at=now)


def _expect(job: Import, *states: ImportState) -> None:
    if job.state not in states:
        raise ImportMoved(f"Import {job.code} is {job.state}.")
