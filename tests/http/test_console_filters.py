"""Filters that agents keep: links of their own, that name nobody."""

import pytest

from domain.agents import Role
from tests.console import enter, said
from tests.house_app import House

SHARED = pytest.mark.asyncio(loop_scope="module")
pytestmark = SHARED
QUEUE, JOURNAL, FILTERS = "/console/requests", "/console/journal", "/console/filters"


async def test_a_filter_is_kept_under_a_name_and_is_a_link_for_its_agent_alone(shared_house: House) -> None:
    desk = await enter(shared_house, Role.DESK)
    form = {"page": QUEUE, "name": "Piscine, à moi", "stage": "open", "service": "pool", "assignee": "me"}
    done = await desk.post(FILTERS, form)
    link = f"{QUEUE}?stage=open&service=pool&assignee=me"
    assert done.headers["location"] == link
    page = await desk.get(QUEUE)
    assert link.replace("&", "&amp;") in page.text
    assert "Piscine, à moi" in said(page)
    assert 'value="pool" selected' in (await desk.get(link)).text, "a kept filter is no deep link"
    assert "Piscine, à moi" not in said(await (await enter(shared_house, Role.REVIEWER)).get(QUEUE))
    await desk.post(FILTERS, {"page": QUEUE, "name": "Piscine, à moi", "deed": "drop"})
    assert link.replace("&", "&amp;") not in (await desk.get(QUEUE)).text


async def test_what_names_somebody_is_not_kept_and_no_other_page_is_led_to(shared_house: House) -> None:
    dpo = await enter(shared_house, Role.DPO)
    form = {"page": JOURNAL, "name": "Lectures", "act": "file.shown", "holder": "H-17", "agent": "desk@ville.example"}
    assert (await dpo.post(FILTERS, form)).headers["location"] == f"{JOURNAL}?act=file.shown"
    assert (await dpo.post(FILTERS, {**form, "act": ""})).headers["location"] == JOURNAL
    assert (await dpo.post(FILTERS, {**form, "name": " "})).headers["location"] == JOURNAL
    for page in ("https://evil.example/", "/console/people", ""):
        assert (await dpo.post(FILTERS, {**form, "page": page, "q": "Dupont"})).headers["location"] == "/console"
