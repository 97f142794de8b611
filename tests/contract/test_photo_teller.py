"""Whoever sent a photo from home that is refused hears of it once, whatever dies meanwhile: on both engines."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import date, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from uuid import UUID

import pytest
from msgspec import Struct

from adapters.keyring import KeyRing
from adapters.mail import FolderMail, SmtpMail
from adapters.sms import HttpSms
from api.messenger import Messenger
from api.photo_teller import PhotoTeller
from domain import portrait_offers
from domain.account_links import Bond, LinkKind, make_code, redeem
from domain.accounts import Account, ContactChannel, open_account
from domain.agents import Role
from domain.deliveries import RETRIES
from domain.erasure import erase
from domain.guardians import GuardianKind, appoint_guardian, end_guardianship
from domain.mail import Letter, Mail
from domain.people import Holder
from domain.portrait_offers import FLAWS, KEPT, PhotoFlaw
from domain.portraits import Sealed
from store.database import Database
from store.portrait_words import due_to_be_told, put_off, told_of
from store.portraits import forget_portraits
from tests.city import NOW, TODAY, City, resident, small_city
from tests.house_app import TestClock

AWAY = "http://127.0.0.1:9"
MOTHER, FATHER, ZOE = "mother@example.org", "father@example.org", "zoe@example.org"
WHY = FLAWS[PhotoFlaw.NOT_SHARP]


class Unanswered:
    """A mail server that has been spoken to, and from which nothing comes back any more."""

    def __init__(self) -> None:
        self.spoken_to = asyncio.Event()

    async def send(self, _message: Letter) -> None:
        self.spoken_to.set()
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Nothing is held open."""


class Home(Struct):
    """Residents with accounts, a desk that looks at photos, and where letters come to."""

    database: Database
    keyring: KeyRing
    city: City
    clock: TestClock
    letters: Path

    async def person(self, reference: str, *, born_on: date = date(1980, 5, 17)) -> Holder:
        return (await resident(self.database, self.keyring, self.city, reference, born_on=born_on)).holder

    async def account(self, own: Holder, address: str, *, language: str = "fr") -> Account:
        channel = ContactChannel.SMS if address.startswith("+") else ContactChannel.EMAIL
        async with self.database.begin() as unit:
            account = await open_account(
                unit,
                authority_id=self.city.authority.id,
                channel=channel,
                address=address,
                language=language,
                now=NOW,
            )
        await self.link(account, own)
        return account

    async def link(self, account: Account, to: Holder, kind: LinkKind = LinkKind.OWN) -> None:
        async with self.database.begin() as unit:
            code, _ = await make_code(unit, to, kind=kind, by=None, now=NOW, today=TODAY)
            await redeem(unit, account, code, now=NOW, today=TODAY)

    async def parent(self, child: Holder, reference: str, address: str, *, language: str = "fr") -> Account:
        holder = await self.person(reference)
        async with self.database.begin() as unit:
            await appoint_guardian(unit, ward=child, guardian=holder, kind=GuardianKind.PARENT, since=TODAY)
        return await self.account(holder, address, language=language)

    async def offer(self, holder: Holder) -> UUID:
        async with self.database.begin() as unit:
            sealed = Sealed(unit.ids.row(), b"wrapped")
            await portrait_offers.offer(unit, holder, sealed, agreed_by=holder.id, now=self.clock(), today=TODAY)
        return sealed.file_id

    async def refuse(self, holder: Holder, flaw: PhotoFlaw = PhotoFlaw.NOT_SHARP) -> int:
        """Offer a photo and refuse it; return how many are told."""
        seen = await self.offer(holder)
        async with self.database.begin() as unit:
            refused = await portrait_offers.refuse(unit, holder, seen=seen, flaw=flaw, now=self.clock(), today=TODAY)
        assert refused.file_id == seen
        return refused.told

    def teller(self, mail: Mail | None = None, sms: HttpSms | None = None) -> PhotoTeller:
        """A process that tells: by letters in a folder, unless it has something else."""
        mail = mail or FolderMail(self.letters, "Ville <pass@ville.example>", self.clock)
        messenger = Messenger(mail, sms, countries=())
        return PhotoTeller(self.database, self.clock, messenger, public_url="https://pass.ville.example/")

    def came(self) -> list[tuple[str, str, str]]:
        """To whom letters came, their subjects and what they say, sorted. The folder is empty then."""
        found = []
        for one in self.letters.glob("*.eml"):
            letter = message_from_bytes(one.read_bytes(), policy=default)
            found.append((str(letter["To"]), str(letter["Subject"]), " ".join(letter.get_content().split())))
            one.unlink()
        return sorted(found)

    async def due(self) -> int:
        async with self.database.read() as connection:
            return len(await due_to_be_told(connection, self.clock()))


@pytest.fixture
async def home(database_url: str, keyring: KeyRing, tmp_path: Path) -> AsyncIterator[Home]:
    database, clock = Database(database_url, patience=30), TestClock()
    yield Home(database, keyring, await small_city(database, keyring), clock, tmp_path / "letters")
    await database.close()


async def test_whoever_sent_a_blurred_photo_is_told_why_and_where_to_send_another(home: Home) -> None:
    """Once for each refusal, in their language; the words of the page and no more: no last name, no picture."""
    zoe = await home.person("zoe/1")
    await home.account(zoe, ZOE)
    assert await home.refuse(zoe) == 1
    teller = home.teller()
    for _ in range(3):
        await teller.round()
        home.clock.turn(hours=7)
    ((to, subject, words),) = home.came()
    assert (to, subject) == (ZOE, "Nous n’avons pas pu garder la photo")
    for part in (WHY.fr, "pour Zoé", " https://pass.ville.example/moi/persons/zoe%2F1/photo "):
        assert part in words, part
    assert zoe.last_name not in words

    assert await home.refuse(zoe, PhotoFlaw.TOO_DARK) == 1
    await teller.round()
    ((_, _, words),) = home.came()
    assert FLAWS[PhotoFlaw.TOO_DARK].fr in words


async def test_both_parents_are_told_and_whoever_has_a_mandate_is_not(home: Home) -> None:
    """Whoever may send another one, each in their language; a mandate is for passes (ADR 0060)."""
    child = await home.person("child", born_on=date(2018, 3, 1))
    await home.parent(child, "mother", MOTHER)
    await home.parent(child, "father", FATHER, language="en")
    zoe, friend = await home.person("zoe"), await home.person("friend")
    helper = await home.account(friend, "friend@example.org")
    await home.link(helper, zoe, LinkKind.MANDATE)
    assert (await home.refuse(child), await home.refuse(zoe)) == (2, 0)
    await home.teller().round()
    (father, mother) = home.came()
    assert (father[0], mother[0]) == (FATHER, MOTHER)
    assert (WHY.en in father[2], WHY.fr in mother[2]) == (True, True)


async def test_a_parent_who_has_a_mandate_too_is_still_a_parent(home: Home) -> None:
    """At seventeen one acts alone, and may give a mandate to whoever is one's guardian until eighteen."""
    ward = await home.person("ward", born_on=date(2009, 3, 1))
    mother = await home.parent(ward, "mother", MOTHER)
    await home.link(mother, ward, LinkKind.MANDATE)
    async with home.database.look() as unit:
        assert await unit.accounts.acting_for(ward.id, TODAY) == {mother.id: Bond.PARENT}
    assert await home.refuse(ward) == 1


async def test_of_an_accepted_photo_nobody_is_told(home: Home) -> None:
    """There is nothing to do; the page shows it."""
    zoe = await home.person("zoe")
    await home.account(zoe, ZOE)
    seen = await home.offer(zoe)
    async with home.database.begin() as unit:
        desk = home.city.agents[Role.DESK].id
        await portrait_offers.accept(unit, zoe, seen=seen, by=desk, now=NOW, today=TODAY)
    await home.teller().round()
    assert home.came() == []


async def test_what_is_over_before_the_letter_leaves_is_told_to_nobody(home: Home) -> None:
    """Replaced, taken back, its person erased, the account closed, the guardian's time over, sixty days gone."""
    authority_id = home.city.authority.id

    async def replaced(holder: Holder, _account: Account) -> None:
        await home.offer(holder)

    async def taken_back(holder: Holder, _account: Account) -> None:
        async with home.database.begin() as unit:
            await portrait_offers.forget(unit, holder)

    async def erased(holder: Holder, _account: Account) -> None:
        async with home.database.begin() as unit:
            await erase(unit, holder, today=TODAY, now=NOW)

    async def closed(_holder: Holder, account: Account) -> None:
        async with home.database.begin() as unit:
            await unit.accounts.remove(account.id)

    async def unlinked(_holder: Holder, account: Account) -> None:
        async with home.database.begin() as unit:
            (link,) = await unit.accounts.links(account.id)
            await unit.accounts.remove_link(link)

    async def forgotten(_holder: Holder, _account: Account) -> None:
        async with home.database.write() as connection:
            await forget_portraits(connection, authority_id, TODAY + KEPT, NOW)

    ways: list[Callable[[Holder, Account], Awaitable[None]]] = [
        replaced,
        taken_back,
        erased,
        closed,
        unlinked,
        forgotten,
    ]
    for number, over in enumerate(ways):
        holder = await home.person(f"over-{number}")
        account = await home.account(holder, f"over-{number}@example.org")
        assert await home.refuse(holder) == 1
        await over(holder, account)
        await home.teller().round()
        assert (home.came(), await home.due()) == ([], 0), over.__name__


async def test_a_word_in_hand_is_not_said_of_a_later_refusal(home: Home) -> None:
    """Another photo was sent and refused between taking the word in hand and reading it: each is told once."""
    zoe = await home.person("zoe")
    await home.account(zoe, ZOE)
    await home.refuse(zoe)
    async with home.database.write() as connection:
        (owed,) = await due_to_be_told(connection, NOW)
        assert await put_off(connection, owed, NOW + RETRIES[0])
        assert await told_of(connection, owed, NOW) is not None
    await home.refuse(zoe, PhotoFlaw.TOO_DARK)
    async with home.database.read() as connection:
        assert await told_of(connection, owed, NOW) is None
    for _ in range(2):
        await home.teller().round()
        home.clock.turn(hours=7)
    ((_, _, words),) = home.came()
    assert FLAWS[PhotoFlaw.TOO_DARK].fr in words


async def test_a_childs_guardian_whose_time_is_over_is_not_told(home: Home) -> None:
    child = await home.person("child", born_on=date(2018, 3, 1))
    await home.parent(child, "mother", MOTHER)
    father = await home.parent(child, "father", FATHER)
    assert await home.refuse(child) == 2
    async with home.database.begin() as unit:
        (own,) = await unit.accounts.links(father.id)
        guardian = await unit.people.holder_by_id(home.city.authority.id, own.holder_id)
        await end_guardianship(unit, ward=child, guardian=guardian, on=TODAY)
    await home.teller().round()
    assert [letter[0] for letter in home.came()] == [MOTHER]


async def test_a_parent_who_cannot_be_reached_is_tried_again_and_the_other_is_not_told_twice(home: Home) -> None:
    child = await home.person("child", born_on=date(2018, 3, 1))
    await home.parent(child, "mother", MOTHER)
    await home.parent(child, "father", "+33612345678")
    assert await home.refuse(child) == 2
    away = HttpSms(AWAY, "", "{}")
    teller = home.teller(sms=away)
    for attempt, wait in enumerate((*RETRIES, timedelta(days=9))):
        async with home.database.read() as connection:
            owed = await due_to_be_told(connection, home.clock())
        assert [one.attempts for one in owed] == ([0, 0] if attempt == 0 else [attempt])
        await teller.round()
        assert await home.due() == 0
        home.clock.now += wait
    assert await home.due() == 0, "seven attempts, and no more"
    assert [letter[0] for letter in home.came()] == [MOTHER]
    await away.close()


async def test_a_letter_leaves_once_the_mail_server_is_back(home: Home) -> None:
    zoe = await home.person("zoe")
    await home.account(zoe, ZOE)
    await home.refuse(zoe)
    await home.teller(SmtpMail("smtp://127.0.0.1:9", "Ville <pass@ville.example>", home.clock)).round()
    await home.teller().round()
    assert home.came() == [], "not before its time"
    home.clock.now += RETRIES[0]
    for _ in range(2):
        await home.teller().round()
    assert [letter[0] for letter in home.came()] == [ZOE]


async def test_two_workers_at_once_send_one_letter(home: Home) -> None:
    """Nothing is sent twice: a word is in the hand of one at a time."""
    people = [await home.person(f"zoe-{number}") for number in range(5)]
    for number, holder in enumerate(people):
        await home.account(holder, f"zoe-{number}@example.org")
        await home.refuse(holder)
    await asyncio.gather(*(home.teller().round() for _ in range(4)))
    assert [letter[0] for letter in home.came()] == [f"zoe-{number}@example.org" for number in range(5)]


async def test_a_worker_killed_in_the_middle_loses_no_letter(home: Home) -> None:
    """It has the word in hand and has not been heard by the mail server; a restart alone tells it (R1), once."""
    zoe = await home.person("zoe")
    await home.account(zoe, ZOE)
    await home.refuse(zoe)
    mail = Unanswered()
    dying = asyncio.create_task(home.teller(mail).round())
    await mail.spoken_to.wait()
    dying.cancel()
    with suppress(asyncio.CancelledError):
        await dying

    await home.teller().round()
    assert home.came() == [], "somebody may still have it in hand"
    home.clock.now += RETRIES[0]
    for _ in range(2):
        await home.teller().round()
    assert [letter[0] for letter in home.came()] == [ZOE]
