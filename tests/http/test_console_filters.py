"""Filters that agents keep: links of their own, that name nobody."""

import html
import re
from datetime import date

import pytest

from admin.finding import PAGE
from admin.people import PATH as PEOPLE
from domain.agents import Role
from domain.people import register_holder
from tests.city import KEEP, NOW
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
    for page in ("https://evil.example/", "/console/organisations", ""):
        assert (await dpo.post(FILTERS, {**form, "page": page, "q": "Dupont"})).headers["location"] == "/console"


async def test_a_search_for_people_keeps_what_narrows_it_and_never_the_name(shared_house: House) -> None:
    await shared_house.resident("kept-1", rights=("pool-year",))
    desk = await enter(shared_house, Role.DESK)
    parts = {"band": "30-44", "product": "pool-year", "state": "active"}
    kept = await desk.post(FILTERS, {"page": PEOPLE, "name": "Abonnés", "q": "Lefèvre", **parts})
    link = kept.headers["location"]
    assert link == f"{PEOPLE}?band=30-44&product=pool-year&state=active"
    page = await desk.get(link)
    assert "Abonnés" in said(page)
    assert [f'value="{value}" selected' in page.text for value in parts.values()] == [True, True, True]


async def test_where_people_live_how_old_they_are_and_what_they_use_is_narrowed_by_who_keeps_the_register(
    shared_house: House,
) -> None:
    """Another would learn it by narrowing: their filters are as if they were not there."""
    await shared_house.resident("narrowed-1", rights=("pool-year",))
    desk, reviewer = [await enter(shared_house, role) for role in (Role.DESK, Role.REVIEWER)]
    told = {}
    for filters in (
        "product=pool-year",
        "product=waste-24",
        "band=0-14",
        "commune=59512",
        "state=active",
        "state=none",
    ):
        pages = [said(await each.get(f"{PEOPLE}?q=lefevre&{filters}")) for each in (desk, reviewer)]
        told[filters] = ["narrowed-1" in page for page in pages]
    assert told == {
        "product=pool-year": [True, True],
        "product=waste-24": [False, True],
        "band=0-14": [False, True],
        "commune=59512": [False, True],
        "state=active": [True, True],
        "state=none": [False, False],
    }
    offered = (await reviewer.get(PEOPLE)).text
    assert [f'name="{name}"' in offered for name in ("commune", "band", "product", "state")] == [False] * 3 + [True]


async def test_a_narrowed_list_goes_on_narrowed(shared_house: House) -> None:
    async with shared_house.database.begin() as unit:
        for number in range(PAGE + 1):
            await register_holder(
                unit,
                authority_id=shared_house.city.authority.id,
                reference=f"page-{number}",
                first_name=f"Nina {number}",
                last_name="Feuillet",
                born_on=date(1988, 3, 2),
                commune_code="59350",
                now=NOW,
                keep_until=KEEP,
            )
    desk = await enter(shared_house, Role.DESK)
    first = await desk.get(f"{PEOPLE}?q=feuillet&state=none&band=30-44")
    more = html.unescape(re.findall(r'rel="next" href="([^"]+)"', first.text)[0])
    listed = [re.findall(r'href="/console/people/(page-\d+)"', page.text) for page in (first, await desk.get(more))]
    assert [len(page) for page in listed] == [PAGE, 1]
    assert len({reference for page in listed for reference in page}) == PAGE + 1


@pytest.mark.parametrize(
    ("role", "page", "parts"),
    [
        (Role.SITE_AGENT, "/console/notices", {"topic": "sites", "place": "pool", "state": "sent"}),
        (Role.ADMINISTRATOR, "/console/terminals", {"condition": "never_seen", "site": "pool"}),
        (Role.ADMINISTRATOR, "/console/agents", {"role": "desk", "state": "closed"}),
        (Role.EDITOR, "/console/points", {"state": "review"}),
    ],
)
async def test_a_list_keeps_its_filters_and_is_narrowed_by_their_link(
    shared_house: House, role: Role, page: str, parts: dict[str, str]
) -> None:
    agent = await enter(shared_house, role)
    link = (await agent.post(FILTERS, {"page": page, "name": "À moi", **parts})).headers["location"]
    shown = await agent.get(link)
    assert "À moi" in said(shown)
    assert [f'value="{value}" selected' in shown.text for value in parts.values()] == [True] * len(parts)


async def test_terminals_are_narrowed_by_how_they_are_and_by_site(shared_house: House) -> None:
    manager = await enter(shared_house, Role.MANAGER)
    everything, never, well, there = [
        len(
            re.findall(
                r'href="/console/terminals/[0-9a-f-]{36}"', (await manager.get(f"/console/terminals{query}")).text
            )
        )
        for query in ("", "?condition=never_seen", "?condition=well", "?site=nowhere")
    ]
    assert everything > 0
    assert (never, well, there) == (everything, 0, everything), "a place that is none narrows nothing"
    assert "No terminal fits this choice" in said(await manager.get("/console/terminals?condition=well"))
