"""Bands at the console: one person writes, another reads and puts in force, and the page says it."""

import html
import re

import pytest

from domain.agents import Role
from tests.console import Console, enter, said
from tests.house_app import House

SHARED = pytest.mark.asyncio(loop_scope="module")
PATH = "/console/bands"
PREVIEW = f"{PATH}?quantity=co2&value=750&span=instant&scale="


async def typed(console: Console, code: str) -> dict[str, str]:
    """The fields of the form as a browser would send them back."""
    page = (await console.get(f"{PATH}/{code}/write")).text
    fields = dict(re.findall(r'<input type="(?:text|date|hidden)" id="[^"]*" name="(\w+)"[^>]*? value="([^"]*)"', page))
    fields |= dict.fromkeys(re.findall(r'type="checkbox" id="[^"]*" name="(\w+)" value="yes" checked', page), "yes")
    fields |= dict(re.findall(r'<textarea id="[^"]*" name="(\w+)"[^>]*>([^<]*)</textarea>', page))
    seen = re.search(r'name="seen" id="field-seen" value="(\d+)"', page)
    assert seen is not None
    fields = {name: html.unescape(value) for name, value in fields.items()}
    return {**fields, "seen": seen[1], "checked": "2026-11-17", "reason": "Décision du service"}


async def number_of(console: Console, code: str) -> str:
    """The number of the version that waits."""
    found = re.search(rf"{PATH}/{code}/(\d+)/decline", (await console.get(f"{PATH}/{code}")).text)
    assert found is not None
    return found[1]


@SHARED
async def test_an_edge_moved_by_two_people_is_what_the_page_says_and_goes_back_by_two(shared_house: House) -> None:
    editor, manager = await enter(shared_house, Role.EDITOR), await enter(shared_house, Role.MANAGER)
    code = "co2-room"
    before = said(await editor.get(f"{PREVIEW}{code}"))
    fields = await typed(editor, code)
    sent = {**fields, "edge_1": "700", "b2_label_en": "<b>open</b> now", "source": "Council decision 12"}
    assert (await editor.post(f"{PATH}/{code}/write", sent)).headers["location"] == f"{PATH}/{code}"
    assert said(await editor.get(f"{PREVIEW}{code}")).count("Council decision 12") == 0
    number = await number_of(editor, code)
    assert (await editor.post(f"{PATH}/{code}/{number}/publish")).status_code == 403

    page = await manager.get(f"{PATH}/{code}")
    assert "<b>open</b>" not in page.text
    for told in ("To be read", "Decision", "Council decision 12", "800 700"):
        assert told.lower() in said(page).lower(), told
    await manager.post(f"{PATH}/{code}/{number}/publish")
    after = said(await editor.get(f"{PREVIEW}{code}"))
    assert "open now" in after.replace("<b>", "").replace("</b>", "")
    assert "Council decision 12" in after
    assert "your city’s own" in after

    await editor.post(f"{PATH}/{code}/0/again")
    await manager.post(f"{PATH}/{code}/{await number_of(editor, code)}/publish")
    assert said(await editor.get(f"{PREVIEW}{code}")) == before
    history = said(await editor.get(f"{PATH}/{code}"))
    assert "Back to version 0" in history or "Retour à la version 0" in history


@SHARED
async def test_what_does_not_fit_comes_back_as_it_was_typed(shared_house: House) -> None:
    editor = await enter(shared_house, Role.EDITOR)
    fields = await typed(editor, "noise-street-day")
    wrong = {**fields, "edge_1": "30", "b0_state_fr": "", "b0_label_en": "x" * 31, "checked": "2031-01-01"}
    page = await editor.post(f"{PATH}/noise-street-day/write", wrong)
    assert page.status_code == 422
    for field in ("edge_1", "b0_state_fr", "b0_label_en", "checked"):
        assert f'id="wrong-{field}"' in page.text, field
    assert "x" * 31 in page.text
    opened = await editor.post(f"{PATH}/noise-street-day/write", {**fields, "b0_action_fr": "Allez à {place}."})
    assert 'id="wrong-source"' in opened.text
    for number in ("1e400", "nan", "a"):
        assert (await editor.post(f"{PATH}/noise-street-day/write", {**fields, "edge_0": number})).status_code == 422
    assert "decline" not in (await editor.get(f"{PATH}/noise-street-day")).text


@SHARED
async def test_who_is_slower_than_a_colleague_loses_nothing_and_nobody_reads_their_own(shared_house: House) -> None:
    editor, manager = await enter(shared_house, Role.EDITOR), await enter(shared_house, Role.MANAGER)
    code = "pollen"
    first, second = await typed(editor, code), await typed(manager, code)
    await editor.post(f"{PATH}/{code}/write", {**first, "source": "Le texte de la première"})
    late = await manager.post(f"{PATH}/{code}/write", {**second, "source": "Le texte du second"})
    assert late.status_code == 422
    assert ">Le texte du second</textarea>" in late.text
    anew = await typed(manager, code)
    await manager.post(f"{PATH}/{code}/write", {**anew, "source": "Le texte du second"})
    number = await number_of(manager, code)
    await manager.post(f"{PATH}/{code}/{number}/publish")
    assert "You wrote this version" in said(await manager.get(f"{PATH}/{code}"))
    await manager.post(f"{PATH}/{code}/{number}/decline")
    assert "turned down" in said(await manager.get(f"{PATH}/{code}"))
    assert (await manager.get(f"{PATH}/nothing")).status_code == 404
    assert (await manager.post(f"{PATH}/{code}/99/publish")).status_code == 404
