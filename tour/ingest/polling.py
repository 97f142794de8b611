"""Polls, the transport: sources that have to be asked, each at its own pace, and only for what is new.

An answer is stored before its entity tag is: whatever happens between, the same page comes again and counts once. A
source that fails is asked less and less often, never more.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import NamedTuple, NoReturn
from urllib.parse import urlsplit

import httpx
import structlog
from msgspec import structs

from domain.errors import DomainError
from domain.ports import Clock
from store.database import Database
from store.polls import Polled, polled, save_polled
from store.whole import whole
from tour.ingest import format_of
from tour.ingest.arrivals import Agreement, Arrival, NotStored, arrive_beside
from tour.ingest.hubeau import next_page
from tour.ingest.sources import Message, Poll
from tour.ingest.taking import Taker

log = structlog.get_logger("polls")

ANSWER_SECONDS = 30.0
LONGEST_WAIT = timedelta(hours=1)
FIRST_LOOK_BACK = timedelta(days=1)
"""From when on news are wanted of a source that has never given any."""

OVERLAP = timedelta(hours=2)
"""How far before its last news a source is asked again: values are corrected, and stations report late."""

MOST_PAGES = 20


class Unanswered(Exception):
    """The source did not answer as it should. The words are for agents."""


class Tags(NamedTuple):
    """What a source gave with its answer, to be shown when it is asked again."""

    etag: str
    modified: str


class Poller:
    """Asks one source."""

    def __init__(self, agreement: Agreement, poll: Poll, database: Database, taker: Taker, clock: Clock) -> None:
        self._agreement = agreement
        self._poll = poll
        self._database = database
        self._taker = taker
        self._clock = clock
        self._source = agreement.source.code

    async def run(self) -> NoReturn:
        """Ask whenever it is time, for as long as the task lives."""
        async with httpx.AsyncClient(timeout=ANSWER_SECONDS, headers={"User-Agent": "MultiPass"}) as client:
            while True:
                try:
                    last = await whole(self._last())
                    await asyncio.sleep(seconds_to_wait(self._poll, last, self._clock()))
                    await whole(self.ask(client))
                except (NotStored, DomainError) as away:
                    log.warning("poll_not_stored", source=self._source, problem=str(away))
                    await asyncio.sleep(min(self._poll.every_seconds, LONGEST_WAIT.total_seconds()))

    async def ask(self, client: httpx.AsyncClient) -> Polled:
        """Ask once, store what is new, and write how the source answered.

        Raises:
            NotStored: it answered, and nothing could be stored.
            LedgerUnavailable: the database is away.
        """
        last, now = await self._last(), self._clock()
        before = last or Polled(now)
        try:
            state = await self._answered(client, before, now)
        except (Unanswered, httpx.HTTPError, httpx.InvalidURL) as problem:
            words = str(problem) or type(problem).__name__
            log.warning("poll_failed", source=self._source, problem=words)
            state = structs.replace(before, asked_at=now, failures=before.failures + 1, problem=words[:200])
        authority_id = await self._taker.authority_of(self._source)
        async with self._database.write() as connection:
            await save_polled(connection, authority_id, self._source, state)
        return state

    async def _last(self) -> Polled | None:
        async with self._database.read() as connection:
            return await polled(connection, self._source)

    async def _answered(self, client: httpx.AsyncClient, before: Polled, now: datetime) -> Polled:
        new, tags = 0, None
        async for its_tags, arrival in self._pages(client, before, now):
            tags = tags or its_tags
            new += await self._taker.take([arrival])
            if arrival.refusal is not None:
                raise Unanswered(f"{arrival.refusal.code}: {arrival.refusal.detail}")
        kept = tags or Tags(before.etag, before.modified)
        changed_at = now if new else before.changed_at
        return Polled(now, answered_at=now, changed_at=changed_at, etag=kept.etag, modified=kept.modified)

    async def _pages(
        self, client: httpx.AsyncClient, before: Polled, now: datetime
    ) -> AsyncIterator[tuple[Tags, Arrival]]:
        """The pages of an answer; none where nothing is new."""
        since = (before.changed_at - OVERLAP) if before.changed_at is not None else now - FIRST_LOOK_BACK
        url: str | None = self._poll.url.replace("{since}", f"{since:%Y-%m-%dT%H:%M:%SZ}")
        asked = {"If-None-Match": before.etag, "If-Modified-Since": before.modified} if url == self._poll.url else {}
        for _ in range(MOST_PAGES):
            if url is None:
                return
            headers, body = await self._get(client, url, {name: value for name, value in asked.items() if value})
            if body is None:
                return
            tags = Tags(headers.get("etag", "")[:200], headers.get("last-modified", "")[:60])
            arrival = await arrive_beside(self._agreement, Message(body, self._clock(), urlsplit(url).path))
            yield tags, arrival
            url, asked = self._next(url, arrival), {}

    def _next(self, url: str, arrival: Arrival) -> str | None:
        """The page after this one, at the same place: no answer sends us anywhere else."""
        if self._agreement.format != "hubeau" or arrival.refusal is not None:
            return None
        following = next_page(arrival.message.body)
        here = urlsplit(url)
        if following is None or urlsplit(following)[:2] != here[:2]:
            return None
        return following

    async def _get(
        self, client: httpx.AsyncClient, url: str, headers: dict[str, str]
    ) -> tuple[httpx.Headers, bytes | None]:
        most = format_of(self._agreement.format).max_bytes
        async with client.stream("GET", url, headers=headers) as response:
            if response.status_code == httpx.codes.NOT_MODIFIED:
                return response.headers, None
            if not response.is_success:
                raise Unanswered(f"answered {response.status_code}")
            body = bytearray()
            async for part in response.aiter_bytes():
                body += part
                if len(body) > most:
                    raise Unanswered(f"answered more than {most} bytes")
            return response.headers, bytes(body)


def seconds_to_wait(poll: Poll, last: Polled | None, now: datetime) -> float:
    """How long until a source is to be asked: twice as long after each failure, up to an hour."""
    if last is None:
        return 0.0
    pace = timedelta(seconds=poll.every_seconds)
    doubled: int = 1 << min(last.failures, 12)
    wait = max(pace, min(pace * doubled, LONGEST_WAIT))
    return max((last.asked_at + wait - now).total_seconds(), 0.0)
