"""The metres of gauges: one agent proposes them, another confirms them. They are for agents alone."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from api.agents import PRINTABLE
from api.days import Caller
from domain import flood_thresholds
from domain.agents import Permission
from domain.flood_thresholds import WATER_LEVEL, Thresholds, ThresholdsStatus, Witness
from domain.ports import Clock, Unit
from store.database import Begin, Database

Code = Annotated[str, Meta(min_length=1, max_length=60, pattern=PRINTABLE)]
Metres = Annotated[float, Meta(ge=flood_thresholds.LOWEST_M, le=flood_thresholds.HIGHEST_M)]


class WitnessRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A stream that agrees from `value` on (in its own unit): the gauge upstream, or this place as Vigicrues has it."""

    device: Code
    value: float
    quantity: Code = WATER_LEVEL


class ThresholdsRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The metres at which each level begins, for the gauge of a device. There is no default."""

    station: Code
    level1_m: Metres
    level2_m: Metres
    level3_m: Metres
    hysteresis_m: Annotated[float, Meta(gt=0, le=10)]
    witnesses: Annotated[list[WitnessRequest], Meta(max_length=flood_thresholds.MOST_WITNESSES)] = []


class ThresholdsView(Struct, frozen=True, rename="camel"):
    """Thresholds of a station, and who has set them."""

    id: UUID
    station: str
    status: ThresholdsStatus
    level1_m: float
    level2_m: float
    level3_m: float
    hysteresis_m: float
    witnesses: int
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None


@get("/", opt={"rule": Permission.FLOOD_READ}, summary="List thresholds", tags=["Floods"])
async def thresholds(request: Caller, database: NamedDependency[Database]) -> list[ThresholdsView]:
    """List the thresholds that are in force or wait for a second person, the newest first. They are not public."""
    async with database.look() as unit:
        found = await unit.floods.all_thresholds(
            request.user.authority_id, [ThresholdsStatus.PROPOSED, ThresholdsStatus.CONFIRMED]
        )
        return [await view_of(unit, one) for one in found]


@post("/", opt={"rule": Permission.FLOOD_MANAGE}, summary="Propose thresholds", tags=["Floods"])
async def propose(
    request: Caller,
    data: JSONBody[ThresholdsRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> ThresholdsView:
    """Write the metres of a gauge down for a second person to confirm. A proposal before it is replaced."""
    authority_id = request.user.authority_id
    async with begin() as unit:
        _, stream = await unit.floods.gauge(authority_id, data.station)
        witnesses = []
        for one in data.witnesses:
            _, other = await unit.floods.measure(authority_id, one.device, one.quantity)
            witnesses.append(Witness(other.id, one.value))
        proposed = Thresholds(
            id=unit.ids.row(),
            authority_id=authority_id,
            stream_id=stream.id,
            level_1_m=data.level1_m,
            level_2_m=data.level2_m,
            level_3_m=data.level3_m,
            hysteresis_m=data.hysteresis_m,
            witnesses=tuple(witnesses),
            status=ThresholdsStatus.PROPOSED,
            proposed_by=request.user.id,
            proposed_at=clock(),
        )
        await flood_thresholds.propose(unit, proposed, stream)
        return await view_of(unit, proposed)


@post(
    "/{thresholds_id:uuid}/confirmation",
    status_code=200,
    opt={"rule": Permission.FLOOD_MANAGE},
    summary="Confirm thresholds",
    tags=["Floods"],
)
async def confirm(
    request: Caller, thresholds_id: FromPath[UUID], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> ThresholdsView:
    """Put thresholds in force that another person has proposed: from the next reading on they decide."""
    async with begin() as unit:
        found = await unit.floods.thresholds(request.user.authority_id, thresholds_id)
        return await view_of(
            unit, await flood_thresholds.confirm_thresholds(unit, found, agent_id=request.user.id, now=clock())
        )


@post(
    "/{thresholds_id:uuid}/refusal",
    status_code=200,
    opt={"rule": Permission.FLOOD_MANAGE},
    summary="Take proposed thresholds away",
    tags=["Floods"],
)
async def refuse(
    request: Caller, thresholds_id: FromPath[UUID], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> ThresholdsView:
    """Refuse thresholds that wait, or withdraw one's own. Those in force stay so."""
    async with begin() as unit:
        found = await unit.floods.thresholds(request.user.authority_id, thresholds_id)
        return await view_of(
            unit, await flood_thresholds.decline_thresholds(unit, found, agent_id=request.user.id, now=clock())
        )


async def name_of(unit: Unit, agent_id: UUID | None) -> str | None:
    """Name an agent to another; one whose account is gone keeps their number."""
    if agent_id is None:
        return None
    agent = await unit.agents.by_id(agent_id)
    return str(agent_id) if agent is None else agent.name


async def view_of(unit: Unit, one: Thresholds) -> ThresholdsView:
    device = await unit.floods.device_of(one.stream_id)
    return ThresholdsView(
        id=one.id,
        station=device.code,
        status=one.status,
        level1_m=one.level_1_m,
        level2_m=one.level_2_m,
        level3_m=one.level_3_m,
        hysteresis_m=one.hysteresis_m,
        witnesses=len(one.witnesses),
        proposed_by=await name_of(unit, one.proposed_by) or "",
        proposed_at=one.proposed_at,
        decided_by=await name_of(unit, one.decided_by),
        decided_at=one.decided_at,
    )


ROUTER = Router(path="/v1/floods/thresholds", route_handlers=[thresholds, propose, confirm, refuse])
