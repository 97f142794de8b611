"""Messages of many requests, committed in groups; no request hears "received" before its commit."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256

import httpx
import pytest
from litestar import Litestar, Router

from api import problems
from api.rules import enforce
from domain.errors import Overloaded
from tests.uplinks_said import SAMPLES, SOURCE
from tour.ingest.arrivals import BATCH, WAITING, WAITING_BYTES, Agreement, Arrival, Intake, NotStored, arrive
from tour.ingest.sources import Message
from tour.ingest.webhook import Hooks, router

NOW = datetime(2026, 11, 21, 8, 0, 30, tzinfo=UTC)
TOKEN = "a long secret of the network server"
CHIRPSTACK = Agreement("chirpstack", SOURCE, token_sha256=sha256(TOKEN.encode()).hexdigest())
FRAME = SAMPLES["chirpstack-v4-em500-udl-distance"].bodies[0]


def arrival(body: bytes = FRAME) -> Arrival:
    return arrive(CHIRPSTACK, Message(body, NOW, "/hooks/city?event=up"))


class Store:
    """What commits: in memory, for the tests. It waits for `open`, and cannot commit while it is `away`."""

    def __init__(self, *, away: bool = False) -> None:
        self.groups: list[int] = []
        self.kept: list[Arrival] = []
        self.away = away
        self.asked = asyncio.Event()
        """The first group is at the door: whoever asked before that has been heard."""
        self.open = asyncio.Event()
        self.open.set()

    async def take(self, arrivals: Sequence[Arrival]) -> None:
        self.asked.set()
        await self.open.wait()
        if self.away:
            raise NotStored("the database is away")
        self.groups.append(len(arrivals))
        self.kept += arrivals


@asynccontextmanager
async def running(store: Store) -> AsyncIterator[Intake]:
    intake = Intake(store.take)
    task = asyncio.create_task(intake.run())
    try:
        yield intake
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_nobody_hears_received_before_the_commit() -> None:
    store = Store()
    store.open.clear()
    async with running(store) as intake:
        request = asyncio.create_task(intake.store(arrival()))
        await store.asked.wait()
        assert not request.done()
        store.open.set()
        await request
    assert len(store.kept) == 1


async def test_what_comes_during_a_commit_is_committed_together() -> None:
    store = Store()
    store.open.clear()
    async with running(store) as intake:
        first = asyncio.create_task(intake.store(arrival()))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        others = [asyncio.create_task(intake.store(arrival())) for _ in range(BATCH + 1)]
        await asyncio.sleep(0)
        store.open.set()
        await asyncio.gather(first, *others)
    assert store.groups == [1, BATCH, 1]


async def test_nobody_is_told_received_when_nothing_was_committed() -> None:
    async with running(Store(away=True)) as intake:
        with pytest.raises(Overloaded):
            await intake.store(arrival())


async def test_a_full_intake_asks_to_come_again() -> None:
    store = Store()
    store.open.clear()
    async with running(store) as intake:
        one = arrival()
        requests = [asyncio.create_task(intake.store(one)) for _ in range(WAITING + BATCH)]
        await store.asked.wait()
        full = [request for request in requests if request.done()]
        assert len(full) == BATCH, "those that came when the queue had no place left"
        assert all(isinstance(request.exception(), Overloaded) for request in full)
        store.open.set()
        await asyncio.gather(*(request for request in requests if request not in full))
    assert len(store.kept) == WAITING


async def test_long_pages_fill_the_intake_sooner() -> None:
    store = Store()
    store.open.clear()
    page = arrive(CHIRPSTACK, Message(b"x" * (WAITING_BYTES // 4), NOW))
    async with running(store) as intake:
        requests = [asyncio.create_task(intake.store(page)) for _ in range(6)]
        await store.asked.wait()
        full = [request for request in requests if request.done()]
        assert [type(request.exception()) for request in full] == [Overloaded, Overloaded]
        store.open.set()
        await asyncio.gather(*(request for request in requests if request not in full))
        await intake.store(page)
    assert len(store.kept) == 5


async def test_who_waits_when_the_intake_closes_is_not_told_received() -> None:
    store = Store()
    store.open.clear()
    async with running(store) as intake:
        requests = [asyncio.create_task(intake.store(arrival())) for _ in range(3)]
        await store.asked.wait()
    answers = await asyncio.gather(*requests, return_exceptions=True)
    assert all(isinstance(answer, Overloaded) for answer in answers)
    assert store.kept == []


async def test_a_request_that_goes_away_holds_nobody_up() -> None:
    store = Store()
    store.open.clear()
    async with running(store) as intake:
        gone, stays = (asyncio.create_task(intake.store(arrival())) for _ in range(2))
        await store.asked.wait()
        gone.cancel()
        store.open.set()
        await stays
    assert len(store.kept) == 2


# --- by HTTP ----------------------------------------------------------------------------------------


@asynccontextmanager
async def served(store: Store) -> AsyncIterator[httpx.AsyncClient]:
    async with running(store) as intake:
        hooks = Hooks({"city": CHIRPSTACK, "polled": Agreement("hubeau", SOURCE)}, intake, lambda: NOW)
        below = Router("/", route_handlers=[router(lambda: hooks)], guards=[enforce])
        app = Litestar(route_handlers=[below], exception_handlers=problems.HANDLERS, logging_config=None)
        transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # Litestar writes its messages as typed dicts
        async with httpx.AsyncClient(transport=transport, base_url="http://city.test", timeout=10) as client:
            yield client


BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.mark.parametrize("path", ["/hooks/city?event=up", "/hooks/city/uplink"])
async def test_a_network_server_posts_a_frame(path: str) -> None:
    store = Store()
    async with served(store) as client:
        answer = await client.post(path, content=FRAME, headers=BEARER)
    assert (answer.status_code, answer.content) == (204, b"")
    (one,) = store.kept
    assert (one.source, one.message.address, one.message.received_at) == ("test", path, NOW)
    assert one.parsed is not None
    assert len(one.parsed.measures) == 2


@pytest.mark.parametrize(
    ("source", "authorization"),
    [
        ("city", ""),
        ("city", "Bearer "),
        ("city", "Bearer another"),
        ("city", f"Basic {TOKEN}"),
        ("city", TOKEN),
        ("nobody", f"Bearer {TOKEN}"),
        ("polled", f"Bearer {TOKEN}"),
        ("polled", "Bearer "),
    ],
)
async def test_a_stranger_stores_nothing(source: str, authorization: str) -> None:
    store = Store()
    async with served(store) as client:
        answer = await client.post(f"/hooks/{source}", content=FRAME, headers={"Authorization": authorization})
    assert (answer.status_code, answer.json()["code"], store.kept) == (401, "not-authenticated", [])


async def test_a_message_that_cannot_be_read_is_a_problem_and_is_kept_for_the_agents() -> None:
    store = Store()
    async with served(store) as client:
        answer = await client.post("/hooks/city?event=up", content=FRAME[:-10], headers=BEARER)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed-message")
    assert answer.headers["content-type"] == "application/problem+json"
    assert [(one.parsed, one.message.body) for one in store.kept] == [(None, FRAME[:-10])]


async def test_a_store_that_is_away_asks_the_sender_to_come_again() -> None:
    async with served(Store(away=True)) as client:
        answer = await client.post("/hooks/city?event=up", content=FRAME, headers=BEARER)
    assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
    assert int(answer.headers["retry-after"]) >= 1
