"""Batches of cards at the console: from an order to a drawer, with a maker in software between them."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from adapters.keyring import KeyRing
from domain.agents import Role
from tests.card_maker import chip_list, chips, report
from tests.console import Console, enter, said
from tests.house_app import House, TestClock
from tests.http.card_town import open_town

PATH = "/console/batches"


async def send(house: House, console: Console, path: str, name: str, content: bytes) -> httpx.Response:
    """Send a file as a browser does."""
    cookies = "; ".join(f"{key}={value}" for key, value in console.cookies.items())
    answer: httpx.Response = await house.client.post(
        path,
        data={"csrf": await console.form_token()},
        files={name: ("file.txt", content)},
        headers={"Cookie": cookies, "Accept-Language": "en"},
        follow_redirects=False,
    )
    house.client.cookies.clear()
    return answer


@pytest.fixture
async def town(database_url: str, keyring: KeyRing, clock: TestClock, tmp_path: Path) -> AsyncIterator[House]:
    async with open_town(database_url, keyring, clock, tmp_path / "keys") as opened:
        yield opened


async def test_without_masters_no_cards_are_ordered(house: House) -> None:
    unmade = await (await enter(house, Role.MANAGER)).post(PATH, {"code": "spring", "blank": "3"})
    assert unmade.status_code == 422
    assert "the keys of cards are missing" in said(unmade)


async def test_cards_go_from_an_order_to_a_drawer(town: House) -> None:
    console = await enter(town, Role.MANAGER)
    assert (await console.post(PATH, {"code": "Spring!", "blank": "3"})).status_code == 422
    ordered = await console.post(PATH, {"code": "spring", "blank": "3"})
    assert ordered.headers["location"] == f"{PATH}/spring"
    assert (await console.post(PATH, {"code": "spring", "blank": "3"})).status_code == 422

    wrong = await send(town, console, f"{PATH}/spring/order-file", "chips", b"no chip\n")
    assert wrong.status_code == 422
    assert "no UID of 14 hex digits" in said(wrong)
    order = await send(town, console, f"{PATH}/spring/order-file", "chips", chip_list(chips(3)))
    assert order.status_code in {200, 201}, order.text
    assert 'filename="spring.jsonl"' in order.headers["content-disposition"]

    read = await send(town, console, f"{PATH}/spring/report", "said", report(order.content))
    assert read.status_code == 303, read.text
    shown = said(await console.get(f"{PATH}/spring"))
    assert "Accepted" in shown
    nowhere = await console.post(f"{PATH}/spring/deliver", {"desk": "Town hall!", "first": "1", "last": "3"})
    assert nowhere.status_code == 422
    for where in ({"desk": ""}, {"desk": "town-hall", "posted": "yes"}):
        unsaid = await console.post(f"{PATH}/spring/deliver", {**where, "first": "1", "last": "3"})
        assert (unsaid.status_code, "one or the other" in said(unsaid)) == (422, True)
    done = await console.post(f"{PATH}/spring/deliver", {"desk": "town-hall", "first": "1", "last": "3"})
    assert done.status_code == 303
    assert re.search(r"town-hall: 3", said(await console.get(PATH)))
    assert (await console.post(f"{PATH}/spring/refuse")).status_code == 409


async def test_cards_that_nobody_could_open_are_not_sent_to_a_maker(
    database_url: str, keyring: KeyRing, clock: TestClock, tmp_path: Path
) -> None:
    async with open_town(database_url, keyring, clock, tmp_path / "keys", "http://127.0.0.1:8400") as town:
        console = await enter(town, Role.MANAGER)
        await console.post(PATH, {"code": "spring", "blank": "1"})
        refused = await send(town, console, f"{PATH}/spring/order-file", "chips", chip_list(chips(1)))
        assert (refused.status_code, "cards open an https address" in said(refused)) == (422, True)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_desk_orders_no_cards(shared_house: House) -> None:
    assert (await (await enter(shared_house, Role.DESK)).get(PATH)).status_code == 403
