"""Requests for passes: their states, two agents at one file, likenesses, approval, the queue, and their end."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from adapters.keyring import KeyRing
from domain import requests
from domain.approval import approve
from domain.documents import CheckResult, DocumentKind, DocumentState, add_document, check_document
from domain.duplicates import Likeness, before, changed_since, duplicates
from domain.errors.requests import (
    DocumentWaits,
    ReasonMissing,
    RequestChanged,
    RequestIncomplete,
    RequestNotFound,
    RequestStepRefused,
)
from domain.reception import hold
from domain.request_texts import TextPurpose, standard_texts, write_text
from domain.requests import APPEAL, Deed, RequestStatus
from domain.text import Text
from store.database import Database
from store.request_queue import UNASSIGNED, Page, Wanted, counts, queue
from store.request_retention import forget_requests, requests_end, unanswered
from store.unit import SqlUnit
from tests.city import NOW, TODAY, small_city
from tests.requests_world import DUE, LILAS, NINA, TOM, Desk, application

A_DAY = timedelta(days=1)


@pytest.fixture
async def desk(database_url: str, keyring: KeyRing) -> AsyncIterator[Desk]:
    """An agent of the small city, in a unit of work."""
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    async with database.begin() as unit:
        yield Desk(unit, city)
    await database.close()


async def test_a_question_stops_the_delay_and_an_answer_lets_it_go_on(desk: Desk) -> None:
    request = await desk.sent()
    request = await requests.take(desk.unit, request, desk.hand(request))
    words = "Il manque un justificatif."
    request = await requests.ask_for_more(desk.unit, request, desk.hand(request), words=words, today=TODAY)
    later = TODAY + 9 * A_DAY
    request = await requests.answer(desk.unit, request, desk.hand(request), today=later)

    assert (request.status, request.due_on, request.assigned_to) == (
        RequestStatus.SUBMITTED,
        DUE + 9 * A_DAY,
        desk.agent,
    )
    told = await desk.unit.requests.entries(request.id)
    assert [one.deed for one in told] == [Deed.BEGAN, Deed.SUBMITTED, Deed.TAKEN, Deed.ASKED, Deed.ANSWERED]
    assert told[3].words == words
    assert await desk.unit.requests.by_reference(desk.city.authority.id, request.reference) == request


async def test_a_request_is_given_to_somebody_or_put_back_for_everybody(desk: Desk) -> None:
    request = await desk.sent()
    taken = await requests.take(desk.unit, request, desk.hand(request))
    given = await requests.assign(desk.unit, taken, desk.hand(taken), to=desk.other)
    assert (given.status, given.assigned_to) == (RequestStatus.UNDER_REVIEW, desk.other)
    back = await requests.assign(desk.unit, given, desk.hand(given), to=None)
    assert (back.status, back.assigned_to) == (RequestStatus.SUBMITTED, None)
    gone = await requests.withdraw(desk.unit, back, desk.hand(back), today=TODAY)
    with pytest.raises(RequestStepRefused):
        await requests.assign(desk.unit, gone, desk.hand(gone), to=desk.other)


async def test_the_slower_of_two_agents_is_told_what_the_other_did_and_writes_nothing(desk: Desk) -> None:
    read = await desk.sent()
    moved = application(address=replace(LILAS, line="14 rue des Lilas"))
    corrected = await requests.correct(desk.unit, read, desk.hand(read, by=desk.other), application=moved)

    with pytest.raises(RequestChanged, match=r"version 3 since: corrected \(address\)"):
        await requests.reject(desk.unit, corrected, desk.hand(read), words="Non.", today=TODAY)
    with pytest.raises(RequestChanged):  # even who has not looked again since
        await requests.reject(desk.unit, read, desk.hand(read), words="Non.", today=TODAY)
    assert await desk.unit.requests.by_reference(desk.city.authority.id, read.reference) == corrected


async def test_a_decision_is_somebodys_and_has_its_reason(desk: Desk) -> None:
    request = await desk.sent()
    nobody = replace(desk.hand(request), by=None)
    with pytest.raises(ReasonMissing):
        await requests.reject(desk.unit, request, desk.hand(request), words="  ", today=TODAY)
    with pytest.raises(RequestStepRefused):
        await requests.reject(desk.unit, request, nobody, words="Hors du territoire.", today=TODAY)
    with pytest.raises(RequestStepRefused):
        await approve(desk.unit, request, nobody, terms=await desk.terms(), known={})

    refused = await requests.reject(desk.unit, request, desk.hand(request), words="Hors du territoire.", today=TODAY)
    with pytest.raises(RequestStepRefused):
        await requests.take(desk.unit, refused, desk.hand(refused))
    with pytest.raises(RequestStepRefused):
        await requests.correct(desk.unit, refused, desk.hand(refused), application=application(TOM))


async def test_who_sends_an_incomplete_request_is_told_what_lacks(desk: Desk) -> None:
    with pytest.raises(RequestIncomplete, match="service"):
        await desk.sent(services=())
    with pytest.raises(RequestIncomplete, match="has no name"):
        await desk.sent(replace(NINA, last_name=" "))


async def test_an_approval_makes_people_home_passes_and_rights_at_once(desk: Desk) -> None:
    request = await desk.sent(NINA, TOM)
    made = await approve(desk.unit, request, desk.hand(request), terms=await desk.terms(), known={})

    assert [one.first_name for one in made.holders] == ["Nina", "Tom"]
    assert len(made.issued) == 2
    members = await desk.unit.people.members(made.household.id, TODAY)
    assert [holder.id for holder, _ in members] == [holder.id for holder in made.holders]
    assert len(made.rights) == 3  # the pool for each, the waste centre for the home
    assert {right.subject_id for right in made.rights} == {made.household.id, *(one.id for one in made.holders)}
    kept = await desk.unit.requests.by_reference(desk.city.authority.id, request.reference)
    assert kept == made.request
    assert [one.holder_id for one in kept.application.persons] == [one.id for one in made.holders]


async def test_who_is_in_the_register_already_gets_no_second_pass_and_no_right_twice(desk: Desk) -> None:
    terms = await desk.terms()
    first = await desk.sent(NINA)
    earlier = await approve(desk.unit, first, desk.hand(first), terms=terms, known={})
    again = await desk.sent(NINA, TOM)

    known = {0: earlier.holders[0].reference}
    later = await approve(desk.unit, again, desk.hand(again), terms=terms, known=known)

    assert later.household == earlier.household
    assert later.holders[0] == earlier.holders[0]
    assert [one.pass_.holder_id for one in later.issued] == [later.holders[1].id]
    assert [right.subject_id for right in later.rights] == [later.holders[1].id]


async def test_likenesses_are_shown_whatever_the_spelling(desk: Desk) -> None:
    terms = await desk.terms()
    first = await desk.sent(NINA)
    made = await approve(desk.unit, first, desk.hand(first), terms=terms, known={})
    other = await desk.sent(TOM, address=replace(LILAS, line="3 place d'Armes"))
    other, _ = await add_document(desk.unit, other, desk.hand(other), desk.safe(), kind=DocumentKind.RESIDENCE)

    typed = replace(NINA, first_name="NINA", last_name="berthelot sevre")
    request = await desk.sent(typed, address=replace(LILAS, line="12, r. des LILAS"))
    request, _ = await add_document(desk.unit, request, desk.hand(request), desk.safe(), kind=DocumentKind.OTHER)

    found = [(one.likeness, one.reference) for one in await duplicates(desk.unit, request)]
    assert found == [
        (Likeness.PERSON_KNOWN, made.holders[0].reference),
        (Likeness.PERSON_ASKS, first.reference),
        (Likeness.SAME_DOOR, first.reference),
        (Likeness.SAME_FILE, other.reference),
    ]
    assert [one.reference for one in await before(desk.unit, request)] == [first.reference]
    assert changed_since(made.request, request) == ()


async def test_a_document_that_the_antivirus_has_not_seen_is_checked_by_nobody(desk: Desk) -> None:
    request = await desk.sent()
    waiting = desk.safe(state=DocumentState.QUARANTINED)
    request, document = await add_document(desk.unit, request, desk.hand(request), waiting, kind=DocumentKind.IDENTITY)
    with pytest.raises(DocumentWaits):
        await check_document(desk.unit, request, document, desk.hand(request), result=CheckResult.ACCEPTED)


async def test_the_queue_begins_with_what_is_due_first_and_goes_on_where_a_page_ended(desk: Desk) -> None:
    sent = [await desk.sent(due_on=DUE + (number % 3) * A_DAY) for number in range(5)]
    pool = await desk.sent(services=("pool",), due_on=DUE + 9 * A_DAY)
    mine = await requests.take(desk.unit, sent[0], desk.hand(sent[0]))
    assert isinstance(desk.unit, SqlUnit)
    connection, owner = desk.unit.connection, desk.city.authority.id

    expected = [one.reference for one in sorted([*sent, pool], key=lambda one: (one.due_on or DUE, one.id))]
    seen: list[str] = []
    after = None
    for _ in range(3):
        page = await queue(connection, owner, Wanted(), after=after, most=2)
        seen += [line.request.reference for line in page.lines]
        after = page.after
    assert (seen, after) == (expected, None)

    async def listed(wanted: Wanted) -> set[str]:
        return {line.request.reference for line in (await queue(connection, owner, wanted, most=10)).lines}

    assert await listed(Wanted(service="waste-centre")) == {one.reference for one in sent}
    assert await listed(Wanted(assignee=desk.agent)) == {mine.reference}
    assert await listed(Wanted(assignee=UNASSIGNED)) == {one.reference for one in (*sent[1:], pool)}
    refused = await requests.reject(desk.unit, pool, desk.hand(pool), words="Non.", today=TODAY)
    assert await listed(Wanted(states=(RequestStatus.REJECTED,))) == {refused.reference}
    assert (await counts(connection, owner))[RequestStatus.SUBMITTED] == 4
    assert await queue(connection, desk.city.neighbour.id, Wanted(), most=10) == Page((), None)
    with pytest.raises(RequestNotFound):
        await desk.unit.requests.by_reference(desk.city.neighbour.id, mine.reference)


async def test_files_end_two_months_after_the_decision_and_their_result_stays(desk: Desk) -> None:
    request = await desk.sent()
    request, document = await add_document(
        desk.unit, request, desk.hand(request), desk.safe(), kind=DocumentKind.IDENTITY
    )
    request, _ = await check_document(desk.unit, request, document, desk.hand(request), result=CheckResult.ACCEPTED)
    await approve(desk.unit, request, desk.hand(request), terms=await desk.terms(), known={})
    assert isinstance(desk.unit, SqlUnit)
    connection, owner, end = desk.unit.connection, desk.city.authority.id, TODAY + APPEAL

    assert not await requests_end(connection, owner, end - A_DAY)
    assert await requests_end(connection, owner, end)
    assert await forget_requests(connection, owner, end) == [document.id]
    [left] = await desk.unit.documents.of_request(request.id)
    assert (left.state, left.wrapped_key, left.digest) == (DocumentState.FORGOTTEN, b"", b"")
    assert (left.result, left.checked_by, left.kind) == (CheckResult.ACCEPTED, desk.agent, DocumentKind.IDENTITY)
    assert not await requests_end(connection, owner, end)


async def test_a_draft_is_forgotten_whole_and_a_silent_household_is_found(desk: Desk) -> None:
    authority = desk.city.authority
    draft = await requests.begin(
        desk.unit, application(), authority_id=authority.id, channel=requests.Channel.PORTAL, by=None, now=NOW
    )
    draft, document = await add_document(desk.unit, draft, desk.hand(draft), desk.safe(), kind=DocumentKind.IDENTITY)
    silent = await desk.sent()
    silent = await requests.ask_for_more(desk.unit, silent, desk.hand(silent), words="Quoi ?", today=TODAY)
    assert isinstance(desk.unit, SqlUnit)
    connection = desk.unit.connection

    assert await unanswered(connection, authority.id, asked_before=TODAY, most=9) == []
    assert await unanswered(connection, authority.id, asked_before=TODAY + A_DAY, most=9) == [silent.reference]
    assert await forget_requests(connection, authority.id, TODAY + requests.DRAFT_KEPT) == [document.id]
    with pytest.raises(RequestNotFound):
        await desk.unit.requests.by_reference(authority.id, draft.reference)
    assert await desk.unit.documents.of_request(draft.id) == []
    assert date(2026, 12, 18) == TODAY + requests.DRAFT_KEPT


async def test_a_text_keeps_its_versions_and_the_newest_is_offered(desk: Desk) -> None:
    owner = desk.city.authority.id
    written = [
        await write_text(
            desk.unit,
            authority_id=owner,
            code="ask-identity",
            purpose=TextPurpose.ASK,
            title=Text(fr="Papier", en="Paper"),
            words=Text(fr=words, en="A paper is missing."),
            by=desk.agent,
            now=NOW,
        )
        for words in ("Un papier manque.", "Il manque un papier.")
    ]
    offered = {one.code: one for one in await standard_texts(desk.unit, owner, since=NOW)}
    assert offered["ask-identity"] == written[1]
    assert written[1].version == 2
    assert offered["reject-outside"].version == 0


async def test_of_two_who_approve_at_once_one_does_and_the_other_is_told(database_url: str, keyring: KeyRing) -> None:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    async with database.begin() as unit:
        desk = Desk(unit, city)
        request, terms = await desk.sent(NINA, TOM), await desk.terms()

    async def decide() -> str:
        try:
            async with database.begin() as unit:
                held = await hold(
                    unit, city.authority.id, request.reference, seen=request.version, by=desk.agent, now=NOW
                )
                await approve(unit, held.request, held.hand, terms=terms, known={})
        except RequestChanged as changed:
            return changed.detail
        return "approved"

    told = await asyncio.gather(decide(), decide())
    assert sorted(told, key=len) == ["approved", f"{request.reference} is at version 3 since: approved."]
    async with database.look() as unit:
        made = [await unit.people.holder(city.authority.id, f"{request.reference}-{place}") for place in (1, 2)]
    assert [one.first_name for one in made] == ["Nina", "Tom"]
    await database.close()
