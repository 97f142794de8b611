"""Everything that hears sensors in one process: the webhook's intake, brokers, polls, and what is done every minute.

Each process takes what is posted to it. Brokers, polls and upkeep are one process's work at a time: a session at a
broker belongs to one, and a source is asked once.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from litestar import Litestar

from api.diary import Diary
from api.rounds import Done
from api.settings import Settings
from domain.errors import LedgerUnavailable
from domain.jobs import Job
from domain.ports import Clock
from store.database import Database
from store.turns import in_turn
from store.whole import whole
from tour.catalogue import model
from tour.ingest.arrivals import Agreement, Intake
from tour.ingest.mqtt import listen
from tour.ingest.polling import Poller
from tour.ingest.source_file import BadSourceFile, read_sources
from tour.ingest.taking import Taker
from tour.ingest.webhook import Hooks
from tour.upkeep import upkeep

log = structlog.get_logger("hearing")

UPKEEP_SECONDS = 60.0
UPKEEP_SHARE = 0.2
"""How much of its time a round of it works: what it computes keeps the gates of this process waiting."""

AGAIN_SECONDS = 5.0
"""How long what broke down is left alone before it begins again."""

STOP_SECONDS = 2.0
"""How long what goes on may take to its end: a transaction, a broker that hears that we leave."""

_TURN = 0x6865_6172


class Hearing:
    """The sources of an installation, and what listens to them while the application lives."""

    def __init__(self, agreements: Mapping[str, Agreement], database: Database, clock: Clock) -> None:
        self.agreements = agreements
        self.database = database
        self.taker = Taker(database, {code: one.authority for code, one in agreements.items()})
        self.intake = Intake(self.taker.take)
        self.hooks = Hooks(agreements, self.intake, clock)
        self._clock = clock
        self._url = database.url.render_as_string(hide_password=False)

    @asynccontextmanager
    async def lifespan(self, app: Litestar) -> AsyncIterator[None]:
        """Listen, where there is anybody to listen to. The console finds us in the application's state."""
        app.state.hearing = self
        tasks = [asyncio.create_task(one) for one in self._works()] if self.agreements else []
        try:
            yield
        finally:
            await _stop(tasks)
            await self.database.close()

    def _works(self) -> tuple[Coroutine[Any, Any, None], ...]:
        shared = partial(in_turn, self.database, _TURN, self._one_of_all)
        return (_for_ever("intake", self.intake.run), _for_ever("turn", shared))

    async def _one_of_all(self) -> None:
        """What one process does for all."""
        works = [_for_ever("upkeep", self._keep_up)]
        for code, agreement in self.agreements.items():
            if agreement.broker is not None:
                broker = agreement.broker
                works.append(
                    _for_ever(f"mqtt {code}", partial(listen, broker, agreement, self.taker.take, self._clock))
                )
            if agreement.poll is not None:
                poller = Poller(agreement, agreement.poll, self.database, self.taker, self._clock)
                works.append(_for_ever(f"poll {code}", poller.run))
        async with asyncio.TaskGroup() as together:  # unlike `gather` it waits for all of them when it is cancelled
            for one in works:
                together.create_task(one)

    async def _keep_up(self) -> None:
        diary = Diary(self.database, self._clock)
        while True:
            began, problem = asyncio.get_running_loop().time(), None
            try:
                await whole(asyncio.to_thread(_round, self._url, self._clock()))
            except LedgerUnavailable as away:
                log.warning("upkeep_put_off", problem=away.detail)
                problem = away
            took = asyncio.get_running_loop().time() - began
            diary.note(Done(Job.UPKEEP, UPKEEP_SECONDS, took, problem))
            with suppress(LedgerUnavailable):
                await diary.write()
            await asyncio.sleep(UPKEEP_SECONDS)


def _round(url: str, now: datetime) -> None:
    """Do one round in a thread, with a database of its own: it looks at every stream, and gates wait for nobody."""

    async def once() -> None:
        database = Database(url)
        try:
            await upkeep(database, now, share=UPKEEP_SHARE)
        finally:
            await database.close()

    asyncio.run(once())


async def _stop(tasks: Sequence[asyncio.Task[None]]) -> None:
    """End tasks; twice, for the MQTT library loses an end that comes while it connects."""
    left: Collection[asyncio.Task[None]] = tasks
    for _ in range(2):
        for task in left:
            task.cancel()
        if left:
            _, left = await asyncio.wait(left, timeout=STOP_SECONDS)


async def _for_ever(name: str, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except Exception:  # what breaks in one source must not silence the others; it is told with its trace
            log.exception("broke_down", work=name)
        await asyncio.sleep(AGAIN_SECONDS)


def hearing_of(settings: Settings, clock: Clock) -> Hearing:
    """Read which sources there are. Nothing is opened before the lifespan begins.

    Raises:
        BadSourceFile: the file of sources cannot be read, or says what no source has.
        NotInCatalogue: it names a model that there is not.
    """
    agreements: dict[str, Agreement] = {}
    if settings.sources_file:
        try:
            text = Path(settings.sources_file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            raise BadSourceFile(f"{settings.sources_file} cannot be read: {problem}") from problem
        agreements = read_sources(text, lambda code: model(code).names)
    return Hearing(agreements, Database(settings.database_url), clock)
