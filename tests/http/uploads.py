"""Lines as a terminal without network writes them, and the upload that carries them."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select

from domain.limits import ONE, Limit, Measure, Window
from tests.city import TestPass
from tests.house_app import House
from tests.http.rights import give

YEAR = Limit(0, Measure.VISIT, 2 * ONE, Window.YEAR)


def line(code: str, key: str, at: datetime, **more: object) -> dict[str, Any]:
    """One visit of the pool that a terminal has granted alone, by its own clock and a bundle that was a minute old."""
    return {
        "key": key,
        "sequence": 1,
        "gate": "free-1",
        "credential": code,
        "terminalTime": at.isoformat(),
        "outcome": "granted",
        "reason": "welcome",
        "bundle": int(at.timestamp()) - 60,
        **more,
    }


def ndjson(*lines: dict[str, Any] | bytes) -> bytes:
    """Put lines one under the other; bytes go as they are."""
    return b"".join((one if isinstance(one, bytes) else msgspec.json.encode(one)) + b"\n" for one in lines)


async def upload(
    house: House, *lines: dict[str, Any] | bytes, sent_at: datetime | None = None, token: str | None = None
) -> Any:  # noqa: ANN401 - httpx answers behind a test client
    """Send lines as the city's terminal, whose clock is right unless `sent_at` says otherwise."""
    return await house.client.post(
        "/v1/access/uploads",
        params={"sentAt": (sent_at or house.clock()).isoformat()},
        content=ndjson(*lines),
        headers={
            "Authorization": f"Bearer {token or await house.terminal_token()}",
            "Content-Type": "application/x-ndjson",
        },
    )


def results(answer: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - as above
    """Check that everything was acknowledged, and return the results of the lines."""
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


async def rows(house: House, table: Any) -> list[Any]:  # noqa: ANN401 - a table
    """What stands in a table, in its own order."""
    async with house.database.read() as connection:
        found = await connection.execute(select(table).order_by(*table.primary_key.columns))
        return list(found)


async def swimmer(house: House, *limits: Limit) -> TestPass:
    """Somebody who may swim twice a year, or within these limits."""
    zoe = await house.resident("R1")
    await give(house, zoe, "swims", *(limits or (YEAR,)), service="pool")
    return zoe
