"""Asking for a pass at the portal: question by question, what another device did, nobody else's request."""

import re
import shutil
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from adapters.geocoder import written
from adapters.keyring import KeyRing
from domain.addresses import FoundAddress
from domain.applications import Address, Application, Asker, Person
from domain.places import Commune
from domain.requests import Hand, withdraw
from domain.resident_requests import MOST_UNFINISHED, begin_own, hold_own, send_own
from tests.asking import LILAS, NEW, NINA, TOM, account_of, begun, leads_to, someone
from tests.console import said
from tests.hostile_files import photo
from tests.house_app import House, TestClock, open_house
from tests.http import desk
from tests.http.test_permissions import TABLE
from tests.portal import browser_of, follower

SHARED = pytest.mark.asyncio(loop_scope="module")


async def test_a_family_with_a_child_in_two_homes_asks_answers_a_question_and_is_told(house: House) -> None:
    """The whole of it on both engines, question by question, to the receipt and the decision."""
    mine = await begun(await someone(house))
    at = mine.path
    assert leads_to(await mine.tell("/who", {"who": "family"}), at) == "/persons/1?who=family"
    assert leads_to(await mine.tell("/persons/1?who=family", {"who": "family", **NINA}), at) == "/persons"
    assert leads_to(await mine.tell("/persons/2", TOM), at) == "/persons/2/homes"
    assert "Does Tom live in another home too?" in await mine.see("/persons/2/homes")
    assert leads_to(await mine.tell("/persons/2/homes", {"homes": "two"}), at) == "/persons"
    assert "Tom Berthelot, born 21 September 2016, lives in two homes" in await mine.see("/persons")
    assert leads_to(await mine.tell("/address", LILAS), at) == "/services"
    services = {"service_pool": "yes", "service_library": "yes"}
    assert leads_to(await mine.tell("/services", services), at) == "/papers"
    assert leads_to(await mine.upload("identity", photo(), field="photo"), at) == "/papers"
    assert "Your paper has arrived." in await mine.see("/papers")
    check = await mine.see("/check")
    for line in ("Nina Berthelot, born 2 March 1988", "12 rue des Lilas", "Pool", "Proof of address: not here yet"):
        assert line in check
    assert leads_to(await mine.tell("/check", {}, to="/send"), at) == ""
    status = await mine.see()
    for line in (
        "Your request is sent. Your receipt is below",
        "We have received your request. We expect to answer by 25 November 2026.",
        "Monday 18 January 2027",
        "Still missing Proof of address",
        mine.reference,
    ):
        assert line in status, line
    receipt = await mine.browser.get(f"{at}/receipt")
    assert (receipt.headers["content-type"], receipt.content[:5]) == ("application/pdf", b"%PDF-")

    shown = await desk.done(desk.read(house, f"/requests/{mine.reference}"))
    assert [one["twoHomes"] for one in shown["application"]["persons"]] == [False, True]
    asked = {"version": shown["line"]["version"], "words": "Et le domicile ?"}
    await desk.done(desk.post(house, f"/requests/{mine.reference}/question", asked))
    assert "What we ask of you Et le domicile ?" in await mine.see()
    refused = await mine.tell("/answer", {})
    assert (refused.status_code, "write a few words, or send a paper" in said(refused)) == (422, True)
    told = {"sworn_residence": "yes", "words": "Je viens d’emménager."}
    assert leads_to(await mine.tell("/answer", told), at) == ""
    status = await mine.see()
    assert "Still missing" not in status
    assert "Proof of address: sworn" in status
    assert "You answered, today at 14:06 Je viens d’emménager." in status

    shown = await desk.done(desk.read(house, f"/requests/{mine.reference}"))
    assert shown["history"][-1]["words"] == "Je viens d’emménager."
    await desk.done(desk.post(house, f"/requests/{mine.reference}/approval", {"version": shown["line"]["version"]}))
    assert "Your request is accepted." in await mine.see()
    assert (await mine.browser.get(f"{at}/letter")).content.startswith(b"%PDF-")


@SHARED
async def test_a_button_that_is_pressed_twice_begins_one_request(shared_house: House) -> None:
    browser = await someone(shared_house)
    assert "You have not asked for anything yet" in said(await browser.get("/moi/requests"))
    key = {"key": uuid4().hex}
    first, again = [await browser.post(NEW, key, drawn_at=NEW) for _ in range(2)]
    assert first.headers["location"] == again.headers["location"]
    assert (await browser.get("/moi/requests")).text.count("/moi/requests/D-") == 1
    assert leads_to(await browser.post(NEW, {"key": "<"}, drawn_at=NEW), "") == NEW


@SHARED
async def test_somebody_who_has_ten_unfinished_requests_is_told_to_finish_one(shared_house: House) -> None:
    browser = await someone(shared_house)
    for _ in range(MOST_UNFINISHED):
        await begun(browser)
    refused = await browser.post(NEW, {"key": uuid4().hex}, drawn_at=NEW)
    assert leads_to(refused, "") == "/moi/requests"
    assert "ten requests under way already" in said(await browser.get("/moi/requests"))


@SHARED
async def test_an_answer_that_does_not_fit_says_so_in_french_beside_its_field_and_keeps_what_was_typed(
    shared_house: House,
) -> None:
    mine = await begun(await someone(shared_house))
    await mine.browser.get("/moi?lang=fr")
    for page, fields, field, words in (
        ("/who", {}, "who", "choisissez une réponse"),
        ("/asker", {"asker": ""}, "asker", "à remplir"),
        ("/persons/1", {**NINA, "first": ""}, "first", "à remplir"),
        ("/persons/1", {**NINA, "born_day": "31", "born_month": "2"}, "born_day", "cette date n’existe pas"),
        ("/persons/1", {**NINA, "born_year": "88"}, "born_year", "ce nombre ne convient pas"),
        ("/persons/1", {**NINA, "born_day": "19", "born_month": "11", "born_year": "2026"}, "born_day", "pas encore"),
        ("/address", {**LILAS, "commune_code": "5935"}, "commune_code", "Insee"),
        ("/address", {**LILAS, "line": "x" * 161}, "line", "trop long"),
        ("/services", {}, "services", "cochez au moins un service"),
        ("/services", {"service_zoo": "yes"}, "services", "cochez au moins un service"),
    ):
        refused = await mine.tell(page, fields)
        assert refused.status_code == 422, page
        assert f'href="#field-{field}"' in refused.text, (page, field)
        assert f'id="field-{field}"' in refused.text, (page, field)
        assert words in said(refused).replace("\u00a0", " "), (page, words)
        assert 'id="wrong" autofocus' in refused.text
        assert refused.text.count("<title>À corriger") == 1
        if "last" in fields:
            assert 'value="Berthelot"' in refused.text, "what was typed is kept"
    assert "Question 1 sur 6" in (await mine.see("/who")).replace("\u00a0", " ")


@SHARED
async def test_another_device_was_faster_both_answers_are_shown_and_nothing_is_lost(shared_house: House) -> None:
    mine = await (await begun(await someone(shared_house))).answered()
    old = await mine.version("/persons/1")
    elsewhere = {**NINA, "first": "Ninon"}
    assert leads_to(await mine.tell("/persons/1", elsewhere), mine.path) == "/persons"

    slower = await mine.tell("/persons/1", {**NINA, "first": "Nine"}, version=old)

    assert slower.status_code == 409
    assert "Ninon Berthelot" in said(slower), "what the other device has saved"
    assert 'value="Nine"' in slower.text, "what was typed here"
    now = re.search(r'name="version" value="(\d+)"', slower.text)
    assert now is not None
    assert leads_to(await mine.tell("/persons/1", {**NINA, "first": "Nine"}, version=now[1]), mine.path) == "/persons"
    assert "Nine Berthelot" in await mine.see("/persons")


@SHARED
async def test_a_form_that_comes_twice_is_saved_once_and_goes_on(shared_house: House) -> None:
    mine = await begun(await someone(shared_house))
    old = await mine.version("/persons/1")
    for _ in range(2):
        assert leads_to(await mine.tell("/persons/1", NINA, version=old), mine.path) == "/persons"
    old = await mine.version("/persons/2")
    for _ in range(2):
        assert leads_to(await mine.tell("/persons/2", TOM, version=old), mine.path) == "/persons/2/homes"
    assert (await mine.see("/persons")).count("Tom Berthelot, born") == 3, (
        "his line, and who it is to change and remove"
    )


@SHARED
async def test_what_another_device_has_changed_is_read_before_it_is_sent(shared_house: House) -> None:
    mine = await (await begun(await someone(shared_house))).answered()
    old = await mine.version("/check")
    await mine.tell("/services", {"service_pool": "yes"})
    slower = await mine.tell("/check", {}, to="/send", version=old)
    assert slower.status_code == 409
    assert "this is what it says now" in said(slower)
    assert "Library" not in said(slower)
    assert leads_to(await mine.tell("/check", {}, to="/send"), mine.path) == ""


@SHARED
async def test_an_answer_is_changed_from_the_summary_and_leads_back_to_it(shared_house: House) -> None:
    mine = await (await begun(await someone(shared_house))).answered(NINA, TOM)
    check = (await mine.browser.get(f"{mine.path}/check")).text
    for page in ("persons", "asker", "address", "services"):
        assert f'href="{mine.path}/{page}?then=check"' in check
    changed = await mine.tell("/services?then=check", {"then": "check", "service_library": "yes"}, to="/services")
    assert leads_to(changed, mine.path) == "/check"
    assert "Pool" not in await mine.see("/check")
    gone = await mine.tell("/persons?then=check", {"then": "check"}, to="/persons/2/remove")
    assert leads_to(gone, mine.path) == "/persons?then=check"
    assert "Tom" not in await mine.see("/persons")
    assert "Nina Berthelot" in await mine.see("/check")


@SHARED
async def test_a_draft_that_is_not_whole_is_not_sent_and_names_what_lacks(shared_house: House) -> None:
    mine = await begun(await someone(shared_house))
    refused = await mine.tell("/check", {}, to="/send")
    assert refused.status_code == 422
    for part in ("asker", "persons", "address", "services"):
        assert f'href="#field-{part}"' in refused.text
        assert f'id="field-{part}"' in refused.text


@SHARED
async def test_a_draft_is_found_again_on_another_device_where_it_was_left(shared_house: House) -> None:
    mine = await begun(await someone(shared_house, "two-devices@example.org"))
    await mine.tell("/persons/1", {"who": "self", **NINA})
    other = await browser_of(shared_house, await account_of(shared_house, "two-devices@example.org"))
    await other.get("/moi?lang=en")

    home = await other.get("/moi")
    draft = await other.get(mine.path)

    assert f'href="{mine.path}"' in home.text
    assert "Your request is not sent yet. We keep it until 18 December 2026." in said(home)
    assert f'class="button main" href="{mine.path}/address"' in draft.text, "the first question without an answer"


@SHARED
async def test_somebody_asks_for_a_neighbour_and_is_the_one_who_is_written_to(shared_house: House) -> None:
    mine = await begun(await someone(shared_house))
    assert leads_to(await mine.tell("/who", {"who": "other"}), mine.path) == "/asker"
    assert leads_to(await mine.tell("/asker", {"asker": "Paul Durand"}), mine.path) == "/persons/1?who=other"
    await mine.answered(who="other")
    check = await mine.see("/check")
    assert "Paul Durand" in check
    assert "Nina Berthelot" in check


@SHARED
async def test_whoever_the_city_knows_finds_their_name_filled_in(shared_house: House) -> None:
    zoe = await shared_house.resident("R-asks")
    mine = await begun(await follower(shared_house, zoe.holder, "known@example.org"))
    page = (await mine.browser.get(f"{mine.path}/persons/1?who=self")).text
    assert f'value="{zoe.holder.first_name}"' in page
    assert f'value="{zoe.holder.last_name}"' in page
    assert str(zoe.holder.born_on.year) not in page, "a birth date never leaves the core"
    assert f'value="{zoe.holder.last_name}"' not in (await mine.browser.get(f"{mine.path}/persons/1?who=other")).text


@SHARED
@SHARED
@SHARED
@SHARED
@SHARED
async def test_a_draft_is_deleted_and_a_sent_request_taken_back_after_a_question(shared_house: House) -> None:
    browser = await someone(shared_house)
    draft, kept = await begun(browser), await (await begun(browser)).sent()
    assert "Delete this request?" in await draft.see("/withdraw")
    assert leads_to(await draft.tell("/withdraw", {}), "") == "/moi/requests"
    assert draft.reference not in (listed := await browser.get("/moi/requests")).text
    assert kept.reference in listed.text

    old = await kept.version("/withdraw")
    await kept.upload("identity", photo())
    assert leads_to(await kept.tell("/withdraw", {}, version=old), kept.path) == ""
    assert "Your request has changed in the meantime." in await kept.see()
    assert leads_to(await kept.tell("/withdraw", {}), kept.path) == ""
    assert "You took your request back." in await kept.see()
    assert leads_to(await browser.get(f"{kept.path}/withdraw"), kept.path) == ""
    assert leads_to(await browser.get(f"{kept.path}/papers"), kept.path) == ""
    assert kept.reference not in (await browser.get("/moi")).text, "the first page has what is open"


@SHARED
async def test_many_requests_are_listed_page_by_page(shared_house: House) -> None:
    browser = await someone(shared_house, "many@example.org")
    account, now = await account_of(shared_house, "many@example.org"), shared_house.clock()
    nina = Person("Nina", "Berthelot", date(1988, 3, 2))
    application = Application(Asker("Nina"), Address("1 place", "59000", "Lille", "59350"), (nina,), ("pool",))
    async with shared_house.database.begin() as unit:
        for _ in range(21):
            draft = await begin_own(unit, account, application, now=now)
            sent = await send_own(unit, await hold_own(unit, account, draft.reference, seen=1, now=now))
            await withdraw(unit, sent, Hand(sent.version, None, now), today=now.date())
    first = await browser.get("/moi/requests")
    (further,) = re.findall(r'rel="next" href="([^"]+)"', first.text)
    last = await browser.get(further.replace("&amp;", "&"))
    counts = [len(set(re.findall(r"/moi/requests/D-\w+", page.text))) for page in (first, last)]
    assert counts == [20, 1]


@SHARED
async def test_an_address_is_found_in_the_directory_or_its_commune_chosen_by_name(
    migrated_file: Path, tmp_path: Path
) -> None:
    outside = FoundAddress("3 rue de la Gare", "62000", "Arras", "62041")
    inside = FoundAddress("12 rue des Lilas", "59000", "Lille", "59350")
    (tmp_path / "addresses.json").write_bytes(written([inside, outside]))
    shutil.copyfile(migrated_file, tmp_path / "city.sqlite3")
    async with open_house(
        f"sqlite:///{tmp_path}/city.sqlite3",
        KeyRing(tmp_path / "keys"),
        TestClock(),
        tmp_path / "keys",
        addresses_file=str(tmp_path / "addresses.json"),
    ) as house:
        async with house.database.begin() as unit:
            await unit.places.add_commune(Commune(unit.ids.row(), house.city.authority.id, "59350", "Lille", 1))
        mine = await begun(await someone(house))
        found = await mine.browser.get(f"{mine.path}/address?text=rue")
        assert "12 rue des Lilas 59000 Lille" in said(found)
        assert "62000 Arras, outside our area" in said(found)
        assert "No address looks like that." in await mine.see("/address?text=boulevard")
        for fields in ({}, {"choice": "{}"}, {"choice": '{"line":"x"}'}):
            refused = await mine.tell("/address", fields)
            assert (refused.status_code, "choose an answer" in said(refused)) == (422, True)
        choice = '{"line":"3 rue de la Gare","postcode":"62000","city":"Arras","communeCode":"62041"}'
        assert choice in found.text.replace("&#34;", '"')
        assert leads_to(await mine.tell("/address", {"choice": choice}), mine.path) == "/services"
        assert "You have given: 3 rue de la Gare, 62000 Arras" in await mine.see("/address")

        by_hand = (await mine.browser.get(f"{mine.path}/address?by=hand")).text
        assert '<option value="other" selected>' in by_hand, "Arras is none of ours"
        typed = {"by": "hand", "line": "1 place", "postcode": "59800", "commune": "59350"}
        assert leads_to(await mine.tell("/address?by=hand", typed, to="/address"), mine.path) == "/services"
        assert "1 place, 59800 Lille" in await mine.see("/address")
        (tmp_path / "addresses.json").unlink()


@SHARED
async def test_what_is_somebody_elses_does_not_exist(shared_house: House) -> None:
    """S2: every page of a request answers 404 to whom it does not belong, and does nothing."""
    mine = await (await begun(await someone(shared_house))).answered()
    await mine.upload("identity", photo())
    sent = await (await begun(mine.browser)).sent()
    shown = await desk.done(desk.read(shared_house, f"/requests/{mine.reference}"))
    other = await someone(shared_house)
    token = await other.form_token("/moi")
    asked = 0
    for theirs in (mine, sent):
        places = {
            "request_reference": theirs.reference,
            "document_id": shown["documents"][0]["id"] if theirs is mine else str(UUID(int=0)),
            "place": "1",
            "proof": "identity",
        }
        for method, path in TABLE:
            if path.startswith("/moi/") and "{request_reference}" in path:
                address = path.format(**places)
                fields = {"version": "1", "who": "self", "homes": "two", "sworn": "yes", **NINA, **LILAS}
                answer = await other.get(address) if method == "GET" else await other.post(address, fields, token=token)
                assert answer.status_code == 404, (method, path)
                asked += 1
    assert asked == 2 * 31
    again = await desk.done(desk.read(shared_house, f"/requests/{mine.reference}"))
    assert again["line"]["version"] == shown["line"]["version"]
    assert (await other.get("/moi/requests")).text.count("/moi/requests/D-") == 0
