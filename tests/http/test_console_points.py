"""Sheets of the tour at the console: one person writes, another reads and publishes, and two who write lose nothing."""

import pytest
import pytest_asyncio

from domain.agents import Role
from tests.console import enter, said
from tests.house_app import House
from tests.http.drafts import drafted_at
from tests.point_sheets import SHEET

SHARED = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def path(shared_house: House) -> str:
    return await drafted_at(shared_house, SHEET)


@SHARED
async def test_an_editor_writes_and_somebody_else_publishes(shared_house: House, path: str) -> None:
    editor = await enter(shared_house, Role.EDITOR)
    texts = {"version": "1", "title_fr": "L’air <b>de la</b> place", "benefit_fr": "Savoir quand aérer."}
    assert (await editor.post(f"{path}/write", texts)).headers["location"] == path
    assert (await editor.post(f"{path}/submit")).status_code == 303
    page = await editor.get(path)
    assert "to be read" in said(page)
    assert "<b>de la</b>" not in page.text
    assert (await editor.post(f"{path}/publish")).status_code == 403

    manager = await enter(shared_house, Role.MANAGER)
    assert "Publish this sheet" in said(await manager.get(path))
    assert (await manager.post(f"{path}/return", {"reason": ""})).status_code == 422
    await manager.post(f"{path}/publish")
    text = said(await manager.get(path))
    assert "published" in text
    away = await manager.post(f"{path}/suspend", {"away": "En réparation"})
    assert away.status_code == 303
    assert "En réparation" in said(await manager.get(path))


@SHARED
async def test_nobody_publishes_what_they_wrote(shared_house: House, path: str) -> None:
    manager = await enter(shared_house, Role.MANAGER)
    await manager.post(f"{path}/write", {"version": "1", "title_fr": "Un autre titre", "benefit_fr": "Aérer."})
    await manager.post(f"{path}/submit")
    await manager.post(f"{path}/publish")
    text = said(await manager.get(path))
    assert "You wrote this sheet" in text
    assert "to be read" in text


@SHARED
async def test_who_is_slower_than_a_colleague_sees_both_texts(shared_house: House, path: str) -> None:
    first, second = await enter(shared_house, Role.EDITOR), await enter(shared_house, Role.MANAGER)
    await first.post(f"{path}/write", {"version": "1", "title_fr": "Le titre de la première"})
    page = await second.post(f"{path}/write", {"version": "1", "title_fr": "Le titre du second"})
    assert page.status_code == 422
    text = said(page)
    assert "somebody has changed this sheet meanwhile" in text
    assert "Le titre de la première" in text
    assert "Le titre du second" in text
    assert 'name="version" id="field-version" value="2"' in page.text


@SHARED
async def test_a_sheet_that_lacks_something_is_not_handed_over(shared_house: House, path: str) -> None:
    editor = await enter(shared_house, Role.EDITOR)
    await editor.post(f"{path}/write", {"version": "1", "title_fr": ""})
    await editor.post(f"{path}/submit")
    text = said(await editor.get(path))
    assert "The sheet is not complete" in text
    assert "draft" in text


@SHARED
async def test_points_are_listed_and_strangers_not_found(shared_house: House, path: str) -> None:
    editor = await enter(shared_house, Role.EDITOR)
    assert path in (await editor.get("/console/points")).text
    assert (await editor.get("/console/points/0000000")).status_code == 404
    assert (await (await enter(shared_house, Role.DESK)).get(path)).status_code == 403
