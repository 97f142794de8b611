"""The same evening: a code opens the pool while the request waits, as often as the city says, and ends with it."""

import re
from typing import Any

import pytest
from msgspec.structs import replace

from domain.accounts import ContactChannel
from domain.agents import Role
from domain.request_terms import ServiceTerms, set_terms, usual_terms
from domain.resident_requests import begin_own, hold_own, send_own
from domain.temporary_products import Temporary
from tests.console import enter, said
from tests.house_app import House
from tests.http import desk
from tests.http.phones import post, read
from tests.http.rights import assert_problem
from tests.http.test_console_request_terms import PATH, filled
from tests.http.test_resident_requests import SAID, Headers, act, begun, done, someone
from tests.portal import let_browser_in
from tests.requests_world import NINA, application

SHARED = pytest.mark.asyncio(loop_scope="module")


async def allow(house: House, *, entries: int = 2) -> None:
    """Let the pool be opened before a decision, and the library not."""
    services = (
        ServiceTerms("pool", ("identity",), "pool-year", Temporary(14, entries)),
        ServiceTerms("library", ("identity", "residence"), "reader"),
    )
    terms = replace(usual_terms(), services=services)
    async with house.database.begin() as unit:
        await set_terms(unit, terms, authority_id=house.city.authority.id, by=None, now=house.clock())


async def sent(house: House, headers: Headers, *names: str) -> dict[str, Any]:
    people = [{"firstName": name, "lastName": "Berthelot", "bornOn": "1988-03-02"} for name in names]
    mine = await begun(house, headers, **{**SAID, "persons": people})
    return await done(await act(house, mine, "submission", headers))


async def codes_of(house: House, mine: dict[str, Any], headers: Headers) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        await done(await read(house, f"/requests/{mine['reference']}/temporary-codes", headers))
    )["codes"]
    return found


async def test_somebody_asks_swims_tonight_and_has_a_pass_of_their_own_once_it_is_decided(house: House) -> None:
    """The whole of it on both engines (G2): the gate says yes twice, then no; a desk sees it; the decision ends it."""
    await allow(house)
    headers = await someone(house)
    mine = await sent(house, headers, "Nina")
    (code,) = await codes_of(house, mine, headers)
    assert (code["name"], code["validUntil"], code["ended"]) == ("Nina Berthelot", "2026-12-02", False)
    (pool,) = code["services"]
    assert (pool["service"], pool["words"][0]["en"]) == ("pool", "2 visits of 2 left, until 1 December 2026.")
    assert (await house.tap(code["code"], "library-1")).json()["reason"] == "no_right"
    heard = []
    for _ in range(3):
        house.clock.turn(minutes=1)
        heard.append((await house.tap(code["code"], "free-1")).json())
    assert [one["outcome"] for one in heard] == ["granted", "granted_with_warning", "payment_required"]
    assert heard[2]["reason"] == "carnet_empty"
    (pool,) = (await codes_of(house, mine, headers))[0]["services"]
    assert pool["words"][0]["en"].startswith("All used: 2 visits")

    explained = await desk.done(desk.read(house, f"/passes/{code['number']}/explanation?site=free"))
    assert explained["temporary"] == {"request": mine["reference"], "validUntil": "2026-12-02", "endedAt": None}
    shown = await desk.done(desk.read(house, f"/requests/{mine['reference']}"))
    assert [(one["number"], one["place"]) for one in shown["temporaryPasses"]] == [(code["number"], 0)]

    await desk.done(desk.post(house, f"/requests/{mine['reference']}/approval", {"version": mine["version"]}))
    (over,) = await codes_of(house, mine, headers)
    assert (over["ended"], over["code"], over["services"]) == (True, None, [])
    assert (await house.tap(code["code"], "free-1")).json()["reason"] == "pass_ended"
    explained = await desk.done(desk.read(house, f"/passes/{code['number']}/explanation?site=free"))
    assert explained["temporary"]["endedAt"] == "2026-11-18T13:08:00Z"
    assert explained["decisive"] is not None


@SHARED
async def test_taking_a_request_back_ends_the_code_and_asking_again_brings_none(shared_house: House) -> None:
    house, headers = shared_house, await someone(shared_house)
    await allow(house)
    mine = await sent(house, headers, "Ada")
    (code,) = await codes_of(house, mine, headers)
    body = {"key": "again", "version": mine["version"]}
    for _ in range(2):
        await done(await post(house, f"/requests/{mine['reference']}/withdrawal", body, headers))
    assert (await house.tap(code["code"], "free-1")).json()["reason"] == "pass_ended"
    assert await codes_of(house, await sent(house, headers, "ADA"), headers) == []


@SHARED
async def test_a_code_is_shown_to_whoever_sent_the_request_and_to_nobody_else(shared_house: House) -> None:
    house, headers = shared_house, await someone(shared_house)
    await allow(house)
    mine = await sent(house, headers, "Eva", "Max")
    first = await read(house, f"/requests/{mine['reference']}/temporary-codes", headers)
    assert [one["name"] for one in first.json()["codes"]] == ["Eva Berthelot", "Max Berthelot"]
    again = await read(
        house, f"/requests/{mine['reference']}/temporary-codes", {**headers, "If-None-Match": first.headers["etag"]}
    )
    assert again.status_code == 304
    theirs = await read(house, f"/requests/{mine['reference']}/temporary-codes", await someone(house))
    assert_problem(theirs, 404, "request-not-found")
    number = first.json()["codes"][0]["number"]
    assert_problem(await read(house, f"/passes/{number}", headers), 404, "pass-not-found")


async def test_the_file_of_whoever_holds_a_temporary_code_leads_to_their_request(house: House) -> None:
    await allow(house)
    headers = await someone(house)
    mine = await sent(house, headers, "Ida")
    (code,) = await codes_of(house, mine, headers)
    console = await enter(house, Role.DESK)
    found = await console.get(f"/console/people?q={code['number']}")
    file = await console.get(found.headers["location"])
    assert f"/console/requests/{mine['reference']}" in file.text


async def test_at_home_the_code_stands_on_the_first_page_until_it_ends(house: House) -> None:
    await allow(house)
    browser, stranger = [await let_browser_in(house, f"{who}@example.org") for who in ("home", "elsewhere")]
    mine = await at_home(house, "home@example.org", name="Lia")
    page = f"/moi/requests/{mine}/temporary-code"
    assert page in (await browser.get("/moi")).text
    assert page in (await browser.get(f"/moi/requests/{mine}")).text
    assert page not in (await stranger.get("/moi")).text
    shown = await browser.get(f"{page}?lang=en")
    assert "You can come in already" in said(shown)
    assert "2 visits of 2 left" in said(shown)
    assert "<svg" in shown.text
    assert (await stranger.get(page)).status_code == 404
    house.clock.turn(days=14)
    over = await browser.get(page)
    assert "The days of this code are over" in said(over)
    assert "<svg" not in over.text
    assert page not in (await browser.get("/moi")).text


async def at_home(house: House, address: str, *, name: str) -> str:
    """Send a request from the account of a browser, and return its reference."""
    async with house.database.begin() as unit:
        account = await unit.accounts.by_address(house.city.authority.id, ContactChannel.EMAIL, address)
        assert account is not None
        said_so = application(replace(NINA, first_name=name), services=("pool",))
        draft = await begin_own(unit, account, said_so, now=house.clock())
        held = await hold_own(unit, account, draft.reference, seen=draft.version, now=house.clock())
        return (await send_own(unit, held)).reference


@SHARED
async def test_a_reviewer_sees_the_code_on_the_request_and_in_the_persons_file(shared_house: House) -> None:
    house, headers = shared_house, await someone(shared_house)
    await allow(house)
    mine = await sent(house, headers, "Ugo")
    (code,) = await codes_of(house, mine, headers)
    console = await enter(house, Role.DESK)
    page = await console.get(f"/console/requests/{mine['reference']}")
    assert re.search(rf"pass {code['number']} ?, Ugo, valid until Tuesday 1 December", said(page))
    file = said(await console.get(f"/console/people/{mine['reference']}-P1"))
    assert f"Pass {code['number']}" in file
    assert "temporary, until a request is answered" in file
    await done(await act(house, mine, "withdrawal", headers))
    over = said(await console.get(f"/console/requests/{mine['reference']}"))
    assert re.search(rf"pass {code['number']} ?, Ugo, ended", over)


@SHARED
async def test_a_manager_opens_a_service_before_the_decision_and_sees_it_first(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    form = {**await filled(console), "days_library": "10", "entries_library": "4"}
    seen = said(await console.post(PATH, {**form, "deed": "preview"}))
    assert "temporary code: 10 days, 4 entries" in seen
    assert (await filled(console))["days_library"] == ""
    for wrong in ({"entries_library": ""}, {"days_library": "61"}):
        refused = await console.post(PATH, {**form, **wrong, "deed": "keep"})
        assert (refused.status_code, f'id="wrong-{next(iter(wrong))}"' in refused.text) == (422, True)
    assert (await console.post(PATH, {**form, "deed": "keep"})).headers["location"] == PATH
    after = await filled(console)
    assert (after["days_library"], after["entries_library"]) == ("10", "4")
