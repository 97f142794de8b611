"""Twenty terminals come back after days without network, and the server is killed while they tell what they did.

O1: every passage of theirs is stored exactly once, whatever was sent again; O2: what is over the quota is counted and
flagged; R1: restarting is all that anybody does. `UPLOAD_EVENTS=2000` runs the size that is promised.
"""

import asyncio
import os
import random
import secrets
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import select

from adapters.clock import utc_now
from store.database import Database
from store.tables.ledger import counter, passage_fact, scan_key, validation
from tests.city import TestTerminal, paired_terminal
from tests.contract.ledger_books import charges_of
from tests.journey.crash_client import VISITS, Place, client_of, settle_in
from tests.journey.crash_server import Program

pytestmark = [pytest.mark.slow, pytest.mark.servers]

EVENTS = int(os.environ.get("UPLOAD_EVENTS", "60"))
"""Of each terminal."""
TERMINALS = 20
LINES = 500
KILLS = 3


class Queue:
    """One terminal's outbox: a passage leaves it when its line is acknowledged, and not before."""

    def __init__(self, terminal: TestTerminal, place: Place, number: int, chance: random.Random) -> None:
        self.terminal = terminal
        self.token = ""
        began = utc_now() - timedelta(days=1)
        self.lines = {
            f"u{number}-{event}": {
                "key": f"u{number}-{event}",
                "sequence": event,
                "gate": "free-1",
                "credential": chance.choice(place.guests).code,
                "terminalTime": (began + timedelta(seconds=event)).isoformat(),
                "outcome": "granted",
                "reason": "welcome",
                "bundle": 1,
            }
            for event in range(EVENTS)
        }
        self.heard: dict[str, set[str]] = {key: set() for key in self.lines}
        self.flagged: set[str] = set()
        self.waiting = dict.fromkeys(self.lines)

    async def log_in(self, client: httpx.AsyncClient) -> None:
        now = utc_now()
        proof = self.terminal.proof(now, nonce=f"n{now.timestamp()}")
        answer = await client.post("/v1/terminals/tokens", json={"assertion": proof})
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["accessToken"]

    async def send(self, client: httpx.AsyncClient, chance: random.Random) -> bool:
        """Send some of what waits, in any order, some of it twice; False if the server did not answer."""
        keys = list(self.waiting)
        chance.shuffle(keys)
        keys = keys[: chance.randrange(1, LINES)]
        keys += chance.sample(list(self.lines), min(5, len(self.lines)))
        try:
            answer = await client.post(
                "/v1/access/uploads",
                params={"sentAt": utc_now().isoformat()},
                content=b"".join(msgspec.json.encode(self.lines[key]) + b"\n" for key in keys[:LINES]),
                headers={"Authorization": f"Bearer {self.token}"},
            )
        except httpx.TransportError:
            return False
        if answer.status_code == 503:
            return True
        assert answer.status_code == 200, answer.text
        self._acknowledged(answer.json()["results"])
        return True

    def _acknowledged(self, results: list[dict[str, Any]]) -> None:
        for one in results:
            assert one["status"] in {"stored", "duplicate"}, one
            self.heard[one["key"]].add(one["status"])
            if "over_quota" in one["flags"]:
                self.flagged.add(one["key"])
            self.waiting.pop(one["key"], None)


async def _terminals(database_url: str, place: Place) -> list[TestTerminal]:
    database = Database(database_url, patience=30)
    async with database.begin() as unit:
        gates = (place.city.gates["free"],)
        found = [await paired_terminal(unit, place.city.authority.id, gates, now=utc_now()) for _ in range(TERMINALS)]
    await database.close()
    return found


async def _empty(queue: Queue, client: httpx.AsyncClient, chance: random.Random) -> None:
    while queue.waiting and await queue.send(client, chance):
        pass


async def test_what_terminals_did_alone_is_stored_once_though_the_server_dies_while_they_tell_it(
    database_url: str, tmp_path: Path
) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # noqa: T201 - pytest shows it on failure
    chance = random.Random(seed)
    place = await settle_in(database_url, tmp_path / "keys", guests=20)
    queues = [
        Queue(terminal, place, number, chance) for number, terminal in enumerate(await _terminals(database_url, place))
    ]
    server = Program(database_url, tmp_path / "keys", tmp_path / "server.log")
    began = time.perf_counter()
    try:
        for turn in range(2):
            for kills in range(KILLS + 1):
                await server.start()
                async with client_of(server.url) as client:
                    await asyncio.gather(*(queue.log_in(client) for queue in queues))
                    told = [asyncio.create_task(_empty(queue, client, chance)) for queue in queues]
                    if kills < KILLS:
                        await asyncio.sleep(chance.uniform(0.05, 0.4))
                        server.kill()
                    await asyncio.gather(*told)
                    server.stop()
            assert not any(queue.waiting for queue in queues)
            if not turn:
                for queue in queues:
                    queue.waiting = dict.fromkeys(queue.lines)
    finally:
        server.stop()
    print(f"{TERMINALS} terminals, {EVENTS} events each, twice: {time.perf_counter() - began:.1f} s")  # noqa: T201
    await _compare(database_url, queues)


async def _compare(database_url: str, queues: list[Queue]) -> None:
    database = Database(database_url, patience=30)
    async with database.read() as connection:
        found = await connection.execute(
            select(validation, passage_fact.c.flags, passage_fact.c.happened_at, scan_key.c.key)
            .join(passage_fact, passage_fact.c.number == validation.c.number)
            .join(scan_key, scan_key.c.number == validation.c.number)
        )
        events = list(found)
        used = {row.entitlement_id: row.used for row in await connection.execute(select(counter))}
    await database.close()
    expected = {key: queue.lines[key] for queue in queues for key in queue.lines}
    assert Counter(event.key for event in events) == dict.fromkeys(expected, 1), "O1: lost, or stored twice"
    for event in events:
        assert event.happened_at == datetime.fromisoformat(str(expected[event.key]["terminalTime"]))
    charged: Counter[Any] = Counter()
    surplus: Counter[Any] = Counter()
    for event in events:
        charged[event.entitlement_id] += sum(amount for *_, amount in charges_of(event))
        surplus[event.entitlement_id] += "over_quota" in event.flags.split()
    assert charged == used, "Q2: counters differ from what events charged"
    for entitlement, amount in used.items():
        assert surplus[entitlement] == max(0, amount // 1_000 - VISITS), "O2: each surplus visit is flagged, no other"
    flagged = {event.key for event in events if "over_quota" in event.flags.split()}
    assert set().union(*(queue.flagged for queue in queues)) == flagged, "the answers told what is stored"
