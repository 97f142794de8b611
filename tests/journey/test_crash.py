"""The plug is pulled, again and again, under load. Restarting is all that anybody does afterwards (R1).

What a terminal heard stands in the export (E2), what it did not hear it asks again under the same key and gets one
event (E1, I1), and the books close (Q1, Q2, E3). Each test prints its seed.
"""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import msgspec
import pytest

from domain.limits import ONE
from store import migrate
from tests import servers
from tests.contract.ledger_books import Books
from tests.contract.ledger_world import APART
from tests.journey.crash_client import VISITS, Register, client_of, settle_in
from tests.journey.crash_server import HANG_SECONDS, Program, program, proxy_before

pytestmark = [pytest.mark.slow, pytest.mark.servers]

ROUNDS = 6
TERMINALS = 8


async def _load(register: Register, client: httpx.AsyncClient, enough: asyncio.Event) -> None:
    """Tap until the server is gone. Nothing is asked again meanwhile: that is for after the restart."""
    while not enough.is_set():
        if not await register.send(client, register.new()):
            return


@asynccontextmanager
async def _loaded(register: Register, url: str) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Terminals that tap while the block runs; it ends once they have all met the end of the server."""
    enough = asyncio.Event()
    async with client_of(url) as client:
        tasks = [asyncio.create_task(_load(register, client, enough)) for _ in range(TERMINALS)]
        try:
            yield tasks
        finally:
            enough.set()
            async with asyncio.timeout(HANG_SECONDS):
                await asyncio.gather(*tasks)


async def _some_answers(register: Register, more: int) -> None:
    """Return once that many more taps were answered: the server is in the middle of its work."""
    wanted = sum(bool(tap.answers) for tap in register.taps.values()) + more
    async with asyncio.timeout(HANG_SECONDS):
        # The answers themselves are what is waited for.
        while sum(bool(tap.answers) for tap in register.taps.values()) < wanted:  # noqa: ASYNC110
            await asyncio.sleep(0)


async def _settled(register: Register, url: str, database_url: str) -> Books:
    """After the last restart: every key is asked once more, known or not, and the books are compared."""
    async with client_of(url) as client:
        await register.insist(client, register.unanswered)
        await register.insist(client, list(register.taps.values()))
        return await register.compare(client, database_url)


async def test_a_server_killed_again_and_again_under_load_loses_and_doubles_nothing(
    database_url: str, tmp_path: Path
) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # noqa: T201 - pytest shows it on failure
    chance = random.Random(seed)
    place = await settle_in(database_url, tmp_path / "keys", guests=30)
    register = Register(place, seed)
    server = Program(database_url, tmp_path / "keys", tmp_path / "server.log")
    unknown = 0
    try:
        for _ in range(ROUNDS):
            await server.start()
            async with client_of(server.url) as client:
                await register.log_in(client)
                await register.insist(client, register.unanswered)
            async with _loaded(register, server.url):
                await _some_answers(register, chance.randrange(1, 60))
                for _ in range(chance.randrange(200)):
                    await asyncio.sleep(0)
                server.kill()
            unknown += len(register.unanswered)
        await server.start()
        books = await _settled(register, server.url, database_url)
    finally:
        server.stop()
    assert unknown, "no round killed the server in the middle of a passage"
    assert len(books.events) == len(register.taps)


async def test_a_postgresql_killed_under_load_loses_nothing_it_has_confirmed(tmp_path: Path) -> None:
    """The server goes on by itself once the database is back (R1, R2)."""
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # noqa: T201 - pytest shows it on failure
    with servers.postgres_server(tmp_path, durable=True) as postgres:
        await asyncio.to_thread(migrate.upgrade, postgres.url)
        place = await settle_in(postgres.url, tmp_path / "keys", guests=30)
        register = Register(place, seed)
        async with program(postgres.url, tmp_path / "keys", tmp_path / "server.log") as server:
            async with client_of(server.url) as client:
                await register.log_in(client)
            for _ in range(2):
                async with _loaded(register, server.url):
                    await _some_answers(register, register.chance.randrange(10, 80))
                    await asyncio.to_thread(postgres.kill)
                async with client_of(server.url) as client:
                    answer = await client.post(
                        "/v1/access/validations", json=register.new().body, headers=register.headers
                    )
                    assert answer.status_code == 503, "D3: a decision without a database"
                await asyncio.to_thread(postgres.restart)
            books = await _settled(register, server.url, postgres.url)
        assert len(books.events) == len(register.taps)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_a_reply_lost_after_the_commit_is_found_again_by_the_same_key(database_url: str, tmp_path: Path) -> None:
    """The commit is unknown to the server: nobody is let in, and the retry finds the one stored answer (E1, I1, Q1)."""
    place = await settle_in(database_url, tmp_path / "keys", guests=1)
    register = Register(place, 1)
    async with (
        proxy_before(database_url) as (proxy, url_through_proxy),
        program(url_through_proxy, tmp_path / "keys", tmp_path / "server.log") as server,
        client_of(server.url) as client,
    ):
        await register.log_in(client)
        for turn in range(2):
            if turn:  # the server's clock is a real one, and a code read twice within seconds is one scan
                await asyncio.sleep(APART.total_seconds())
            tap = register.new()
            tap.body |= {"gate": "free-1", "direction": "entry"}
            proxy.lose_next_commit()
            answer = await client.post("/v1/access/validations", json=tap.body, headers=register.headers)
            assert answer.status_code == 503, answer.text
            assert answer.json()["code"] == "ledger-unavailable"
            assert proxy.lost.is_set()

            await register.insist(client, [tap])
            said = msgspec.json.decode(tap.answers[0])
            assert said["outcome"] in {"granted", "granted_with_warning"}
            assert [left["left"] for left in said["remaining"]] == [VISITS - turn - 1]
        books = await register.compare(client, database_url)
    assert list(books.used.values()) == [2 * ONE]
    assert len(books.events) == 2


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_a_frozen_database_ends_each_request_and_lets_nobody_in(database_url: str, tmp_path: Path) -> None:
    """D1, D3: the answer is 503, not silence; thawed, the same key settles."""
    place = await settle_in(database_url, tmp_path / "keys", guests=4)
    register = Register(place, 2)
    async with (
        proxy_before(database_url) as (proxy, url_through_proxy),
        program(url_through_proxy, tmp_path / "keys", tmp_path / "server.log") as server,
        client_of(server.url) as client,
    ):
        await register.log_in(client)
        await register.insist(client, [register.new()])
        for _ in range(2):
            proxy.freeze()
            frozen = [register.new() for _ in range(6)]
            # Some wait in the same batch, some behind it; the last ones meet a server that has noticed already.
            for wave in (frozen[:4], frozen[4:]):
                async with asyncio.timeout(HANG_SECONDS):
                    answers = await asyncio.gather(
                        *(
                            client.post("/v1/access/validations", json=tap.body, headers=register.headers)
                            for tap in wave
                        )
                    )
                assert [answer.status_code for answer in answers] == [503] * len(wave)
                assert {answer.json()["code"] for answer in answers} <= {"ledger-unavailable", "overloaded"}
            proxy.thaw()
            await register.insist(client, frozen)
        books = await register.compare(client, database_url)
    assert len(books.events) == len(register.taps)


async def _fresh_token(register: Register, client: httpx.AsyncClient) -> dict[str, str]:
    """A token that its server has given and has not been shown yet."""
    known = register.place.token
    await register.log_in(client)
    fresh, register.place.token = register.place.token, known
    return {"Authorization": f"Bearer {fresh}"}


async def test_without_its_database_the_gate_says_so_to_every_terminal(tmp_path: Path) -> None:
    """D3: 503 and the code that sends a terminal to its offline rules, whether its token is remembered or not."""
    with servers.postgres_server(tmp_path, durable=True) as postgres:
        await asyncio.to_thread(migrate.upgrade, postgres.url)
        place = await settle_in(postgres.url, tmp_path / "keys", guests=1)
        register = Register(place, 3)
        async with (
            program(postgres.url, tmp_path / "keys", tmp_path / "server.log") as server,
            client_of(server.url) as client,
        ):
            await register.log_in(client)
            await register.insist(client, [register.new()])
            fresh = await _fresh_token(register, client)
            await asyncio.to_thread(postgres.kill)

            tap = register.new()
            for headers in (register.headers, fresh):
                answer = await client.post("/v1/access/validations", json=tap.body, headers=headers)
                assert (answer.status_code, answer.json()["code"]) == (503, "ledger-unavailable")

            await asyncio.to_thread(postgres.restart)
            await register.insist(client, [tap])
            answer = await client.post("/v1/access/validations", json=tap.body, headers=fresh)
            assert answer.content == tap.answers[0]
            await register.compare(client, postgres.url)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_a_frozen_database_hangs_no_terminal_whose_token_must_be_looked_up(
    database_url: str, tmp_path: Path
) -> None:
    """D1, D3 on the slow path: after each restart of the server every token is looked up."""
    place = await settle_in(database_url, tmp_path / "keys", guests=1)
    register = Register(place, 4)
    async with (
        proxy_before(database_url) as (proxy, url_through_proxy),
        program(url_through_proxy, tmp_path / "keys", tmp_path / "server.log") as server,
        client_of(server.url) as client,
    ):
        await register.log_in(client)
        await register.insist(client, [register.new()])
        fresh = await _fresh_token(register, client)
        proxy.freeze()
        tap = register.new()
        # The client's own patience (30 s) is the guard.
        answer = await client.post("/v1/access/validations", json=tap.body, headers=fresh)
        assert (answer.status_code, answer.json()["code"]) == (503, "ledger-unavailable")
        proxy.thaw()
        await register.insist(client, [tap])
        await register.compare(client, database_url)
