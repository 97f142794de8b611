"""What a SensorThings address asks for: the path, and the few OData options that this house understands."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

from msgspec import Struct

from api.bodies import InvalidRequest
from store.shown import Window
from tour.api.instants import instant

MOST = 1_000
DEFAULT = 100
FURTHEST = 100_000
"""Entities that `$skip` may leave out: further away, ask by time."""

_PATH = re.compile(
    r"(?P<set>[A-Z]\w{0,30})(?:\((?:'(?P<quoted>[^']{1,120})'|(?P<bare>[\w.:~-]{1,120}))\))?(?:/(?P<to>[A-Z]\w{0,30}))?"
)
_COMPARED = re.compile(r"phenomenonTime (?P<how>ge|gt|le|lt|eq) (?P<at>[0-9TZ:.+-]{10,40})")
_KNOWN = frozenset({"$top", "$skip", "$count", "$filter", "$orderby", "$expand", "$resultFormat"})
_MOMENT = timedelta(microseconds=1)


class Path(Struct, frozen=True):
    """A set of entities, one of them by its id, and what it leads to."""

    of: str
    id: str | None = None
    to: str | None = None


class Options(Struct, frozen=True):
    """How much of a set, in which order, of which time, with what beside it."""

    top: int = DEFAULT
    skip: int = 0
    count: bool = False
    within: Window = Window()
    newest_first: bool = False
    expand: tuple[str, ...] = ()
    data_array: bool = False


def path_of(text: str) -> Path | None:
    """Read a path below the service's address; None where it is none of ours."""
    found = _PATH.fullmatch(text)
    if found is None:
        return None
    return Path(found["set"], found["quoted"] or found["bare"], found["to"])


def options_of(query: Mapping[str, str]) -> Options:
    """Read the options of a query.

    Raises:
        InvalidRequest: one is unknown, out of bounds, or says what this subset does not understand.
    """
    if unknown := sorted(name for name in query if name.startswith("$") and name not in _KNOWN):
        raise InvalidRequest(f"Not understood here: {', '.join(unknown)}.")
    if query.get("$resultFormat", "dataArray") != "dataArray":
        raise InvalidRequest("$resultFormat is dataArray, or left out.")
    if query.get("$count", "false") not in {"true", "false"}:
        raise InvalidRequest("$count is true or false.")
    return Options(
        top=_number(query, "$top", DEFAULT, MOST),
        skip=_number(query, "$skip", 0, FURTHEST),
        count=query.get("$count") == "true",
        within=_within(query.get("$filter", "")),
        newest_first=_newest_first(query.get("$orderby", "")),
        expand=tuple(part for part in query.get("$expand", "").split(",") if part),
        data_array="$resultFormat" in query,
    )


def next_query(query: Mapping[str, str], options: Options) -> str:
    """Write the query of the page that follows."""
    return urlencode({**query, "$top": options.top, "$skip": options.skip + options.top}, safe="$")


def _number(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most)) and int(text) <= most):
        raise InvalidRequest(f"{name} is a whole number up to {most}.")
    return int(text)


def _within(text: str) -> Window:
    """Read `phenomenonTime ge … and phenomenonTime lt …`."""
    starts: list[datetime] = []
    ends: list[datetime] = []
    for part in text.split(" and ") if text else ():
        found = _COMPARED.fullmatch(part.strip())
        if found is None:
            raise InvalidRequest("$filter compares phenomenonTime with instants: ge, gt, le, lt, eq, joined by and.")
        at = instant(found["at"], "$filter")
        if found["how"] in {"ge", "gt", "eq"}:
            starts.append(at + _MOMENT if found["how"] == "gt" else at)
        if found["how"] in {"le", "lt", "eq"}:
            ends.append(at if found["how"] == "lt" else at + _MOMENT)
    return Window(max(starts, default=None), min(ends, default=None))


def _newest_first(text: str) -> bool:
    if text in {"", "phenomenonTime", "phenomenonTime asc"}:
        return False
    if text == "phenomenonTime desc":
        return True
    raise InvalidRequest("$orderby is phenomenonTime, asc or desc.")
