"""How busy places are, for anybody: the words, the numbers, and what is not told."""

import asyncio
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import event, insert

from domain.places import Gate, Site, open_site
from domain.text import Text
from store.tables.places import closure
from tests.attendance_rows import eight_weeks, people_inside, this_hour
from tests.city import LIBRARY_HOURS, TODAY
from tests.house_app import House
from tests.http.ledger_rows import EXIT

SITES = "/v1/public/ville/sites"
GUIDE = Path(__file__).parents[2] / "docs" / "public-api.md"


async def site(house: House, code: str) -> dict[str, Any]:
    answer = await house.client.get(f"{SITES}/{code}")
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def test_anybody_sees_every_site_of_an_authority(house: House) -> None:
    answer = await house.client.get(SITES)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert (body["authority"], body["name"], body["asOf"]) == (
        "ville",
        {"fr": "Ville", "en": "Ville"},
        "2026-11-18T13:05:00Z",
    )
    assert [shown["code"] for shown in body["sites"]] == ["bus", "free", "library", "pool", "waste"]
    assert body["sites"][2] == {
        "code": "library",
        "name": {"fr": "library", "en": "library"},
        "service": "library",
        "serviceName": {"fr": "Médiathèque", "en": "Library"},
        "commune": "",
        "open": True,
        "hoursToday": [{"opens": "10:00", "closes": "18:00"}],
        "closesAt": "2026-11-18T18:00:00+01:00",
        "opensAt": None,
        "closure": None,
        "level": None,
        "inside": None,
        "capacity": None,
        "placesLeft": None,
    }


async def test_who_taps_in_is_counted_and_who_taps_out_is_not(house: House) -> None:
    zoe, yann = [await house.resident(reference, rights=("pool-year",)) for reference in ("R1", "R2")]
    for shown in (zoe, yann):
        await house.tap(shown.code)
    pool = await site(house, "pool")
    assert (pool["inside"], pool["capacity"], pool["placesLeft"]) == (2, 10, 8)

    await house.tap(zoe.code, direction=EXIT)
    house.clock.turn(seconds=15)
    pool = await site(house, "pool")
    assert (pool["inside"], pool["placesLeft"]) == (1, 9)


@pytest.mark.parametrize(("inside", "level"), [(2, "quiet"), (6, "usual"), (9, "busy")])
async def test_a_place_that_counts_people_is_compared_by_people(house: House, inside: int, level: str) -> None:
    await eight_weeks(house.database, house.city.zones["pool"], TODAY, entries=50, most=6)
    await people_inside(house.database, house.city.zones["pool"], TODAY, inside)
    assert (await site(house, "pool"))["level"] == level


@pytest.mark.parametrize(("entries", "level"), [(0, "quiet"), (1, "usual"), (40, "busy")])
async def test_a_place_without_exits_is_compared_by_entries_and_tells_no_number(
    house: House, entries: int, level: str
) -> None:
    """Five past two: the hour before counts for eleven twelfths."""
    await eight_weeks(house.database, house.city.zones["library"], TODAY, entries=12)
    await this_hour(house.database, house.city.zones["library"], TODAY, 13, entries=10 if entries else 0)
    await this_hour(house.database, house.city.zones["library"], TODAY, 14, entries=entries)
    library = await site(house, "library")
    assert (library["level"], library["inside"], library["placesLeft"]) == (level, None, None)
    assert library["usualToday"] == [{"hour": hour, "share": 100} for hour in range(10, 18)]


async def test_without_three_weeks_the_level_is_not_known(house: House) -> None:
    await people_inside(house.database, house.city.zones["pool"], TODAY, 9)
    pool = await site(house, "pool")
    assert (pool["level"], pool["inside"], pool["usualToday"]) == (None, 9, [])


async def test_a_place_that_is_shut_says_when_it_opens_and_nothing_of_people(house: House) -> None:
    await eight_weeks(house.database, house.city.zones["library"], TODAY, entries=12)
    house.clock.turn(hours=6)
    library = await site(house, "library")
    assert (library["open"], library["closesAt"], library["level"]) == (False, None, None)
    assert library["opensAt"] == "2026-11-19T10:00:00+01:00"


async def test_a_place_that_never_shuts_has_no_closing_time(house: House) -> None:
    bus = await site(house, "bus")
    assert (bus["open"], bus["closesAt"], bus["opensAt"]) == (True, None, None)
    assert bus["hoursToday"] == [{"opens": "00:00", "closes": "24:00"}]


async def test_an_exceptional_closure_says_why(house: House) -> None:
    house.clock.now = house.clock.now.replace(month=12, day=25)
    assert (await site(house, "library"))["closure"] == {"fr": "Noël", "en": "Christmas Day"}


async def test_a_new_site_appears_with_the_next_look(house: House) -> None:
    """The reference data is held on to, and read again when its version moves."""
    await house.client.get(SITES)
    owner = house.city.authority.id
    async with house.database.begin() as unit:
        opened = Site(unit.ids.row(), owner, "new", "pool", Text(fr="Neuve", en="New"), "00101", LIBRARY_HOURS)
        zone = replace(house.city.zones["pool"], id=unit.ids.row(), site_id=opened.id, code="new")
        await open_site(unit, opened)
        await unit.places.add_zone(zone)
        await unit.places.add_gate(Gate(unit.ids.row(), owner, zone.id, "new-1", Text(fr="1", en="1")))
    assert (await house.client.get(f"{SITES}/new")).status_code == 404
    house.clock.turn(seconds=15)
    assert (await site(house, "new"))["capacity"] == 10


# --- caches and browsers of other sites -------------------------------------------------------------


async def test_an_answer_may_be_kept_for_fifteen_seconds_and_read_by_any_page(house: House) -> None:
    for path in (SITES, f"{SITES}/pool"):
        answer = await house.client.get(path, headers={"Origin": "https://elsewhere.example"})
        assert answer.headers["cache-control"] == "public, max-age=15"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "set-cookie" not in answer.headers
        assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
async def test_who_has_it_already_gets_no_body(house: House, form: str) -> None:
    tag = (await house.client.get(SITES)).headers["etag"]
    same = await house.client.get(SITES, headers={"If-None-Match": form.format(tag)})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert same.headers["access-control-allow-origin"] == "*"


async def test_an_old_tag_gets_the_new_answer(house: House) -> None:
    tag = (await house.client.get(SITES)).headers["etag"]
    house.clock.turn(seconds=15)
    newer = await house.client.get(SITES, headers={"If-None-Match": tag})
    assert newer.status_code == 200
    assert newer.headers["etag"] != tag


async def test_many_readers_are_one_reader_to_the_database(house: House) -> None:
    """What is written meanwhile shows fifteen seconds later, not before."""
    before = (await house.client.get(SITES)).content
    await people_inside(house.database, house.city.zones["pool"], TODAY, 9)
    house.clock.turn(seconds=14)
    assert (await house.client.get(SITES)).content == before
    house.clock.turn(seconds=1)
    assert (await house.client.get(SITES)).content != before


async def test_readers_who_come_at_once_share_one_look(house: House) -> None:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(house.app.state.database.engine.sync_engine, "before_cursor_execute", note)
    answers = await asyncio.gather(*(house.client.get(SITES) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert sum("FROM attendance" in statement for statement in asked) == 1


# --- what is not there ------------------------------------------------------------------------------


async def test_an_authority_or_a_site_that_is_not_there_is_a_problem(house: House) -> None:
    for path, code in (
        ("/v1/public/nowhere/sites", "authority-not-found"),
        ("/v1/public/nowhere/sites/pool", "authority-not-found"),
        (f"{SITES}/nowhere", "site-not-found"),
    ):
        answer = await house.client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, code)
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_neighbours_people_are_not_ours(house: House) -> None:
    await people_inside(house.database, house.city.zones["pool"], TODAY, 9)
    theirs = (await house.client.get("/v1/public/voisine/sites/pool")).json()
    assert (theirs["inside"], (await site(house, "pool"))["inside"]) == (0, 9)


async def test_a_closure_of_months_ends_with_its_opening_day(house: House) -> None:
    async with house.database.write() as connection:
        await connection.execute(
            insert(closure).values(
                site_id=house.city.sites["pool"].id,
                first_day=TODAY,
                last_day=date(2027, 2, 28),
                why={"fr": "Travaux", "en": "Works"},
            )
        )
    assert (await site(house, "pool"))["opensAt"] == "2027-03-01T00:00:00+01:00"


async def test_the_guide_shows_an_answer_as_it_is(house: House) -> None:
    (shown,) = re.findall(r"^```json\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    told, answer = json.loads(shown), (await house.client.get(SITES)).json()
    assert list(told) == list(answer)
    assert list(told["sites"][0]) == list(answer["sites"][0])
