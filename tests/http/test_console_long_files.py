"""A file of many years: three households, twelve passes, many passages; as quick to read as an empty one."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import event

from adapters.antivirus import Antivirus
from adapters.document_vault import DocumentVault
from admin.files import read_file
from domain.agents import Agent, Role, everywhere
from domain.passes import MediumKind, PassStatus, change_status, issue
from domain.people import found_household, join, leave
from tests.city import KEEP, TestPass
from tests.console import enter, said
from tests.house_app import House

SHARED = pytest.mark.asyncio(loop_scope="module")
TAPS = 56


async def grow(house: House, person: TestPass) -> None:
    """Give somebody a past."""
    now, holder = house.clock(), person.holder
    async with house.database.begin() as unit:
        for number in range(11):
            since = date(2014 + number, 1, 1)
            old = await issue(
                unit,
                holder,
                kind=MediumKind.PRINT,
                valid_from=since,
                valid_until=since + timedelta(days=365),
                expires_at=now + timedelta(days=9),
                now=now,
            )
            await change_status(unit, old.pass_, PassStatus.ENDED, now=now)
        for number in (1, 2):
            home = await found_household(
                unit,
                authority_id=holder.authority_id,
                reference=f"former-{number}",
                commune_code="00101",
                now=now,
                keep_until=KEEP,
                since=date(2010 + number, 1, 1),
            )
            await join(unit, holder, home.id, since=date(2010 + number, 1, 1))
            await leave(unit, holder, home.id, on=date(2011 + number, 1, 1))


async def questions(house: House, agent: Agent, reference: str) -> int:
    """Count what a file asks of the database, the catalogue being known."""
    vault = DocumentVault(Path("nowhere"), house.keyring, Antivirus(""))
    asked: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    await house.database.catalogue()
    event.listen(house.database.engine.sync_engine, "before_cursor_execute", count)
    try:
        await read_file(house.database, vault, agent, house.city.authority, reference, now=house.clock())
    finally:
        event.remove(house.database.engine.sync_engine, "before_cursor_execute", count)
    return len([one for one in asked if one.startswith("SELECT")])


@SHARED
async def test_a_file_of_many_years_stays_readable_and_asks_no_more_than_an_empty_one(shared_house: House) -> None:
    zoe, empty = await shared_house.resident("long-1"), await shared_house.resident("short-1")
    await grow(shared_house, zoe)
    for _ in range(TAPS):
        assert (await shared_house.tap(zoe.code, "library-1")).status_code == 200
    manager = await enter(shared_house, Role.MANAGER)
    desk = await enter(shared_house, Role.DESK)

    page = await desk.get("/console/people/long-1")
    assert "Passes that are over: 11" in said(page)
    assert page.text.count("<details>") == 2, "passes and households that are over fold away"
    assert "Household former-1, from 1 Jan 2011 to 31 Dec 2011" in said(page)
    assert 'href="/console/people/long-1/passages"' in (await manager.get("/console/people/long-1")).text
    first = await manager.get("/console/people/long-1/passages")
    older = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert older is not None
    second = await manager.get(older[1])
    lines = [page.text.count('<th scope="row">') for page in (first, second)]
    assert lines == [50, TAPS - 50]
    assert 'rel="next"' not in second.text
    assert (await desk.get("/console/people/long-1/passages")).status_code == 403

    everything = replace(shared_house.city.agents[Role.DESK], grants=everywhere(*Role))
    asked = [await questions(shared_house, everything, one.holder.reference) for one in (zoe, empty)]
    assert asked[0] == asked[1] <= 16
