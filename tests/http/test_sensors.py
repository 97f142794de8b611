"""Sensors by HTTP: posted to by their network server, looked at and mended by agents."""

import json
import shutil
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from adapters.keyring import KeyRing
from domain.agents import Role
from domain.devices import register_device
from tests.city import NOW
from tests.house_app import House, TestClock, open_house
from tests.tour_world import SOURCE, eui, frame, minutes, room

SHARED = pytest.mark.asyncio(loop_scope="module")
pytestmark = SHARED

TOKEN = "the network server's"
FILE = f"""
[{SOURCE}]
format = "chirpstack"
authority = "ville"
models = ["milesight-am307"]
token_sha256 = "{sha256(TOKEN.encode()).hexdigest()}"

[river]
format = "hubeau"
authority = "ville"
poll = {{ url = "http://127.0.0.1:9/", every_minutes = 1440 }}

[theirs]
format = "senml"
authority = "voisine"
"""
HEADER = "device,name_fr,name_en,kind,model,latitude,longitude,commune,installed_on,source,source_key,public,quantity"
LINE = "{0},Salle,Room,room-air,milesight-am307,43.61,3.88,34172,2026-01-01,city-lorawan,{1},yes,co2,15"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("sensors")
    shutil.copyfile(migrated_file, folder / "city.sqlite3")
    sources = folder / "sources.toml"
    sources.write_text(FILE)
    keys = folder / "keys"
    url = f"sqlite:///{folder}/city.sqlite3"
    async with open_house(url, KeyRing(keys), TestClock(), keys, sources_file=str(sources)) as opened:
        yield opened


async def put_up(house: House, number: int) -> None:
    async with house.database.begin() as unit:
        await register_device(unit, *room(number, house.city.authority.id, unit.ids))


async def post(house: House, body: bytes, token: str = TOKEN) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return await house.client.post(f"/hooks/{SOURCE}?event=up", content=body, headers=headers)


async def ask(house: House, path: str, *, role: Role = Role.ADMINISTRATOR, neighbour: bool = False) -> Any:  # noqa: ANN401 - what the API answers
    headers = await house.agent_headers(role, neighbour=neighbour)
    answer = await house.client.get(f"/v1/sensors/{path}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def do(house: House, path: str, **sent: Any) -> httpx.Response:  # noqa: ANN401 - a body of any kind
    headers = await house.agent_headers(Role.ADMINISTRATOR)
    return await house.client.post(f"/v1/sensors/{path}", headers=headers, **sent)


async def test_a_posted_frame_is_a_value_that_agents_see_with_the_battery(house: House) -> None:
    await put_up(house, 1)
    assert (await post(house, frame(1, 1, NOW, co2=936, battery=85))).status_code == 204
    device = await ask(house, "devices/room-1", role=Role.MANAGER)
    co2 = next(stream for stream in device["streams"] if stream["quantity"] == "co2")
    assert (co2["state"], co2["shown"]["value"], co2["shown"]["quality"]) == ("direct", 936, 0)
    assert (device["batteryPercent"], device["sourceKey"], device["events"]) == (85, eui(1), [])
    silent = next(stream for stream in device["streams"] if stream["quantity"] == "air_pressure")
    assert (silent["state"], "shown" in silent) == ("silent", False)


async def test_what_a_device_says_that_cannot_be_is_a_trouble(house: House) -> None:
    await put_up(house, 2)
    at = NOW - minutes(1)
    await post(house, frame(2, 1, at, co2=65535))
    await post(house, frame(2, 2, NOW).replace(b'"object": {}', b'"object": null'))
    told = [one for one in (await ask(house, "troubles"))["devices"] if one["device"] == "room-2"]
    assert {(one["event"]["kind"], one["event"]["detail"], one["event"]["times"]) for one in told} == {
        ("sentinel", "co2", 1),
        ("decoder-missing", "", 1),
    }


async def test_a_message_that_cannot_be_read_is_told_to_its_sender_and_kept(house: House) -> None:
    answer = await post(house, b'{"cut": ')
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed-message")
    found = next(one for one in await ask(house, f"letters?source={SOURCE}") if one["why"] == "malformed-message")
    assert "payload" not in json.dumps(found)
    whole = await ask(house, f"letters/{found['id']}")
    assert (whole["text"], whole["address"]) == ('{"cut": ', f"/hooks/{SOURCE}?event=up")
    again = await do(house, f"letters/{found['id']}/replay")
    assert again.json() == {"id": found["id"], "new": 0, "why": "malformed-message"}


async def test_a_device_is_registered_and_what_it_said_before_is_sent_again(house: House) -> None:
    for counter in range(3):
        await post(house, frame(7, counter, NOW - minutes(10 - counter), co2=700 + counter))
    waiting = [one for one in await ask(house, "letters") if one["detail"] == eui(7)]
    assert {one["why"] for one in waiting} == {"unknown-device"}
    assert len(waiting) == 3
    one = await do(house, f"letters/{waiting[0]['id']}/replay")
    assert one.json()["why"] == "unknown-device"
    await put_up(house, 7)
    sent = (await do(house, f"letters/replay?source={SOURCE}")).json()
    assert sum(each["new"] for each in sent["sent"]) == 3
    assert sent["next"] is None
    assert all("replayedAt" in each for each in await ask(house, "letters") if each["detail"] == eui(7))
    assert (await ask(house, "devices/room-7"))["streams"][2]["shown"]["value"] == 702


async def test_letters_of_one_authority_are_nobody_elses(house: House) -> None:
    await post(house, b"[")
    (found, *_) = await ask(house, "letters")
    assert await ask(house, "letters", neighbour=True) == []
    headers = await house.agent_headers(Role.ADMINISTRATOR, neighbour=True)
    answer = await house.client.get(f"/v1/sensors/letters/{found['id']}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "dead-letter-not-found")


async def test_a_file_is_brought_in_whole_or_not_at_all(house: House) -> None:
    header = HEADER + ",period_minutes"
    good = f"{header}\n{LINE.format('hall-1', 'abc1')}\n".encode()
    bad = f"{header}\n{LINE.format('hall-2', 'abc2')}\n{LINE.format('hall-3', '')}\n".encode()
    for path, body, written, refused in (
        ("devices/import?trial=true", good, False, 0),
        ("devices/import", bad, False, 1),
        ("devices/import", good, True, 0),
    ):
        answer = await do(house, path, content=body)
        assert answer.status_code == 200, answer.text
        assert (answer.json()["written"], answer.json()["refused"]) == (written, refused)
    codes = [device["code"] for device in (await ask(house, "devices"))["devices"]]
    assert "hall-1" in codes
    assert "hall-2" not in codes
    answer = await do(house, "devices/import", content=b"\xff\xfe")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-device-file")


async def test_devices_come_in_pages(house: House) -> None:
    for number in (11, 12, 13):
        await put_up(house, number)
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = await ask(house, f"devices?limit=2&after={after}")
        seen += [device["code"] for device in page["devices"]]
        after = page["next"]
    assert seen == sorted(seen)
    assert {"room-11", "room-12", "room-13"} <= set(seen)


async def test_sources_say_how_they_come_and_what_is_left_out_of_them(house: House) -> None:
    await post(house, frame(1, 50, NOW, co2=800, plate="AB-123-CD"))
    sources = {one["code"]: one for one in await ask(house, "sources")}
    assert sources.keys() == {SOURCE, "river"}, "those of another authority are not ours to see"
    assert sources[SOURCE]["ways"] == ["http"]
    assert "plate" in sources[SOURCE]["dropped"]
    assert sources["river"]["ways"] == ["poll"]
