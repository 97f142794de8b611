"""The application as a real process: the small city of today, served by uvicorn on a free port."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
from msgspec import Struct

from adapters.clock import utc_now
from adapters.keyring import KeyRing
from api.auth import AccessTokens
from api.residents import AUDIENCE
from api.settings import Settings
from domain.account_links import LinkKind, make_code, redeem
from domain.account_sessions import Client, LoginWay, open_session
from domain.accounts import ContactChannel, open_account
from domain.agents import Agent, Role, everywhere
from domain.ports import Unit
from store.database import Database
from tests.city import KEEP, PASSWORD, City, resident, small_city
from tests.migrated import lay
from tests.processes import Running

ROOT = Path(__file__).parents[1]
ALMIGHTY = "everything@ville.example"
"""The login of an agent who has every role."""


class Served(Struct):
    """A running server and the city behind it."""

    url: str
    city: City
    log: Path
    pass_number: str
    code: str

    @contextlib.asynccontextmanager
    async def unit(self) -> AsyncIterator[Unit]:
        """Write beside the running server, by the domain's verbs."""
        database = Database(f"sqlite:///{self.log.parent}/city.sqlite3", patience=30)
        try:
            async with database.begin() as unit:
                yield unit
        finally:
            await database.close()

    def agent_token(self) -> str:
        """An access token of the agent who may do everything."""
        answer = httpx.post(f"{self.url}/v1/agents/tokens", json={"login": ALMIGHTY, "password": PASSWORD}, timeout=60)
        return str(answer.raise_for_status().json()["accessToken"])

    def terminal_token(self, nonce: str) -> str:
        """An access token of the city's terminal."""
        proof = self.city.terminal.proof(utc_now(), nonce=nonce)
        answer = httpx.post(f"{self.url}/v1/terminals/tokens", json={"assertion": proof}, timeout=60)
        return str(answer.raise_for_status().json()["accessToken"])

    def resident_token(self, email: str) -> str:
        """An access token of a resident who has just logged in, and follows the city's one pass if nobody does yet."""
        return asyncio.run(_resident(self.log.parent, self.city, email))


@contextlib.contextmanager
def served(folder: Path, **settings: str) -> Iterator[Served]:
    """Serve a small city from `folder` until the context ends. `settings` are names of settings, in lower case.

    `{port}` in a value is the port that is served.
    """
    url, keys = f"sqlite:///{folder}/city.sqlite3", folder / "keys"
    lay(folder / "city.sqlite3")
    city, number, code = asyncio.run(_people(url, keys))
    with running(folder, database_url=url, keys_folder=str(keys), **settings) as address:
        yield Served(address, city, folder / "server.log", number, code)


@contextlib.contextmanager
def running(folder: Path, **settings: str) -> Iterator[str]:
    """Run the application with these settings until the context ends, and return its address.

    What it says lies in `folder`, as `server.log`.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MULTIPASS_")}
    with socket.socket() as door:
        # We listen, the server takes over: whoever calls early waits in the queue, and nobody has to poll.
        door.bind(("127.0.0.1", 0))
        door.listen(128)
        port = str(door.getsockname()[1])
        own = {f"MULTIPASS_{name.upper()}": value.replace("{port}", port) for name, value in settings.items()}
        words = ("--factory", "multipass:create_app", "--no-access-log", "--no-server-header")
        log = folder / "server.log"
        log.unlink(missing_ok=True)
        server = Running("uvicorn", words, {**environment, **own}, log, door=door)
        try:
            address = f"http://127.0.0.1:{port}"
            httpx.get(f"{address}/health/ready", timeout=120).raise_for_status()
            yield address
        finally:
            server.stop(60)


async def _resident(folder: Path, city: City, email: str) -> str:
    database, now = Database(f"sqlite:///{folder}/city.sqlite3"), utc_now()
    async with database.begin() as unit:
        account = await open_account(
            unit,
            authority_id=city.authority.id,
            channel=ContactChannel.EMAIL,
            address=email,
            language="fr",
            now=now,
        )
        session = await open_session(unit, account, client=Client.APP, name="Fairphone", way=LoginWay.EMAIL, now=now)
        holder = await unit.people.holder(city.authority.id, "R1")
        if await unit.accounts.own_link(holder.id) is None:
            code, _ = await make_code(unit, holder, kind=LinkKind.OWN, by=None, now=now, today=now.date())
            await redeem(unit, account, code, now=now, today=now.date())
    await database.close()
    tokens = AccessTokens(
        KeyRing(folder / "keys"), issuer=Settings().public_url, audience=AUDIENCE, seconds=3600, clock=utc_now
    )
    return tokens.sign(session.id)


async def _people(url: str, keys: Path) -> tuple[City, str, str]:
    database, keyring, now = Database(url, patience=30), KeyRing(keys), utc_now()
    city = await small_city(database, keyring, now=now)
    shown = await resident(database, keyring, city, "R1", rights=("carnet-10",), now=now)
    async with database.begin() as unit:
        almighty = Agent(
            id=unit.ids.row(),
            authority_id=city.authority.id,
            login=ALMIGHTY,
            name="Everything",
            password_hash=city.agents[Role.DESK].password_hash,
            grants=everywhere(*Role),
            active=True,
            created_at=now,
            keep_until=KEEP,
        )
        await unit.agents.add(almighty)
    await database.close()
    return city, shown.pass_.number, shown.code
