"""What people say at points, through both engines: once a day, counted, read, answered, forgotten."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from adapters.keyring import KeyRing
from api.forgetter import Forgetter
from domain import expression
from domain.errors.expression import RemarkNotFound, SaidToday, TooMuchWaits
from domain.errors.floods import AlreadyDecided
from domain.errors.points import PointNotFound
from domain.expression import (
    WORRIES,
    Feeling,
    Remark,
    RemarkKind,
    RemarkStatus,
    Said,
    answer,
    approve,
    decline,
    express,
)
from domain.points import Point, archive
from domain.tasks import TaskReason, close_task
from store.database import Database
from store.tables.expression import expression_salt, expression_token, remark
from tests.city import City, small_city
from tests.point_sheets import READER, WRITER, published, register_air
from tests.tour_streams import NOON

DAY = NOON.date()
ONE_DAY = timedelta(days=1)
QUESTION = Said(RemarkKind.QUESTION, text="Que mesure cette boîte ?")


class Talk:
    """A city with a point where people speak."""

    def __init__(self, database: Database, city: City, point: Point) -> None:
        self.database = database
        self.city = city
        self.point = point

    async def says(self, said: Said, device: int = 0, days: int = 0) -> Remark | None:
        async with self.database.begin() as unit:
            return await express(
                unit, self.point, said, device.to_bytes(16, "big"), day=DAY + days * ONE_DAY, now=NOON + days * ONE_DAY
            )

    async def asked(self, device: int = 0) -> Remark:
        asked = await self.says(QUESTION, device)
        assert asked is not None
        return asked

    async def open_tasks(self) -> list[tuple[str, TaskReason]]:
        async with self.database.look() as unit:
            found = await unit.tasks.listed(self.city.authority.id, closed=False, most=10)
        return [(slug, task.why) for slug, task in found]


@pytest.fixture
async def talk(database_url: str, keyring: KeyRing) -> AsyncIterator[Talk]:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    await register_air(database, city)
    yield Talk(database, city, await published(database, city))
    await database.close()


async def test_a_device_speaks_once_a_day(talk: Talk) -> None:
    await talk.asked()
    with pytest.raises(SaidToday):
        await talk.says(QUESTION)
    await talk.asked(device=1)


async def test_the_salt_of_a_day_is_written_over_that_of_the_day_before(talk: Talk) -> None:
    authority_id = talk.city.authority.id
    async with talk.database.begin() as unit:
        today = await unit.expression.salt(authority_id, DAY)
        assert await unit.expression.salt(authority_id, DAY) == today
        tomorrow = await unit.expression.salt(authority_id, DAY + ONE_DAY)
        assert await unit.expression.salt(authority_id, DAY) == tomorrow, "a clock that lags brings nothing back"
    assert today != tomorrow
    async with talk.database.read() as connection:
        assert [row.salt for row in await connection.execute(select(expression_salt))] == [tomorrow]


async def test_salts_tokens_and_words_are_forgotten_at_their_end(talk: Talk) -> None:
    waits, refused = await talk.asked(1), await talk.asked(2)
    async with talk.database.begin() as unit:
        await unit.expression.salt(talk.city.authority.id, DAY)
        await decline(unit, refused, "Un nom de personne.", agent_id=READER, now=NOON)

    async def left(days: int) -> tuple[int, int, int]:
        await Forgetter(talk.database, lambda: NOON + days * ONE_DAY).round()
        async with talk.database.read() as connection:
            return tuple(  # type: ignore[return-value]
                [
                    len((await connection.execute(select(table))).all())
                    for table in (expression_salt, expression_token, remark)
                ]
            )

    assert await left(0) == (1, 2, 2)
    assert await left(1) == (0, 0, 2)
    assert await left(29) == (0, 0, 2)
    assert await left(30) == (0, 0, 1), "what was declined"
    assert await left(90) == (0, 0, 0), "what nobody has read"
    with pytest.raises(RemarkNotFound):
        async with talk.database.look() as unit:
            await unit.expression.remark(talk.city.authority.id, waits.id)


async def test_what_is_declined_has_no_words_any_more_not_even_for_whoever_writes_sql(talk: Talk) -> None:
    asked = await talk.asked()
    async with talk.database.begin() as unit:
        approved = await approve(unit, asked, talk.point, agent_id=READER, now=NOON)
        answered = await answer(unit, approved, "Le CO2.", agent_id=READER, now=NOON)
        assert [one.answer for one in await unit.expression.published(talk.point.id, 10)] == ["Le CO2."]
        declined = await decline(unit, answered, "Un nom de personne.", agent_id=WRITER, now=NOON)
        assert (declined.text, declined.answer) == (None, "")
        assert await unit.expression.published(talk.point.id, 10) == []
        assert await unit.expression.remark(talk.city.authority.id, asked.id) == declined
    with pytest.raises(IntegrityError):
        async with talk.database.write() as connection:
            await connection.execute(update(remark).values(text="again"))


async def test_two_agents_do_not_decide_twice(talk: Talk) -> None:
    asked = await talk.asked()
    async with talk.database.begin() as unit:
        await decline(unit, asked, "Hors sujet.", agent_id=READER, now=NOON)
    with pytest.raises(AlreadyDecided):
        async with talk.database.begin() as unit:
            await approve(unit, asked, talk.point, agent_id=WRITER, now=NOON)


async def test_feelings_are_counted_by_day_and_nobody_is_kept(talk: Talk) -> None:
    for device, feeling in enumerate((Feeling.USEFUL, Feeling.USEFUL, Feeling.WORRIED)):
        assert await talk.says(Said(RemarkKind.REACTION, feeling), device) is None
    await talk.says(Said(RemarkKind.REACTION, Feeling.USEFUL), 9, days=1)
    async with talk.database.look() as unit:
        assert await unit.expression.counts(talk.point.id, DAY) == {Feeling.USEFUL: 3, Feeling.WORRIED: 1}
        assert await unit.expression.counts(talk.point.id, DAY + ONE_DAY) == {Feeling.USEFUL: 1}
        assert await unit.expression.queue(talk.city.authority.id, RemarkStatus.WAITING, 10) == []


async def test_the_queue_goes_on_behind_the_last_words_that_were_read(talk: Talk) -> None:
    asked = {(await talk.asked(device)).id for device in range(3)}
    read, place = [], None
    async with talk.database.look() as unit:
        while page := await unit.expression.queue(talk.city.authority.id, RemarkStatus.WAITING, 1, after=place):
            [(_, remark)] = page
            place = remark.received_at, remark.id
            read.append(remark.id)
    assert (len(read), set(read)) == (3, asked)


async def test_many_worried_people_are_one_task_a_week(talk: Talk) -> None:
    worried = Said(RemarkKind.REACTION, Feeling.WORRIED)
    for device in range(WORRIES - 1):
        await talk.says(worried, device)
    assert await talk.open_tasks() == []
    for device in range(100, 103):
        await talk.says(worried, device)
    assert await talk.open_tasks() == [(talk.point.slug, TaskReason.WORRIED)]

    async with talk.database.begin() as unit:
        ((_, task),) = await unit.tasks.listed(talk.city.authority.id, closed=False, most=10)
        assert task.service == "Direction de l’éducation"
        await close_task(unit, task, "Une affiche explique la mesure.", agent_id=READER, now=NOON)
        with pytest.raises(AlreadyDecided):
            await unit.tasks.close(replace(task, closed_at=NOON, closed_by=WRITER))
    await talk.says(worried, 200, days=1)
    assert await talk.open_tasks() == [], "the same worry"
    for device in range(300, 300 + WORRIES):
        await talk.says(worried, device, days=8)
    assert await talk.open_tasks() == [(talk.point.slug, TaskReason.WORRIED)]


async def test_a_fault_that_an_agent_believes_is_a_task(talk: Talk) -> None:
    told = await talk.says(Said(RemarkKind.FAULT, text="La plaque est cassée."))
    assert told is not None
    assert await talk.open_tasks() == []
    async with talk.database.begin() as unit:
        await approve(unit, told, talk.point, agent_id=READER, now=NOON)
    assert await talk.open_tasks() == [(talk.point.slug, TaskReason.FAULT)]


async def test_words_wait_up_to_a_bound_and_feelings_are_still_counted(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expression, "MOST_WAITING", 2)
    for device in range(2):
        await talk.asked(device)
    with pytest.raises(TooMuchWaits):
        await talk.asked(device=2)
    await talk.says(Said(RemarkKind.REACTION, Feeling.CURIOUS), device=3)


async def test_one_device_that_asks_twice_at_once_is_heard_once(talk: Talk) -> None:
    told = await asyncio.gather(*(talk.says(QUESTION) for _ in range(4)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in told) == ["Remark", "SaidToday", "SaidToday", "SaidToday"]


async def test_nobody_speaks_at_a_point_that_is_not_public(talk: Talk) -> None:
    async with talk.database.begin() as unit:
        assert await unit.expression.point(talk.point.id) == talk.point
        await archive(unit, talk.point, "démonté", agent_id=READER, now=NOON)
        for point_id in (talk.point.id, UUID(int=404)):
            with pytest.raises(PointNotFound):
                await unit.expression.point(point_id)
