"""Levels of rivers at the console: the readings propose, an agent decides."""

import re

import pytest

from domain.agents import Role
from tests.console import enter, said
from tests.house_app import House
from tests.http.test_floods import Desk

SHARED = pytest.mark.asyncio(loop_scope="module")
PATH = "/console/floods"


async def waits(house: House, number: int) -> str:
    """Let a gauge of its own rise, and return its code."""
    desk = Desk(house)
    code = await desk.gauge(number)
    await desk.agreed(code)
    await desk.rise(number)
    return code


@SHARED
async def test_a_level_that_waits_is_confirmed_once(shared_house: House) -> None:
    await waits(shared_house, 500)
    console = await enter(shared_house, Role.MANAGER)
    page = await console.get(PATH)
    assert "two readings in a row" in said(page)
    confirm = re.search(rf"{PATH}/changes/[0-9a-f-]{{36}}/confirm", page.text)
    assert confirm is not None
    assert (await console.post(confirm[0])).headers["location"] == PATH
    assert (await console.post(confirm[0])).status_code == 409
    assert "made public" in said(await console.get(PATH))


@SHARED
async def test_a_level_is_left_as_it_is_with_a_reason(shared_house: House) -> None:
    await waits(shared_house, 510)
    console = await enter(shared_house, Role.MANAGER)
    refuse = re.findall(rf"{PATH}/changes/[0-9a-f-]{{36}}/refuse", (await console.get(PATH)).text)
    assert (await console.post(refuse[-1], {"words": ""})).status_code == 422
    long = "Une branche. " * 40
    assert f'value="{long}"' in (await console.post(refuse[-1], {"words": long})).text, "what was typed stays"
    assert (await console.post(refuse[-1], {"words": "Une branche devant le capteur"})).status_code == 303
    assert "Une branche devant le capteur" in said(await console.get(PATH))


@SHARED
async def test_what_somebody_has_seen_is_made_public_without_a_reading(shared_house: House) -> None:
    code = await waits(shared_house, 520)
    console = await enter(shared_house, Role.MANAGER)
    assert (await console.post(f"{PATH}/{code}/declare", {"level": "9", "words": "vu du pont"})).status_code == 422
    page = await console.post(f"{PATH}/{code}/declare", {"level": "2", "words": ""})
    assert page.status_code == 422
    assert '<option value="2" selected>' in page.text, "a level that was chosen stays chosen when the words are missing"
    done = await console.post(f"{PATH}/{code}/declare", {"level": "2", "words": "vu du pont"})
    assert done.status_code == 303
    assert "vu du pont" in said(await console.get(PATH))


@SHARED
async def test_an_administrator_reads_and_decides_nothing(shared_house: House) -> None:
    page = await (await enter(shared_house, Role.ADMINISTRATOR)).get(PATH)
    assert page.status_code == 200
    assert "/declare" not in page.text
