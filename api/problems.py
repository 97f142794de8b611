"""Errors on the wire: RFC 9457 problem+json, and the only place where a domain error meets a status code.

Every code stands in `docs/problems.md`, or a test fails. A person's words belong to the page or terminal that shows
the problem; `detail` is for whoever integrates.
"""

from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, InternalServerException, ValidationException
from msgspec import Struct

from api.conditional import OPEN
from api.form_addresses import apology, page_above
from domain.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    LedgerUnavailable,
    NotAuthenticated,
    NotFound,
    Overloaded,
    TooManyAttempts,
)
from domain.errors.accounts import MessageNotSent
from domain.errors.agents import ProviderAway
from domain.errors.mail import MailAway
from domain.errors.passes import KeyReused
from domain.errors.push import PushAway

MEDIA_TYPE = "application/problem+json"
TYPE_BASE = "urn:multipass:problem:"

log = structlog.get_logger("api")

STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (KeyReused, 422),
    (NotFound, 404),
    (Conflict, 409),
    (Forbidden, 403),
    (Invalid, 400),
    (NotAuthenticated, 401),
    (TooManyAttempts, 429),
    (Overloaded, 503),
    (LedgerUnavailable, 503),
    (ProviderAway, 503),
    (MailAway, 503),
    (MessageNotSent, 503),
    (PushAway, 503),
)
"""The most particular family first."""

HTTP_CODES = {
    400: "invalid-request",
    401: "not-authenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    413: "body-too-large",
    415: "unsupported-media-type",
    429: "too-many-attempts",
}
"""What the framework itself may answer, by status."""

BY_CODE = {"body-too-large": 413, "method-not-allowed": 405, "version-changed": 412, "version-missing": 428}
"""Families say nothing of these: they speak of HTTP itself."""

TITLES = {
    400: "The request does not fit",
    401: "Proof of identity is missing or no longer valid",
    403: "Not allowed",
    404: "Not found",
    405: "This address does not answer to that method",
    409: "The present state forbids it",
    412: "It is no longer what was read",
    413: "The body is too large",
    415: "This type of body is not understood",
    422: "The key was used with another body",
    428: "The change names no version",
    429: "Too many attempts",
    500: "Something went wrong on our side",
    503: "Not available at this moment",
}


MOST_FAULTS = 20
"""Of one problem: whoever gets a file wrong gets most lines wrong in the same way."""


class Fault(Struct, frozen=True):
    """One place in the request that does not fit."""

    where: str
    message: str


class Problem(Struct, frozen=True, rename="camel", omit_defaults=True):
    """The body of every error (RFC 9457): `code` is stable, `detail` is for the integrator."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    faults: tuple[Fault, ...] = ()
    retry_after_seconds: int | None = None
    server_time: str | None = None


def problem(status: int, code: str, detail: str = "", **more: Any) -> Problem:  # noqa: ANN401 - fields of Problem
    """Build a problem of a documented code."""
    return Problem(TYPE_BASE + code, TITLES.get(status, TITLES[500]), status, code, detail, **more)


def of_domain(error: DomainError) -> Problem:
    """Say a domain error in HTTP."""
    status = BY_CODE.get(error.code) or next((status for family, status in STATUS if isinstance(error, family)), 500)
    return problem(
        status,
        error.code,
        error.detail,
        faults=tuple(Fault(f"line {flaw.line}", flaw.what) for flaw in getattr(error, "flaws", ())[:MOST_FAULTS]),
        retry_after_seconds=getattr(error, "retry_after_seconds", None),
        server_time=getattr(error, "server_time", None),
    )


def headers_of(answer: Problem) -> dict[str, str]:
    """Return the headers that go with a problem."""
    headers = {"Cache-Control": "no-store"}
    if answer.retry_after_seconds is not None:
        headers["Retry-After"] = str(answer.retry_after_seconds)
    if answer.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return headers


def encode(answer: Problem) -> bytes:
    """Return the body's bytes."""
    return msgspec.json.encode(answer)


def _respond(
    request: Request[Any, Any, Any], answer: Problem, headers: dict[str, str] | None = None
) -> Response[bytes]:
    handler = request.scope.get("route_handler")
    # What pages of any origin may read, they may hear the refusal of.
    any_origin = OPEN if handler is not None and handler.opt.get("open") else {}
    return Response(
        encode(answer),
        status_code=answer.status,
        media_type=MEDIA_TYPE,
        headers={**any_origin, **(headers or {}), **headers_of(answer)},
    )


def on_domain_error(request: Request[Any, Any, Any], error: DomainError) -> Response[bytes]:
    """Answer a verb's refusal."""
    return _respond(request, of_domain(error))


def on_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Answer what the framework refused: an unknown address, a body that does not fit."""
    if error.status_code == 405 and (above := page_above(request)) is not None:
        return above
    if error.status_code == 404 and (said := apology(request, error)) is not None:
        return said
    faults: tuple[Fault, ...] = ()
    detail = error.detail
    if isinstance(error, ValidationException):
        faults = tuple(
            Fault(str(extra.get("key", "")), str(extra.get("message", "")))
            for extra in error.extra or ()
            if isinstance(extra, dict)
        )
        # Of a parameter that is not there at all the framework says the name in its detail alone.
        detail = "See faults." if faults else error.detail.partition(" for path ")[0]
    status = error.status_code
    if hung_up(error):
        return _respond(request, problem(400, "invalid-request"))
    if status >= 500:
        fault = _of_the_body(error.__cause__)
        if fault is None:
            return on_any_error(request, error)
        status, detail, faults = 400, "See faults.", (fault,)
    # RFC 9110 section 15.5.6: who refuses a method names the others.
    headers = {"Allow": error.headers["allow"]} if error.headers and "allow" in error.headers else {}
    return _respond(request, problem(status, HTTP_CODES.get(status, "error"), detail, faults=faults), headers)


def hung_up(error: HTTPException) -> bool:
    """Tell whether the caller left in the middle of the body: nobody hears the answer, and no fault is ours.

    The framework raises a 500 for it (`litestar.Request.stream`), which says so in its detail alone.
    """
    return isinstance(error, InternalServerException) and error.detail == "client disconnected prematurely"


def _of_the_body(cause: BaseException | None) -> Fault | None:
    """What is wrong with a field of the body that is named like a dependency: the framework takes it for ours."""
    if not isinstance(cause, msgspec.ValidationError):
        return None
    message, _, place = str(cause).partition(" - at `$.data.")
    return Fault(place.rstrip("`"), message) if place else None


def on_unreadable_body(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer a body that the decoder gives up on outside its own family of errors: not UTF-8, or nested too deeply."""
    words = "The body is not UTF-8." if isinstance(error, UnicodeDecodeError) else "The body is nested too deeply."
    return _respond(request, problem(400, "invalid-request", words))


def on_any_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer what nobody foresaw: the log knows more, the caller does not."""
    log.error("unforeseen", path=request.scope.get("path_template"), exc_info=error)
    return _respond(request, problem(500, "error"))


HANDLERS: dict[type[Exception] | int, Any] = {
    DomainError: on_domain_error,
    HTTPException: on_http_error,
    UnicodeDecodeError: on_unreadable_body,
    RecursionError: on_unreadable_body,
    Exception: on_any_error,
}
