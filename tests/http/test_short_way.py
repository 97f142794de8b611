"""The short way of a passage, over real connections: it says what the ordinary way says, byte for byte."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
import pytest_asyncio
import uvicorn
from litestar.types import Receive, Scope, Send

from api.short_way import GateProtocol
from tests.house_app import House
from tests.http.ledger_rows import events

PATH = "/v1/access/validations"

HALF_A_VISIT = [{"unit": "visit", "amount": 0.5}]

Answer = tuple[int, dict[bytes, bytes], bytes]


class Wire:
    """One connection of a terminal, with nothing between a test and its bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
        self.reader = reader
        self.writer = writer
        self.token = token

    def request(self, key: str, credential: str, *, header: str = "", method: str = "POST", **members: Any) -> bytes:  # noqa: ANN401 - any member
        body = msgspec.json.encode({"key": key, "gate": "pool-1", "credential": credential, **members})
        head = f"{method} {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.token}\r\n{header}"
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body

    async def tap(self, key: str, credential: str, **more: Any) -> Answer:  # noqa: ANN401 - as `request`
        self.writer.write(self.request(key, credential, **more))
        return await self.answer()

    async def answer(self) -> Answer:
        head = await self.reader.readuntil(b"\r\n\r\n")
        status, *lines = head.rstrip().split(b"\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(b": ") for line in lines)}
        return int(status.split()[1]), headers, await self.reader.readexactly(int(headers[b"content-length"]))


class Port:
    """Where the house listens."""

    def __init__(self, house: House, server: uvicorn.Server, address: tuple[str, int]) -> None:
        self.house = house
        self.server = server
        self._address = address

    @asynccontextmanager
    async def wire(self, token: str | None = None) -> AsyncIterator[Wire]:
        """Connect, as the city's terminal."""
        reader, writer = await asyncio.open_connection(*self._address)
        try:
            yield Wire(reader, writer, token or await self.house.terminal_token())
        finally:
            writer.close()


@pytest_asyncio.fixture
async def port(house: House) -> AsyncIterator[Port]:
    config = uvicorn.Config(
        house.app,
        port=0,
        http=GateProtocol,
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.005)
    yield Port(house, server, server.servers[0].sockets[0].getsockname())
    server.should_exit = True
    await serving


async def nobody(scope: Scope, receive: Receive, send: Send) -> None:
    """Stands where the application stood: whoever comes here took the ordinary way."""
    raise AssertionError("the ordinary way was taken")


async def test_a_known_terminal_with_a_known_code_needs_no_application(port: Port) -> None:
    zoe = await port.house.resident("R1", rights=("carnet-10",))
    async with port.wire() as wire:
        status, first, _ = await wire.tap("k-1", zoe.code)
        assert status == 200
        port.house.app.asgi_handler = nobody
        port.house.clock.turn(minutes=5)
        status, headers, _ = await wire.tap("k-2", zoe.code)
    assert status == 200
    assert headers.keys() == first.keys()
    assert [row.outcome for row in await events(port.house)] == ["granted", "denied"], "nobody is inside twice"


async def test_every_way_names_the_passage_that_it_answers(port: Port) -> None:
    zoe = await port.house.resident("R1", rights=("carnet-10",))
    async with port.wire() as wire:
        ordinary = await wire.tap("k-1", zoe.code)  # a terminal that this process does not know yet
        short = await wire.tap("k-2", zoe.code)
        half = await wire.tap("k-3", zoe.code, header="Connection: close\r\n")
    assert [headers[b"idempotency-key"] for _, headers, _ in (ordinary, short, half)] == [b"k-1", b"k-2", b"k-3"]


async def test_a_code_that_nobody_has_shown_before_needs_no_application_either(port: Port) -> None:
    zoe, yan = [await port.house.resident(number, rights=("carnet-10",)) for number in ("R1", "R2")]
    forged = yan.code[:-3] + ("000" if yan.code[-3:] != "000" else "111")
    async with port.wire() as wire:
        await wire.tap("k-1", zoe.code)
        port.house.app.asgi_handler = nobody
        heard = [
            await wire.tap(key, code) for key, code in (("k-2", forged), ("k-3", yan.code), ("k-4", "MP2:no code"))
        ]
    assert [status for status, _, _ in heard] == [200, 200, 200]
    assert [row.outcome for row in await events(port.house)] == ["granted", "denied", "granted", "denied"]


async def test_both_ways_say_the_same_bytes_under_one_key(port: Port) -> None:
    zoe = await port.house.resident("R1", rights=("carnet-10",))
    ordinary = await port.house.tap(zoe.code, key="k-1")
    async with port.wire() as wire:
        status, headers, body = await wire.tap("k-1", zoe.code)
    assert (status, body) == (200, ordinary.content)
    assert {name.decode(): value.decode() for name, value in headers.items() if name != b"date"} == dict(
        ordinary.headers
    )


async def test_a_key_of_another_passage_is_a_problem_on_both_ways(port: Port) -> None:
    zoe = await port.house.resident("R1", rights=("carnet-10",))
    async with port.wire() as wire:
        await wire.tap("k-1", zoe.code)
        status, headers, body = await wire.tap("k-1", zoe.code, direction="exit")
        assert (status, msgspec.json.decode(body)["code"]) == (422, "idempotency-key-reused")
        assert headers[b"content-type"] == b"application/problem+json"
        assert (await wire.tap("k-2", zoe.code))[0] == 200, "and the connection goes on"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"method": "PUT"}, 405, "method-not-allowed"),
        ({"gate": "nowhere"}, 404, "gate-not-found"),
        ({"credential": "MP2:of a moment", "quantities": HALF_A_VISIT}, 400, "invalid-request"),
        ({"key": "a key"}, 400, "invalid-request"),
        ({"credential": "A" * 70_000}, 413, "body-too-large"),
    ],
)
async def test_what_is_wrong_with_a_request_is_said_by_the_ordinary_way(
    port: Port, change: dict[str, Any], status: int, code: str
) -> None:
    zoe = await port.house.resident("R1", rights=("carnet-10",))
    async with port.wire() as wire:
        await wire.tap("k-1", zoe.code)
        said, _, body = await wire.tap(**{"key": "k-2", "credential": zoe.code, **change})
    assert (said, msgspec.json.decode(body)["code"]) == (status, code)
    assert len(await events(port.house)) == 1


async def test_a_stranger_is_refused(port: Port) -> None:
    zoe = await port.house.resident("R1", rights=("carnet-10",))
    async with port.wire("nobody's") as wire:
        status, _, body = await wire.tap("k-1", zoe.code)
    assert (status, msgspec.json.decode(body)["code"]) == (401, "not-authenticated")


async def test_passages_sent_in_one_go_are_answered_in_their_order(port: Port) -> None:
    """Pipelining: the second waits, read but not begun, until the first has its answer."""
    zoe = await port.house.resident("R1", rights=("carnet-10",))
    async with port.wire() as wire:
        await wire.tap("k-0", zoe.code)
        wire.writer.write(b"".join(wire.request(key, zoe.code) for key in ("k-1", "k-0", "k-2")))
        _, first, second, third = (b"", *[(await wire.answer())[2] for _ in range(3)])
        again = [(await wire.tap(key, zoe.code))[2] for key in ("k-1", "k-0", "k-2")]
    assert [first, second, third] == again
    assert len(await events(port.house)) == 3


async def test_a_body_that_comes_in_pieces_is_one_passage(port: Port) -> None:
    zoe = await port.house.resident("R1", rights=("carnet-10",))
    async with port.wire() as wire:
        await wire.tap("k-0", zoe.code)
        request = wire.request("k-1", zoe.code)
        for start in range(0, len(request), 60):
            wire.writer.write(request[start : start + 60])
            await asyncio.sleep(0.002)
        assert (await wire.answer())[0] == 200
    assert len(await events(port.house)) == 2


async def test_whoever_asks_to_close_hears_the_answer_first(port: Port) -> None:
    zoe = await port.house.resident("R1", rights=("carnet-10",))
    async with port.wire() as wire:
        await wire.tap("k-0", zoe.code)
        status, headers, _ = await wire.tap("k-1", zoe.code, header="Connection: close\r\n")
        assert (status, headers[b"connection"]) == (200, b"close")
        assert await wire.reader.read() == b""


async def test_a_client_that_hangs_up_hurts_nobody(port: Port) -> None:
    zoe = await port.house.resident("R1", rights=("carnet-10",))
    async with port.wire() as wire, port.wire(wire.token) as gone:
        await wire.tap("k-0", zoe.code)
        gone.writer.write(gone.request("k-1", zoe.code))
        await gone.writer.drain()
        gone.writer.transport.abort()
        assert (await wire.tap("k-2", zoe.code))[0] == 200


async def test_a_server_that_is_told_to_stop_answers_what_it_has_taken(port: Port) -> None:
    zoe = await port.house.resident("R1", rights=("carnet-10",))
    async with port.wire() as wire:
        await wire.tap("k-0", zoe.code)
        wire.writer.write(wire.request("k-1", zoe.code))
        while len(await events(port.house)) < 2:  # noqa: ASYNC110 - until it was taken: nobody else tells
            await asyncio.sleep(0.002)
        port.server.should_exit = True
        assert (await wire.answer())[0] == 200
        assert await wire.reader.read() == b""
