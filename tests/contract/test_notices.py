"""Notices through both engines: who gets which letter, once; what is put off, tried again, given up and forgotten."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace
from sqlalchemy import func, select

from adapters.keyring import KeyRing
from api.forgetter import Forgetter
from domain.deliveries import RETRIES, Outcome, Tally
from domain.errors.notices import NoticeMoved, NoticeNotFound, SubscriberNotFound
from domain.errors.places import SiteNotFound
from domain.notices import (
    Notice,
    NoticeStatus,
    NoticeTopic,
    call_back,
    publish_by_rule,
    schedule,
    send_due,
    withdraw,
    write,
)
from domain.subscribers import Follow, Quiet, Subscriber, choose, confirm, leave, subscribe
from domain.text import Text
from store.database import Database
from store.deliveries import claim_letters, letter_is_due, note_bounce, settle_letter
from store.notices import followers, notice_is_due, tally, written
from store.tables.notices import notice_delivery, subscriber, subscription
from tests.city import NOW, City, small_city

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
POOL = "pool"
EVENTS = Follow(NoticeTopic.EVENTS)


class Desk:
    """A city whose notices are followed."""

    def __init__(self, database: Database, city: City) -> None:
        self.database = database
        self.city = city
        self.authority_id = city.authority.id

    def notice(self, topic: NoticeTopic = NoticeTopic.EVENTS, **more: object) -> Notice:
        made = Notice(
            id=uuid4(),
            authority_id=self.authority_id,
            topic=topic,
            title=Text(fr="Fête de l’eau", en="Water day"),
            body=Text(fr="Venez **nombreux**.", en="Do *come*."),
            expires_at=NOW + 5 * DAY,
            changed_at=NOW,
        )
        return replace(made, **more)

    async def send(self, notice: Notice, now: datetime = NOW) -> Notice:
        async with self.database.begin() as unit:
            # In one transaction: no worker of an application sends it in between.
            await schedule(unit, await write(unit, notice), send_at=now, now=now)
            [sent] = await send_due(unit, self.authority_id, now)
        return sent

    async def follower(self, *follows: Follow, now: datetime = NOW, says_yes: bool = True) -> Subscriber:
        new = Subscriber(
            id=uuid4(),
            authority_id=self.authority_id,
            whose=uuid4().bytes * 2,
            address=b"sealed",
            language="fr",
            created_at=now,
            keep_until=(now + 3 * DAY).date(),
        )
        async with self.database.begin() as unit:
            made = await subscribe(unit, new, follows or (EVENTS,), now=now)
            return await confirm(unit, made, now=now) if says_yes else made

    async def claim(self, now: datetime = NOW, most: int = 20) -> list[UUID]:
        async with self.database.write() as connection:
            _, letters = await claim_letters(connection, now, most)
        return [one.subscriber.id for one in letters]

    async def tally(self, notice: Notice) -> Tally:
        async with self.database.read() as connection:
            return await tally(connection, self.authority_id, notice.id)


@pytest.fixture
async def desk(database_url: str, keyring: KeyRing) -> AsyncIterator[Desk]:
    database = Database(database_url, patience=30)
    yield Desk(database, await small_city(database, keyring))
    await database.close()


async def test_a_letter_goes_to_those_who_follow_topic_and_place_and_have_said_yes(desk: Desk) -> None:
    everywhere = await desk.follower()
    here = await desk.follower(Follow(NoticeTopic.EVENTS, POOL), Follow(NoticeTopic.EVENTS))
    await desk.follower(Follow(NoticeTopic.EVENTS, "library"))
    await desk.follower(Follow(NoticeTopic.SITES, "pool"))
    await desk.follower(EVENTS, says_yes=False)
    sent = await desk.send(desk.notice(place=POOL))
    await desk.follower(Follow(NoticeTopic.EVENTS, POOL))
    assert sorted(await desk.claim()) == sorted({everywhere.id, here.id})
    assert (await desk.tally(sent)).waiting == 2


async def test_air_is_told_from_the_band_that_was_chosen(desk: Desk) -> None:
    from_poor = await desk.follower(Follow(NoticeTopic.AIR, "mairie", 3))
    await desk.follower(Follow(NoticeTopic.AIR, "mairie", 4))
    await desk.send(desk.notice(NoticeTopic.AIR, place="mairie", band=3))
    assert await desk.claim() == [from_poor.id]


async def test_two_workers_send_one_notice_once_and_take_no_letter_twice(desk: Desk) -> None:
    people = {(await desk.follower()).id for _ in range(12)}
    async with desk.database.begin() as unit:
        await schedule(unit, await write(unit, desk.notice()), send_at=NOW, now=NOW)

    async def work() -> int:
        async with desk.database.begin() as unit:
            return len(await send_due(unit, desk.authority_id, NOW))

    assert sum(await asyncio.gather(work(), work())) == 1
    taken = await asyncio.gather(*(desk.claim(most=5) for _ in range(4)))
    assert sorted(one for some in taken for one in some) == sorted(people)


async def test_who_dies_with_a_letter_in_hand_leaves_it_to_others_and_a_late_word_changes_nothing(desk: Desk) -> None:
    await desk.follower()
    sent = await desk.send(desk.notice())
    async with desk.database.write() as connection:
        _, [lost] = await claim_letters(connection, NOW, 20)
    later = NOW + RETRIES[0]
    assert await desk.claim(later - MINUTE) == []
    async with desk.database.write() as connection:
        _, [again] = await claim_letters(connection, later, 20)
    assert (lost.attempts, again.attempts) == (1, 2)
    async with desk.database.write() as connection:
        await note_bounce(connection, lost, later)
        await settle_letter(connection, again, Outcome.SENT, later)
        await settle_letter(connection, lost, Outcome.REFUSED, later)
    assert await desk.tally(sent) == Tally(sent=1)


async def test_after_the_seventh_attempt_nobody_tries_again(desk: Desk) -> None:
    await desk.follower()
    sent = await desk.send(desk.notice())
    now, times = NOW, 0
    while await desk.claim(now):
        now += DAY / 2
        times += 1
    assert times == len(RETRIES) + 1
    assert await desk.tally(sent) == Tally(failed=1)
    async with desk.database.read() as connection:
        assert not await letter_is_due(connection, now + DAY)


async def test_an_address_that_is_refused_three_times_is_written_to_no_more(desk: Desk) -> None:
    who = await desk.follower()
    for _ in range(3):
        await desk.send(desk.notice())
        async with desk.database.write() as connection:
            _, [letter] = await claim_letters(connection, NOW, 20)
        async with desk.database.write() as connection:
            await note_bounce(connection, letter, NOW)
    sent = await desk.send(desk.notice())
    assert await desk.claim() == []
    assert await desk.tally(sent) == Tally()
    async with desk.database.begin() as unit:
        paused = await unit.subscribers.of(desk.authority_id, who.id)
        assert paused is not None
        assert (paused.bounces, paused.paused_at) == (3, NOW)
        back = await choose(unit, paused, [EVENTS], language="en", quiet=None, now=NOW)
    assert (back.bounces, back.paused_at) == (0, None)


async def test_quiet_hours_put_a_letter_off_but_for_a_flood(desk: Desk) -> None:
    night = NOW.replace(hour=22, minute=30)
    who = await desk.follower(EVENTS, Follow(NoticeTopic.FLOODS))
    async with desk.database.begin() as unit:
        await choose(
            unit, who, [EVENTS, Follow(NoticeTopic.FLOODS)], language="fr", quiet=Quiet(21 * 60, 7 * 60), now=night
        )
    await desk.send(desk.notice(), night)
    assert await desk.claim(night) == []
    await desk.send(desk.notice(NoticeTopic.FLOODS), night)
    assert await desk.claim(night) == [who.id]
    assert await desk.claim(night + timedelta(hours=9)) == [who.id, who.id]


async def test_what_is_over_withdrawn_or_left_is_not_sent(desk: Desk) -> None:
    gone, stays = await desk.follower(), await desk.follower()
    over = await desk.send(desk.notice(expires_at=NOW + MINUTE))
    async with desk.database.begin() as unit:
        assert await leave(unit, gone, NoticeTopic.EVENTS)
    assert await desk.claim(NOW + 2 * MINUTE) == []
    assert await desk.tally(over) == Tally(not_sent=2)
    taken_back = await desk.send(desk.notice())
    async with desk.database.begin() as unit:
        await withdraw(unit, taken_back, now=NOW)
    assert await desk.claim() == []
    sent = await desk.send(desk.notice())
    assert await desk.claim() == [stays.id]
    async with desk.database.look() as unit:
        later = NOW + 2 * MINUTE
        assert [one.id for one in await unit.notices.current(desk.authority_id, later, most=9)] == [sent.id]


async def test_a_correction_takes_the_place_of_what_it_corrects(desk: Desk) -> None:
    wrong = await desk.send(desk.notice())
    right = await desk.send(desk.notice(corrects=wrong.id))
    async with desk.database.look() as unit:
        assert [one.id for one in await unit.notices.current(desk.authority_id, NOW, most=9)] == [right.id]
        assert (await unit.notices.of(desk.authority_id, wrong.id)).status is NoticeStatus.WITHDRAWN


async def test_a_notice_is_called_back_until_it_is_sent_and_not_after(desk: Desk) -> None:
    async with desk.database.begin() as unit:
        scheduled = await schedule(unit, await write(unit, desk.notice()), send_at=NOW + DAY, now=NOW)
        draft = await call_back(unit, scheduled, now=NOW)
        assert (draft.status, draft.send_at) == (NoticeStatus.DRAFT, None)
        with pytest.raises(NoticeMoved):
            await call_back(unit, scheduled, now=NOW)
    async with desk.database.read() as connection:
        assert not await notice_is_due(connection, NOW + 2 * DAY)
    sent = await desk.send(desk.notice())
    async with desk.database.begin() as unit:
        with pytest.raises(NoticeMoved):
            await call_back(unit, sent, now=NOW)


async def test_a_notice_names_a_site_of_its_authority_and_belongs_to_it(desk: Desk) -> None:
    async with desk.database.begin() as unit:
        with pytest.raises(SiteNotFound):
            await write(unit, desk.notice(place="nowhere"))
        mine = await write(unit, desk.notice(place=POOL))
        with pytest.raises(NoticeNotFound):
            await unit.notices.of(desk.city.neighbour.id, mine.id)
    async with desk.database.read() as connection:
        [listed] = await written(connection, desk.authority_id, most=5, places=[POOL])
        assert listed == mine
        assert await written(connection, desk.authority_id, most=5, after=(mine.changed_at, mine.id)) == []
        assert await written(connection, desk.authority_id, most=5, topic=NoticeTopic.AIR) == []


async def test_a_rule_speaks_once_an_occasion_and_takes_its_own_word_back(desk: Desk) -> None:
    by_hand = await desk.send(desk.notice(NoticeTopic.FLOODS, place="lez"))
    for occasion, level in (("flood:1", "un"), ("flood:1", "un"), ("flood:2", "deux")):
        async with desk.database.begin() as unit:
            told = desk.notice(NoticeTopic.FLOODS, place="lez", occasion=occasion, title=Text(fr=level, en=level))
            await publish_by_rule(unit, told, now=NOW)
        async with desk.database.begin() as unit:
            await send_due(unit, desk.authority_id, NOW)
    async with desk.database.look() as unit:
        current = await unit.notices.current(desk.authority_id, NOW, most=9)
    assert {one.title.fr for one in current} == {by_hand.title.fr, "deux"}


async def test_who_never_says_yes_is_forgotten_and_who_does_too_late_is_nobody(desk: Desk) -> None:
    await desk.follower(says_yes=False)
    late = await desk.follower(says_yes=False)
    async with desk.database.begin() as unit:
        with pytest.raises(SubscriberNotFound):
            await confirm(unit, late, now=NOW + 2 * DAY)
    await desk.follower()
    await desk.send(desk.notice())
    await Forgetter(desk.database, lambda: NOW + 4 * DAY).round()
    assert await left(desk) == (1, 1, 1)
    await Forgetter(desk.database, lambda: NOW + 93 * DAY).round()
    assert await left(desk) == (1, 1, 0)
    await Forgetter(desk.database, lambda: NOW + 1200 * DAY).round()
    assert await left(desk) == (0, 0, 0)


async def left(desk: Desk) -> tuple[int, ...]:
    async with desk.database.read() as connection:
        tables = (subscriber, subscription, notice_delivery)
        return tuple([(await connection.execute(select(func.count()).select_from(one))).scalar_one() for one in tables])


async def test_asking_again_changes_a_wish_until_it_is_confirmed_and_nothing_after(desk: Desk) -> None:
    first = await desk.follower(says_yes=False)
    async with desk.database.begin() as unit:
        again = await subscribe(unit, replace(first, id=uuid4()), [Follow(NoticeTopic.SITES)], now=NOW + DAY)
        assert (again.id, await unit.subscribers.follows(first.id)) == (first.id, [Follow(NoticeTopic.SITES)])
        yes = await confirm(unit, again, now=NOW + DAY)
        assert await subscribe(unit, replace(first, id=uuid4()), [EVENTS], now=NOW + DAY) == yes
        assert await unit.subscribers.follows(first.id) == [Follow(NoticeTopic.SITES)]
    async with desk.database.read() as connection:
        assert await followers(connection, desk.authority_id) == {"sites": 1}
