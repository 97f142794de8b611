"""The passages of a pass, page after page: each once, however long ago and whatever came between."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from adapters.printed import printed_code
from domain.agents import Role
from domain.passes import BlockReason, block
from domain.replacements import replace_medium
from store.tables.ledger import validation
from tests.city import TestPass
from tests.house_app import House
from tests.http.desk import done, read
from tests.http.rights import assert_problem


async def page(house: House, shown: TestPass, before: str | None = None) -> list[dict[str, Any]]:
    asked = f"?before={before}" if before is not None else ""
    listed: list[dict[str, Any]] = await done(
        read(house, f"/passes/{shown.pass_.number}/passages{asked}", role=Role.SITE_AGENT)
    )
    return listed


async def history(house: House, shown: TestPass) -> list[str]:
    """Every passage, as one who turns the pages sees them."""
    seen: list[str] = []
    while lines := await page(house, shown, seen[-1] if seen else None):
        seen += [line["passage"] for line in lines]
    return seen


async def test_every_passage_comes_once_page_after_page(house: House) -> None:
    zoe, ben = await house.resident("R1", rights=("pool-year",)), await house.resident("R2", rights=("pool-year",))
    mine = []
    for turn in range(45):
        await house.tap(ben.code, "free-1")
        await house.tap(zoe.code, "free-1")
        mine.append(str(2 * turn + 2))
        house.clock.turn(seconds=10)
    assert len(await page(house, zoe)) == 20
    assert await history(house, zoe) == mine[::-1]


async def test_new_passages_move_no_page_that_is_turned_meanwhile(house: House) -> None:
    zoe = await house.resident("R1", rights=("pool-year",))
    for _ in range(21):
        await house.tap(zoe.code, "free-1")
        house.clock.turn(seconds=10)
    first = await page(house, zoe)
    await house.tap(zoe.code, "free-1")
    assert [line["passage"] for line in await page(house, zoe, first[-1]["passage"])] == ["1"]


async def test_a_passage_is_found_behind_any_number_of_others(house: House) -> None:
    zoe = await house.resident("R1", rights=("pool-year",))
    await house.tap(zoe.code, "free-1")
    async with house.database.engine.begin() as connection:
        row = dict((await connection.execute(select(validation))).mappings().one())
        others = row | {"medium_id": 1, "pass_id": UUID(int=1)}
        await connection.execute(insert(validation), [others | {"number": number} for number in range(2, 25_000)])
    assert [line["passage"] for line in await page(house, zoe)] == ["1"]


async def test_a_pass_keeps_the_passages_of_a_card_that_was_replaced(house: House) -> None:
    zoe = await house.resident("R1", rights=("pool-year",))
    await house.tap(zoe.code, "free-1")
    async with house.database.begin() as unit:
        await block(unit, zoe.pass_, zoe.medium.id, reason=BlockReason.LOST, now=house.clock())
        new = await replace_medium(unit, zoe.pass_, zoe.medium.id, expires_at=zoe.medium.expires_at, now=house.clock())
    await house.tap(zoe.code, "free-1")
    await house.tap(printed_code(house.keyring, house.city.authority, new.medium), "free-1")
    reasons = [line["reason"] for line in await page(house, zoe)]
    assert reasons == ["welcome", "medium_replaced", "welcome"]


@pytest.mark.parametrize("cursor", ["", "x", "-1", "9" * 19, "%D9%A1"])
async def test_a_cursor_that_nobody_gave_is_refused(house: House, cursor: str) -> None:
    zoe = await house.resident("R1")
    path = f"/passes/{zoe.pass_.number}/passages?before={cursor}"
    assert_problem(await read(house, path, role=Role.SITE_AGENT), 400, "bad-cursor")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_page_is_one_stretch_of_an_index(house: House) -> None:
    """Without it a page would read every event of the installation, or sort the whole history of a card."""
    async with house.database.read() as connection:
        plan = await connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT number FROM validation WHERE medium_id = 1 AND number < 5 ORDER BY number DESC"
        )
        (step,) = [row[-1] for row in plan]
    assert "ix_validation_medium_id (medium_id=? AND number<?)" in step
