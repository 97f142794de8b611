"""A portal of the demonstration's own that answers as Hub'Eau does: the server asks it as it would the real one."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from cli.demo.tour.messages import posts
from cli.demo.tour.plan import Simulated, simulated
from cli.demo.tour.sources import ASKED
from domain.ports import Clock

_PATH = "/api/v2/hydrometrie/observations_tr"


@contextmanager
def portal(clock: Clock) -> Iterator[str]:
    """Answer on a free port of this machine, in a thread; yield the address of the stream's values."""
    (station,) = (one for one in simulated() if one.device.source in ASKED)

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            known = asked.path == _PATH and parse_qs(asked.query).get("code_entite") == [station.device.source_key]
            body = page(station, clock) if known else b'{"message": "Not Found"}'
            tag = f'"{sha256(body).hexdigest()[:24]}"'
            if known and self.headers.get("If-None-Match") == tag:
                self._answer(HTTPStatus.NOT_MODIFIED, tag, b"")
            else:
                self._answer(HTTPStatus.OK if known else HTTPStatus.NOT_FOUND, tag, body)

        def _answer(self, status: HTTPStatus, tag: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", tag)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: the demonstration has a page of its own to tell."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, name="portal", daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{_PATH}?code_entite={station.device.source_key}&size=1000"
        finally:
            server.shutdown()
            thread.join()


def page(station: Simulated, clock: Clock) -> bytes:
    """The page that the portal has now: the hour before the station's last value."""
    now = clock()
    last = station.instants(now - timedelta(days=1), now)[-1]
    (post,) = posts(station, last, by_broker=False)
    return post.body
