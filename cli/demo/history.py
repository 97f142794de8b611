"""Living through the days: every tap goes through the real ledger, at its own instant, in order."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import date, datetime
from hashlib import sha256
from random import Random
from uuid import UUID

import msgspec
from msgspec import Struct

from cli.demo.days import Day, Tap
from cli.demo.habits import Habit
from cli.demo.ids import dice as seeded
from cli.demo.pardons import pardon
from cli.demo.places import Territory
from domain.access.facts import Evidence
from domain.access.reasons import Reason
from domain.limits import ONE, Measure
from store.database import Database
from store.ledger import Limits, Scan, Settled, lane_for

_LIMITS = Limits(waiting=1_024, seconds=120, batch=256)
"""Nobody waits at these gates: larger batches, and patience with a slow disk."""

_ONE_VISIT = {Measure.VISIT: ONE}
_SPENT = frozenset({Reason.QUOTA_SPENT, Reason.CARNET_EMPTY})
_VISITOR = 0.3
"""How often, per day, somebody from next door tries their own pass."""


class Crowd(Struct, frozen=True):
    """The people of one authority and where they go."""

    territory: Territory
    habits: list[Habit]


class History(Struct, frozen=True):
    """What is to be lived through. `scripted` taps happen whatever the dice say; `strangers` come from next door."""

    crowds: tuple[Crowd, ...]
    scripted: dict[date, list[Tap]]
    strangers: tuple[Evidence, ...]
    days: list[date]
    until: datetime
    wardens: Mapping[UUID, UUID]
    """Which agent stands at which gate, and lets people in against the rules now and then."""


class _Left(Struct):
    left: float


class _Heard(Struct):
    """The part of an answer that changes what somebody does next."""

    reason: Reason
    remaining: tuple[_Left, ...] = ()


_decoder = msgspec.json.Decoder(_Heard)


async def live(database: Database, history: History, dice: Random, each_day: Callable[[int], None]) -> int:
    """Live through the days and return the number of passages. Nothing happens after `history.until`."""
    lane = lane_for(database, limits=_LIMITS)
    await lane.open()
    # Dice of their own: who is let in changes nobody's next day.
    mercy = seeded("mercy")
    done = 0
    try:
        for number, day in enumerate(history.days, start=1):
            taps, pardons = _taps_of(history, day, dice), list[Scan]()
            for start in range(0, len(taps), _LIMITS.waiting):
                chunk = taps[start : start + _LIMITS.waiting]
                # All are handed over before the first is taken: batches, and with them row versions, are the same
                # each time the city is built.
                futures = [lane.submit(_scan(tap, done + place)) for place, tap in enumerate(chunk)]
                for tap, settled in zip(chunk, await asyncio.gather(*futures), strict=True):
                    _listen(tap, settled)
                    if (act := pardon(tap, settled, history.wardens, mercy)) is not None and act.at <= history.until:
                        pardons.append(act)
                done += len(chunk)
            await asyncio.gather(*(lane.submit(act) for act in pardons))
            done += len(pardons)
            each_day(number)
    finally:
        await lane.close()
    return done


def _taps_of(history: History, day: date, dice: Random) -> list[Tap]:
    taps: list[Tap] = []
    for crowd in history.crowds:
        if (day.month, day.day) == (1, 1):
            _new_year(crowd.habits)
        taps += Day(crowd.territory, day, dice).plan(crowd.habits)
    if history.strangers and dice.random() < _VISITOR:
        stranger = dice.choice(history.strangers)
        service = dice.choice(("pool", "library", "waste-centre"))
        taps += Day(history.crowds[0].territory, day, dice).visitors((stranger,), service)
    taps += history.scripted.get(day, ())
    return sorted((tap for tap in taps if tap.at <= history.until), key=_when)


def _new_year(habits: list[Habit]) -> None:
    for habit in habits:
        if habit.by_year:
            habit.left = None


def _listen(tap: Tap, settled: Settled) -> None:
    if not isinstance(settled, bytes):
        raise TypeError(f"The demonstration asked what the ledger does not take: {settled}.")
    if tap.habit is None:
        return
    heard = _decoder.decode(settled)
    if heard.reason in _SPENT:
        tap.habit.left = 0
    elif heard.remaining:
        tap.habit.left = heard.remaining[0].left


def _scan(tap: Tap, number: int) -> Scan:
    key = f"demo-{number:07d}"
    said = f"{tap.post.code} {key} {tap.direction} {tap.evidence.medium_id} {tap.evidence.flaw}"
    return Scan(
        terminal_id=tap.post.terminal_id,
        key=key,
        fingerprint=sha256(said.encode()).digest(),
        gate_id=tap.post.gate_id,
        direction=tap.direction,
        evidence=tap.evidence,
        asked=_ONE_VISIT,
        at=tap.at,
        terminal_at=tap.at,
    )


def _when(tap: Tap) -> datetime:
    return tap.at
