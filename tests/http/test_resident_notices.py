"""Notices in the app: those that were chosen and no others; no letter for them, and no trace after the account."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from domain.notices import NoticeTopic
from store.tables.notices import notice_delivery, subscriber
from tests.contract.test_notices import Desk
from tests.house_app import House
from tests.http.phones import let_in, read

SHARED = pytest.mark.asyncio(loop_scope="module")


async def choose(house: House, headers: dict[str, str], *follows: dict[str, Any]) -> int:
    path = "/v1/resident/notices/choices"
    answer = await house.client.put(path, json={"follows": list(follows)}, headers=headers)
    return int(answer.status_code)


async def titles(house: House, headers: dict[str, str]) -> list[str]:
    answer = await read(house, "/notices", headers)
    return [one["title"]["en"] for one in answer.json()["notices"]]


@SHARED
async def test_an_app_shows_what_was_chosen_and_no_others(shared_house: House) -> None:
    desk = Desk(shared_house.database, shared_house.city)
    headers, other = [await let_in(shared_house, f"{uuid4()}@example.org") for _ in range(2)]
    assert await titles(shared_house, headers) == []
    pool = {"topic": "sites", "place": "pool"}
    assert await choose(shared_house, headers, pool, {"topic": "air", "place": "mairie", "fromBand": 4}) == 204
    for topic, place, band in (
        (NoticeTopic.SITES, "pool", 0),
        (NoticeTopic.SITES, "library", 0),
        (NoticeTopic.EVENTS, "pool", 0),
        (NoticeTopic.AIR, "mairie", 3),
        (NoticeTopic.AIR, "mairie", 4),
    ):
        await desk.send(desk.notice(topic, place=place, band=band), shared_house.clock())
    seen = (await read(shared_house, "/notices", headers)).json()
    assert len(seen["notices"]) == 2
    assert {(one["topic"], one["place"]) for one in seen["notices"]} == {("air", "mairie"), ("sites", "pool")}
    assert {one["topic"] for one in seen["follows"]} == {"air", "sites"}
    assert await titles(shared_house, other) == []
    async with shared_house.database.read() as connection:
        letters = select(func.count()).select_from(notice_delivery)
        assert (await connection.execute(letters)).scalar_one() == 0
    assert await choose(shared_house, headers, *[{"topic": "sites", "place": f"p{n}"} for n in range(31)]) == 400
    assert await choose(shared_house, headers) == 204
    assert await titles(shared_house, headers) == []


@SHARED
async def test_choices_go_with_the_account(shared_house: House) -> None:
    headers = await let_in(shared_house, f"{uuid4()}@example.org")
    before = await subscribers(shared_house)
    await choose(shared_house, headers, {"topic": "events"})
    assert await subscribers(shared_house) == before + 1
    assert (await shared_house.client.delete("/v1/resident/account", headers=headers)).status_code == 204
    assert await subscribers(shared_house) == before


async def subscribers(house: House) -> int:
    async with house.database.read() as connection:
        return int((await connection.execute(select(func.count()).select_from(subscriber))).scalar_one())
