"""A city as its terminals see it: keys, media, bundles, and a real HTTP server with the doors that terminals use.

The server keeps the contract and nothing else: it verifies proofs of key, answers one key always with the same bytes,
settles uploads line by line. A test says how it fails: frozen, without its database, having revoked the terminal.
"""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import jwt
import msgspec

from adapters.clock import utc_now
from domain.access.catalogue import SiteDay
from domain.offline import Content, OfflinePolicy, OfflineSite
from domain.places import Doorway
from domain.text import Text
from nfc import bundle, bundle_delta, card_object, key_set, keys, phone_credential, printed_code
from nfc.bundle import Bundle
from nfc.phone import Phone
from nfc.status_list import Status, pack
from terminal import state
from terminal.state import State
from tests.facts import doorway

NOW = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)
"""Noon in Paris, on an ordinary Wednesday."""

AUTHORITY = "ville"
TERMINAL_ID = UUID(int=0x0197A1DE_3F60_7C11_9A55_5C2D1F0E7B42)
TERMINAL_KEY = keys.signing_key(7)
ROOT, PRINT, PHONE, BUNDLE = (keys.signing_key(number) for number in (101, 102, 103, 104))
CARD_UID = bytes.fromhex("04de5f1eacc040")
LIST, SIZE = 0, 1 << 10

ALL_DAY = SiteDay(((0, 1440),), ((0, 1440),), (), bank_holiday=False)
_NAME = Text(fr="Piscine", en="Pool")
_LIFE = int(timedelta(days=300).total_seconds())


def seconds(at: datetime) -> int:
    return int(at.timestamp())


def medium_id(place: int) -> bytes:
    return place.to_bytes(8, "big")


def printed(place: int, *, now: datetime = NOW) -> str:
    """The printed code of the medium at a place."""
    return printed_code.issue_static(
        PRINT, medium_id=medium_id(place), expires_at=seconds(now) + _LIFE, status_list=LIST, status_index=place
    )


def phone(place: int, *, now: datetime = NOW) -> Phone:
    """The phone at a place."""
    private = keys.signing_key(1_000 + place).private
    credential = phone_credential.issue(
        PHONE,
        private.public_key(),
        medium_id=medium_id(place),
        expires_at=seconds(now) + _LIFE,
        status_list=LIST,
        status_index=place,
    )
    return Phone(private, credential)


def on_card(place: int, *, uid: bytes = CARD_UID, now: datetime = NOW) -> bytes:
    """The object in the file of the card at a place, signed with the key for printed codes' neighbour: cards."""
    return card_object.issue(
        PRINT,
        uid=uid,
        medium_id=medium_id(place),
        expires_at=seconds(now) + _LIFE,
        status_list=LIST,
        status_index=place,
    )


def signed_keys(*, version: int = 1, now: datetime = NOW, root: keys.SigningKey = ROOT) -> bytes:
    """The set of keys as the authority's root signs it."""
    trusted = tuple(
        keys.verify_key(key.public, purpose=purpose, authority=AUTHORITY)
        for key, purpose in ((PRINT, "print"), (PHONE, "phone"), (BUNDLE, "bundle"))
    )
    asked = key_set.Unsigned(AUTHORITY, version, seconds(now), seconds(now) + 30 * 86_400, trusted, (root.public,))
    return key_set.sign(root, key_set.payload(asked))


def content(door: Doorway, policy: OfflinePolicy, *, now: datetime = NOW, site_day: SiteDay = ALL_DAY) -> Content:
    """What the bundle tells of the one gate there is."""
    days: dict[date, SiteDay] = {now.date() + timedelta(days=ahead): site_day for ahead in range(8)}
    site = OfflineSite(
        door.site.code, _NAME, policy, (door.zone,), (door.gate,), days, white_until=door.site.white_until
    )
    return Content(AUTHORITY, door.site.service_code, "Europe/Paris", (site,))


def make_bundle(
    *,
    sequence: int = 1,
    now: datetime = NOW,
    stopped: dict[int, Status] | None = None,
    entitled: tuple[int, ...] = tuple(range(1, 900)),
    policy: OfflinePolicy | None = None,
    door: Doorway | None = None,
    site_day: SiteDay = ALL_DAY,
) -> Bundle:
    """A bundle in which the media at places 1 to 899 are entitled, and those `stopped` are stopped."""
    door = door or doorway("pool")
    said = content(door, policy or OfflinePolicy(entries=3), now=now, site_day=site_day)
    return Bundle(
        authority=AUTHORITY,
        service=door.site.service_code,
        sequence=sequence,
        issued_at=seconds(now),
        expires_at=seconds(now) + 72 * 3_600,
        status={LIST: pack((stopped or {}).items(), size=SIZE)},
        entitled={LIST: bundle.bits(entitled, SIZE)},
        keys=signed_keys(now=now),
        content=msgspec.json.encode(said),
    )


def pair(path: Path, url: str, *gates: str) -> State:
    """Write the pairing of the terminal, as `multipass terminal pair` does."""
    known = State(url, str(TERMINAL_ID), "Pool 1", AUTHORITY, gates or ("gate",), keys.dump_pem(TERMINAL_KEY).decode())
    state.save(path, known)
    return known


class Server:
    """A server of the city. `offset` is by how much its clock differs from ours."""

    def __init__(self, newest: Bundle | None = None) -> None:
        self.newest = newest or make_bundle()
        self.offset = timedelta(0)
        self.clock = utc_now
        self.lock = threading.Lock()
        self.answers: dict[str, bytes] = {}
        self.stored: dict[str, dict[str, Any]] = {}
        self.uploads: list[list[dict[str, Any]]] = []
        self.sent_at: list[str] = []
        self.issued: dict[int, Bundle] = {}
        self.asked: list[str] = []
        self.thawed = threading.Event()
        self.thawed.set()
        self.validations = threading.Event()
        """Cleared: everything is answered but taps."""
        self.validations.set()
        self.problem: tuple[int, str] | None = None
        self.revoked = False
        self.quarantines: set[str] = set()
        self.forgets: set[str] = set()
        """Keys that it does not mention in its answer."""
        self.meanwhile: Callable[[], object] = lambda: None
        """What happens at the gate while an upload is on its way."""
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self.thawed.set()
        self.validations.set()
        self._http.shutdown()
        self._http.server_close()

    def say(self) -> str:
        """The time, as the server has it."""
        return (self.clock() + self.offset).isoformat()

    def token(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        claims = jwt.decode(
            body["assertion"],
            TERMINAL_KEY.public,
            algorithms=["ES256"],
            audience="multipass:terminal-token",
            options={"verify_exp": False, "verify_iat": False},
        )
        now = self.clock() + self.offset
        if abs(now.timestamp() - float(claims["iat"])) > 900:
            return 401, {"code": "clock-skew", "serverTime": now.isoformat()}
        return 200, {"accessToken": "t", "expiresIn": 900, "serverTime": now.isoformat()}

    def validate(self, body: dict[str, Any]) -> bytes:
        self.validations.wait(30)
        with self.lock:
            self.asked.append(body["key"])
            if body["key"] not in self.answers:
                words = {"fr": "Bonne visite", "en": "Welcome"}
                self.answers[body["key"]] = json.dumps(
                    {
                        "outcome": "granted",
                        "reason": "welcome" if body["direction"] == "entry" else "goodbye",
                        "colour": "green",
                        "text": words,
                        "nextStep": words,
                        "direction": body["direction"],
                        "decidedAt": self.say(),
                    }
                ).encode()
            return self.answers[body["key"]]

    def upload(self, query: dict[str, list[str]], raw: bytes) -> dict[str, Any]:
        lines = [json.loads(line) for line in raw.split(b"\n")[:-1]]
        assert len(lines) <= 500
        assert len(raw) <= 1 << 20
        self.meanwhile()
        with self.lock:
            self.sent_at.append(query["sentAt"][0])
            self.uploads.append(lines)
            results = []
            for number, line in enumerate(lines, 1):
                key = line["key"]
                known = key in self.stored or key in self.answers
                status = "quarantined" if key in self.quarantines else "duplicate" if known else "stored"
                if status == "stored":
                    self.stored[key] = line
                if key not in self.forgets:
                    results.append({"line": number, "key": key, "status": status, "flags": []})
            return {"serverTime": self.say(), "results": results}

    def answer(self, path: str, query: dict[str, list[str]], headers: Message, raw: bytes) -> "Reply":
        """What the server says to one request."""
        self.thawed.wait(30)
        if self.problem is not None:
            status, code = self.problem
            return Reply.json(status, {"code": code, "title": code})
        if path == f"/v1/keys/{AUTHORITY}/signed":
            return Reply(200, signed_keys(now=self.clock()), key_set.MEDIA_TYPE)
        if not self.revoked and path == "/v1/terminals/tokens":
            return Reply.json(*self.token(json.loads(raw)))
        if self.revoked or headers["Authorization"] != "Bearer t":
            return Reply.json(401, {"code": "not-authenticated"})
        return self._to_a_terminal(path, query, headers, raw)

    def _to_a_terminal(self, path: str, query: dict[str, list[str]], headers: Message, raw: bytes) -> "Reply":
        if path == "/v1/access/validations":
            body = json.loads(raw)
            return Reply(200, self.validate(body), "application/json", key=body["key"])
        if path == "/v1/access/uploads":
            return Reply.json(200, self.upload(query, raw))
        if path == f"/v1/terminals/bundles/{self.newest.service}":
            etag = f'W/"{self.newest.sequence}"'
            if headers["If-None-Match"] == etag:
                return Reply(304, b"", bundle.MEDIA_TYPE, etag)
            self.issued[self.newest.sequence] = self.newest
            known = self.issued.get(int(query.get("since", ["0"])[0]))
            if known is not None:
                delta = bundle_delta.make(BUNDLE, known, self.newest)
                return Reply(200, delta, bundle_delta.MEDIA_TYPE, etag)
            return Reply(200, bundle.issue(BUNDLE, self.newest), bundle.MEDIA_TYPE, etag)
        return Reply.json(404, {"code": "not-found"})


class Reply(msgspec.Struct, frozen=True):
    """An answer over HTTP."""

    status: int
    body: bytes
    media_type: str
    etag: str = ""
    key: str = ""

    @classmethod
    def json(cls, status: int, body: dict[str, Any]) -> "Reply":
        return cls(status, json.dumps(body).encode(), "application/json")


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._serve(b"")

        def do_POST(self) -> None:
            self._serve(self.rfile.read(int(self.headers["Content-Length"])))

        def _serve(self, raw: bytes) -> None:
            asked = urlsplit(self.path)
            reply = server.answer(asked.path, parse_qs(asked.query), self.headers, raw)
            with contextlib.suppress(ConnectionError):
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.media_type)
                self.send_header("Content-Length", str(len(reply.body)))
                for name, value in (("ETag", reply.etag), ("Idempotency-Key", reply.key)):
                    if value:
                        self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)

        def log_message(self, *_said: object) -> None:
            """Nobody reads it."""

    return Handler


@contextlib.contextmanager
def serving(newest: Bundle | None = None) -> Iterator[Server]:
    """A server until the context ends."""
    server = Server(newest)
    try:
        yield server
    finally:
        server.close()
