"""One more worker for the tests of the ledger: a process with a lane of its own, told by lines what to submit.

Run as `python -m tests.contract.ledger_worker URL`. It says `ready`, then answers each line (scans to submit
together, as msgpack in hexadecimal) with one line (what came back, in the same order). A parent that goes away ends it.
"""

import asyncio
import sys

import msgspec
import structlog
from msgspec import Struct

from store.database import Database
from store.ledger import Scan, Settled, lane_for
from store.ledger.scan import Repeated
from tests.contract.ledger_world import settle_at_last


class Heard(Struct):
    """What one scan got: the answer's bytes, or the name of the rejection."""

    answer: bytes | None
    rejected: str | None


def _heard(settled: Settled) -> Heard:
    if isinstance(settled, bytes):
        return Heard(settled, None)
    assert not isinstance(settled, Repeated), "no fact was told"
    return Heard(None, settled.name)


async def main(url: str) -> None:
    """Serve until the parent closes the pipe, which carries answers alone: what is logged goes elsewhere."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    database = Database(url, patience=30)
    lane = lane_for(database)
    await lane.open()
    print("ready", flush=True)  # noqa: T201 - the parent listens
    while line := await asyncio.to_thread(sys.stdin.readline):
        scans = msgspec.msgpack.decode(bytes.fromhex(line), type=list[Scan])
        settled = await asyncio.gather(*(settle_at_last(lane, one) for one in scans))
        heard = [_heard(one) for one, _ in settled]
        print(msgspec.msgpack.encode(heard).hex(), flush=True)  # noqa: T201 - as above
    await lane.close()
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
