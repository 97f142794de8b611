"""`POST /v1/access/validations`: the one route where every microsecond counts.

It is a plain ASGI handler: it reads the body itself, knows its terminal by hash, its code by exact bytes, and waits for
nothing but the commit of its batch. What is wrong with the credential or the right is a recorded verdict (200); what is
wrong with the request is a problem. Deposits and cancellations come through doors of the same make.
"""

from abc import ABC, abstractmethod
from asyncio import Future
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Annotated, ClassVar, NamedTuple
from uuid import UUID

import msgspec
import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send
from msgspec import UNSET, Meta, Struct, UnsetType

from api import bodies, problems
from api.bodies import InvalidRequest, Key, MethodNotAllowed, Paid, Quantity, VehicleSeen
from api.credentials import Credentials, evidence_of
from api.loads import Load, kinds_of
from api.problems import Problem
from api.sessions import TerminalSessions, check_ability
from domain.access.facts import Direction, Evidence
from domain.errors import DomainError, NotAuthenticated
from domain.errors.places import GateNotFound
from domain.ports import Clock
from domain.terminals import Ability
from nfc.errors import CodeError
from nfc.qr import VerifiedCode
from store.ledger import Lane, Scan, Settled
from store.ledger.scan import StaleIdentity, answer_of
from store.terminal_tokens import TerminalSession

GATE_PATH = "/v1/access/validations"

MAX_CREDENTIAL = 2_048
"""Characters of a credential that are looked at; beyond it the request is at fault, not the person."""

Credential = Annotated[str, Meta(max_length=MAX_CREDENTIAL, examples=["MP2:PWGSLKT257R82S826GC6BHRKFF3X…"])]
GateCode = Annotated[str, Meta(min_length=1, max_length=60, examples=["piscine-est-1"])]


class Way(StrEnum):
    """Which way somebody goes through the gate."""

    ENTRY = "entry"
    EXIT = "exit"


class ValidationRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, gc=False):
    """One tap. `key` is made by the terminal for this tap and never used for another.

    `vehicle`, `payment` and `items` are left out where there is none: a request without them is what it was before they
    came. `items` say what is brought where the price of an entry depends on it.
    """

    key: Key
    gate: GateCode
    credential: Credential
    direction: Way = Way.ENTRY
    terminal_time: Annotated[datetime, Meta(tz=True)] | None = None
    quantities: Annotated[tuple[Quantity, ...], Meta(max_length=10)] = ()
    vehicle: VehicleSeen | UnsetType = UNSET
    payment: Paid | UnsetType = UNSET
    items: Load | UnsetType = UNSET


log = structlog.get_logger("gate")

_decoder = msgspec.json.Decoder(ValidationRequest)
_FLAT = bodies.members(ValidationRequest)[:6]
"""A vehicle, a payment and a load are objects of their own: a body that has one is looked at closely for that."""

_IN, _OUT, _ENTRY = Direction.ENTRY, Direction.EXIT, Way.ENTRY

OK_HEADERS = [
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]

KEY_HEADER = b"idempotency-key"
"""Whose answer it is. HTTP/1.1 pairs answers with questions by their order alone, and a gate opens on what it hears."""


class Reply(NamedTuple):
    """The body of an answer, and the key of the passage that it settles; empty where it settles none or many."""

    body: bytes
    key: str = ""


class Handed(NamedTuple):
    """A passage that was handed over, by its key."""

    key: str
    settled: "Future[Settled]"


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


class Door(ABC):
    """What all doors of terminals have in common: who asks, how an answer is sent, how a problem is said."""

    ability: ClassVar[Ability]
    """What a terminal's profile must list to be answered here."""

    def __init__(
        self,
        *,
        sessions: TerminalSessions,
        lane: Lane,
        clock: Clock,
        forget: Callable[[int], None] = lambda _medium_id: None,
    ) -> None:
        self._sessions = sessions
        self._lane = lane
        self._clock = clock
        self._forget = forget

    @abstractmethod
    async def _answer(self, scope: Scope, receive: Receive) -> "Reply":
        """Return the answer to one request."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._say(self._answer(scope, receive), scope, send)

    async def _say(self, answering: Awaitable["Reply"], scope: Scope, send: Send) -> None:
        try:
            answer, key = await answering
        except DomainError as error:
            await _send_problem(send, problems.of_domain(error))
            return
        except Exception:
            log.exception("unforeseen", path=scope.get("path"))
            await _send_problem(send, problems.problem(500, "error"))
            return
        headers = [*OK_HEADERS, *([(KEY_HEADER, key.encode())] if key else []), _length(answer)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer, "more_body": False})

    async def _session(self, scope: Scope) -> TerminalSession:
        token = _token(scope["headers"])
        session = self._sessions.remembered(token) or await self._sessions.find(token)
        check_ability(session, self.ability)
        return session


class TerminalDoor(Door):
    """A door of one passage at a time: a body becomes a scan, and its stored bytes are the answer."""

    @abstractmethod
    async def _ask(self, session: TerminalSession, body: bytes) -> Scan:
        """Make a scan of a request's body."""

    async def _answer(self, scope: Scope, receive: Receive) -> "Reply":
        session = await self._session(scope)
        body = await bodies.read(scope, receive)
        asked = await self._ask(session, body)
        settled = await self._lane.submit(asked)
        if settled is StaleIdentity and asked.evidence.medium_id is not None:
            self._forget(asked.evidence.medium_id)
            settled = await self._lane.submit(await self._ask(session, body))
        return Reply(self._heard(settled), asked.key)

    def _heard(self, settled: "Settled") -> bytes:
        if isinstance(settled, bytes):
            return settled
        # A terminal that was revoked, a gate that is gone: whatever we remember of tokens is old.
        self._sessions.forget()
        return answer_of(settled)


class GateDoor(TerminalDoor):
    """The door of validations, with what it needs, bound once at start-up."""

    ability = Ability.VALIDATE

    def __init__(self, *, sessions: TerminalSessions, credentials: Credentials, lane: Lane, clock: Clock) -> None:
        super().__init__(sessions=sessions, lane=lane, clock=clock, forget=credentials.forget)
        self._credentials = credentials

    def at_once(self, headers: Iterable[tuple[bytes, bytes]], body: bytes | bytearray) -> "Handed | None":
        """Hand over a posted passage for which the database need not be asked first: a known terminal, a signed code.

        None, and nothing done, for every other, and for whatever is wrong with a request.
        """
        if len(body) > bodies.MAX_BODY:
            return None
        try:
            session = self._sessions.remembered(_token(headers))
            if session is None or not session.may(self.ability):
                return None
            request = _decode(bytes(body))
            now = self._clock()
            evidence = self._credentials.remembered(request.credential, now)
            if evidence is not None:
                return Handed(request.key, self._lane.submit(self._scan(session, request, evidence, now)))
            _gate_of(session, request)
            verified = self._credentials.verified(request.credential, now)
        except DomainError:
            return None
        scan = partial(self._scan, session, request, now=now)
        return None if verified is None else Handed(request.key, self._hand_over(verified, scan))

    def _hand_over(
        self, verified: "Future[VerifiedCode | CodeError]", scan: "Callable[[Evidence], Scan]"
    ) -> "Future[Settled]":
        """Hand a passage over as soon as its code is verified."""
        settled: Future[Settled] = verified.get_loop().create_future()

        def then(verified: "Future[VerifiedCode | CodeError]") -> None:
            try:
                self._lane.submit(scan(evidence_of(verified.result())), settled)
            except Exception as problem:  # noqa: BLE001 - it is said where the answer is
                settled.set_exception(problem)

        verified.add_done_callback(then)
        return settled

    def saying(self, handed: "Handed") -> Callable[[Scope, Receive, Send], Awaitable[None]]:
        """Return the ASGI application that answers what became of a passage handed over `at_once`."""

        async def heard() -> Reply:
            return Reply(self._heard(await handed.settled), handed.key)

        async def say(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - it was received
            await self._say(heard(), scope, send)

        return say

    async def _ask(self, session: TerminalSession, body: bytes) -> Scan:
        request = _decode(body)
        _gate_of(session, request)
        now = self._clock()
        evidence = await self._credentials.read_for_ledger(session, request.credential, now)
        return self._scan(session, request, evidence, now)

    def _scan(self, session: TerminalSession, request: ValidationRequest, evidence: Evidence, now: datetime) -> Scan:
        return Scan(
            terminal_id=session.terminal_id,
            key=request.key,
            fingerprint=bodies.fingerprint(request),
            gate_id=_gate_of(session, request),
            direction=_IN if request.direction is _ENTRY else _OUT,
            evidence=evidence,
            asked=bodies.asked(request.quantities),
            at=now,
            terminal_at=request.terminal_time,
            vehicle=None if request.vehicle is UNSET else request.vehicle.known(),
            payment=None if request.payment is UNSET else request.payment.known(),
            kinds={} if request.items is UNSET else kinds_of(request.items),
        )


def _token(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    for name, value in headers:
        if name == b"authorization" and value[:7] == b"Bearer ":
            return value[7:]
    raise NotAuthenticated("A terminal's access token is needed.")


def _gate_of(session: TerminalSession, request: ValidationRequest) -> UUID:
    gate_id = session.gates.get(request.gate)
    if gate_id is None:
        raise GateNotFound("This terminal serves no gate of that code.")
    return gate_id


def _decode(body: bytes) -> ValidationRequest:
    request = bodies.decode(_decoder, body, _FLAT)
    if request.terminal_time is not None:
        bodies.check_instant(request.terminal_time)
    if request.items is not UNSET and request.direction is not _ENTRY:
        raise InvalidRequest("`items` are what somebody brings: nothing is brought on the way out.")
    return request


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
