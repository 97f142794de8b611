"""Points through the API of agents: two people publish, one version at a time, and every act is in the journal."""

import io
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio
from PIL import Image

from domain.agents import Role
from domain.plates import is_plate
from domain.sheets import Sheet
from tests.house_app import House
from tests.point_sheets import SHEET, register_air

pytestmark = pytest.mark.asyncio(loop_scope="module")
WRITTEN: dict[str, Any] = msgspec.to_builtins(SHEET)
BARE = {"title": {"fr": "Un capteur"}}


class Desk:
    """The editor and the manager of a city at work."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def ask(
        self,
        method: str,
        path: str,
        *,
        role: Role = Role.EDITOR,
        tag: str | None = None,
        json: object = None,
        neighbour: bool = False,
    ) -> httpx.Response:
        headers = await self.house.agent_headers(role, neighbour=neighbour)
        if tag is not None:
            headers["If-Match"] = tag
        answer: httpx.Response = await self.house.client.request(method, f"/v1{path}", headers=headers, json=json)
        return answer

    async def begin(self, slug: str, sheet: dict[str, Any] | None = None) -> tuple[str, str]:
        """Begin a point, and return its plate and tag."""
        answer = await self.ask("POST", "/points", json={"slug": slug, "sheet": WRITTEN if sheet is None else sheet})
        assert answer.status_code == 201, answer.text
        return answer.json()["plate"], answer.headers["etag"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(shared_house: House) -> Desk:
    await register_air(shared_house.database, shared_house.city)
    written = io.BytesIO()
    Image.new("RGB", (9, 9)).save(written, "PNG")
    kept = await shared_house.client.post(
        "/v1/points/media", content=written.getvalue(), headers=await shared_house.agent_headers(Role.EDITOR)
    )
    WRITTEN["photo"]["digest"] = kept.json()["digest"]
    return Desk(shared_house)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_two_people_publish_a_sheet_and_the_journal_says_who_did_what(desk: Desk) -> None:
    plate, tag = await desk.begin("air")
    assert is_plate(plate)
    submitted = await desk.ask("POST", f"/points/{plate}/submission", tag=tag)
    assert submitted.status_code == 200, submitted.text
    published = await desk.ask("POST", f"/points/{plate}/publication", role=Role.MANAGER, tag=submitted.headers["etag"])
    said = published.json()
    assert (said["state"], said["missing"], said["protectionLevel"]) == ("published", [], 0)
    assert (said["author"], said["reviewer"]) == tuple(
        desk.house.city.agents[role].login for role in (Role.EDITOR, Role.MANAGER)
    )
    assert said["shortUrl"] == f"http://127.0.0.1:8400/c/{plate}"
    assert said["shown"] == said["sheet"]
    assert msgspec.convert(said["shown"], Sheet).position == (43.6112, 3.8767)
    journal = (await desk.ask("GET", f"/points/{plate}/journal")).json()
    assert [line["act"] for line in journal] == ["created", "submitted", "published"]


async def test_nobody_publishes_what_they_wrote(desk: Desk) -> None:
    answer = await desk.ask("POST", "/points", role=Role.MANAGER, json={"slug": "mine", "sheet": WRITTEN})
    path, tag = f"/points/{answer.json()['plate']}", answer.headers["etag"]
    tag = (await desk.ask("POST", f"{path}/submission", role=Role.MANAGER, tag=tag)).headers["etag"]
    assert code(await desk.ask("POST", f"{path}/publication", role=Role.MANAGER, tag=tag)) == (403, "own-review")
    back = await desk.ask("POST", f"{path}/return", tag=tag, json={"reason": "Trop long."})
    assert back.json()["state"] == "draft"
    early = await desk.ask("POST", f"{path}/publication", role=Role.MANAGER, tag=back.headers["etag"])
    assert code(early) == (409, "point-moved")
    unchanged = await desk.ask("PUT", path, tag=back.headers["etag"], json={"sheet": WRITTEN})
    assert unchanged.json()["author"] == desk.house.city.agents[Role.MANAGER].login, "who changes nothing wrote nothing"


async def test_a_sheet_is_submitted_only_whole_and_one_problem_names_all_that_is_missing(desk: Desk) -> None:
    plate, tag = await desk.begin("bare", BARE)
    answer = await desk.ask("POST", f"/points/{plate}/submission", tag=tag)
    assert code(answer) == (409, "sheet-incomplete")
    for field in ("place", "photo.alt", "whatItIs.easy", "doesNot", "controller", "endsOn", "chain.purpose"):
        assert field in answer.json()["detail"]


async def test_a_change_names_the_version_that_it_changes(desk: Desk) -> None:
    plate, tag = await desk.begin("versions", BARE)
    body = {"sheet": {"title": {"fr": "Autre"}}}
    assert code(await desk.ask("PUT", f"/points/{plate}", json=body)) == (428, "version-missing")
    assert code(await desk.ask("PUT", f"/points/{plate}", tag=f"W/{tag}", json=body)) == (412, "version-changed")
    changed = await desk.ask("PUT", f"/points/{plate}", tag=tag, json=body)
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert code(await desk.ask("PUT", f"/points/{plate}", tag=tag, json=body)) == (412, "version-changed")


async def test_a_point_that_is_away_or_archived_keeps_its_number(desk: Desk) -> None:
    plate, tag = await desk.begin("away")
    for step, role in (("submission", Role.EDITOR), ("publication", Role.MANAGER)):
        tag = (await desk.ask("POST", f"/points/{plate}/{step}", role=role, tag=tag)).headers["etag"]
    away = await desk.ask("POST", f"/points/{plate}/suspension", tag=tag, json={"reason": "Vol"})
    assert (away.json()["state"], away.json()["shown"]["title"]["fr"]) == ("suspended", SHEET.title.fr)
    gone = await desk.ask(
        "POST", f"/points/{plate}/archival", role=Role.MANAGER, tag=away.headers["etag"], json={"reason": "Démonté"}
    )
    again = await desk.ask("PUT", f"/points/{plate}", tag=gone.headers["etag"], json={"sheet": WRITTEN})
    assert code(again) == (409, "point-moved")
    listed = {line["slug"]: line for line in (await desk.ask("GET", "/points")).json()}
    assert (listed["away"]["plate"], listed["away"]["state"], listed["away"]["public"]) == (plate, "archived", False)


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        ({"photo": {"digest": "0" * 64, "alt": {}}}, (404, "media-not-found")),
        ({"devices": ["nobody"]}, (404, "device-not-found")),
        ({"chain": {"purpose": ["surveillance"]}}, (400, "unknown-element")),
        ({"latitude": 91, "longitude": 3}, (400, "bad-sheet")),
        ({"links": [{"label": {"fr": "x"}, "url": "javascript:alert(1)"}]}, (400, "bad-sheet")),
        ({"titel": {"fr": "x"}}, (400, "invalid-request")),
        ({"title": {"de": "x"}}, (400, "invalid-request")),
    ],
)
async def test_what_no_sheet_can_say_is_refused(desk: Desk, sheet: dict[str, Any], expected: tuple[int, str]) -> None:
    answer = await desk.ask("POST", "/points", json={"slug": "no", "sheet": sheet})
    assert code(answer) == expected


async def test_a_plate_leads_nowhere_outside_this_site(desk: Desk) -> None:
    plate, tag = await desk.begin("led", BARE)
    for target in ("https://elsewhere.example/", "//elsewhere.example", "javascript:x", "/a\nb"):
        answer = await desk.ask("PUT", f"/points/{plate}/target", role=Role.MANAGER, tag=tag, json={"target": target})
        assert code(answer) == (400, "bad-sheet"), target
    led = await desk.ask("PUT", f"/points/{plate}/target", role=Role.MANAGER, tag=tag, json={"target": "/tour"})
    assert led.json()["leadsTo"] == "/tour"


async def test_the_neighbour_sees_nothing_of_it(desk: Desk) -> None:
    plate, tag = await desk.begin("ours", BARE)
    assert (await desk.ask("GET", "/points", neighbour=True)).json() == []
    for method, path in (("GET", ""), ("GET", "/journal"), ("PUT", "")):
        answer = await desk.ask(
            method, f"/points/{plate}{path}", neighbour=True, tag=tag, json={"sheet": {}} if method == "PUT" else None
        )
        assert code(answer) == (404, "point-not-found")


async def test_an_itinerary_is_written_over_the_one_before(desk: Desk) -> None:
    stops = [{"plate": (await desk.begin(slug, BARE))[0]} for slug in ("one", "two")]
    walk = {"title": {"fr": "L’eau"}, "stops": stops, "distanceM": 900, "minutes": 30}
    for minutes in (30, 45):
        answer = await desk.ask(
            "PUT", "/itineraries/eau", role=Role.MANAGER, json={"walk": {**walk, "minutes": minutes}, "public": True}
        )
        assert answer.status_code == 200, answer.text
    (listed,) = (await desk.ask("GET", "/itineraries")).json()
    assert (listed["slug"], listed["walk"]["minutes"], listed["walk"]["stops"]) == ("eau", 45, stops)
    stairs = {**walk, "steps": 12, "wheelchair": True}
    refused = await desk.ask("PUT", "/itineraries/eau", role=Role.MANAGER, json={"walk": stairs})
    assert code(refused) == (400, "bad-itinerary")


async def test_plates_are_printed_once_their_sheet_says_what_a_plate_must(desk: Desk) -> None:
    plate, _ = await desk.begin("printed")
    other, _ = await desk.begin("printed-too")
    for path in (f"/points/{plate}/plate", f"/points/plates?plates={plate},{other}"):
        printed = await desk.ask("GET", path)
        assert (printed.status_code, printed.headers["content-type"]) == (200, "application/pdf")
        assert printed.content.startswith(b"%PDF")
    bare, _ = await desk.begin("printed-bare", BARE)
    assert code(await desk.ask("GET", f"/points/{bare}/plate")) == (409, "sheet-incomplete")
    assert code(await desk.ask("GET", "/points/plates?plates=12")) == (400, "invalid-request")
