"""What residents do with requests of their own: a draft that grows step by step, sent, answered, taken back.

The desk's verbs do it (`domain.requests`, `domain.reception`); here stands what is different where nobody sits
opposite. Whose a request is stands apart from it: an account that is deleted takes no request along.
"""

from datetime import datetime

from msgspec.structs import replace

from domain.accounts import Account
from domain.applications import Application, check_room
from domain.errors.requests import RequestChanged, RequestStepRefused, TooManyUnfinished
from domain.places import local_day
from domain.ports import Unit
from domain.reception import Held, send
from domain.requests import Channel, Hand, PassRequest, RequestStatus, answer, begin, check_seen, correct

MOST_UNFINISHED = 10
"""Drafts and undecided requests of one account: for themselves, their parents, a neighbour."""
LONGEST_ANSWER = 2_000
"""Signs of what a household writes to a question."""


async def begin_own(unit: Unit, account: Account, application: Application, *, now: datetime) -> PassRequest:
    """Open a draft for whoever is logged in. It may say as little as nothing yet.

    Raises:
        TooManyUnfinished: the account has as many as one may have.
        RequestIncomplete: it names more persons than a household has.
    """
    if await unit.resident_requests.unfinished(account.id) >= MOST_UNFINISHED:
        raise TooManyUnfinished(f"An account has {MOST_UNFINISHED} drafts and undecided requests at most.")
    check_room(application)
    new = await begin(unit, application, authority_id=account.authority_id, channel=Channel.PORTAL, by=None, now=now)
    await unit.resident_requests.tie(new, account.id)
    return new


async def hold_own(unit: Unit, account: Account, reference: str, *, seen: int, now: datetime) -> Held:
    """Take a request of the account into its owner's hands: whoever else would write to it waits, and is told then.

    Raises:
        RequestNotFound: the account has none of this reference.
    """
    request, authority = await unit.resident_requests.hold(account.id, reference)
    return Held(request, Hand(seen, None, now), authority, local_day(now, authority.zone))


async def save_draft(unit: Unit, held: Held, application: Application) -> PassRequest:
    """Save what a draft says so far. Nobody but its owner acts on it: it has no history yet.

    Raises:
        RequestChanged: it is another version than was read: saved on another device, perhaps a moment ago.
        RequestStepRefused: it is sent.
        RequestIncomplete: it names more persons than a household has.
    """
    draft = held.request
    if draft.status is not RequestStatus.DRAFT:
        raise RequestStepRefused(f"A request that is {draft.status} says what it said.")
    await check_seen(unit, draft, held.hand.seen)
    check_room(application)
    saved = replace(draft, application=application, version=draft.version + 1)
    if not await unit.requests.save(saved, was=draft):
        raise RequestChanged(f"{draft.reference} was changed a moment ago: read it again.")
    return saved


async def send_own(unit: Unit, held: Held) -> PassRequest:
    """Send a draft, as a desk takes a request in. What proofs are missing keeps nobody from it: we say which.

    Raises:
        RequestIncomplete, UnknownService, BadCircumstance, RequestChanged, RequestStepRefused: as `reception.send`.
    """
    return await send(unit, held.authority, held.request, held.hand)


async def reply(unit: Unit, held: Held, *, declared: tuple[str, ...], words: str = "") -> PassRequest:
    """Say that what was asked for is there now; `declared` are proofs that the household swears to besides.

    What nobody may swear to is left out. `words` answer a question that no paper answers.

    Raises:
        RequestChanged, RequestStepRefused: as `domain.requests.answer`.
    """
    request, hand = held.request, held.hand
    if request.status is not RequestStatus.NEEDS_MORE_INFO:
        raise RequestStepRefused(f"Nobody has asked anything of a request that is {request.status}.")
    await check_seen(unit, request, hand.seen)
    terms = await unit.requests.terms(request.authority_id)
    may_be = {proof.code for proof in terms.wanted(request.application.services) if proof.declaration}
    said = request.application.declared
    sworn = (*said, *(code for code in dict.fromkeys(declared) if code in may_be - set(said)))
    fuller = await correct(unit, request, hand, application=replace(request.application, declared=sworn))
    return await answer(unit, fuller, replace(hand, seen=fuller.version), today=held.today, words=words)
