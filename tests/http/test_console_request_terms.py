"""What is asked for with a request: seen before it is written, every version kept; and whose work a request is."""

import re

import pytest

from domain.agents import Role
from tests.console import Console, enter, said
from tests.house_app import House
from tests.http.test_requests import entered

SHARED = pytest.mark.asyncio(loop_scope="module")
pytestmark = SHARED
PATH = "/console/request-terms"


async def filled(console: Console) -> dict[str, str]:
    """The form as its page fills it."""
    page = (await console.get(PATH)).text
    found: dict[str, str] = {}
    for tag in re.findall(r"<input [^>]*>", page):
        name = re.search(r'name="([^"]*)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name is not None and name[1] != "csrf" and ('type="checkbox"' not in tag or " checked" in tag):
            found[name[1]] = value[1] if value is not None else ""
    areas = re.findall(r'<textarea [^>]*name="(\w+)"[^>]*>([^<]*)</textarea>', page)
    return {**found, **dict(areas), "silence": "rejects"}


async def test_a_change_is_seen_with_whom_it_concerns_before_it_is_written(shared_house: House) -> None:
    await entered(shared_house)
    console = await enter(shared_house, Role.MANAGER)
    form = {**await filled(console), "asks_pool_residence": "yes", "target_days": "7"}
    seen = said(await console.post(PATH, {**form, "deed": "preview"}))
    assert re.search(r"What would change .* Identity document Identity document, Proof of address [1-9]", seen)
    assert (await filled(console))["target_days"] == "5", "a preview has written something"
    assert (await console.post(PATH, {**form, "deed": "keep"})).headers["location"] == PATH
    assert (await filled(console))["target_days"] == "7"
    page = said(await console.get(PATH))
    assert "7 working days, 60 days" in page
    slower = await console.post(PATH, {**form, "target_days": "9", "deed": "keep"})
    assert (slower.status_code, "meanwhile" in said(slower), 'value="9"' in slower.text) == (422, True, True)


async def test_a_proof_is_added_and_one_that_nothing_gives_is_refused_at_its_field(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    form = {
        **await filled(console),
        "code_new": "income",
        "proof_new_fr": "Avis d’impôt",
        "proof_new_en": "Tax notice",
        "asks_transport_new": "yes",
        "deed": "keep",
    }
    refused = await console.post(PATH, form)
    assert (refused.status_code, 'id="wrong-proof_new_fr"' in refused.text) == (422, True)
    assert 'value="Tax notice"' in refused.text
    assert (await console.post(PATH, {**form, "kind_new_income": "yes"})).status_code == 303
    assert "asks_transport_income" in await filled(console)
    wrong = await console.post(PATH, {**await filled(console), "target_days": "90", "deed": "keep"})
    assert (wrong.status_code, 'id="wrong-target_days"' in wrong.text) == (422, True)


async def test_a_request_is_given_to_a_colleague_by_name_and_taken_over(shared_house: House) -> None:
    line = await entered(shared_house)
    at = f"/console/requests/{line['reference']}"
    desk, reviewer = await enter(shared_house, Role.DESK), await enter(shared_house, Role.REVIEWER)
    login = shared_house.city.agents[Role.REVIEWER].login
    stranger = await desk.post(
        f"{at}/give", {"version": "2", "colleague": shared_house.city.agents[Role.OFFICIAL].login}
    )
    assert (stranger.status_code, "nobody of this name reviews here" in said(stranger)) == (422, True)
    assert (await desk.post(f"{at}/give", {"version": "2", "colleague": login})).headers["location"] == at
    mine = said(await reviewer.get("/console/requests?stage=open&assignee=me"))
    assert "My requests: 1" in mine
    assert line["reference"] in mine
    over = await desk.post(f"{at}/give", {"version": "3", "colleague": shared_house.city.agents[Role.DESK].login})
    assert over.headers["location"] == at
    assert "My requests: 0" in said(await reviewer.get("/console/requests"))


async def test_a_withdrawn_product_is_chosen_no_more_and_told_where_it_was(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    page = (await console.get(PATH)).text
    assert '<option value="bus-year"' in page
    gone = {"offered_until": shared_house.clock().date().isoformat(), "into": "new", "reason": "Fin"}
    draft = await console.post("/console/catalogue/products/bus-year/withdrawal", gone)
    assert (await console.post(f"{draft.headers['location']}/activate", {"when": "now"})).status_code == 303
    assert '<option value="bus-year"' not in (await console.get(PATH)).text
    form = {**await filled(console), "product_transport": "bus-year", "deed": "preview"}
    kept = await console.post(PATH, form)
    assert '<option value="bus-year" selected' in kept.text, "what the terms say already does not go unseen"
    assert "no longer offered: choose another" in said(kept)
