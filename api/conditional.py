"""Conditional requests (RFC 9110 section 13), and answers that anybody's cache may keep."""

import re
from hashlib import sha256
from typing import Any

from litestar import Request, Response

OPEN = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag, Retry-After"}
"""Headers of what pages of any origin may read."""


def names(if_none_match: str, tag: str) -> bool:
    """Tell whether an `If-None-Match` names an entity tag.

    They are compared weakly (section 13.1.2): a proxy that compresses marks the tag as weak.
    """
    tags = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
    return tag.removeprefix("W/") in tags or tags == ["*"]


def allows(if_match: str, tag: str) -> bool:
    """Tell whether an `If-Match` lets a change of what has this entity tag through.

    They are compared strongly (section 13.1.1): a weak tag is never the same.
    """
    tags = [each.strip() for each in if_match.split(",")]
    return tag in tags or tags == ["*"]


_RANGE = re.compile(r"bytes=(\d{0,12})-(\d{0,12})")


def part_of(asked: str, length: int) -> range | None:
    """Return which bytes of a whole a `Range` asks for (RFC 9110 section 14): empty where it has none of them.

    None where the whole is sent: nothing was asked for, or several parts at once, which nobody has to answer.
    """
    found = _RANGE.fullmatch(asked.strip())
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        return range(max(0, length - int(last)), length)
    end = min(int(last) + 1, length) if last else length
    if last and int(last) < int(first):
        return None
    return range(int(first), end)


def open_answer(
    request: Request[Any, Any, Any], body: bytes, *, media_type: str, cache: str, **headers: str
) -> Response[Any]:
    """Answer any origin, with the body's own tag; who has this body already is told so without it (304)."""
    tag = f'"{sha256(body).hexdigest()[:24]}"'
    every = {**OPEN, "Cache-Control": f"public, {cache}", "ETag": tag, **headers}
    if names(request.headers.get("if-none-match", ""), tag):
        return Response(None, status_code=304, headers=every)
    return Response(body, media_type=media_type, headers=every)
