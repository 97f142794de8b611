"""Storing what arrived: one transaction for a group of messages, whatever they hold and wherever they come from.

A message counts once, by its id and, for radio frames, by how far its device has counted; a reading once, by its stream
and time. What nobody can use is set aside in the same transaction. When `take` returns, all of it is safe.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import ParamSpec, TypeVar
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.device_states import DeviceEvent
from domain.errors import LedgerUnavailable, NotFound
from store.arrivals import add_arrivals, add_dropped, add_events, hold_states, save_states
from store.database import Database
from store.dead_letters import set_aside
from store.readings import ReadingWriter, newest
from store.whole import whole
from tour.ingest.acquaintance import Acquaintance
from tour.ingest.arrivals import Arrival, NotStored
from tour.ingest.group import Group, Message
from tour.ingest.judging import Doubt, judge
from tour.ingest.leftovers import UNSTORABLE, not_read, of_strangers

log = structlog.get_logger("ingest")

_PASSING = ("40001", "40P01")
"""SQLSTATE of two transactions that could not both be: the next try finds the way free."""

_SHORT = 3_000
"""Measures that are judged within some ten milliseconds: a full group of frames."""

P = ParamSpec("P")
T = TypeVar("T")

_MOST_NAMES = 5_000
"""Names of dropped attributes that a process remembers having written."""


class Taker:
    """Stores groups on a database. `owners` are the codes of authorities by those of their sources.

    An owner without a code is the authority of an installation that has one.
    """

    def __init__(self, database: Database, owners: Mapping[str, str]) -> None:
        self._database = database
        self._owners = owners
        self._authorities: dict[str, UUID] = {}
        self._writer = ReadingWriter()
        self._acquaintance = Acquaintance()
        self._told: set[tuple[str, str]] = set()

    async def take(self, arrivals: Sequence[Arrival]) -> int:
        """Store a group and return how many of its readings are new; on return all of it is safe.

        Raises:
            NotStored: nothing of it is: the database is away, or an authority is not there yet.
        """
        return await whole(self._take(arrivals, again=False))

    async def take_again(self, arrival: Arrival) -> int:
        """Store a message that was set aside, though it has come before, and return how many of its readings are new.

        Raises:
            NotStored: as `take`.
        """
        return await whole(self._take([arrival], again=True))

    async def authority_of(self, source: str) -> UUID:
        """Whose devices a source has.

        Raises:
            NotStored: there is no such authority yet.
            LedgerUnavailable: the database is away.
        """
        return await self._authority(self._owners[source])

    async def _take(self, arrivals: Sequence[Arrival], *, again: bool) -> int:
        new = 0
        try:
            by_owner = groupby(sorted(arrivals, key=self._owner), key=self._owner)
            owned = [(await self._authority(code), list(of_owner)) for code, of_owner in by_owner]
            async with self._database.write() as connection:
                for authority_id, of_owner in owned:
                    new += await self._store(connection, authority_id, of_owner, again=again)
        except LedgerUnavailable as away:
            raise NotStored(away.detail) from away
        except DBAPIError as refused:
            if getattr(refused.orig, "sqlstate", None) in _PASSING:
                raise NotStored("two workers had the same devices") from refused
            return await self._apart(arrivals, refused, again=again)
        if len(self._told) < _MOST_NAMES:
            self._told.update((one.source, name) for one in arrivals if one.parsed for name in one.parsed.dropped)
        return new

    async def _apart(self, arrivals: Sequence[Arrival], refused: DBAPIError, *, again: bool) -> int:
        """Find the message that the database refuses and set it aside: it would hold up all others for ever."""
        if len(arrivals) > 1:
            half = len(arrivals) // 2
            return await self._take(arrivals[:half], again=again) + await self._take(arrivals[half:], again=again)
        (arrival,) = arrivals
        log.error("message_refused_by_database", source=arrival.source, problem=str(refused.orig)[:200])
        letter = not_read(
            await self._authority(self._owner(arrival)), arrival, UNSTORABLE, "The database refused what it says."
        )
        try:
            async with self._database.write() as connection:
                await set_aside(connection, letter)
        except LedgerUnavailable as away:
            raise NotStored(away.detail) from away
        return 0

    def _owner(self, arrival: Arrival) -> str:
        return self._owners[arrival.source]

    async def _authority(self, code: str) -> UUID:
        if code not in self._authorities:
            async with self._database.look() as unit:
                if code:
                    try:
                        self._authorities[code] = (await unit.places.authority(code)).id
                    except NotFound as missing:
                        log.warning("no_authority", authority=code)
                        raise NotStored(missing.detail) from missing
                else:
                    everyone = await unit.places.authorities()
                    if len(everyone) != 1:
                        log.warning("no_authority", there_are=len(everyone))
                        raise NotStored("a source without authority, in an installation that has not just one")
                    self._authorities[code] = everyone[0].id
        return self._authorities[code]

    async def _store(
        self, connection: AsyncConnection, authority_id: UUID, arrivals: Sequence[Arrival], *, again: bool
    ) -> int:
        known = await self._acquaintance.among(connection, authority_id, arrivals)
        states = await hold_states(connection, {meaning.device.id for meaning in known.values()})
        group = Group(arrivals, known, states)
        now = max(arrival.message.received_at for arrival in arrivals)
        messages = await _that_count(connection, authority_id, group, now, again=again)

        measures = sum(len(message.parsed.measures) for message in messages)
        claims = await _beside(measures, group.heard, messages)
        streams = {claim.meant.stream.id: claim.meant.stream for claim in claims}
        before = await newest(connection, streams)
        readings, doubts = await _beside(measures, judge, claims, before)
        written = await self._writer.write(connection, readings, streams, before=before)

        await add_events(connection, authority_id, [*group.events(messages), *map(_doubted, doubts)])
        await save_states(connection, authority_id, group.changed())
        unread = [
            not_read(authority_id, one, one.refusal.code, one.refusal.detail)
            for one in arrivals
            if one.refusal is not None
        ]
        strange = [letter for message in messages for letter in of_strangers(authority_id, message, known)]
        await set_aside(connection, *unread, *strange)
        await self._tell_dropped(connection, authority_id, messages, now)
        return written.new

    async def _tell_dropped(
        self, connection: AsyncConnection, authority_id: UUID, messages: Iterable[Message], now: datetime
    ) -> None:
        names = {(one.arrival.source, name) for one in messages for name in one.parsed.dropped}
        new = {one for one in names if one not in self._told}
        await add_dropped(connection, authority_id, new, now)


async def _that_count(
    connection: AsyncConnection, authority_id: UUID, group: Group, now: datetime, *, again: bool
) -> list[Message]:
    """Which messages have not been stored before; what an agent sends again counts, whatever was before."""
    others = group.without_frame()
    if not again:
        new = await add_arrivals(connection, authority_id, others, now)
        others = {key: message for key, message in others.items() if key in new}
    frames = group.frames(others)
    if not again:
        new = await add_arrivals(connection, authority_id, frames, now)
        frames = {key: message for key, message in frames.items() if key in new}
    return [*others.values(), *frames.values()]


async def _beside(measures: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do some work here; for a long page in a thread, for gates wait for the same loop."""
    if measures <= _SHORT:
        return work(*args, **kwargs)
    return await asyncio.to_thread(work, *args, **kwargs)


def _doubted(doubt: Doubt) -> DeviceEvent:
    return DeviceEvent(doubt.device_id, doubt.fault, doubt.stream, doubt.at, doubt.at)
