"""What gates decided alone: by site and reason, passage by passage, and the lines that could not be taken in."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import language_of, read_words
from api import replays
from api.boards import Boards, doors_of
from api.credentials import Credentials
from api.journalling import Note
from api.offline import days_of, period_of
from domain.access.merge import Flag
from domain.access.reasons import REASONS, Reason
from domain.acts import Act
from domain.agents import Permission, Place
from domain.errors import Conflict, DomainError, Invalid, NotFound
from domain.places import Authority, Doorway, local_day
from domain.ports import Clock
from domain.reach import sites_for
from domain.text import Text
from store import offline_facts, passages, quarantine
from store.database import Database
from store.ledger import Lane

WORDS = read_words("offline")
PATH = "/console/offline"
PAGE = 50

_REVIEW: dict[str, Any] = {"rule": Permission.OVERRIDE_REVIEW, "journal": Act.OFFLINE_REVIEWED}


@get("/offline", opt={**_REVIEW, "placed": True}, include_in_schema=False)
async def report(
    request: Asked,
    database: NamedDependency[Database],
    boards: NamedDependency[Boards],
    clock: NamedDependency[Clock],
) -> Page:
    """Count what terminals granted alone in thirty days, and what the server would have refused of it."""
    authority = request.auth.authority
    days = days_of((None, None), local_day(clock(), authority.zone))
    async with database.read() as connection:
        counted = await offline_facts.count(connection, period_of(authority.id, authority.zone, days, None))
        waiting = await quarantine.count(connection, authority.id)
    async with database.look() as unit:
        here = await sites_for(unit, request.user, Permission.OVERRIDE_REVIEW)
    sites = [one for one in counted if here is None or one.site in here]
    return draw(
        request,
        "offline/index.html",
        words=WORDS,
        since=days[0],
        sites=sites,
        facts=sum(one.facts for one in sites),
        surplus=sum(one.surplus for one in sites),
        waiting=waiting,
        everywhere=here is None,
        names=await _names(boards, authority),
        meanings=REASONS,
    )


@get("/offline/{site:str}", opt=_REVIEW, include_in_schema=False)
async def facts(
    *,
    request: Asked,
    site: FromPath[str],
    database: NamedDependency[Database],
    boards: NamedDependency[Boards],
    clock: NamedDependency[Clock],
    reason: FromQuery[str] = "",
    flag: FromQuery[str] = "",
    after: FromQuery[int] = 0,
) -> Page:
    """List passages of a site that would have been refused, or that bear a flag, fifty at a time."""
    authority = request.auth.authority
    period = period_of(authority.id, authority.zone, days_of((None, None), local_day(clock(), authority.zone)), site)
    wanted = next((one for one in Reason if one.value == reason), None)
    flagged = next((one for one in Flag if one.value == flag), None)
    doors = await _doors(database, boards, authority, site)
    async with database.read() as connection:
        await passages.site_of(connection, authority.id, site)
        found = await offline_facts.list_(connection, period, after=after, limit=PAGE, reason=wanted, flag=flagged)
    return draw(
        request,
        "offline/facts.html",
        words=WORDS,
        site=site,
        names=await _names(boards, authority),
        reason=wanted.value if wanted else "",
        flag=flagged.value if flagged else "",
        facts=found,
        meanings=REASONS,
        next_after=found[-1].passage if len(found) == PAGE else None,
        gates={door.gate.code: door.gate.name for door in doors},
        cancels=any(
            request.user.may(Permission.VALIDATION_CANCEL, at=Place(site, door.site.service_code)) for door in doors[:1]
        ),
        opens_passes=request.user.may(Permission.PASS_READ),
    )


@get("/quarantine", opt=_REVIEW, include_in_schema=False)
async def held(request: Asked, database: NamedDependency[Database], *, after: FromQuery[int] = 0) -> Page:
    """List the lines that wait for somebody, the oldest first."""
    async with database.read() as connection:
        lines = await quarantine.waiting(connection, request.user.authority_id, after=after, limit=PAGE)
    return draw(
        request,
        "offline/quarantine.html",
        words=WORDS,
        lines=[(one, replays.shown(one)) for one in lines],
        next_after=lines[-1].number if len(lines) == PAGE else None,
    )


@post("/quarantine/{line:int}/replay", opt={**_REVIEW, "journal": Act.LINE_TAKEN_IN}, include_in_schema=False)
async def replay(
    *,
    request: Asked,
    line: FromPath[int],
    database: NamedDependency[Database],
    lane: NamedDependency[Lane],
    credentials: NamedDependency[Credentials],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Response[None]:
    """Take a line in as it stands, and say so, or why it still cannot be."""
    words = WORDS[language_of(request)]
    try:
        status = await replays.replay(
            database,
            lane,
            credentials,
            authority_id=request.user.authority_id,
            number=line,
            by=request.user.id,
            now=clock(),
        )
    except (Conflict, Invalid, NotFound) as refused:
        note.nothing()
        return go(request, "/console/quarantine", said=f"{words['still_not']} {_why(refused)}")
    return go(request, "/console/quarantine", said=words[f"status_{status.value}"])


@post("/quarantine/{line:int}/drop", opt={**_REVIEW, "journal": Act.LINE_DROPPED}, include_in_schema=False)
async def drop(
    request: Asked, line: FromPath[int], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Response[None]:
    """Settle a line without taking it in."""
    await replays.drop(database, authority_id=request.user.authority_id, number=line, by=request.user.id, now=clock())
    return go(request, "/console/quarantine", said=WORDS[language_of(request)]["dropped_said"])


async def _doors(database: Database, boards: Boards, authority: Authority, site: str) -> list[Doorway]:
    """The doors of a site; none where it has none."""
    async with database.read() as connection:
        return doors_of(await boards.reference(connection), authority).get(site, [])


async def _names(boards: Boards, authority: Authority) -> dict[str, Text]:
    """The names of sites by their codes."""
    return {one.site.code: one.site.name for one in (await boards.board(authority.code)).sites}


def _why(refused: DomainError) -> str:
    """The code of a problem: docs/problems.md and whoever looks after terminals know it."""
    return refused.code


ROUTES = (report, facts, held, replay, drop)
