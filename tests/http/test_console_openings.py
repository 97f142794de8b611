"""What is new in the catalogue at the console: products and sites from an empty form or a copy, and how they end."""

import pytest

from domain.agents import Grant, Role
from tests.console import Console, enter, said
from tests.house_app import House
from tests.http.test_console_catalogue import PATH, drafted, manager_at

SHARED = pytest.mark.asyncio(loop_scope="module")
PRODUCT = {
    "code": "pool-hours",
    "service": "pool",
    "subject": "person",
    "name_fr": "Dix heures",
    "name_en": "Ten hours",
    "kind": "hours",
    "many": "10",
    "window": "year",
    "term": "days",
    "term_days": "365",
    "price": "30",
    "since": "2026-11-01",
}
WEEK = {f"day_{day}": "9h-12h, 14:00-18:30" for day in range(5)}
SITE = {
    "code": "pool-west",
    "service": "pool",
    "commune": "00102",
    "name_fr": "Piscine Ouest",
    "name_en": "West pool",
    "since": "2026-01-01",
    **WEEK,
    "doors": "Entrée / Entrance\nSauna / Sauna",
    "capacity": "80",
    "passback": "timed",
    "passback_minutes": "10",
}


async def activated(console: Console, place: str) -> None:
    assert (await console.post(f"{place}/activate", {"when": "now"})).status_code == 303


@SHARED
async def test_a_product_is_made_from_an_empty_form_completed_in_its_draft_and_offered(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    assert "New product" in said(await console.get(f"{PATH}/new/product?lang=en"))
    place = await drafted(console, "new/product", PRODUCT)
    number = place.rsplit("/", 1)[1]
    young = {"euros": "15,50", "since": "2026-11-01", "age_below": "25", "status_student": "yes", "into": number}
    form = f"{PATH}/products/pool-hours"
    assert "Add a tariff" in said(await console.get(f"{form}/tariff?into={number}"))
    assert (await console.post(f"{form}/tariff", young)).headers["location"] == place
    who = {"age_from": "16", "bands": "a, qf2", "into": number}
    assert (await console.post(f"{form}/who", who)).headers["location"] == place
    page = said(await console.get(place))
    for words in ("600 minutes", "€30.00 from 1 November 2026", "under 25, student", "aged", "Could have it today: 0"):
        assert words in page.replace("16 and over", "aged"), words
    assert (await console.get(form)).status_code == 404, "a draft is nothing yet"
    await activated(console, place)
    assert "quotient A, QF2" in said(await console.get(form))


@SHARED
async def test_what_does_not_fit_a_new_product_is_told_at_its_field_and_stays_typed(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    for wrong, words in (
        ({"code": "Pool Hours"}, "Small letters, digits and dashes only"),
        ({"code": "reader"}, "This code is taken already"),
        ({"many": "0"}, "A quota has to allow something"),
        ({"many": ""}, "How many"),
        ({"term": "said"}, "What is sold has a duration"),
        ({"service": "none"}, "Service"),
        ({"reason": ""}, "Reason"),
    ):
        sent = {"into": "new", "reason": "Conseil", **PRODUCT, "code": "pool-never", **wrong}
        answer = await console.post(f"{PATH}/new/product", sent)
        assert answer.status_code == 422, wrong
        assert words in said(answer)
        assert 'value="Dix heures"' in answer.text
    assert (await console.get(f"{PATH}/new/person")).status_code == 404
    assert (await console.get(f"{PATH}/new/product?like=none")).status_code == 404


@SHARED
async def test_a_copied_product_says_the_same_and_the_one_it_follows_is_withdrawn(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    copy = {"like": "carnet-10", "code": "carnet-copy", "name_fr": "Carnet neuf", "name_en": "New carnet"}
    place = await drafted(console, "new/product", copy)
    into = {"into": place.rsplit("/", 1)[1]}
    assert (
        await console.post(f"{PATH}/products/carnet-10/withdrawal", {"offered_until": "", **into})
    ).status_code == 303
    until = {"offered_until": "2027-01-01", **into}
    assert (await console.post(f"{PATH}/products/carnet-10/withdrawal", until)).headers["location"] == place
    await activated(console, place)
    assert "10 visits in all" in said(await console.get(f"{PATH}/products/carnet-copy"))
    assert "until 31 December 2026" in said(await console.get(f"{PATH}/products/carnet-10"))


@SHARED
async def test_a_pool_is_opened_at_the_console_and_terminals_are_paired_to_its_gates(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    wrong = {"into": "new", "reason": "Ouverture", **SITE, "doors": "Entrée"}
    answer = await console.post(f"{PATH}/new/site", wrong)
    assert answer.status_code == 422
    assert "an oblique" in said(answer) or "a slash" in said(answer)
    place = await drafted(console, "new/site", SITE)
    into = {"into": place.rsplit("/", 1)[1]}
    sauna = {"zone_code": "sauna-west", "doors": "Vestiaire / Changing room", "supplement": "5", "passback": "none"}
    assert (await console.post(f"{PATH}/places/pool-west/zone", {**sauna, **into})).headers["location"] == place
    more = {"zone": "pool-west", "doors": "Groupes / Groups", **into}
    assert (await console.post(f"{PATH}/places/pool-west/doors", more)).headers["location"] == place
    rest = {"bank_holidays": "as_sunday", "region": "57", "last_entry": "30", **into}
    assert (await console.post(f"{PATH}/places/pool-west/holidays", rest)).headers["location"] == place
    taken = {"zone_code": "pool", "doors": "Vestiaire / Changing room", "passback": "none", **into}
    answer = await console.post(f"{PATH}/places/pool-west/zone", taken)
    assert "has this code already" in said(answer)
    await activated(console, place)
    page = said(await console.get(f"{PATH}/places/pool-west"))
    for words in ("Moselle", "30 minutes before closing", "Groups", "Changing room", "€5.00", "refused for 10 minutes"):
        assert words in page, words
    administrator = await enter(shared_house, Role.ADMINISTRATOR)
    assert "pool-west-3" in (await administrator.get("/console/terminals/new")).text


@SHARED
async def test_a_copied_site_that_closes_for_good_leaves_the_lists(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    copy = {
        "like": "free",
        "code": "free-2",
        "name_fr": "Bassin nordique",
        "name_en": "Nordic pool",
        "commune": "00102",
    }
    await activated(console, await drafted(console, "new/site", copy))
    shared_house.clock.turn(minutes=1)
    assert "Nordic pool" in said(await console.get("/console/sites"))
    end = {"closes_on": "2026-01-01", "why_fr": "Démoli", "why_en": "Pulled down"}
    await activated(console, await drafted(console, "places/free-2/end", end))
    assert "Closes for good" in said(await console.get(f"{PATH}/places/free-2"))
    shared_house.clock.turn(minutes=1)
    assert "Nordic pool" not in said(await console.get("/console/sites"))


@SHARED
async def test_a_manager_of_a_service_adds_to_it_and_one_of_a_site_to_nothing(shared_house: House) -> None:
    pools = await manager_at(shared_house, Grant(Role.MANAGER, service="pool"), login="m-pools")
    sent = {"into": "new", "reason": "Conseil", **PRODUCT, "code": "pool-more"}
    assert (await pools.post(f"{PATH}/new/product", {**sent, "service": "library"})).status_code == 403
    assert (await pools.post(f"{PATH}/new/product", sent)).status_code == 303
    placed = await manager_at(shared_house, Grant(Role.MANAGER, site="waste"), login="m-one")
    assert "New product" not in said(await placed.get(PATH))
    assert (await placed.get(f"{PATH}/new/product")).status_code == 403
    assert (await placed.post(f"{PATH}/new/site", {"into": "new", "reason": "x", **SITE})).status_code == 403


@SHARED
async def test_a_session_is_held_within_the_hours_of_its_site(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    sent = {"name_fr": "Heure du conte", "name_en": "Story time", "session_code": "stories", "weekday_2": "yes"}
    sent |= {"since": "2026-12-01", "last_day": "2027-06-30", "hours": "14:00-15:30"}
    for wrong, words in (
        ({"hours": "8h-9h"}, "outside the hours"),
        ({"hours": "10h-11h, 14h-15h"}, "One stretch"),
        ({"weekday_2": ""}, "Choose a day at least"),
        ({"last_day": "2026-11-01"}, "The end is before"),
    ):
        typed = {"into": "new", "reason": "Rentrée", **sent, **wrong}
        answer = await console.post(f"{PATH}/places/library/session", typed)
        assert answer.status_code == 422, wrong
        assert words in said(answer)
    place = await drafted(console, "places/library/session", {**sent, "weekday_5": "yes"})
    page = said(await console.get(place))
    for words in ("Story time, Wed 14:00–15:30", "Story time, Sat 14:00–15:30"):
        assert words in page
