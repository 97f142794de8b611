"""A notice on its way to an inbox: through a real mail server, on both engines."""

from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
from aiosmtpd.controller import Controller
from msgspec.structs import replace

from adapters.keyring import KeyRing
from adapters.mail import SmtpMail
from adapters.notice_letters import NoticeLetters
from adapters.subscriber_keys import Link, SubscriberKeys
from api.notice_carrier import NoticeCarrier
from domain.deliveries import RETRIES, Tally
from domain.errors.notices import SubscriberNotFound
from domain.notices import NoticeTopic
from domain.subscribers import Purpose, Subscriber
from domain.text import Text
from tests.city import NOW
from tests.contract.test_mail import SENDER, Postman, part
from tests.contract.test_notices import Desk, desk
from tests.house_app import TestClock
from tests.servers import LOOPBACK, free_port

__all__ = ["desk"]

HOME = "https://ville.example"
ADDRESS = "camille@example.org"


class Post:
    """The carrier of a city, and the mail server that it speaks to."""

    def __init__(self, desk: Desk, keyring: KeyRing, port: int, clock: TestClock) -> None:
        self.desk = desk
        self.clock = clock
        self.postman = Postman()
        self.keys = SubscriberKeys(keyring)
        mail = SmtpMail(f"smtp://{LOOPBACK}:{port}", SENDER, clock)
        self.letters = NoticeLetters(self.keys, HOME)
        self.carrier = NoticeCarrier(desk.database, self.letters, mail, clock)

    async def follower(self, language: str = "fr") -> Subscriber:
        who = await self.desk.follower()
        sealed = self.keys.seal(self.desk.city.authority.code, who.id, ADDRESS)
        known = replace(who, address=sealed, language=language)
        async with self.desk.database.begin() as unit:
            await unit.subscribers.save(known)
        return known


@pytest.fixture
def post(desk: Desk, keyring: KeyRing) -> Iterator[Post]:
    port = free_port()
    made = Post(desk, keyring, port, TestClock())
    server = Controller(made.postman, hostname=LOOPBACK, port=port)
    server.start()
    yield made
    server.stop()


async def test_a_notice_arrives_once_in_its_readers_language_with_the_link_that_ends_it(post: Post) -> None:
    who = await post.follower()
    hostile = Text(fr="Été <b>&</b> “fête”", en="Summer")
    sent = await post.desk.send(post.desk.notice(title=hostile))
    await post.carrier.carry()
    await post.carrier.carry()
    [(recipients, letter)] = post.postman.taken
    assert recipients == [ADDRESS]
    assert letter["Subject"] == hostile.fr
    assert "Venez nombreux." in part(letter, "plain")
    html = part(letter, "html")
    assert "<strong>nombreux</strong>" in html
    assert "<b>" not in html
    assert hostile.fr in unescape(html)
    leave = letter["List-Unsubscribe"].strip("<>")
    assert leave.startswith(f"{HOME}/notices/{post.desk.city.authority.code}/leave/")
    assert leave in part(letter, "plain")
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    code = post.desk.city.authority.code
    assert post.keys.read(code, Purpose.LEAVE, leave.rpartition("/")[2]) == Link(who.id, NoticeTopic.EVENTS, sent.id)
    assert await post.desk.tally(sent) == Tally(sent=1)


async def test_a_server_that_is_away_gets_the_same_letter_later(post: Post) -> None:
    await post.follower("en")
    sent = await post.desk.send(post.desk.notice())
    post.postman.to_letters = "451 4.3.0 later"
    await post.carrier.carry()
    assert await post.desk.tally(sent) == Tally(waiting=1)
    post.postman.to_letters = "250 OK"
    await post.carrier.carry()
    assert post.postman.taken == []
    post.clock.now = NOW + RETRIES[0] + timedelta(seconds=1)
    await post.carrier.carry()
    [(_, letter)] = post.postman.taken
    assert letter["Subject"] == "Water day"
    assert letter["Message-ID"].startswith(f"<{sent.id.hex}.")
    assert await post.desk.tally(sent) == Tally(sent=1)


async def test_three_refusals_of_the_address_pause_it(post: Post) -> None:
    who = await post.follower()
    post.postman.to_recipients = "550 5.1.1 unknown"
    for _ in range(3):
        await post.desk.send(post.desk.notice())
        await post.carrier.carry()
    async with post.desk.database.look() as unit:
        paused = await unit.subscribers.of(post.desk.authority_id, who.id)
    assert paused is not None
    assert paused.paused_at is not None


async def test_an_address_lies_encrypted_and_a_link_serves_one_purpose_of_one_city(post: Post) -> None:
    who = await post.follower()
    code = post.desk.city.authority.code
    assert ADDRESS.encode() not in who.address
    assert post.keys.unseal(code, who.id, who.address) == ADDRESS
    assert post.keys.whose(code, "Camille@Example.org") == post.keys.whose(code, ADDRESS)
    link = post.keys.link(code, Purpose.LEAVE, Link(who.id))
    assert post.keys.read(code, Purpose.LEAVE, link) == Link(who.id)
    flipped = link[:4] + ("A" if link[4] != "A" else "B") + link[5:]
    for purpose, text in ((Purpose.CHOOSE, link), (Purpose.LEAVE, flipped), (Purpose.LEAVE, ""), (Purpose.LEAVE, "é")):
        with pytest.raises(SubscriberNotFound):
            post.keys.read(code, purpose, text)
    with pytest.raises(SubscriberNotFound):
        post.keys.read(post.desk.city.neighbour.code, Purpose.LEAVE, link)
