"""Imports at the console: a file is sent, its columns are said, its lines are checked, and the good ones come in."""

import re

import httpx
import pytest

from adapters.import_models import XLSX
from api.importing import Importer
from domain.acts import Act
from domain.agents import Role
from domain.journal import Wanted
from domain.places import Commune
from domain.temporary_products import Temporary, offer
from tests.console import Console, enter, said
from tests.house_app import House

SHARED = pytest.mark.asyncio(loop_scope="module")
PATH = "/console/imports"
LINES = (
    "Carte;Nom;Prénom;Né le;Ville\r\nA1;O'Brien <b>;Zoé;17/05/1980;Sainte Ville\r\n;Blin;Bob;31/02/1980;Ailleurs\r\n"
)


async def send(house: House, console: Console, code: str, content: bytes, *, kind: str = "cards") -> httpx.Response:
    """Send a file as a browser does."""
    cookies = "; ".join(f"{key}={value}" for key, value in console.cookies.items())
    answer: httpx.Response = await house.client.post(
        PATH,
        data={"csrf": await console.form_token(PATH), "code": code, "kind": kind},
        files={"file": ("old.csv", content)},
        headers={"Cookie": cookies, "Accept-Language": "en"},
        follow_redirects=False,
    )
    house.client.cookies.clear()
    return answer


async def worked(house: House) -> None:
    """Do what the background would do within ten seconds."""
    importer = Importer(house.database, house.app.state.card_keys, house.clock)
    await importer.round()


@SHARED
async def test_a_file_goes_all_the_way_into_the_register(shared_house: House) -> None:
    authority = shared_house.city.authority
    async with shared_house.database.begin() as unit:
        await unit.places.add_commune(Commune(unit.ids.row(), authority.id, "00101", "Sainte-Ville", 1_000))
    console = await enter(shared_house, Role.MANAGER)
    sent = await send(shared_house, console, "old", LINES.encode("cp1252"))
    assert (sent.status_code, sent.headers["location"]) == (303, f"{PATH}/old")

    page = await console.get(f"{PATH}/old")
    assert re.search(r'name="column_last_name".*?<option value="Nom" selected', page.text, re.DOTALL)
    columns = {"reference": "Carte", "last_name": "Nom", "first_name": "Prénom", "born_on": "Né le", "commune": "Ville"}
    form = {f"column_{field}": heading for field, heading in columns.items()}
    form |= {"last_day": "2027-12-31", "product_carnet-10": "yes"}
    wrong = await console.post(f"{PATH}/old/plan", {**form, "column_first_name": "Nom"})
    assert wrong.status_code == 422
    assert "this column is taken already" in said(wrong)
    done = await console.post(f"{PATH}/old/plan", {**form, "keep_as": "pools"})
    assert done.status_code == 303, done.text
    await worked(shared_house)

    text = said(await console.get(f"{PATH}/old"))
    assert "Let the 1 good lines come in" in text
    assert "This date does not exist" in text
    report = await console.get(f"{PATH}/old/report.csv")
    assert "3;Commune of residence;This commune is not on the territory." in report.text

    assert (await console.post(f"{PATH}/old/run")).status_code == 303
    page = await console.get(f"{PATH}/old")
    assert 'hx-trigger="every 2s"' in page.text, "a page goes on asking after an answer that never came"
    await worked(shared_house)
    text = said(await console.get(f"{PATH}/old"))
    assert "Finished" in text
    async with shared_house.database.look() as unit:
        holder = await unit.people.holder(authority.id, "A1")
        rights = await unit.products.entitlements([holder.id], shared_house.clock().date())
    assert (holder.last_name, len(rights)) == ("O'Brien <b>", 1)
    assert "old" in said(await console.get(PATH))
    async with shared_house.database.look() as unit:
        lines = await unit.journal.search(authority.id, Wanted(), 50)
    acts = [line.entry.act for line in lines if line.entry.why == "old"]
    assert set(acts) == {Act.IMPORT_PREPARED, Act.IMPORT_SHOWN, Act.IMPORT_STARTED, Act.PEOPLE_IMPORTED}, "by its code"


@SHARED
async def test_a_product_of_temporary_codes_is_granted_to_no_file(shared_house: House) -> None:
    async with shared_house.database.begin() as unit:
        made = await offer(unit, shared_house.city.authority.id, "pool", Temporary(14, 3), like=None)
    console = await enter(shared_house, Role.MANAGER)
    await send(shared_house, console, "temp", LINES.encode("cp1252"))
    page = await console.get(f"{PATH}/temp")
    assert made.product is not None
    assert "product_carnet-10" in page.text
    assert made.product not in page.text


@SHARED
async def test_a_model_of_households_comes_back_filled_in_and_all_of_it_comes_in(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    assert "Households (XLSX)" in said(await console.get(PATH))
    model = await console.get("/console/import-models/households")
    assert (model.status_code, model.headers["content-type"]) == (200, XLSX)
    sent = await send(shared_house, console, "homes", model.content, kind="households")
    assert (sent.status_code, sent.headers["location"]) == (303, f"{PATH}/homes")

    page = await console.get(f"{PATH}/homes")
    chosen = dict(re.findall(r'name="column_(\w+)".*?<option value="([^"]+)" selected', page.text, re.DOTALL))
    assert chosen["household"] == "Number of the household"
    form = {f"column_{field}": heading for field, heading in chosen.items()}
    form |= {"last_day": "2027-12-31", "commune": "00101", "product_waste-24": "yes"}
    refused = await console.post(f"{PATH}/homes/plan", {**form, "column_household": ""})
    assert (refused.status_code, 'href="#field-column_household"' in refused.text) == (422, True)
    assert (await console.post(f"{PATH}/homes/plan", form)).status_code == 303
    await worked(shared_house)
    assert "Let the 4 good lines come in" in said(await console.get(f"{PATH}/homes"))
    await console.post(f"{PATH}/homes/run")
    shared_house.clock.turn(seconds=1)
    await worked(shared_house)
    assert "Finished" in said(await console.get(f"{PATH}/homes"))
    async with shared_house.database.look() as unit:
        malo = await unit.people.holder(shared_house.city.authority.id, "A-1002")
        homes = await unit.people.households_of(malo.id, shared_house.clock().date())
        rights = await unit.products.entitlements([one.id for one in homes], shared_house.clock().date())
    assert ([one.reference for one in homes], len(rights)) == (["F-201", "F-202"], 2)


@SHARED
async def test_a_file_of_organisations_says_at_each_field_what_it_lacks(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    content = "Raison sociale;SIRET;Nom\r\nRoux;73282932000074;Lefèvre\r\n".encode()
    await send(shared_house, console, "firms", content, kind="organisations")
    names = {"column_name": "Raison sociale", "last_day": "2027-12-31", "commune": "00101"}
    for columns, field in (
        (names, "registration"),
        ({**names, "column_registration": "SIRET", "column_last_name": "Nom"}, "first_name"),
    ):
        page = await console.post(f"{PATH}/firms/plan", columns)
        assert (page.status_code, f'href="#field-column_{field}"' in page.text) == (422, True)
    nowhere = {**names, "column_registration": "SIRET", "commune": ""}
    assert 'href="#field-commune"' in (await console.post(f"{PATH}/firms/plan", nowhere)).text
    assert (await console.post(f"{PATH}/firms/plan", {**nowhere, "commune": "00101"})).status_code == 303


@SHARED
async def test_there_is_no_model_of_what_nobody_imports(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    assert (await console.get("/console/import-models/horses")).status_code == 404


@SHARED
async def test_what_cannot_be_taken_is_said_at_its_field(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    for content, code, word in (
        (b"", "empty", "this is no CSV or XLSX table"),
        (LINES.encode(), "Not A Code", "small letters, digits and hyphens only"),
    ):
        page = await send(shared_house, console, code, content)
        assert page.status_code == 422
        assert word in said(page)


@SHARED
async def test_an_import_is_given_up(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    await send(shared_house, console, "gone", LINES.encode())
    assert (await console.post(f"{PATH}/gone/drop")).headers["location"] == PATH
    assert "Given up" in said(await console.get(f"{PATH}/gone"))
    assert (await console.post(f"{PATH}/gone/run")).status_code == 409


@SHARED
async def test_a_desk_imports_nobody_and_the_neighbours_see_nothing(shared_house: House) -> None:
    manager = await enter(shared_house, Role.MANAGER)
    await send(shared_house, manager, "ours", LINES.encode())
    assert (await (await enter(shared_house, Role.DESK)).get(PATH)).status_code == 403
    neighbour = await enter(shared_house, shared_house.city.neighbour_agents[Role.MANAGER])
    assert (await neighbour.get(f"{PATH}/ours")).status_code == 404
