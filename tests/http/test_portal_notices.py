"""My notices at the portal: those of what I ticked and no others, and the boxes as I left them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from domain.agents import Role
from domain.notices import NoticeTopic
from domain.places import open_site
from domain.subscribers import MOST_FOLLOWED
from tests.console import enter, said
from tests.contract.test_notices import Desk
from tests.house_app import House
from tests.portal import let_browser_in

SHARED = pytest.mark.asyncio(loop_scope="module")
NOTICES = "/moi/notices"


@SHARED
async def test_a_resident_ticks_a_place_and_reads_its_notices_and_no_others(shared_house: House) -> None:
    browser = await let_browser_in(shared_house, f"{uuid4()}@example.org")
    first = said(await browser.get(f"{NOTICES}?lang=en"))
    assert "You follow nothing yet" in first
    desk = Desk(shared_house.database, shared_house.city)
    for place in ("pool", "library"):
        notice = desk.notice(NoticeTopic.SITES, place=place)
        await desk.send(notice, shared_house.clock())

    ticked: Any = {"follow": ["sites:pool", "sites:of-nowhere"]}
    answer = await browser.post(NOTICES, ticked, drawn_at=NOTICES)
    page = await browser.get(NOTICES)

    assert (answer.status_code, answer.headers["location"]) == (303, NOTICES)
    assert "Your choices are saved." in said(page)
    assert page.text.count('<article class="card said">') == 1
    assert page.text.count(" checked") == 1
    assert 'value="sites:pool" checked' in page.text

    await browser.post(NOTICES, drawn_at=NOTICES)
    assert "You follow nothing any more." in said(page := await browser.get(NOTICES))
    assert '<article class="card said">' not in page.text


@SHARED
async def test_too_many_choices_come_back_as_they_were_ticked(shared_house: House) -> None:
    browser = await let_browser_in(shared_house, f"{uuid4()}@example.org")
    codes = [f"place-{number}" for number in range(MOST_FOLLOWED + 1)]
    async with shared_house.database.begin() as unit:
        for code in codes:
            site = replace(shared_house.city.sites["pool"], id=unit.ids.row(), code=code)
            await open_site(unit, site)
    ticked: Any = {"follow": [f"sites:{code}" for code in codes]}

    answer = await browser.post(NOTICES, ticked, drawn_at=NOTICES)

    assert (answer.status_code, answer.text.count(" checked")) == (422, len(codes))
    assert "trente au plus" in said(answer)


@SHARED
async def test_a_place_that_has_closed_for_good_is_offered_no_more(shared_house: House) -> None:
    browser = await let_browser_in(shared_house, f"{uuid4()}@example.org")
    manager = await enter(shared_house, Role.MANAGER)
    today = shared_house.clock().date()
    for day, offered in ((today + timedelta(days=1), True), (today, False)):
        end = {"closes_on": day.isoformat(), "why_fr": "Vendu", "why_en": "Sold", "into": "new", "reason": "Conseil"}
        draft = await manager.post("/console/catalogue/places/free/end", end)
        assert (await manager.post(f"{draft.headers['location']}/activate", {"when": "now"})).status_code == 303
        page = (await browser.get(NOTICES)).text
        assert ('value="sites:free"' in page, 'value="sites:pool"' in page) == (offered, True)
