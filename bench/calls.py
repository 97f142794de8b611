"""Asking a server over HTTP as many at a time as want to, each call timed from the moment at which it was due."""

import asyncio
import time
from collections import deque
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

IDLE_SECONDS = 2.0
"""Then a connection is not used again: the server closes it after five."""

PATIENCE_SECONDS = 60.0


class Answer(Struct, frozen=True):
    """What a server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def said(self) -> Any:  # noqa: ANN401 - JSON
        """The body as JSON."""
        return msgspec.json.decode(self.body)


class Call(Struct, frozen=True, array_like=True):
    """One call: what somebody did, whether it wrote, its milliseconds, and what it was answered (0: nothing)."""

    name: str
    writes: bool
    milliseconds: float
    status: int


class Refused(Exception):
    """A call was answered what nobody expects; whoever made it does not go on."""


class Caller:
    """Connections to one server on this machine, kept alive and taken in turn, and what all calls came to."""

    def __init__(self, port: int) -> None:
        self.calls: list[Call] = []
        self.refused: list[str] = []
        self._port = port
        self._idle: deque[tuple[float, asyncio.StreamReader, asyncio.StreamWriter]] = deque()

    async def ask(
        self,
        name: str,
        method: str,
        path: str,
        *,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        due: float | None = None,
        expected: tuple[int, ...] = (200, 201, 202, 204),
    ) -> Answer:
        """Make a call, and note it. `due` is on the clock of `time.perf_counter`; without it, now.

        Raises:
            Refused: it was answered otherwise than expected, or not at all.
        """
        content = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        lines = [f"{method} {path} HTTP/1.1", "Host: bench", f"Content-Length: {len(content)}"]
        if content:
            lines.append(f"Content-Type: {kind}")
        lines += [f"{key}: {value}" for key, value in (headers or {}).items()]
        message = "\r\n".join([*lines, "", ""]).encode() + content
        began = time.perf_counter() if due is None else min(due + 0.001, time.perf_counter())
        try:
            answer = await asyncio.wait_for(self._exchange(message), PATIENCE_SECONDS)
        except (OSError, EOFError, TimeoutError) as problem:
            answer = Answer(0, {}, type(problem).__name__.encode())
        taken = (time.perf_counter() - began) * 1e3
        self.calls.append(Call(name, method != "GET", taken, answer.status))
        if answer.status not in expected:
            self.refused.append(f"{name}: {answer.status} {answer.body[:300].decode(errors='replace')}")
            raise Refused(self.refused[-1])
        return answer

    def close(self) -> None:
        """Hang up."""
        for _, _, writer in self._idle:
            writer.close()

    async def _exchange(self, message: bytes) -> Answer:
        reader, writer = await self._line()
        try:
            writer.write(message)
            head = await reader.readuntil(b"\r\n\r\n")
            status, *lines = head.decode("latin-1").split("\r\n")
            headers = {key.lower(): value for key, _, value in (line.partition(": ") for line in lines if line)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
        except BaseException:
            writer.close()
            raise
        self._idle.append((time.perf_counter(), reader, writer))
        return Answer(int(status.split(" ", 2)[1]), headers, body)

    async def _line(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            since, reader, writer = self._idle.pop()
            if time.perf_counter() - since < IDLE_SECONDS and not reader.at_eof():
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 20)
