"""What reviewers do with requests. Each act names the version that was read; the slower of two is told what changed."""

from typing import Annotated

from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from api.days import Caller, Reference, named
from api.requests import ENTER, TAGS, RequestLine, line_of
from domain import requests
from domain.acts import Act
from domain.agents import Permission
from domain.approval import approve
from domain.errors import NotFound
from domain.ports import Clock, Unit
from domain.reception import Held, hold
from store.database import Begin

REVIEW = {"rule": Permission.REQUEST_REVIEW}

LONGEST_WORDS = 4_000

Version = Annotated[int, Meta(ge=1)]
Words = Annotated[str, Meta(min_length=3, max_length=LONGEST_WORDS, pattern=r"^[^\x00-\x09\x0b-\x0c\x0e-\x1f\x7f]*$")]


class StepRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A step that needs no words. `version` is the one that you have read."""

    version: Version


class WordsRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A step with what the household is told."""

    version: Version
    words: Words


class AssignRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose work it is: an agent's login, or null to put it back into the queue."""

    version: Version
    agent: Annotated[str, Meta(min_length=1, max_length=120)] | None = None


class ApproveRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A decision. `known` gives references of the register for those who stand there, by their place from 0."""

    version: Version
    known: dict[int, Reference] = {}
    household: Reference | None = None
    words: Annotated[str, Meta(max_length=LONGEST_WORDS)] = ""


class ApprovedView(Struct, frozen=True):
    """What an approval has made: numbers of new passes, how many rights, and the household."""

    request: RequestLine
    household: str
    passes: list[str]
    rights: int


@post(
    "/requests/{request_reference:str}/review",
    status_code=200,
    opt={**REVIEW, "journal": Act.REQUEST_TAKEN},
    summary="Begin to review",
    tags=TAGS,
)
async def take(
    *,
    request: Caller,
    request_reference: FromPath[str],
    data: JSONBody[StepRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> RequestLine:
    """Take a request: it is yours from now on."""
    async with begin() as unit:
        held = await _held(unit, request, request_reference, data.version, clock)
        return line_of(await requests.take(unit, held.request, held.hand), request.user.name)


@post(
    "/requests/{request_reference:str}/assignment",
    status_code=200,
    opt={**REVIEW, "journal": Act.REQUEST_ASSIGNED},
    summary="Give a request to somebody",
    tags=TAGS,
)
async def assign(
    *,
    request: Caller,
    request_reference: FromPath[str],
    data: JSONBody[AssignRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> RequestLine:
    """Give a request to another agent, or put it back into the common queue."""
    async with begin() as unit:
        held = await _held(unit, request, request_reference, data.version, clock)
        agent = await unit.agents.by_login(data.agent) if data.agent is not None else None
        if data.agent is not None and (agent is None or agent.authority_id != request.user.authority_id):
            raise NotFound("No agent of yours has this login.")
        given = await requests.assign(unit, held.request, held.hand, to=agent.id if agent else None)
        return line_of(given, agent.name if agent else None)


@post(
    "/requests/{request_reference:str}/question",
    status_code=200,
    opt={**REVIEW, "journal": Act.REQUEST_ASKED},
    summary="Ask for more",
    tags=TAGS,
)
async def ask(
    *,
    request: Caller,
    request_reference: FromPath[str],
    data: JSONBody[WordsRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> RequestLine:
    """Ask the household for what is missing. The delay stands still until it answers."""
    async with begin() as unit:
        held = await _held(unit, request, request_reference, data.version, clock)
        asked = await requests.ask_for_more(unit, held.request, held.hand, words=data.words, today=held.today)
        return line_of(asked, request.user.name)


@post(
    "/requests/{request_reference:str}/answer",
    status_code=200,
    opt={**ENTER, "journal": Act.REQUEST_ANSWERED},
    summary="Take in an answer",
    tags=TAGS,
)
async def answer(
    *,
    request: Caller,
    request_reference: FromPath[str],
    data: JSONBody[StepRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> RequestLine:
    """Say that the household has brought what it was asked for: the delay goes on."""
    async with begin() as unit:
        held = await _held(unit, request, request_reference, data.version, clock)
        return line_of(await requests.answer(unit, held.request, held.hand, today=held.today), None)


@post(
    "/requests/{request_reference:str}/approval",
    status_code=200,
    opt={**REVIEW, "journal": Act.REQUEST_APPROVED},
    summary="Approve a request",
    tags=TAGS,
)
async def accept(
    *,
    request: Caller,
    request_reference: FromPath[str],
    data: JSONBody[ApproveRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> ApprovedView:
    """Approve a request: people, household, passes and rights come into being together, or nothing does."""
    async with begin() as unit:
        held = await _held(unit, request, request_reference, data.version, clock)
        made = await approve(
            unit,
            held.request,
            held.hand,
            terms=await unit.requests.terms(held.authority.id),
            known=data.known,
            household=data.household,
            words=data.words,
        )
    return ApprovedView(
        line_of(made.request, request.user.name),
        made.household.reference,
        [one.pass_.number for one in made.issued],
        len(made.rights),
    )


@post(
    "/requests/{request_reference:str}/refusal",
    status_code=200,
    opt={**REVIEW, "journal": Act.REQUEST_REJECTED},
    summary="Refuse a request",
    tags=TAGS,
)
async def refuse(
    *,
    request: Caller,
    request_reference: FromPath[str],
    data: JSONBody[WordsRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> RequestLine:
    """Refuse a request, with a reason that the household can read."""
    async with begin() as unit:
        held = await _held(unit, request, request_reference, data.version, clock)
        refused = await requests.reject(unit, held.request, held.hand, words=data.words, today=held.today)
        return line_of(refused, request.user.name)


@post(
    "/requests/{request_reference:str}/withdrawal",
    status_code=200,
    opt={**ENTER, "journal": Act.REQUEST_WITHDRAWN},
    summary="Take a request back",
    tags=TAGS,
)
async def withdraw(
    *,
    request: Caller,
    request_reference: FromPath[str],
    data: JSONBody[StepRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> RequestLine:
    """Close a request that the household wants no more."""
    async with begin() as unit:
        held = await _held(unit, request, request_reference, data.version, clock)
        return line_of(await requests.withdraw(unit, held.request, held.hand, today=held.today), None)


async def _held(unit: Unit, request: Caller, reference: str, version: int, clock: Clock) -> Held:
    """Take a request into the caller's hands. Every act of this module passes here."""
    agent = request.user
    return await hold(unit, agent.authority_id, named(reference), seen=version, by=agent.id, now=clock())


ROUTER = Router(path="/v1", route_handlers=[take, assign, ask, answer, accept, refuse, withdraw])
