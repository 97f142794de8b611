"""Who ordered a card is told that it is ordered, and where it waits or that it is sent: each once, on both engines."""

from collections.abc import AsyncIterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from adapters.keyring import KeyRing
from adapters.mail import FolderMail
from adapters.sms import HttpSms
from api.card_teller import CardTeller
from api.messenger import Messenger
from domain import card_orders, personalisation
from domain.accounts import Account, ContactChannel, open_account
from domain.agents import Role
from domain.card_terms import CardDesk, CardTerms, set_card_terms
from domain.deliveries import RETRIES
from domain.ordered_cards import CardWay, OrderReason, Wish, cancel_order, order_card
from domain.passes import MediumKind, add_medium
from domain.replacements import ReplacementFee, ReplacementReason
from domain.text import Text
from store.ordered_cards import due_to_be_told
from tests.city import NOW, TODAY
from tests.contract.batch_world import UNTIL, World, chips, open_world, said
from tests.house_app import TestClock

HALL = CardDesk("hall", Text(fr="Siège", en="Town hall"), "1 place de la République")


@pytest.fixture
async def world(database_url: str, keyring: KeyRing) -> AsyncIterator[World]:
    async with open_world(database_url, keyring) as opened:
        async with opened.database.begin() as unit:
            await set_card_terms(unit, CardTerms((HALL,), by_post=True), authority_id=opened.city.authority.id)
        yield opened


async def ordered(world: World, channel: ContactChannel, address: str, wish: Wish) -> Account:
    """Open an account, and order with it for Zoé."""
    async with world.database.begin() as unit:
        account = await open_account(
            unit,
            authority_id=world.city.authority.id,
            channel=channel,
            address=address,
            language="fr",
            now=NOW,
        )
        await order_card(unit, account, world.zoe.pass_, wish, now=NOW, today=TODAY)
    return account


async def made(world: World) -> None:
    authority = world.city.authority
    async with world.database.begin() as unit:
        await personalisation.order(
            unit,
            authority.id,
            code="spring",
            wanted=await card_orders.for_residents(unit, authority, UNTIL.date(), most=9),
            key_version=1,
            agent_id=world.city.agents[Role.MANAGER].id,
            now=NOW,
        )
    await world.send(chips(1))
    await world.settle(said(await world.cards()))


def taken_out(folder: Path) -> list[str]:
    """The texts of the letters that came, which are gone then."""
    found = []
    for one in sorted((folder / "mail").glob("*.eml")):
        letter = message_from_bytes(one.read_bytes(), policy=default)
        found.append(str(letter["Subject"]) + "\n" + letter.get_content())
        one.unlink()
    return found


async def test_whoever_ordered_a_card_hears_of_it_and_then_where_it_waits(world: World, tmp_path: Path) -> None:
    clock = TestClock()
    teller = CardTeller(
        world.database, clock, Messenger(FolderMail(tmp_path / "mail", "V <p@v.example>", clock), None, countries=())
    )
    async with world.database.begin() as unit:
        await add_medium(unit, world.zoe.pass_, kind=MediumKind.CARD, expires_at=UNTIL, now=NOW)
        fee = ReplacementFee(world.city.authority.id, MediumKind.CARD, ReplacementReason.LOSS, 500)
        await unit.replacements.set_fees(world.city.authority.id, [fee])
    wish = Wish(OrderReason.LOST, CardWay.DESK, "hall", "", 500)
    await ordered(world, ContactChannel.EMAIL, "zoe@example.org", wish)
    await teller.round()
    await teller.round()
    (words,) = taken_out(tmp_path)
    for part in ("Votre carte est commandée", world.zoe.pass_.number, "5,00 €"):
        assert part in words, part
    assert world.zoe.holder.last_name not in words

    await made(world)
    await teller.round()
    assert taken_out(tmp_path) == [], "that it is being made is read on the page"
    for desk in ("hall", "hall", "annexe"):
        await world.deliver(desk=desk)
        await teller.round()
    annexe, hall = sorted(taken_out(tmp_path), key=lambda words: "annexe" not in words)  # both of one instant
    assert "Elle vous attend ici : Siège, 1 place de la République." in hall
    assert "Elle vous attend ici : annexe." in annexe
    await world.bind((await world.cards())[0].number, world.zoe)


async def test_nobody_is_told_of_an_order_that_was_cancelled_meanwhile(world: World, tmp_path: Path) -> None:
    clock = TestClock()
    teller = CardTeller(
        world.database, clock, Messenger(FolderMail(tmp_path / "mail", "V <p@v.example>", clock), None, countries=())
    )
    await ordered(world, ContactChannel.EMAIL, "zoe@example.org", Wish(OrderReason.FIRST, CardWay.DESK, "hall", "", 0))
    async with world.database.begin() as unit:
        await cancel_order(unit, world.zoe.pass_, now=NOW)
    await teller.round()
    assert taken_out(tmp_path) == []


async def test_whoever_gets_another_card_hears_that_no_second_one_comes(world: World, tmp_path: Path) -> None:
    clock = TestClock()
    teller = CardTeller(
        world.database, clock, Messenger(FolderMail(tmp_path / "mail", "V <p@v.example>", clock), None, countries=())
    )
    drawer = (await world.at_desk(1))[0]
    await ordered(world, ContactChannel.EMAIL, "zoe@example.org", Wish(OrderReason.FIRST, CardWay.DESK, "hall", "", 0))
    await teller.round()
    assert len(taken_out(tmp_path)) == 1
    await world.bind(drawer.number, world.zoe)
    await teller.round()
    await teller.round()
    (words,) = taken_out(tmp_path)
    assert "Votre commande de carte est terminée" in words
    assert f"mise en service pour votre pass {world.zoe.pass_.number}" in words


async def test_an_order_outlives_its_account_and_nobody_is_told(world: World, tmp_path: Path) -> None:
    clock = TestClock()
    teller = CardTeller(
        world.database, clock, Messenger(FolderMail(tmp_path / "mail", "V <p@v.example>", clock), None, countries=())
    )
    account = await ordered(
        world, ContactChannel.EMAIL, "zoe@example.org", Wish(OrderReason.FIRST, CardWay.DESK, "hall", "", 0)
    )
    async with world.database.begin() as unit:
        await unit.accounts.remove(account.id)
    await teller.round()
    assert taken_out(tmp_path) == []
    await made(world)
    async with world.database.look() as unit:
        order = await unit.ordered_cards.newest(world.zoe.pass_.id)
    assert order is not None
    assert order.account_id is None


async def test_an_account_that_nobody_reaches_is_tried_seven_times(world: World) -> None:
    clock = TestClock()
    sms = HttpSms("http://127.0.0.1:9", "", "{}")
    teller = CardTeller(world.database, clock, Messenger(None, sms, countries=()))
    await ordered(world, ContactChannel.SMS, "+33612345678", Wish(OrderReason.FIRST, CardWay.DESK, "hall", "", 0))
    for attempt, wait in enumerate((*RETRIES, timedelta(days=9))):
        async with world.database.read() as connection:
            (owed,) = await due_to_be_told(connection, clock())
        assert owed.attempts == attempt
        await teller.round()
        async with world.database.read() as connection:
            assert await due_to_be_told(connection, clock()) == []
        clock.now += wait
    async with world.database.read() as connection:
        assert await due_to_be_told(connection, clock()) == []
    await sms.close()
