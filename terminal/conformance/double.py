"""A server double: it keeps the contract of `docs/terminal-integration.md` over HTTP, unless a case has it err.

One process, no database: what it was told is lost when it ends. What a case wants is put into `script`, which is asked
first; None leaves the honest answer.
"""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import jwt
import msgspec
from msgspec import Struct

from domain.access.answer import plain
from domain.access.facts import Direction
from domain.access.reasons import Reason
from nfc import bundle, key_set
from terminal.conformance.city import AUTHORITY, GATE, SERVICE, STOPPED, City
from terminal.connection import AUDIENCE

CODE: Final = "KTKT-2345"
TERMINAL_ID: Final = str(UUID(int=0x0197A1DE_3F60_7C11_9A55_5C2D1F0E7B42))
SKEW: Final = timedelta(minutes=15)

_MOST_BODY = 8_192
_FIELDS = {"key", "gate", "credential", "direction", "terminalTime", "quantities", "vehicle", "items", "payment"}


class Asked(Struct, frozen=True):
    """One request as it came. `at` is in seconds of a clock that nobody sets."""

    at: float
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body; nothing where it is no object."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


class Reply(Struct, frozen=True):
    """What is sent, after `delay` seconds.

    `cut`: the line breaks instead; `echo`: it is sent again, before whatever is asked next by this line is answered.
    """

    status: int = 200
    body: bytes = b""
    media_type: str = "application/json"
    headers: dict[str, str] = {}
    cut: bool = False
    echo: bool = False
    delay: float = 0.0


def problem(status: int, code: str, headers: dict[str, str] | None = None, **more: object) -> Reply:
    """A problem report."""
    body = json.dumps({"type": "about:blank", "title": code, "status": status, "code": code, **more}).encode()
    return Reply(status, body, "application/problem+json", headers or {})


class Double:
    """The server. Everything it was asked stands in `asked`, in order; `news` tells a stream what to say next."""

    def __init__(self, clock: Callable[[], datetime], *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.clock = clock
        self.city = City(clock)
        self.asked: list[Asked] = []
        self.script: Callable[[Asked], Reply | None] = lambda _asked: None
        self.events: list[str] = []
        self.misled: list[Asked] = []
        """Requests before whose answers that to another was sent, once more."""
        self.heard = threading.Condition()
        self.code: str | None = CODE
        self.key: Any = None
        self.tokens: set[str] = set()
        """Those that hold. Each thread of a terminal proves its key for itself, and one's token ends no other's."""
        self._proofs: set[str] = set()
        self._answers: dict[str, tuple[bytes, bytes]] = {}
        self._lines: dict[str, bytes] = {}
        self._http = _Http((host, port), self)
        self.closed = False
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        """Where it is."""
        host, port, *_ = self._http.server_address
        return f"http://{host!s}:{port}"

    def close(self) -> None:
        """End."""
        self.closed = True
        with self.heard:
            self.heard.notify_all()
        self._http.shutdown()
        self._http.server_close()

    def tell(self, event: str) -> None:
        """Say something on every stream of changes."""
        with self.heard:
            self.events.append(event)
            self.heard.notify_all()

    def note(self, asked: Asked) -> None:
        """Remember a request, and wake whoever waits for one."""
        with self.heard:
            self.asked.append(asked)
            self.heard.notify_all()

    def answer(self, asked: Asked) -> Reply:
        """What is said to one request."""
        return self.script(asked) or self.honest(asked)

    def honest(self, asked: Asked) -> Reply:
        """What the contract says."""
        public: dict[str, Callable[[Asked], Reply]] = {
            "/v1/terminals/pairings": self._pair,
            "/v1/terminals/tokens": self._prove,
            f"/v1/keys/{AUTHORITY}/signed": lambda _: Reply(
                body=self.city.signed_keys(), media_type=key_set.MEDIA_TYPE
            ),
        }
        if asked.path in public:
            return public[asked.path](asked)
        if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return problem(401, "not-authenticated")
        return self._to_a_terminal(asked)

    def _to_a_terminal(self, asked: Asked) -> Reply:
        routes = {
            "/v1/access/validations": self._validate,
            "/v1/access/uploads": self._upload,
            f"/v1/terminals/bundles/{SERVICE}": self._bundle,
            "/v1/terminals/heartbeats": self._beat,
            "/v1/terminals/configuration": self._configuration,
            "/v1/terminals/key": self._change_key,
        }
        if asked.path in routes:
            return routes[asked.path](asked)
        return problem(404, "bundle-not-found" if "/bundles/" in asked.path else "not-found")

    # --- pairing and proofs -------------------------------------------------------------------------------

    def _pair(self, asked: Asked) -> Reply:
        body = asked.json()
        if self.code is None or body.get("code") != self.code:
            return problem(403, "pairing-refused")
        try:
            self.key = jwt.PyJWK({**body["publicKey"], "alg": "ES256"}).key
        except (jwt.PyJWTError, KeyError, TypeError, ValueError):
            return problem(400, "bad-public-key")
        self.code = None
        said = {"terminalId": TERMINAL_ID, "name": "Trial", "authority": AUTHORITY, "gates": [GATE], "profile": "gate"}
        return self._said({**said, "serverTime": self._now()}, status=201)

    def _prove(self, asked: Asked) -> Reply:
        claims = self.claims(asked)
        if claims is None or claims["jti"] in self._proofs:
            return problem(401, "not-authenticated")
        if abs(self.clock().timestamp() - float(claims["iat"])) > SKEW.total_seconds():
            return problem(401, "clock-skew", serverTime=self._now())
        with self.heard:
            self._proofs.add(claims["jti"])
            token = f"kit-{len(self._proofs)}"
            self.tokens.add(token)
        return self._said({"accessToken": token, "expiresIn": 900, "serverTime": self._now()})

    def claims(self, asked: Asked, *, key: Any = None) -> dict[str, Any] | None:  # noqa: ANN401 - PyJWT has no name for it
        """What a proof of key says; None where it is none."""
        try:
            return jwt.decode(
                str(asked.json().get("assertion")),
                key or self.key,
                algorithms=["ES256"],
                audience=AUDIENCE,
                issuer=TERMINAL_ID,
                options={"verify_exp": False, "verify_iat": False, "require": ["iss", "sub", "iat", "exp", "jti"]},
            )
        except (jwt.PyJWTError, TypeError, ValueError):
            return None

    def _change_key(self, asked: Asked) -> Reply:
        try:
            new = jwt.PyJWK({**asked.json()["publicKey"], "alg": "ES256"}).key
        except (jwt.PyJWTError, KeyError, TypeError, ValueError):
            return problem(400, "bad-public-key")
        if self.claims(asked, key=new) is None:
            return problem(401, "not-authenticated")
        self.key = new
        self.tokens.clear()
        return self._said({"serverTime": self._now()})

    # --- passages -----------------------------------------------------------------------------------------

    def _validate(self, asked: Asked) -> Reply:
        body = asked.json()
        if len(asked.body) > _MOST_BODY:
            return problem(413, "body-too-large")
        if body.keys() - _FIELDS or not {"key", "gate", "credential"} <= body.keys():
            return problem(400, "invalid-request")
        if body["gate"] != GATE:
            return problem(404, "gate-not-found")
        with self.heard:
            known = self._answers.get(body["key"])
            if known is None:
                answer = plain(self._reason(body["credential"]), Direction(body["direction"]), self.clock())
                known = self._answers[body["key"]] = (asked.body, msgspec.json.encode(answer))
        if known[0] != asked.body:
            return problem(422, "idempotency-key-reused")
        return Reply(body=known[1], headers={"Idempotency-Key": body["key"]})

    def _reason(self, credential: str) -> Reason:
        place = self.city.place_of(credential)
        if place is None:
            return Reason.UNKNOWN_TYPE
        return Reason.MEDIUM_LOST if place == STOPPED else Reason.WELCOME

    def _upload(self, asked: Asked) -> Reply:
        try:
            sent_at = datetime.fromisoformat(asked.query["sentAt"][0])
            suspect = abs(self.clock() - sent_at) > timedelta(minutes=2)
        except (KeyError, ValueError, TypeError):
            return problem(400, "invalid-request")
        texts = asked.body.split(b"\n")[:-1]
        results = [self.settle(number, text) for number, text in enumerate(texts, 1)]
        for result in results:
            result["flags"] = ["clock_suspect"] if suspect and result["status"] == "stored" else []
        return self._said({"serverTime": self._now(), "results": results})

    def settle(self, number: int, text: bytes) -> dict[str, Any]:
        """What becomes of one line."""
        line = lines_of(text + b"\n")[0]
        key = line.get("key")
        if line.get("gate") != GATE or not isinstance(key, str) or "credential" not in line:
            return {"line": number, "key": key, "status": "quarantined", "code": "invalid-request"}
        stored = self._lines.setdefault(key, text)
        if key in self._answers or (stored == text and stored is not text):
            return {"line": number, "key": key, "status": "duplicate"}
        if stored != text:
            return {"line": number, "key": key, "status": "conflict", "code": "idempotency-key-reused"}
        return {"line": number, "key": key, "status": "stored"}

    # --- the rest -----------------------------------------------------------------------------------------

    def _bundle(self, asked: Asked) -> Reply:
        tag = f'W/"{self.city.newest.sequence}"'
        if asked.headers.get("if-none-match") == tag:
            return Reply(304, headers={"ETag": tag}, media_type=bundle.MEDIA_TYPE)
        return Reply(body=self.city.sign(self.city.newest), media_type=bundle.MEDIA_TYPE, headers={"ETag": tag})

    def _beat(self, asked: Asked) -> Reply:
        try:
            drift = (datetime.fromisoformat(asked.json()["terminalTime"]) - self.clock()).total_seconds()
        except (KeyError, ValueError, TypeError):
            return problem(400, "invalid-request")
        return self._said({"serverTime": self._now(), "driftSeconds": drift, "nextInSeconds": 60})

    def _configuration(self, asked: Asked) -> Reply:
        tag = '"1"'
        if asked.headers.get("if-none-match") == tag:
            return Reply(304, headers={"ETag": tag})
        name = {"fr": "Piscine d'essai", "en": "Trial pool"}
        gates = [{"code": GATE, "name": name, "site": "kit-pool"}]
        sites = [{"code": "kit-pool", "name": name, "service": SERVICE, "days": []}]
        said = {"terminalId": TERMINAL_ID, "authority": AUTHORITY, "gates": gates, "sites": sites}
        return self._said(said, headers={"ETag": tag})

    def follow(self, told: int) -> Iterator[bytes]:
        """The stream of changes, for whoever asked after `told` events."""
        yield b"event: configuration\nid: 1\ndata: {}\n\n"
        while not self.closed:
            with self.heard:
                if len(self.events) == told:
                    self.heard.wait(1)  # for any request, too: what is said in vain is a comment
                news, told = self.events[told:], len(self.events)
            yield b"".join(f"event: {event}\ndata: {{}}\n\n".encode() for event in news) or b": still here\n\n"

    def _now(self) -> str:
        return self.clock().astimezone(UTC).isoformat()

    def _said(self, body: dict[str, Any], *, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
        return Reply(status, json.dumps(body).encode(), headers=headers or {})


def lines_of(body: bytes) -> list[dict[str, Any]]:
    """The lines of an upload; what is none is an empty object."""
    found = []
    for text in body.split(b"\n")[:-1]:
        try:
            line = json.loads(text)
        except ValueError:
            line = {}
        found.append(line if isinstance(line, dict) else {})
    return found


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], double: Double) -> None:
        self.double = double
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http
    _echo: Reply | None = None

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # whoever waited no longer is gone
            super().handle()

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        url, length = urlsplit(self.path), int(self.headers.get("Content-Length", 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(length)
        asked = Asked(time.monotonic(), self.command, url.path, parse_qs(url.query), headers, body)
        told = len(self.server.double.events)
        self.server.double.note(asked)
        reply = self.server.double.answer(asked)
        with contextlib.suppress(ConnectionError):
            if self._echo is not None:
                self.server.double.misled.append(asked)
                self._send(self._echo)
                self._echo = None
            if asked.path == "/v1/terminals/changes" and reply.status == 404:
                self._stream(told)
            elif reply.cut:
                self.close_connection = True
            else:
                time.sleep(reply.delay)
                self._send(reply)
                self._echo = reply if reply.echo else None

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.media_type)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    def _stream(self, told: int) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for said in self.server.double.follow(told):
            self.wfile.write(said)
            self.wfile.flush()

    def log_message(self, *_said: object) -> None:
        """Nobody reads it."""
