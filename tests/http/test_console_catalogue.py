"""The catalogue at the console: read in plain words, changed as modifications, activated, withdrawn and undone."""

import pytest

from domain.agents import Grant, Role
from domain.staff import take_on
from tests.city import NOW
from tests.console import Console, enter, said
from tests.house_app import House

SHARED = pytest.mark.asyncio(loop_scope="module")
PATH = "/console/catalogue"
QUOTA = {"position": "0", "amount": "25", "into": "new", "reason": "Conseil du 16 novembre"}


async def drafted(console: Console, address: str, fields: dict[str, str]) -> str:
    """Write a form into a new modification and return its page."""
    answer = await console.post(f"{PATH}/{address}", {"into": "new", "reason": "Conseil", **fields})
    assert answer.status_code == 303, said(answer)
    return str(answer.headers["location"])


@SHARED
async def test_the_catalogue_says_what_is_offered_and_where_in_plain_words(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    page = await console.get(PATH)
    overview = said(page)
    assert f'href="{PATH}/places/waste"' in page.text, "the neighbour's sites have the same codes"
    assert "Waste centre" in overview
    assert "24 visits a calendar year" in overview
    shown = said(await console.get(f"{PATH}/products/waste-24"))
    assert "once less than 3 is left" in shown
    assert "on 25 December 2026: Christmas Day" in said(await console.get(f"{PATH}/places/library"))
    french = await console.get(f"{PATH}/places/library?lang=fr")
    assert "mar. à sam. 10:00–18:00" in said(french)
    await console.get(f"{PATH}?lang=en")


@SHARED
async def test_a_quota_is_drafted_scheduled_seen_and_withdrawn(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    place = await drafted(console, "products/waste-24/quota", QUOTA)
    page = said(await console.get(place))
    assert "24 visits a calendar year 25 visits a calendar year" in page
    assert "Holders of this right today" in page
    assert "24 visits" in said(await console.get(f"{PATH}/products/waste-24")), "a draft is nothing yet"
    for wrong in (
        {"day": "2020-01-01", "time": "06:00"},
        {"day": "2026-11-23", "time": "late"},
        {"day": "", "time": ""},
    ):
        assert (await console.post(f"{place}/activate", wrong)).status_code == 422
    assert (await console.post(f"{place}/activate", {"day": "23/11/2026", "time": "06:00"})).status_code == 303
    page = said(await console.get(place))
    assert "scheduled" in page
    assert "Monday 23 November 2026, 6:00" in page
    assert (await console.post(f"{place}/withdraw")).status_code == 303
    assert (await console.post(f"{place}/withdraw")).status_code == 409
    assert "withdrawn" in said(await console.get(f"{PATH}/modifications"))


@SHARED
async def test_a_closure_is_in_force_at_once_and_undone_by_another_modification(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    days = {"first_day": "2026-12-01", "last_day": "2026-12-02"}
    wrong = {**days, "last_day": "2026-11-30", "why_fr": "Fuite", "why_en": "Leak", "into": "new", "reason": "Fuite"}
    answer = await console.post(f"{PATH}/places/free/closure", wrong)
    assert answer.status_code == 422
    assert "The last day is before the first" in said(answer)
    assert 'value="Fuite"' in answer.text, "what was typed stays"
    place = await drafted(console, "places/free/closure", {**days, "why_fr": "Fuite", "why_en": "Leak"})
    assert "2 days change" in said(await console.get(place))
    assert (await console.post(f"{place}/activate", {"when": "now"})).status_code == 303
    assert "from 1 December 2026 to 2 December 2026: Leak" in said(await console.get(f"{PATH}/places/free"))
    assert f'href="{place}"' in (await console.get(f"{PATH}/places/free")).text, "a version names its modification"
    assert (await console.post(f"{place}/undo", {"reason": ""})).status_code == 422
    back = await console.post(f"{place}/undo", {"reason": "Réparé"})
    assert (await console.post(f"{back.headers['location']}/activate", {"when": "now"})).status_code == 303
    assert "Leak" not in said(await console.get(f"{PATH}/places/free"))


@SHARED
async def test_several_steps_go_into_one_modification(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    place = await drafted(console, "products/bus-year/texts", {"name_fr": "Bus à l’année", "name_en": "A year of bus"})
    number = place.rsplit("/", 1)[1]
    hours = {f"day_{day}": "10:00-18:00" for day in range(1, 6)} | {"day_2": "9h-12h, 14:00-18:30"}
    fields = {"since": "2027-01-01", "last": "2027-06-30", "into": number, **hours}
    assert (await console.post(f"{PATH}/places/library/hours", fields)).headers["location"] == place
    room = {"zone": "pool", "capacity": "12", "supplement": "2,50", "passback": "hard", "into": number}
    assert (await console.post(f"{PATH}/places/pool/room", room)).headers["location"] == place
    page = said(await console.get(place))
    for words in ("A year of bus", "Wed 09:00–12:00, 14:00–18:30", "€2.50", "Over a year 26 days change"):
        assert words in page
    assert (await console.post(f"{place}/leave-out", {"kind": "site", "code": "pool"})).status_code == 303
    page = said(await console.get(place))
    assert ("€2.50" in page, "A year of bus" in page) == (False, True)


@SHARED
async def test_a_zone_and_a_gate_get_another_name_and_what_others_changed_stays(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    board = await enter(shared_house, Role.SITE_AGENT)
    form = await console.get(f"{PATH}/places/waste/names?of=gate:waste-1")
    assert 'name="of" value="gate:waste-1"' in form.text
    place = await drafted(
        console, "places/waste/names", {"of": "gate:waste-1", "name_fr": "Quai nord", "name_en": "North quay"}
    )
    number = place.rsplit("/", 1)[1]
    zone = {"of": "zone:waste", "name_fr": "Les quais", "name_en": "The quays", "into": number}
    assert (await console.post(f"{PATH}/places/waste/names", zone)).headers["location"] == place
    room = {"zone": "waste", "capacity": "41", "passback": "timed", "passback_minutes": "10", "into": number}
    assert (await console.post(f"{PATH}/places/waste/room", room)).headers["location"] == place
    assert "North quay" not in said(await console.get(f"{PATH}/places/waste")), "it is a draft"
    page = said(await console.get(place))
    assert ("North quay" in page, "The quays" in page) == (True, True)
    assert (await console.post(f"{place}/activate", {"when": "now"})).status_code == 303
    page = said(await console.get(f"{PATH}/places/waste"))
    for words in ("North quay", "The quays", "41"):
        assert words in page, words
    shared_house.clock.turn(seconds=20)  # boards are drawn anew after fifteen
    assert "North quay" in said(await board.get("/console/sites/waste"))
    back = {"of": "zone:waste", "name_fr": "", "name_en": ""}
    place = await drafted(console, "places/waste/names", back)
    assert (await console.post(f"{place}/activate", {"when": "now"})).status_code == 303
    assert "The quays" not in said(await console.get(f"{PATH}/places/waste"))


@SHARED
async def test_a_gate_has_a_name_in_both_languages_and_stays_a_gate_of_its_site(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    half = {"of": "gate:waste-1", "name_fr": "Quai", "name_en": "", "into": "new", "reason": "x"}
    assert (await console.post(f"{PATH}/places/waste/names", half)).status_code == 422
    other = {"of": "gate:pool-1", "name_fr": "a", "name_en": "b", "into": "new", "reason": "x"}
    assert (await console.post(f"{PATH}/places/waste/names", other)).status_code == 422, "it is another site's"
    nobodys = {**other, "of": "whatever"}
    assert (await console.post(f"{PATH}/places/waste/names", nobodys)).status_code == 422


@SHARED
async def test_the_whole_text_is_checked_as_a_file_would_be(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    form = await console.get(f"{PATH}/products/reader/whole")
    assert "[[products]]" in said(form)
    text = '[[products]]\ncode = "reader"\nservice = "library"\nsubject = "person"\nname = { fr = "L", en = "R" }\n'
    sent = {"into": "new", "reason": "Essai"}
    for wrong, told in (
        (text + "limit = 3\n", "limit"),
        (text.replace("reader", "other"), "take another code"),
        (text.replace('"library"', '"pool"'), "take another code"),
    ):
        answer = await console.post(f"{PATH}/products/reader/whole", {**sent, "text": wrong})
        assert answer.status_code == 422
        assert told in said(answer)
    assert (await console.post(f"{PATH}/products/reader/whole", {**sent, "text": text})).status_code == 303


@SHARED
async def test_what_changed_under_a_draft_is_shown_and_taken_up(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    second = await drafted(console, "products/pool-year/texts", {"name_fr": "Un an", "name_en": "One year"})
    first = await drafted(console, "products/pool-year/texts", {"name_fr": "Année", "name_en": "Year of swimming"})
    assert (await console.post(f"{first}/activate", {"when": "now"})).status_code == 303
    page = said(await console.get(second))
    assert "Somebody else has changed this meanwhile" in page
    assert "Year of swimming" in page
    assert (await console.post(f"{second}/activate", {"when": "now"})).status_code == 422
    assert (await console.post(f"{second}/take-up")).status_code == 303
    assert (await console.post(f"{second}/activate", {"when": "now"})).status_code == 303
    assert "One year" in said(await console.get(f"{PATH}/products/pool-year"))


@SHARED
async def test_what_is_not_there_is_not_found(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    for path in ("products/none", "places/none", "products/reader/none", "modifications/9999", "places/pool/price"):
        assert (await console.get(f"{PATH}/{path}")).status_code == 404


@SHARED
async def test_a_manager_of_one_site_changes_that_site_and_nothing_else(shared_house: House) -> None:
    placed = await manager_at(shared_house, Grant(Role.MANAGER, site="waste"))
    assert (await placed.get(f"{PATH}/places/waste/room")).status_code == 200
    assert (await placed.get(f"{PATH}/products/waste-24")).status_code == 200
    assert (await placed.get(f"{PATH}/products/waste-24/quota")).status_code == 403
    assert (await placed.get(f"{PATH}/places/pool/room")).status_code == 403
    everywhere = await enter(shared_house, Role.MANAGER)
    place = await drafted(everywhere, "products/waste-24/quota", QUOTA)
    for deed in ("activate", "withdraw", "take-up", "undo"):
        assert (await placed.post(f"{place}/{deed}", {"when": "now", "reason": "Non"})).status_code == 403
    own = await drafted(
        placed, "places/waste/room", {"zone": "waste", "capacity": "30", "passback": "timed", "passback_minutes": "10"}
    )
    assert (await placed.post(f"{own}/activate", {"when": "now"})).status_code == 303


async def manager_at(house: House, grant: Grant, login: str = "m-waste") -> Console:
    """Log in as a manager of one place."""
    like = house.city.agents[Role.MANAGER]
    async with house.database.begin() as unit:
        agent = await take_on(
            unit,
            like.authority_id,
            login=login,
            name="M",
            password_hash=like.password_hash,
            grants=(grant,),
            now=NOW,
        )
    return await enter(house, agent)
