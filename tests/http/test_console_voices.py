"""Words of residents and levels of rivers at the console: what waits is read, decided and answered."""

import re

import httpx
import pytest
import pytest_asyncio

from domain.agents import Role
from tests.console import Console, enter, said
from tests.house_app import House
from tests.point_sheets import published, register_air

SHARED = pytest.mark.asyncio(loop_scope="module")
VOICES = "/console/voices"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def point(shared_house: House) -> str:
    await register_air(shared_house.database, shared_house.city)
    return str((await published(shared_house.database, shared_house.city, "place-de-la-gare")).id)


async def speak(house: House, point: str, kind: str, text: str) -> None:
    house.clock.turn(minutes=16)
    answer: httpx.Response = await house.client.post(
        f"/v1/tour/points/{point}/remarks",
        json={"kind": kind, "text": text},
        headers={"User-Agent": f"Browser {kind} {len(text)}"},
    )
    assert answer.status_code == 201, answer.text


async def form_of(console: Console, page: str, text: str, deed: str) -> str:
    """Where the form of somebody's words leads to."""
    shown = await console.get(page)
    there = shown.text.index(text)
    found = re.search(rf"/console/voices/[0-9a-f-]{{36}}/{deed}", shown.text[there:])
    assert found is not None
    return found[0]


@SHARED
async def test_a_question_is_published_and_answered(shared_house: House, point: str) -> None:
    await speak(shared_house, point, "question", "Que mesurez-vous la nuit ?")
    console = await enter(shared_house, Role.MANAGER)
    publish = await form_of(console, VOICES, "Que mesurez-vous", "publish")
    assert (await console.post(publish)).headers["location"] == VOICES
    assert (await console.post(publish)).status_code == 409, "somebody was faster"
    published_page = f"{VOICES}?status=approved"
    answer = await form_of(console, published_page, "Que mesurez-vous", "answer")
    empty = await console.post(answer, {"answer": " ", "status": "approved"})
    assert empty.status_code == 422
    assert "please fill this in" in said(empty)
    assert (await console.post(answer, {"answer": "La même chose que le jour."})).status_code == 303
    assert "La même chose que le jour." in said(await console.get(published_page))


@SHARED
async def test_words_that_are_erased_leave_the_reason_alone(shared_house: House, point: str) -> None:
    await speak(shared_house, point, "question", "Mon voisin <b>Untel</b> fume")
    console = await enter(shared_house, Role.MANAGER)
    erase = await form_of(console, VOICES, "Mon voisin", "erase")
    page = await console.post(erase, {"reason": "", "status": "waiting"})
    assert page.status_code == 422
    assert "<b>Untel" not in page.text
    assert (await console.post(erase, {"reason": "Nomme quelqu'un"})).status_code == 303
    text = said(await console.get(f"{VOICES}?status=declined"))
    assert "Nomme quelqu'un" in text
    assert "Untel" not in text


@SHARED
async def test_a_fault_becomes_a_task_that_somebody_closes(shared_house: House, point: str) -> None:
    await speak(shared_house, point, "fault", "La plaque est tombée")
    console = await enter(shared_house, Role.MANAGER)
    await console.post(await form_of(console, VOICES, "La plaque", "publish"))
    tasks = await console.get("/console/tasks")
    assert "fault told" in said(tasks)
    close = re.search(r"/console/tasks/[0-9a-f-]{36}/close", tasks.text)
    assert close is not None
    assert (await console.post(close[0], {"note": ""})).status_code == 422
    assert (await console.post(close[0], {"note": "Revissée"})).status_code == 303
    assert "Revissée" in said(await console.get("/console/tasks?done=true"))
