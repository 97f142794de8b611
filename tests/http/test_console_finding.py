"""The search of the desk: who is found by what, and what each role finds by it."""

from urllib.parse import urlencode

import pytest

from adapters.cards import CardKeys, enrol
from domain.agents import Role
from domain.approval import approve
from domain.cards import CardTechnology
from tests.console import Console, enter, said
from tests.house_app import House
from tests.requests_world import NINA, TOM, Desk

SHARED = pytest.mark.asyncio(loop_scope="module")


async def looked_for(console: Console, typed: str, **more: str) -> str:
    """What the page says, or where it leads."""
    page = await console.get(f"/console/people?{urlencode({'q': typed, **more})}")
    return str(page.headers.get("location", said(page)))


@SHARED
async def test_a_phone_leads_to_the_request_and_then_to_those_it_was_for(shared_house: House) -> None:
    console = await enter(shared_house, Role.DESK)
    at_site = await enter(shared_house, Role.SITE_AGENT)
    async with shared_house.database.begin() as unit:
        desk = Desk(unit, shared_house.city)
        request = await desk.sent(NINA, TOM)
        terms = await desk.terms()
    assert request.reference in await looked_for(console, "+33 (0)6.12.34.56.78")
    assert "Nobody fits" in await looked_for(at_site, "0612345678"), "contacts stand in requests"
    assert await looked_for(console, request.reference.lower()) == f"/console/requests/{request.reference}"
    assert "Nobody fits" in await looked_for(at_site, request.reference), "requests are not theirs to see"
    assert "Nobody fits" in await looked_for(console, "D-AAAAAAA")

    async with shared_house.database.begin() as unit:
        await approve(unit, request, Desk(unit, shared_house.city).hand(request), terms=terms, known={})

    page = await looked_for(console, "0612345678")
    assert "Berthelot-Sèvre Nina" in page
    assert "the phone" in page
    assert "Berthelot-Sèvre Tom" in await looked_for(console, "berthelot 21/09/2016")
    assert "Nobody fits" in await looked_for(console, "berthelot 22/09/2016")
    file = await console.get(f"/console/people/{request.reference}-1")
    assert f'href="/console/requests/{request.reference}"' in file.text
    review = await console.get(f"/console/requests/{request.reference}")
    assert f'href="/console/people/{request.reference}-2"' in review.text


@SHARED
async def test_a_reader_that_types_a_uid_opens_the_file_whatever_the_keyboard(shared_house: House) -> None:
    zoe = await shared_house.resident("uid-1")
    async with shared_house.database.begin() as unit:
        await enrol(
            unit,
            CardKeys(shared_house.masters),
            shared_house.city.authority,
            zoe.pass_,
            uid=bytes.fromhex("04A1B2C3D4E580"),
            technology=CardTechnology.UID_ONLY,
            signature=None,
            expires_at=zoe.medium.expires_at,
            now=shared_house.clock(),
        )
    console = await enter(shared_house, Role.DESK)
    for typed in ("04A1B2C3D4E580", "à'Q&BéC\"D'E(_à"):
        answer = await console.post("/console/people", {"shown": typed})
        assert answer.headers["location"] == "/console/people/uid-1"
    assert await looked_for(console, "04:a1:b2:c3:d4:e5:80") == "/console/people/uid-1"
    assert "belongs to nobody" in said(await console.post("/console/people", {"shown": "04A1B2C3D4E581"}))


@SHARED
@pytest.mark.parametrize("typed", ["%_", "'; DROP TABLE holder; --", "\u202eevil", "🦊", "+33", "@", "0" * 400])
async def test_hostile_searches_find_nobody_and_break_nothing(shared_house: House, typed: str) -> None:
    console = await enter(shared_house, Role.DESK)
    page = await console.get(f"/console/people?{urlencode({'q': typed, 'commune': typed, 'after': typed})}")
    assert page.status_code == 200
