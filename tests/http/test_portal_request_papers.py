"""The papers of a request at the portal: sent, sworn instead, refused in words, and following later."""

import re
from functools import partial

import pytest

from api.request_documents import INERT
from domain.documents import MOST_DOCUMENTS, DocumentKind, DocumentState, Safe, add_document
from domain.request_terms import ServiceTerms, set_terms, usual_terms
from domain.requests import Hand
from domain.resident_requests import hold_own
from tests.asking import Asking, account_of, begun, files_of, leads_to, someone
from tests.city import NOW
from tests.console import said
from tests.hostile_files import letter, photo, with_script
from tests.house_app import House
from tests.http import desk

SHARED = pytest.mark.asyncio(loop_scope="module")


async def test_files_that_are_not_taken_are_refused_in_words_and_one_sent_twice_is_one(shared_house: House) -> None:
    """Files of strangers (`reliability.md` 3.2, no. 15)."""
    mine = await (await begun(await someone(shared_house))).answered()
    before = len(files_of(shared_house))
    for proof, content, fields, words in (
        ("identity", with_script(), {}, "Send a photo of the document instead."),
        ("identity", bytes(10 * 2**20 + 1), {}, "This file is larger than 10 MB."),
        ("residence", photo(), {}, "choose an answer"),
        ("residence", photo(), {"kind": "identity"}, "choose an answer"),
    ):
        refused = await mine.upload(proof, content, **fields)
        assert (refused.status_code, words in said(refused)) == (422, True), words
    page = f"{mine.path}/papers/identity"
    nothing = await mine.browser.post(page, {}, drawn_at=page)
    assert (nothing.status_code, "take a photo or choose a file" in said(nothing)) == (422, True)
    assert len(files_of(shared_house)) == before

    for _ in range(2):
        assert leads_to(await mine.upload("identity", photo()), mine.path) == "/papers"
    assert leads_to(await mine.upload("residence", letter(), kind="host"), mine.path) == "/papers"
    assert len(files_of(shared_house)) == before + 2
    papers = await mine.browser.get(f"{mine.path}/papers")
    links = re.findall(rf'href="({mine.path}/documents/[0-9a-f-]+)"', papers.text)
    assert len(links) == 2
    picture, pdf = [await mine.browser.get(one) for one in links]
    assert picture.headers["content-type"] == "image/jpeg"
    assert pdf.headers["content-disposition"].startswith("attachment;")
    for name, value in INERT.items():
        assert picture.headers[name] == pdf.headers[name] == value
    assert "Question 5 of 6" in said(papers)


async def test_a_request_with_twenty_papers_takes_no_more_and_keeps_no_file_of_it(shared_house: House) -> None:
    mine = await (await begun(await someone(shared_house, "twenty@example.org"))).answered()
    account, now = await account_of(shared_house, "twenty@example.org"), shared_house.clock()
    async with shared_house.database.begin() as unit:
        for number in range(MOST_DOCUMENTS):
            held = await hold_own(unit, account, mine.reference, seen=0, now=now)
            hand = Hand(held.request.version, None, now)
            safe = Safe(unit.ids.row(), DocumentState.KEPT, "image/jpeg", 1, 1, bytes([number] * 32), b"wrapped")
            await add_document(unit, held.request, hand, safe, kind=DocumentKind.IDENTITY)
    before = len(files_of(shared_house))
    refused = await mine.upload("identity", photo((32, 48)))
    assert (refused.status_code, "twenty papers already" in said(refused)) == (422, True)
    assert len(files_of(shared_house)) == before


async def test_a_paper_sent_by_mistake_is_taken_back_after_a_question(shared_house: House) -> None:
    """From the list of papers and from the page of the request; then it may be sent again, even the very same file."""
    mine = await (await begun(await someone(shared_house))).answered()
    await mine.upload("identity", photo())
    (link,) = await removals(mine, "/papers")
    asked = await mine.browser.get(link)
    assert "Take this paper back: Identity document?" in said(asked)
    assert (await mine.browser.get(link)).status_code == 200, "asking takes nothing away"
    before = len(files_of(shared_house))
    for _ in range(2):
        token = await mine.browser.form_token("/moi")
        answer = await mine.browser.post(link, {}, token=token)
        assert leads_to(answer, mine.path) == "/papers"
    assert len(files_of(shared_house)) == before - 1
    papers = await mine.see("/papers")
    assert "Done: the paper is taken back, and its file erased." in papers
    assert ("Not here yet." in papers, await removals(mine, "/papers")) == (True, [])
    assert (await mine.browser.get(link)).status_code == 404, "there is nothing to ask about"

    await mine.upload("identity", photo())
    assert leads_to(await mine.tell("/check", {}, to="/send"), mine.path) == ""
    (link,) = await removals(mine, "")
    assert leads_to(await mine.browser.post(link, {}, drawn_at=link), mine.path) == "/papers"
    assert "You took a paper back" in await mine.see()


async def test_a_paper_that_an_agent_has_looked_at_is_not_taken_back(shared_house: House) -> None:
    mine = await (await begun(await someone(shared_house))).sent()
    await mine.upload("identity", photo())
    (link,) = await removals(mine, "")
    at = f"/requests/{mine.reference}"
    shown = await desk.done(desk.read(shared_house, at))
    check = {"version": shown["line"]["version"], "result": "accepted"}
    await desk.done(desk.post(shared_house, f"{at}/documents/{shown['documents'][0]['id']}/check", check))
    assert await removals(mine, "") == []
    token = await mine.browser.form_token("/moi")
    for ask in (mine.browser.get, partial(mine.browser.post, fields={}, token=token)):
        assert leads_to(await ask(link), mine.path) == ""
        assert "This paper cannot be taken back any more" in await mine.see()
    assert len((await desk.done(desk.read(shared_house, at)))["documents"]) == 1


async def removals(mine: Asking, page: str) -> list[str]:
    """The links of a page by which papers are taken back."""
    shown = await mine.browser.get(f"{mine.path}{page}")
    return re.findall(rf'href="({mine.path}/documents/[^"]+/removal)"', shown.text)


async def test_a_question_whose_paper_was_taken_back_is_not_answered_yet(shared_house: House) -> None:
    mine = await (await begun(await someone(shared_house))).sent()
    shown = await desk.done(desk.read(shared_house, f"/requests/{mine.reference}"))
    question = {"version": shown["line"]["version"], "words": "Votre pièce, s'il vous plaît."}
    await desk.done(desk.post(shared_house, f"/requests/{mine.reference}/question", question))
    await mine.upload("identity", photo())
    assert "Your paper has arrived" in await mine.see("/answer")
    (link,) = await removals(mine, "/papers")
    await mine.browser.post(link, {}, drawn_at=link)
    refused = await mine.tell("/answer", {"words": ""})
    assert (refused.status_code, "write a few words, or send a paper" in said(refused)) == (422, True)


async def test_somebody_swears_instead_of_sending_a_paper_and_takes_it_back(shared_house: House) -> None:
    mine = await (await begun(await someone(shared_house))).answered()
    page = f"{mine.path}/papers/residence"
    for sworn, words in (("yes", "Your sworn statement is noted."), ("", "Your statement is taken back")):
        answer = await mine.browser.post(f"{page}/sworn", {"sworn": sworn}, drawn_at=page)
        assert leads_to(answer, mine.path) == "/papers"
        assert words in await mine.see("/papers")
        assert f"Proof of address: {'sworn' if sworn else 'not here yet'}" in await mine.see("/check")
    identity = f"{mine.path}/papers/identity"
    assert (await mine.browser.post(f"{identity}/sworn", {"sworn": "yes"}, drawn_at=identity)).status_code == 404
    assert (await mine.browser.get(f"{mine.path}/papers/vehicle")).status_code == 404, "nobody asks for it"


async def test_a_missing_paper_follows_a_request_that_was_sent(shared_house: House) -> None:
    mine = await (await begun(await someone(shared_house))).sent()
    assert leads_to(await mine.upload("identity", photo()), mine.path) == "/papers"
    status = await mine.see()
    assert "Still missing Proof of address" in status
    assert "Paper received" in status
    await mine.browser.get(f"{mine.path}/papers/residence")
    for page in ("/who", "/persons/1", "/address", "/services", "/check", "/answer"):
        answer = await mine.browser.get(f"{mine.path}{page}")
        assert leads_to(answer, mine.path) == "", page
        assert "This request is past that. This is how it stands." in await mine.see()


async def test_a_service_that_asks_for_no_paper_leads_to_the_summary_at_once(shared_house: House) -> None:
    mine = await begun(await someone(shared_house))
    authority = shared_house.city.authority.id
    terms = usual_terms()
    async with shared_house.database.begin() as unit:
        free = type(terms)(terms.office, terms.proofs, (ServiceTerms("pool"),), terms.appeal)
        await set_terms(unit, free, authority_id=authority, by=None, now=NOW)
    try:
        assert "Library" not in await mine.see("/services")
        assert leads_to(await mine.tell("/services", {"service_pool": "yes"}), mine.path) == "/check"
        assert "These services ask for no papers." in await mine.see("/papers")
    finally:
        async with shared_house.database.begin() as unit:
            await set_terms(unit, terms, authority_id=authority, by=None, now=NOW)
