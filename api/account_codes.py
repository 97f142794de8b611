"""What a desk does for a resident's account: hand out the code that ties them to it, or end that tie."""

from datetime import datetime
from typing import Literal

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from api.chapters import Chapter
from api.days import Caller, named, today
from api.request_documents import Paper, printed
from api.settings import Settings
from domain.account_links import Link, LinkKind, make_code
from domain.account_paper import code_letter
from domain.acts import Act
from domain.agents import Agent, Permission
from domain.errors.accounts import NoSuchPerson
from domain.places import local_day
from domain.ports import Clock, Unit
from store.database import Begin, Database


class AccountCodeRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`own`: the person will log in themself. `mandate`: somebody whom they trust will see their passes for a year."""

    kind: Literal["own", "mandate"] = "own"


class AccountLetterRequest(AccountCodeRequest, frozen=True, forbid_unknown_fields=True):
    """The same, and in which language the letter is."""

    language: Literal["fr", "en"] = "fr"


class AccountCode(Struct, frozen=True, rename="camel"):
    """A code to be handed over or posted: it is told this once, and takes the place of the one before."""

    code: str
    kind: LinkKind
    expires_at: datetime


class HolderAccount(Struct, frozen=True, rename="camel"):
    """Since when a person follows their passes by an account of their own; null: they do not.

    `unreachableSince`: since when letters come back from an address of it, so that nothing is sent there. Which one is
    theirs to know.
    """

    linked_at: datetime | None
    unreachable_since: datetime | None = None


@get(
    "/holders/{holder:str}/account",
    opt={"rule": Permission.PERSON_MANAGE, "journal": Act.ACCOUNT_SHOWN},
    summary="See whether somebody has an account",
    tags=["People"],
)
async def show(request: Caller, holder: FromPath[str], database: NamedDependency[Database]) -> HolderAccount:
    """Tell since when a person has an account. Which addresses open it is theirs to know."""
    async with database.look() as unit:
        found = await unit.people.holder(request.user.authority_id, named(holder))
        link = await unit.accounts.own_link(found.id)
        since = await unreachable_since(unit, link) if link is not None else None
    return HolderAccount(link.linked_at if link is not None else None, since)


async def unreachable_since(unit: Unit, link: Link) -> datetime | None:
    """Tell since when an address of an account is not written to; None while all of them are."""
    contacts = await unit.accounts.contacts(link.account_id)
    return min((one.unreachable_at for one in contacts if one.unreachable_at is not None), default=None)


@post(
    "/holders/{holder:str}/account-codes",
    opt={"rule": Permission.PERSON_MANAGE, "journal": Act.ACCOUNT_CODE_GIVEN},
    summary="Give a code for an account",
    tags=["People"],
)
async def give_code(
    *,
    request: Caller,
    holder: FromPath[str],
    data: JSONBody[AccountCodeRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> AccountCode:
    """Draw the code by which somebody ties their account to their passes. Whoever gives it has seen their papers.

    Who lost every address of their account opens another one and comes for a new code: the old one sees nothing then.
    """
    now = clock()
    async with begin() as unit:
        text, code = await make_code(
            unit,
            await unit.people.holder(request.user.authority_id, named(holder)),
            kind=LinkKind(data.kind),
            by=request.user.id,
            now=now,
            today=await today(unit, request.user.authority_id, now),
        )
    return AccountCode(text, code.kind, code.expires_at)


@post(
    "/holders/{holder:str}/account-letters",
    opt={"rule": Permission.PERSON_MANAGE, "journal": Act.ACCOUNT_CODE_GIVEN},
    summary="Print a code for an account",
    tags=["People"],
)
async def print_code(
    *,
    request: Caller,
    holder: FromPath[str],
    data: JSONBody[AccountLetterRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
) -> Response[bytes]:
    """Draw a code as above, and answer the letter that brings it, as a PDF: it stands there and nowhere else."""
    return await printed_code(
        begin,
        request.user,
        named(holder),
        kind=LinkKind(data.kind),
        language=data.language,
        public_url=settings.public_url,
        now=clock(),
    )


@post(
    "/holders/{holder:str}/account/end",
    status_code=204,
    opt={"rule": Permission.PERSON_MANAGE, "journal": Act.ACCOUNT_UNLINKED},
    summary="Take somebody from their account",
    tags=["People"],
)
async def end(request: Caller, holder: FromPath[str], begin: NamedDependency[Begin]) -> None:
    """Let the account that follows a person as its own see them no more: it was stolen, or is somebody else's."""
    await untie(begin, request.user, named(holder))


async def printed_code(
    begin: Begin, agent: Agent, reference: str, *, kind: LinkKind, language: str, public_url: str, now: datetime
) -> Response[bytes]:
    """Draw a code for somebody, and answer its letter, for whichever door asks; `public_url` is where it is typed.

    Raises:
        HolderNotFound: the agent's authority has nobody of this reference.
        ActsThroughOthers: as `make_code`.
    """
    async with begin() as unit:
        authority = await unit.places.authority_by_id(agent.authority_id)
        found = await unit.people.holder(authority.id, reference)
        drawn = await make_code(unit, found, kind=kind, by=agent.id, now=now, today=local_day(now, authority.zone))
        office = (await unit.requests.terms(authority.id)).office
    letter = code_letter(authority, office, found, drawn, language=language, public_url=public_url)
    return await printed(Paper(letter, "compte.pdf", now))


async def untie(begin: Begin, agent: Agent, reference: str) -> None:
    """Take somebody from the account of their own.

    Raises:
        HolderNotFound: the agent's authority has nobody of this reference.
        NoSuchPerson: they have none.
    """
    async with begin() as unit:
        found = await unit.people.holder(agent.authority_id, reference)
        link = await unit.accounts.own_link(found.id)
        if link is None:
            raise NoSuchPerson("This person has no account of their own.")
        await unit.accounts.remove_link(link)


CHAPTER = Chapter(
    prefix="/v1/holders/{holder}/account",
    tags={},
    bodies=(AccountCodeRequest, AccountLetterRequest, AccountCode, HolderAccount),
    parameters={"holder": ("How your authority names the person.", "R-000123")},
    problems={
        ("/v1/holders/{holder}/account-codes", "post"): {"403": "Whoever acts for the person logs in; or your role."},
        ("/v1/holders/{holder}/account-letters", "post"): {"403": "Whoever acts for the person logs in; or your role."},
        ("/v1/holders/{holder}/account/end", "post"): {"404": "No such holder, or they have no account of their own."},
    },
    files={},
    examples={
        "/v1/holders/{holder}/account-codes": {"kind": "own"},
        "/v1/holders/{holder}/account-letters": {"kind": "own", "language": "fr"},
    },
)

ROUTER = Router(path="/v1", route_handlers=[show, give_code, print_code, end], opt={"chapter": CHAPTER})
