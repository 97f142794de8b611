"""The address that a form is sent to, asked for as a page: the one that the form stands on lies above it.

A form that came back with something to correct leaves its address in the bar. Whoever presses Enter there, keeps it as
a bookmark or asks for the other language wants that page, not a problem in JSON.
"""

from collections.abc import Iterator
from typing import Any

from litestar import Litestar, Request, Response

PAGES = ("/console/", "/moi/")
"""What people look at, by the beginning of its addresses; elsewhere programs ask, and are told."""


def page_above(request: Request[Any, Any, Any]) -> Response[bytes] | None:
    """Lead to the nearest page above an address, with the same query; None where no page was asked for."""
    path: str = request.scope["raw_path"].decode("ascii", "replace")
    if request.method != "GET" or not path.startswith(PAGES):
        return None
    pages = list(_pages(request.app))
    asked = path.rstrip("/").split("/")
    while len(asked) > 2:
        asked = asked[:-1]
        if any(_fits(page, asked) for page in pages):
            break
    query = request.scope["query_string"].decode("ascii", "replace")
    location = "/".join(asked) + (f"?{query}" if query else "")
    return Response(b"", status_code=303, headers={"Location": location, "Cache-Control": "no-store"})


def _pages(app: Litestar) -> Iterator[list[str]]:
    """List the addresses that are there to be looked at, in their parts; not those that take whatever is left."""
    for route in app.routes:
        if route.path.startswith(PAGES) and ":path}" not in route.path and "GET" in getattr(route, "methods", ()):
            yield route.path.split("/")


def _fits(page: list[str], asked: list[str]) -> bool:
    return len(page) == len(asked) and all(
        mine.startswith("{") or mine == theirs for mine, theirs in zip(page, asked, strict=True)
    )
