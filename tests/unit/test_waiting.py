"""Waiting for a connection: in turn, for so long, and not in any number."""

import asyncio

import pytest

from domain.errors import LedgerUnavailable
from store.waiting import WaitingLine


async def stand(line: WaitingLine, name: str, served: list[str], leave: asyncio.Event) -> None:
    async with line.turn():
        served.append(name)
        await leave.wait()


async def test_whoever_came_first_is_served_first_though_another_comes_as_a_turn_is_given_back() -> None:
    line, served = WaitingLine(1, seconds=60, most=10), list[str]()
    leave = [asyncio.Event() for _ in range(3)]
    first = asyncio.create_task(stand(line, "first", served, leave[0]))
    await asyncio.sleep(0)
    second = asyncio.create_task(stand(line, "second", served, leave[1]))
    await asyncio.sleep(0)
    leave[0].set()
    third = asyncio.create_task(stand(line, "third", served, leave[2]))
    await first
    leave[1].set()
    leave[2].set()
    await asyncio.gather(second, third)
    assert served == ["first", "second", "third"]


async def test_no_more_wait_than_there_is_room_for_and_a_place_in_the_line_is_free_again() -> None:
    line, served, leave = WaitingLine(1, seconds=60, most=1), list[str](), asyncio.Event()
    holds = asyncio.create_task(stand(line, "holds", served, leave))
    await asyncio.sleep(0)
    waits = asyncio.create_task(stand(line, "waits", served, leave))
    await asyncio.sleep(0)
    with pytest.raises(LedgerUnavailable):
        await stand(line, "too many", served, leave)
    waits.cancel()
    await asyncio.wait([waits])
    waits = asyncio.create_task(stand(line, "waits instead", served, leave))
    leave.set()
    await asyncio.gather(holds, waits)
    assert served == ["holds", "waits instead"]


async def test_nobody_waits_for_ever_and_whoever_gave_up_takes_no_turn() -> None:
    line, served, leave = WaitingLine(1, seconds=0, most=10), list[str](), asyncio.Event()
    holds = asyncio.create_task(stand(line, "holds", served, leave))
    await asyncio.sleep(0)
    with pytest.raises(LedgerUnavailable):
        await stand(line, "waits", served, leave)
    leave.set()
    await holds
    await stand(line, "comes later", served, leave)
    assert served == ["holds", "comes later"]
