"""The application in a test: the small city, a clock to turn, and a client that speaks HTTP to it in this process."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from litestar import Litestar

from adapters.keyring import KeyRing
from admin import front as console
from api.app import frame_of, furnish
from api.settings import Settings
from cli.demo.provider import CLIENT_ID, CLIENT_SECRET
from domain.agents import Role
from portal import front as portal
from store.database import Database
from tests.card_masters import MemoryMasters
from tests.city import NOW, PASSWORD, City, TestPass, TestTerminal, resident, small_city
from tests.client import client_of
from tour import plates
from tour.agents import hearing_routes
from tour.hearing import Hearing, hearing_of
from web import taps


class TestClock:
    """A clock that stands still until a test turns it."""

    __test__ = False

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        """Turn it on by days, hours, minutes or seconds."""
        self.now += timedelta(**by)


class House:
    """Everything a test of the application needs."""

    def __init__(
        self,
        *,
        app: Litestar,
        client: httpx.AsyncClient,
        database: Database,
        keyring: KeyRing,
        city: City,
        clock: TestClock,
        masters: MemoryMasters,
    ) -> None:
        self.app = app
        self.client = client
        self.database = database
        self.keyring = keyring
        self.city = city
        self.clock = clock
        self.masters = masters
        self._keys = itertools.count()
        self._own_token: str | None = None

    async def resident(self, reference: str, **more: Any) -> TestPass:  # noqa: ANN401 - as `tests.city.resident`
        """Register somebody with a pass and rights."""
        return await resident(self.database, self.keyring, self.city, reference, now=self.clock(), **more)

    async def terminal_token(self, terminal: TestTerminal | None = None) -> str:
        """Prove a terminal's key and return its access token."""
        terminal = terminal or self.city.terminal
        proof = terminal.proof(self.clock(), nonce=f"n{next(self._keys)}")
        answer = await self.client.post("/v1/terminals/tokens", json={"assertion": proof})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["accessToken"])

    async def agent_headers(self, role: Role, *, neighbour: bool = False) -> dict[str, str]:
        """Log an agent in and return the headers of their requests."""
        agents = self.city.neighbour_agents if neighbour else self.city.agents
        answer = await self.client.post("/v1/agents/tokens", json={"login": agents[role].login, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['accessToken']}"}

    async def tap(self, code: str, gate: str = "pool-1", *, token: str | None = None, **more: object) -> httpx.Response:
        """Show a code at a gate, under a fresh key unless one is given."""
        token = token or await self._token()
        body = {"key": f"tap-{next(self._keys)}", "gate": gate, "credential": code, **more}
        return await self.client.post("/v1/access/validations", json=body, headers={"Authorization": f"Bearer {token}"})

    async def until(self, so: Callable[[], Awaitable[bool]]) -> None:
        """Ask until it is so: for what the application does in its own time, as looking at its keyring.

        Raises:
            TimeoutError: it was not so within half a minute.
        """
        async with asyncio.timeout(PATIENT):
            while not await so():  # noqa: ASYNC110 - what is asked for rings no bell
                await asyncio.sleep(0.01)

    async def _token(self) -> str:
        if self._own_token is None:
            self._own_token = await self.terminal_token()
        return self._own_token


@asynccontextmanager
async def open_house(
    database_url: str,
    keyring: KeyRing,
    clock: TestClock,
    keys_folder: Path,
    *,
    sources_file: str = "",
    oidc_issuer: str = "",
    **settings: Any,  # noqa: ANN401 - of `Settings`
) -> AsyncIterator[House]:
    """Build the small city in a migrated database and run the application on it."""
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring, now=clock())
    await database.close()
    async with running(
        database_url, keyring, clock, keys_folder, city, sources_file=sources_file, oidc_issuer=oidc_issuer, **settings
    ) as house:
        yield house


class Kept:
    """The routes of a house, which outlive it: to put them together takes longer than most tests."""

    def __init__(self) -> None:
        self.hearing: Hearing | None = None

        def hears() -> Hearing:  # a function: Litestar copies what it is given, and a method with all it belongs to
            assert self.hearing is not None
            return self.hearing

        self.frame = frame_of((taps.ROUTER, plates.ROUTER, console.ROUTER, portal.ROUTER, *hearing_routes(hears)))


_IDLE: list[Kept] = []
"""Those of houses that are closed. Two that are open at the same time never share one."""


@asynccontextmanager
async def started(
    settings: Settings, clock: TestClock, masters: MemoryMasters | None = None
) -> AsyncIterator[tuple[Litestar, httpx.AsyncClient]]:
    """Start the application of a house, on routes that were kept, and a client that speaks to it."""
    hearing = hearing_of(settings, clock)
    kept = _IDLE.pop() if _IDLE else Kept()
    kept.hearing = hearing
    app = furnish(kept.frame, settings, clock=clock, more_lifespans=(hearing.lifespan,), card_masters=masters)
    async with client_of(app) as client:
        yield app, client
    _IDLE.append(kept)


PATIENT = 30
"""Seconds: on a busy machine a test waits for its database; how a frozen one is told stands in tests of its own."""


@asynccontextmanager
async def running(
    database_url: str,
    keyring: KeyRing,
    clock: TestClock,
    keys_folder: Path,
    city: City,
    *,
    sources_file: str = "",
    oidc_issuer: str = "",
    **settings: Any,  # noqa: ANN401 - of `Settings`
) -> AsyncIterator[House]:
    """Run the application on a city that stands."""
    database = Database(database_url, patience=30)
    own = Settings(
        database_url=database_url,
        keys_folder=str(keys_folder),
        media_folder=str(keys_folder.parent / "media"),
        documents_folder=str(keys_folder.parent / "documents"),
        mail_folder=str(keys_folder.parent / "mail"),
        mail_from="Ville <pass@ville.example>",
        sms_folder=str(keys_folder.parent / "sms"),
        push_folder=str(keys_folder.parent / "push"),
        sources_file=sources_file,
        oidc_issuer=oidc_issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        answer_seconds=PATIENT,
        **settings,
    )
    masters = MemoryMasters()
    async with started(own, clock, masters) as (app, client):
        yield House(app=app, client=client, database=database, keyring=keyring, city=city, clock=clock, masters=masters)
    await database.close()
