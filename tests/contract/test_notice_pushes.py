"""A notice on its way to a telephone: through a push service played over HTTP, on both engines."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from adapters.key_entries import Purpose
from adapters.keyring import KeyRing
from adapters.notice_letters import NoticeLetters
from adapters.notice_pushes import NoticePushes
from adapters.push_services import PushServices
from adapters.subscriber_keys import SubscriberKeys
from adapters.web_push import WebPush, public_key
from api.notice_carrier import NoticeCarrier
from domain.deliveries import RETRIES, Tally
from domain.notices import NoticeTopic
from domain.push import check_address, register
from domain.subscribers import Channel, Follow, Subscriber, choose_in_app
from tests.city import NOW
from tests.contract.test_notices import DAY, Desk, desk
from tests.house_app import TestClock
from tests.push_service import Browser, PushService, push_service, sender_of

__all__ = ["desk"]

HOME = "https://ville.example"


class Post:
    """The carrier of a city without e-mail, and the push service that it speaks to."""

    def __init__(self, desk: Desk, keyring: KeyRing, service: PushService) -> None:
        self.desk, self.keyring, self.service = desk, keyring, service
        self.code = desk.city.authority.code
        self.clock = TestClock()
        self.keys = SubscriberKeys(keyring)
        letters = NoticeLetters(self.keys, HOME)
        self.push = WebPush(keyring, PushServices((service.origin,)), HOME, self.clock)
        pushes = NoticePushes(self.push, self.keys, letters, HOME, self.clock)
        self.carrier = NoticeCarrier(desk.database, letters, None, self.clock, pushes=pushes)

    def row(self, channel: Channel, **more: Any) -> Subscriber:  # noqa: ANN401 - of `Subscriber`
        return Subscriber(
            **{"whose": uuid4().bytes * 2, "address": b"", "language": "fr", "id": uuid4(), **more},
            authority_id=self.desk.authority_id,
            created_at=NOW,
            confirmed_at=NOW,
            channel=channel,
            keep_until=(NOW + 90 * DAY).date(),
        )

    async def account(self, *follows: Follow) -> Subscriber:
        made = self.row(Channel.APP)
        async with self.desk.database.begin() as unit:
            await choose_in_app(unit, made, follows or (Follow(NoticeTopic.EVENTS),))
        return made

    async def device(self, name: str, of: Subscriber, **more: Any) -> Browser:  # noqa: ANN401 - of `Subscriber`
        browser, row = Browser(self.service.origin, name), uuid4()
        given = browser.subscription
        _, kid = public_key(self.keyring, self.code)
        address = check_address(browser.endpoint, given["keys"]["p256dh"], given["keys"]["auth"], made_for=kid)
        sealed = self.keys.seal(self.code, row, msgspec.json.encode(address).decode())
        async with self.desk.database.begin() as unit:
            await register(unit, self.row(Channel.PUSH, id=row, address=sealed, choices_of=of.whose, **more))
        return browser


@pytest.fixture
async def post(desk: Desk, keyring: KeyRing) -> AsyncIterator[Post]:
    async with push_service() as service:
        made = Post(desk, keyring, service)
        yield made
        await made.push.close()


async def test_a_notice_reaches_each_telephone_of_who_follows_it_once_and_only_they_read_it(post: Post) -> None:
    mine, another = await post.account(), await post.account(Follow(NoticeTopic.SITES))
    phone, tablet = await post.device("phone", mine), await post.device("tablet", mine, language="en")
    await post.device("other", another)
    sent = await post.desk.send(post.desk.notice())
    await post.carrier.carry()
    await post.carrier.carry()
    came = {one.path: one for one in post.service.posted}
    assert len(post.service.posted) == 2
    assert came.keys() == {phone.path, tablet.path}
    city = f"{HOME}/notices/{post.code}"
    said = phone.read(came[phone.path])
    assert said == {
        "title": "Fête de l’eau",
        "body": post.desk.city.authority.name.fr,
        "url": f"{city}?lang=fr",
        "tag": said["tag"],
        "lang": "fr",
    }
    in_english = tablet.read(came[tablet.path])
    assert (in_english["title"], in_english["url"], in_english["tag"]) == ("Water day", f"{city}?lang=en", said["tag"])
    headers = came[phone.path].headers
    assert (headers["ttl"], headers["urgency"], headers["topic"]) == (str(5 * 24 * 3600), "normal", said["tag"])
    assert len({len(one.body) for one in came.values()}) == 1
    assert await post.desk.tally(sent) == Tally(sent=2)


async def test_a_push_service_is_told_who_sends_by_the_key_that_the_browser_asked_with(post: Post) -> None:
    mine = await post.account(Follow(NoticeTopic.FLOODS))
    key, _ = public_key(post.keyring, post.code)
    await post.device("before", mine)
    post.keyring.generate(post.code, Purpose.PUSH, now=NOW)
    newer, _ = public_key(post.keyring, post.code)
    await post.device("after", mine)
    await post.desk.send(post.desk.notice(NoticeTopic.FLOODS, place="lez"))
    await post.carrier.carry()
    senders = {one.path: sender_of(one) for one in post.service.posted}
    assert {path: said[0] for path, said in senders.items()} == {"/push/before": key, "/push/after": newer}
    for _, claims in senders.values():
        until = int((NOW + timedelta(hours=12)).timestamp())
        assert claims == {"aud": post.service.origin, "exp": until, "sub": HOME}
    assert {one.headers["urgency"] for one in post.service.posted} == {"high"}


async def test_an_address_that_is_over_is_erased_and_who_has_a_new_one_stays(post: Post) -> None:
    mine = await post.account()
    await post.device("phone", mine)
    sent = await post.desk.send(post.desk.notice())
    post.service.status = 410
    await post.carrier.carry()
    assert await post.desk.tally(sent) == Tally(not_sent=1)
    post.service.status = 201
    await post.desk.send(post.desk.notice())
    await post.carrier.carry()
    assert len(post.service.posted) == 1
    await post.device("phone-again", mine)
    await post.desk.send(post.desk.notice())
    await post.carrier.carry()
    assert [one.path for one in post.service.posted] == ["/push/phone", "/push/phone-again"]


async def test_a_service_that_is_away_is_asked_again_and_one_that_refuses_is_not(post: Post) -> None:
    await post.device("phone", await post.account())
    sent = await post.desk.send(post.desk.notice())
    post.service.status = 503
    await post.carrier.carry()
    assert await post.desk.tally(sent) == Tally(waiting=1)
    post.service.status = 201
    await post.carrier.carry()
    assert len(post.service.posted) == 1
    post.clock.now = NOW + RETRIES[0] + timedelta(seconds=1)
    await post.carrier.carry()
    assert await post.desk.tally(sent) == Tally(sent=1)
    first, second = post.service.posted
    assert first.headers["topic"] == second.headers["topic"]
    refused = await post.desk.send(post.desk.notice(), post.clock())
    post.service.status = 403
    await post.carrier.carry()
    assert await post.desk.tally(refused) == Tally(failed=1)


async def test_quiet_hours_put_a_message_off_and_a_letter_waits_where_there_is_no_mail(post: Post) -> None:
    night = NOW.replace(hour=22)
    post.clock.now = night
    await post.device("phone", await post.account(), quiet_begins=21 * 60, quiet_ends=7 * 60)
    await post.desk.follower()
    sent = await post.desk.send(post.desk.notice(), night)
    await post.carrier.carry()
    assert post.service.posted == []
    post.clock.now = night + timedelta(hours=10)
    await post.carrier.carry()
    assert len(post.service.posted) == 1
    assert await post.desk.tally(sent) == Tally(sent=1, waiting=1)
