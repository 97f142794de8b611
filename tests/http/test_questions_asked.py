"""What a call of a resident and a page of the console ask of the database: every visitor pays for each question."""

from collections.abc import Awaitable
from contextvars import ContextVar
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import event

from domain.agents import Role
from tests.console import enter
from tests.hostile_files import photo
from tests.house_app import House
from tests.http.phones import let_in, post, read
from tests.http.test_resident_requests import SAID, begun, save, upload

PAGES = {
    (Role.DESK, ""): 1,
    (Role.DESK, "/people"): 7,
    (Role.DESK, "/people/{somebody}"): 19,
    (Role.MANAGER, "/people/{somebody}"): 13,
    (Role.REVIEWER, "/requests"): 8,
}
"""How many questions each asks: who visits, the page, and three for its line in the journal."""

SHARED = pytest.mark.asyncio(loop_scope="module")


_ASKED: ContextVar[list[str] | None] = ContextVar("asked", default=None)


async def questions(house: House, asking: Awaitable[httpx.Response]) -> tuple[int, httpx.Response]:
    """Count what is asked of the database until an answer is there: of its task, not of what runs beside it."""
    engine, asked = house.app.state.database.engine.sync_engine, list[str]()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        mine = _ASKED.get()
        if mine is not None and statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            mine.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    before = _ASKED.set(asked)
    try:
        answer = await asking
    finally:
        _ASKED.reset(before)
        event.remove(engine, "before_cursor_execute", note)
    assert answer.status_code in {200, 201}, answer.text
    return len(asked), answer


@SHARED
async def test_a_household_that_asks_for_a_pass_costs_few_questions_a_step(shared_house: House) -> None:
    house = shared_house
    headers = await let_in(house, f"{uuid4()}@example.org")
    mine = await begun(house, headers)
    at, step = f"/requests/{mine['reference']}", {"key": uuid4().hex}
    counted = {
        "what is asked": (await questions(house, read(house, "/request-terms", headers)))[0],
        "begin": (await questions(house, post(house, "/requests", step, headers)))[0],
    }
    counted["save"], saved = await questions(house, save(house, mine, headers, **SAID))
    counted["document"], sent = await questions(house, upload(house, saved.json(), photo(), headers))
    counted["a request"] = (await questions(house, read(house, at, headers)))[0]
    step = {"key": uuid4().hex, "version": sent.json()["version"]}
    counted["send"] = (await questions(house, post(house, f"{at}/submission", step, headers)))[0]
    counted["receipt"] = (await questions(house, read(house, f"{at}/receipt", headers)))[0]
    assert counted == {
        "what is asked": 2,
        "begin": 10,
        "save": 10,
        "document": 10,
        "a request": 5,
        "send": 17,
        "receipt": 5,
    }


async def test_a_page_of_the_console_asks_who_visits_it_once_and_little_more(house: House) -> None:
    """On both engines: whoever was logged out, or lost a role, is refused by that very question."""
    somebody = (await house.resident("asked-1")).holder.reference
    consoles = {role: await enter(house, role) for role in (Role.DESK, Role.MANAGER, Role.REVIEWER)}
    counted = {}
    for role, path in PAGES:
        page = f"/console{path}".format(somebody=somebody)
        await consoles[role].get(page)  # the first visitor of a process has the catalogue read
        counted[role, path], _ = await questions(house, consoles[role].get(page))
    assert counted == PAGES
