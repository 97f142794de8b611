"""Notices over JSON and at the console: written, sent, called back, corrected; of one's own places alone."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from domain.agents import Agent, Grant, Role
from domain.notices import send_due
from tests.city import KEEP, NOW, PASSWORD
from tests.console import Console, enter, said
from tests.house_app import House

SHARED = pytest.mark.asyncio(loop_scope="module")
PATH = "/console/notices"
ENDS = NOW + timedelta(days=5)
FIELDS = {
    "topic": "sites",
    "place": "pool",
    "title_fr": "Piscine fermée mardi",
    "body_fr": "Vidange du **grand bassin**. <script>alert(1)</script>",
    "title_en": "Pool closed on Tuesday",
    "body_en": "The pool is *emptied*.",
    "ends_on": ENDS.date().isoformat(),
    "ends_at": "18:30",
    "version": "1",
}
BODY = {
    "topic": "events",
    "title": {"fr": "Fête", "en": "Feast"},
    "body": {"fr": "Venez.", "en": "Come."},
    "expiresAt": ENDS.isoformat(),
}


async def written(console: Console, **fields: str) -> str:
    answer = await console.post(f"{PATH}/new", {**FIELDS, **fields})
    assert answer.status_code == 303, said(answer)
    return str(answer.headers["location"])


async def warden(house: House, *grants: Grant) -> Agent:
    """Somebody who works at some sites alone."""
    model = house.city.agents[Role.SITE_AGENT]
    agent = Agent(
        id=uuid4(),
        authority_id=model.authority_id,
        login=f"{uuid4().hex}@ville.example",
        name="Inès",
        password_hash=model.password_hash,
        grants=grants,
        active=True,
        created_at=NOW,
        keep_until=KEEP,
    )
    async with house.database.begin() as unit:
        await unit.agents.add(agent)
    return agent


@SHARED
async def test_a_notice_is_written_read_again_scheduled_and_called_back(shared_house: House) -> None:
    console = await enter(shared_house, Role.EDITOR)
    path = await written(console)
    page = await console.get(path)
    assert "<strong>grand bassin</strong>" in page.text
    assert "<script>alert" not in page.text
    assert "Vidange du grand bassin." in said(page)
    when = {"send_on": ENDS.date().isoformat(), "send_at": "08:00"}
    assert (await console.post(f"{path}/schedule", {**when, "send_at": "8 h"})).status_code == 422
    late = {"send_on": (ENDS + timedelta(days=1)).date().isoformat(), "send_at": "08:00"}
    assert (await console.post(f"{path}/schedule", late)).status_code == 422
    assert (await console.post(f"{path}/schedule", when)).status_code == 303
    assert "Scheduled" in said(await console.get(path))
    assert (await console.post(f"{path}/write", FIELDS)).status_code == 422, "a scheduled one is called back first"
    assert (await console.post(f"{path}/recall")).status_code == 303
    assert "Draft" in said(await console.get(path))
    assert "Pool closed on Tuesday" in said(await console.get(f"{PATH}?topic=sites"))
    assert "Pool closed on Tuesday" not in said(await console.get(f"{PATH}?topic=air"))


@SHARED
async def test_what_was_typed_comes_back_with_what_is_wrong(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    for wrong in (
        {"title_en": ""},
        {"body_fr": " "},
        {"topic": "gossip"},
        {"place": "nowhere"},
        {"ends_on": "2020-01-01"},
        {"ends_at": "25:00"},
        {"ends_on": "2031-01-01"},
    ):
        answer = await console.post(f"{PATH}/new", {**FIELDS, "title_fr": 'L’été & "fin"', **wrong})
        assert answer.status_code == 422, wrong
        assert "L’été &amp; &#34;fin&#34;" in answer.text


@SHARED
async def test_two_agents_change_one_draft_and_the_slower_one_loses_nothing(shared_house: House) -> None:
    first, second = await enter(shared_house, Role.MANAGER), await enter(shared_house, Role.EDITOR)
    path = await written(first)
    assert (await first.post(f"{path}/write", {**FIELDS, "title_en": "Closed all week"})).status_code == 303
    late = await second.post(f"{path}/write", {**FIELDS, "title_en": "Closed two days"})
    assert (late.status_code, "Closed two days" in late.text) == (422, True)
    assert "Closed all week" in said(await second.get(path))


@SHARED
async def test_a_sent_notice_shows_no_small_number_and_is_corrected_or_withdrawn(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    path = await written(console)
    assert (await console.post(f"{path}/schedule", {"now": "yes"})).status_code == 303
    async with shared_house.database.begin() as unit:
        await send_due(unit, shared_house.city.authority.id, shared_house.clock())
    page = said(await console.get(path))
    assert "Sent" in page
    corrected = await console.post(f"{path}/correct")
    form = await console.get(corrected.headers["location"])
    assert re.search(r'value="Piscine fermée mardi"', form.text)
    assert (await console.post(f"{path}/recall")).status_code == 303
    assert "Withdrawn" in said(await console.get(path))
    assert (await console.post(f"{path}/recall")).status_code == 409


@SHARED
async def test_who_works_at_a_site_writes_of_that_site_alone(shared_house: House) -> None:
    agent = await warden(shared_house, Grant(Role.SITE_AGENT, site="pool"))
    console, chief = await enter(shared_house, agent), await enter(shared_house, Role.MANAGER)
    elsewhere = await written(chief, place="library", title_en="Library shut")
    own = await written(console, title_en="Only the pool")
    listing = said(await console.get(PATH))
    assert "Only the pool" in listing
    assert "Library shut" not in listing
    for fields in ({"place": "library"}, {"place": ""}, {"topic": "floods"}):
        assert (await console.post(f"{PATH}/new", {**FIELDS, **fields})).status_code == 422
        assert (await console.post(f"{own}/write", {**FIELDS, **fields})).status_code == 422
    for path in (elsewhere, f"{elsewhere}/write"):
        assert (await console.get(path)).status_code == 403
    assert (await console.post(f"{elsewhere}/schedule", {"now": "yes"})).status_code == 403
    answer = await shared_house.client.post("/v1/agents/tokens", json={"login": agent.login, "password": PASSWORD})
    headers = {"Authorization": f"Bearer {answer.json()['accessToken']}"}
    refused = await shared_house.client.post("/v1/notices", json=BODY, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


@SHARED
async def test_the_api_does_what_the_console_does(shared_house: House) -> None:
    client, headers = shared_house.client, await shared_house.agent_headers(Role.EDITOR)
    made = (await client.post("/v1/notices", json=BODY, headers=headers)).json()
    path = f"/v1/notices/{made['id']}"
    assert (made["status"], made["version"]) == ("draft", 1)
    change = {**BODY, "version": 1, "title": {"fr": "Grande fête", "en": "Great feast"}}
    assert (await client.put(path, json=change, headers=headers)).json()["version"] == 2
    moved = await client.put(path, json=change, headers=headers)
    assert (moved.status_code, moved.json()["code"]) == (409, "notice-moved")
    late = {"sendAt": (ENDS + timedelta(days=1)).isoformat()}
    assert (await client.post(f"{path}/schedule", json=late, headers=headers)).json()["code"] == "bad-notice"
    later = {"sendAt": (NOW + timedelta(days=1)).isoformat()}
    assert (await client.post(f"{path}/schedule", json=later, headers=headers)).json()["status"] == "scheduled"
    assert (await client.post(f"{path}/withdrawal", headers=headers)).status_code == 409
    assert (await client.post(f"{path}/recall", headers=headers)).json()["status"] == "draft"
    assert (await client.get(f"{path}/figures", headers=headers)).json()["sent"] == 0
    listing = (await client.get("/v1/notices?subject=events", headers=headers)).json()
    assert made["id"] in {one["id"] for one in listing["notices"]}
    stranger = await shared_house.agent_headers(Role.EDITOR, neighbour=True)
    assert (await client.get(path, headers=stranger)).json()["code"] == "notice-not-found"
    assert (await client.get("/v1/notices?cursor=x", headers=headers)).status_code == 400


@SHARED
async def test_notices_are_found_by_their_place_and_their_state(shared_house: House) -> None:
    editor = await enter(shared_house, Role.EDITOR)
    for place in ("pool", "library"):
        await written(editor, place=place, title_en=f"Of the {place}")
    told = {}
    for query in ("place=pool", "place=library", "place=pool&state=draft", "place=pool&state=sent", "place=nowhere"):
        page = said(await editor.get(f"{PATH}?{query}"))
        told[query] = [f"Of the {place}" in page for place in ("pool", "library")]
    assert told == {
        "place=pool": [True, False],
        "place=library": [False, True],
        "place=pool&state=draft": [True, False],
        "place=pool&state=sent": [False, False],
        "place=nowhere": [True, True],
    }
    nothing = said(await editor.get(f"{PATH}?topic=air&place=pool&state=sent"))
    assert "No notice fits this choice. Show all notices" in nothing
    inside = await enter(shared_house, await warden(shared_house, Grant(Role.SITE_AGENT, site="pool")))
    theirs = await inside.get(f"{PATH}?place=library")
    assert "Of the library" not in theirs.text, "a place of others is as if it were none"
    assert 'value="library"' not in theirs.text
