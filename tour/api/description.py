"""`/v1/tour/openapi.json`: the tour describes itself (OpenAPI 3.1), for the page of the API below does not see it."""

from functools import cache
from inspect import cleandoc
from typing import Any

import msgspec
from litestar import Response, get

from api.conditional import open_answer
from api.problems import Problem
from api.rules import Rule
from tour.api.floods import FloodView
from tour.api.points import Asked, LiveAnswer
from tour.api.questions import AnswersView, AskedView
from tour.api.wire import PointPage, PointView
from tour.feed import PointNow, Snapshot
from tour.past import STEPS, Past

Described = dict[str, Any]

_PLAIN = {"type": "string"}
_INSTANT = {"type": "string", "format": "date-time"}
_PARAMETERS: dict[str, tuple[str, Described, Any]] = {
    "slug": ("The point's own name, as in its address.", _PLAIN, "air-classe-12"),
    "stream_id": (
        "The `stream` of a live value.",
        {"type": "string", "format": "uuid"},
        "01a2030b-84cd-70f0-b2fa-5ef53e822193",
    ),
    "after": ("The `next` of the page before.", _PLAIN, "le-lez"),
    "limit": ("At most so many points.", {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}, 50),
    "commune": ("Only points of this commune, by its INSEE code.", _PLAIN, "34172"),
    "quantity": ("Only points that measure this.", _PLAIN, "co2"),
    "points": ("Slugs with commas between them, fifty at most; all, unless given.", _PLAIN, "air-classe-12,le-lez"),
    "from": (
        "From this instant, with its offset; a day before the end, unless given.",
        _INSTANT,
        "2026-11-23T00:00:00Z",
    ),
    "to": ("To before this instant; now, unless given.", _INSTANT, "2026-11-24T00:00:00Z"),
    "step": ("How finely; the finest that fits, unless given.", {"type": "string", "enum": list(STEPS)}, "1h"),
    "question": ("The code of a question.", _PLAIN, "river"),
    "text": ("Or a question in words, 200 characters at most.", _PLAIN, "Comment est l’air à Montpellier ?"),
    "Last-Event-ID": ("The id of the last event heard, when a stream broke.", _PLAIN, "1795348947221"),
}
"""What a parameter is, its schema, an example."""

_GEOJSON = {"type": "object", "description": "A FeatureCollection (RFC 7946)."}
_RECORD = {"type": "object", "description": "A dcat:Catalog."}
_BODIES = (PointPage, PointView, LiveAnswer, Past, AskedView, AnswersView, FloodView, Snapshot, PointNow, Problem)
_OPERATIONS: tuple[tuple[str, str, tuple[str, ...], str, Any], ...] = (
    ("/points", "List points with what they say now", ("after", "limit", "commune", "quantity"), "json", PointPage),
    ("/points.geojson", "Show points on a map", ("commune", "quantity"), "geo+json", _GEOJSON),
    ("/points/{slug}", "Show the sheet of a point", ("slug",), "json", PointView),
    ("/points/{slug}/live", "Say what a point says now", ("slug",), "json", LiveAnswer),
    ("/events", "Hear what points say as it changes", ("points", "Last-Event-ID"), "event-stream", Snapshot),
    (
        "/streams/{stream_id}/readings",
        "Show what a stream was, as JSON or CSV",
        ("stream_id", "from", "to", "step"),
        "json",
        Past,
    ),
    ("/questions", "List the questions that can be asked", (), "json", list[AskedView]),
    ("/answers", "Answer a question", ("question", "text", "commune"), "json", AnswersView),
    ("/floods", "Tell the flood levels that people have confirmed", (), "json", list[FloodView]),
    ("/catalogue.jsonld", "Describe the data for portals", (), "ld+json", _RECORD),
)
"""Address, summary, parameters, kind of answer, its schema."""


@cache
def document() -> Described:
    """Build the description."""
    _, components = msgspec.json.schema_components(_BODIES, ref_template="#/components/schemas/{name}")
    for schema in components.values():
        if "description" in schema:
            schema["description"] = cleandoc(schema["description"])
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "MultiPass: the connected city",
            "version": "1.0.0",
            "summary": "What the sensors of a city say, for anybody",
            "description": "No token, any origin. Errors are problem+json (RFC 9457) with a stable `code`.",
            "license": {"name": "Licence Ouverte 2.0 (the data)", "identifier": "etalab-2.0"},
        },
        "paths": {f"/v1/tour{operation[0]}": {"get": _operation(*operation)} for operation in _OPERATIONS},
        "components": {"schemas": components},
    }


def _operation(
    path: str,
    summary: str,
    names: tuple[str, ...],
    media: str,
    answer: Any,  # noqa: ANN401 - a schema, or a type that has one
) -> Described:
    schema = answer if isinstance(answer, dict) else _schema(answer)
    prefix = "text" if media == "event-stream" else "application"
    content: Described = {f"{prefix}/{media}": {"schema": schema}}
    if answer is Past:
        content["text/csv"] = {"schema": _PLAIN}
    refused = {"400": _problem("A parameter does not fit.")} if names else {}
    absent = {"404": _problem("There is nothing of this name for the public.")} if "{" in path else {}
    return {
        "operationId": "".join(part.capitalize() for part in path.strip("/{}").replace(".", "/").split("/")),
        "summary": summary,
        "parameters": [_parameter(name, path) for name in names],
        "responses": {
            "200": {"description": summary, "content": content},
            "304": {"description": "What you have is still what is shown."},
            **refused,
            **absent,
            "429": _problem("This address asks too often; `Retry-After` says how long to wait."),
            "503": _problem("The database does not answer, or too many listen."),
        },
    }


def _parameter(name: str, path: str) -> Described:
    words, schema, example = _PARAMETERS[name]
    within = "path" if f"{{{name}}}" in path else "header" if name == "Last-Event-ID" else "query"
    return {
        "name": name,
        "in": within,
        "required": within == "path",
        "description": words,
        "schema": schema,
        "example": example,
    }


def _schema(kind: Any) -> Described:  # noqa: ANN401 - a Struct, or a list of one
    (schema,), _ = msgspec.json.schema_components([kind], ref_template="#/components/schemas/{name}")
    return schema


def _problem(words: str) -> Described:
    return {"description": words, "content": {"application/problem+json": {"schema": _schema(Problem)}}}


@get("/openapi.json", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def description(request: Asked) -> Response[Any]:
    """Describe these addresses for programs."""
    body = msgspec.json.encode(document())
    return open_answer(request, body, media_type="application/vnd.oai.openapi+json", cache="max-age=3600")
