"""Letters that come back, on both engines: each counts once, at its address, until that is confirmed anew."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from uuid import uuid4

import pytest
from msgspec import Struct

from adapters.delivery_reports import ReportFolder, read_report
from adapters.keyring import KeyRing
from adapters.letter_marks import LetterMarks
from adapters.mail import FolderMail
from adapters.subscriber_keys import SubscriberKeys
from api.bounce_reader import ASIDE_DAYS, BounceReader
from api.letter_returns import LetterReturns
from api.messenger import Messenger
from domain.account_letters import Subject
from domain.accounts import Account, Contact, ContactChannel, add_contact, open_account
from domain.bounces import BOUNCE_WINDOW, MOST_BOUNCES
from domain.deliveries import Outcome, Tally, message_id
from domain.errors.mail import RecipientRefused
from domain.mail import Letter
from domain.notices import Notice, NoticeTopic, schedule, send_due, write
from domain.subscribers import Follow, Subscriber, choose, confirm, subscribe
from domain.text import Text
from store.database import Database
from store.deliveries import claim_letters, settle_letter
from store.notices import tally
from tests.city import NOW, City, small_city
from tests.delivery_reports import EXCHANGE, EXIM, POSTFIX, report
from tests.house_app import TestClock

DAY = timedelta(days=1)
ZOE, SPARE = "zoe@example.org", "zoe@work.example"
HOST = "pass.ville.example"


class Town(Struct):
    """A city that writes into a folder, and reads what comes back from another."""

    database: Database
    city: City
    keyring: KeyRing
    clock: TestClock
    sent: Path
    reports: Path

    @property
    def returns(self) -> LetterReturns:
        return LetterReturns(self.database, self.keyring, self.clock, host=HOST)

    @property
    def messenger(self) -> Messenger:
        mail = FolderMail(self.sent, "Ville <pass@ville.example>", self.clock)
        return Messenger(mail, None, countries=(), returns=self.returns)

    async def account(self, address: str = ZOE) -> Account:
        async with self.database.begin() as unit:
            return await open_account(
                unit,
                authority_id=self.city.authority.id,
                channel=ContactChannel.EMAIL,
                address=address,
                language="fr",
                now=self.clock(),
            )

    async def contacts(self, account: Account) -> list[Contact]:
        async with self.database.look() as unit:
            return await unit.accounts.contacts(account.id)

    async def write_to(self, account: Account) -> list[str]:
        """Tell the account something; return to whom a letter left, and keep the names of the letters."""
        before = set(self.sent.glob("*.eml"))
        self.clock.turn(hours=1)
        contacts = await self.contacts(account)
        await self.messenger.tell(Subject.PASSKEY, self.city.authority, contacts, language="fr", device="Fairphone")
        return sorted(self.letter(path)[0] for path in set(self.sent.glob("*.eml")) - before)

    def letter(self, path: Path) -> tuple[str, str]:
        """To whom a letter went, and its name."""
        found = message_from_bytes(path.read_bytes())
        return str(found["To"]), str(found["Message-ID"])

    def last_name(self, address: str = ZOE) -> str:
        """The name of the last letter to an address."""
        named = [self.letter(path) for path in sorted(self.sent.glob("*.eml"))]
        return [name for to, name in named if to == address][-1]

    async def read(self, *reports: bytes) -> None:
        """Have the mail server deliver reports, and read them."""
        (self.reports / "new").mkdir(parents=True, exist_ok=True)
        for number, one in enumerate(reports):
            (self.reports / "new" / f"{number}.{uuid4().hex}").write_bytes(one)
        await BounceReader(ReportFolder(self.reports), self.returns, self.clock).round()
        assert list((self.reports / "new").iterdir()) == []

    @property
    def aside(self) -> int:
        """How many were left to a person."""
        return len(list((self.reports / "cur").iterdir()))


@pytest.fixture
async def town(database_url: str, keyring: KeyRing, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    database, folder = Database(database_url, patience=30), tmp_path_factory.mktemp("post")
    city = await small_city(database, keyring)
    yield Town(database, city, keyring, TestClock(), folder / "sent", folder / "reports")
    await database.close()


async def test_the_third_letter_that_comes_back_is_the_last_one_sent_there(town: Town) -> None:
    zoe = await town.account()
    async with town.database.begin() as unit:
        town.clock.turn(minutes=1)
        await add_contact(unit, zoe, channel=ContactChannel.EMAIL, address=SPARE, now=town.clock())
    for server in (POSTFIX, EXCHANGE, EXIM):
        assert await town.write_to(zoe) == [ZOE, SPARE]
        await town.read(report(town.last_name(), ZOE, server=server))
    first, spare = await town.contacts(zoe)
    assert (first.bounces, first.unreachable_at) == (MOST_BOUNCES, town.clock())
    assert (spare.bounces, spare.unreachable_at) == (0, None)
    assert await town.write_to(zoe) == [SPARE]
    assert town.aside == 0


async def test_one_letter_counts_once_however_often_its_report_comes(town: Town) -> None:
    zoe = await town.account()
    await town.write_to(zoe)
    first = report(town.last_name(), ZOE)
    await town.read(first, first, first)
    await town.write_to(zoe)
    second = report(town.last_name(), ZOE)
    for _ in range(3):
        await town.read(first, second)
    (contact,) = await town.contacts(zoe)
    assert (contact.bounces, contact.unreachable_at) == (2, None)
    assert town.aside == 0


async def test_a_report_that_anybody_could_write_is_believed_by_nobody(town: Town) -> None:
    """Who wants to silence somebody knows their address, and no letter that was sent there."""
    zoe, max_ = await town.account(), await town.account("max@example.org")
    await town.write_to(zoe)
    await town.write_to(max_)
    of_max = town.last_name("max@example.org")
    altered = of_max.replace(".", ".0", 1)
    made_up = f"<ville.0123456789abcd.01234567.{'0' * 32}@{HOST}>"
    neighbour = LetterMarks(town.keyring, HOST).name(town.city.neighbour.code, ZOE, town.clock())
    nowhere = of_max.replace("ville", "nowhere", 1)
    for name in (of_max, altered, made_up, nowhere, "<1@gmail.example>"):
        await town.read(*[report(name, ZOE)] * MOST_BOUNCES)
    await town.read(report(neighbour, ZOE))
    for account in (zoe, max_):
        (contact,) = await town.contacts(account)
        assert contact.bounces == 0
    assert town.aside == 5 * MOST_BOUNCES, "the neighbour's letter is one of ours, to somebody without an account there"
    await town.read(b"Subject: I am on holiday\r\n\r\nBack on Monday.\r\n")
    assert town.aside == 5 * MOST_BOUNCES + 1
    town.clock.now += (ASIDE_DAYS + 30) * DAY
    await town.read()
    assert town.aside == 0, "what nobody has looked at is forgotten"


async def test_letters_that_come_back_far_apart_do_not_count_together(town: Town) -> None:
    zoe = await town.account()
    for _ in range(MOST_BOUNCES + 1):
        await town.write_to(zoe)
        await town.read(report(town.last_name(), ZOE))
        town.clock.now += BOUNCE_WINDOW
    (contact,) = await town.contacts(zoe)
    assert (contact.bounces, contact.unreachable_at) == (1, None)


async def test_who_types_a_code_from_there_is_written_to_again(town: Town) -> None:
    zoe = await town.account()
    names = []
    for _ in range(MOST_BOUNCES):
        await town.write_to(zoe)
        names.append(town.last_name())
        await town.read(report(names[-1], ZOE))
    assert await town.write_to(zoe) == []
    async with town.database.begin() as unit:
        await add_contact(unit, zoe, channel=ContactChannel.EMAIL, address=ZOE, now=town.clock())
    (contact,) = await town.contacts(zoe)
    assert (contact.bounces, contact.bounced_at, contact.unreachable_at) == (0, None, None)
    assert await town.write_to(zoe) == [ZOE]
    await town.read(*(report(name, ZOE) for name in names))
    (contact,) = await town.contacts(zoe)
    assert contact.bounces == 0, "they were written before the address was confirmed"


class Refusing:
    """A mail server that knows nobody."""

    async def send(self, message: Letter) -> None:
        raise RecipientRefused(f"No {message.recipient}.")

    async def close(self) -> None:
        """Nothing is open."""


async def test_what_is_refused_at_the_door_counts_as_well(town: Town) -> None:
    zoe = await town.account()
    messenger = Messenger(Refusing(), None, countries=(), returns=town.returns)
    for _ in range(MOST_BOUNCES):
        town.clock.turn(hours=1)
        contacts = await town.contacts(zoe)
        assert not await messenger.tell(Subject.PASSKEY, town.city.authority, contacts, language="fr", device="x")
    (contact,) = await town.contacts(zoe)
    assert contact.unreachable_at == town.clock()


async def follower(town: Town) -> Subscriber:
    keys, code, row = SubscriberKeys(town.keyring), town.city.authority.code, uuid4()
    new = Subscriber(
        id=row,
        authority_id=town.city.authority.id,
        whose=keys.whose(code, ZOE),
        address=keys.seal(code, row, ZOE),
        language="fr",
        created_at=NOW,
        keep_until=(NOW + 3 * DAY).date(),
    )
    async with town.database.begin() as unit:
        made = await subscribe(unit, new, [Follow(NoticeTopic.EVENTS)], now=NOW)
        return await confirm(unit, made, now=NOW)


async def sent_notice(town: Town, now: datetime) -> Notice:
    notice = Notice(
        id=uuid4(),
        authority_id=town.city.authority.id,
        topic=NoticeTopic.EVENTS,
        title=Text(fr="Fête de l’eau", en="Water day"),
        body=Text(fr="Venez.", en="Come."),
        expires_at=now + DAY,
        changed_at=now,
    )
    async with town.database.begin() as unit:
        await schedule(unit, await write(unit, notice), send_at=now, now=now)
        await send_due(unit, town.city.authority.id, now)
    async with town.database.write() as connection:
        _, letters = await claim_letters(connection, now, 20)
        for one in letters:
            await settle_letter(connection, one, Outcome.SENT, now)
    return notice


async def test_a_notice_that_came_back_stands_in_its_journal_and_the_third_pauses_its_reader(town: Town) -> None:
    who = await follower(town)
    for turn in range(MOST_BOUNCES):
        notice = await sent_notice(town, NOW + turn * timedelta(minutes=1))
        name = message_id(notice.id, who.id, HOST)
        await town.read(report(name, "max@example.org"), report(name, ZOE), report(name, ZOE))
        async with town.database.read() as connection:
            assert await tally(connection, town.city.authority.id, notice.id) == Tally(failed=1)
    assert town.aside == MOST_BOUNCES, "those that name another address"
    async with town.database.begin() as unit:
        paused = await unit.subscribers.of(town.city.authority.id, who.id)
        assert paused is not None
        assert (paused.bounces, paused.paused_at) == (MOST_BOUNCES, town.clock())
        back = await choose(unit, paused, [Follow(NoticeTopic.EVENTS)], language="fr", quiet=None, now=town.clock())
    assert (back.bounces, back.bounced_at, back.paused_at) == (0, None, None)


def test_the_name_of_a_letter_tells_nobody_whom_it_is_for(keyring: KeyRing) -> None:
    marks, code = LetterMarks(keyring, HOST), "ville"
    keyring.make_master(code, now=NOW)
    one, other = (marks.name(code, ZOE, NOW) for _ in range(2))
    assert one != other
    assert "zoe" not in one
    found = marks.read(one, ["max@example.org", ZOE])
    assert found is not None
    assert (found.authority, found.address, found.at) == (code, ZOE, NOW)
    assert marks.read(one, ["max@example.org"]) is None
    sent = read_report(report(one, ZOE))
    assert sent is not None
    assert sent.message_id == one
