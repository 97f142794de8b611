"""What people say at a point, over JSON; and what agents do with it."""

import itertools
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select

from adapters.attempts import MOST_FAILURES
from api.expression import REMARKS_PER_NEIGHBOURHOOD
from domain.agents import Role
from domain.points import Point
from store.tables.expression import expression_salt, expression_token, remark
from tests.house_app import House
from tests.point_sheets import published, register_air

SHARED = pytest.mark.asyncio(loop_scope="module")
QUESTION = {"kind": "question", "text": "La nuit, que mesure-t-elle ?"}
_browsers = itertools.count()


class Square:
    """A point in the shared house, where each visitor has a browser of their own."""

    def __init__(self, house: House, point: Point) -> None:
        self.house = house
        self.point = point
        self.headers: dict[str, str] = {}
        self.path = f"/v1/tour/points/{point.id}/remarks"

    async def say(self, body: dict[str, Any], *, browser: str | None = None) -> httpx.Response:
        agent = browser or f"Browser {next(_browsers)}"
        answer: httpx.Response = await self.house.client.post(self.path, json=body, headers={"User-Agent": agent})
        return answer

    async def read(self) -> dict[str, Any]:
        answer = await self.house.client.get(self.path)
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.json()
        return said

    async def desk(self, method: str, path: str, body: object = None) -> httpx.Response:
        self.headers = self.headers or await self.house.agent_headers(Role.MANAGER)
        answer: httpx.Response = await self.house.client.request(method, f"/v1{path}", json=body, headers=self.headers)
        return answer

    async def asked(self, text: str) -> str:
        """Leave words, and return the id under which they wait."""
        assert (await self.say({**QUESTION, "text": text})).status_code == 201
        waiting = (await self.desk("GET", "/remarks?lines=200")).json()
        return next(str(one["id"]) for one in waiting if one["text"] == text)


_slugs = itertools.count()


@pytest_asyncio.fixture(loop_scope="module")
async def square(shared_house: House) -> Square:
    """A new point, a quarter of an hour later: the neighbourhood may speak again."""
    shared_house.clock.turn(minutes=16)
    async with shared_house.database.look() as unit:
        there = await unit.devices.find(shared_house.city.authority.id, "ecole-gambetta-12")
    if there is None:
        await register_air(shared_house.database, shared_house.city)
    return Square(shared_house, await published(shared_house.database, shared_house.city, f"place-{next(_slugs)}"))


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@SHARED
async def test_a_question_waits_is_read_published_and_answered(square: Square) -> None:
    told = await square.say(QUESTION)
    assert (told.status_code, told.json()) == (201, {"waits": True})
    assert "set-cookie" not in told.headers
    assert (await square.read())["remarks"] == []

    (waiting,) = [one for one in (await square.desk("GET", "/remarks")).json() if one["point"] == square.point.slug]
    early = await square.desk("POST", f"/remarks/{waiting['id']}/answer", {"words": "Oui."})
    assert code_of(early) == (409, "already-decided")
    assert (await square.desk("POST", f"/remarks/{waiting['id']}/approval")).status_code == 200
    answered = await square.desk("POST", f"/remarks/{waiting['id']}/answer", {"words": "Le CO2,\njour et nuit."})
    assert answered.status_code == 200, answered.text
    (shown,) = (await square.read())["remarks"]
    day = square.house.clock().date().isoformat()
    assert shown == {
        "kind": "question",
        "feeling": None,
        "language": "fr",
        "text": QUESTION["text"],
        "saidOn": day,
        "answer": "Le CO2,\njour et nuit.",
        "answeredOn": day,
    }


@SHARED
async def test_a_device_speaks_once_a_day_of_each_kind(square: Square) -> None:
    assert (await square.say(QUESTION, browser="Firefox")).status_code == 201
    assert code_of(await square.say(QUESTION, browser="Firefox")) == (409, "said-today")
    assert (await square.say({"kind": "reaction", "feeling": "useful"}, browser="Firefox")).status_code == 201
    square.house.clock.turn(hours=24)
    assert (await square.say(QUESTION, browser="Firefox")).status_code == 201


@SHARED
async def test_feelings_are_counted_out_loud_from_five(square: Square) -> None:
    for _ in range(4):
        answer = await square.say({"kind": "reaction", "feeling": "surprised"})
        assert answer.json() == {"waits": False}
    counts = {one["feeling"]: one["count"] for one in (await square.read())["counts"]}
    assert counts == {"useful": None, "surprised": None, "worried": None, "curious": None}
    await square.say({"kind": "reaction", "feeling": "surprised"})
    counts = {one["feeling"]: one["count"] for one in (await square.read())["counts"]}
    assert counts["surprised"] == 5


@SHARED
async def test_words_that_are_declined_are_erased(square: Square) -> None:
    held = await square.asked("Madame Dupont habite ici.")
    path = f"/remarks/{held}/refusal"
    assert code_of(await square.desk("POST", path, {"reason": ""})) == (400, "invalid-request")
    declined = (await square.desk("POST", path, {"reason": "Nomme une personne."})).json()
    assert (declined["status"], declined["text"], declined["reason"]) == ("declined", None, "Nomme une personne.")
    async with square.house.database.read() as connection:
        rows = (await connection.execute(select(remark).where(remark.c.id == UUID(held)))).all()
    assert "Dupont" not in str(rows)
    assert code_of(await square.desk("POST", path, {"reason": "encore"})) == (409, "already-decided")


@SHARED
async def test_a_fault_becomes_a_task_once_an_agent_believes_it(square: Square) -> None:
    await square.say({"kind": "fault", "text": "La plaque est cassée."})
    (waiting,) = [one for one in (await square.desk("GET", "/remarks")).json() if one["point"] == square.point.slug]
    await square.desk("POST", f"/remarks/{waiting['id']}/approval")
    (task,) = [one for one in (await square.desk("GET", "/tasks")).json() if one["point"] == square.point.slug]
    assert (task["why"], task["remark"], task["service"]) == ("fault", waiting["id"], "Direction de l’éducation")
    path = f"/tasks/{task['id']}/end"
    short = await square.desk("POST", path, {"note": "ok"})
    assert (short.status_code, short.json()["faults"][0]["where"]) == (400, "note")
    assert (await square.desk("POST", path, {"note": "Remplacée."})).json()["note"] == "Remplacée."
    assert code_of(await square.desk("POST", path, {"note": "Encore."})) == (409, "already-decided")
    done = (await square.desk("GET", "/tasks?done=true")).json()
    assert task["id"] in {one["id"] for one in done}


@SHARED
async def test_a_neighbourhood_that_says_too_much_is_asked_to_wait(square: Square) -> None:
    assert REMARKS_PER_NEIGHBOURHOOD < MOST_FAILURES, "or nobody would count so far"
    for _ in range(REMARKS_PER_NEIGHBOURHOOD):
        assert (await square.say({"kind": "reaction", "feeling": "useful"})).status_code == 201
    refused = await square.say({"kind": "reaction", "feeling": "useful"})
    assert code_of(refused) == (429, "too-many-attempts")
    assert int(refused.headers["retry-after"]) > 0


@SHARED
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"kind": "reaction"}, "nothing-said"),
        ({"kind": "question", "text": ""}, "nothing-said"),
        ({"kind": "question", "text": "a" * 601}, "nothing-said"),
        ({"kind": "question", "text": "a\x00b"}, "nothing-said"),
        ({"kind": "question", "text": "a" * 1_300}, "invalid-request"),
        ({"kind": "shout", "text": "eh"}, "invalid-request"),
        ({"kind": "question", "text": "pourquoi", "name": "Zoé"}, "invalid-request"),
    ],
)
async def test_what_says_nothing_or_too_much_is_refused(square: Square, body: dict[str, Any], expected: str) -> None:
    assert code_of(await square.say(body)) == (400, expected)


@SHARED
async def test_a_point_that_is_not_public_hears_nothing(square: Square) -> None:
    path = f"/v1/tour/points/{UUID(int=404)}/remarks"
    assert code_of(await square.house.client.post(path, json=QUESTION)) == (404, "point-not-found")
    assert code_of(await square.house.client.get(path)) == (404, "point-not-found")


@SHARED
async def test_nothing_that_is_kept_leads_to_a_device(square: Square) -> None:
    await square.say(QUESTION, browser="A browser that nobody else has")
    kept = ""
    async with square.house.database.read() as connection:
        for table in (remark, expression_token, expression_salt):
            kept += str((await connection.execute(select(table))).all())
    assert "nobody else" not in kept
    assert "127.0.0.1" not in kept
    assert "testclient" not in kept


@SHARED
async def test_what_is_a_neighbours_is_not_found(square: Square) -> None:
    held = await square.asked("À qui est cette boîte ?")
    theirs = await square.house.agent_headers(Role.MANAGER, neighbour=True)
    answer = await square.house.client.post(f"/v1/remarks/{held}/approval", headers=theirs)
    assert code_of(answer) == (404, "remark-not-found")
