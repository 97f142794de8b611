"""What a package above says of its own routes, for the description of the whole API.

A router carries its chapter (`opt={"chapter": ...}`): the description has the routes that an application has, and `api`
knows nobody above it.
"""

from collections.abc import Mapping
from typing import Any

from litestar import Litestar
from msgspec import Struct

Schema = dict[str, Any]


class Chapter(Struct, frozen=True, kw_only=True):
    """Words, examples and bodies of the routes under one prefix.

    `parameters` have words and an example, under their name or, where another route means something else by it, under
    path and name; `schemas` are those of parameters whose values are listed. `files` are bodies that are no JSON: by
    path, their media type and an example; `examples` are those of bodies that are, by path.
    """

    prefix: str
    tags: Mapping[str, str]
    bodies: tuple[type[Struct], ...]
    parameters: Mapping[str, tuple[str, Any]]
    problems: Mapping[tuple[str, str], Mapping[str, str]]
    files: Mapping[str, tuple[str, str]]
    examples: Mapping[str, Any] = {}
    schemas: Mapping[str, Schema] = {}


def chapters_of(app: Litestar) -> tuple[Chapter, ...]:
    """Return the chapters that the routes of an application bring along, each once."""
    found: dict[str, Chapter] = {}
    for route in app.routes:
        for entry in getattr(route, "route_handler_map", {}).values():
            chapter = (entry[0] if isinstance(entry, tuple) else entry).opt.get("chapter")
            if chapter is not None:
                found[chapter.prefix] = chapter
    return tuple(found.values())


def illustrate(document: Schema, chapter: Chapter) -> None:
    """Give the parameters and files of a chapter their words and examples."""
    for path, operations in document["paths"].items():
        if not path.startswith(chapter.prefix):
            continue
        for method, operation in operations.items():
            for parameter in operation.get("parameters", ()):
                name = parameter["name"]
                words, example = chapter.parameters.get(f"{path} {name}") or chapter.parameters[name]
                parameter.update(description=words, example=example)
                parameter["schema"] = chapter.schemas.get(name, parameter["schema"])
            if path in chapter.examples and "requestBody" in operation:
                (body,) = operation["requestBody"]["content"].values()
                body["example"] = chapter.examples[path]
            if path in chapter.files and method == "post":
                media_type, example = chapter.files[path]
                content = {media_type: {"schema": {"type": "string"}, "example": example}}
                operation["requestBody"] = {"required": True, "content": content}
