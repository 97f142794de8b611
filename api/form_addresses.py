"""Addresses that people type or keep, where there is no page.

The address that a form is sent to, asked for as a page: the one that the form stands on lies above it.

A form that came back with something to correct leaves its address in the bar. Whoever presses Enter there, keeps it as
a bookmark or asks for the other language wants that page, not a problem in JSON.

An address that leads nowhere: a surface says so in its own words by a route for whatever is left (`{rest:path}`). The
framework finds that route for the first part of an address alone; below a page that is there, we find it.
"""

from collections.abc import Iterator
from typing import Any

from litestar import Litestar, Request, Response
from litestar.exceptions import HTTPException
from litestar.routes import HTTPRoute

PAGES = ("/console/", "/moi/")
"""What people look at, by the beginning of its addresses; elsewhere programs ask, and are told."""

_REST = "{rest:path}"


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


def apology(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes] | None:
    """Say in the words of its surface that an address leads nowhere; None where no page was asked for, or of none."""
    if request.method != "GET" or "text/html" not in request.headers.get("accept", ""):
        return None
    for route in request.app.routes:
        surface, whatever_is_left, _ = route.path.partition(_REST)
        if whatever_is_left and isinstance(route, HTTPRoute) and request.url.path.startswith(surface):
            say = route.route_handlers[0].resolve_exception_handlers()[HTTPException]
            answer: Response[bytes] = say(request, error)
            return answer
    return None


def _pages(app: Litestar) -> Iterator[list[str]]:
    """List the addresses that are there to be looked at, in their parts; not those that take whatever is left."""
    for route in app.routes:
        if route.path.startswith(PAGES) and ":path}" not in route.path and "GET" in getattr(route, "methods", ()):
            yield route.path.split("/")


def _fits(page: list[str], asked: list[str]) -> bool:
    return len(page) == len(asked) and all(
        mine.startswith("{") or mine == theirs for mine, theirs in zip(page, asked, strict=True)
    )
