"""The terms of cards that residents order: seen before they are written, by managers of everything, nothing lost."""

import html
import re

import pytest

from domain.acts import Act
from domain.agents import Grant, Role
from domain.card_terms import CardOffer, CardTerms, card_offer, set_card_terms
from domain.journal import Wanted
from domain.passes import MediumKind
from domain.replacements import ReplacementFee, ReplacementReason
from tests.console import Console, enter, said
from tests.house_app import House
from tests.http.ordered_cards import HALL, take_orders
from tests.http.test_scoped_roles import Scoped

pytestmark = pytest.mark.asyncio(loop_scope="module")
PATH = "/console/catalogue/cards"
HOSTILE = "<script>alert('L’Haÿ')</script> {say} “Été”"
R = ReplacementReason


async def filled(console: Console) -> dict[str, str]:
    """The form as its page fills it."""
    page = (await console.get(PATH)).text
    found: dict[str, str] = {}
    for tag in re.findall(r"<input [^>]*>", page):
        name, value = (re.search(rf'{part}="([^"]*)"', tag) for part in ("name", "value"))
        if name is not None and name[1] != "csrf" and ('type="checkbox"' not in tag or " checked" in tag):
            found[name[1]] = html.unescape(value[1]) if value is not None else ""
    return found


async def offered(house: House) -> CardOffer:
    async with house.database.look() as unit:
        return await card_offer(unit, house.city.authority.id)


async def nothing_is_said(house: House) -> None:
    """The authority takes no orders and asks nothing, as on its first day."""
    owner = house.city.authority.id
    async with house.database.begin() as unit:
        await set_card_terms(unit, CardTerms(), authority_id=owner)
        await unit.replacements.set_fees(owner, [])


async def test_a_manager_lets_residents_order_after_seeing_what_changes(shared_house: House) -> None:
    await nothing_is_said(shared_house)
    console = await enter(shared_house, Role.MANAGER)
    assert f'href="{PATH}"' in (await console.get("/console/catalogue")).text
    form = {
        **await filled(console),
        "taken": "yes",
        "working_days": "10",
        "code_0": "hall",
        "fr_0": "Siège",
        "en_0": "Town hall",
        "address_0": "1 place de la République",
        "price_loss": "5",
        "price_theft": "7,50",
    }
    seen = said(await console.post(PATH, {**form, "deed": "preview"}))
    for words in (
        "Residents may order a card no yes",
        "Desk (nothing) Siège / Town hall, 1 place de la République",
        "Card stolen free €7.50",
    ):
        assert words in seen
    assert not (await offered(shared_house)).terms.is_open, "a preview has written something"
    assert (await console.post(PATH, {**form, "deed": "keep"})).headers["location"] == PATH
    offer = await offered(shared_house)
    assert offer.prices == {R.LOSS: 500, R.THEFT: 750}
    assert (offer.terms.desks, offer.terms.by_post, offer.terms.working_days) == ((HALL,), False, 10)
    async with shared_house.database.look() as unit:
        lines = await unit.journal.search(shared_house.city.authority.id, Wanted(), 1)
    assert [(line.entry.act, line.entry.agent_id) for line in lines] == [
        (Act.CARD_TERMS_CHANGED, shared_house.city.agents[Role.MANAGER].id)
    ]
    assert "Town hall" in said(await console.get("/console/card-orders"))


async def test_a_change_is_undone_by_the_button_beside_its_word(shared_house: House) -> None:
    await take_orders(shared_house)
    before = await offered(shared_house)
    console = await enter(shared_house, Role.MANAGER)
    form = {**await filled(console), "price_loss": "9", "deed": "keep"}
    form.pop("by_post")
    assert (await console.post(PATH, form)).status_code == 303
    notice = (await console.get(PATH)).text.partition('<div class="notice">')[2].partition("</div>")[0]
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', notice)
    back = {name: html.unescape(value) for name, value in fields if name != "csrf"}
    assert (await console.post(PATH, back)).status_code == 303
    assert await offered(shared_house) == before


async def test_orders_are_paused_and_their_desks_keep_their_names(shared_house: House) -> None:
    await take_orders(shared_house)
    console = await enter(shared_house, Role.MANAGER)
    form = {**await filled(console), "deed": "keep"}
    form.pop("taken")
    assert (await console.post(PATH, form)).status_code == 303
    terms = (await offered(shared_house)).terms
    assert (terms.is_open, terms.desk("hall")) == (False, HALL)
    assert "Residents cannot order a card at the moment" in said(await console.get("/console/card-orders"))


async def test_prices_of_other_media_stay_and_an_empty_price_is_free(shared_house: House) -> None:
    await take_orders(shared_house)
    owner = shared_house.city.authority.id
    printed = ReplacementFee(owner, MediumKind.PRINT, R.LOSS, 100)
    async with shared_house.database.begin() as unit:
        await unit.replacements.set_fees(owner, [*await unit.replacements.fees(owner), printed])
    console = await enter(shared_house, Role.MANAGER)
    form = {**await filled(console), "price_loss": "", "price_damage": "0", "deed": "keep"}
    assert (await console.post(PATH, form)).status_code == 303
    async with shared_house.database.look() as unit:
        assert await unit.replacements.fees(owner) == [printed]


async def test_of_two_who_change_them_at_once_the_second_sees_the_first_and_loses_nothing(shared_house: House) -> None:
    await take_orders(shared_house)
    first, second = [await enter(shared_house, Role.MANAGER) for _ in range(2)]
    stale = {**await filled(second), "working_days": "30", "deed": "keep"}
    annexe = {"code_1": "annexe", "fr_1": "Annexe", "en_1": "Annexe"}
    assert (await first.post(PATH, {**await filled(first), **annexe, "deed": "keep"})).status_code == 303
    late = await second.post(PATH, stale)
    assert (late.status_code, "A colleague has changed these terms" in said(late)) == (409, True)
    assert 'value="30"' in late.text, "what was typed is gone"
    assert 'name="code_1" value="annexe"' in late.text, "what the colleague has added would be taken away"
    assert (await offered(shared_house)).terms.working_days == 15
    fields = re.findall(r'name="(seen|code_1)" value="([^"]*)"', late.text)
    again = {**stale, **annexe, **dict(fields)}
    assert (await second.post(PATH, again)).status_code == 303
    terms = (await offered(shared_house)).terms
    assert ([one.code for one in terms.desks], terms.working_days) == (["hall", "annexe"], 30)


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("working_days", "91", "this number does not fit"),
        ("price_loss", "abc", "this number does not fit"),
        ("price_loss", "1000,01", "1,000 euros at most"),
        ("fr_0", "", "please fill this in"),
        ("code_1", "Town hall!", "small letters, digits and hyphens only"),
        ("code_1", "hall", "another desk has this code"),
        ("address_0", "x" * 201, "too long"),
    ],
)
async def test_what_does_not_fit_is_said_at_its_field(shared_house: House, field: str, typed: str, words: str) -> None:
    await take_orders(shared_house)
    console = await enter(shared_house, Role.MANAGER)
    form = {**await filled(console), "fr_1": "Annexe", "en_1": "Annexe", "code_1": "annexe", field: typed}
    before = await offered(shared_house)
    refused = await console.post(PATH, {**form, "deed": "keep"})
    assert refused.status_code == 422
    assert re.search(rf'id="wrong-{field}">[^<]*{re.escape(words)}', refused.text), refused.text
    assert await offered(shared_house) == before


async def test_orders_that_could_go_nowhere_are_not_taken(shared_house: House) -> None:
    await nothing_is_said(shared_house)
    console = await enter(shared_house, Role.MANAGER)
    refused = await console.post(PATH, {**await filled(console), "taken": "yes", "deed": "keep"})
    assert (refused.status_code, "say where the cards go" in said(refused)) == (422, True)


async def test_a_hostile_name_is_no_more_than_a_name(shared_house: House) -> None:
    await take_orders(shared_house)
    console = await enter(shared_house, Role.MANAGER)
    hostile = {"fr_0": HOSTILE, "en_0": HOSTILE, "address_0": HOSTILE}
    seen = await console.post(PATH, {**await filled(console), **hostile, "deed": "preview"})
    assert (await console.post(PATH, {**await filled(console), **hostile, "deed": "keep"})).status_code == 303
    for page in (seen, await console.get(PATH), await console.get("/console/card-orders")):
        assert page.status_code == 200
        assert "<script>alert(" not in page.text
        assert HOSTILE in html.unescape(page.text)


async def test_a_manager_of_one_place_changes_no_terms_for_all(shared_house: House) -> None:
    scoped = Scoped(shared_house)
    await scoped.headers(Grant(Role.MANAGER, site="pool"))
    console = Console(shared_house.client)
    await console.log_in("manager--pool")
    assert (await console.get(PATH)).status_code == 403
    assert f'href="{PATH}"' not in (await console.get("/console/catalogue")).text
