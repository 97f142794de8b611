"""Passes and their media.

A pass is the contract between a holder and the authority. A medium is a thing that shows it: a printed code,
a card, a phone. One pass has several media at once; losing one changes nothing for the others, and no right
hangs on any of them.
"""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.errors import ContradictoryPeriod
from domain.errors.passes import LifecycleConflict, MediumNotFound
from domain.people import Holder
from domain.ports import Unit

STATUS_LIST_SIZE = 2**18
"""Places of one status list (IETF Token Status List); a medium's is drawn at random. Lists from before have 2^20."""

DRAWS = 32
"""A list is full when so many draws in a row have met a taken place: at about three quarters of its places."""

NEXT_LIST = 2
"""From an even list to the next one: odd lists are for batches of cards."""


class PassStatus(StrEnum):
    """Life of a pass."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


class MediumKind(StrEnum):
    """What kind of thing shows the pass."""

    PRINT = "print"
    CARD = "card"
    PHONE = "phone"


class MediumStatus(StrEnum):
    """Life of a medium (`domain.md` 2.6)."""

    STOCK = "stock"
    ORDERED = "ordered"
    IN_PRODUCTION = "in_production"
    PRODUCED = "produced"
    SHIPPED = "shipped"
    READY_AT_DESK = "ready_at_desk"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    LOST = "lost"
    STOLEN = "stolen"
    DAMAGED = "damaged"
    REVOKED = "revoked"
    EXPIRED = "expired"
    REPLACED = "replaced"


_S = MediumStatus
_ENDS = frozenset({_S.LOST, _S.STOLEN, _S.DAMAGED, _S.REVOKED, _S.EXPIRED})

MEDIUM_STEPS: dict[MediumStatus, frozenset[MediumStatus]] = {
    _S.STOCK: frozenset({_S.ORDERED, _S.READY_AT_DESK, _S.ACTIVE, _S.DAMAGED, _S.LOST, _S.STOLEN, _S.REVOKED}),
    _S.ORDERED: frozenset({_S.IN_PRODUCTION, _S.REVOKED}),
    _S.IN_PRODUCTION: frozenset({_S.PRODUCED, _S.DAMAGED, _S.REVOKED}),
    _S.PRODUCED: frozenset({_S.SHIPPED, _S.READY_AT_DESK, _S.DAMAGED, _S.LOST, _S.STOLEN, _S.REVOKED}),
    _S.SHIPPED: frozenset({_S.ACTIVE, _S.LOST, _S.STOLEN, _S.DAMAGED, _S.REVOKED}),
    _S.READY_AT_DESK: frozenset({_S.ACTIVE, _S.LOST, _S.STOLEN, _S.DAMAGED, _S.REVOKED}),
    _S.ACTIVE: frozenset({_S.SUSPENDED}) | _ENDS,
    _S.SUSPENDED: frozenset({_S.ACTIVE}) | _ENDS,
    _S.LOST: frozenset({_S.REPLACED, _S.REVOKED}),
    _S.STOLEN: frozenset({_S.REPLACED, _S.REVOKED}),
    _S.DAMAGED: frozenset({_S.REPLACED, _S.REVOKED}),
    _S.REVOKED: frozenset({_S.REPLACED}),
    _S.EXPIRED: frozenset({_S.REPLACED}),
    _S.REPLACED: frozenset(),
}
"""Where each state may lead. Nothing leads from lost or stolen back to active: a found card is replaced."""

PASS_STEPS: dict[PassStatus, frozenset[PassStatus]] = {
    PassStatus.ACTIVE: frozenset({PassStatus.SUSPENDED, PassStatus.ENDED}),
    PassStatus.SUSPENDED: frozenset({PassStatus.ACTIVE, PassStatus.ENDED}),
    PassStatus.ENDED: frozenset(),
}


class BlockReason(StrEnum):
    """Why somebody stops a medium."""

    LOST = "lost"
    STOLEN = "stolen"
    DAMAGED = "damaged"
    REVOKED = "revoked"
    SUSPENDED = "suspended"


class PassStopReason(StrEnum):
    """Why a pass is suspended or ended as a whole, with all its media."""

    HOLDER_ASKED = "holder_asked"
    MOVED_AWAY = "moved_away"
    DECEASED = "deceased"
    IN_DOUBT = "in_doubt"
    """Something is to be looked at first: a double, a proof, somebody else's hands."""
    MISUSE = "misuse"


SUSPENDS_FOR = (PassStopReason.IN_DOUBT, PassStopReason.HOLDER_ASKED, PassStopReason.MISUSE)
ENDS_FOR = (PassStopReason.HOLDER_ASKED, PassStopReason.MOVED_AWAY, PassStopReason.DECEASED, PassStopReason.MISUSE)


class Pass(Struct, frozen=True):
    """The contract. `number` is what people read aloud: ten digits, the last one a Luhn check digit."""

    id: UUID
    authority_id: UUID
    holder_id: UUID
    number: str
    status: PassStatus
    valid_from: date
    valid_until: date
    created_at: datetime
    keep_until: date


class Medium(Struct, frozen=True):
    """A support of a pass. `id` is the signed form of the eight bytes inside its credential."""

    id: int
    authority_id: UUID
    pass_id: UUID
    kind: MediumKind
    status: MediumStatus
    status_list: int
    status_index: int
    expires_at: datetime
    created_at: datetime
    keep_until: date


class MediumChange(Struct, frozen=True):
    """A step in the life of a medium: what it was until `changed_at`, and which agent moved it, where one did."""

    authority_id: UUID
    medium_id: int
    was: MediumStatus
    changed_at: datetime
    changed_by: UUID | None
    keep_until: date


class PassChange(Struct, frozen=True):
    """A step in the life of a pass: what it was until `changed_at`, and which agent changed it, where one did."""

    authority_id: UUID
    pass_id: UUID
    was: PassStatus
    changed_at: datetime
    changed_by: UUID | None
    keep_until: date


class Issued(Struct, frozen=True):
    """What a desk hands over: the pass, and the first medium that shows it."""

    pass_: Pass
    medium: Medium


def medium_bytes(medium_id: int) -> bytes:
    """Return the eight bytes that a credential carries for this medium (big-endian, two's complement)."""
    return medium_id.to_bytes(8, "big", signed=True)


def medium_from_bytes(raw: bytes) -> int:
    """Return the stored id for the eight bytes that a credential carried."""
    return int.from_bytes(raw, "big", signed=True)


def check_digit(digits: str) -> int:
    """Luhn check digit (ISO/IEC 7812-1 annex B) for a string of digits."""
    total = 0
    for place, character in enumerate(reversed(digits)):
        value = int(character) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10


def number_from(serial: int) -> str:
    """Nine digits and their check digit, as printed on the pass."""
    digits = f"{serial:09d}"
    return f"{digits}{check_digit(digits)}"


def is_number(text: str) -> bool:
    """Tell whether this is a pass number whose check digit agrees: catches any one wrong digit and most swaps."""
    return len(text) == 10 and text.isascii() and text.isdigit() and int(text[-1]) == check_digit(text[:-1])


async def issue(
    unit: Unit,
    holder: Holder,
    *,
    kind: MediumKind,
    valid_from: date,
    valid_until: date,
    expires_at: datetime,
    now: datetime,
) -> Issued:
    """Open a pass for a holder, with a first active medium.

    Raises:
        ContradictoryPeriod: the pass would end before it begins.
    """
    if valid_until <= valid_from:
        raise ContradictoryPeriod(f"The pass would end on {valid_until}, before it begins on {valid_from}.")
    pass_ = Pass(
        id=unit.ids.row(),
        authority_id=holder.authority_id,
        holder_id=holder.id,
        number=await _free_number(unit),
        status=PassStatus.ACTIVE,
        valid_from=valid_from,
        valid_until=valid_until,
        created_at=now,
        keep_until=holder.keep_until,
    )
    await unit.passes.add(pass_)
    return Issued(pass_=pass_, medium=await add_medium(unit, pass_, kind=kind, expires_at=expires_at, now=now))


async def add_medium(unit: Unit, pass_: Pass, *, kind: MediumKind, expires_at: datetime, now: datetime) -> Medium:
    """Give a pass one more support, active at once.

    Raises:
        LifecycleConflict: the pass has ended.
    """
    if pass_.status is PassStatus.ENDED:
        raise LifecycleConflict("A pass that has ended gets no new medium.")
    medium_id = unit.ids.medium()
    newest = await unit.passes.newest_status_list(pass_.authority_id)
    status_list, status_index = await draw_place(unit, pass_.authority_id, newest)
    medium = Medium(
        id=medium_id,
        authority_id=pass_.authority_id,
        pass_id=pass_.id,
        kind=kind,
        status=MediumStatus.ACTIVE,
        status_list=status_list,
        status_index=status_index,
        expires_at=expires_at,
        created_at=now,
        keep_until=pass_.keep_until,
    )
    await unit.passes.add_medium(medium)
    return medium


async def medium_of(unit: Unit, pass_: Pass, medium_id: int) -> Medium:
    """Return a medium of this pass.

    Raises:
        MediumNotFound: the medium is not one of this pass.
    """
    medium = next((m for m in await unit.passes.media(pass_.id) if m.id == medium_id), None)
    if medium is None:
        raise MediumNotFound("This pass has no such medium.")
    return medium


async def block(
    unit: Unit, pass_: Pass, medium_id: int, *, reason: BlockReason, now: datetime, by: UUID | None = None
) -> Medium:
    """Stop one medium; the pass and its other media go on. `by` is the agent on whose account it is.

    Raises:
        MediumNotFound: the medium is not one of this pass.
        LifecycleConflict: its present state does not lead there.
    """
    medium = await medium_of(unit, pass_, medium_id)
    return await move(unit, medium, MediumStatus(reason.value), now=now, by=by)


async def resume(unit: Unit, pass_: Pass, medium_id: int, *, now: datetime, by: UUID | None = None) -> Medium:
    """Take a suspension back: the medium opens again from this moment. `by` is the agent on whose account it is.

    Raises:
        MediumNotFound: the medium is not one of this pass.
        LifecycleConflict: it is not suspended, or its life is over meanwhile.
    """
    medium = await medium_of(unit, pass_, medium_id)
    if not may_resume(medium, now):
        raise LifecycleConflict(f"A medium that is {medium.status} is not suspended, or its life is over.")
    return await move(unit, medium, MediumStatus.ACTIVE, now=now, by=by)


def may_resume(medium: Medium, now: datetime) -> bool:
    """Tell whether a medium was stopped for a time only, and its own time is not over."""
    return medium.status is MediumStatus.SUSPENDED and medium.expires_at > now


async def move(unit: Unit, medium: Medium, status: MediumStatus, *, now: datetime, by: UUID | None) -> Medium:
    """Move a medium along its lifecycle and write down since when, and on whose account.

    Raises:
        LifecycleConflict: no step leads there from where it is.
    """
    moved = step(medium, status)
    await unit.passes.save_medium(moved)
    await unit.passes.add_change(change_of(medium, now=now, by=by))
    return moved


def change_of(medium: Medium, *, now: datetime, by: UUID | None, was: MediumStatus | None = None) -> MediumChange:
    """Write up a change of a medium that was, until now, what it says here, or what `was` says."""
    return MediumChange(medium.authority_id, medium.id, was or medium.status, now, by, medium.keep_until)


def step(medium: Medium, status: MediumStatus) -> Medium:
    """Move a medium along its lifecycle.

    Raises:
        LifecycleConflict: no step leads there from where it is.
    """
    if status not in MEDIUM_STEPS[medium.status]:
        raise LifecycleConflict(f"A medium that is {medium.status} cannot become {status}.")
    return replace(medium, status=status)


def status_at(changes: Sequence[MediumChange], medium_id: int, at: datetime) -> MediumStatus | None:
    """Return what a medium was at an instant; None where it has not changed since. Changes come as they were made."""
    return next((one.was for one in changes if one.medium_id == medium_id and one.changed_at > at), None)


def pass_status_at(changes: Sequence[PassChange], at: datetime) -> PassStatus | None:
    """Return what a pass was at an instant; None where it has not changed since. Changes come as they were made."""
    return next((one.was for one in changes if one.changed_at > at), None)


async def change_status(unit: Unit, pass_: Pass, status: PassStatus, *, now: datetime, by: UUID | None = None) -> Pass:
    """Suspend, resume or end a pass with all its media, and write down since when, and on whose account.

    Raises:
        LifecycleConflict: no step leads there from where it is.
    """
    if status not in PASS_STEPS[pass_.status]:
        raise LifecycleConflict(f"A pass that is {pass_.status} cannot become {status}.")
    changed = replace(pass_, status=status)
    await unit.passes.save(changed)
    await unit.passes.add_pass_change(PassChange(pass_.authority_id, pass_.id, pass_.status, now, by, pass_.keep_until))
    return changed


async def _free_number(unit: Unit) -> str:
    while True:
        number = number_from(unit.ids.below(10**9))
        if not await unit.passes.number_taken(number):
            return number


async def draw_place(unit: Unit, authority_id: UUID, status_list: int) -> tuple[int, int]:
    """Draw a place in an even status list, or where that is full in the next one: the list, and the place."""
    while True:
        for _ in range(DRAWS):
            index = unit.ids.below(STATUS_LIST_SIZE)
            if not await unit.passes.status_index_taken(authority_id, status_list, index):
                return status_list, index
        status_list += NEXT_LIST
