"""What agents read and settle of gates that decided alone: surplus by site and reason, lines in quarantine."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import UNSET, Struct, UnsetType

from api import replays
from api.bodies import InvalidRequest
from api.credentials import Credentials
from api.integrations import read_cursor
from api.uploads import Status
from domain import places
from domain.access.merge import Flag
from domain.access.reasons import Reason
from domain.acts import Act
from domain.agents import Agent, Permission
from domain.errors import Forbidden
from domain.errors.passes import LineNotFound
from domain.ports import Clock
from domain.reach import sites_for
from store import offline_facts, passages, quarantine
from store.database import Database
from store.ledger import Lane
from store.offline_facts import FactView, Period, SiteCount
from store.quarantine import Held

LOOKED_BACK = timedelta(days=30)
PAGE = 100
LONGEST = 366
"""Days of one report."""

Caller = Request[Agent, Any, Any]


class OfflineReport(Struct, frozen=True, rename="camel"):
    """What terminals settled alone from one local day to another, the last one excluded.

    `surplus` counts those who were let in and would have been refused; `quarantined` the lines that wait for somebody:
    they belong to no site, so it is left out for whoever's role is for some sites.
    """

    first: date
    until: date
    facts: int
    surplus: int
    sites: list[SiteCount]
    quarantined: int | UnsetType = UNSET


class FactPage(Struct, frozen=True, rename="camel"):
    """Facts, and where to go on: give `next` as `after`. Null: there are no more."""

    facts: list[FactView]
    next: str | None


class HeldView(Struct, frozen=True, rename="camel"):
    """A line of an upload that was not taken in. `code` is that of a problem; `text` leaves out what opens a gate."""

    number: str
    terminal_id: UUID
    terminal: str
    received_at: datetime
    code: str
    text: str
    settled_at: datetime | None
    settled_as: str | None


class HeldPage(Struct, frozen=True, rename="camel"):
    """Lines that wait, and where to go on."""

    lines: list[HeldView]
    next: str | None


class Replayed(Struct, frozen=True, rename="camel"):
    """What became of a line: stored now, or stored before."""

    status: Status


@get(
    "/offline/report",
    opt={"rule": Permission.OVERRIDE_REVIEW, "placed": True, "journal": Act.OFFLINE_REVIEWED},
    summary="Report on offline passages",
    tags=["Gate"],
)
async def report(
    *,
    request: Caller,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    first: FromQuery[date | None] = None,
    until: FromQuery[date | None] = None,
    site: FromQuery[str | None] = None,
) -> OfflineReport:
    """Count what terminals granted alone that would have been refused, by site and reason.

    Days are those of the passages themselves, whenever they were uploaded: the last thirty, unless given. Whose role is
    for some sites is told of these.
    """
    days, period = await _period(request.user, database, clock(), (first, until), site)
    async with database.read() as connection:
        counted = await offline_facts.count(connection, period)
        waiting = await quarantine.count(connection, period.authority_id)
    async with database.look() as unit:
        here = await sites_for(unit, request.user, Permission.OVERRIDE_REVIEW)
    sites = [one for one in counted if here is None or one.site in here]
    return OfflineReport(
        *days,
        sum(one.facts for one in sites),
        sum(one.surplus for one in sites),
        sites,
        quarantined=waiting if here is None else UNSET,
    )


@get(
    "/offline/facts",
    opt={"rule": Permission.OVERRIDE_REVIEW, "placed": True, "journal": Act.OFFLINE_REVIEWED},
    summary="List offline passages",
    tags=["Gate"],
)
async def facts(
    *,
    request: Caller,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    first: FromQuery[date | None] = None,
    until: FromQuery[date | None] = None,
    site: FromQuery[str | None] = None,
    reason: FromQuery[Reason | None] = None,
    flag: FromQuery[Flag | None] = None,
    after: FromQuery[str] = "0",
) -> FactPage:
    """List passages that a terminal granted alone and that would have been refused, or that bear a flag, oldest first.

    `reason` and `flag` choose among them. A passage is put right by cancelling it. Whose role is for some sites names
    one of them as `site`.
    """
    async with database.look() as unit:
        here = await sites_for(unit, request.user, Permission.OVERRIDE_REVIEW)
    if here is not None and site not in here:
        raise Forbidden("Name a site that your role is for.")
    _, period = await _period(request.user, database, clock(), (first, until), site)
    start = read_cursor(after)
    async with database.read() as connection:
        found = await offline_facts.list_(connection, period, after=start, limit=PAGE, reason=reason, flag=flag)
    return FactPage(found, found[-1].passage if len(found) == PAGE else None)


@get(
    "/offline/quarantine",
    opt={"rule": Permission.OVERRIDE_REVIEW, "journal": Act.OFFLINE_REVIEWED},
    summary="List quarantined lines",
    tags=["Gate"],
)
async def held(request: Caller, database: NamedDependency[Database], *, after: FromQuery[str] = "0") -> HeldPage:
    """List the lines of uploads that could not be taken in and wait for somebody, oldest first."""
    start = read_cursor(after)
    async with database.read() as connection:
        found = await quarantine.waiting(connection, request.user.authority_id, after=start, limit=PAGE)
    return HeldPage([_view(one) for one in found], str(found[-1].number) if len(found) == PAGE else None)


@get(
    "/offline/quarantine/{line:str}",
    opt={"rule": Permission.OVERRIDE_REVIEW, "journal": Act.LINE_SHOWN},
    summary="Show a quarantined line",
    tags=["Gate"],
)
async def show(request: Caller, line: FromPath[str], database: NamedDependency[Database]) -> HeldView:
    """Show one line, settled or not."""
    async with database.read() as connection:
        return _view(await quarantine.by_number(connection, request.user.authority_id, _number(line)))


@post(
    "/offline/quarantine/{line:str}/replay",
    status_code=200,
    opt={"rule": Permission.OVERRIDE_REVIEW, "journal": Act.LINE_TAKEN_IN},
    summary="Take a quarantined line in",
    tags=["Gate"],
)
async def replay(
    *,
    request: Caller,
    line: FromPath[str],
    database: NamedDependency[Database],
    lane: NamedDependency[Lane],
    credentials: NamedDependency[Credentials],
    clock: NamedDependency[Clock],
) -> Replayed:
    """Take a line in as it stands, once what was in its way is gone: a gate was added, a program brought up to date.

    You vouch for it: its age is not asked any more, nor whether its terminal is still paired.
    """
    status = await replays.replay(
        database,
        lane,
        credentials,
        authority_id=request.user.authority_id,
        number=_number(line),
        by=request.user.id,
        now=clock(),
    )
    return Replayed(status)


@post(
    "/offline/quarantine/{line:str}/drop",
    status_code=200,
    opt={"rule": Permission.OVERRIDE_REVIEW, "journal": Act.LINE_DROPPED},
    summary="Drop a quarantined line",
    tags=["Gate"],
)
async def drop(
    request: Caller, line: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> HeldView:
    """Settle a line without taking it in: it tells nothing that happened."""
    authority_id, number = request.user.authority_id, _number(line)
    await replays.drop(database, authority_id=authority_id, number=number, by=request.user.id, now=clock())
    async with database.read() as connection:
        return _view(await quarantine.by_number(connection, authority_id, number))


async def _period(
    agent: Agent, database: Database, now: datetime, asked: tuple[date | None, date | None], site: str | None
) -> tuple[tuple[date, date], Period]:
    async with database.look() as unit:
        authority = await unit.places.authority_by_id(agent.authority_id)
    days = days_of(asked, places.local_day(now, authority.zone))
    if site is not None:
        async with database.read() as connection:
            await passages.site_of(connection, authority.id, site)
    return days, period_of(authority.id, authority.zone, days, site)


def days_of(asked: tuple[date | None, date | None], today: date) -> tuple[date, date]:
    """Return the first day of a report and the first one after: the last thirty days up to today, unless given.

    Raises:
        InvalidRequest: the days are no days of this century, end before they begin, or are too many.
    """
    before = asked[1] or today + timedelta(days=1)
    if not 2001 <= before.year < 2100:
        raise InvalidRequest("`until` is no day of this century.")
    since = asked[0] or before - LOOKED_BACK
    if not 0 < (before - since).days <= LONGEST:
        raise InvalidRequest(f"A report takes 1 to {LONGEST} days.")
    return since, before


def period_of(authority_id: UUID, zone: str, days: tuple[date, date], site: str | None) -> Period:
    """Return the instants between two local days."""
    midnight = time(tzinfo=ZoneInfo(zone))
    since, before = (datetime.combine(day, midnight) for day in days)
    return Period(authority_id, since, before, site)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise LineNotFound("No line has this number.")
    return int(text)


def _view(one: Held) -> HeldView:
    return HeldView(
        number=str(one.number),
        terminal_id=one.terminal_id,
        terminal=one.terminal,
        received_at=one.received_at,
        code=one.code,
        text=replays.shown(one),
        settled_at=one.settled_at,
        settled_as=one.settled_as,
    )


ROUTER = Router(path="/v1", route_handlers=[report, facts, held, show, replay, drop])
"""Every route here is for whoever reviews what was done against the rules."""
