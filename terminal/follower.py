"""Follows what the server has to say, so that a lost pass, a new bundle or a revocation is known within seconds.

One thread with a stream of its own. It decides nothing: it wakes the keeper, which looks as it does anyway. Without a
stream, because the server has none or a proxy lets none through, the keeper's own looks are what there is.
"""

import secrets
import threading
from collections.abc import Callable
from typing import Final

from terminal.client import TerminalClient
from terminal.errors import NoAnswer, TerminalError
from terminal.link import Link
from terminal.news import Change, News

FIRST_PAUSE_SECONDS: Final = 2.0
LONGEST_PAUSE_SECONDS: Final = 300.0


class Follower:
    """Listens until `close`. `follow` is one stream, from its beginning to its end."""

    def __init__(
        self, link: Link, *, configuration_moved: Callable[[], None], make_client: Callable[[], TerminalClient]
    ) -> None:
        self._link = link
        self._configuration_moved = configuration_moved
        self._make_client = make_client
        self._last_id = ""
        self._failures = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="follower", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def close(self) -> None:
        """Listen no more; a stream that is open ends with the process, or with its next event."""
        self._ended.set()

    def follow(self, client: TerminalClient) -> None:
        """Hear one stream to its end.

        Raises:
            TerminalError: there is none, or it broke.
        """
        with client.changes(self._last_id) as stream:
            for news in stream:
                if self._ended.is_set():
                    return
                self._failures = 0
                self.hear(news)

    def hear(self, news: News) -> None:
        """Do what one event asks for."""
        self._last_id = news.id or self._last_id
        if news.change is Change.REVOKED:
            self._link.stopped()  # the keeper's next look asks whether it is so
        elif news.change is Change.CONFIGURATION:
            self._configuration_moved()
        self._link.changed.set()

    def _work(self) -> None:
        with self._make_client() as client:
            while not self._ended.is_set():
                try:
                    self.follow(client)
                except NoAnswer:
                    self._failures += 1
                except TerminalError:
                    self._failures = 10  # no stream here, or none for us: seldom enough to cost nothing
                self._ended.wait(self._pause())

    def _pause(self) -> float:
        seconds: float = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(10, self._failures))
        return seconds * (0.8 + secrets.randbelow(400) / 1000)
