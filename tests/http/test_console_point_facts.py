"""A sheet of the tour is made at the console alone: begun, filled in, read by a colleague, printed and ended."""

import io
import re

import pytest
import pytest_asyncio
from PIL import Image

from domain.agents import Role
from domain.points import create
from tests.console import enter, said
from tests.house_app import House
from tests.point_sheets import SHEET, register_air

SHARED = pytest.mark.asyncio(loop_scope="module")
TEXTS = {
    "place_fr": "École Gambetta, 1er étage",
    "what_it_is_fr": "Un capteur de CO2.",
    "what_it_is_easy": "C’est une petite boîte.",
    "benefit_fr": "Savoir quand aérer.",
    "benefit_easy": "On sait quand ouvrir.",
    "retention_fr": "90 jours.",
}
FACTS = {
    "address": "12 rue Gambetta",
    "latitude": "43,6112345",
    "longitude": "3.8767",
    "blur": "building",
    "devices": SHEET.devices[0],
    "not_0_fr": "Il ne filme pas.",
    "not_0_en": "It does not film.",
    "service_fr": "Direction de l’éducation",
    "controller": "Métropole de Valclair",
    "contact": "dpo@metropole.example",
    "starts_on": "2026-09-01",
    "ends_on": "2029-08-31",
    "photo_fr": "Un boîtier blanc près du tableau.",
    "chain_tech_air_quality": "yes",
    "chain_purpose_health": "yes",
    "chain_accountable_institution": "yes",
    "chain_data_values_time": "yes",
    "chain_process_raw_data": "yes",
    "chain_storage_stored_locally": "yes",
    "chain_access_available_to_download": "yes",
    "chain_retention_data_retained": "yes",
}


def photo() -> dict[str, tuple[str, bytes]]:
    """A picture as a camera sends it."""
    written = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(written, "JPEG")
    return {"photo": ("boitier.jpg", written.getvalue())}


@pytest_asyncio.fixture(loop_scope="module")
async def slug(shared_house: House) -> str:
    """An address that no point has, beside a device of the register."""
    async with shared_house.database.look() as unit:
        there = await unit.devices.find(shared_house.city.authority.id, SHEET.devices[0])
        free = f"place-{unit.ids.row().hex}"
    if there is None:
        await register_air(shared_house.database, shared_house.city)
    return free


@pytest_asyncio.fixture(loop_scope="module")
async def path(shared_house: House, slug: str) -> str:
    """A whole draft of the editor's, at an address of its own."""
    city = shared_house.city
    async with shared_house.database.begin() as unit:
        editor = city.agents[Role.EDITOR].id
        point = await create(unit, city.authority.id, slug, SHEET, agent_id=editor, now=shared_house.clock())
    return f"/console/points/{point.plate}"


@SHARED
async def test_a_point_is_made_at_the_console_from_nothing_to_its_plate(shared_house: House, slug: str) -> None:
    editor = await enter(shared_house, Role.EDITOR)
    begun = await editor.post("/console/points/new", {"title_fr": "L’air de la classe", "slug": slug})
    path = begun.headers["location"]
    page = await editor.get(path)
    assert "a photo, and what is seen in it" in said(page)
    assert f'href="{path}/facts#field-photo"' in page.text
    assert f'href="{path}/write#field-place_fr"' in page.text
    assert (await editor.get(f"{path}/plate")).status_code == 409

    await editor.post(f"{path}/write", {"version": "1", "title_fr": "L’air de la classe", **TEXTS})
    done = await editor.post(f"{path}/facts", {"version": "2", **FACTS}, files=photo())
    assert done.status_code == 303, said(done)
    page = await editor.get(path)
    assert "What is missing nothing" in said(page)
    assert "It does not film." in said(page)
    assert "Public institution" in said(page)
    picture = re.search(r"/tour/media/[0-9a-f]{64}", page.text)
    assert picture is not None
    assert (await editor.get(picture[0])).headers["content-type"] == "image/jpeg"

    assert (await editor.post(f"{path}/submit")).status_code == 303
    await (await enter(shared_house, Role.MANAGER)).post(f"{path}/publish")
    assert "published" in said(await editor.get(path))
    plate = await editor.get(f"{path}/plate")
    assert plate.content.startswith(b"%PDF-")
    again = await editor.post("/console/points/new", {"title_fr": "Une autre", "slug": slug})
    assert "a point has this address already" in said(again)


@SHARED
async def test_what_does_not_fit_in_a_sheet_is_said_at_its_field_and_the_photo_stays(
    shared_house: House, path: str
) -> None:
    editor = await enter(shared_house, Role.EDITOR)
    purposes = {f"chain_purpose_{one}": "yes" for one in ("ecology", "health", "mobility", "inform")}
    wrong = {
        **FACTS,
        **purposes,
        "version": "1",
        "latitude": "95",
        "ends_on": "2026-08-01",
        "open_data_url": "http://ville.example",
        "not_1_en": "It does not listen.",
    }
    page = await editor.post(f"{path}/facts", wrong, files=photo())
    assert page.status_code == 422
    text = said(page)
    for word in (
        "Latitude: this number does not fit",
        "this day comes before the beginning",
        "an address that begins with https://",
        "write this sentence in French too",
        "three purposes at most",
    ):
        assert word in text
    digest = re.search(r'name="digest" value="([0-9a-f]{64})"', page.text)
    assert digest is not None
    mended = {**FACTS, "version": "1", "digest": digest[1], "photo_en": "A white box."}
    assert (await editor.post(f"{path}/facts", mended)).status_code == 303
    assert digest[1] in (await editor.get(path)).text

    unknown = await editor.post(f"{path}/facts", {**mended, "version": "2", "devices": "nobody-knows"})
    assert "one of these codes is no device of the register" in said(unknown)
    stranger = await editor.post(f"{path}/facts", {**mended, "version": "2", "digest": "0" * 64})
    assert "this photo cannot be read" in said(stranger)


@SHARED
async def test_two_who_fill_in_one_sheet_see_what_the_other_has_saved(shared_house: House, path: str) -> None:
    first, second = await enter(shared_house, Role.EDITOR), await enter(shared_house, Role.MANAGER)
    mine = {**FACTS, "version": "1", "digest": SHEET.photo.digest if SHEET.photo else "", "blur": "street"}
    page = await second.get(f"{path}/facts")
    assert SHEET.controller in page.text
    await first.post(f"{path}/write", {"version": "1", "title_fr": "Un autre titre", **TEXTS})
    late = await second.post(f"{path}/facts", mine)
    assert late.status_code == 422
    text = said(late)
    assert "somebody has changed this sheet meanwhile" in text
    assert SHEET.controller in text
    assert "Métropole de Valclair" in late.text


@SHARED
async def test_a_sheet_whose_end_has_passed_says_what_it_lacks(shared_house: House, path: str) -> None:
    """What `submit` refuses stands on the page, in words: not "nothing"."""
    editor = await enter(shared_house, Role.EDITOR)
    over = {**FACTS, "version": "1", "ends_on": "2026-09-02", "photo_fr": ""}
    await editor.post(f"{path}/facts", over)
    await editor.post(f"{path}/submit")
    text = said(await editor.get(path))
    assert "The sheet is not complete" in text
    assert "a new end: its own has passed" in text


@SHARED
async def test_a_plate_is_led_elsewhere_and_a_point_ends_for_good(shared_house: House, path: str) -> None:
    manager = await enter(shared_house, Role.MANAGER)
    assert (await manager.post(f"{path}/target", {"target": "https://elsewhere.example"})).status_code == 422
    await manager.post(f"{path}/target", {"target": "/tour"})
    assert "leads to /tour" in said(await manager.get(path))
    assert (await manager.post(f"{path}/archive", {"over": ""})).status_code == 422
    await manager.post(f"{path}/archive", {"over": "L’école ferme"})
    page = await manager.get(path)
    assert "archived" in said(page)
    assert "L’école ferme" in said(page)
    assert f"{path}/facts" not in page.text
    assert (await manager.post(f"{path}/archive", {"over": "encore"})).status_code == 409


@SHARED
async def test_what_is_hard_to_read_is_told_in_the_readers_language(shared_house: House, path: str) -> None:
    editor = await enter(shared_house, Role.EDITOR)
    await editor.post(f"{path}/write", {"version": "1", "title_fr": "Titre", "benefit_easy": "Le CO2 monte (trop)."})
    page = await editor.get(path, **{"Accept-Language": "fr"})
    assert "« CO2 » est un sigle : dites-le en mots" in said(page).replace("\u202f", " ").replace("\u00a0", " ")
    assert "is an abbreviation" not in page.text
