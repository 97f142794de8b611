"""What reviewers do with requests. Each act names the version that was read; the slower of two is told what changed."""

from typing import Annotated, Any

from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct

from api.days import Reference
from api.request_case import CASE, Case
from api.requests import ENTER, TAGS, RequestLine, line_of
from domain import requests
from domain.acts import Act
from domain.agents import Permission
from domain.approval import approve
from domain.errors import NotFound

REVIEW: dict[str, Any] = {"rule": Permission.REQUEST_REVIEW, "placed": True}

LONGEST_WORDS = 4_000
SPOKEN = r"^[^\x00-\x09\x0b-\x0c\x0e-\x1f\x7f]*$"
"""Several lines, and nothing that is not to be seen."""

Version = Annotated[int, Meta(ge=1)]
Words = Annotated[str, Meta(min_length=3, max_length=LONGEST_WORDS, pattern=SPOKEN)]


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
async def take(case: NamedDependency[Case], data: JSONBody[StepRequest]) -> RequestLine:
    """Take a request: it is yours from now on."""
    async with case.hold(data.version) as (unit, held):
        return line_of(await requests.take(unit, held.request, held.hand), case.agent.name)


@post(
    "/requests/{request_reference:str}/assignment",
    status_code=200,
    opt={**REVIEW, "journal": Act.REQUEST_ASSIGNED},
    summary="Give a request to somebody",
    tags=TAGS,
)
async def assign(case: NamedDependency[Case], data: JSONBody[AssignRequest]) -> RequestLine:
    """Give a request to another agent, or put it back into the common queue."""
    async with case.hold(data.version) as (unit, held):
        agent = await unit.agents.by_login(data.agent) if data.agent is not None else None
        if data.agent is not None and (agent is None or agent.authority_id != case.agent.authority_id):
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
async def ask(case: NamedDependency[Case], data: JSONBody[WordsRequest]) -> RequestLine:
    """Ask the household for what is missing. The delay stands still until it answers."""
    async with case.hold(data.version) as (unit, held):
        asked = await requests.ask_for_more(unit, held.request, held.hand, words=data.words, today=held.today)
        return line_of(asked, case.agent.name)


@post(
    "/requests/{request_reference:str}/answer",
    status_code=200,
    opt={**ENTER, "journal": Act.REQUEST_ANSWERED},
    summary="Take in an answer",
    tags=TAGS,
)
async def answer(case: NamedDependency[Case], data: JSONBody[StepRequest]) -> RequestLine:
    """Say that the household has brought what it was asked for: the delay goes on."""
    async with case.hold(data.version) as (unit, held):
        return line_of(await requests.answer(unit, held.request, held.hand, today=held.today), None)


@post(
    "/requests/{request_reference:str}/approval",
    status_code=200,
    opt={**REVIEW, "journal": Act.REQUEST_APPROVED},
    summary="Approve a request",
    tags=TAGS,
)
async def accept(case: NamedDependency[Case], data: JSONBody[ApproveRequest]) -> ApprovedView:
    """Approve a request: people, household, passes and rights come into being together, or nothing does."""
    async with case.hold(data.version) as (unit, held):
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
        line_of(made.request, case.agent.name),
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
async def refuse(case: NamedDependency[Case], data: JSONBody[WordsRequest]) -> RequestLine:
    """Refuse a request, with a reason that the household can read."""
    async with case.hold(data.version) as (unit, held):
        refused = await requests.reject(unit, held.request, held.hand, words=data.words, today=held.today)
        return line_of(refused, case.agent.name)


@post(
    "/requests/{request_reference:str}/withdrawal",
    status_code=200,
    opt={**ENTER, "journal": Act.REQUEST_WITHDRAWN},
    summary="Take a request back",
    tags=TAGS,
)
async def withdraw(case: NamedDependency[Case], data: JSONBody[StepRequest]) -> RequestLine:
    """Close a request that the household wants no more."""
    async with case.hold(data.version) as (unit, held):
        return line_of(await requests.withdraw(unit, held.request, held.hand, today=held.today), None)


ROUTER = Router(path="/v1", route_handlers=[take, assign, ask, answer, accept, refuse, withdraw], dependencies=CASE)
