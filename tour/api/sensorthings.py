"""`/sta/v1.1`: what is public as OGC SensorThings API 1.1 (18-088): a subset of it, read-only.

Things, Locations, Datastreams and ObservedProperties are the register; Observations are asked for by their Datastream.
Sensors, FeaturesOfInterest and HistoricalLocations are left out, and so is what `tour.api.odata` does not know.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.bodies import InvalidRequest
from api.conditional import open_answer
from api.rules import Rule
from api.settings import Settings
from domain.errors import NotFound
from domain.readings import NEVER, Newest, Reading
from store.database import Database
from store.readings import newest
from store.shown import Shown, Window, count_observations, observations
from tour.api.instants import instant, written
from tour.api.odata import Path, next_query, options_of, path_of
from tour.api.points import LIVE, Asked
from tour.api.things import LEADS, SETS, Entities, Entity
from tour.catalogue import quantity
from tour.past import few_of_one, told
from tour.showcase import Showcase

BASE = "/sta/v1.1"
_REQUIREMENTS = "http://www.opengis.net/spec/iot_sensing/1.1/req"
_CONFORMANCE = (
    *("datamodel", "resource-path", "request-data/top", "request-data/skip", "request-data/count"),
    *("request-data/pagination", "data-array/data-array"),
)
_COMPONENTS = ("id", "phenomenonTime", "resultTime", "result")


class EntityNotFound(NotFound):
    """No entity of SensorThings or NGSI-LD has this id, or there is no set of this name."""

    code = "entity-not-found"


@get([BASE, f"{BASE}/{{path:path}}"], opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def read(
    request: Asked,
    showcase: NamedDependency[Showcase],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    path: FromPath[str] = "",
) -> Response[Any]:
    """Answer a set, an entity, or what it leads to."""
    url = settings.public_url.rstrip("/") + BASE
    service = _Service(Entities(await showcase.register(), url), database, url, dict(request.query_params))
    body = msgspec.json.encode(await service.answer(path.strip("/")))
    return open_answer(request, body, media_type="application/json", cache=LIVE)


class _Service:
    """One request: where it leads, and how much of it is wanted."""

    def __init__(self, entities: Entities, database: Database, url: str, query: Mapping[str, str]) -> None:
        self._entities = entities
        self._database = database
        self._url = url
        self._query = query
        self._options = options_of(query)

    async def answer(self, text: str) -> Entity:
        if not text:
            return _root(self._url)
        path = path_of(text)
        if path is None or path.of not in LEADS:
            raise EntityNotFound("There is no such set.")
        if path.of == "Observations":
            return await self._observation(path)
        if path.id is None:
            return await self._set(path.of)
        entity = self._entities.one(path.of, path.id)
        if entity is None:
            raise EntityNotFound(f"No entity of {path.of} has this id.")
        if path.to is None:
            return (await self._expanded(path.of, [entity]))[0]
        return await self._led(path.of, path.id, path.to)

    async def _set(self, of: str) -> Entity:
        ids, options = self._entities.ids(of), self._options
        page = ids[options.skip : options.skip + options.top]
        found = [entity for name in page if (entity := self._entities.one(of, name)) is not None]
        more = len(ids) > options.skip + options.top
        return self._listed(await self._expanded(of, found), of, count=len(ids), more=more)

    async def _led(self, of: str, name: str, to: str) -> Entity:
        if (of, to) == ("Datastreams", "Observations"):
            return await self._observations(name)
        found = self._entities.led(of, name, to)
        if found is None:
            raise EntityNotFound(f"{of} lead to {', '.join(LEADS[of])}.")
        if isinstance(found, dict):
            return found
        options = self._options
        page = found[options.skip : options.skip + options.top]
        more = len(found) > options.skip + options.top
        return self._listed(page, f"{of}('{name}')/{to}", count=len(found), more=more)

    async def _observations(self, name: str) -> Entity:
        shown, options = self._stream(name), self._options
        async with self._database.read() as connection:
            found = await observations(
                connection,
                shown.stream.id,
                options.within,
                skip=options.skip,
                most=options.top + 1,
                newest_first=options.newest_first,
            )
            count = await count_observations(connection, shown.stream.id, options.within) if options.count else 0
        page = [self._said(shown, reading) for reading in found[: options.top]]
        value = [_array(shown, self._url, page)] if options.data_array else page
        return self._listed(value, f"Datastreams('{name}')/Observations", count=count, more=len(found) > options.top)

    async def _observation(self, path: Path) -> Entity:
        """Answer one observation; all of them together are asked for by their Datastream."""
        if path.id is None:
            raise InvalidRequest("Ask for the observations of one stream: Datastreams('…')/Observations.")
        name, _, stamp = path.id.partition("~")
        shown = self._stream(name)
        if path.to == "Datastream":
            return self._entities.one("Datastreams", name) or {}
        at = instant(stamp, "The time of an observation")
        async with self._database.read() as connection:
            found = await observations(connection, shown.stream.id, Window(at, None), skip=0, most=1)
        if path.to is not None or not found or found[0].observed_at != at:
            raise EntityNotFound("No observation has this id.")
        return self._said(shown, found[0])

    def _stream(self, name: str) -> Shown:
        shown = self._entities.stream(name)
        if shown is None:
            raise EntityNotFound("No entity of Datastreams has this id.")
        return shown

    async def _expanded(self, of: str, entities: list[Entity]) -> list[Entity]:
        """Put what entities lead to beside them, one level deep; of observations the newest one."""
        for to in self._options.expand:
            if to not in LEADS[of]:
                raise InvalidRequest(f"{of} lead to {', '.join(LEADS[of])}.")
            if to == "Observations":
                await self._with_newest(entities)
                continue
            for entity in entities:
                entity[to] = self._entities.led(of, entity["@iot.id"], to)
        return entities

    async def _with_newest(self, entities: list[Entity]) -> None:
        streams = [self._stream(entity["@iot.id"]) for entity in entities]
        async with self._database.read() as connection:
            lasts = await newest(connection, [shown.stream.id for shown in streams])
        for entity, shown in zip(entities, streams, strict=True):
            last = lasts.get(shown.stream.id, NEVER).shown
            entity["Observations"] = [self._said(shown, last)] if last is not None else []
            rest = f"{entity['@iot.selfLink']}/Observations?$orderby=phenomenonTime%20desc&$skip=1"
            entity["Observations@iot.nextLink"] = rest

    def _said(self, shown: Shown, reading: Reading | Newest) -> Entity:
        stream, begins = shown.stream, written(reading.observed_at)
        own = f"{self._url}/Observations('{stream.id}~{begins}')"
        return {
            "@iot.id": f"{stream.id}~{begins}",
            "@iot.selfLink": own,
            "phenomenonTime": begins if reading.until is None else f"{begins}/{written(reading.until)}",
            "resultTime": written(reading.received_at),
            "result": told(reading.value, quantity(stream.quantity), few_of_one(stream)),
            "resultQuality": {"code": int(reading.quality), "table": "WMO BUFR 0 33 050"},
            "Datastream@iot.navigationLink": f"{own}/Datastream",
        }

    def _listed(self, value: list[Any], of: str, *, count: int, more: bool) -> Entity:
        counted = {"@iot.count": count} if self._options.count else {}
        following = f"{self._url}/{of}?{next_query(self._query, self._options)}"
        return {**counted, **({"@iot.nextLink": following} if more else {}), "value": value}


def _array(shown: Shown, url: str, page: list[Entity]) -> Entity:
    """Write observations as rows (18-088, section 12)."""
    return {
        "Datastream@iot.navigationLink": f"{url}/Datastreams('{shown.stream.id}')",
        "components": list(_COMPONENTS),
        "dataArray@iot.count": len(page),
        "dataArray": [[one["@iot.id"], *(one[name] for name in _COMPONENTS[1:])] for one in page],
    }


def _root(url: str) -> Entity:
    return {
        "value": [{"name": name, "url": f"{url}/{name}"} for name in (*SETS, "Observations")],
        "serverSettings": {"conformance": [f"{_REQUIREMENTS}/{name}" for name in _CONFORMANCE]},
    }
