"""The load of residents: a process of its own. `python -m bench.residents_load JOB RUN`.

Of a mix, each call is due at its moment, whatever became of the one before. Of a rush, households come at their
moments, most of them at the beginning, and each takes its time.
"""

import asyncio
import gc
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random

import msgspec
import uvloop
from msgspec import Struct

from bench.calls import Call, Caller, Refused
from bench.cpu import Meter, Usage, children_us
from bench.postman import Postman
from bench.residents_people import Household, Resident, Street, photo

SETTLING = 6
"""Residents who settle in at a time, before anything is measured."""

LETTERS_SECONDS = 60.0
"""How long we wait for the last letters of a rush."""


class Job(Struct):
    """What to do: a mix of `per_second` calls by those whose codes came in letters, or a rush of `households`."""

    port: int
    letters: str
    server_pid: int
    database_pid: int
    seconds: float
    codes: list[str] = []
    per_second: float = 0.0
    households: int = 0


class Run(Struct):
    """What came of it. `cells_us` is CPU of the processes of the server: those that read files, and workers."""

    seconds: float
    calls: list[Call]
    refused: list[str]
    usage: Usage
    cells_us: float
    letters: int = 0


async def settle(job: Job, street: Street) -> list[Resident]:
    """Have residents log in and settle in, a few at a time; nothing of it is measured."""
    people = [Resident(street, number, code) for number, code in enumerate(job.codes)]
    turn = asyncio.Semaphore(SETTLING)

    async def one_settles(one: Resident) -> None:
        async with turn:
            await one.settle()

    await asyncio.gather(*(one_settles(one) for one in people))
    street.caller.calls.clear()
    gc.collect()
    gc.freeze()
    return people


async def mix(job: Job, caller: Caller, free: list[Resident], dice: Random) -> None:
    """Have residents do what they do, each call at its moment; nobody does two things at a time."""

    async def do(one: Resident, due: float) -> None:
        weights, deeds = zip(*one.deeds(), strict=True)
        deed: Callable[[float], Awaitable[None]] = dice.choices(deeds, weights)[0]
        try:
            await deed(due)
        except Refused:
            return  # it is counted, and they do not come back
        free.append(one)

    begin, doing = time.perf_counter() + 0.5, []
    for place in range(int(job.seconds * job.per_second)):
        due = begin + place / job.per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        if not free:
            caller.refused.append("nobody was free: everybody waits for an answer")
            continue
        one = free.pop(dice.randrange(len(free)))
        doing.append(asyncio.create_task(do(one, due)))
    await asyncio.gather(*doing)


async def rush(job: Job, street: Street, dice: Random) -> None:
    """Have households come, twice as many at first as on the average and none at last, as when something opens."""
    takes = job.seconds / 12  # five minutes of an hour
    steps = 6

    async def pause() -> None:
        await asyncio.sleep(takes / steps * (0.5 + dice.random()))

    async def come(number: int) -> None:
        try:
            await Household(street, number).ask(pause)
        except Refused:
            return  # it is counted

    begin, coming = time.perf_counter() + 0.5, []
    for number in range(job.households):
        share = 1 - (1 - number / job.households) ** 0.5
        await asyncio.sleep(max(0.0, begin + share * (job.seconds - 2 * takes) - time.perf_counter()))
        coming.append(asyncio.create_task(come(number)))
    await asyncio.gather(*coming)


async def drive(job: Job) -> Run:
    """Do a job, and tell how it went."""
    dice, caller, post = Random(5), Caller(job.port), Postman(Path(job.letters), "household-")
    street = Street(caller, post, photo(dice))
    post.start()
    residents = await settle(job, street)
    meter, cells, began = Meter(job.server_pid, job.database_pid), children_us(job.server_pid), time.perf_counter()
    await (rush(job, street, dice) if job.households else mix(job, caller, residents, dice))
    seconds = time.perf_counter() - began
    usage, cells = meter.used(), children_us(job.server_pid) - cells
    caller.close()
    until = time.perf_counter() + LETTERS_SECONDS
    while post.others < job.households and time.perf_counter() < until:  # noqa: ASYNC110 - a folder tells nobody
        await asyncio.sleep(0.5)
    await post.stop()
    return Run(seconds, caller.calls, caller.refused, usage, cells, post.others)


def main() -> None:
    """Run one job."""
    job = msgspec.msgpack.decode(Path(sys.argv[1]).read_bytes(), type=Job)
    run = uvloop.run(drive(job))
    Path(sys.argv[2]).write_bytes(msgspec.msgpack.encode(run))


if __name__ == "__main__":
    main()
