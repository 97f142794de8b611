"""Posting what devices say: with their tokens, and again from the first message where the server was too busy."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cli.demo.tour.feeder import feeding, newest
from cli.demo.tour.sources import draw_tokens

NOW = datetime(2026, 6, 18, 10, 3, tzinfo=UTC)
TOKENS = {source: f"token of {source}" for source in draw_tokens()}
ROUND = len(newest(NOW, by_broker=False))


@contextmanager
def listening(*, busy: int) -> Iterator[tuple[str, list[tuple[str, str]], threading.Event]]:
    """A server that is too busy for one of its first messages, and hears two rounds at most."""
    heard: list[tuple[str, str]] = []
    enough = threading.Event()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((self.path, self.headers["Authorization"]))
            self.send_response(503 if len(heard) == busy else 204)
            self.end_headers()
            if len(heard) == busy + ROUND:
                enough.set()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", heard, enough
        finally:
            server.shutdown()
            thread.join()


def test_a_round_that_met_a_busy_server_is_posted_again_whole() -> None:
    with listening(busy=4) as (address, heard, enough):
        with feeding(address, TOKENS, lambda: NOW, broker_port=None):
            assert enough.wait(30)
        told = [f"/hooks/{post.source}{post.below}" for post in newest(NOW, by_broker=False)]
        assert [path for path, _ in heard][: 4 + ROUND] == told[:4] + told
        assert all(token == f"Bearer {TOKENS[path.split('/')[2].split('?')[0]]}" for path, token in heard)


def test_who_does_not_answer_is_waited_for_and_the_end_comes_at_once() -> None:
    with feeding("http://127.0.0.1:9", TOKENS, lambda: NOW, broker_port=None):
        pass
    assert not [thread for thread in threading.enumerate() if thread.name == "feeder"]
