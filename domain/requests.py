"""Requests for passes: what a household asks for, where that stands, and who did what with it.

    draft ── submitted ⇄ needs_more_info
                 │ ╲            │
            under_review ───────┘
                 │
       approved │ rejected          withdrawn, abandoned: from anywhere before

Two agents may have one request before them. Each act names the version that its agent has seen; the slower one is told
what the other did, and nothing is written (`Hand`). A decision is somebody's, never the program's (GDPR, art. 22).
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.applications import Application, check_application
from domain.errors.requests import ReasonMissing, RequestChanged, RequestStepRefused
from domain.ports import Unit
from domain.temporary_passes import end_with

DRAFT_KEPT = timedelta(days=30)
"""A draft that nobody sends is forgotten."""
OPEN_KEPT = timedelta(days=2 * 365)
"""The longest that a request may wait; it is decided or abandoned long before."""
REFUSED_KEPT = timedelta(days=365)
"""After a refusal or a withdrawal: time to appeal, and to ask again without starting over."""
APPEAL = timedelta(days=62)
"""Two months to appeal (CRPA, art. L. 411-2; CJA, art. R. 421-1), counted as their longest."""


class RequestStatus(StrEnum):
    """Where a request stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    NEEDS_MORE_INFO = "needs_more_info"
    UNDER_REVIEW = "under_review"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    ABANDONED = "abandoned"


_S = RequestStatus
OPEN = (_S.SUBMITTED, _S.NEEDS_MORE_INFO, _S.UNDER_REVIEW)
"""What somebody still has to do something about."""
TO_DO = (_S.SUBMITTED, _S.UNDER_REVIEW)
"""Of these, what the authority has to do something about."""

STEPS: dict[RequestStatus, frozenset[RequestStatus]] = {
    _S.DRAFT: frozenset({_S.SUBMITTED, _S.WITHDRAWN, _S.ABANDONED}),
    _S.SUBMITTED: frozenset({_S.NEEDS_MORE_INFO, _S.UNDER_REVIEW, _S.APPROVED, _S.REJECTED, _S.WITHDRAWN}),
    _S.NEEDS_MORE_INFO: frozenset({_S.SUBMITTED, _S.REJECTED, _S.WITHDRAWN, _S.ABANDONED}),
    _S.UNDER_REVIEW: frozenset({_S.SUBMITTED, _S.NEEDS_MORE_INFO, _S.APPROVED, _S.REJECTED, _S.WITHDRAWN}),
    _S.APPROVED: frozenset(),
    _S.REJECTED: frozenset(),
    _S.WITHDRAWN: frozenset(),
    _S.ABANDONED: frozenset(),
}
"""Where each state may lead (`domain.md` 2.6). A decision is final: who appeals asks again."""


class Channel(StrEnum):
    """How a request came."""

    DESK = "desk"
    PAPER = "paper"
    PORTAL = "portal"


class PassRequest(Struct, frozen=True):
    """A request. `version` counts what was done with it; `due_on` is the day by which the authority means to decide.

    `asked_on` is the day on which the household was last asked for something, while its answer is waited for.
    """

    id: UUID
    authority_id: UUID
    reference: str
    status: RequestStatus
    channel: Channel
    application: Application
    version: int
    created_at: datetime
    keep_until: date
    received_on: date | None = None
    due_on: date | None = None
    asked_on: date | None = None
    assigned_to: UUID | None = None
    decided_at: datetime | None = None
    household_id: UUID | None = None


class Deed(StrEnum):
    """What may be done with a request."""

    BEGAN = "began"
    SUBMITTED = "submitted"
    TAKEN = "taken"
    ASSIGNED = "assigned"
    LEFT = "left"
    ASKED = "asked"
    ANSWERED = "answered"
    CORRECTED = "corrected"
    DOCUMENT_ADDED = "document_added"
    DOCUMENT_CHECKED = "document_checked"
    DOCUMENT_REMOVED = "document_removed"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    ABANDONED = "abandoned"


TOLD = frozenset({Deed.SUBMITTED, Deed.ASKED, Deed.APPROVED, Deed.REJECTED, Deed.ABANDONED})
"""What the account of a request is told of, wherever it was done."""


class Entry(Struct, frozen=True):
    """A line of a request's history: what made it this version. `by` is None for the household and for time.

    `words` are what the household was told, or what it answered; `fields` name what is different from the version
    before.
    """

    request_id: UUID
    authority_id: UUID
    version: int
    deed: Deed
    at: datetime
    by: UUID | None
    keep_until: date
    words: str = ""
    fields: tuple[str, ...] = ()


class Hand(Struct, frozen=True):
    """Who acts, when, and on which version of the request: the one they had before them."""

    seen: int
    by: UUID | None
    now: datetime


async def begin(
    unit: Unit,
    application: Application,
    *,
    authority_id: UUID,
    channel: Channel,
    by: UUID | None,
    now: datetime,
) -> PassRequest:
    """Open a draft under a reference that can be read aloud. It is forgotten after thirty days unless it is sent."""
    new = PassRequest(
        id=unit.ids.row(),
        authority_id=authority_id,
        reference=await _free_reference(unit, authority_id),
        status=RequestStatus.DRAFT,
        channel=channel,
        application=application,
        version=1,
        created_at=now,
        keep_until=now.date() + DRAFT_KEPT,
    )
    await unit.requests.add(new)
    await unit.requests.add_entry(entry_of(new, Deed.BEGAN, by=by, at=now))
    return new


async def submit(unit: Unit, request: PassRequest, hand: Hand, *, received_on: date, due_on: date) -> PassRequest:
    """Send a draft. `received_on` is the day on which it came: of a letter, not the day on which somebody types it.

    Raises:
        RequestIncomplete: it lacks what nobody could decide without.
        RequestChanged, RequestStepRefused: as `step`.
    """
    check_application(request.application)
    sent = replace(request, received_on=received_on, due_on=due_on, keep_until=received_on + OPEN_KEPT)
    return await step(unit, request, hand, Deed.SUBMITTED, replace(sent, status=RequestStatus.SUBMITTED))


async def take(unit: Unit, request: PassRequest, hand: Hand) -> PassRequest:
    """Begin to review a request; it is the agent's own from now on."""
    taken = replace(request, status=RequestStatus.UNDER_REVIEW, assigned_to=hand.by)
    return await step(unit, request, hand, Deed.TAKEN, taken)


async def assign(unit: Unit, request: PassRequest, hand: Hand, *, to: UUID | None) -> PassRequest:
    """Give a request to an agent, or to nobody: then it stands in the common queue again."""
    if request.status not in OPEN:
        raise RequestStepRefused(f"A request that is {request.status} is nobody's work any more.")
    back = to is None and request.status is RequestStatus.UNDER_REVIEW
    given = replace(request, assigned_to=to, status=RequestStatus.SUBMITTED if back else request.status)
    return await write(unit, request, hand, Deed.LEFT if to is None else Deed.ASSIGNED, given)


async def ask_for_more(unit: Unit, request: PassRequest, hand: Hand, *, words: str, today: date) -> PassRequest:
    """Ask the household for what is missing. The delay stands still until it answers (CRPA, art. L. 114-5)."""
    asked = replace(request, status=RequestStatus.NEEDS_MORE_INFO, asked_on=today)
    return await step(unit, request, hand, Deed.ASKED, asked, words=said(words))


async def answer(unit: Unit, request: PassRequest, hand: Hand, *, today: date, words: str = "") -> PassRequest:
    """Take in what the household was asked for: the request waits for the authority again, for as long as was left.

    `words` are what the household says to it, where it writes rather than sends a paper.
    """
    waited = today - request.asked_on if request.asked_on else timedelta(0)
    due_on = request.due_on + waited if request.due_on else None
    status = RequestStatus.SUBMITTED
    answered = replace(request, status=status, asked_on=None, due_on=due_on)
    return await step(unit, request, hand, Deed.ANSWERED, answered, words=words.strip())


async def correct(unit: Unit, request: PassRequest, hand: Hand, *, application: Application) -> PassRequest:
    """Write down better what the household says: a misread name, another service. The history names what changed.

    Raises:
        RequestIncomplete: as `submit`.
        RequestStepRefused: it is decided.
    """
    if not STEPS[request.status]:
        raise RequestStepRefused(f"A request that is {request.status} says what it said.")
    if request.status is not RequestStatus.DRAFT:
        check_application(application)
    fields = tuple(
        name
        for name in Application.__struct_fields__
        if getattr(application, name) != getattr(request.application, name)
    )
    if not fields:
        return request
    return await write(unit, request, hand, Deed.CORRECTED, replace(request, application=application), fields=fields)


async def reject(unit: Unit, request: PassRequest, hand: Hand, *, words: str, today: date) -> PassRequest:
    """Refuse a request, with a reason that the household can read (CRPA, art. L. 211-2).

    Raises:
        ReasonMissing: no reason is given.
        RequestStepRefused: nobody decides: `hand` names no agent, or it is decided.
    """
    if hand.by is None:
        raise RequestStepRefused("A refusal is somebody's decision: it takes an agent.")
    return await _close(unit, request, hand, Deed.REJECTED, today, words=said(words))


async def withdraw(unit: Unit, request: PassRequest, hand: Hand, *, today: date) -> PassRequest:
    """Take a request back: the household wants it no more. A draft of theirs is forgotten at once."""
    return await _close(unit, request, hand, Deed.WITHDRAWN, today)


async def abandon(unit: Unit, request: PassRequest, *, now: datetime, today: date) -> PassRequest:
    """Close a request to whose question nobody has answered. Who answers later asks anew."""
    hand = Hand(request.version, None, now)
    return await _close(unit, request, hand, Deed.ABANDONED, today)


async def _close(
    unit: Unit, request: PassRequest, hand: Hand, deed: Deed, today: date, *, words: str = ""
) -> PassRequest:
    """Close a request as its deed says: the state bears the same name."""
    status = RequestStatus(deed.value)
    keep_until = today if request.status is RequestStatus.DRAFT else today + REFUSED_KEPT
    over = replace(request, status=status, decided_at=hand.now, asked_on=None, keep_until=keep_until)
    closed = await step(unit, request, hand, deed, over, words=words)
    await unit.documents.end_with(request.id, today + APPEAL)
    await end_with(unit, request.id, by=hand.by, now=hand.now, today=today)
    return closed


async def step(
    unit: Unit, request: PassRequest, hand: Hand, deed: Deed, changed: PassRequest, *, words: str = ""
) -> PassRequest:
    """Move a request along its states, as `write`.

    Raises:
        RequestStepRefused: no step leads there from where it is.
        RequestChanged: as `write`.
    """
    await check_seen(unit, request, hand.seen)
    if changed.status not in STEPS[request.status]:
        raise RequestStepRefused(f"A request that is {request.status} cannot become {changed.status}.")
    return await write(unit, request, hand, deed, changed, words=words)


async def write(
    unit: Unit,
    request: PassRequest,
    hand: Hand,
    deed: Deed,
    changed: PassRequest,
    *,
    words: str = "",
    fields: tuple[str, ...] = (),
) -> PassRequest:
    """Write the next version of a request with its line of history.

    Raises:
        RequestChanged: it is another version than the agent has seen, perhaps since a moment ago.
    """
    await check_seen(unit, request, hand.seen)
    written = replace(changed, version=request.version + 1)
    if not await unit.requests.save(written, was=request):
        raise RequestChanged(f"{request.reference} was changed a moment ago: read it again.")
    await unit.requests.add_entry(replace(entry_of(written, deed, by=hand.by, at=hand.now), words=words, fields=fields))
    if deed in TOLD:
        await unit.resident_requests.owe(request.id, hand.now)
    return written


async def check_seen(unit: Unit, request: PassRequest, seen: int) -> None:
    """Refuse to act on a version that is over, and say what has been done since.

    Raises:
        RequestChanged: with the deeds, oldest first.
    """
    if request.version != seen:
        since = await unit.requests.entries(request.id, after=seen)
        deeds = ", ".join(f"{one.deed} ({', '.join(one.fields)})" if one.fields else one.deed for one in since)
        raise RequestChanged(f"{request.reference} is at version {request.version} since: {deeds or 'nothing'}.")


def entry_of(request: PassRequest, deed: Deed, *, by: UUID | None, at: datetime) -> Entry:
    """Write up what made a request the version that it is."""
    return Entry(request.id, request.authority_id, request.version, deed, at, by, request.keep_until)


def said(words: str) -> str:
    """Return what the household is told.

    Raises:
        ReasonMissing: nothing.
    """
    if not words.strip():
        raise ReasonMissing("Say it in words that the household can act upon.")
    return words.strip()


_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""No 0 or O, no 1 or I: a reference is read aloud and typed from paper."""

_LETTERS = 7


def is_request_reference(text: str) -> bool:
    """Tell whether this may be the reference of a request, in capitals or not."""
    letters = text.upper().removeprefix("D-")
    return len(text) == len("D-") + _LETTERS == len("D-") + len(letters) and set(letters) <= set(_ALPHABET)


async def _free_reference(unit: Unit, authority_id: UUID) -> str:
    while True:
        reference = "D-" + "".join(_ALPHABET[unit.ids.below(len(_ALPHABET))] for _ in range(_LETTERS))
        if not await unit.requests.reference_taken(authority_id, reference):
            return reference
