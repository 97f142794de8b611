"""A terminal's line to its server: the proof of its key, its token, and how long a person waits for an answer."""

import secrets
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

import httpx
import jwt

from nfc import keys
from terminal.errors import TerminalError
from terminal.refusals import BUSY, answers, database_away, decode, problem_of, refused, retry_after, unreachable
from terminal.state import State
from terminal.wire import Token

AUDIENCE: Final = "multipass:terminal-token"
TRIES: Final = 3
PATIENCE_SECONDS: Final = 3.0
"""How long a person waits at a gate before they hear that the server does not answer."""

TRY_SECONDS = 1.5
_ASSERTION_LIFE = timedelta(seconds=60)
_REST_SECONDS = 30
"""A token this close to its end is not used any more."""


class Connection:
    """Asks one server in the name of one paired terminal. One thread's."""

    def __init__(
        self,
        state: State,
        *,
        clock: Callable[[], datetime],
        wait: Callable[[float], None] = time.sleep,
        transport: httpx.BaseTransport | None = None,
        heard: Callable[[datetime, timedelta], None] | None = None,
        candidates: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        """`candidates` are the private keys (PEM) that may be this terminal's, tried once its own is not taken."""
        self.state = state
        self._candidates = candidates
        self._clock = clock
        self._wait = wait
        self._heard = heard
        self._deadline = 0.0
        self._each = TRY_SECONDS
        self._offset = timedelta(0)
        self._token = ""
        self._token_ends = clock()
        self._transport = transport
        self._http = self._open()
        self.use(state.private_key)

    def close(self) -> None:
        """Let go of it."""
        self._http.close()

    def _open(self) -> httpx.Client:
        # The gate speaks to its server directly: a proxy of the environment is for browsers.
        return httpx.Client(base_url=self.state.server, transport=self._transport, trust_env=False)

    def use(self, private_key: str) -> None:
        """Prove this key (PEM) from now on.

        Raises:
            TerminalError: it is damaged.
        """
        self._key = loaded(private_key)
        self._pem = private_key

    @contextmanager
    def stream(self, path: str, headers: Mapping[str, str], *, silent_seconds: float) -> Generator[httpx.Response]:
        """Open a stream in the name of this terminal; one on which nothing moves for so long is broken.

        Raises:
            NoAnswer: the server cannot be reached, or the stream broke.
        """
        named = {**headers, "Authorization": f"Bearer {self.access_token()}"}
        timeout = httpx.Timeout(TRY_SECONDS, read=silent_seconds)
        try:
            with self._http.stream("GET", path, headers=named, timeout=timeout) as response:
                yield response
        except httpx.HTTPError as problem:
            raise unreachable(self.state.server, problem) from problem

    def authorised(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, key: str = "", **request: object
    ) -> httpx.Response:
        """Ask in the name of this terminal; a token that is not taken is renewed once.

        With a `key`, a decision that does not name it is not heard: it is another passage's.
        """

        def asked() -> dict[str, object]:
            return {**request, "headers": {**(headers or {}), "Authorization": f"Bearer {self.access_token()}"}}

        response = self.patiently(method, path, asked, key)
        if response.status_code == 401:
            self._token = ""  # ended early, or taken away: the next proof of key tells which
            response = self.patiently(method, path, asked, key)
        return response

    def access_token(self) -> str:
        """Return a token that still holds, a new one if need be.

        Raises:
            Revoked: the server takes no key of this terminal.
            TerminalError: it does not answer.
        """
        if not self._token or self._clock() >= self._token_ends:
            began = time.monotonic()
            response = self._prove_key()
            problem = problem_of(response)
            if response.status_code == 401 and problem.code == "clock-skew" and problem.server_time is not None:
                self._offset = problem.server_time - self._clock()
                began = time.monotonic()
                response = self._prove_key()
            for other in self._candidates() if response.status_code == 401 else ():
                if other != self._pem and response.status_code == 401:
                    self.use(other)  # changed meanwhile, or its change was never answered
                    response = self._prove_key()
            if response.status_code != 200:
                raise refused(response)
            token = decode(response, Token)
            self.learn(token.server_time, began)
            self._token = token.access_token
            self._token_ends = self._clock() + timedelta(seconds=max(0, token.expires_in - _REST_SECONDS))
        return self._token

    def _prove_key(self) -> httpx.Response:
        return self.patiently("POST", "/v1/terminals/tokens", lambda: {"json": {"assertion": self.assertion()}})

    def forget_token(self) -> None:
        """Prove the key again with the next question."""
        self._token = ""

    def learn(self, server_time: datetime | None, began: float) -> None:
        """Tell whoever keeps the time what the server's is, in an answer to what `began` then (monotonic seconds)."""
        if server_time is not None and self._heard is not None:
            self._heard(server_time, timedelta(seconds=time.monotonic() - began))

    def assertion(self, key: keys.SigningKey | None = None) -> str:
        """Prove a key, the terminal's own unless another is given (RFC 7523)."""
        now = self.now()
        claims = {
            "iss": self.state.terminal_id,
            "sub": self.state.terminal_id,
            "aud": AUDIENCE,
            "iat": int(now.timestamp()),
            "exp": int((now + _ASSERTION_LIFE).timestamp()),
            "jti": secrets.token_hex(16),
        }
        return jwt.encode(claims, (key or self._key).private, algorithm="ES256")

    def now(self) -> datetime:
        """The server's time, as far as we know it."""
        return self._clock() + self._offset

    def be_patient(self, seconds: float = PATIENCE_SECONDS, *, each: float = TRY_SECONDS) -> None:
        """Begin to wait, for one question with all that goes with it: a token, a second try. `each` bounds one try."""
        self._deadline = time.monotonic() + seconds
        self._each = each

    def patiently(
        self, method: str, path: str, asked: Callable[[], Mapping[str, object]], key: str = ""
    ) -> httpx.Response:
        """Ask until somebody answers, for as long as a person waits. `asked` makes the request anew for every try."""
        heard: httpx.Response | None = None
        failure: httpx.HTTPError | None = None
        for turn in range(1, TRIES + 1):
            pause = 0.2 * turn
            request = asked()
            seconds = max(0.2, min(self._each, self._deadline - time.monotonic()))
            try:
                heard = self._http.request(method, path, timeout=seconds, **request)  # type: ignore[arg-type]
                if not answers(heard, key):
                    self._http.close()  # one answer too many came by this line: whatever it says now is another's
                    self._http = self._open()
                    raise httpx.RemoteProtocolError("The answer is that of another passage.")
            except httpx.HTTPError as problem:
                heard, failure = None, problem
            else:
                if heard.status_code not in BUSY:
                    return heard
                pause = max(pause, retry_after(heard))
            if turn == TRIES or time.monotonic() + pause >= self._deadline or database_away(heard):
                break
            self._wait(pause)
        if heard is not None:
            raise refused(heard)
        raise unreachable(self.state.server, failure) from failure


def loaded(private_key: str) -> keys.SigningKey:
    """Read a terminal's private key (PEM).

    Raises:
        TerminalError: it is damaged.
    """
    try:
        return keys.load_pem(private_key.encode())
    except ValueError as problem:
        raise TerminalError("The key of this terminal is damaged. Pair it anew.") from problem


def public_jwk(key: keys.SigningKey) -> dict[str, object]:
    """Return the public half as the server wants it."""
    said = keys.jwk(keys.verify_key(key.public, purpose="terminal", authority=""))
    return {name: said[name] for name in ("kty", "crv", "x", "y")}
