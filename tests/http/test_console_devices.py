"""Devices at the console: found, shown, written by a form and by a file, kept from residents."""

import re
import shutil
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest
import pytest_asyncio

from adapters.keyring import KeyRing
from domain.acts import Act
from domain.agents import Role
from domain.devices import register_device
from domain.journal import Kind, Object, Wanted
from tests.city import NOW
from tests.console import Console, enter, said
from tests.house_app import House, TestClock, open_house
from tests.tour_world import SOURCE, eui, frame, minutes, room
from tour.upkeep import upkeep

SHARED = pytest.mark.asyncio(loop_scope="module")
pytestmark = SHARED

PATH = "/console/devices"
LETTERS = "/console/letters"
TOKEN = "the network server's"
FILE = f"""
[{SOURCE}]
format = "chirpstack"
authority = "ville"
models = ["milesight-am307"]
token_sha256 = "{sha256(TOKEN.encode()).hexdigest()}"
"""
FORM = {
    "device": "salle-90",
    "name_fr": "Salle 90",
    "name_en": "Room 90",
    "kind": "room-air",
    "camera": "none",
    "model": "milesight-am307",
    "latitude": "43,61",
    "longitude": "3,88",
    "commune": "34172",
    "installed_on": "2026-01-01",
    "source": SOURCE,
    "source_key": "90",
    "public": "yes",
    "quantity": "co2",
    "period_minutes": "15",
    "shown": "yes",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("devices")
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


async def post(house: House, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    await house.client.post(f"/hooks/{SOURCE}?event=up", content=body, headers=headers)


async def administrator(house: House) -> Console:
    return await enter(house, Role.ADMINISTRATOR)


async def test_a_device_is_found_by_its_key_and_shows_what_it_said_and_what_was_put_aside(house: House) -> None:
    await put_up(house, 1)
    await post(house, frame(1, 1, NOW - minutes(15), co2=640, battery=85))
    await post(house, frame(1, 2, NOW, co2=65535))
    console = await enter(house, Role.MANAGER)
    page = said(await console.get(f"{PATH}?text={eui(1)[-6:]}"))
    assert "room-1" in page
    shown = said(await console.get(f"{PATH}/room-1"))
    assert "640" in shown
    assert "! no value" in shown
    assert "2 values came, of which 1 were put aside" in (await console.get(f"{PATH}/room-1")).text


async def test_devices_are_listed_by_what_is_wrong_with_them(house: House) -> None:
    await put_up(house, 21)
    await upkeep(house.database, NOW)
    console = await enter(house, Role.MANAGER)
    assert "room-21" in said(await console.get(f"{PATH}?condition=silent&text=room-21"))
    for other in ("doubtful", "fine", "retired"):
        assert "No device matches" in said(await console.get(f"{PATH}?condition={other}&text=room-21"))


async def test_a_device_is_registered_by_a_form_and_what_does_not_fit_is_said_at_its_field(house: House) -> None:
    console = await administrator(house)
    wrong = await console.post(f"{PATH}/new", {**FORM, "period_minutes": "", "low": "cold"})
    assert wrong.status_code == 422
    assert 'value="Salle 90"' in wrong.text
    assert 'id="wrong-period_minutes"' in wrong.text
    assert 'id="wrong-low"' in wrong.text
    assert (await console.post(f"{PATH}/new", FORM)).headers["location"] == f"{PATH}/salle-90"
    taken = await console.post(f"{PATH}/new", FORM)
    assert (taken.status_code, 'id="wrong-device"' in taken.text) == (422, True)


async def test_a_camera_that_recognises_faces_is_refused_and_the_form_says_why(house: House) -> None:
    console = await administrator(house)
    camera = {**FORM, "device": "rue-1", "source_key": "c1", "kind": "camera"}
    for faces in ({"camera": "faces"}, {"camera": "counts", "name_en": "Facial recognition"}):
        refused = await console.post(f"{PATH}/new", {**camera, **faces})
        assert refused.status_code == 422
        assert "a device that recognises faces cannot be registered" in said(refused)
    assert (await console.get(f"{PATH}/rue-1")).status_code == 404


async def test_a_stream_is_changed_and_another_added_on_the_devices_own_page(house: House) -> None:
    await put_up(house, 31)
    console = await administrator(house)
    page = (await console.get(f"{PATH}/room-31")).text
    (stream, *_) = re.findall(r"write\?stream=([0-9a-f-]{36})", page)
    form = (await console.get(f"{PATH}/room-31/write?stream={stream}")).text
    filled = dict(re.findall(r'name="(\w+)" required value="([^"]*)"', form))
    fields = {**FORM, **filled, "source_key": eui(31), "calibrated_on": "2026-10-01", "quantity": "co2"}
    del fields["device"]
    assert (await console.post(f"{PATH}/room-31/write", fields)).status_code == 303
    assert "1 Oct 2026" in said(await console.get(f"{PATH}/room-31"))


async def test_of_two_agents_at_one_device_the_slower_reads_what_changed_and_loses_nothing(house: House) -> None:
    """Two agents editing one file: the conflict is shown, nothing is lost; who changed what is on record."""
    quick, slow = await administrator(house), await administrator(house)
    device = {**FORM, "device": "salle-95", "source_key": "95"}
    await quick.post(f"{PATH}/new", device)
    drawn = (await slow.get(f"{PATH}/salle-95/write")).text
    seen = re.findall(r'name="seen" value="(\d+)"', drawn)[0]
    changed = {**device, "seen": seen, "name_en": "Room of music"}
    assert (await quick.post(f"{PATH}/salle-95/write", changed)).status_code == 303

    late = await slow.post(f"{PATH}/salle-95/write", {**device, "seen": seen, "name_fr": "Salle des fêtes"})
    assert late.status_code == 409
    assert "This device was changed while you were writing" in said(late)
    assert "Room 90 → Room of music" in said(late)
    assert 'value="Salle des fêtes"' in late.text
    assert "Room of music" in said(await quick.get(f"{PATH}/salle-95"))

    again = re.findall(r'name="seen" value="(\d+)"', late.text)[0]
    both = {**changed, "seen": again, "name_fr": "Salle des fêtes"}
    assert (await slow.post(f"{PATH}/salle-95/write", both)).status_code == 303
    page = said(await slow.get(f"{PATH}/salle-95"))
    assert "Salle 90 → Salle des fêtes" in page
    assert "Put into the register" in page
    async with house.database.look() as unit:
        lines = await unit.journal.search(house.city.authority.id, Wanted(object=Object(Kind.DEVICE, "salle-95")), 9)
    assert [one.entry.act for one in lines] == [Act.DEVICE_WRITTEN] * 3


async def test_a_device_is_kept_from_residents_with_a_reason_and_shown_again(house: House) -> None:
    await put_up(house, 41)
    console = await administrator(house)
    await console.post(f"{PATH}/room-41/suspend", {"reason": ""})
    assert "see it" in said(await console.get(f"{PATH}/room-41"))
    await console.post(f"{PATH}/room-41/suspend", {"reason": "peinture du préau"})
    page = said(await console.get(f"{PATH}/room-41"))
    assert "do not see it" in page
    assert "peinture du préau" in page
    await console.post(f"{PATH}/room-41/resume")
    page = said(await console.get(f"{PATH}/room-41"))
    assert "shown again" in page
    assert "yes → no (peinture du préau)" in page


async def test_a_file_is_tried_first_and_then_brought_in_whole(house: House) -> None:
    console = await administrator(house)
    header = ",".join(FORM)
    row = ",".join(
        {**FORM, "device": "salle-91", "source_key": "91", "latitude": "43.61", "longitude": "3.88"}.values()
    )
    bad = f"{header}\n{row}\n{row.replace('salle-91', 'salle-92').replace(',91,', ',,')}\n"
    refused = await console.post(f"{PATH}/import", {"checked": bad, "deed": "keep"})
    assert (refused.status_code, "1 lines refused" in said(refused)) == (422, True)
    tried = await console.post(f"{PATH}/import", {"checked": f"{header}\n{row}\n", "deed": "try"})
    assert "No line refused" in said(tried)
    assert (await console.get(f"{PATH}/salle-91")).status_code == 404
    kept = await console.post(f"{PATH}/import", {"checked": f"{header}\n{row}\n", "deed": "keep"})
    assert kept.headers["location"] == PATH
    assert (await console.get(f"{PATH}/salle-91")).status_code == 200
    assert (await console.post(f"{PATH}/import", {"deed": "try"})).status_code == 422


async def test_messages_are_tried_then_sent_again_once_the_device_is_known(house: House) -> None:
    for counter in range(3):
        await post(house, frame(7, counter, NOW - minutes(10 - counter), co2=700 + counter))
    console = await administrator(house)
    sort = {"source": SOURCE, "why": "unknown-device"}
    page = said(await console.get(f"{LETTERS}?source={SOURCE}&why=unknown-device"))
    assert eui(7) in page
    tried = said(await console.post(f"{LETTERS}/replay", {**sort, "deed": "try"}))
    assert "unknown-device" in tried
    await put_up(house, 7)
    tried = said(await console.post(f"{LETTERS}/replay", {**sort, "deed": "try"}))
    assert "3 messages of 3" in tried
    assert "Values they would give 3" in tried
    assert "700" not in said(await console.get(f"{PATH}/room-7")), "a trial has stored something"
    done = said(await console.post(f"{LETTERS}/replay", {**sort, "deed": "send"}))
    assert "New values 3" in done
    assert "702" in said(await console.get(f"{PATH}/room-7"))


async def test_a_message_is_shown_as_text_and_never_as_a_page(house: House) -> None:
    await post(house, b'{"<script>alert(1)</script>": ')
    console = await administrator(house)
    found = re.findall(rf"{LETTERS}/[0-9a-f-]{{36}}", (await console.get(f"{LETTERS}?why=malformed-message")).text)
    page = await console.get(found[0])
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text
    again = await console.post(f"{found[0]}/replay")
    assert again.headers["location"] == found[0]
    nothing = await console.post(f"{LETTERS}/discard", {"letter": found[0].rpartition("/")[2], "motive": ""})
    assert nothing.headers["location"] == found[0]
    await console.post(f"{LETTERS}/discard", {"letter": found[0].rpartition("/")[2], "motive": "broken"})
    assert (await console.get(found[0])).status_code == 404
    journal = said(await (await enter(house, Role.DPO)).get("/console/journal"))
    assert "Read a message of a device put aside" in journal
    assert "Discarded messages of devices" in journal


async def test_the_page_of_bands_says_what_residents_would_read_in_three_ways(house: House) -> None:
    console = await enter(house, Role.EDITOR)
    told = said(await console.get("/console/bands?quantity=co2&value=1250&scale=co2-room&span=instant"))
    assert "1,250" in told
    assert "Easy to read" in told
    wrong = await console.get("/console/bands?quantity=co2&value=warm&scale=noise-now")
    assert 'id="wrong-value"' in wrong.text
    assert 'id="wrong-scale"' in wrong.text
