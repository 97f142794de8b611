"""The load of the tour: a process of its own that sends frames at a steady pace, by HTTP or by MQTT.

`python -m bench.tour_load JOB RUN`. Every frame is due at its moment, whether the one before was answered or not, and
its measures carry that moment: whoever sees a reading knows how long it took.
"""

import asyncio
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import uvloop
from msgspec import Struct

from adapters.clock import utc_now

READINGS = 5
"""Of each frame: what an AM307 says."""

_FRAME = (
    '{"deduplicationId":"%(number)d-%(counter)d","time":"%(time)s","deviceInfo":{"tenantName":"City",'
    '"applicationName":"Rooms","deviceProfileName":"AM307","deviceName":"Room %(number)d","devEui":"%(eui)s",'
    '"tags":{}},"devAddr":"01ab%(number)04x","adr":true,"dr":5,"fCnt":%(counter)d,"fPort":85,"confirmed":false,'
    '"data":"AXVVA2fuAARofAUAAQbLAgd9qAMIfSUACXNmJwp9%(counter)08d","object":{"battery":%(battery)d,'
    '"temperature":%(temperature).1f,"humidity":%(humidity).1f,"co2":%(co2)d,"pressure":%(pressure).1f},'
    '"rxInfo":[{"gatewayId":"6a7e111a10000000","rssi":-35,"snr":11.5,"channel":2}],"txInfo":{"frequency":868500000}}'
)


class Job(Struct):
    """What to send: `per_second` frames from `begin` on, of so many devices in turn, by so many connections.

    `counter` is the first of each device. By HTTP `where` is the path, by MQTT the folder of the topics.
    """

    way: str
    port: int
    where: str
    token: str
    begin: datetime
    per_second: int
    seconds: float
    devices: int
    counter: int
    connections: int


class Run(Struct):
    """Milliseconds from the moment that each frame was due until it was acknowledged: by the city over HTTP, by the
    broker over MQTT. `refused` counts answers that were no acknowledgement.
    """

    milliseconds: list[float]
    refused: int
    seconds: float


def eui(number: int) -> str:
    """The name of a device."""
    return f"{number:016x}"


def frames(job: Job) -> list[tuple[float, str, bytes]]:
    """All frames, with the seconds after the beginning at which each is due, and its device."""
    made = []
    for place in range(int(job.per_second * job.seconds)):
        number, turn = place % job.devices + 1, place // job.devices
        due = place / job.per_second
        body = _FRAME % {
            "number": number,
            "counter": job.counter + turn,
            "time": (job.begin + timedelta(seconds=due)).isoformat(timespec="microseconds"),
            "eui": eui(number),
            "battery": 85,
            "temperature": 20 + (number + turn) % 30 / 10,
            "humidity": 50 + (number + turn) % 20 / 2,
            "co2": 500 + (number + turn) % 100,
            "pressure": 1_008 + (number + turn) % 40 / 10,
        }
        made.append((due, eui(number), body.encode()))
    return made


class Feed:
    """Frames that are left, and what became of those that are not."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.left = iter(frames(job))
        self.run = Run([], 0, 0.0)
        # From here on one clock counts, which nobody turns.
        self.start = time.monotonic() + (job.begin - utc_now()).total_seconds()

    async def due(self, after: float) -> None:
        """Wait for a moment."""
        wait = self.start + after - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)

    def acknowledged(self, after: float) -> None:
        """Note that a frame was acknowledged."""
        self.run.milliseconds.append((time.monotonic() - self.start - after) * 1e3)


async def post(feed: Feed) -> None:
    """Send frames over one connection, one in flight."""
    job = feed.job
    reader, writer = await asyncio.open_connection("127.0.0.1", job.port)
    head = (
        f"POST {job.where} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {job.token}\r\nContent-Length: "
    ).encode()
    for due, _, body in feed.left:
        await feed.due(due)
        writer.write(b"%b%d\r\n\r\n%b" % (head, len(body), body))
        answer = await reader.readuntil(b"\r\n\r\n")
        if answer[9:12] == b"204":
            feed.acknowledged(due)
        else:
            feed.run.refused += 1
            length = answer.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
            await reader.readexactly(int(length or 0))
    writer.close()


async def publish(feed: Feed) -> None:
    """Send frames to a broker with QoS 1, without waiting for it (MQTT 3.1.1, written by hand: a client costs more)."""
    job = feed.job
    reader, writer = await asyncio.open_connection("127.0.0.1", job.port)
    writer.write(_packet(0x10, b"\0\x04MQTT\x04\x02\0\0" + _text("bench-load")))
    await reader.readexactly(4)
    waiting: dict[int, float] = {}
    done = asyncio.Event()

    async def hear() -> None:
        while not (done.is_set() and not waiting):
            acknowledgement = await reader.readexactly(4)
            feed.acknowledged(waiting.pop(int.from_bytes(acknowledgement[2:], "big")))

    hearing = asyncio.create_task(hear())
    number = 0
    for due, device, body in feed.left:
        await feed.due(due)
        number = number % 65_535 + 1
        waiting[number] = due
        topic = _text(f"{job.where}/device/{device}/event/up")
        writer.write(_packet(0x32, topic + number.to_bytes(2, "big") + body))
        await writer.drain()
    done.set()
    await hearing
    writer.write(_packet(0xE0, b""))
    writer.close()


def _packet(kind: int, content: bytes) -> bytes:
    length, left = b"", len(content)
    while True:
        left, low = divmod(left, 128)
        length += bytes([low | 128 if left else low])
        if not left:
            return bytes([kind]) + length + content


def _text(said: str) -> bytes:
    return len(said).to_bytes(2, "big") + said.encode()


async def drive(job: Job) -> Run:
    """Send everything, and tell how it went."""
    feed = Feed(job)
    send = post if job.way == "http" else publish
    await asyncio.gather(*(send(feed) for _ in range(job.connections)))
    feed.run.seconds = time.monotonic() - feed.start
    return feed.run


def main() -> None:
    """Run one job."""
    job = msgspec.msgpack.decode(Path(sys.argv[1]).read_bytes(), type=Job)
    job.begin = job.begin.astimezone(UTC)
    run = uvloop.run(drive(job))
    Path(sys.argv[2]).write_bytes(msgspec.msgpack.encode(run))


if __name__ == "__main__":
    main()
