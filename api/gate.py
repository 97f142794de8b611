"""`POST /v1/access/validations`: the one route where every microsecond counts.

It is a plain ASGI handler: it reads the body itself, knows its terminal by hash, its code by exact bytes, and waits for
nothing but the commit of its batch. What is wrong with the credential or the right is a recorded verdict (200); what is
wrong with the request is a problem.
"""

import json
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any

import msgspec
import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send
from msgspec import Meta, Struct

from api import problems
from api.problems import Problem
from api.sessions import TerminalSessions
from domain.access.facts import Direction, Evidence
from domain.access.reasons import Reason
from domain.errors import DomainError, GateNotFound, Invalid, KeyReused, NotAuthenticated
from domain.limits import ONE, Measure
from domain.passes import medium_from_bytes
from domain.ports import Clock
from nfc.errors import CodeError
from nfc.qr import CodeReader
from store.ledger import KeyConflict, Lane, Scan, TerminalRevoked
from store.terminal_tokens import TerminalSession

GATE_PATH = "/v1/access/validations"

MAX_BODY = 8_192
"""Bytes of a request; a credential has at most 400 characters."""

ROUNDING = 1e-6
"""How far an amount in JSON may lie from whole thousandths: what binary fractions make of 0.1."""

MAX_CREDENTIAL = 2_048
"""Characters of a credential that are looked at; beyond it the request is at fault, not the person."""


class BodyTooLarge(Invalid):
    """The body has more bytes than any genuine request."""

    code = "body-too-large"


class DuplicateField(Invalid):
    """A field stands twice in one object: which of the two was meant cannot be known."""

    code = "duplicate-field"


class InvalidRequest(Invalid):
    """The body is not JSON, or a field is missing, unknown, of another type or out of bounds."""

    code = "invalid-request"


class Quantity(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, gc=False):
    """How much somebody brings or uses; more than visits is asked of some services only."""

    unit: Measure
    amount: Annotated[float, Meta(gt=0, le=1000)]


class ValidationRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, gc=False):
    """One tap. `key` is made by the terminal for this tap and never used for another."""

    key: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:-]{1,64}(?!\n)$", examples=["t7-000042"])]
    gate: Annotated[str, Meta(min_length=1, max_length=60, examples=["piscine-est-1"])]
    credential: Annotated[str, Meta(max_length=MAX_CREDENTIAL, examples=["MP2:PWGSLKT257R82S826GC6BHRKFF3X…"])]
    direction: Direction = Direction.ENTRY
    terminal_time: Annotated[datetime, Meta(tz=True)] | None = None
    quantities: Annotated[tuple[Quantity, ...], Meta(max_length=10)] = ()


log = structlog.get_logger("gate")

_decoder = msgspec.json.Decoder(ValidationRequest)
_encoder = msgspec.json.Encoder(order="sorted")
_FIELDS = tuple(
    f'"{name}"'.encode() for name in ("key", "gate", "credential", "direction", "terminalTime", "quantities")
)
_ONE_VISIT = {Measure.VISIT: ONE}

_OK_HEADERS = [
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]

_FLAWS = {
    "unreadable": Reason.UNREADABLE,
    "too_long": Reason.UNREADABLE,
    "too_large": Reason.UNREADABLE,
    "unknown_type": Reason.UNKNOWN_TYPE,
    "unknown_key": Reason.UNKNOWN_KEY,
    "withdrawn_key": Reason.WITHDRAWN_KEY,
    "bad_signature": Reason.BAD_SIGNATURE,
    "expired": Reason.CODE_EXPIRED,
    "stale": Reason.CODE_STALE,
}


class GateFirst:
    """Answers the gate's path before anything is routed, and passes everything else on.

    Routing and its wrapping cost a tap more than its whole decision does. The route stands in the router all the same:
    its rule is declared there, and the same door answers behind it.
    """

    def __init__(self, door: "GateDoor", app: ASGIApp) -> None:
        self._door = door
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or pass on."""
        if scope.get("path") == GATE_PATH and scope["type"] == ScopeType.HTTP:
            await self._door(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class GateDoor:
    """The handler with what it needs, bound once at start-up."""

    def __init__(self, *, sessions: TerminalSessions, reader: CodeReader, lane: Lane, clock: Clock) -> None:
        self._sessions = sessions
        self._reader = reader
        self._lane = lane
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            answer = await self._answer(scope, receive)
        except DomainError as error:
            await _send_problem(send, problems.of_domain(error))
            return
        except Exception:
            log.exception("unforeseen", path=GATE_PATH)
            await _send_problem(send, problems.problem(500, "error"))
            return
        await send({"type": "http.response.start", "status": 200, "headers": [*_OK_HEADERS, _length(answer)]})
        await send({"type": "http.response.body", "body": answer, "more_body": False})

    async def _answer(self, scope: Scope, receive: Receive) -> bytes:
        session = await self._session(scope)
        request = _decode(await _body(scope, receive))
        settled = await self._lane.submit(self._scan(session, request))
        if isinstance(settled, bytes):
            return settled
        if settled is KeyConflict:
            raise KeyReused("This key was used for another passage; nothing was recorded.")
        self._sessions.forget()
        if settled is TerminalRevoked:
            raise NotAuthenticated("This terminal was revoked.")
        raise GateNotFound("This gate does not exist any more.")

    async def _session(self, scope: Scope) -> TerminalSession:
        for name, value in scope["headers"]:
            if name == b"authorization" and value[:7] == b"Bearer ":
                token = value[7:]
                return self._sessions.remembered(token) or await self._sessions.find(token)
        raise NotAuthenticated("A terminal's access token is needed.")

    def _scan(self, session: TerminalSession, request: ValidationRequest) -> Scan:
        gate_id = session.gates.get(request.gate)
        if gate_id is None:
            raise GateNotFound("This terminal serves no gate of that code.")
        now = self._clock()
        return Scan(
            terminal_id=session.terminal_id,
            key=request.key,
            fingerprint=sha256(_encoder.encode(request)).digest(),
            gate_id=gate_id,
            direction=request.direction,
            evidence=read_credential(self._reader, request.credential, now),
            asked=_asked(request.quantities),
            at=now,
            terminal_at=request.terminal_time,
        )


def read_credential(reader: CodeReader, credential: str, now: datetime) -> Evidence:
    """Turn what was read into evidence; what is wrong with it becomes the reason of a recorded refusal."""
    try:
        code = reader.read(credential.strip("\r\n"), int(now.timestamp()))
    except CodeError as error:
        medium_id = medium_from_bytes(error.medium_id) if error.medium_id is not None else None
        return Evidence(medium_id=medium_id, flaw=_FLAWS[error.kind], issuer=error.authority or None)
    return Evidence(medium_id=medium_from_bytes(code.medium_id), assurance=code.assurance, issuer=code.authority)


def _decode(body: bytes) -> ValidationRequest:
    # A repeated name, or an escape that could hide one, is looked at closely; ordinary bodies pay six counts.
    if b"\\" in body or b'"quantities"' in body or any(body.count(field) > 1 for field in _FIELDS):
        _refuse_duplicates(body)
    try:
        request = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem_:
        raise InvalidRequest(str(problem_)) from problem_
    if request.terminal_time is not None and not _storable(request.terminal_time):
        raise InvalidRequest("`terminalTime` is not a time of this century.")
    return request


def _storable(instant: datetime) -> bool:
    return 2000 <= instant.year < 2100


def _refuse_duplicates(body: bytes) -> None:
    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in found}) != len(found):
            raise DuplicateField("A field stands twice.")
        return dict(found)

    try:
        json.loads(body, object_pairs_hook=pairs)
    except (ValueError, RecursionError) as problem_:
        raise InvalidRequest("The body is not JSON.") from problem_


def _asked(quantities: tuple[Quantity, ...]) -> dict[Measure, int]:
    if not quantities:
        return _ONE_VISIT
    asked = dict(_ONE_VISIT)
    named: set[Measure] = set()
    for quantity in quantities:
        thousandths = round(quantity.amount * ONE)
        if thousandths == 0 or abs(quantity.amount * ONE - thousandths) > ROUNDING:
            raise InvalidRequest("An amount has at most three decimals.")
        if quantity.unit is Measure.VISIT and thousandths % ONE:
            raise InvalidRequest("Visits are whole: a thousandth of one would open the gate for next to nothing.")
        if quantity.unit in named:
            raise InvalidRequest("A unit stands twice among the quantities.")
        named.add(quantity.unit)
        asked[quantity.unit] = thousandths
    return asked


async def _body(scope: Scope, receive: Receive) -> bytes:
    if scope.get("method") != "POST":
        raise MethodNotAllowed("Validations are posted.")
    message = await receive()
    body: bytes = message.get("body", b"")  # type: ignore[assignment]
    while message.get("more_body", False):
        if len(body) > MAX_BODY:
            break
        message = await receive()
        body += message.get("body", b"")  # type: ignore[operator]
    if len(body) > MAX_BODY:
        raise BodyTooLarge(f"At most {MAX_BODY} bytes.")
    return body


class MethodNotAllowed(Invalid):
    """This address does not answer to that method."""

    code = "method-not-allowed"


def _length(body: bytes) -> tuple[bytes, bytes]:
    return b"content-length", str(len(body)).encode()


async def _send_problem(send: Send, answer: Problem) -> None:
    body = problems.encode(answer)
    headers = [
        (b"content-type", problems.MEDIA_TYPE.encode()),
        (b"x-content-type-options", b"nosniff"),
        *((name.lower().encode(), value.encode()) for name, value in problems.headers_of(answer).items()),
        *([(b"allow", b"POST")] if answer.code == MethodNotAllowed.code else []),
        _length(body),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
