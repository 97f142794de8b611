"""What the ledger holds, row by row: to compare before and after."""

from typing import Any

from sqlalchemy import select

from domain.access.facts import Direction
from store.tables import ledger
from store.tables.ledger import validation
from tests.house_app import House

TABLES = (
    ledger.ledger_head,
    ledger.validation,
    ledger.scan_key,
    ledger.counter,
    ledger.presence,
    ledger.occupancy,
)

Rows = dict[str, list[tuple[Any, ...]]]


async def rows(house: House) -> Rows:
    """Every row of every table that a passage may write."""
    async with house.database.read() as connection:
        return {
            table.name: sorted((tuple(row) for row in await connection.execute(select(table))), key=repr)
            for table in TABLES
        }


async def events(house: House) -> list[Any]:
    """The recorded passages, oldest first."""
    async with house.database.read() as connection:
        return list(await connection.execute(select(validation).order_by(validation.c.number)))


async def last_event(house: House) -> Any:  # noqa: ANN401 - a row of `validation`
    """The newest recorded passage."""
    return (await events(house))[-1]


ENTRY, EXIT = Direction.ENTRY.value, Direction.EXIT.value
