"""Modifications of the catalogue: drafts, which are in force at once or at their time, and can be withdrawn or undone.

draft ──> scheduled ──> in_force
  │           ├───────> held ──> draft      (what it was written on had changed by its time)
  └───────────┴───────> withdrawn
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.catalogue.contents import Content, ProductContent, SiteContent, kind_of
from domain.catalogue.edits import check_same_offer, closed_for_good, counted_on, withdrawn
from domain.catalogue.merging import merge
from domain.catalogue.openings import keeping_doors
from domain.errors import Invalid
from domain.errors.products import ModificationEmpty, ModificationSettled, MovedMeanwhile
from domain.limits import Limit
from domain.places import local_day
from domain.ports import Unit
from domain.text import Text


class Stage(StrEnum):
    """How far a modification has come."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    IN_FORCE = "in_force"
    HELD = "held"
    """Its time came, and what it was written on was not what it had been."""
    WITHDRAWN = "withdrawn"


FARTHEST = timedelta(days=2 * 365)
"""How far ahead a modification may be scheduled."""

OPEN = (Stage.DRAFT, Stage.SCHEDULED, Stage.HELD)


class Modification(Struct, frozen=True):
    """What one agent wants to change, and why. `number` is the authority's own; agents are named by their ids.

    `decided_by` activated it; `settled_at` is when it came into force or was withdrawn, `settled_by` who withdrew it.
    """

    id: UUID
    authority_id: UUID
    number: int
    reason: str
    author_id: UUID
    drafted_at: datetime
    state: Stage = Stage.DRAFT
    decided_by: UUID | None = None
    decided_at: datetime | None = None
    takes_effect_at: datetime | None = None
    settled_by: UUID | None = None
    settled_at: datetime | None = None
    undoes: int | None = None


class Change(Struct, frozen=True):
    """What becomes of one product or site. `before` is what it was written on: None where it is new."""

    modification_id: UUID
    before: Content | None
    after: Content


class Version(Struct, frozen=True):
    """What a product or a site said from an instant on; `since` None is ever since."""

    content: Content
    since: datetime | None
    modification_id: UUID | None


class Modifications(Protocol):
    """Where modifications are kept, and what they change."""

    async def next_number(self, authority_id: UUID) -> int:
        """Return a number that no other modification of the authority has or gets while the unit lasts."""
        ...

    async def add(self, new: Modification) -> None: ...
    async def save(self, changed: Modification) -> None: ...
    async def one(self, authority_id: UUID, number: int) -> Modification: ...
    async def hold(self, authority_id: UUID, number: int) -> Modification:
        """Find a modification, and keep others from it and from what is in force to the end of the unit."""
        ...

    async def due(self, now: datetime) -> list[tuple[UUID, int]]:
        """List what is scheduled for now or before, the oldest first: authority and number."""
        ...

    async def listed(
        self, authority_id: UUID, states: Sequence[Stage], *, below: int | None, most: int
    ) -> list[Modification]: ...
    async def numbers(self, ids: list[UUID]) -> dict[UUID, int]: ...
    async def changes(self, modification_id: UUID) -> list[Change]: ...
    async def put(self, change: Change) -> None: ...
    async def drop(self, modification_id: UUID, kind: str, code: str) -> None: ...
    async def in_force(self, authority_id: UUID, kind: str, code: str) -> Content | None: ...
    async def enforce(self, authority_id: UUID, content: Content) -> None:
        """Check what a product or a site is to say, and write it in the place of what it says."""
        ...

    async def check(self, authority_id: UUID, content: Content) -> None:
        """Refuse a content that contradicts itself, as whoever opens a site or publishes a product would."""
        ...

    async def limits_ever(self, authority_id: UUID, code: str) -> list[Limit]: ...
    async def add_version(self, authority_id: UUID, before: Content | None, version: Version) -> None:
        """Write a version; `before` stands as the first one where there was none."""
        ...

    async def versions(self, authority_id: UUID, kind: str, code: str) -> list[Version]: ...


async def draft(unit: Unit, authority_id: UUID, *, agent_id: UUID, reason: str, now: datetime) -> Modification:
    """Begin a modification; nothing is in it yet."""
    number = await unit.modifications.next_number(authority_id)
    new = Modification(unit.ids.row(), authority_id, number, reason, agent_id, now)
    await unit.modifications.add(new)
    return new


async def put(unit: Unit, modification: Modification, after: Content) -> None:
    """Write into a draft what a product or a site is to say. What was said of it in this draft gives way.

    Raises:
        ModificationSettled: it is no draft.
        ProductFixed: it would be another product or place.
        Invalid: it contradicts itself.
    """
    _check_state(modification, Stage.DRAFT)
    authority_id, kind = modification.authority_id, kind_of(after)
    said = await said_in(unit, modification, kind, after.code)
    before = said.before if said else await unit.modifications.in_force(authority_id, kind, after.code)
    if before is not None:
        check_same_offer(before, after)
    if isinstance(after, ProductContent):
        after = await _counting_on(unit, authority_id, before, after)
    await unit.modifications.check(authority_id, after)
    if after == before:
        await unit.modifications.drop(modification.id, kind, after.code)
    else:
        await unit.modifications.put(Change(modification.id, before, after))


async def leave_out(unit: Unit, modification: Modification, kind: str, code: str) -> None:
    """Take a product or a site out of a draft: it stays as it is.

    Raises:
        ModificationSettled: it is no draft.
    """
    _check_state(modification, Stage.DRAFT)
    await unit.modifications.drop(modification.id, kind, code)


async def _counting_on(unit: Unit, authority_id: UUID, before: Content | None, after: ProductContent) -> ProductContent:
    known = await unit.modifications.limits_ever(authority_id, after.code)
    if isinstance(before, ProductContent):
        known = [*known, *before.limits]
    return counted_on(after, known)


async def said_in(unit: Unit, modification: Modification, kind: str, code: str) -> Change | None:
    """Find what a modification says of a product or a site."""
    changes = await unit.modifications.changes(modification.id)
    return next((one for one in changes if kind_of(one.after) == kind and one.after.code == code), None)


async def moved(unit: Unit, modification: Modification) -> list[tuple[Change, Content | None]]:
    """List what is in force and is not what the modification was written on: somebody was faster."""
    found = []
    for change in await unit.modifications.changes(modification.id):
        now = await unit.modifications.in_force(modification.authority_id, kind_of(change.after), change.after.code)
        if now != change.before:
            found.append((change, now))
    return found


async def take_up(unit: Unit, modification: Modification) -> tuple[str, ...]:
    """Write a draft anew on what is in force now. Returns the fields that both had changed: the draft's words stay.

    Raises:
        ModificationSettled: it is neither a draft nor held.
    """
    _check_state(modification, Stage.DRAFT, Stage.HELD)
    both: list[str] = []
    for change, now in await moved(unit, modification):
        after: Content = change.after
        clashes: tuple[str, ...] = ("code",)
        if change.before is not None and now is not None:
            after, clashes = merge(change.before, change.after, now)
            after = _with_all_doors(now, after)
        if isinstance(after, ProductContent):
            after = await _counting_on(unit, modification.authority_id, now, after)
        await unit.modifications.put(Change(modification.id, now, after))
        both += [f"{after.code}: {name}" for name in clashes]
    await unit.modifications.save(
        replace(
            modification, state=Stage.DRAFT, takes_effect_at=None, decided_by=None, decided_at=None, settled_at=None
        )
    )
    return tuple(both)


async def activate(
    unit: Unit, modification: Modification, *, agent_id: UUID, now: datetime, at: datetime | None = None
) -> Modification:
    """Put a draft in force: now, or at its time, when a round of the server does it.

    Raises:
        ModificationSettled: it is no draft.
        ModificationEmpty: nothing is in it.
        MovedMeanwhile: what it was written on has changed; nothing of it is lost.
        Invalid: what it says contradicts itself by now.
    """
    _check_state(modification, Stage.DRAFT)
    changes = await unit.modifications.changes(modification.id)
    if not changes:
        raise ModificationEmpty(f"Modification {modification.number} changes nothing.")
    if stale := await moved(unit, modification):
        codes = ", ".join(change.after.code for change, _ in stale)
        raise MovedMeanwhile(f"Somebody else has changed {codes} since this was written.")
    if at is not None and at > now + FARTHEST:
        raise Invalid(f"A modification comes into force within {FARTHEST.days} days.")
    decided = replace(modification, decided_by=agent_id, decided_at=now, takes_effect_at=(at or now).astimezone(UTC))
    if at is not None and at > now:
        for change in changes:
            await unit.modifications.check(modification.authority_id, change.after)
        waiting = replace(decided, state=Stage.SCHEDULED)
        await unit.modifications.save(waiting)
        return waiting
    return await _enforce(unit, decided, changes, now)


async def take_effect(unit: Unit, modification: Modification, *, now: datetime) -> Modification:
    """Put in force what was scheduled and whose time has come; hold it where what it was written on has changed.

    Whoever comes second finds it settled, and does nothing.
    """
    due = modification.takes_effect_at
    if modification.state is not Stage.SCHEDULED or due is None or due > now:
        return modification
    if await moved(unit, modification):
        return await hold_back(unit, modification, now=now)
    return await _enforce(unit, modification, await unit.modifications.changes(modification.id), now)


async def hold_back(unit: Unit, modification: Modification, *, now: datetime) -> Modification:
    """Keep what was scheduled from coming into force: its author has to look at it again."""
    if modification.state is not Stage.SCHEDULED:
        return modification
    held = replace(modification, state=Stage.HELD, settled_at=now)
    await unit.modifications.save(held)
    return held


async def _enforce(unit: Unit, modification: Modification, changes: list[Change], now: datetime) -> Modification:
    for change in changes:
        await unit.modifications.enforce(modification.authority_id, change.after)
        version = Version(change.after, now, modification.id)
        await unit.modifications.add_version(modification.authority_id, change.before, version)
    done = replace(modification, state=Stage.IN_FORCE, settled_at=now)
    await unit.modifications.save(done)
    return done


async def withdraw(unit: Unit, modification: Modification, *, agent_id: UUID, now: datetime) -> Modification:
    """Give up a modification that is not in force.

    Raises:
        ModificationSettled: it is in force, or withdrawn already.
    """
    _check_state(modification, *OPEN)
    gone = replace(modification, state=Stage.WITHDRAWN, settled_by=agent_id, settled_at=now)
    await unit.modifications.save(gone)
    return gone


async def undo(unit: Unit, modification: Modification, *, agent_id: UUID, reason: str, now: datetime) -> Modification:
    """Draft the way back of a modification that is in force. What was changed after it stays as it is.

    What it brought is not taken away, for rights and terminals may rest on it: a product is withdrawn, a site closed
    for good, zones and gates stay.

    Raises:
        ModificationSettled: it is not in force.
        ModificationEmpty: nothing of it is left.
    """
    _check_state(modification, Stage.IN_FORCE)
    back = replace(
        await draft(unit, modification.authority_id, agent_id=agent_id, reason=reason, now=now),
        undoes=modification.number,
    )
    await unit.modifications.save(back)
    for change in await unit.modifications.changes(modification.id):
        current = await unit.modifications.in_force(modification.authority_id, kind_of(change.after), change.after.code)
        if change.before is not None and current is not None:
            was, _ = merge(change.after, change.before, current)
            await put(unit, back, _with_all_doors(current, was))
        elif current is not None:
            owner = await unit.places.authority_by_id(modification.authority_id)
            await put(unit, back, ended(current, local_day(now, owner.zone)))
    if not await unit.modifications.changes(back.id):
        raise ModificationEmpty(f"Nothing of modification {modification.number} can be undone.")
    return back


def ended(content: Content, day: date) -> Content:
    """Return what is offered no more from a day on: a product that is withdrawn, a site that is closed for good."""
    if isinstance(content, ProductContent):
        return withdrawn(content, day)
    return closed_for_good(content, day, Text(fr="Ce lieu n’ouvre plus", en="This site does not open any more"))


def _with_all_doors(there: Content, content: Content) -> Content:
    if isinstance(there, SiteContent) and isinstance(content, SiteContent):
        return keeping_doors(there, content)
    return content


def _check_state(modification: Modification, *wanted: Stage) -> None:
    if modification.state not in wanted:
        raise ModificationSettled(f"Modification {modification.number} is {modification.state.value}.")
