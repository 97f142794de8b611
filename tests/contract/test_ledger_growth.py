"""What a passage costs does not depend on how many came before it, whatever a planner believes of the tables."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from adapters.keyring import KeyRing
from domain.limits import Window
from store.database import Database
from store.ledger import lane_for, sqlite_read, sqlite_write
from tests.city import NOW, resident, small_city
from tests.contract.ledger_world import add_place, add_product, give, scan

PEOPLE, DAYS = 10, 100
BIG_TABLES = ("counter", "presence", "scan_key", "medium", "pass", "holder", "entitlement", "beneficiary")


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_a_ledger_that_was_empty_when_analysed_never_walks_its_tables(
    database_url: str, keyring: KeyRing
) -> None:
    """A fresh or just purged ledger makes the planner believe in tables of no rows, and the lane keeps its plans."""
    connection = await asyncpg.connect(database_url)
    await connection.execute("VACUUM ANALYZE")
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    (gate,) = await add_place(database, city, "baths")
    product = await add_product(database, city, "once-a-day", (1, Window.DAY))
    people = [await resident(database, keyring, city, f"R{number}") for number in range(PEOPLE)]
    for person in people:
        await give(database, product, person.holder.id)
    before = await _rows_read(connection)
    lane = lane_for(database)
    await lane.open()
    terminal = city.terminal.terminal.id
    for day in range(DAYS):
        at = NOW - timedelta(days=day)  # backwards: every window written so far lies after this one
        taps = [scan(terminal, f"{day}-{n}", gate.id, one.medium.id, at=at) for n, one in enumerate(people)]
        await asyncio.gather(*(lane.submit(tap) for tap in taps))
    await lane.close()
    await database.close()

    read = {table: count - before[table] for table, count in (await _rows_read(connection)).items()}
    taps_in_all = PEOPLE * DAYS
    assert await connection.fetchval("SELECT count(*) FROM counter") == taps_in_all
    await connection.close()
    # By key, a tap reads its own right's windows of that day and after, half of its hundred on average, and a row or
    # two of every other table. A walk reads half of everybody's.
    own_windows = taps_in_all * (DAYS // 2 + 6)
    assert read.pop("counter") <= own_windows
    assert all(rows <= 6 * taps_in_all for rows in read.values()), read


async def _rows_read(connection: asyncpg.Connection) -> dict[str, int]:
    """Rows that were read from each table, once the statistics of closed connections have arrived."""
    await connection.execute("SELECT pg_stat_clear_snapshot()")
    rows = await connection.fetch(
        "SELECT relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) AS read FROM pg_stat_user_tables "
        "WHERE relname = ANY($1)",
        BIG_TABLES,
    )
    return {row["relname"]: row["read"] for row in rows}


@pytest.mark.parametrize(
    "statement",
    [
        *("_ANSWERS", "_TERMINALS", "_MEDIA", "_RIGHTS", "_STANDINGS", "_CROWDS", "_USES"),
        *("_WRITE_COUNTER", "_WRITE_PRESENCE", "_MOVE_CROWD"),
    ],
)
def test_sqlite_finds_every_row_of_the_ledger_by_key(migrated_file: Path, statement: str) -> None:
    text: str = getattr(sqlite_write if hasattr(sqlite_write, statement) else sqlite_read, statement)
    if text.startswith("\nWITH i ("):
        text = sqlite_read.over_lines(text, 2, text.partition(")")[0].count(",") + 1)
    with closing(sqlite3.connect(migrated_file)) as connection:
        plan = [row[3] for row in connection.execute("EXPLAIN QUERY PLAN " + text, [None] * text.count("?"))]
    # The lines of the batch are walked from end to end.
    walks = [step for step in plan if step.startswith("SCAN") and step not in {"SCAN i", "SCAN 2 CONSTANT ROWS"}]
    assert not walks, plan
