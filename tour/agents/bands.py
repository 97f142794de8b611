"""Bands of the tour for agents' programs: what is in force, proposing other ones, and the second person who decides.

The same verbs as at the console (`admin.band_editions`), and the same two people: docs/adr/0057-editions-of-bands.md.
"""

from datetime import date, datetime
from typing import Annotated, Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from api.agents import PRINTABLE
from api.point_views import login_of
from domain.agents import Agent, Permission
from domain.band_editions import (
    LONGEST_REASON,
    LONGEST_SOURCE,
    Bands,
    BandText,
    Edition,
    EditionState,
    Limit,
    decline_bands,
    newest_of,
    propose_bands,
    put_in_force,
)
from domain.errors.floods import AlreadyDecided
from domain.places import local_day
from domain.ports import Clock, Unit
from store.database import Begin, Database
from tour.catalogue import scale as scale_called
from tour.scales import bands_of, check_bands, scales_from
from tour.terms import Scale, Span

Caller = Request[Agent, Any, Any]

_MOST = 20
"""Bands of a scale; none of the program's has half as many."""


class BandsBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Edges in the unit in which the quantity is stored, one text for each band, where they come from, and the day on
    which somebody compared the two. Codes and number of the bands are the program's.
    """

    edges: Annotated[tuple[Limit, ...], Meta(max_length=_MOST)]
    texts: Annotated[tuple[BandText, ...], Meta(max_length=_MOST)]
    source: Annotated[str, Meta(min_length=1, max_length=LONGEST_SOURCE, pattern=PRINTABLE)]
    source_date: date
    checked: date


class EditionRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Other bands for a scale, and why; `bands` is null where the program's own are to hold again.

    `after` is the `newest` that was read: where a colleague has proposed something since, nothing is written.
    """

    bands: BandsBody | None
    reason: Annotated[str, Meta(min_length=1, max_length=LONGEST_REASON, pattern=PRINTABLE)]
    after: Annotated[int, Meta(ge=0, le=2**31 - 1)]


class EditionView(Struct, frozen=True, rename="camel"):
    """One version of a scale's bands, and the two people behind it, by their logins."""

    version: int
    state: EditionState
    reason: str
    proposed_by: str | None
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    bands: BandsBody | None


class ScaleLine(Struct, frozen=True, rename="camel"):
    """A scale in the list: `own` where the authority's bands lie over the program's, `waiting` the version that a
    second person has to read. `checked` is null where nobody has compared the edges with their source: the public does
    not see them.
    """

    code: str
    quantity: str
    over: Span
    own: bool
    since: date
    checked: date | None
    waiting: int | None


class ScaleView(Struct, frozen=True, rename="camel"):
    """A scale as residents read it now, and every version that there was, the newest first; 0 is the program's."""

    scale: ScaleLine
    bands: BandsBody
    newest: int
    editions: list[EditionView]


@get("/", opt={"rule": Permission.POINT_EDIT}, summary="List scales")
async def list_scales(request: Caller, database: NamedDependency[Database]) -> list[ScaleLine]:
    """List every scale of the tour, in the order of the program's files."""
    async with database.look() as unit:
        authority = await unit.places.authority_by_id(request.user.authority_id)
        current = await unit.bands.current(authority.id)
    scales = scales_from(current, authority)
    waiting = {one.scale: one.number for one in current if one.state is EditionState.PROPOSED}
    return [_line(one, waiting.get(one.code), own=one.code in scales.own) for one in scales.all()]


@get("/{code:str}", opt={"rule": Permission.POINT_EDIT}, summary="Show a scale")
async def show_scale(request: Caller, code: FromPath[str], database: NamedDependency[Database]) -> ScaleView:
    """Show a scale with the bands in force and every version that there was."""
    async with database.look() as unit:
        return await _shown(unit, request.user, code)


@post("/{code:str}/editions", opt={"rule": Permission.POINT_EDIT}, summary="Propose bands")
async def propose(
    request: Caller,
    code: FromPath[str],
    data: JSONBody[EditionRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> ScaleView:
    """Write other bands down for a colleague to read; what waited before makes room. Nothing changes for residents."""
    agent, base, now = request.user, scale_called(code), clock()
    async with begin() as unit:
        authority = await unit.places.authority_by_id(agent.authority_id)
        newest = newest_of(await unit.bands.of_scale(authority.id, code))
        if data.after != newest:
            raise AlreadyDecided(f"The newest version is {newest}, not {data.after}: read it first.")
        bands = None if data.bands is None else _bands(data.bands)
        if bands is not None:
            check_bands(base, bands, local_day(now, authority.zone))
        await propose_bands(unit, authority.id, code, bands, reason=data.reason, agent_id=agent.id, now=now)
        return await _shown(unit, agent, code)


@post(
    "/{code:str}/editions/{version:int}/publication",
    status_code=200,
    opt={"rule": Permission.POINT_PUBLISH},
    summary="Put bands in force",
)
async def publish(
    request: Caller,
    code: FromPath[str],
    version: FromPath[int],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> ScaleView:
    """Let residents read bands that somebody else has proposed, in the place of those before."""
    scale_called(code)
    async with begin() as unit:
        edition = await unit.bands.edition(request.user.authority_id, code, version)
        await put_in_force(unit, edition, agent_id=request.user.id, now=clock())
        return await _shown(unit, request.user, code)


@post(
    "/{code:str}/editions/{version:int}/refusal",
    status_code=200,
    opt={"rule": Permission.POINT_EDIT},
    summary="Take proposed bands away",
)
async def refuse(
    request: Caller,
    code: FromPath[str],
    version: FromPath[int],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> ScaleView:
    """Turn down bands that wait, or withdraw one's own. Those in force stay so."""
    scale_called(code)
    async with begin() as unit:
        edition = await unit.bands.edition(request.user.authority_id, code, version)
        await decline_bands(unit, edition, agent_id=request.user.id, now=clock())
        return await _shown(unit, request.user, code)


async def _shown(unit: Unit, agent: Agent, code: str) -> ScaleView:
    base = scale_called(code)
    authority = await unit.places.authority_by_id(agent.authority_id)
    editions = await unit.bands.of_scale(authority.id, code)
    own = scales_from(editions, authority).own.get(code)
    waiting = next((one.number for one in editions if one.state is EditionState.PROPOSED), None)
    return ScaleView(
        scale=_line(own or base, waiting, own=own is not None),
        bands=_body(bands_of(own or base)),
        newest=newest_of(editions),
        editions=[await _edition(unit, one) for one in editions],
    )


def _line(scale: Scale, waiting: int | None, *, own: bool) -> ScaleLine:
    return ScaleLine(scale.code, scale.quantity, scale.over, own, scale.version, scale.checked, waiting)


async def _edition(unit: Unit, one: Edition) -> EditionView:
    return EditionView(
        version=one.number,
        state=one.state,
        reason=one.reason,
        proposed_by=await login_of(unit, one.proposed_by),
        proposed_at=one.proposed_at,
        decided_by=await login_of(unit, one.decided_by) if one.decided_by is not None else None,
        decided_at=one.decided_at,
        bands=None if one.bands is None else _body(one.bands),
    )


def _bands(said: BandsBody) -> Bands:
    return Bands(said.edges, said.texts, said.source, said.source_date, said.checked)


def _body(bands: Bands) -> BandsBody:
    return BandsBody(bands.edges, bands.texts, bands.source, bands.source_date, bands.checked)


ROUTES = (list_scales, show_scale, propose, publish, refuse)
