"""A portal of the demonstration's own that answers as Hub'Eau and Vigicrues do: the server asks it as it would them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from cli.demo.tour.messages import posts
from cli.demo.tour.plan import Simulated, simulated
from cli.demo.tour.sources import ASKED
from domain.ports import Clock


@contextmanager
def portal(clock: Clock) -> Iterator[str]:
    """Answer on a free port of this machine, in a thread; yield its address, to which the paths of `ASKED` belong."""
    by_source = {one.device.source: one for one in simulated()}
    by_path = {path: by_source[source] for source, path in ASKED.items()}

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            known = by_path.get(urlsplit(self.path).path)
            body = page(known, clock) if known is not None else b'{"message": "Not Found"}'
            tag = f'"{sha256(body).hexdigest()[:24]}"'
            if known is not None and self.headers.get("If-None-Match") == tag:
                self._answer(HTTPStatus.NOT_MODIFIED, tag, b"")
            else:
                self._answer(HTTPStatus.OK if known is not None else HTTPStatus.NOT_FOUND, tag, body)

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
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def page(station: Simulated, clock: Clock) -> bytes:
    """The page that the portal has now, published with the station's last value."""
    now = clock()
    last = station.instants(now - timedelta(days=2), now)[-1]
    (post,) = posts(station, last, by_broker=False)
    return post.body
