"""Agents at the console: a process of its own that opens pages at a steady pace.

`python -m bench.console_load JOB RUN`.
"""

import asyncio
import sys
import time
from pathlib import Path

import msgspec
import uvloop
from msgspec import Struct

from bench.calls import Caller, Refused


class Job(Struct):
    """What to open: pages, each with the cookies of an agent, so many a second."""

    port: int
    pages: list[tuple[str, str]]
    per_second: float


class Run(Struct):
    """What came of it: milliseconds of each page, and how many were none."""

    milliseconds: list[float] = []
    refused: int = 0


async def drive(job: Job) -> Run:
    """Open every page at its moment, whatever became of the one before."""
    caller = Caller(job.port)

    async def open_page(cookies: str, path: str, due: float) -> None:
        try:
            await caller.ask("page", "GET", path, headers={"Cookie": cookies}, due=due, expected=(200,))
        except Refused as refused:
            print(path, refused, file=sys.stderr)

    begin, opening = time.perf_counter() + 0.2, []
    for place, (cookies, path) in enumerate(job.pages):
        due = begin + place / job.per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        opening.append(asyncio.create_task(open_page(cookies, path, due)))
    await asyncio.gather(*opening)
    caller.close()
    return Run([one.milliseconds for one in caller.calls], len(caller.refused))


def main() -> None:
    """Run one job."""
    job = msgspec.msgpack.decode(Path(sys.argv[1]).read_bytes(), type=Job)
    Path(sys.argv[2]).write_bytes(msgspec.msgpack.encode(uvloop.run(drive(job))))


if __name__ == "__main__":
    main()
