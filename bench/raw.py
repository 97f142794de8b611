"""One durable commit by the raw driver: what no durable answer can be faster than, one at a time."""

import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import asyncpg

ROW = b"x" * 300
"""About what a passage writes."""


def sqlite_commits(path: Path, seconds: float) -> list[int]:
    """Commit single inserts under WAL and FULL for a while; nanoseconds of each."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS raw (id INTEGER PRIMARY KEY, row BLOB)")
        taken = []
        until = time.perf_counter_ns() + int(seconds * 1e9)
        while (before := time.perf_counter_ns()) < until:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO raw (row) VALUES (?)", (ROW,))
            connection.execute("COMMIT")
            taken.append(time.perf_counter_ns() - before)
        return taken


async def postgres_commits(url: str, seconds: float) -> list[int]:
    """Insert single rows, each its own transaction, for a while; nanoseconds of each."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("CREATE TABLE IF NOT EXISTS raw (id bigserial PRIMARY KEY, row bytea)")
        insert = await connection.prepare("INSERT INTO raw (row) VALUES ($1)")
        return await _timed(lambda: insert.fetchval(ROW), seconds)
    finally:
        await connection.close()


async def _timed(commit: Callable[[], Awaitable[object]], seconds: float) -> list[int]:
    taken = []
    until = time.perf_counter_ns() + int(seconds * 1e9)
    while (before := time.perf_counter_ns()) < until:
        await commit()
        taken.append(time.perf_counter_ns() - before)
    return taken
