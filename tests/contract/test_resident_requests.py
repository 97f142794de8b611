"""Requests of residents: whose they are, when their accounts are told, and what becomes of drafts, on both engines."""

from collections.abc import AsyncIterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from msgspec import Struct
from msgspec.structs import replace

from adapters.keyring import KeyRing
from adapters.mail import FolderMail
from adapters.sms import HttpSms
from api.messenger import Messenger
from api.request_teller import RequestTeller
from domain import requests
from domain.accounts import Account, ContactChannel, open_account
from domain.applications import Address
from domain.approval import approve
from domain.deliveries import RETRIES
from domain.errors.requests import RequestChanged, RequestNotFound, RequestStepRefused, TooManyUnfinished
from domain.ports import Unit
from domain.reception import Held
from domain.requests import Channel, PassRequest, RequestStatus
from domain.resident_requests import MOST_UNFINISHED, begin_own, hold_own, reply, save_draft, send_own
from store.database import Database
from store.request_retention import forget_requests
from store.resident_requests import due_to_be_told, own_requests
from tests.city import NOW, TODAY, City, small_city
from tests.house_app import TestClock
from tests.requests_world import NINA, TOM, Desk, application

SAID = application(NINA, services=("pool",))


class Home(Struct):
    """Somebody at home, logged in, beside a city with a desk."""

    database: Database
    city: City
    account: Account

    async def held(self, unit: Unit, request: PassRequest, *, account: Account | None = None) -> Held:
        return await hold_own(unit, account or self.account, request.reference, seen=request.version, now=NOW)

    async def sent(self) -> PassRequest:
        async with self.database.begin() as unit:
            draft = await begin_own(unit, self.account, SAID, now=NOW)
            return await send_own(unit, await self.held(unit, draft))

    async def asked(self, request: PassRequest) -> PassRequest:
        """A desk asks for more."""
        async with self.database.begin() as unit:
            hand = Desk(unit, self.city).hand(request)
            return await requests.ask_for_more(unit, request, hand, words="Il manque un papier.", today=TODAY)


def taken_out(folder: Path) -> list[str]:
    """What the letters in a folder say. It is empty then."""
    found = list(folder.rglob("*.eml"))
    letters = [message_from_bytes(one.read_bytes(), policy=default) for one in found]
    for one in found:
        one.unlink()
    return [" ".join(one.get_content().split()) for one in letters]


async def opened(unit: Unit, city: City, address: str, channel: ContactChannel = ContactChannel.EMAIL) -> Account:
    return await open_account(
        unit, authority_id=city.authority.id, channel=channel, address=address, language="fr", now=NOW
    )


@pytest.fixture
async def home(database_url: str, keyring: KeyRing) -> AsyncIterator[Home]:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    async with database.begin() as unit:
        account = await opened(unit, city, "zoe@example.org")
    yield Home(database, city, account)
    await database.close()


async def test_a_draft_grows_on_two_devices_and_becomes_a_request_like_the_desks(home: Home) -> None:
    """The slower device reads it again; a stranger's account finds nothing; sent, it says no other thing."""
    empty = replace(SAID, persons=(), services=(), address=Address("", "", "", ""))
    async with home.database.begin() as unit:
        draft = await begin_own(unit, home.account, empty, now=NOW)
        stranger = await opened(unit, home.city, "stranger@example.org")
        with pytest.raises(RequestNotFound):
            await home.held(unit, draft, account=stranger)
        saved = await save_draft(unit, await home.held(unit, draft), SAID)
        assert await unit.resident_requests.one(home.account.id, draft.reference) == saved
        with pytest.raises(RequestChanged):
            await save_draft(unit, replace(await home.held(unit, draft), request=saved), empty)
        sent = await send_own(unit, await home.held(unit, saved))
        assert (sent.status, sent.channel, sent.received_on) == (RequestStatus.SUBMITTED, Channel.PORTAL, TODAY)
        assert sent.due_on is not None
        with pytest.raises(RequestStepRefused):
            await save_draft(unit, await home.held(unit, sent), empty)
        with pytest.raises(RequestStepRefused):
            await send_own(unit, await home.held(unit, sent))


async def test_an_account_has_ten_unfinished_requests_and_lists_them_page_by_page(home: Home) -> None:
    async with home.database.begin() as unit:
        made = [
            await begin_own(unit, home.account, SAID, now=NOW + timedelta(minutes=n)) for n in range(MOST_UNFINISHED)
        ]
        with pytest.raises(TooManyUnfinished):
            await begin_own(unit, home.account, SAID, now=NOW)
    seen: list[PassRequest] = []
    before = None
    async with home.database.read() as connection:
        for _ in range(4):
            page = await own_requests(connection, home.account.id, before=before, most=3)
            seen, before = [*seen, *page.requests], page.before
    assert (seen, before) == (made[::-1], None)


async def test_drafts_end_after_thirty_days_with_their_account_or_when_taken_back(home: Home) -> None:
    """Retention of drafts (`domain.md` 3.2); what was sent stays when its account goes."""
    sent = await home.sent()
    async with home.database.begin() as unit:
        kept = await begin_own(unit, home.account, SAID, now=NOW)
        gone = await begin_own(unit, home.account, SAID, now=NOW)
        held = await home.held(unit, gone)
        await requests.withdraw(unit, gone, held.hand, today=held.today)
    async with home.database.write() as connection:
        await forget_requests(connection, home.city.authority.id, TODAY)
    async with home.database.look() as unit:
        assert await unit.resident_requests.unfinished(home.account.id) == 2
        assert not await unit.requests.reference_taken(home.city.authority.id, gone.reference)
    async with home.database.begin() as unit:
        other = await begin_own(unit, await opened(unit, home.city, "other@example.org"), SAID, now=NOW)
        await unit.resident_requests.forget_drafts(home.account.id, TODAY)
        await unit.accounts.remove(home.account.id)
    for day in (TODAY, TODAY + requests.DRAFT_KEPT):
        async with home.database.write() as connection:
            await forget_requests(connection, home.city.authority.id, day)
        async with home.database.look() as unit:
            taken = [
                await unit.requests.reference_taken(home.city.authority.id, one.reference)
                for one in (sent, kept, other)
            ]
        assert taken == [True, False, day == TODAY]


async def test_an_answer_may_be_said_in_words_and_swear_to_what_may_be_sworn_and_to_nothing_else(home: Home) -> None:
    async with home.database.begin() as unit:
        draft = await begin_own(unit, home.account, replace(SAID, services=("library",)), now=NOW)
        sent = await send_own(unit, await home.held(unit, draft))
    asked = await home.asked(sent)
    async with home.database.begin() as unit:
        with pytest.raises(RequestChanged):
            await reply(unit, await home.held(unit, sent), declared=())
        sworn = ("residence", "identity", "residence", "x")
        said = await reply(unit, await home.held(unit, asked), declared=sworn, words=" Nous venons d'emménager. ")
        assert (said.status, said.application.declared) == (RequestStatus.SUBMITTED, ("residence",))
        told = (await unit.requests.entries(said.id))[-1]
        assert (told.deed, told.words) == (requests.Deed.ANSWERED, "Nous venons d'emménager.")
        with pytest.raises(RequestStepRefused):
            await reply(unit, await home.held(unit, said), declared=())


async def test_a_childs_other_home_is_not_made_this_ones(home: Home) -> None:
    """A child in two households: the second parent's request founds a home of its own, and the first stays."""
    async with home.database.begin() as unit:
        desk = Desk(unit, home.city)
        terms = await desk.terms()
        first = await desk.sent(NINA, TOM)
        made = await approve(unit, first, desk.hand(first), terms=terms, known={})
        child = made.holders[1]
        second = await desk.sent(replace(TOM, two_homes=True), replace(NINA, first_name="Paul"))
        other = await approve(unit, second, desk.hand(second), terms=terms, known={0: child.reference})
        assert other.household.id != made.household.id
        homes = {one.id for one in await unit.people.households_of(child.id, TODAY)}
        assert homes == {made.household.id, other.household.id}


async def test_an_account_is_told_of_receipt_question_and_decision_each_once(home: Home, tmp_path: Path) -> None:
    """CRPA, art. L. 112-11 and R. 112-5: date, desk, delay, silence and appeal stand in the e-mail itself."""
    clock = TestClock()
    mail = FolderMail(tmp_path / "mail", "Ville <pass@ville.example>", clock)
    teller = RequestTeller(home.database, clock, Messenger(mail, None, countries=()))
    sent = await home.sent()
    await teller.round()
    await teller.round()
    (words,) = taken_out(tmp_path)
    for said in (sent.reference, "18 janvier 2027", "R. 112-5", "contester", "Il nous manque"):
        assert said in words, said
    assert NINA.last_name not in words

    asked = await home.asked(sent)
    async with home.database.begin() as unit:
        hand = Desk(unit, home.city).hand(asked)
        await requests.reject(unit, asked, hand, words="Hors du territoire.", today=TODAY)
    await teller.round()
    (words,) = taken_out(tmp_path)  # one: what was asked meanwhile is over
    assert "pas pu accepter votre demande" in words


async def test_an_account_that_nobody_reaches_is_tried_seven_times(home: Home) -> None:
    clock = TestClock()
    async with home.database.begin() as unit:
        account = await opened(unit, home.city, "+33612345678", ContactChannel.SMS)
        draft = await begin_own(unit, account, SAID, now=NOW)
        held = await hold_own(unit, account, draft.reference, seen=draft.version, now=NOW)
        await send_own(unit, held)
    teller = RequestTeller(home.database, clock, Messenger(None, HttpSms("http://127.0.0.1:9", "", "{}"), countries=()))
    for attempt, wait in enumerate((*RETRIES, timedelta(days=9))):
        async with home.database.read() as connection:
            (owed,) = await due_to_be_told(connection, clock())
        assert owed.attempts == attempt
        await teller.round()
        async with home.database.read() as connection:
            assert await due_to_be_told(connection, clock()) == []
        clock.now += wait
    async with home.database.read() as connection:
        assert await due_to_be_told(connection, clock()) == []
