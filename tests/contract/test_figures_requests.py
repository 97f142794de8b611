"""Requests become counts by month: what came, what was decided, and after how many days, on the authority's clock."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from adapters.keyring import KeyRing
from domain.figures.dashboards import Topic, asked
from store.database import Database
from store.figures.dashboards import dashboard
from store.figures.upkeep import snapshot
from store.tables.figures import request_month
from store.tables.requests import pass_request
from tests.city import KEEP, NOW, TODAY, City, resident, small_city

JUST_AFTER_MIDNIGHT = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
"""The first of November in Paris."""


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url, patience=30)
    yield opened
    await opened.close()


@pytest.fixture
async def city(database: Database, keyring: KeyRing) -> City:
    return await small_city(database, keyring)


async def bring(database: Database, city: City, *requests: tuple[str, str, date | None, datetime | None]) -> None:
    """Write requests as they stand: channel, status, day on which they came, instant of the decision."""
    async with database.begin() as unit:
        ids = [unit.ids.row() for _ in requests]
    rows: list[dict[str, Any]] = [
        {
            "id": id_,
            "authority_id": city.authority.id,
            "reference": f"D{id_.int % 10**9}",
            "status": status,
            "channel": channel,
            "application": {},
            "services": " pool ",
            "address_key": "x",
            "version": 1,
            "created_at": NOW,
            "received_on": came,
            "decided_at": decided,
            "keep_until": KEEP,
        }
        for id_, (channel, status, came, decided) in zip(ids, requests, strict=True)
    ]
    async with database.write() as connection:
        await connection.execute(insert(pass_request), rows)


async def counted(database: Database) -> set[tuple[Any, ...]]:
    rows = request_month.c
    async with database.read() as connection:
        found = await connection.execute(select(rows.month, rows.channel, rows.fate, rows.days, rows.requests))
        return {tuple(row) for row in found}


async def test_a_request_counts_when_it_came_and_when_it_was_decided(database: Database, city: City) -> None:
    october, november = date(2026, 10, 1), date(2026, 11, 1)
    await bring(
        database,
        city,
        ("desk", "approved", date(2026, 10, 28), JUST_AFTER_MIDNIGHT),
        ("desk", "submitted", date(2026, 11, 17), None),
        ("portal", "draft", None, None),
        ("portal", "rejected", date(2026, 1, 2), NOW - timedelta(days=1)),
    )
    await snapshot(database, NOW)
    assert await counted(database) == {
        (october, "desk", "received", 0, 1),
        (november, "desk", "approved", 4, 1),
        (november, "desk", "received", 0, 1),
        (date(2026, 1, 1), "portal", "received", 0, 1),
        (november, "portal", "rejected", 90, 1),
    }


async def test_what_is_decided_the_next_day_is_counted_the_next_day(
    database: Database, keyring: KeyRing, city: City
) -> None:
    await resident(database, keyring, city, "R1")
    await bring(database, city, ("desk", "approved", TODAY, NOW))
    await snapshot(database, NOW)
    await bring(database, city, ("desk", "approved", TODAY, NOW + timedelta(days=1)))
    await snapshot(database, NOW + timedelta(hours=2))
    assert {row[2:] for row in await counted(database)} == {("received", 0, 1), ("approved", 0, 1)}
    await snapshot(database, NOW + timedelta(days=1))
    assert {row[2:] for row in await counted(database)} == {("received", 0, 2), ("approved", 0, 1), ("approved", 1, 1)}


async def test_the_dashboard_says_how_long_people_waited(database: Database, city: City) -> None:
    decided = [("desk", "approved", TODAY - timedelta(days=days), NOW) for days in (1, 2, 2, 3, 3, 3, 4, 4, 9, 20)]
    await bring(database, city, *decided)
    await snapshot(database, NOW)
    async with database.read() as connection:
        wanted = asked("2026-11", None, TODAY + timedelta(days=1))
        told = await dashboard(connection, city.authority.id, Topic.REQUESTS, wanted, threshold=5)
        of_neighbour = await dashboard(connection, city.neighbour.id, Topic.REQUESTS, wanted, threshold=5)
    assert told.figures[0].headline.en == "Half of the requests are decided in 3 days, nine in ten in 9 days."
    assert [figure.lines for figure in of_neighbour.figures if figure.code == "requests-delays"] == [()]
