"""The network between one terminal and the server, as bad as it gets.

Whatever happens on it happens at once: nobody sits out a timeout. What is delayed comes hours or days later, among
other things, and its answer reaches nobody.
"""

from datetime import timedelta
from enum import StrEnum
from random import Random
from typing import Final

import httpx

from cli.simulator.agenda import Agenda
from cli.simulator.books import Books
from cli.simulator.server import Down, Interruption, Server

LONGEST_DELAY: Final = timedelta(days=3)
_SHORTEST_SECONDS = 0.05


class Weather(StrEnum):
    """How a wire is."""

    GOOD = "good"
    LOSSY = "lossy"
    CUT = "cut"


class Fate(StrEnum):
    """What becomes of one request."""

    ARRIVES = "arrives"
    LOST = "lost"
    ANSWER_LOST = "answer lost"
    DOUBLED = "doubled"
    DELAYED = "delayed"


_LOSSY = {Fate.ARRIVES: 60, Fate.LOST: 10, Fate.ANSWER_LOST: 12, Fate.DOUBLED: 10, Fate.DELAYED: 8}
"""In a hundred."""


class Wire(httpx.BaseTransport):
    """One terminal's line. `interruption` happens in the middle of its next request to `interrupt_path`."""

    def __init__(self, server: Server, agenda: Agenda, books: Books, dice: Random, name: str) -> None:
        self._server = server
        self._agenda = agenda
        self._books = books
        self._dice = dice
        self._name = name
        self.weather = Weather.GOOD
        self.offset = timedelta(0)
        self.interruption: Interruption | None = None
        self.interrupt_path = ""
        self.bundle_seen = agenda()
        """When the server last told this terminal of its bundle."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request, or not."""
        request.read()
        fate = self._fate()
        self._books.count("requests")
        if fate is not Fate.ARRIVES:
            self._books.count(f"requests {fate}")
            self._books.log(f"{self._name}: {request.method} {request.url.path} {fate}")
        if self.weather is Weather.CUT or fate is Fate.LOST:
            raise httpx.ConnectError("no network", request=request)
        if fate is Fate.DELAYED:
            self._delay(request)
            raise httpx.ReadTimeout("no answer", request=request)
        answer = self._deliver(request)
        if fate is Fate.DOUBLED:
            answer = self._deliver(request)
        if fate is Fate.ANSWER_LOST:
            raise httpx.ReadTimeout("no answer", request=request)
        if request.url.path.startswith("/v1/terminals/bundles/") and answer.status_code in {200, 304}:
            self.bundle_seen = self._agenda()
        return answer

    def _fate(self) -> Fate:
        if self.weather is not Weather.LOSSY:
            return Fate.LOST if self.weather is Weather.CUT else Fate.ARRIVES
        return self._dice.choices(list(_LOSSY), list(_LOSSY.values()))[0]

    def _delay(self, request: httpx.Request) -> None:
        """Let it arrive between a moment and three days later: short delays are as frequent as long ones."""
        share = self._dice.random()
        seconds = _SHORTEST_SECONDS * (LONGEST_DELAY.total_seconds() / _SHORTEST_SECONDS) ** share

        def arrive() -> None:
            try:
                status = self._deliver(request).status_code
            except httpx.HTTPError:
                status = 0
            self._books.log(f"{self._name}: {request.method} {request.url.path} arrives late: {status or 'nobody'}")

        self._agenda.after(timedelta(seconds=seconds), arrive)

    def _deliver(self, request: httpx.Request) -> httpx.Response:
        path, interruption = request.url.path, None
        if path.startswith(self.interrupt_path):
            interruption, self.interruption = self.interruption, None
        # A copy: what is sent twice is sent in two pieces.
        copy = httpx.Request(request.method, request.url, headers=request.headers, content=request.content)
        try:
            answer = self._server.ask(copy, interruption=interruption)
        except Down:
            raise httpx.ReadError("the server is gone", request=request) from None
        if answer.status_code >= 500:
            self._books.wrong(f"{request.method} {path} was answered {answer.status_code}: {answer.text}")
        if answer.status_code == 200 and path == "/v1/access/validations":
            self._books.answered(request.content, answer.content)
        if answer.status_code == 200 and path == "/v1/access/uploads":
            self._books.settled(request.content, answer.content, self.offset)
        answer.request = request
        return answer
