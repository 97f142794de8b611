"""The page of a gate, served by the terminal to its own screen: it reads codes and shows what this process decides.

It listens on this machine alone. A browser also brings pages of strangers here: they may neither ask nor read, because
every request has to name this address and every question has to come from this page.
"""

import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from domain.access.facts import Direction
from terminal.evidence import MOST_CHARACTERS
from terminal.run import Gate

HERE: Final = "127.0.0.1"
_NAMES: Final = (HERE, "localhost")
_MOST_BYTES: Final = 4 * MOST_CHARACTERS
_SILENT_SECONDS: Final = 30.0
"""A connection on which nothing comes is let go of."""


class File(Struct, frozen=True):
    """Something that the page is made of."""

    media_type: str
    body: bytes


class Line(Struct, frozen=True):
    """How the terminal is; the page puts it into words. `waiting`: passages that the server has still to be told."""

    name: str
    gates: tuple[str, ...]
    online: bool
    revoked: bool
    waiting: int


class _Question(Struct, frozen=True, forbid_unknown_fields=True):
    credential: Annotated[str, Meta(min_length=1)]
    direction: Literal["entry", "exit"]


class PageServer:
    """Serves the page on a port of this machine until it is closed. Port 0 takes a free one."""

    def __init__(
        self,
        gate: Gate,
        port: int,
        *,
        files: Mapping[str, File],
        headers: Mapping[str, str],
        line: Callable[[], Line],
    ) -> None:
        self._gate = gate
        self._turn = threading.Lock()  # a gate settles one pass at a time
        self._files = files
        self._headers = headers
        self._line = line
        self._http = _Server((HERE, port), self)
        self.port: int = self._http.server_address[1]

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{HERE}:{self.port}/gate"

    def serve(self) -> None:
        """Serve until `stop`, or until the process is told to end."""
        self._http.serve_forever(poll_interval=0.1)

    def stop(self) -> None:
        """End `serve`, from another thread."""
        self._http.shutdown()

    def close(self) -> None:
        """Let go of the port."""
        self._http.server_close()

    def answer(self, path: str) -> tuple[HTTPStatus, File]:
        """What lies at an address."""
        address = urlsplit(path)
        if address.path == "/gate/state":
            body = msgspec.to_builtins(self._line()) | {"way": self._gate.direction.value}
            return HTTPStatus.OK, _json(body)
        found = self._files.get(path) or self._files.get(address.path)
        return (HTTPStatus.OK, found) if found is not None else (HTTPStatus.NOT_FOUND, _NOTHING)

    def settle(self, body: bytes) -> tuple[HTTPStatus, File]:
        """Settle what the page has read."""
        try:
            asked = msgspec.json.decode(body, type=_Question)
        except msgspec.DecodeError:
            return HTTPStatus.BAD_REQUEST, _NOTHING
        with self._turn:
            self._gate.direction = Direction(asked.direction)
            shown = self._gate.show(asked.credential)
        said: dict[str, Any] = {"answer": shown.answer, "alone": shown.alone}
        return HTTPStatus.OK, _json({"silent": "refused"} if shown.trouble else said)

    def trusts(self, host: str, origin: str | None, kind: str | None) -> bool:
        """Tell whether a request is the page's own: a stranger's page names another host, or says where it is from.

        `kind` is the media type of a question, None for a look. JSON is what no form of a stranger can send.
        """
        ours = {f"{name}:{self.port}" for name in _NAMES}
        if host not in ours or (origin is not None and origin not in {f"http://{name}" for name in ours}):
            return False
        return kind is None or kind == _ANSWER

    def dressed(self, file: File) -> dict[str, str]:
        """The headers of an answer."""
        said = {**self._headers, "Content-Type": file.media_type, "Content-Length": str(len(file.body))}
        return said | {"Cache-Control": "no-store"} if file.media_type == _ANSWER else said


_ANSWER = "application/json"
_NOTHING = File("text/plain", b"")


def _json(body: object) -> File:
    return File(_ANSWER, msgspec.json.encode(body))


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], page: PageServer) -> None:
        self.page = page
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = _SILENT_SECONDS

    def do_GET(self) -> None:
        if not self._trusted(None):
            self._send(HTTPStatus.FORBIDDEN, _NOTHING)
        elif self.path == "/":
            self._send(HTTPStatus.FOUND, _NOTHING, Location="/gate")
        else:
            self._send(*self.server.page.answer(self.path))

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not self._trusted(self.headers.get_content_type()) or self.path != "/gate/ask":
            self._refuse(HTTPStatus.FORBIDDEN)
        elif not length.isascii() or not length.isdigit() or int(length) > _MOST_BYTES:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            self._send(*self.server.page.settle(self.rfile.read(int(length))))

    def _trusted(self, kind: str | None) -> bool:
        return self.server.page.trusts(self.headers.get("Host", ""), self.headers.get("Origin"), kind)

    def _refuse(self, status: HTTPStatus) -> None:
        self.close_connection = True  # the body was not read: nothing after it can be
        self._send(status, _NOTHING, Connection="close")

    def _send(self, status: HTTPStatus, file: File, **more: str) -> None:
        try:
            self.send_response(status)
            for name, value in {**self.server.page.dressed(file), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(file.body)
        except ConnectionError:
            self.close_connection = True  # the page has gone

    def version_string(self) -> str:
        return "multipass"

    def log_message(self, *_said: object) -> None:
        """Say nothing: codes pass here."""
