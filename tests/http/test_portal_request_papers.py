"""The papers of a request at the portal: sent, sworn instead, refused in words, and following later."""

import re

import pytest

from api.request_documents import INERT
from domain.documents import MOST_DOCUMENTS, DocumentKind, DocumentState, Safe, add_document
from domain.request_terms import ServiceTerms, set_terms, usual_terms
from domain.requests import Hand
from domain.resident_requests import hold_own
from tests.asking import account_of, begun, files_of, leads_to, someone
from tests.city import NOW
from tests.console import said
from tests.hostile_files import letter, photo, with_script
from tests.house_app import House

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
    links = re.findall(rf'href="({mine.path}/documents/[^"]+)"', papers.text)
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
