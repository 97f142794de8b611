"""`/ngsi-ld/v1/entities`: what is public as NGSI-LD (ETSI GS CIM 009), read-only: by type and by id.

Queries by attribute, by value or by place are refused rather than ignored: ask for the points or the GeoJSON instead.
"""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from api.bodies import InvalidRequest
from api.conditional import open_answer
from api.rules import Rule
from store.shown import Shown
from tour.api.points import LIVE, Asked
from tour.api.sensorthings import EntityNotFound
from tour.api.smart_data_models import CONTEXT, Entity, entity, id_of, simplified, type_of
from tour.showcase import Register, Showcase

BASE = "/ngsi-ld/v1"
_MOST = 200
_UNDERSTOOD = frozenset({"type", "id", "limit", "offset", "options", "format", "count"})
_LD = "application/ld+json"


@get(f"{BASE}/entities", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def entities(
    request: Asked,
    showcase: NamedDependency[Showcase],
    *,
    type_: Annotated[str, QueryParameter(name="type", max_length=400)] = "",
    id_: Annotated[str, QueryParameter(name="id", max_length=4_000)] = "",
    limit: Annotated[int, QueryParameter(ge=0, le=_MOST)] = 20,
    offset: Annotated[int, QueryParameter(ge=0, le=100_000)] = 0,
    count: FromQuery[bool] = False,
) -> Response[Any]:
    """List entities, of some types or of some ids (several with commas between them), by id."""
    if unknown := sorted(set(request.query_params) - _UNDERSTOOD):
        raise InvalidRequest(f"Not understood here: {', '.join(unknown)}.")
    register = await showcase.register()
    devices = _devices(register)
    types, ids = set(filter(None, type_.split(","))), set(filter(None, id_.split(",")))
    found = sorted(
        (
            streams
            for streams in devices.values()
            if (not types or type_of(streams[0].device) in types) and (not ids or id_of(streams[0].device) in ids)
        ),
        key=lambda streams: id_of(streams[0].device),
    )
    body = await _said(showcase, register, found[offset : offset + limit])
    headers = {"NGSILD-Results-Count": str(len(found))} if count else {}
    return _answer(request, [_plain(request, one) for one in body], headers)


@get(f"{BASE}/entities/{{entity_id:str}}", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def one_entity(request: Asked, entity_id: FromPath[str], showcase: NamedDependency[Showcase]) -> Response[Any]:
    """Show one entity."""
    register = await showcase.register()
    found = [streams for streams in _devices(register).values() if id_of(streams[0].device) == entity_id]
    if not found:
        raise EntityNotFound("No entity has this id.")
    (body,) = await _said(showcase, register, found[:1])
    return _answer(request, _plain(request, body), {})


@get(f"{BASE}/types", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def types(request: Asked, showcase: NamedDependency[Showcase]) -> Response[Any]:
    """List the types of entities that are here."""
    register = await showcase.register()
    names = sorted({type_of(shown.device) for shown in register.streams.values()})
    body = {"id": "urn:ngsi-ld:EntityTypeList:tour", "type": "EntityTypeList", "typeList": names}
    return _answer(request, body, {})


def _devices(register: Register) -> dict[UUID, list[Shown]]:
    found: dict[UUID, list[Shown]] = {}
    for shown in register.streams.values():
        found.setdefault(shown.device.id, []).append(shown)
    return found


async def _said(showcase: Showcase, register: Register, devices: list[list[Shown]]) -> list[Entity]:
    told = await showcase.say([shown for streams in devices for shown in streams])
    return [
        entity(
            streams[0].device,
            register.position(streams[0].device),
            [told[shown.stream.id] for shown in streams],
        )
        for streams in devices
    ]


def _plain(request: Asked, one: Entity) -> Entity:
    wanted = {request.query_params.get("options", ""), request.query_params.get("format", "")}
    return simplified(one) if wanted & {"keyValues", "simplified", "concise"} else one


def _answer(request: Asked, body: Entity | list[Entity], headers: dict[str, str]) -> Response[Any]:
    """Answer with the context inside where JSON-LD is asked for, and beside where it is not (section 6.3.6)."""
    if _LD in request.headers.get("accept", ""):
        within = (
            [{"@context": CONTEXT, **one} for one in body] if isinstance(body, list) else {"@context": CONTEXT, **body}
        )
        return open_answer(request, msgspec.json.encode(within), media_type=_LD, cache=LIVE, Vary="Accept", **headers)
    link = f'<{CONTEXT[0]}>; rel="http://www.w3.org/ns/json-ld#context"; type="{_LD}"'
    return open_answer(
        request,
        msgspec.json.encode(body),
        media_type="application/json",
        cache=LIVE,
        Vary="Accept",
        Link=link,
        **headers,
    )
