"""Conditional requests (RFC 9110 section 13), and answers that anybody's cache may keep."""

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


def open_answer(
    request: Request[Any, Any, Any], body: bytes, *, media_type: str, cache: str, **headers: str
) -> Response[Any]:
    """Answer any origin, with the body's own tag; who has this body already is told so without it (304)."""
    tag = f'"{sha256(body).hexdigest()[:24]}"'
    every = {**OPEN, "Cache-Control": f"public, {cache}", "ETag": tag, **headers}
    if names(request.headers.get("if-none-match", ""), tag):
        return Response(None, status_code=304, headers=every)
    return Response(body, media_type=media_type, headers=every)
