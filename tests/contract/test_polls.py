"""Sources that are asked, over HTTP: only for what is new, less often when they fail, and never elsewhere."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from domain.devices import register_device
from domain.readings import Quality
from store.database import Database
from store.dead_letters import dead_letters
from store.polls import Polled, polled_of
from tests.tour_streams import CO2
from tests.tour_world import NOW, TourWorld, room, tour_world
from tour.ingest.arrivals import Agreement
from tour.ingest.polling import Poller, seconds_to_wait
from tour.ingest.sources import Poll, Source
from tour.ingest.taking import Taker

STATION = "Y351400501"


class Portal:
    """A portal that a test fills: its answers in order, the last one again and again; and what it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.asked: list[tuple[str, dict[str, str]]] = []

    def says(self, *rows: dict[str, Any], following: str | None = None, **headers: str) -> None:
        """Answer with a page of Hub'Eau."""
        page = {"data": list(rows), "next": following}
        self.answers.append((200, headers, json.dumps(page).encode()))


@contextmanager
def serving() -> Iterator[Portal]:
    portal = Portal()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            portal.asked.append((self.path, dict(self.headers)))
            status, headers, body = portal.answers[0] if len(portal.answers) == 1 else portal.answers.pop(0)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    portal.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield portal
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def portal() -> Iterator[Portal]:
    with serving() as opened:
        yield opened


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[TourWorld]:
    """A river gauge in the register."""
    database = Database(database_url, patience=30)
    world = await tour_world(database, rooms=())
    async with database.begin() as unit:
        device, _ = room(1, world.authority.id, unit.ids)
        device = replace(device, model="hubeau-hydrometry", source="river", source_key=STATION)
        level = replace(
            CO2,
            id=unit.ids.row(),
            authority_id=device.authority_id,
            device_id=device.id,
            quantity="water_level",
            unit="m",
            period_seconds=300,
            high=20.0,
        )
        await register_device(unit, device, [level])
    yield world
    await database.close()


class Asking:
    """A poller on a clock of its own."""

    def __init__(self, world: TourWorld, url: str) -> None:
        self.now = NOW
        self.world = world
        poll = Poll(url, 300)
        agreement = Agreement("hubeau", Source("river"), poll=poll)
        taker = Taker(world.database, {"river": "ville"})
        self.poller = Poller(agreement, poll, world.database, taker, lambda: self.now)

    async def ask(self, *, later: timedelta = timedelta(minutes=5)) -> Polled:
        async with httpx.AsyncClient() as client:
            state = await self.poller.ask(client)
        self.now += later
        return state


def height(minutes_ago: int, millimetres: float, status: int = 4) -> dict[str, Any]:
    at = NOW - timedelta(minutes=minutes_ago)
    return {
        "code_station": STATION,
        "grandeur_hydro": "H",
        "date_obs": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "resultat_obs": millimetres,
        "statut_serie": status,
    }


async def test_a_page_that_comes_again_with_one_more_row_brings_one_more_reading(
    world: TourWorld, portal: Portal
) -> None:
    rows = [height(ago, 900 + ago) for ago in (30, 25, 20)]
    portal.says(*rows)
    portal.says(*rows, height(15, 904))
    asking = Asking(world, portal.url + "/obs")
    assert (await asking.ask()).changed_at == NOW
    assert await world.count() == 3
    assert (await asking.ask()).changed_at == NOW + timedelta(minutes=5)
    # Nothing new, though it answers: the feed may stand still.
    assert await asking.ask() == Polled(
        NOW + timedelta(minutes=10), NOW + timedelta(minutes=10), NOW + timedelta(minutes=5)
    )
    assert [round(value, 3) for _, _, value, _ in await world.readings()] == [0.93, 0.925, 0.92, 0.904]


async def test_of_two_heights_of_one_instant_the_one_counts_that_its_source_stands_by(
    world: TourWorld, portal: Portal
) -> None:
    """Caissargues, 1 January 2022: 360 and 904 mm; an hour ago in this test."""
    portal.says(height(60, 360, status=4), height(60, 904, status=12))
    await Asking(world, portal.url).ask()
    ((_, _, value, quality),) = await world.readings()
    assert (value, quality) == (0.904, Quality.UNQUALIFIED)


async def test_what_has_not_changed_is_not_sent_again(world: TourWorld, portal: Portal) -> None:
    portal.says(height(10, 900), ETag='"7"', **{"Last-Modified": "Wed, 18 Nov 2026 11:00:00 GMT"})
    portal.answers.append((304, {}, b""))
    asking = Asking(world, portal.url)
    await asking.ask()
    told = await asking.ask()
    _, headers = portal.asked[-1]
    assert (headers["If-None-Match"], headers["If-Modified-Since"]) == ('"7"', "Wed, 18 Nov 2026 11:00:00 GMT")
    assert (told.answered_at, told.changed_at, told.etag) == (NOW + timedelta(minutes=5), NOW, '"7"')


async def test_only_news_are_asked_for_where_the_address_says_since_when(world: TourWorld, portal: Portal) -> None:
    portal.says(height(10, 900), ETag='"7"')
    asking = Asking(world, portal.url + "/obs?date_debut_obs={since}")
    await asking.ask()
    await asking.ask()
    assert [path for path, _ in portal.asked] == [
        "/obs?date_debut_obs=2026-11-17T12:00:00Z",
        "/obs?date_debut_obs=2026-11-18T10:00:00Z",
    ]
    assert "If-None-Match" not in portal.asked[-1][1], "it is another question each time"


async def test_pages_follow_each_other_and_lead_nowhere_else(world: TourWorld, portal: Portal) -> None:
    portal.says(height(10, 900), following=f"{portal.url}/obs?page=2")
    portal.says(height(5, 901), following="http://127.0.0.2:1/secret")
    await Asking(world, portal.url + "/obs").ask()
    assert [path for path, _ in portal.asked] == ["/obs", "/obs?page=2"]
    assert await world.count() == 2


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ((500, {}, b"{}"), "answered 500"),
        ((302, {"Location": "http://127.0.0.2:1/"}, b""), "answered 302"),
        ((200, {}, b'{"data": ['), "malformed-message"),
        ((200, {}, b"x" * (17 * 1024 * 1024)), "answered more than"),
    ],
)
async def test_an_answer_that_is_none_is_a_failure_that_agents_see(
    world: TourWorld, portal: Portal, answer: tuple[int, dict[str, str], bytes], problem: str
) -> None:
    portal.answers.append(answer)
    asking = Asking(world, portal.url)
    await asking.ask()
    last = await asking.ask()
    assert last.failures == 2
    assert problem in last.problem
    assert last.answered_at is None
    async with world.database.read() as connection:
        assert await polled_of(connection, world.authority.id) == {"river": last}
        letters = await dead_letters(connection, world.authority.id)
    assert len(letters) == (1 if problem == "malformed-message" else 0)


async def test_a_source_that_is_not_there_fails_and_is_heard_when_it_is_back(world: TourWorld, portal: Portal) -> None:
    """Nobody listens on port 1 of this machine."""
    away = await Asking(world, "http://127.0.0.1:1/").ask()
    assert (away.failures, away.problem != "") == (1, True)
    portal.says(height(10, 900))
    assert (await Asking(world, portal.url).ask()).failures == 0


def test_a_source_that_fails_is_asked_less_and_less_often() -> None:
    poll = Poll("http://portal.test", 300)
    assert seconds_to_wait(poll, None, NOW) == 0
    waits = [seconds_to_wait(poll, Polled(NOW, failures=failures), NOW) for failures in range(6)]
    assert waits == [300, 600, 1200, 2400, 3600, 3600]
    assert seconds_to_wait(Poll("http://portal.test", 7200), Polled(NOW, failures=9), NOW) == 7200
    assert seconds_to_wait(poll, Polled(NOW - timedelta(hours=1)), NOW) == 0


async def test_a_poller_asks_at_once_and_ends_at_once(world: TourWorld, portal: Portal) -> None:
    portal.says(height(10, 900))
    task = asyncio.create_task(Asking(world, portal.url).poller.run())
    for _ in range(3_000):
        await asyncio.sleep(0.02)
        if await world.count():
            break
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 30)
    assert len(portal.asked) == 1
