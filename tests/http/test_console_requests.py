"""Requests at the console, as HTTP tells it: conflicts lose nothing, acts are on record, others' stay unseen."""

import html
import re

import httpx

from domain.acts import Act
from domain.agents import Role
from domain.journal import Wanted
from tests.city import TODAY
from tests.console import Console, enter, said
from tests.hostile_files import letter, photo
from tests.house_app import House
from tests.http.test_requests import entered, send

Q = "/console/requests"
LETTER = {
    "channel": "paper",
    "received_on": "16/11/2026",
    "language": "fr",
    "asker": "Nina <b>Berthelot</b>",
    "line": "12 rue des Lilas",
    "postcode": "59000",
    "city": "Lille",
    "commune": "59350",
    "first_0": "Nina",
    "last_0": "Berthelot",
    "born_0": "02/03/1988",
    "service_pool": "yes",
}


def said_in(page: httpx.Response, region: str) -> str:
    """Return what a table of a page says, named by its heading."""
    part = page.text.partition(f'aria-labelledby="{region}"')[2].partition("</table>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", part)).split())


async def acts(house: House) -> list[Act]:
    async with house.database.look() as unit:
        return [one.entry.act for one in await unit.journal.search(house.city.authority.id, Wanted(), 50)]


async def test_who_was_slower_reads_what_happened_and_keeps_every_word(house: House) -> None:
    line = await entered(house)
    at = f"{Q}/{line['reference']}"
    console = await enter(house, Role.DESK)
    taken = await console.post(f"{at}/take", {"version": "2"})
    assert taken.headers["location"] == at

    late = await console.post(f"{at}/reject?service=pool", {"version": "2", "words": "Trois jours de <travail>."})
    assert late.status_code == 409
    assert "Trois jours de &lt;travail&gt;." in late.text
    assert "This request has changed meanwhile" in said(late)
    assert "Taken, Desk" in said(late)
    assert 'name="version" value="3"' in late.text
    journal = await acts(house)
    assert journal[:3] == [Act.REQUEST_SHOWN, Act.REQUEST_TAKEN, Act.REQUEST_ENTERED]

    empty = await console.post(f"{at}/reject", {"version": "3", "words": " "})
    assert empty.status_code == 422
    done = await console.post(f"{at}/reject?service=pool", {"version": "3", "words": "Hors du territoire."})
    assert done.headers["location"] == f"{Q}?service=pool"  # nothing is left in this queue
    assert (await acts(house))[0] is Act.REQUEST_REJECTED


async def test_a_picture_stands_in_the_page_and_a_pdf_is_only_taken_away(house: House) -> None:
    line = await entered(house)
    ids = []
    for data in (photo(), letter()):
        ids.append((await send(house, line, data)).json()["id"])
        line["version"] += 1
    console = await enter(house, Role.DESK)
    shown = [await console.get(f"{Q}/{line['reference']}/documents/{document_id}") for document_id in ids]
    places = [answer.headers["content-disposition"].partition(";")[0] for answer in shown]
    assert places == ["inline", "attachment"]
    assert all(answer.headers["content-security-policy"] == "default-src 'none'; sandbox" for answer in shown)
    assert (await acts(house))[:2] == [Act.DOCUMENT_OPENED, Act.DOCUMENT_OPENED]
    pages = f"{Q}/{line['reference']}/documents/{ids[1]}/pages"
    drawn = await console.get(f"{pages}/1")
    assert drawn.headers["content-type"] == "image/jpeg"
    assert drawn.content.startswith(b"\xff\xd8")
    assert (await console.get(f"{pages}/2")).status_code == 404

    neighbour = Console(house.client)
    await neighbour.log_in(house.city.neighbour_agents[Role.DESK].login)
    for path in (f"{Q}/{line['reference']}", f"{Q}/{line['reference']}/documents/{ids[0]}"):
        assert (await neighbour.get(path)).status_code == 404


async def test_a_letter_is_kept_as_it_was_typed_until_it_is_right(house: House) -> None:
    console = await enter(house, Role.DESK)
    room = await console.post(f"{Q}/new", {**LETTER, "more": "yes"}, drawn_at=f"{Q}/new")
    assert 'name="first_4"' in room.text
    wrong = await console.post(f"{Q}/new", {**LETTER, "born_0": "02/13/1988"}, drawn_at=f"{Q}/new")
    assert wrong.status_code == 422
    assert 'value="Nina &lt;b&gt;Berthelot&lt;/b&gt;"' in wrong.text
    assert Act.REQUEST_ENTERED not in await acts(house)

    right = await console.post(f"{Q}/new", LETTER, drawn_at=f"{Q}/new")
    page = await console.get(right.headers["location"])
    assert "Nina <b>Berthelot</b>" in said(page)
    assert "<b>Berthelot" not in page.text
    receipt = await console.get(f"{right.headers['location']}/receipt")
    assert receipt.content.startswith(b"%PDF-")
    assert (await acts(house))[:3] == [Act.REQUEST_PRINTED, Act.REQUEST_SHOWN, Act.REQUEST_ENTERED]


async def test_a_desk_that_accepts_hands_over_and_a_letter_leads_to_the_next(house: House) -> None:
    console = await enter(house, Role.DESK)
    places = {}
    for channel in ("paper", "desk"):
        said_today = {**LETTER, "channel": channel, "received_on": f"{TODAY:%d/%m/%Y}", "last_0": channel}
        at = (await console.post(f"{Q}/new", said_today, drawn_at=f"{Q}/new")).headers["location"]
        accepted = await console.post(f"{at}/approve", {"version": "2"}, drawn_at=f"{at}?act=approve")
        places[channel] = (at, accepted.headers["location"])

    assert places["paper"][1] == Q  # nothing is left in this queue
    at, then = places["desk"]
    assert then == at
    page = await console.get(at)
    assert f'href="{at}/letter"' in page.text
    assert 'href="/console/people/' in page.text


async def test_a_misread_name_is_corrected_and_the_history_says_what_changed(house: House) -> None:
    line = await entered(house)
    at = f"{Q}/{line['reference']}"
    console = await enter(house, Role.DESK)
    form = await console.get(f"{at}/correction")
    assert 'value="02/03/1988"' in form.text
    fields = {**LETTER, "last_0": "Bertholet", "version": "2"}
    done = await console.post(f"{at}/correction", fields, drawn_at=f"{at}/correction")
    assert done.headers["location"] == at
    page = await console.get(at)
    assert "Nina Bertholet" in said(page)

    late = await console.post(f"{at}/correction", {**fields, "last_0": "Barthelot"}, drawn_at=f"{at}/correction")
    assert late.status_code == 409
    assert 'value="Barthelot"' in late.text
    assert 'name="version" value="3"' in late.text
    async with house.database.look() as unit:
        kept = await unit.requests.by_reference(house.city.authority.id, line["reference"])
        history = await unit.requests.entries(kept.id, after=2)
    assert [one.fields for one in history] == [("asker", "persons", "services")]
    assert (await acts(house))[0] is Act.REQUEST_SHOWN


async def test_what_looks_alike_stands_side_by_side_with_the_way_there(house: House) -> None:
    """The person of the register with their household, the other request with what it says."""
    zoe = await house.resident("R-ZOE")
    person = {"firstName": "Zoe", "lastName": "Lefevre", "bornOn": "1980-05-17"}
    first, second = await entered(house, persons=[person]), await entered(house, persons=[person])
    reviewer = await enter(house, Role.REVIEWER)

    page = await reviewer.get(f"{Q}/{second['reference']}")

    alike = said_in(page, "h-alike")
    assert f"in the register: R-ZOE household {zoe.household.reference}" in alike
    assert "Same person, another request · Same address" in alike, "one row for each other side"
    assert alike.count(first["reference"]) == 1
    assert '<a href="/console/people/R-ZOE">' in page.text
    assert f'href="{Q}/{first["reference"]}">' in page.text


async def test_who_was_asked_for_more_has_until_a_day_and_what_came_since_is_marked(house: House) -> None:
    line = await entered(house)
    await send(house, line, photo())
    at = f"{Q}/{line['reference']}"
    desk = await enter(house, Role.DESK)
    house.clock.turn(seconds=60)
    assert (await desk.post(f"{at}/ask", {"version": "3", "words": "Une facture, s’il vous plaît."})).status_code == 303
    page = said(await desk.get(at))
    assert "Asked for more on Wednesday 18 November 2026. Without an answer by Sunday 17 January 2027" in page
    assert "came since the question" not in page

    house.clock.turn(seconds=60)
    line["version"] = 4
    await send(house, line, letter(), proof="residence")

    page = said(await desk.get(at))
    assert page.count("came since the question") == 1
    assert "Proof of address today at 14:07, came since the question" in page


async def test_a_request_is_withdrawn_for_good_once_it_is_said_what_that_means(house: House) -> None:
    line = await entered(house)
    at = f"{Q}/{line['reference']}"
    desk = await enter(house, Role.DESK)
    assert f'action="{at}/withdraw"' not in (await desk.get(at)).text
    asked = await desk.get(f"{at}?act=withdraw")
    assert "The request closes for good" in said(asked)
    assert f'action="{at}/withdraw"' in asked.text
    reviewer = await enter(house, Role.REVIEWER)
    assert "The request closes for good" not in said(await reviewer.get(f"{at}?act=withdraw"))

    done = await desk.post(f"{at}/withdraw", {"version": "2"})

    assert done.headers["location"] == at
    assert "The request closes for good" not in said(await desk.get(f"{at}?act=withdraw")), "it is over"


async def test_a_manager_writes_the_texts_that_reviewers_are_offered(house: House) -> None:
    manager = await enter(house, Role.MANAGER)
    at = "/console/request-texts"
    text = {"purpose": "ask", "title_fr": "Photo", "title_en": "Photo", "words_fr": "Il manque une <photo>."}
    wrong = await manager.post(f"{at}/new", {**text, "code": "Photo !"}, drawn_at=f"{at}/new")
    assert wrong.status_code == 422
    assert "Il manque une &lt;photo&gt;." in wrong.text
    written = await manager.post(f"{at}/new", {**text, "code": "ask-photo", "words_en": "A photo."})
    assert written.headers["location"] == at
    assert "Photo A photo." in said(await manager.get(at))

    line = await entered(house)
    desk = await enter(house, Role.DESK)
    offered = await desk.get(f"{Q}/{line['reference']}?act=ask&text=ask-photo")
    assert "Il manque une &lt;photo&gt;.</textarea>" in offered.text  # the household reads French
    await manager.post(f"{at}/ask-photo", {"retire": "yes"})
    assert "ask-photo" not in (await desk.get(f"{Q}/{line['reference']}?act=ask")).text
    assert (await manager.get(f"{at}/ask-photo")).status_code == 404
