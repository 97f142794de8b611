"""Rounds in the background: at once when called, again after whatever went wrong, in peace to their end."""

import asyncio

import pytest

from api import rounds
from api.rounds import Rounds
from domain.errors import LedgerUnavailable


class Walk:
    """What is done: it counts its rounds, and meets what it is told to."""

    def __init__(self, *meets: Exception) -> None:
        self.meets = list(meets)
        self.done = 0
        self.came = asyncio.Event()

    async def __call__(self) -> None:
        self.done += 1
        self.came.set()
        if self.meets:
            raise self.meets.pop(0)

    async def next(self) -> None:
        self.came.clear()
        await asyncio.wait_for(self.came.wait(), 5)


async def test_a_call_begins_a_round_at_once_and_nothing_ends_the_rounds_but_stop() -> None:
    walk = Walk(LedgerUnavailable("away"), ValueError("a mistake of ours"))
    background = Rounds("walk", walk, every_seconds=3_600)
    background.start()
    await walk.next()
    for _ in range(2):
        await asyncio.sleep(0)
        background.call()
        await walk.next()
    await background.stop()
    assert walk.done == 3
    background.call()
    await asyncio.sleep(0)
    assert walk.done == 3


async def test_a_round_that_is_on_its_way_comes_to_its_end() -> None:
    ended: list[bool] = []

    async def slow() -> None:
        await asyncio.sleep(0.05)
        ended.append(True)

    background = Rounds("slow", slow, every_seconds=3_600)
    background.start()
    await asyncio.sleep(0)
    await background.stop()
    assert ended == [True]


async def test_a_round_that_has_no_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "STOP_SECONDS", 0.05)
    background = Rounds("endless", asyncio.Event().wait, every_seconds=3_600)
    background.start()
    await asyncio.sleep(0)
    await asyncio.wait_for(background.stop(), 5)


async def test_the_first_round_is_waited_for_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "STOP_SECONDS", 0.05)
    walk = Walk(ValueError("a mistake of ours"))
    short, endless = (Rounds("any", do, every_seconds=3_600) for do in (walk, asyncio.Event().wait))
    short.start()
    await short.first(seconds=30)
    assert walk.done == 1
    endless.start()
    await endless.first(seconds=0.01)
    await asyncio.gather(short.stop(), endless.stop())


async def test_rounds_that_never_began_can_be_stopped() -> None:
    await Rounds("none", Walk(), every_seconds=1).stop()


async def test_whoever_stands_by_begins_with_the_first_call() -> None:
    walk = Walk()
    background = Rounds("walk", walk, every_seconds=0)
    background.stand_by()
    for _ in range(9):
        await asyncio.sleep(0)
    assert walk.done == 0
    background.call()
    await walk.next()
    await background.stop()


async def test_whoever_stands_by_and_is_never_called_ends_at_once() -> None:
    walk = Walk()
    background = Rounds("walk", walk, every_seconds=0)
    background.stand_by()
    await background.stop()
    assert walk.done == 0
