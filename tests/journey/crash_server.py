"""The program as it is run, in a process that a test may kill; and a proxy that loses what a database answers."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests import servers
from tests.processes import Running

HANG_SECONDS = 60.0
"""Only a guard: nothing is expected to come near it."""

WRITE = b'"outcome"'
"""Only the ledger's write carries answers to PostgreSQL; its read carries none."""
READY = b"Z\x00\x00\x00\x05I"
"""ReadyForQuery, idle: what was asked is done and committed (PostgreSQL protocol 3.0, section 55.7)."""


class Program:
    """One server process on a database, always at the same address."""

    def __init__(self, database_url: str, keys_folder: Path, log: Path) -> None:
        self.address = servers.Address(servers.LOOPBACK, servers.free_port())
        self.url = f"http://{self.address.host}:{self.address.port}"
        self._environment = {
            **os.environ,
            "MULTIPASS_DATABASE_URL": database_url,
            "MULTIPASS_KEYS_FOLDER": str(keys_folder),
            "MULTIPASS_PUBLIC_URL": "http://city.example",
        }
        self._log = log
        self._process: Running | None = None

    async def start(self) -> None:
        """Start it, and return once it says that it can decide. Nothing else is done to bring it back (R1)."""
        words = ("serve", "--host", self.address.host, "--port", str(self.address.port))
        process = self._process = Running("multipass", words, self._environment, self._log)
        async with asyncio.timeout(HANG_SECONDS), httpx.AsyncClient(base_url=self.url) as client:
            while not await _is_ready(client):
                assert process.runs, f"the server did not start:\n{self._tail()}"
                await asyncio.sleep(0.02)

    def kill(self) -> None:
        """Pull the plug."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def stop(self) -> None:
        """Ask it to end."""
        if self._process is not None:
            self._process.stop(HANG_SECONDS / 2)
            self._process = None

    def _tail(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-15:])


async def _is_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/health/ready")).status_code == 200
    except httpx.TransportError:
        return False


@asynccontextmanager
async def program(database_url: str, keys_folder: Path, log: Path) -> AsyncIterator[Program]:
    """A server that runs until the block ends."""
    made = Program(database_url, keys_folder, log)
    try:
        await made.start()
        yield made
    finally:
        # Away from the loop: the server says goodbye to its database through a proxy that runs in it.
        await asyncio.to_thread(made.stop)


class Proxy:
    """Stands between the program and PostgreSQL.

    It can cut a connection after the write was forwarded and before its answer is (`lose_next_commit`), and it can stop
    forwarding anything at all (`freeze`).
    """

    def __init__(self, target: servers.Address) -> None:
        self._target = target
        self._server: asyncio.Server | None = None
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._lose_next = False
        self.lost = asyncio.Event()
        self.port = 0

    def lose_next_commit(self) -> None:
        """From now on, the next connection that writes passages is cut before it hears the answer."""
        self.lost.clear()
        self._lose_next = True

    def freeze(self) -> None:
        """Keep every connection and forward nothing: to the client the database hangs."""
        self._flowing.clear()

    def thaw(self) -> None:
        """Forward again, beginning with what was kept."""
        self._flowing.set()

    async def open(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._accept, servers.LOOPBACK, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Cut everything."""
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._target)
            link = _Link(self, reader, writer, far_reader, far_writer)
            await link.run()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self._tasks.discard(task)


class _Link:
    """One connection through the proxy."""

    def __init__(
        self,
        proxy: Proxy,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        far_reader: asyncio.StreamReader,
        far_writer: asyncio.StreamWriter,
    ) -> None:
        self._proxy = proxy
        self._near = (reader, writer)
        self._far = (far_reader, far_writer)
        self._losing = False

    async def run(self) -> None:
        """Forward both ways until one side ends."""
        ways = [asyncio.create_task(self._up()), asyncio.create_task(self._down())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            self._far[1].close()

    async def _up(self) -> None:
        seen = b""
        while data := await self._near[0].read(65_536):
            await self._proxy._flowing.wait()
            seen = seen[-64:] + data
            if self._proxy._lose_next and WRITE in seen:
                self._proxy._lose_next = False
                self._losing = True
            self._far[1].write(data)
            await self._far[1].drain()

    async def _down(self) -> None:
        heard = b""
        while data := await self._far[0].read(65_536):
            await self._proxy._flowing.wait()
            if self._losing:
                heard = heard[-64:] + data
                if READY in heard:
                    # The database has committed and says so; nobody will hear it.
                    self._proxy.lost.set()
                    return
                continue
            self._near[1].write(data)
            await self._near[1].drain()


@asynccontextmanager
async def proxy_before(url: str) -> AsyncIterator[tuple[Proxy, str]]:
    """A proxy before the PostgreSQL at `url`, and the URL that leads through it."""
    start, rest = url.split("@", 1)
    address, name = rest.split("/", 1)
    host, port = address.split(":")
    made = Proxy(servers.Address(host, int(port)))
    await made.open()
    try:
        yield made, f"{start}@{servers.LOOPBACK}:{made.port}/{name}"
    finally:
        with contextlib.suppress(OSError):
            await made.close()
