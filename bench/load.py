"""The load: a process of its own that keeps N connections busy, one request in flight on each.

`python -m bench.load JOB RUN` reads a job, waits for nobody, and writes what it measured. Requests are built before
the clock starts and answers are read after it has stopped; in between a request costs this process 15 to 25 us.
"""

import asyncio
import gc
import sys
import time
from pathlib import Path

import msgspec
import uvloop
from msgspec import Struct

from bench.cpu import Meter, Usage

BARE_PER_SECOND = 20_000
"""Requests prepared for each second of a job without asks: more than any server here answers."""


class Job(Struct):
    """What to send. Without `asks` the body is one constant; with them each is sent once, at most."""

    port: int
    path: str
    connections: int
    seconds: float
    server_pid: int
    database_pid: int | None
    tokens: list[str] = []
    prefix: str = ""
    asks: list[tuple[str, str]] = []


class Said(Struct):
    """One answer: which token asked under which key, and what it heard."""

    token: int
    key: str
    status: int
    outcome: str = ""
    reason: str = ""


class Run(Struct):
    """What was measured. Latencies are in the order in which the requests were sent."""

    seconds: float
    latencies_ns: list[int]
    usage: Usage
    said: list[Said]


class _Answer(Struct):
    outcome: str = ""
    reason: str = ""


class Feed:
    """The requests that are left, shared by the connections, and the answers that came."""

    def __init__(self, requests: list[bytes], seconds: float) -> None:
        self.requests = requests
        self.count = len(requests)
        self.next = 0
        self.latencies = [0] * len(requests)
        self.answers: list[bytes] = [b""] * len(requests)
        self.seconds = seconds
        self.deadline = 0


class Caller(asyncio.Protocol):
    """One terminal: it asks, waits for the answer, and asks again."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending = b""
        self._place = 0
        self._sent = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport: asyncio.WriteTransport = transport  # type: ignore[assignment]
        self._write = self._transport.write

    def ask(self) -> None:
        """Send the next request, or stop."""
        feed = self.feed
        place = feed.next
        now = time.perf_counter_ns()
        if place >= feed.count or now >= feed.deadline:
            self.done.set_result(None)
            return
        feed.next = place + 1
        self._place = place
        self._sent = now
        self._write(feed.requests[place])

    def data_received(self, data: bytes) -> None:
        """Take the answer; it may come in pieces."""
        if self._pending:
            data = self._pending + data
        head = data.find(b"\r\n\r\n")
        if head < 0:
            self._pending = data
            return
        start = data.find(b"content-length: ") + 16
        if len(data) < head + 4 + int(data[start : data.find(b"\r", start)]):
            self._pending = data
            return
        self._pending = b""
        feed = self.feed
        feed.latencies[self._place] = time.perf_counter_ns() - self._sent
        feed.answers[self._place] = data
        self.ask()

    def connection_lost(self, _problem: Exception | None) -> None:
        """Say so: a request without an answer must not pass unseen."""
        if not self.done.done():
            self.done.set_exception(ConnectionError("the server closed the connection"))


def _requests(job: Job) -> list[bytes]:
    head = f"POST {job.path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
    if not job.asks:
        body = '{"key":"bare-000001","gate":"pool-1","credential":"%s"}' % ("MP2:" + "0" * 164)
        request = f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()
        return [request] * int(job.seconds * BARE_PER_SECOND)
    made = []
    for place, (gate, credential) in enumerate(job.asks):
        body = f'{{"key":"{job.prefix}{place}","gate":"{gate}","credential":"{credential}"}}'
        token = job.tokens[place % len(job.tokens)]
        made.append(f"{head}Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
    return made


async def _drive(job: Job) -> Run:
    loop = asyncio.get_running_loop()
    feed = Feed(_requests(job), job.seconds)
    callers = [
        (await loop.create_connection(lambda: Caller(feed), "127.0.0.1", job.port))[1] for _ in range(job.connections)
    ]
    meter = Meter(job.server_pid, job.database_pid)
    gc.disable()
    started = time.perf_counter_ns()
    feed.deadline = started + int(job.seconds * 1e9)
    for caller in callers:
        caller.ask()
    await asyncio.gather(*(caller.done for caller in callers))
    seconds = (time.perf_counter_ns() - started) / 1e9
    usage = meter.used()
    sent = feed.next
    return Run(seconds, feed.latencies[:sent], usage, _said(job, feed.answers[:sent]))


def _said(job: Job, answers: list[bytes]) -> list[Said]:
    decode = msgspec.json.Decoder(_Answer).decode
    said = []
    for place, answer in enumerate(answers):
        status = int(answer[9:12])
        if not job.asks:
            if status != 200:
                said.append(Said(0, "", status))
            continue
        heard = decode(answer[answer.find(b"\r\n\r\n") + 4 :]) if status == 200 else _Answer()
        said.append(Said(place % len(job.tokens), f"{job.prefix}{place}", status, heard.outcome, heard.reason))
    return said


def main() -> None:
    """Run one job."""
    job = msgspec.msgpack.decode(Path(sys.argv[1]).read_bytes(), type=Job)
    run = uvloop.run(_drive(job))
    Path(sys.argv[2]).write_bytes(msgspec.msgpack.encode(run))


if __name__ == "__main__":
    main()
