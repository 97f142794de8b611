"""Rights granted and ended in somebody's file: looked at before, once under a key, with colleagues in sight."""

import asyncio
import html
import re
from datetime import date, timedelta
from uuid import UUID

import httpx
import pytest

from domain.acts import Act
from domain.agents import Grant, Role
from domain.conditions import Conditions
from domain.journal import Wanted
from domain.limits import ONE, Limit, Measure, Window
from domain.people import Household, Subject, found_household, join
from domain.periods import FOREVER
from domain.ports import Unit
from domain.products import Entitlement, Price, Product, Term, Terms, publish_product
from domain.text import Text
from tests.city import KEEP, TODAY, TestPass
from tests.console import Console, enter, said
from tests.house_app import House
from tests.http.rights import terminal_posts
from tests.http.test_console_undo import offered, undo
from tests.http.test_scoped_roles import Scoped

SHARED = pytest.mark.asyncio(loop_scope="module")
UNTIL = "2027-11-17"


def at(person: TestPass) -> str:
    return f"/console/people/{person.holder.reference}/rights"


def kept(page: httpx.Response) -> dict[str, str]:
    """What the form that grants holds, hidden in the page that says what would be granted."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text)
    return {name: html.unescape(value) for name, value in found if name != "csrf"}


async def checked(desk: Console, person: TestPass, product: str, **asked: str) -> dict[str, str]:
    """Look at what would be granted, as the page asks, and return what its form will send."""
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    page = await desk.get(f"{at(person)}/new/{product}/check?{query}")
    assert page.status_code == 200, said(page)
    return kept(page)


async def rights(house: House, *owners: UUID) -> list[Entitlement]:
    async with house.database.look() as unit:
        return await unit.products.entitlements(list(owners), TODAY - timedelta(days=999))


async def acts(house: House, person: TestPass) -> list[tuple[Act, str | None]]:
    async with house.database.look() as unit:
        lines = await unit.journal.search(person.holder.authority_id, Wanted(holder_id=person.holder.id), 50)
    seen = {Act.RIGHTS_LISTED, Act.FILE_SHOWN}
    return [(line.entry.act, line.entry.why) for line in reversed(lines) if line.entry.act not in seen]


async def offer(house: House, code: str, terms: Terms, *prices: Price, subject: Subject = Subject.PERSON) -> None:
    limits = (Limit(0, Measure.VISIT, 10 * ONE, Window.WHOLE),)
    async with house.database.begin() as unit:
        owner, name = house.city.authority.id, Text(fr=f"Le {code}", en=f"The {code}")
        product = Product(unit.ids.row(), owner, code, "pool", subject, name, limits, terms=terms, prices=prices)
        await publish_product(unit, product)


@SHARED
async def test_ten_entries_are_looked_at_then_granted_and_open_the_gate(shared_house: House) -> None:
    zoe = await shared_house.resident("R-ten")
    desk = await enter(shared_house, Role.DESK)
    assert at(zoe) in (await desk.get("/console/people/R-ten")).text
    assert f"{at(zoe)}/new/carnet-10" in (await desk.get(at(zoe))).text
    form = await desk.get(f"{at(zoe)}/new/carnet-10")
    assert 'value="2026-11-18"' in form.text, "from today on"
    assert "give the last day" in said(form)

    page = await desk.get(f"{at(zoe)}/new/carnet-10/check?from=2026-11-18&until={UNTIL}")

    for words in (
        "Zoé Lefèvre",
        "pool",
        "Wednesday 18 November 2026",
        "Wednesday 17 November 2027",
        "10 visits in all",
    ):
        assert words in said(page), words
    assert "granted, never sold" in said(page) or "Nothing to pay" in said(page)
    assert await rights(shared_house, zoe.holder.id) == [], "nothing is granted by looking"
    done = await desk.post(f"{at(zoe)}/new/carnet-10", kept(page))
    assert done.headers["location"] == at(zoe)
    assert "Granted: carnet-10" in said(await desk.get(at(zoe)))
    (right,) = await rights(shared_house, zoe.holder.id)
    assert (right.valid_from, right.valid_until) == (TODAY, date(2027, 11, 18))
    assert (await shared_house.tap(zoe.code, "free-1")).json()["reason"] == "welcome"
    assert await acts(shared_house, zoe) == [(Act.RIGHT_GRANTED, None)]


@SHARED
async def test_a_form_that_is_sent_twice_grants_once_even_at_the_same_moment(shared_house: House) -> None:
    zoe = await shared_house.resident("R-twice")
    desk, colleague = await enter(shared_house, Role.DESK), await enter(shared_house, Role.DESK)
    sent = await checked(desk, zoe, "carnet-10", until=UNTIL)
    path = f"{at(zoe)}/new/carnet-10"

    answers = await asyncio.gather(desk.post(path, sent), colleague.post(path, sent), desk.post(path, sent))

    assert {answer.status_code for answer in answers} == {303}
    assert len(await rights(shared_house, zoe.holder.id)) == 1
    other = await desk.post(path, {**sent, "until": "2027-01-01"})
    assert (other.status_code, "have changed since you checked" in said(other)) == (409, True)
    assert kept(other)["key"] != sent["key"]


@SHARED
async def test_a_colleague_who_was_quicker_is_shown_before_a_second_right_is_granted(shared_house: House) -> None:
    zoe = await shared_house.resident("R-quick")
    desk, colleague = await enter(shared_house, Role.DESK), await enter(shared_house, Role.DESK)
    mine = await checked(desk, zoe, "carnet-10", until=UNTIL)
    theirs = await checked(colleague, zoe, "carnet-10", until=UNTIL)
    assert (await colleague.post(f"{at(zoe)}/new/carnet-10", theirs)).status_code == 303

    refused = await desk.post(f"{at(zoe)}/new/carnet-10", mine)

    assert refused.status_code == 409
    assert "There is such a right already, from 18 Nov 2026 to 17 Nov 2027" in said(refused)
    assert len(await rights(shared_house, zoe.holder.id)) == 1
    assert (await desk.post(f"{at(zoe)}/new/carnet-10", kept(refused))).status_code == 303, "wanted all the same"
    assert len(await rights(shared_house, zoe.holder.id)) == 2


@SHARED
async def test_what_is_lacking_is_said_before_and_granted_all_the_same(shared_house: House) -> None:
    conditions = Conditions(age_below=26, communes=("59512",), statuses=("student",))
    paid = (
        Price(0, 3000, date(2026, 1, 1), FOREVER),
        Price(1, 1500, date(2026, 1, 1), FOREVER, Conditions(age_from=30)),
    )
    await offer(shared_house, "young", Terms(conditions, term=Term(Window.ROLLING_DAYS, days=30)), *paid)
    zoe = await shared_house.resident("R-lacks")
    desk = await enter(shared_house, Role.DESK)
    assert "until Thursday 17 December 2026" in said(await desk.get(f"{at(zoe)}/new/young"))

    page = await desk.get(f"{at(zoe)}/new/young/check?from=2026-12-01")

    for words in (
        "not of the age",
        "lives in none of the communes",
        "it opens only once this is met",
        "Tuesday 1 December 2026",
        "Wednesday 30 December 2026",
        "€15.00 at a till",
    ):
        assert words in said(page), words
    assert (await desk.post(f"{at(zoe)}/new/young", kept(page))).status_code == 303
    child = await shared_house.resident("R-lacks-less", born_on=date(2010, 1, 1))
    younger = said(await desk.get(f"{at(child)}/new/young/check"))
    assert ("not of the age" in younger, "€30.00 at a till" in younger) == (False, True)


@SHARED
async def test_a_household_is_chosen_where_there_are_several(shared_house: House) -> None:
    child = await shared_house.resident("R-two-homes")
    async with shared_house.database.begin() as unit:
        other = await _another_home(unit, shared_house, "F-other")
        await join(unit, child.holder, other.id, since=TODAY)
        await join(unit, child.holder, (await _another_home(unit, shared_house)).id, since=date(2026, 12, 1))
    desk, path = await enter(shared_house, Role.DESK), f"{at(child)}/new/waste-24"
    unsaid = await desk.get(f"{path}/check?until=2026-12-31")
    assert (unsaid.status_code, "there are several: choose one" in said(unsaid)) == (422, True)
    for group in ("F-9", "F-later"):
        assert (await desk.get(f"{path}/check?until=2026-12-31&group={group}")).status_code == 422
    later = await desk.get(f"{path}/check?from=2026-12-01&until=2026-12-31&group=F-later")
    assert "household F-later" in said(later), "they live there by then"

    sent = await checked(desk, child, "waste-24", until="2026-12-31", group="F-other")

    assert (await desk.post(path, sent)).status_code == 303
    (right,) = await rights(shared_house, other.id)
    page = await desk.get(at(child))
    assert "household F-other" in said(page)
    ended = await desk.post(f"{at(child)}/{right.id}/end", {"reason": "other_right"})
    assert await rights(shared_house, other.id) == []
    await undo(desk, ended)
    assert len(await rights(shared_house, other.id)) == 1


async def _another_home(unit: Unit, house: House, reference: str = "F-later") -> Household:
    owner, since = house.city.authority.id, date(2020, 1, 1)
    return await found_household(
        unit, authority_id=owner, reference=reference, commune_code="00101", now=house.clock(), keep_until=KEEP,
        since=since,
    )  # fmt: skip


@SHARED
async def test_what_does_not_fit_is_said_at_its_field_and_grants_nothing(shared_house: House) -> None:
    zoe = await shared_house.resident("R-wrong")
    term = Term(Window.ROLLING_DAYS, days=30)
    await offer(shared_house, "late", Terms(term=term, notice_days=5))
    await offer(shared_house, "once", Terms(term=term, yearly=1))
    await offer(shared_house, "gone", Terms(term=term, offered_until=TODAY))
    await offer(shared_house, "firms", Terms(term=term), subject=Subject.ORGANISATION)
    desk = await enter(shared_house, Role.DESK)
    once = await checked(desk, zoe, "once")
    assert (await desk.post(f"{at(zoe)}/new/once", once)).status_code == 303
    for product, query, words in (
        ("carnet-10", "", "does not say how long it lasts"),
        ("carnet-10", "from=2026-12-10&until=2026-12-01", "before the first one"),
        ("carnet-10", "from=2026-11-17&until=2026-12-01", "begins today at the earliest"),
        ("carnet-10", "until=2026-11-17", "this day is over"),
        ("carnet-10", "from=tomorrow&until=9999-12-31", "write a date like 24/11/2026"),
        ("late", "", "asked for earlier"),
        ("once", "", "has been granted already"),
        ("gone", "", "not offered any more"),
        ("firms", "", "does not belong to it"),
    ):
        page = await desk.get(f"{at(zoe)}/new/{product}/check?{query}")
        assert (page.status_code, words in said(page)) == (422, True), (product, query, said(page))
    offers = said(await desk.get(at(zoe)))
    assert "The gone" not in offers
    assert "For organisations alone, and this person belongs to none: The firms." in offers
    assert (await desk.get(f"{at(zoe)}/new/nothing")).status_code == 404
    assert (await desk.post(f"{at(zoe)}/new/carnet-10", {"from": "2026-11-18", "key": "é"})).status_code == 400
    late = await desk.post(f"{at(zoe)}/new/late", {"from": "2026-11-18", "key": "k"})
    assert (late.status_code, "asked for earlier" in said(late)) == (422, True)
    assert len(await rights(shared_house, zoe.holder.id)) == 1


@SHARED
async def test_a_right_that_runs_ends_today_for_good_and_the_gate_refuses(shared_house: House) -> None:
    zoe = await shared_house.resident("R-ends", rights=("carnet-10",))
    assert (await shared_house.tap(zoe.code, "free-1")).json()["reason"] == "welcome"
    (right,) = await rights(shared_house, zoe.holder.id)
    desk, colleague = await enter(shared_house, Role.DESK), await enter(shared_house, Role.DESK)
    path = f"{at(zoe)}/{right.id}/end"
    page = said(await desk.get(path))
    for words in ("9 visits of 10", "What was counted stays counted", "This cannot be undone"):
        assert words in page, words
    unsaid = await desk.post(path, {"reason": ""})
    assert (unsaid.status_code, "choose from the list" in said(unsaid)) == (422, True)

    done = await desk.post(path, {"reason": "moved_away"})

    assert offered(await desk.get(done.headers["location"])) is None
    shared_house.clock.turn(minutes=1)
    assert (await shared_house.tap(zoe.code, "free-1")).json()["outcome"] == "payment_required"
    again = await colleague.post(path, {"reason": "moved_away"})
    assert (again.status_code, "Another agent has just ended it" in said(again)) == (409, True)
    assert (await colleague.get(path)).status_code == 404
    assert await acts(shared_house, zoe) == [(Act.RIGHT_ENDED, "moved_away")]
    found = said(await (await enter(shared_house, Role.DPO)).get("/console/journal?act=right.ended"))
    assert "They have moved away" in found


@SHARED
async def test_a_right_that_nobody_has_used_is_taken_back_and_granted_again_by_one_button(shared_house: House) -> None:
    zoe = await shared_house.resident("R-back")
    desk = await enter(shared_house, Role.DESK)
    granted = await desk.post(f"{at(zoe)}/new/carnet-10", await checked(desk, zoe, "carnet-10", until=UNTIL))

    taken = await undo(desk, granted)

    assert await rights(shared_house, zoe.holder.id) == []
    await undo(desk, taken)
    (right,) = await rights(shared_house, zoe.holder.id)
    assert (right.valid_from, right.valid_until) == (TODAY, date(2027, 11, 18))
    assert "as if it had never been granted" in said(await desk.get(f"{at(zoe)}/{right.id}/end"))
    assert (await shared_house.tap(zoe.code, "free-1")).json()["reason"] == "welcome"
    used = await desk.post(f"{at(zoe)}/{right.id}/end", {"reason": "holder_asked"})
    assert (used.status_code, "it was used today" in said(used)) == (409, True)
    assert await acts(shared_house, zoe) == [
        (Act.RIGHT_GRANTED, None),
        (Act.RIGHT_ENDED, "granted_by_mistake"),
        (Act.RIGHT_GRANTED, None),
    ]


@SHARED
async def test_a_right_that_was_sold_is_taken_back_without_a_button(shared_house: House) -> None:
    zoe = await shared_house.resident("R-sold")
    terms = Terms(term=Term(Window.ROLLING_DAYS, days=30))
    await offer(shared_house, "sold", terms, Price(0, 3000, date(2026, 1, 1), FOREVER))
    item = {"product": "sold", "priceCents": 3000}
    sale = {"key": "sold-1", "gate": "free-1", "credential": zoe.code, "items": [item]}
    assert (await terminal_posts(shared_house, "sales", sale)).status_code == 201
    (right,) = await rights(shared_house, zoe.holder.id)
    desk, path = await enter(shared_house, Role.DESK), f"{at(zoe)}/{right.id}/end"
    assert "cancel the sale" in said(await desk.get(path))

    done = await desk.post(path, {"reason": "granted_by_mistake"})

    assert offered(await desk.get(done.headers["location"])) is None, "the right of a sale has the sale's own id"


@SHARED
async def test_a_desk_of_one_service_sees_and_grants_its_own_alone(shared_house: House) -> None:
    zoe = await shared_house.resident("R-scope", rights=("carnet-10", "reader"))
    await Scoped(shared_house).headers(Grant(Role.DESK, service="library"))
    library = Console(shared_house.client)
    await library.log_in("desk-library-")
    page = await library.get(at(zoe))
    assert ("Those of your services" in said(page), "reader" in said(page)) == (True, True)
    assert "carnet-10" not in page.text
    owned = {one.service_code: one.id for one in await rights(shared_house, zoe.holder.id)}

    pages = [
        await library.get(f"{at(zoe)}/new/carnet-10"),
        await library.get(f"{at(zoe)}/new/carnet-10/check?until={UNTIL}"),
        await library.post(f"{at(zoe)}/new/carnet-10", {"from": "2026-11-18", "until": UNTIL, "key": "s-1"}),
        await library.get(f"{at(zoe)}/{owned['pool']}/end"),
        await library.post(f"{at(zoe)}/{owned['pool']}/end", {"reason": "moved_away"}),
    ]

    assert [page.status_code for page in pages] == [403] * 5
    assert (await library.get(f"{at(zoe)}/{owned['library']}/end")).status_code == 200
    neighbour = await enter(shared_house, shared_house.city.neighbour_agents[Role.DESK])
    assert (await neighbour.get(at(zoe))).status_code == 404
    other = await shared_house.resident("R-scope-other")
    desk = await enter(shared_house, Role.DESK)
    assert (await desk.get(f"{at(other)}/{owned['pool']}/end")).status_code == 404, "it is in another file"
    await Scoped(shared_house).headers(Grant(Role.DESK, service="sports-hall"))
    idle = Console(shared_house.client)
    await idle.log_in("desk-sports-hall-")
    assert "No product to grant" in said(await idle.get(at(zoe)))
