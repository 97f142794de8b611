"""A plastic card from the first press to the hand: ordered at home, made, fetched or taken out of the letter box."""

import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.keyring import KeyRing
from domain.agents import Role
from domain.passes import MediumKind, medium_bytes
from tests.card_maker import chip_list, chips, report
from tests.city import TestPass
from tests.console import Console, enter, said
from tests.house_app import House, TestClock
from tests.http.card_town import open_town
from tests.http.ordered_cards import give_card, take_orders
from tests.http.test_console_batches import send
from tests.portal import follower

BATCHES, ORDERS = "/console/batches", "/console/card-orders"
ENVELOPE = "Max Lefèvre\n12 rue des Lilas\n59000 Lille"


@pytest.fixture
async def town(database_url: str, keyring: KeyRing, clock: TestClock, tmp_path: Path) -> AsyncIterator[House]:
    async with open_town(database_url, keyring, clock, tmp_path / "keys") as opened:
        await take_orders(opened)
        yield opened


def page_of(who: TestPass) -> str:
    return f"/moi/passes/{who.pass_.number}"


async def reader(town: House, who: TestPass) -> Console:
    """Somebody's browser, in English."""
    browser = await follower(town, who.holder, "zoe@example.org")
    await browser.get("/moi?lang=en")
    return browser


async def made(town: House, manager: Console, code: str, count: int) -> list[str]:
    """Have a batch made as its maker would, and return what is printed on its cards."""
    order = await send(town, manager, f"{BATCHES}/{code}/order-file", "chips", chip_list(chips(count)))
    read = await send(town, manager, f"{BATCHES}/{code}/report", "said", report(order.content))
    assert read.status_code == 303, read.text
    lines = io.BytesIO(order.content).read().decode().splitlines()[1:-1]
    return [re.findall(r'"number":"(\d{12})"', line)[0] for line in lines]


async def take_in(manager: Console) -> None:
    """Order a batch of what waits."""
    taken = await manager.post(ORDERS, {"code": "spring"}, drawn_at=ORDERS)
    assert taken.headers["location"] == f"{BATCHES}/spring"


async def deliver(manager: Console, desk: str) -> None:
    """Say where the one card is."""
    page = f"{BATCHES}/spring"
    where = {"desk": desk} if desk else {"posted": "yes"}
    delivered = await manager.post(f"{page}/deliver", {**where, "first": "1", "last": "1"}, drawn_at=page)
    assert delivered.status_code == 303, said(delivered)


async def test_a_lost_card_is_ordered_at_home_and_fetched_at_the_price_that_was_shown(town: House) -> None:
    """From the first press to the desk's hand, on both engines, each person in their own browser."""
    zoe = await town.resident("R1", rights=("pool-year",))
    await give_card(town, zoe)
    browser, page = await reader(town, zoe), page_of(zoe)
    shown = said(await browser.get(f"{page}/card"))
    for words in (
        "My card is lost: €5.00",
        "My card was stolen: free",
        "Your old card is stopped",
        "15 working days",
    ):
        assert words in shown, words

    unsaid = await browser.post(f"{page}/card", drawn_at=f"{page}/card")
    assert (unsaid.status_code, "choose a reason" in said(unsaid)) == (422, True)
    wish = {"why": "lost", "place": "desk:hall", "cents_lost": "500"}
    changed = await browser.post(f"{page}/card", {**wish, "cents_lost": "0"}, drawn_at=f"{page}/card")
    assert changed.headers["location"] == f"{page}/card"
    await browser.post(f"{page}/card", wish, drawn_at=f"{page}/card")
    followed = said(await browser.get(page))
    for words in ("Your card is ordered.", "Ordered on", "Ordered, not being made yet", "Town hall", "€5.00"):
        assert words in followed, words
    twice = await browser.get(f"{page}/card")
    assert (twice.status_code, twice.headers["location"]) == (303, page)

    manager = await enter(town, Role.MANAGER)
    assert "Orders of residents that wait: 1" in said(await manager.get(BATCHES))
    assert zoe.pass_.number in said(await manager.get(ORDERS))
    assert (await manager.post(ORDERS, {"code": "Spring!"}, drawn_at=ORDERS)).status_code == 422
    await take_in(manager)
    late = await browser.get(f"{page}/card/cancel")
    assert (late.status_code, late.headers["location"]) == (303, page)
    assert "being made already" in said(await browser.get(page))
    (printed,) = await made(town, manager, "spring", 1)
    await deliver(manager, "hall")
    assert "It has been waiting for you since" in said(await browser.get(page))

    desk, counter = await enter(town, Role.DESK), f"/console/passes/{zoe.pass_.number}/card"
    asked = said(await desk.get(counter))
    assert "A card is ordered for this pass" in asked
    assert f"{printed[:4]} {printed[4:8]} {printed[8:]}" in asked
    assert "If you hand over another card, the order is over" in asked
    handed = await desk.post(counter, {"card": printed, "for": zoe.holder.reference}, drawn_at=counter)
    assert "To be collected: €5.00" in said(await desk.get(handed.headers["location"]))
    assert "Ordered on" not in said(await browser.get(page))
    due = await town.client.get("/v1/replacements", headers=await town.agent_headers(Role.MANAGER))
    assert [(one["passNumber"], one["reason"], one["feeCents"]) for one in due.json()] == [
        (zoe.pass_.number, "loss", 500)
    ]


async def test_a_card_from_the_letter_box_is_taken_into_use_by_its_number(town: House) -> None:
    zoe = await town.resident("R1")
    browser, page = await reader(town, zoe), page_of(zoe)
    letter = {"why": "first", "place": "post", "cents_first": "0"}
    unaddressed = await browser.post(f"{page}/card", letter, drawn_at=f"{page}/card")
    assert unaddressed.status_code == 422
    await browser.post(f"{page}/card", {**letter, "address": ENVELOPE}, drawn_at=f"{page}/card")

    manager = await enter(town, Role.MANAGER)
    await take_in(manager)
    (printed,) = await made(town, manager, "spring", 1)
    assert "12 rue des Lilas" in said(await manager.get(f"{BATCHES}/spring"))
    await deliver(manager, "")

    assert "Sent on" in said(await browser.get(page))
    arrived = f"{page}/card/arrived"
    wrong = await browser.post(arrived, {"card_number": "808012345670"}, drawn_at=arrived)
    assert (wrong.status_code, "not the number of the card" in said(wrong)) == (422, True)
    spaced = f"{printed[:4]} {printed[4:8]} {printed[8:]}"
    await browser.post(arrived, {"card_number": spaced}, drawn_at=arrived)
    assert "Your card is in use." in said(await browser.get(page))
    assert "12 rue des Lilas" not in said(await manager.get(f"{BATCHES}/spring")), "erased with the order"


async def test_a_lost_card_that_a_program_replaces_is_paid_once_and_no_second_one_is_sent(town: House) -> None:
    """By the older replacement of the API, while the card that was ordered is on its way already."""
    zoe = await town.resident("R1")
    await give_card(town, zoe)
    async with town.database.look() as unit:
        card = next(one for one in await unit.passes.media(zoe.pass_.id) if one.kind is MediumKind.CARD)
    browser, page = await reader(town, zoe), page_of(zoe)
    wish = {"why": "lost", "place": "post", "cents_lost": "500", "address": ENVELOPE}
    await browser.post(f"{page}/card", wish, drawn_at=f"{page}/card")
    manager = await enter(town, Role.MANAGER)
    await take_in(manager)
    await made(town, manager, "spring", 1)
    await deliver(manager, "")
    await take_orders(town, loss=900)

    replaced = await town.client.post(
        f"/v1/passes/{zoe.pass_.number}/media/{medium_bytes(card.id).hex()}/replacement",
        json={},
        headers=await town.agent_headers(Role.DESK),
    )
    assert (replaced.status_code, replaced.json()["feeCents"]) == (201, 500), replaced.text
    due = await town.client.get("/v1/replacements", headers=await town.agent_headers(Role.MANAGER))
    assert [one["feeCents"] for one in due.json()] == [500]
    followed = said(await browser.get(page))
    assert "is over: another card is in use for this pass" in followed
    assert "you do not pay twice" in followed
    unwanted = said(await manager.get(f"{BATCHES}/spring"))
    assert "These will never open anything. Their place in the batch: 1." in unwanted
    assert "12 rue des Lilas" not in unwanted
    arrived = await browser.get(f"{page}/card/arrived")
    assert arrived.headers["location"] == page


async def test_a_first_card_is_cancelled_again_with_one_press(town: House) -> None:
    zoe = await town.resident("R1")
    browser, page = await reader(town, zoe), page_of(zoe)
    nothing = await browser.get(f"{page}/card/cancel")
    assert nothing.headers["location"] == page
    wish = {"why": "first", "place": "desk:hall", "cents_first": "0"}
    await browser.post(f"{page}/card", wish, drawn_at=f"{page}/card")
    assert "you have nothing to pay" in said(await browser.get(f"{page}/card/cancel"))
    await browser.post(f"{page}/card/cancel", drawn_at=f"{page}/card/cancel")
    after = said(await browser.get(page))
    assert "The order is cancelled." in after
    assert "Order a card" in after
    again = await browser.post(f"{page}/card/cancel", drawn_at=page)
    assert again.headers["location"] == page
    gone = await browser.get(f"{page}/card/arrived")
    assert gone.headers["location"] == page


async def test_a_batch_of_nothing_that_waits_is_none(town: House) -> None:
    manager = await enter(town, Role.MANAGER)
    assert "No order waits." in said(await manager.get(ORDERS))
    empty = await manager.post(ORDERS, {"code": "spring"})
    assert empty.status_code == 422
    by_api = await town.client.post(
        "/v1/card-batches", json={"code": "x", "ordered": True}, headers=await town.agent_headers(Role.MANAGER)
    )
    assert (by_api.status_code, by_api.json()["code"]) == (400, "bad-batch")


@pytest.mark.asyncio(loop_scope="module")
async def test_without_masters_nothing_that_waits_is_taken_in(shared_house: House) -> None:
    manager = await enter(shared_house, Role.MANAGER)
    refused = await manager.post(ORDERS, {"code": "spring"})
    assert (refused.status_code, "the keys of cards are missing" in said(refused)) == (422, True)
