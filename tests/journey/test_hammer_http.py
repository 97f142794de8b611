"""Terminals in a crowd, over HTTP, on servers as they are run: what the terminals heard is what the export says
(Q1, Q2, E1, E2, E3, I1, I2). On PostgreSQL two server processes share the database, on SQLite there is one.
"""

import asyncio
import secrets
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from tests.journey.crash_client import Register, Tap, client_of, hang_up, settle_in
from tests.journey.crash_server import program

pytestmark = [pytest.mark.slow, pytest.mark.servers]

TERMINALS = 12
TURNS = 40


async def test_what_the_terminals_heard_is_what_the_export_says(
    database_url: str, engine_name: str, tmp_path: Path
) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # noqa: T201 - pytest shows it on failure
    place = await settle_in(database_url, tmp_path / "keys")
    register = Register(place, seed)
    async with AsyncExitStack() as stack:
        servers = [
            await stack.enter_async_context(program(database_url, tmp_path / "keys", tmp_path / f"server-{number}.log"))
            for number in range(2 if engine_name == "postgresql" else 1)
        ]
        clients = [await stack.enter_async_context(client_of(server.url)) for server in servers]
        await register.log_in(clients[0])

        await asyncio.gather(
            *(_terminal(register, clients, [server.url for server in servers]) for _ in range(TERMINALS))
        )
        await register.insist(clients[-1], register.unanswered)
        # Every key once more, on the other server where there is one.
        await asyncio.gather(*(register.insist(clients[0], chunk) for chunk in _chunks(list(register.taps.values()))))

        books = await register.compare(clients[0], database_url)
        assert len(books.events) == TERMINALS * TURNS
        reasons = {event.reason for event in books.events}
        assert {"carnet_empty", "already_inside", "welcome", "goodbye"} <= reasons, reasons


async def _terminal(register: Register, clients: list[httpx.AsyncClient], urls: list[str]) -> None:
    chance = register.chance
    for _ in range(TURNS):
        tap = register.new()
        match chance.randrange(5):
            case 0:
                await hang_up(chance.choice(urls), register, tap)
            case 1:
                # The same key on every server at once, twice each.
                await asyncio.gather(*(register.send(client, tap) for client in clients for _ in range(2)))
            case 2:
                await register.send(chance.choice(clients), tap)
                await _refused_with_another_body(register, chance.choice(clients), tap)
            case 3:
                await _impatient(register, chance.choice(clients), tap)
            case _:
                await register.send(chance.choice(clients), tap)


async def _refused_with_another_body(register: Register, client: httpx.AsyncClient, tap: Tap) -> None:
    """I2: the key is taken; 422, and no event. While the first is unknown, nothing can be said of it."""
    if not tap.answers:
        return
    other = {**tap.body, "direction": "exit" if tap.body["direction"] == "entry" else "entry"}
    answer = await client.post("/v1/access/validations", json=other, headers=register.headers)
    assert answer.status_code in {422, 503}, answer.text


async def _impatient(register: Register, client: httpx.AsyncClient, tap: Tap) -> None:
    """A client that gives up somewhere in the middle of its request, and asks again."""
    first = asyncio.create_task(register.send(client, tap))
    for _ in range(register.chance.randrange(1, 30)):
        await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await register.send(client, tap)


def _chunks(taps: list[Tap]) -> list[list[Tap]]:
    return [taps[start::TERMINALS] for start in range(TERMINALS)]
