"""Notices on a resident's telephone: an address of its own for each device, which ends with its session."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from domain.notices import NoticeTopic
from domain.subscribers import Channel
from store.tables.notices import subscriber
from tests.contract.test_notices import Desk
from tests.house_app import House
from tests.http.phones import bearer, forget_letters, let_in, post, read, tokens_of
from tests.http.test_resident_notices import choose
from tests.push_service import Browser, written_to

SHARED = pytest.mark.asyncio(loop_scope="module")
PATH = "/v1/resident/push"
SERVICE = "https://push.example"


async def register(house: House, headers: dict[str, str], **more: object) -> Browser:
    browser = Browser(SERVICE, uuid4().hex)
    answer = await house.client.put(PATH, json={**browser.subscription, **more}, headers=headers)
    assert answer.status_code == 204, answer.text
    return browser


async def devices(house: House) -> list[bytes]:
    async with house.database.read() as connection:
        found = await connection.execute(select(subscriber.c.address).where(subscriber.c.channel == Channel.PUSH))
        return [row.address for row in found]


@SHARED
async def test_what_an_account_follows_is_brought_to_its_devices(shared_house: House) -> None:
    mine, other = [await let_in(shared_house, f"{uuid4()}@example.org") for _ in range(2)]
    before = (await read(shared_house, "/push", mine)).json()
    assert len(before["applicationServerKey"]) == 87
    assert not before["isOn"]
    assert await choose(shared_house, mine, {"topic": "sites", "place": "pool"}) == 204
    old = await register(shared_house, mine)
    new = await register(shared_house, mine, quiet={"begins": "23:00", "ends": "06:30"})
    await register(shared_house, other)
    assert (await read(shared_house, "/push", mine)).json()["isOn"]
    assert not any(new.endpoint.encode() in address for address in await devices(shared_house))
    desk = Desk(shared_house.database, shared_house.city)
    sent = await desk.send(desk.notice(NoticeTopic.SITES, place="pool"), shared_house.clock())
    city = shared_house.city.authority
    assert await written_to(shared_house.database, shared_house.keyring, city, sent) == [new.endpoint]
    assert old.endpoint != new.endpoint


@SHARED
async def test_a_device_that_is_logged_out_is_written_to_no_more(shared_house: House) -> None:
    address = f"{uuid4()}@example.org"
    phone, tablet = [await tokens_of(shared_house, address, name) for name in ("Phone", "Tablet")]
    start = len(await devices(shared_house))
    await register(shared_house, bearer(phone))
    await register(shared_house, bearer(tablet))
    listed = (await read(shared_house, "/devices", bearer(phone))).json()["devices"]
    (other,) = [one["id"] for one in listed if not one["isThis"]]
    assert (await post(shared_house, f"/devices/{other}/end", {}, bearer(phone))).status_code == 204
    assert len(await devices(shared_house)) == start + 1
    assert (await post(shared_house, "/tokens/end", {}, bearer(phone))).status_code == 204
    assert len(await devices(shared_house)) == start


@SHARED
async def test_a_copied_token_and_a_deleted_account_end_a_device_too(shared_house: House) -> None:
    start = len(await devices(shared_house))
    tokens = await tokens_of(shared_house, f"{uuid4()}@example.org")
    await register(shared_house, bearer(tokens))
    first = {"refreshToken": tokens["refreshToken"]}
    assert (await post(shared_house, "/tokens/renewal", first)).status_code == 200
    shared_house.clock.turn(minutes=1)
    assert (await post(shared_house, "/tokens/renewal", first)).status_code == 401
    assert len(await devices(shared_house)) == start
    headers = await let_in(shared_house, f"{uuid4()}@example.org")
    await choose(shared_house, headers, {"topic": "events"})
    await register(shared_house, headers)
    assert (await shared_house.client.delete("/v1/resident/account", headers=headers)).status_code == 204
    assert len(await devices(shared_house)) == start
    forget_letters(shared_house)


@SHARED
async def test_a_device_takes_itself_off_and_may_say_so_twice(shared_house: House) -> None:
    headers = await let_in(shared_house, f"{uuid4()}@example.org")
    await register(shared_house, headers)
    for _ in range(2):
        assert (await shared_house.client.delete(PATH, headers=headers)).status_code == 204
    assert not (await read(shared_house, "/push", headers)).json()["isOn"]


@SHARED
@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "ftp://push.example/a"},
        {"keys": {"p256dh": "BA", "auth": "AA"}},
        {"quiet": {"begins": "22:00", "ends": "22:00"}},
        {"quiet": {"begins": "25:00", "ends": "22:00"}},
    ],
)
async def test_what_is_no_address_of_a_browser_is_refused(shared_house: House, wrong: dict[str, Any]) -> None:
    headers = await let_in(shared_house, f"{uuid4()}@example.org")
    body = {**Browser(SERVICE, "x").subscription, **wrong}
    answer = await shared_house.client.put(PATH, json=body, headers=headers)
    assert answer.status_code == 400, answer.text
