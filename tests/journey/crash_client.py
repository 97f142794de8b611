"""Terminals that keep their own book: every tap they made, every answer they heard, and what became of the rest.

At the end `Register.compare` holds that book against the export that integrators get, and against the ledger's own.
"""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
from msgspec import Struct, field
from sqlalchemy import insert

from adapters.clock import utc_now
from adapters.keyring import KeyRing
from adapters.printed import printed_code
from domain import passes, people
from domain.agents import Role
from domain.limits import Window
from domain.passes import MediumKind
from domain.people import Holder
from domain.places import Passback
from domain.products import Product
from store.database import Database
from store.tables.places import terminal_gate
from tests.city import KEEP, PASSWORD, City, small_city
from tests.contract.ledger_audit import audit
from tests.contract.ledger_books import Books
from tests.contract.ledger_world import add_place, add_product, give

VISITS = 5
"""Of every carnet."""
SEATS = 3
"""Of the place `bath`."""


class Guest(Struct, frozen=True):
    """Somebody with a carnet, and with a pass to show."""

    holder: Holder
    code: str


class Place(Struct):
    """A city of the present day, for servers that read the real clock."""

    city: City
    guests: list[Guest]
    gates: tuple[str, ...]
    token: str = ""


class Tap(Struct):
    """One passage as its terminal remembers it. `answers` are complete answers of status 200, in order of arrival."""

    body: dict[str, Any]
    answers: list[bytes] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The name of the passage."""
        return str(self.body["key"])


async def settle_in(database_url: str, keys_folder: Path, *, guests: int = 6) -> Place:
    """Build the city, a bath with three doors and few seats, and guests with carnets."""
    database, keyring, now = Database(database_url, patience=30), KeyRing(keys_folder), utc_now()
    city = await small_city(database, keyring, now=now)
    doors = await add_place(database, city, "bath", doors=3, capacity=SEATS, passback=Passback.HARD)
    carnet = await add_product(database, city, "carnet", (VISITS, Window.WHOLE))
    found = [await _guest(database, keyring, city, carnet, f"G{number}", now=now) for number in range(guests)]
    async with database.begin() as unit:
        gates = [*doors, city.gates["free"], city.gates["waste"]]
        codes = tuple(gate.code for gate in gates)
        terminal = city.terminal.terminal
        await unit.connection.execute(  # type: ignore[attr-defined]
            insert(terminal_gate).values([{"terminal_id": terminal.id, "gate_id": gate.id} for gate in doors])
        )
    await database.close()
    return Place(city, found, codes)


async def _guest(
    database: Database, keyring: KeyRing, city: City, carnet: Product, reference: str, *, now: datetime
) -> Guest:
    today = now.date()
    async with database.begin() as unit:
        holder = await people.register_holder(
            unit,
            authority_id=city.authority.id,
            reference=reference,
            first_name="Zoé",
            last_name="Lefèvre",
            born_on=date(1980, 5, 17),
            commune_code="00101",
            now=now,
            keep_until=KEEP,
        )
        issued = await passes.issue(
            unit,
            holder,
            kind=MediumKind.PRINT,
            valid_from=today - timedelta(days=2),
            valid_until=today + timedelta(days=700),
            expires_at=now + timedelta(days=700),
            now=now,
        )
    await give(database, carnet, holder.id, starts=today - timedelta(days=2), ends=today + timedelta(days=400), now=now)
    return Guest(holder, printed_code(keyring, city.authority, issued.medium))


class Register:
    """The terminals' own book."""

    def __init__(self, place: Place, seed: int) -> None:
        self.place = place
        self.chance = random.Random(seed)
        self.taps: dict[str, Tap] = {}
        self.other_bodies = 0
        self._count = itertools.count()

    @property
    def unanswered(self) -> list[Tap]:
        """What nobody knows yet."""
        return [tap for tap in self.taps.values() if not tap.answers]

    def new(self) -> Tap:
        """Think of a passage. Its `terminalTime` is its own, and finds it again in the export."""
        number = next(self._count)
        body = {
            "key": f"tap-{number}",
            "gate": self.chance.choice(self.place.gates),
            "credential": self.chance.choice(self.place.guests).code,
            "direction": self.chance.choice(("entry", "entry", "exit")),
            "terminalTime": (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)).isoformat(),
        }
        tap = self.taps[body["key"]] = Tap(body)
        return tap

    async def log_in(self, client: httpx.AsyncClient) -> None:
        """Prove the terminal's key and keep the token."""
        now = utc_now()
        proof = self.place.city.terminal.proof(now, nonce=f"n{now.timestamp()}-{next(self._count)}")
        answer = await client.post("/v1/terminals/tokens", json={"assertion": proof})
        assert answer.status_code == 200, answer.text
        self.place.token = answer.json()["accessToken"]

    async def send(self, client: httpx.AsyncClient, tap: Tap) -> bool:
        """Send a tap once; True if there was a definite answer, which is written down."""
        try:
            answer = await client.post("/v1/access/validations", json=tap.body, headers=self.headers)
        except httpx.TransportError:
            return False
        if answer.status_code == 503:
            return False
        assert answer.status_code == 200, (answer.status_code, answer.text)
        tap.answers.append(answer.content)
        return True

    @property
    def headers(self) -> dict[str, str]:
        """What a terminal shows."""
        return {"Authorization": f"Bearer {self.place.token}"}

    async def insist(self, client: httpx.AsyncClient, taps: Sequence[Tap]) -> None:
        """Ask each key again until it has its answer."""
        for tap in taps:
            for _ in range(200):
                if await self.send(client, tap):
                    break
            else:
                raise AssertionError(f"never settled: {tap.key}")

    async def compare(self, client: httpx.AsyncClient, database_url: str) -> Books:
        """Hold the book against the export and the ledger: Q1, Q2, E1, E2, E3, I1."""
        assert not self.unanswered
        for tap in self.taps.values():
            assert len(set(tap.answers)) == 1, f"I1: {tap.key} got different answers"
        lines = await self._export(client)
        by_time = Counter(line["terminalTime"] for line in lines)
        assert not [time for time, times in by_time.items() if times > 1], "E1: a key has two events"
        assert [int(line["cursor"]) for line in lines] == list(range(1, len(lines) + 1)), "F1: the export has a gap"
        found = {datetime.fromisoformat(line["terminalTime"]): line for line in lines}
        for tap in self.taps.values():
            line, said = (
                found.pop(datetime.fromisoformat(tap.body["terminalTime"])),
                msgspec.json.decode(tap.answers[0]),
            )
            assert (line["outcome"], line["reason"]) == (said["outcome"], said["reason"]), "E2: another decision"
        assert not found, "E3: events that nobody asked for"
        spent = Counter(line["subject"] for line in lines for _ in line["charges"])
        assert all(visits <= VISITS for visits in spent.values()), "Q1: a carnet was overspent"
        database = Database(database_url, patience=30)
        try:
            return await audit(database)
        finally:
            await database.close()

    async def _export(self, client: httpx.AsyncClient) -> list[dict[str, Any]]:
        login = self.place.city.agents[Role.DPO].login
        answer = await client.post("/v1/agents/tokens", json={"login": login, "password": PASSWORD})
        headers = {"Authorization": f"Bearer {answer.json()['accessToken']}"}
        lines: list[dict[str, Any]] = []
        while True:
            after = lines[-1]["cursor"] if lines else "0"
            answer = await client.get("/v1/exports/validations", params={"after": after, "limit": 700}, headers=headers)
            assert answer.status_code == 200, answer.text
            page = [msgspec.json.decode(line) for line in answer.content.splitlines()]
            if not page:
                return lines
            lines += page


def client_of(url: str) -> httpx.AsyncClient:
    """A terminal's HTTP client, in no hurry of its own."""
    return httpx.AsyncClient(base_url=url, timeout=httpx.Timeout(30), limits=httpx.Limits(max_connections=40))


async def hang_up(url: str, register: Register, tap: Tap) -> None:
    """Send a whole request and close the socket without listening."""
    host, port = url.removeprefix("http://").split(":")
    body = msgspec.json.encode(tap.body)
    try:
        _, writer = await asyncio.open_connection(host, int(port))
    except OSError:
        return
    writer.write(
        b"POST /v1/access/validations HTTP/1.1\r\nHost: city\r\nContent-Type: application/json\r\n"
        + f"Authorization: Bearer {register.place.token}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
    )
    try:
        await writer.drain()
        writer.transport.abort()
    except OSError:
        return
