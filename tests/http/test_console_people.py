"""The desk's screens: people are found, their file is shown, and all of it comes into the journal."""

import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from adapters.keyring import KeyRing
from domain.acts import Act
from domain.agents import Role
from domain.guardians import GuardianKind, appoint_guardian
from domain.journal import Door, Entry, Wanted
from domain.passes import BlockReason, MediumKind, MediumStatus, PassStatus, block, change_status, medium_bytes
from domain.people import register_holder
from domain.replacements import ReplacementFee, ReplacementReason
from store.search import passes_of
from tests.city import TestPass
from tests.console import enter, said
from tests.house_app import House, TestClock
from tests.http.card_stock import delivered
from tests.http.card_town import open_town

SHARED = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
async def town(database_url: str, keyring: KeyRing, clock: TestClock, tmp_path: Path) -> AsyncIterator[House]:
    async with open_town(database_url, keyring, clock, tmp_path / "keys") as opened:
        yield opened


async def journal(house: House, person: TestPass) -> list[Entry]:
    """What was done with somebody's file, oldest first."""
    async with house.database.look() as unit:
        lines = await unit.journal.search(house.city.authority.id, Wanted(holder_id=person.holder.id), 100)
    return [line.entry for line in reversed(lines)]


def medium_path(person: TestPass, medium_id: int | None = None) -> str:
    name = medium_bytes(person.medium.id if medium_id is None else medium_id).hex()
    return f"/console/passes/{person.pass_.number}/media/{name}"


@SHARED
async def test_somebody_is_found_by_name_number_reference_and_by_what_they_show(shared_house: House) -> None:
    zoe = await shared_house.resident("find-1")
    desk = await enter(shared_house, Role.DESK)
    listed = await desk.get("/console/people?q=lefev+zo")
    assert "find-1" in said(listed)
    assert zoe.pass_.number in said(listed)
    for typed in (zoe.pass_.number, "find-1"):
        answer = await desk.get(f"/console/people?q={typed}")
        assert answer.headers["location"] == "/console/people/find-1"
    answer = await desk.post("/console/people", {"shown": zoe.code})
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/people/find-1")
    assert "belongs to nobody here" in said(await desk.post("/console/people", {"shown": "MP1:NOTHING"}))
    assert "Nobody fits “qqqq”" in said(await desk.get("/console/people?q=qqqq"))
    acts = [entry.act for entry in await journal(shared_house, zoe)]
    assert acts == [Act.PERSON_SEARCHED] * 3


@SHARED
async def test_hostile_names_and_searches_stay_words(shared_house: House) -> None:
    desk = await enter(shared_house, Role.DESK)
    page = await desk.get("/console/people?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&after=x%00.y")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert (await desk.get("/console/people/no%00body")).status_code == 404
    assert (await desk.get("/console/people?q=%00")).status_code == 200


@SHARED
async def test_a_file_says_ages_and_days_as_people_do(shared_house: House) -> None:
    zoe = await shared_house.resident("days-1", rights=("carnet-10",))
    desk, today = await enter(shared_house, Role.DESK), shared_house.clock().date()
    for reference, born_on in (("days-2", today - timedelta(days=40)), ("days-3", today - timedelta(days=400))):
        async with shared_house.database.begin() as unit:
            await register_holder(
                unit,
                authority_id=zoe.holder.authority_id,
                reference=reference,
                first_name="Léa",
                last_name="Roux",
                born_on=born_on,
                commune_code="00101",
                now=shared_house.clock(),
                keep_until=zoe.holder.keep_until,
            )
    page = said(await desk.get("/console/people/days-1?lang=fr"))
    assert re.search(r"carnet-10 10 passages sur 10,? .*?du \d\d/\d\d/\d{4} au \d\d/\d\d/\d{4}", page)
    assert "moins d’un an" in said(await desk.get("/console/people/days-2?lang=fr"))
    assert "1 year " in said(await desk.get("/console/people/days-3?lang=en"))


@SHARED
async def test_a_file_shows_each_role_what_it_may_see_and_the_journal_says_who_looked(shared_house: House) -> None:
    zoe = await shared_house.resident("file-1", rights=("carnet-10",))
    desk, site = await enter(shared_house, Role.DESK), await enter(shared_house, Role.SITE_AGENT)

    page, at_site = said(await desk.get("/console/people/file-1")), said(await site.get("/console/people/file-1"))

    assert "46 years" in page
    assert "1980" not in page
    assert zoe.pass_.number in page
    assert "10 visits of 10" in page
    assert "Household F-file-1" in page
    assert "Printed code" in at_site
    assert "Household F-file-1" not in at_site
    assert "No passage is kept" in at_site
    looked = await journal(shared_house, zoe)
    assert [(entry.act, entry.origin.door, entry.agent_id) for entry in looked] == [
        (Act.FILE_SHOWN, Door.CONSOLE, shared_house.city.agents[role].id) for role in (Role.DESK, Role.SITE_AGENT)
    ]
    assert all(entry.origin.session_id is not None and entry.origin.address for entry in looked)
    neighbour = await enter(shared_house, shared_house.city.neighbour_agents[Role.DESK])
    assert (await neighbour.get("/console/people/file-1")).status_code == 404


@SHARED
async def test_a_code_is_stopped_then_replaced_for_its_fee_on_the_mandate_of_a_parent(shared_house: House) -> None:
    parent = await shared_house.resident("parent-1")
    child = await shared_house.resident("child-1", born_on=date(2018, 3, 1))
    fee = ReplacementFee(shared_house.city.authority.id, MediumKind.PRINT, ReplacementReason.LOSS, 350)
    async with shared_house.database.begin() as unit:
        await appoint_guardian(
            unit, ward=child.holder, guardian=parent.holder, kind=GuardianKind.PARENT, since=date(2026, 1, 1)
        )
        await unit.replacements.set_fees(fee.authority_id, [fee])
    desk, path = await enter(shared_house, Role.DESK), medium_path(child)
    form = {"was": "active", "reason": "lost", "for": "child-1"}
    refused = await desk.post(f"{path}/block", form)
    assert (refused.status_code, "Asked for by: choose from the list" in said(refused)) == (422, True)

    stopped = await desk.post(f"{path}/block", {**form, "for": "parent-1"})
    assert stopped.headers["location"] == path
    page = await desk.get(path)
    called = re.findall(r' id="([^"]+)"', page.text)
    assert len(called) == len(set(called)), "a label would lead to the field of the other form"
    assert page.text.index("/replacement") < page.text.index("/block"), "what one came for is first"
    assert "Loss (€3.50)" in said(page)
    assert "Readers will refuse it at once" not in said(page), "they do already"
    replaced = await desk.post(f"{path}/replacement", {"was": "lost", "why": "loss", "for": "parent-1"})

    assert replaced.headers["location"] == "/console/people/child-1"
    assert "To be paid: €3.50" in said(await desk.get("/console/people/child-1"))
    acts = [(entry.act, entry.why, entry.on_behalf_of) for entry in await journal(shared_house, child)]
    assert acts == [
        (Act.FILE_SHOWN, None, None),  # the form that was refused showed the page
        (Act.MEDIUM_BLOCKED, "lost", parent.holder.id),
        (Act.MEDIUM_HISTORY_SHOWN, None, None),
        (Act.MEDIUM_REPLACED, "loss", parent.holder.id),
        (Act.FILE_SHOWN, None, None),
    ]


@SHARED
async def test_of_two_agents_at_one_medium_the_slower_sees_what_the_other_did(shared_house: House) -> None:
    zoe = await shared_house.resident("two-1")
    desk, path = await enter(shared_house, Role.DESK), medium_path(zoe)
    async with shared_house.database.begin() as unit:
        await block(
            unit,
            zoe.pass_,
            zoe.medium.id,
            reason=BlockReason.SUSPENDED,
            now=shared_house.clock(),
            by=shared_house.city.agents[Role.MANAGER].id,
        )

    late = await desk.post(f"{path}/block", {"was": "active", "reason": "stolen", "for": "two-1"})

    assert late.status_code == 409
    assert "another agent has just changed it" in said(late)
    assert shared_house.city.agents[Role.MANAGER].login in said(late)
    assert re.search(r'value="stolen" selected', late.text), "what was chosen is kept"
    async with shared_house.database.look() as unit:
        assert [one.status for one in await unit.passes.media(zoe.pass_.id)] == [MediumStatus.SUSPENDED]


@SHARED
async def test_of_two_agents_who_open_a_pass_at_once_the_slower_opens_none_and_keeps_what_was_typed(
    shared_house: House,
) -> None:
    """Two agents editing one file: the conflict is shown, nothing is lost, nothing is there twice."""
    zoe = await shared_house.resident("twice-1")
    async with shared_house.database.begin() as unit:
        await change_status(unit, zoe.pass_, PassStatus.ENDED, now=shared_house.clock())
    quick, slow = await enter(shared_house, Role.DESK), await enter(shared_house, Role.DESK)
    page = await slow.get("/console/people/twice-1/pass")
    form = {"was": re.findall(r'name="was" value="(\d)"', page.text)[0], "for": "twice-1"}

    assert (await quick.post("/console/people/twice-1/pass", form)).status_code == 303
    late = await slow.post("/console/people/twice-1/pass", {**form, "card": "123412341234"})

    assert late.status_code == 409
    assert "another agent has just opened a pass" in said(late)
    assert 'value="123412341234"' in late.text
    async with shared_house.database.read() as connection:
        passes = await passes_of(connection, zoe.holder.authority_id, [zoe.holder.id])
    assert [one.status for one in passes].count(PassStatus.ACTIVE) == 1


async def test_a_pass_is_opened_with_a_card_of_the_stock_and_a_lost_card_is_replaced_by_another(town: House) -> None:
    zoe = await town.resident("R-1")
    stock = await delivered(town, zoe, count=2)
    first, second = (card.number for card in stock.cards)
    desk = await enter(town, Role.DESK)
    assert "town-hall: 2" in said(await desk.get("/console/people/R-1/pass"))
    wrong = await desk.post("/console/people/R-1/pass", {"card": "123", "for": "R-1"})
    assert (wrong.status_code, 'value="123"' in wrong.text) == (422, True)

    opened = await desk.post("/console/people/R-1/pass", {"card": first, "for": "R-1"})
    assert opened.headers["location"] == "/console/people/R-1", said(opened)
    file = await desk.get("/console/people/R-1")
    card = next(path for path in re.findall(r'href="(/console/passes/\w+/media/\w+)">Card', file.text))
    again = await desk.post(f"/console/passes/{zoe.pass_.number}/card", {"card": first, "for": "R-1"})
    assert "cannot be handed over any more" in said(again)
    late = await desk.post(f"/console/passes/{zoe.pass_.number}/card", {"card": second, "for": "R-1", "was": "9"})
    assert (late.status_code, "another agent has just handed over" in said(late)) == (409, True)
    assert f"Number of the card {first}" in said(await desk.get(card))
    unsaid = await desk.post(f"{card}/block", {"was": "active", "reason": "", "for": "R-1"})
    assert (unsaid.status_code, "Why: choose from the list" in said(unsaid)) == (422, True)
    await desk.post(f"{card}/block", {"was": "active", "reason": "lost", "for": "R-1"})
    taken = await desk.post(f"{card}/replacement", {"was": "lost", "why": "loss", "card": first, "for": "R-1"})
    assert "cannot be handed over any more" in said(taken)
    done = await desk.post(f"{card}/replacement", {"was": "lost", "why": "loss", "card": second, "for": "R-1"})

    assert done.headers["location"] == "/console/people/R-1", said(done)
    found = await desk.get(f"/console/people?q={second[:4]}+{second[4:8]}+{second[8:]}")
    assert found.headers["location"] == "/console/people/R-1"
    acts = [entry.act for entry in await journal(town, zoe)]
    assert acts.count(Act.PASS_ISSUED) == 1
    assert acts.count(Act.MEDIUM_REPLACED) == 1
    assert acts.count(Act.CARD_BOUND) == 0


async def test_a_card_handed_over_by_mistake_goes_back_to_the_stock_until_a_gate_has_seen_it(town: House) -> None:
    zoe = await town.resident("R-1", rights=("pool-year",))
    stock = await delivered(town, zoe, count=2)
    desk = await enter(town, Role.DESK)
    for card in stock.cards:
        await desk.post(f"/console/passes/{zoe.pass_.number}/card", {"card": card.number, "for": "R-1"})
    mistaken, used = (medium_path(zoe, card.medium_id) for card in stock.cards)
    assert "Handed over by mistake?" in said(await desk.get(used))
    assert (await town.tap(stock.made[1].tap(), "free-1")).json()["reason"] == "welcome"

    assert "Handed over by mistake?" not in said(await desk.get(used))
    late = await desk.post(f"{used}/undo", {"mistake": "wrong_person"})
    assert (late.status_code, "too late" in said(late), "Stop this medium" in said(late)) == (409, True, True)
    assert (await desk.post(f"{mistaken}/undo", {"mistake": "because"})).status_code == 422
    done = await desk.post(f"{mistaken}/undo", {"mistake": "wrong_person"})
    assert done.headers["location"] == "/console/people/R-1", said(done)
    assert "is in the stock again" in said(await desk.get("/console/people/R-1"))
    assert (await town.tap(stock.made[0].tap(), "free-1")).json()["reason"] == "unknown_medium"
    undone = next(entry for entry in await journal(town, zoe) if entry.act is Act.CARD_UNBOUND)
    assert undone.why == "wrong_person"
