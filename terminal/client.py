"""A terminal's conversation with its server: pairing, tokens, validations, and what a terminal says of itself.

A question keeps one key through all its tries, so that an answer lost on the way is heard again and never counted
twice. Without an answer nothing is granted: `TerminalError` says what to do.
"""

import secrets
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

import httpx
import msgspec

from domain.access.answer import Answer
from domain.access.facts import Direction
from nfc import keys
from terminal.connection import Connection, loaded, public_jwk
from terminal.errors import TerminalError
from terminal.news import News, read
from terminal.queue import Line
from terminal.refusals import decode, refused, unreachable
from terminal.state import State
from terminal.wire import Fetched, Health, Heard, Item, Paired, Payment, Quantity, Uploaded, Vehicle

UPLOAD_SECONDS: Final = 30.0
"""How long an upload may take: nobody stands before the gate for it."""

STREAM_SECONDS: Final = 40.0
"""A stream on which nothing has moved for so long is broken: the server sends a comment every fifteen seconds."""


def pair(server: str, code: str, *, transport: httpx.BaseTransport | None = None) -> State:
    """Become a terminal of this server: make a key, show the public half with the pairing code.

    Raises:
        TerminalError: the address is none, the server is out of reach, or it refuses the code.
    """
    server = server.rstrip("/")
    if urlsplit(server).scheme not in {"http", "https"} or not urlsplit(server).netloc:
        raise TerminalError(f"{server} is not a server's address: give one such as https://pass.example.fr")
    key = keys.generate()
    body = {"code": code, "publicKey": public_jwk(key)}
    try:
        with httpx.Client(base_url=server, transport=transport, timeout=10, trust_env=False) as http:
            # Not tried again: a code that has been spent pairs nobody.
            response = http.post("/v1/terminals/pairings", json=body)
    except httpx.HTTPError as problem:
        raise unreachable(server, problem) from problem
    if response.status_code != 201:
        raise refused(response)
    paired = decode(response, Paired)
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
        heard: Callable[[datetime, timedelta], None] | None = None,
        candidates: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        """`candidates` are the private keys (PEM) that may be this terminal's, tried once its own is not taken."""
        self._connection = Connection(
            state, clock=clock, wait=wait, transport=transport, heard=heard, candidates=candidates
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

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
        terminal_time: datetime | None = None,
    ) -> Answer:
        """Ask whether this credential may pass the gate, bringing these items of waste.

        `terminal_time` is now, by the server's clock, if left out.

        Raises:
            NoAnswer: none in time, or none that decides: the offline rules may.
            Revoked: this terminal may ask no more.
            TerminalError: a request that the server does not take. Nobody passes on it.
        """
        self._connection.be_patient()
        self._connection.access_token()  # first, because it may teach us the server's time
        body: dict[str, object] = {
            "key": key or secrets.token_hex(16),
            "gate": gate,
            "credential": credential,
            "direction": direction.value,
            "terminalTime": (terminal_time or self._connection.now()).isoformat(),
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
        self._connection.be_patient()
        self._connection.access_token()
        body: dict[str, object] = {
            "key": key or secrets.token_hex(16),
            "gate": gate,
            "credential": credential,
            "items": msgspec.to_builtins(items),
            "terminalTime": self._connection.now().isoformat(),
        }
        if payment is not None:
            body["payment"] = msgspec.to_builtins(payment)
        return self._settled("deposits", body)

    def cancel(self, cancels: str, *, key: str | None = None) -> Answer:
        """Take back the entry or the deposit that this terminal recorded under the key `cancels`.

        Raises:
            TerminalError: as `validate`.
        """
        self._connection.be_patient()
        return self._settled("cancellations", {"key": key or secrets.token_hex(16), "cancels": cancels})

    def bundle(self, service: str, *, since: int | None = None, etag: str = "") -> Fetched | None:
        """Fetch the offline bundle of a service, or what changed since a sequence; None where `etag` still holds.

        Raises:
            Unsupported: this terminal serves no gate of that service, or the server has no bundles.
            TerminalError: as `validate`.
        """
        self._connection.be_patient()
        params = {"since": str(since)} if since is not None else {}
        headers = {"If-None-Match": etag} if etag else {}
        response = self._connection.authorised(
            "GET", f"/v1/terminals/bundles/{service}", params=params, headers=headers
        )
        if response.status_code == 304:
            return None
        if response.status_code != 200:
            raise refused(response)
        said = response.headers
        media_type = said.get("Content-Type", "").partition(";")[0].strip()
        return Fetched(media_type, response.content, said.get("ETag", ""))

    def upload(self, lines: Sequence[Line], *, sent_at: datetime) -> Uploaded:
        """Send what was decided without the server; `sent_at` is now, by the terminal's own clock.

        Raises:
            TerminalError: as `validate`. The server has acknowledged nothing.
        """
        self._connection.be_patient(UPLOAD_SECONDS, each=UPLOAD_SECONDS)
        began = time.monotonic()
        response = self._connection.authorised(
            "POST",
            "/v1/access/uploads",
            params={"sentAt": sent_at.isoformat()},
            headers={"Content-Type": "application/x-ndjson"},
            content=b"".join(line.body + b"\n" for line in lines),
        )
        if response.status_code != 200:
            raise refused(response)
        said = decode(response, Uploaded)
        self._connection.learn(said.server_time, began)
        return said

    def signed_keys(self) -> bytes | None:
        """Fetch the keys that the authority's root signed; None where it has no root.

        Raises:
            TerminalError: as `validate`.
        """
        self._connection.be_patient()
        response = self._connection.patiently("GET", f"/v1/keys/{self._connection.state.authority}/signed", dict)
        if response.status_code == 404:
            return None
        if response.status_code != 200:
            raise refused(response)
        return response.content

    def plain_keys(self, purpose: str) -> bytes | None:
        """Fetch the keys of one purpose of the authority as a JWK set; None where the server publishes no such keys.

        Raises:
            TerminalError: as `validate`.
        """
        self._connection.be_patient()
        params = {"purpose": purpose, "authority": self._connection.state.authority}
        response = self._connection.patiently("GET", "/v1/keys/jwks.json", lambda: {"params": params})
        if response.status_code in {400, 404}:
            return None
        if response.status_code != 200:
            raise refused(response)
        return response.content

    def heartbeat(self, health: Health) -> Heard:
        """Say how this terminal is.

        Raises:
            Unsupported: the server does not ask.
            TerminalError: as `validate`.
        """
        self._connection.be_patient()
        began = time.monotonic()
        response = self._connection.authorised("POST", "/v1/terminals/heartbeats", json=msgspec.to_builtins(health))
        if response.status_code != 200:
            raise refused(response)
        said = decode(response, Heard)
        self._connection.learn(said.server_time, began)
        return said

    def configuration(self, *, etag: str = "") -> Fetched | None:
        """Fetch what this terminal serves and shows, as JSON; None where `etag` still holds.

        Raises:
            Unsupported: the server has none.
            TerminalError: as `validate`.
        """
        self._connection.be_patient()
        headers = {"If-None-Match": etag} if etag else {}
        response = self._connection.authorised("GET", "/v1/terminals/configuration", headers=headers)
        if response.status_code == 304:
            return None
        if response.status_code != 200:
            raise refused(response)
        return Fetched("application/json", response.content, response.headers.get("ETag", ""))

    @contextmanager
    def changes(self, last_event_id: str = "") -> Generator[Generator[News]]:
        """Follow what changes for this terminal, for as long as the stream holds; a token is renewed once, as ever.

        Raises:
            Unsupported: the server tells no news.
            NoAnswer: it cannot be reached, or the stream broke.
        """
        self._connection.be_patient()
        headers = {"Accept": "text/event-stream"}
        if last_event_id:
            headers["Last-Event-ID"] = last_event_id
        for renewed in (False, True):
            with self._connection.stream("/v1/terminals/changes", headers, silent_seconds=STREAM_SECONDS) as response:
                if response.status_code == 200:
                    yield read(response.iter_lines())
                    return
                self._connection.forget_token()
                if renewed or response.status_code != 401:
                    response.read()
                    raise refused(response)

    def prove(self) -> None:
        """Get a token with the key that this client was made with.

        Raises:
            Revoked: the server takes the key for none of this terminal.
            TerminalError: as `validate`.
        """
        self._connection.be_patient()
        self._connection.forget_token()
        self._connection.access_token()

    def change_key(self, private_key: str) -> None:
        """Have a new key (PEM) take the place of this terminal's, and use it from now on.

        Raises:
            NoAnswer: nobody knows which of the two is the key; `prove` tells.
            TerminalError: as `validate`. The key is the old one.
        """
        self._connection.be_patient()
        new = loaded(private_key)
        body = {"publicKey": public_jwk(new), "assertion": self._connection.assertion(new)}
        response = self._connection.authorised("POST", "/v1/terminals/key", json=body)
        if response.status_code != 200:
            raise refused(response)
        self._connection.use(private_key)
        self._connection.forget_token()

    def _settled(self, what: str, body: Mapping[str, object]) -> Answer:
        response = self._connection.authorised("POST", f"/v1/access/{what}", json=body, key=str(body["key"]))
        if response.status_code != 200:
            raise refused(response)
        return decode(response, Answer)
