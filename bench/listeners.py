"""People before a screen: streams of server-sent events on a running server, and when each hears a new value."""

import asyncio
import json
import threading
from datetime import datetime
from types import TracebackType
from typing import Self
from uuid import UUID

import httpx
from msgspec.structs import replace

from adapters.clock import utc_now
from domain.devices import Device
from domain.points import create, publish, submit
from store.database import Database
from tests.point_sheets import READER, SHEET, WRITER

READY_SECONDS = 30.0


async def publish_points(database: Database, authority_id: UUID, devices: list[Device]) -> None:
    """Give devices a sheet each, under their own code."""
    now = utc_now()
    for device in devices:
        sheet = replace(SHEET, devices=(device.code,), streams=())
        async with database.begin() as unit:
            point = await create(unit, authority_id, device.code, sheet, agent_id=WRITER, now=now)
            point = await submit(unit, point, agent_id=WRITER, now=now)
            await publish(unit, point, agent_id=READER, now=now)


class Listeners:
    """One listener for each point, in a thread of their own. `seconds` are from the moment measured to the ear."""

    def __init__(self, port: int, slugs: list[str]) -> None:
        self.seconds: list[float] = []
        self._url = f"http://127.0.0.1:{port}/v1/tour/events"
        self._slugs = slugs
        self._waiting = len(slugs)
        self._all_there = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        """Begin to listen; return once everybody has heard how things are."""
        self._thread.start()
        if self._slugs and not self._all_there.wait(READY_SECONDS):
            raise TimeoutError("Not every listener was let in.")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up."""
        self._loop.call_soon_threadsafe(self._hang_up)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._task = self._loop.create_task(self._listen())
        try:
            self._loop.run_until_complete(asyncio.gather(self._task, return_exceptions=True))
        finally:
            self._loop.close()

    def _hang_up(self) -> None:
        self._task.cancel()

    async def _listen(self) -> None:
        async with httpx.AsyncClient(timeout=READY_SECONDS, limits=httpx.Limits(max_connections=None)) as client:
            await asyncio.gather(*(self._follow(client, slug) for slug in self._slugs))

    async def _follow(self, client: httpx.AsyncClient, slug: str) -> None:
        kind = ""
        async with client.stream("GET", self._url, params={"points": slug}) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data: ") and kind == "snapshot":
                    self._waiting -= 1
                    if not self._waiting:
                        self._all_there.set()
                elif line.startswith("data: "):
                    self._heard(line.removeprefix("data: "))

    def _heard(self, text: str) -> None:
        now = utc_now()
        for one in json.loads(text)["streams"]:
            if one["quantity"] == "co2" and one["observedAt"] is not None:
                self.seconds.append((now - datetime.fromisoformat(one["observedAt"])).total_seconds())
