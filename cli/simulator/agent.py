"""An agent at a desk with a good network: revokes, invites, stops media, and follows the export.

Everything over the API. What happens in the middle of somebody else's request happens on the server's own loop.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import msgspec
from msgspec import Struct

from cli.simulator.books import Books
from cli.simulator.city import LOGIN, PASSWORD, Person
from cli.simulator.server import Server
from domain.access.facts import Direction
from domain.access.merge import Flag
from domain.access.reasons import Outcome, Reason
from domain.passes import medium_bytes

_ADDRESS = "http://city.example"


class Charge(Struct, rename="camel"):
    """What a passage counted against one limit of a right."""

    right: str
    position: int
    ends_before: str
    amount: float


class Row(Struct, rename="camel"):
    """One line of the export, as far as it is held against the books."""

    cursor: str
    recorded_at: datetime
    happened_at: datetime
    offline: bool
    flags: tuple[Flag, ...]
    terminal_time: datetime | None
    terminal_id: UUID | None
    gate: str
    direction: Direction
    outcome: Outcome
    reason: Reason
    charges: tuple[Charge, ...]


class Agent:
    """Somebody who may do everything."""

    def __init__(self, server: Server, books: Books) -> None:
        self._server = server
        self._books = books
        self.rows: list[Row] = []
        """The export as far as it was followed."""

    def block(self, person: Person) -> None:
        """Stop the card that somebody has lost."""
        medium = medium_bytes(person.card.id).hex()
        path = f"/v1/passes/{person.pass_.number}/media/{medium}/block"
        self._server.run(self._post(path, {"reason": "lost"}))

    def invite(self, name: str, gates: tuple[str, ...]) -> str:
        """Return a pairing code for a device."""
        said = self._server.run(self._post("/v1/terminals/invitations", {"name": name, "gates": gates}))
        return str(msgspec.json.decode(said.content)["code"])

    async def revoke(self, terminal_id: UUID) -> None:
        """Take a terminal's right to ask away; note what it had told until the server said so."""
        await self._post(f"/v1/terminals/{terminal_id}/revoke", {})
        await self._follow()
        self._books.revoked[terminal_id] = sum(row.terminal_id == terminal_id for row in self.rows)

    def follow(self) -> None:
        """Read on in the export."""
        self._server.run(self._follow())

    def quarantined(self) -> int:
        """Count the lines that wait in quarantine."""
        said = self._server.run(self._ask("GET", "/v1/offline/report"))
        return int(msgspec.json.decode(said.content)["quarantined"])

    async def _follow(self) -> None:
        while True:
            after = self.rows[-1].cursor if self.rows else "0"
            said = await self._ask("GET", f"/v1/exports/validations?after={after}")
            found = [msgspec.json.decode(line, type=Row) for line in said.content.splitlines()]
            if not found:
                return
            self.rows += found

    async def _post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        return await self._ask("POST", path, json=body)

    async def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
        login = {"login": LOGIN, "password": PASSWORD}
        token = await self._server.answer(httpx.Request("POST", f"{_ADDRESS}/v1/agents/tokens", json=login))
        token.request = httpx.Request("POST", _ADDRESS)
        bearer = msgspec.json.decode(token.raise_for_status().content)["accessToken"]
        headers = {"Authorization": f"Bearer {bearer}"}
        request = httpx.Request(method, f"{_ADDRESS}{path}", headers=headers, **more)
        answer = await self._server.answer(request)
        answer.request = request
        return answer.raise_for_status()
