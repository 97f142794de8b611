"""Bands through the API of agents: one person's program proposes, another person puts in force, and pages say it."""

from typing import Any

import httpx
import pytest

from domain.agents import Role
from tests.house_app import House

pytestmark = pytest.mark.asyncio(loop_scope="module")
PATH = "/v1/bands"


async def ask(
    house: House, method: str, path: str = "", *, role: Role = Role.EDITOR, json: object = None, neighbour: bool = False
) -> httpx.Response:
    headers = await house.agent_headers(role, neighbour=neighbour)
    answer: httpx.Response = await house.client.request(method, f"{PATH}{path}", headers=headers, json=json)
    return answer


async def shown(house: House, code: str, *, neighbour: bool = False) -> dict[str, Any]:
    answer = await ask(house, "GET", f"/{code}", neighbour=neighbour)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def proposal(of: dict[str, Any], **changed: Any) -> dict[str, Any]:  # noqa: ANN401 - as a body is
    """What is in force, with something said otherwise."""
    return {"bands": {**of["bands"], "checked": "2026-11-17", **changed}, "reason": "Décision", "after": of["newest"]}


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_two_people_move_an_edge_and_two_put_it_back(shared_house: House) -> None:
    scale = "co2-room"
    before = await shown(shared_house, scale)
    assert (before["scale"]["own"], before["newest"], before["editions"]) == (False, 0, [])
    moved = [{"value": 700.0, "included": False} if one["value"] == 800 else one for one in before["bands"]["edges"]]
    body = proposal(before, edges=moved, source="Council decision 12")

    proposed = await ask(shared_house, "POST", f"/{scale}/editions", json=body)
    assert proposed.status_code == 201, proposed.text
    assert proposed.json()["bands"] == before["bands"], "nothing has changed for residents"
    assert (proposed.json()["scale"]["waiting"], proposed.json()["newest"]) == (1, 1)
    by_its_author = await ask(shared_house, "POST", f"/{scale}/editions/1/publication")
    assert code_of(by_its_author) == (403, "forbidden")

    published = await ask(shared_house, "POST", f"/{scale}/editions/1/publication", role=Role.MANAGER)
    assert published.status_code == 200, published.text
    now = await shown(shared_house, scale)
    assert (now["scale"]["own"], now["bands"]["edges"], now["bands"]["source"]) == (True, moved, "Council decision 12")
    (edition,) = now["editions"]
    logins = [shared_house.city.agents[role].login for role in (Role.EDITOR, Role.MANAGER)]
    assert [edition["state"], edition["proposedBy"], edition["decidedBy"]] == ["in-force", *logins]
    (line,) = [one for one in (await ask(shared_house, "GET")).json() if one["code"] == scale]
    assert line == now["scale"]
    assert not (await shown(shared_house, scale, neighbour=True))["scale"]["own"]

    back = {"bands": None, "reason": "Retour", "after": 1}
    assert (await ask(shared_house, "POST", f"/{scale}/editions", json=back, role=Role.MANAGER)).status_code == 201
    own = await ask(shared_house, "POST", f"/{scale}/editions/2/publication", role=Role.MANAGER)
    assert code_of(own) == (403, "second-person-needed")
    refused = await ask(shared_house, "POST", f"/{scale}/editions/2/refusal")
    assert (refused.status_code, refused.json()["editions"][0]["state"]) == (200, "declined")
    assert (await ask(shared_house, "POST", f"/{scale}/editions", json={**back, "after": 2})).status_code == 201
    assert (await ask(shared_house, "POST", f"/{scale}/editions/3/publication", role=Role.MANAGER)).status_code == 200
    assert (await shown(shared_house, scale))["bands"] == before["bands"]


async def test_who_is_slower_than_a_colleague_is_told(shared_house: House) -> None:
    scale = "pollen"
    read = await shown(shared_house, scale)
    assert (await ask(shared_house, "POST", f"/{scale}/editions", json=proposal(read))).status_code == 201
    late = await ask(shared_house, "POST", f"/{scale}/editions", json=proposal(read), role=Role.MANAGER)
    assert code_of(late) == (409, "already-decided")
    assert (await shown(shared_house, scale))["newest"] == 1


async def test_bands_that_no_page_could_say_are_refused_and_each_fault_is_named(shared_house: House) -> None:
    scale = "noise-street-day"
    read = await shown(shared_house, scale)
    edges, (first, *others) = read["bands"]["edges"], read["bands"]["texts"]
    french = {**first["label"], "fr": "x" * 31}
    wrong: dict[str, dict[str, Any]] = {
        "do not rise": {"edges": [{**one, "value": -one["value"]} for one in edges]},
        "other bands": {"texts": others},
        "30 letters": {"texts": [{**first, "label": french}, *others]},
        "one line": {"texts": [{**first, "state": {**first["state"], "en": "two\nlines"}}, *others]},
        "says nothing in easy": {"texts": [{**first, "action": {**first["action"], "easy": " "}}, *others]},
        "leaves place open": {"texts": [{**first, "action": {**first["action"], "en": "Go to {place}."}}, *others]},
        "not said": {"texts": [{**first, "elsewhere": first["action"]}, *others]},
        "checked is a day to come": {"checked": "2031-01-01"},
        "beyond": {"edges": [*edges[:-1], {**edges[-1], "value": 1e12}]},
    }
    for told, changed in wrong.items():
        answer = await ask(shared_house, "POST", f"/{scale}/editions", json=proposal(read, **changed))
        assert code_of(answer) == (400, "bad-bands"), (told, answer.text)
        assert told in answer.json()["detail"], (told, answer.text)
    for path in ("/nothing", "/noise-street-day/editions/99/refusal"):
        answer = await ask(shared_house, "POST" if "99" in path else "GET", path)
        assert answer.status_code == 404, path
    assert (await shown(shared_house, scale))["editions"] == []
