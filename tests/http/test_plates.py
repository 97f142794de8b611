"""What a plate in the street leads to, whatever became of its point; and the photos of sheets."""

import io
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from PIL import Image

from domain.agents import Role
from domain.points import Point, archive, create, redirect
from tests.house_app import House
from tests.point_sheets import READER, SHEET, WRITER, published, register_air
from tests.sounds import SOUND
from tests.tour_streams import NOON

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(shared_house: House) -> House:
    await register_air(shared_house.database, shared_house.city)
    return shared_house


async def scan(house: House, plate: str, query: str = "") -> httpx.Response:
    answer: httpx.Response = await house.client.get(f"/c/{plate}{query}", follow_redirects=False)
    return answer


async def point_of(house: House) -> Point:
    return await published(house.database, house.city, f"point-{uuid4().hex}")


async def test_a_plate_leads_to_its_sheet_and_drops_what_would_follow_somebody(house: House) -> None:
    point = await point_of(house)
    answer = await scan(house, point.plate, "?utm_source=poster")
    assert (answer.status_code, answer.headers["location"]) == (302, f"/tour/points/{point.slug}")
    assert answer.headers["cache-control"] == "no-cache"
    assert "set-cookie" not in answer.headers


async def test_a_plate_may_be_led_elsewhere_and_outlives_its_point(house: House) -> None:
    point = await point_of(house)
    async with house.database.begin() as unit:
        point = await archive(unit, point, "", agent_id=WRITER, now=NOON)
    assert (await scan(house, point.plate)).headers["location"] == "/tour"
    async with house.database.begin() as unit:
        await redirect(unit, point, "/tour/points/other", agent_id=READER, now=NOON)
    assert (await scan(house, point.plate)).headers["location"] == "/tour/points/other"


async def test_a_number_that_no_plate_has_gets_an_apology_in_the_readers_language(house: House) -> None:
    async with house.database.begin() as unit:
        draft = await create(unit, house.city.authority.id, f"draft-{uuid4().hex}", SHEET, agent_id=WRITER, now=NOON)
    for plate in ("1234567", "123", "١٢٣٤٥٦٧", draft.plate):
        answer = await scan(house, plate)
        assert answer.status_code == 404, plate
        assert "Plaque non reconnue" in answer.text
    english = (await scan(house, "1234567", "?lang=en")).text
    assert "Plate not recognised" in english
    assert 'href="/tour?lang=en"' in english


async def test_a_recording_is_served_in_parts(house: House) -> None:
    """RFC 9110 section 14: without it Safari plays no sound."""
    headers = await house.agent_headers(Role.EDITOR)
    kept = (await house.client.post("/v1/points/media", content=SOUND, headers=headers)).json()
    assert kept["mediaType"] == "audio/mpeg"
    path, whole = f"/tour/media/{kept['digest']}", len(SOUND)

    async def ask(part: str, **more: str) -> tuple[int, bytes, str]:
        answer = await house.client.get(path, headers={"Range": part, **more})
        return answer.status_code, answer.content, answer.headers.get("content-range", "")

    assert (await house.client.get(path)).headers["accept-ranges"] == "bytes"
    assert await ask("bytes=0-1") == (206, SOUND[:2], f"bytes 0-1/{whole}")
    assert await ask("bytes=5000-") == (206, SOUND[5000:], f"bytes 5000-{whole - 1}/{whole}")
    assert await ask("bytes=-4") == (206, SOUND[-4:], f"bytes {whole - 4}-{whole - 1}/{whole}")
    assert await ask("bytes=0-999999") == (206, SOUND, f"bytes 0-{whole - 1}/{whole}")
    assert await ask(f"bytes={whole}-") == (416, b"", f"bytes */{whole}")
    assert await ask("bytes=-0") == (416, b"", f"bytes */{whole}")
    for nonsense in ("bytes=3-2", "bytes=0-1,4-5", "bytes=-", "lines=0-1", "bytes=x", "bytes=" + "9" * 5_000 + "-"):
        assert await ask(nonsense) == (200, SOUND, ""), nonsense
    assert await ask("bytes=0-1", **{"If-Range": f'"{kept["digest"]}"'}) == (206, SOUND[:2], f"bytes 0-1/{whole}")
    assert await ask("bytes=0-1", **{"If-Range": '"another"'}) == (200, SOUND, "")


async def test_a_photo_is_kept_through_the_api_and_shown_to_everybody(house: House) -> None:
    written = io.BytesIO()
    Image.new("RGB", (300, 200), "green").save(written, "PNG")
    headers = await house.agent_headers(Role.EDITOR)
    kept = await house.client.post("/v1/points/media", content=written.getvalue(), headers=headers)
    assert kept.status_code == 201, kept.text
    digest = kept.json()["digest"]
    shown = await house.client.get(f"/tour/media/{digest}")
    assert (shown.headers["content-type"], len(shown.content)) == ("image/jpeg", kept.json()["bytes"])
    assert "immutable" in shown.headers["cache-control"]
    again = await house.client.get(f"/tour/media/{digest}", headers={"If-None-Match": shown.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await house.client.get(f"/tour/media/{'0' * 64}")).json()["code"] == "media-not-found"
    refused = await house.client.post("/v1/points/media", content=b"GIF89a", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (400, "bad-media")
    huge = await house.client.post("/v1/points/media", content=bytes(11 * 2**20), headers=headers)
    assert huge.status_code in {400, 413}
