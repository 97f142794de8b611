"""What the data protection officer reads: who did what with personal data, and when."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter
from msgspec import Struct

from api.bodies import InvalidRequest
from api.days import named
from api.integrations import read_cursor
from api.journalling import Note
from domain.acts import ACTS, Act
from domain.agents import Agent, Permission
from domain.errors.people import AgentNotFound
from domain.journal import LONGEST_ID, Door, Kind, Line, Object, Wanted
from domain.places import midnight
from domain.ports import Unit
from domain.text import Text
from store.database import Database
from store.journal import logins, references

PAGE = 100

Caller = Request[Agent, Any, Any]


class JournalLine(Struct, frozen=True, rename="camel"):
    """One act. `agent` is a login; null: the system did it, or a command that named nobody.

    `object` names what it was done to by its kind and an id of ours; `holder` is the reference of the person whose file
    it is, `onBehalfOf` of the person whose mandate the agent acted on, while the register still knows them.
    """

    number: int
    at: datetime
    agent: str | None
    agent_id: UUID | None
    on_behalf_of: str | None
    act: str
    words: Text
    kind: str
    object: str
    holder: str | None
    why: str | None
    door: Door
    address: str | None
    session: UUID | None


class JournalPage(Struct, frozen=True):
    """Lines, newest first. Give `before` as `beforeLine` for those that came earlier; null: there is no more."""

    lines: list[JournalLine]
    before: str | None


@get(
    "/journal",
    opt={"rule": Permission.JOURNAL_READ, "journal": Act.JOURNAL_SEARCHED},
    summary="Search the journal",
    tags=["Journal"],
)
async def search(
    *,
    request: Caller,
    database: NamedDependency[Database],
    note: NamedDependency[Note],
    agent: FromQuery[str | None] = None,
    holder: FromQuery[str | None] = None,
    object_kind: Annotated[str | None, QueryParameter(name="objectKind")] = None,
    object_id: Annotated[str | None, QueryParameter(name="objectId", max_length=LONGEST_ID)] = None,
    act: FromQuery[str | None] = None,
    first_day: Annotated[date | None, QueryParameter(name="firstDay")] = None,
    before_day: Annotated[date | None, QueryParameter(name="beforeDay")] = None,
    before_line: Annotated[str | None, QueryParameter(name="beforeLine")] = None,
) -> JournalPage:
    """List what agents of your authority did with personal data, reading it included, newest first, 100 at a time.

    By the `agent` (a login), the `holder` whose file it was (a reference), one object (`objectKind`, and `objectId` as
    a line gives it), the `act`, and local days from `firstDay` to before `beforeDay`. The search itself is journalled.
    """
    authority_id = request.user.authority_id
    async with database.look() as unit:
        zone = (await unit.places.authority_by_id(authority_id)).zone
        wanted = Wanted(
            agent_id=(await agent_named(unit, authority_id, agent)).id if agent is not None else None,
            holder_id=(await unit.people.holder(authority_id, named(holder))).id if holder is not None else None,
            object=Object(_kind(object_kind), named(object_id or "")) if object_kind is not None else None,
            act=_act(act) if act is not None else None,
            since=midnight(first_day, zone) if first_day is not None else None,
            until=midnight(before_day, zone) if before_day is not None else None,
            before=read_cursor(before_line) if before_line is not None else None,
        )
        lines = await unit.journal.search(authority_id, wanted, PAGE)
    note.about(Object(Kind.JOURNAL, holder_id=wanted.holder_id))
    async with database.read() as connection:
        agents, holders = await logins(connection, lines), await references(connection, lines)
    return JournalPage(
        [_view(line, agents, holders) for line in lines], str(lines[-1].link.number) if len(lines) == PAGE else None
    )


async def agent_named(unit: Unit, authority_id: UUID, login: str) -> Agent:
    """Find an agent of an authority, whether they still work there or not.

    Raises:
        AgentNotFound: it has nobody of this login.
    """
    found = await unit.agents.by_login(named(login))
    if found is None or found.authority_id != authority_id:
        raise AgentNotFound("No agent of yours has this login.")
    return found


def _act(text: str) -> Act:
    try:
        return Act(text)
    except ValueError:
        raise InvalidRequest("`act` is none of those that lines of the journal bear.") from None


def _kind(text: str) -> Kind:
    try:
        return Kind(text)
    except ValueError:
        raise InvalidRequest("`objectKind` is none of those that lines of the journal bear.") from None


def _view(line: Line, agents: dict[UUID, str], holders: dict[UUID, str]) -> JournalLine:
    entry = line.entry
    return JournalLine(
        number=line.link.number,
        at=entry.at,
        agent=agents.get(entry.agent_id) if entry.agent_id is not None else None,
        agent_id=entry.agent_id,
        on_behalf_of=holders.get(entry.on_behalf_of) if entry.on_behalf_of is not None else None,
        act=entry.act,
        words=ACTS[entry.act],
        kind=entry.object.kind,
        object=entry.object.id,
        holder=holders.get(entry.object.holder_id) if entry.object.holder_id is not None else None,
        why=entry.why,
        door=entry.origin.door,
        address=entry.origin.address,
        session=entry.origin.session_id,
    )


ROUTER = Router(path="/v1", route_handlers=[search])
