"""The crisis desk over HTTP: two people set metres, one makes a level public, and other software is told."""

import asyncio
import hmac
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from msgspec.structs import replace

from adapters.webhooks import Poster
from api.courier import Courier
from domain.agents import Role
from domain.devices import DeviceKind, register_device
from domain.readings import Quality
from store.readings import ReadingWriter
from tests.house_app import House
from tests.tour_streams import AIR, CO2, reading
from tour.flood_watch import watch_levels

SHARED = pytest.mark.asyncio(loop_scope="module")
MINUTE = timedelta(minutes=1)
METRES = {"level1M": 2.0, "level2M": 3.0, "level3M": 4.0, "hysteresisM": 0.2}


class Receiver:
    """A program that is told: it answers with the statuses it is given, then with 204."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.heard: list[tuple[dict[str, str], bytes]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        self.heard.append((headers, await reader.readexactly(int(headers["content-length"]))))
        status = self.answers.pop(0) if self.answers else 204
        writer.write(f"HTTP/1.1 {status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


class Desk:
    """The house with one gauge for each test, and its agents."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.headers: dict[Role, dict[str, str]] = {}

    async def call(self, method: str, path: str, body: Any = None, *, role: Role = Role.MANAGER) -> httpx.Response:  # noqa: ANN401 - JSON
        if role not in self.headers:
            self.headers[role] = await self.house.agent_headers(role)
        answer: httpx.Response = await self.house.client.request(
            method, f"/v1{path}", json=body, headers=self.headers[role]
        )
        return answer

    async def gauge(self, number: int) -> str:
        """Register a gauge of its own, with thresholds in force."""
        code, mine = f"gauge-{number}", {"authority_id": self.house.city.authority.id}
        device = replace(AIR, id=UUID(int=number), code=code, kind=DeviceKind.WATER_LEVEL, source_key=code, **mine)
        stream = replace(
            CO2,
            id=UUID(int=number + 1),
            device_id=device.id,
            quantity="water_level",
            unit="m",
            period_seconds=300,
            **mine,
        )
        async with self.house.database.begin() as unit:
            await register_device(unit, device, [stream])
        return code

    async def agreed(self, code: str) -> None:
        proposed = await self.call("POST", "/floods/thresholds", {"station": code, **METRES})
        assert proposed.status_code == 201, proposed.text
        path = f"/floods/thresholds/{proposed.json()['id']}/confirmation"
        assert (await self.call("POST", path, role=Role.ADMINISTRATOR)).status_code == 200

    async def rise(self, number: int, metres: float = 2.4) -> None:
        """Let the gauge say it twice, and watch."""
        now = self.house.clock()
        async with self.house.database.begin() as unit:
            _, stream = await unit.floods.gauge(self.house.city.authority.id, f"gauge-{number}")
        batch = [reading(metres, now - ago * MINUTE, stream, quality=Quality.CORRECT) for ago in (6, 1)]
        async with self.house.database.write() as connection:
            await ReadingWriter().write(connection, batch, {stream.id: stream})
        async with self.house.database.begin() as unit:
            await watch_levels(unit, self.house.city.authority.id, now)

    async def journal(self, code: str) -> list[dict[str, Any]]:
        answer = await self.call("GET", f"/floods/changes?station={code}")
        assert answer.status_code == 200, answer.text
        lines: list[dict[str, Any]] = answer.json()
        return lines

    async def station(self, code: str) -> dict[str, Any]:
        answer = await self.call("GET", "/floods/stations")
        return next(one for one in answer.json() if one["station"] == code)


@pytest_asyncio.fixture(loop_scope="module")
async def desk(shared_house: House) -> Desk:
    return Desk(shared_house)


@pytest_asyncio.fixture(loop_scope="module")
async def receiver() -> AsyncIterator[tuple[Receiver, str]]:
    heard = Receiver()
    server = await asyncio.start_server(heard.serve, "127.0.0.1", 0)
    async with server:
        yield heard, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/told"


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@SHARED
async def test_thresholds_need_a_second_person(desk: Desk) -> None:
    code = await desk.gauge(100)
    proposed = (await desk.call("POST", "/floods/thresholds", {"station": code, **METRES})).json()
    assert (proposed["status"], proposed["proposedBy"], proposed["decidedBy"]) == ("proposed", "Manager", None)
    path = f"/floods/thresholds/{proposed['id']}/confirmation"
    assert code_of(await desk.call("POST", path)) == (403, "second-person-needed")
    assert code_of(await desk.call("POST", f"/floods/stations/{code}/levels", {"level": 1, "words": "vu du pont"})) == (
        404,
        "flood-station-not-found",
    )
    confirmed = (await desk.call("POST", path, role=Role.ADMINISTRATOR)).json()
    assert (confirmed["status"], confirmed["decidedBy"]) == ("confirmed", "Administrator")
    assert code_of(await desk.call("POST", path, role=Role.ADMINISTRATOR)) == (409, "already-decided")
    listed = (await desk.call("GET", "/floods/thresholds")).json()
    assert proposed["id"] in {one["id"] for one in listed}


@SHARED
async def test_a_proposal_can_be_withdrawn(desk: Desk) -> None:
    code = await desk.gauge(110)
    proposed = (await desk.call("POST", "/floods/thresholds", {"station": code, **METRES})).json()
    refused = await desk.call("POST", f"/floods/thresholds/{proposed['id']}/refusal")
    assert refused.json()["status"] == "declined"


@SHARED
@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"level2M": 1.0}, (400, "impossible-thresholds")),
        ({"level3M": 500}, (400, "invalid-request")),
        ({"hysteresisM": 0}, (400, "invalid-request")),
        ({"station": "nowhere"}, (404, "flood-station-not-found")),
        ({"witnesses": [{"device": "nowhere", "value": 1}]}, (404, "flood-station-not-found")),
    ],
)
async def test_thresholds_that_cannot_be_meant(desk: Desk, more: dict[str, Any], expected: tuple[int, str]) -> None:
    async with desk.house.database.begin() as unit:
        there = await unit.devices.find(desk.house.city.authority.id, "gauge-120")
    if there is None:
        await desk.gauge(120)
    body = {"station": "gauge-120", **METRES, **more}
    assert code_of(await desk.call("POST", "/floods/thresholds", body)) == expected


@SHARED
async def test_a_level_is_public_once_somebody_confirms_it(desk: Desk) -> None:
    code = await desk.gauge(130)
    await desk.agreed(code)
    await desk.rise(130)
    seen = await desk.station(code)
    assert (seen["level"], seen["publicLevel"], seen["metres"]) == (1, 0, 2.4)
    (line,) = await desk.journal(code)
    assert (line["cause"], line["status"], [one["metres"] for one in line["behind"]]) == (
        "two-readings",
        "waiting",
        [2.4, 2.4],
    )
    assert seen["waiting"] == [line["id"]]

    confirmed = await desk.call("POST", f"/floods/changes/{line['id']}/confirmation")
    assert (confirmed.json()["status"], confirmed.json()["decidedBy"]) == ("confirmed", "Manager")
    assert (await desk.station(code))["publicLevel"] == 1
    again = await desk.call("POST", f"/floods/changes/{line['id']}/confirmation")
    assert code_of(again) == (409, "already-decided")


@SHARED
async def test_a_level_is_declined_with_a_reason(desk: Desk) -> None:
    code = await desk.gauge(140)
    await desk.agreed(code)
    await desk.rise(140)
    (line,) = await desk.journal(code)
    path = f"/floods/changes/{line['id']}/refusal"
    assert code_of(await desk.call("POST", path, {"words": ""})) == (400, "invalid-request")
    refused = await desk.call("POST", path, {"words": "Une branche sous la sonde."})
    assert (refused.json()["status"], refused.json()["words"]) == ("declined", "Une branche sous la sonde.")
    assert (await desk.station(code))["publicLevel"] == 0


@SHARED
async def test_somebody_who_sees_the_water_may_say_so(desk: Desk) -> None:
    code = await desk.gauge(150)
    await desk.agreed(code)
    path = f"/floods/stations/{code}/levels"
    declared = await desk.call("POST", path, {"level": 3, "words": "L’eau est sur le quai."})
    assert (declared.status_code, declared.json()["cause"]) == (201, "seen")
    assert (await desk.station(code))["publicLevel"] == 3
    assert code_of(await desk.call("POST", path, {"level": 3, "words": "encore"})) == (409, "already-decided")


@SHARED
async def test_what_is_a_neighbours_is_not_found(desk: Desk) -> None:
    code = await desk.gauge(160)
    await desk.agreed(code)
    await desk.rise(160)
    (line,) = await desk.journal(code)
    theirs = await desk.house.agent_headers(Role.MANAGER, neighbour=True)
    answer = await desk.house.client.post(f"/v1/floods/changes/{line['id']}/confirmation", headers=theirs)
    assert code_of(answer) == (404, "flood-change-not-found")
    assert (await desk.house.client.get("/v1/floods/changes", headers=theirs)).json() == []


@SHARED
async def test_a_webhook_is_told_with_a_signature_and_told_again_until_it_takes_it(
    desk: Desk, receiver: tuple[Receiver, str]
) -> None:
    heard, url = receiver
    code = await desk.gauge(170)
    await desk.agreed(code)
    registered = await desk.call("POST", "/webhooks", {"url": url, "kinds": ["flood.level"]}, role=Role.ADMINISTRATOR)
    assert registered.status_code == 201, registered.text
    heard.answers = [503, 302]
    await desk.call("POST", f"/floods/stations/{code}/levels", {"level": 2, "words": "vu du pont"})
    own = Courier(desk.house.database, desk.house.keyring, desk.house.clock, poster := Poster())
    for times in (1, 2, 3):
        # The first time the application's own courier is called; later he may be the one, too.
        for _ in range(3_000):
            if times > 1:
                await own.round()
            if len(heard.heard) == times:
                break
            await asyncio.sleep(0.01)
        desk.house.clock.turn(seconds=60)
    await poster.close()

    assert len(heard.heard) == 3, "refused, led elsewhere, taken"
    (headers, body), *_ = heard.heard
    assert {one["webhook-id"] for one, _ in heard.heard} == {headers["webhook-id"]}
    secret = b64decode(registered.json()["secret"].removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    assert headers["webhook-signature"] == f"v1,{b64encode(hmac.digest(secret, signed, 'sha256')).decode()}"
    assert b'"type":"flood.level"' in body
    assert b'"level":2' in body

    told: dict[str, Any] = {"deliveredAt": None}
    for _ in range(3_000):
        if told["deliveredAt"] is not None:
            break
        await asyncio.sleep(0.01)
        (told, *_) = (await desk.call("GET", "/webhooks/deliveries", role=Role.ADMINISTRATOR)).json()
    assert (told["attempts"], told["answer"], told["nextAt"]) == (3, "204", None)
    assert told["deliveredAt"] is not None
    hook = registered.json()["id"]
    assert (await desk.call("POST", f"/webhooks/{hook}/end", role=Role.ADMINISTRATOR)).status_code == 204
    listed = (await desk.call("GET", "/webhooks", role=Role.ADMINISTRATOR)).json()
    assert hook not in {one["id"] for one in listed}


@SHARED
async def test_a_webhook_never_leaves_the_network_in_the_clear(desk: Desk) -> None:
    answer = await desk.call(
        "POST", "/webhooks", {"url": "http://sirens.example/", "kinds": ["flood.level"]}, role=Role.ADMINISTRATOR
    )
    assert code_of(answer) == (400, "bad-webhook")
