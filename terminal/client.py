"""A terminal's conversation with its server: pairing, tokens, validations.

A question keeps one key through all its tries, so that an answer lost on the way is heard again and never counted
twice. Without an answer nothing is granted: `TerminalError` says what to do.
"""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, Self, TypeVar
from urllib.parse import urlsplit

import httpx
import jwt
import msgspec
from msgspec import Struct

from domain.access.answer import Answer
from domain.access.facts import Direction
from nfc import keys
from terminal.errors import TerminalError
from terminal.state import State

AUDIENCE: Final = "multipass:terminal-token"
TRIES: Final = 3
PATIENCE_SECONDS: Final = 3.0
"""How long a person waits at a gate before they hear that the server does not answer."""

_TRY_SECONDS = 1.5
_ASSERTION_LIFE = timedelta(seconds=60)
_REST_SECONDS = 30
"""A token this close to its end is not used any more."""

_Body = TypeVar("_Body", bound=Struct)


class Quantity(Struct, frozen=True, rename="camel"):
    """How much of a unit is asked for; the server takes one visit when nothing is said."""

    unit: str
    amount: float


class Vehicle(Struct, frozen=True, rename="camel", omit_defaults=True):
    """What somebody comes with, as far as it was seen or measured."""

    kind: str | None = None
    height_cm: int | None = None
    weight_kg: int | None = None


class Payment(Struct, frozen=True, rename="camel"):
    """What was paid for this passage, and the reference that the till gave."""

    amount_cents: int
    reference: str


class Item(Struct, frozen=True, rename="camel"):
    """So much of one kind of waste, in the unit by which the kind is measured."""

    kind: str
    unit: str
    amount: float


class _Paired(Struct, frozen=True, rename="camel"):
    terminal_id: str
    name: str
    authority: str
    gates: tuple[str, ...]


class _Token(Struct, frozen=True, rename="camel"):
    access_token: str
    expires_in: int


class _Problem(Struct, frozen=True, rename="camel"):
    code: str = ""
    title: str = ""
    detail: str = ""
    server_time: datetime | None = None


def pair(server: str, code: str, *, transport: httpx.BaseTransport | None = None) -> State:
    """Become a terminal of this server: make a key, show the public half with the pairing code.

    Raises:
        TerminalError: the address is none, the server is out of reach, or it refuses the code.
    """
    server = server.rstrip("/")
    if urlsplit(server).scheme not in {"http", "https"} or not urlsplit(server).netloc:
        raise TerminalError(f"{server} is not a server's address: give one such as https://pass.example.fr")
    key = keys.generate()
    public = keys.jwk(keys.verify_key(key.public, purpose="terminal", authority=""))
    body = {"code": code, "publicKey": {name: public[name] for name in ("kty", "crv", "x", "y")}}
    try:
        with httpx.Client(base_url=server, transport=transport, timeout=10, trust_env=False) as http:
            # Not tried again: a code that has been spent pairs nobody.
            response = http.post("/v1/terminals/pairings", json=body)
    except httpx.HTTPError as problem:
        raise _unreachable(server, problem) from problem
    if response.status_code != 201:
        raise _refused(response)
    paired = _decode(response, _Paired)
    return State(
        server=server,
        terminal_id=paired.terminal_id,
        name=paired.name,
        authority=paired.authority,
        gates=paired.gates,
        private_key=keys.dump_pem(key).decode(),
    )


class TerminalClient:
    """Asks a server in the name of one paired terminal. One thread's."""

    def __init__(
        self,
        state: State,
        *,
        clock: Callable[[], datetime],
        wait: Callable[[float], None] = time.sleep,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._state = state
        self._clock = clock
        self._wait = wait
        self._offset = timedelta(0)
        self._token = ""
        self._token_ends = clock()
        # The gate speaks to its server directly: a proxy of the environment is for browsers.
        self._http = httpx.Client(base_url=state.server, transport=transport, trust_env=False)
        try:
            self._key = keys.load_pem(state.private_key.encode())
        except ValueError as problem:
            raise TerminalError("The key of this terminal is damaged. Pair it anew.") from problem

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def validate(
        self,
        credential: str,
        *,
        gate: str,
        direction: Direction = Direction.ENTRY,
        quantities: Sequence[Quantity] = (),
        vehicle: Vehicle | None = None,
        items: Sequence[Item] = (),
        payment: Payment | None = None,
        key: str | None = None,
    ) -> Answer:
        """Ask whether this credential may pass the gate, bringing these items of waste.

        Raises:
            TerminalError: no answer in time, or a request that the server does not take. Nobody passes on it.
        """
        self._access_token()  # first, because it may teach us the server's time
        body: dict[str, object] = {
            "key": key or secrets.token_hex(16),
            "gate": gate,
            "credential": credential,
            "direction": direction.value,
            "terminalTime": self._now().isoformat(),
        }
        if quantities:
            body["quantities"] = msgspec.to_builtins(quantities)
        if vehicle is not None:
            body["vehicle"] = msgspec.to_builtins(vehicle)
        if items:
            body["items"] = msgspec.to_builtins(items)
        if payment is not None:
            body["payment"] = msgspec.to_builtins(payment)
        return self._settled("validations", body)

    def deposit(
        self,
        credential: str,
        *,
        gate: str,
        items: Sequence[Item],
        payment: Payment | None = None,
        key: str | None = None,
    ) -> Answer:
        """Record what somebody who is inside hands over, kind by kind.

        Raises:
            TerminalError: as `validate`.
        """
        self._access_token()
        body: dict[str, object] = {
            "key": key or secrets.token_hex(16),
            "gate": gate,
            "credential": credential,
            "items": msgspec.to_builtins(items),
            "terminalTime": self._now().isoformat(),
        }
        if payment is not None:
            body["payment"] = msgspec.to_builtins(payment)
        return self._settled("deposits", body)

    def cancel(self, cancels: str, *, key: str | None = None) -> Answer:
        """Take back the entry or the deposit that this terminal recorded under the key `cancels`.

        Raises:
            TerminalError: as `validate`.
        """
        return self._settled("cancellations", {"key": key or secrets.token_hex(16), "cancels": cancels})

    def _settled(self, what: str, body: Mapping[str, object]) -> Answer:
        response = self._ask(what, body)
        if response.status_code == 401:
            self._token = ""  # ended early, or taken away: the next proof of key tells which
            response = self._ask(what, body)
        if response.status_code != 200:
            raise _refused(response)
        return _decode(response, Answer)

    def _ask(self, what: str, body: Mapping[str, object]) -> httpx.Response:
        authorization = {"Authorization": f"Bearer {self._access_token()}"}
        return self._patiently(f"/v1/access/{what}", lambda: body, authorization)

    def _access_token(self) -> str:
        if not self._token or self._clock() >= self._token_ends:
            response = self._prove_key()
            problem = _problem(response)
            if response.status_code == 401 and problem.code == "clock-skew" and problem.server_time is not None:
                self._offset = problem.server_time - self._clock()
                response = self._prove_key()
            if response.status_code != 200:
                raise _refused(response)
            token = _decode(response, _Token)
            self._token = token.access_token
            self._token_ends = self._clock() + timedelta(seconds=max(0, token.expires_in - _REST_SECONDS))
        return self._token

    def _prove_key(self) -> httpx.Response:
        return self._patiently("/v1/terminals/tokens", lambda: {"assertion": self._assertion()})

    def _assertion(self) -> str:
        now = self._now()
        claims = {
            "iss": self._state.terminal_id,
            "sub": self._state.terminal_id,
            "aud": AUDIENCE,
            "iat": int(now.timestamp()),
            "exp": int((now + _ASSERTION_LIFE).timestamp()),
            "jti": secrets.token_hex(16),
        }
        return jwt.encode(claims, self._key.private, algorithm="ES256")

    def _now(self) -> datetime:
        """The server's time, as far as we know it."""
        return self._clock() + self._offset

    def _patiently(
        self, path: str, body: Callable[[], Mapping[str, object]], headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Post until somebody answers, for as long as a person waits. `body` is asked anew for every try."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        heard: httpx.Response | None = None
        failure: httpx.HTTPError | None = None
        for turn in range(1, TRIES + 1):
            pause = 0.2 * turn
            left = deadline - time.monotonic()
            try:
                heard = self._http.post(path, json=body(), headers=headers, timeout=max(0.2, min(_TRY_SECONDS, left)))
            except httpx.HTTPError as problem:
                heard, failure = None, problem
            else:
                if heard.status_code not in {429, 502, 503, 504}:
                    return heard
                pause = max(pause, _retry_after(heard))
            if turn == TRIES or time.monotonic() + pause >= deadline:
                break
            self._wait(pause)
        if heard is not None:
            raise _refused(heard)
        raise _unreachable(self._state.server, failure) from failure


def _retry_after(response: httpx.Response) -> float:
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else 0.0


def _decode(response: httpx.Response, kind: type[_Body]) -> _Body:
    try:
        return msgspec.json.decode(response.content, type=kind)
    except msgspec.DecodeError as problem:
        raise TerminalError(
            f"The server at {response.url.host} gave an answer that this terminal does not understand. Update it."
        ) from problem


def _problem(response: httpx.Response) -> _Problem:
    try:
        return msgspec.json.decode(response.content, type=_Problem)
    except msgspec.DecodeError:
        return _Problem()


def _unreachable(server: str, problem: httpx.HTTPError | None) -> TerminalError:
    why = "did not answer in time" if isinstance(problem, httpx.TimeoutException) else "cannot be reached"
    return TerminalError(f"The server {server} {why}. Nothing was granted; try again.")


def _refused(response: httpx.Response) -> TerminalError:
    """Put a problem report into a sentence."""
    problem = _problem(response)
    if problem.code == "pairing-refused":
        return TerminalError("This pairing code is unknown, used or too old. Ask an agent for a new one.")
    if response.status_code == 401:
        return TerminalError("The server no longer knows this terminal. Ask an agent for a code and pair it anew.")
    if response.status_code in {429, 502, 503, 504}:
        return TerminalError("The server is too busy to answer. Nothing was granted; try again in a moment.")
    said = problem.detail or problem.title or f"status {response.status_code}"
    return TerminalError(f"The server refused the request: {said.rstrip('.')}.")
