"""The catalogue over the API: read, drafted as a file, previewed, activated, withdrawn and undone."""

from typing import Any

import msgspec
import pytest

from adapters.keyring import Purpose
from domain.agents import Role
from domain.offline import Content
from nfc import bundle
from tests.house_app import House

SHARED = pytest.mark.asyncio(loop_scope="module")
PATH = "/v1/catalogue"


class Manager:
    """A program that acts for a manager."""

    def __init__(self, house: House, headers: dict[str, str]) -> None:
        self._house = house
        self._headers = headers

    async def get(self, path: str, status: int = 200) -> Any:  # noqa: ANN401 - JSON
        answer = await self._house.client.get(PATH + path, headers=self._headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def post(self, path: str, status: int, **body: object) -> Any:  # noqa: ANN401 - JSON
        answer = await self._house.client.post(PATH + path, headers=self._headers, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def draft(self, text: str, reason: str = "Conseil") -> str:
        new = await self.post("/modifications", 201, reason=reason, text=text)
        return f"/modifications/{new['number']}"


async def of(house: House) -> Manager:
    return Manager(house, await house.agent_headers(Role.MANAGER))


@SHARED
async def test_what_is_read_can_be_sent_back_changed_and_comes_into_force(shared_house: House) -> None:
    manager = await of(shared_house)
    said = await manager.get("/products/waste-24")
    assert said["lines"][1]["said"]["fr"] == "24 passages par année civile"
    place = await manager.draft(said["text"].replace("amount = 24", "amount = 26"))
    seen = await manager.get(f"{place}/preview")
    assert [(one["code"], one["after"]["en"]) for one in seen["differences"]] == [
        ("waste-24", "26 visits a calendar year")
    ]
    done = await manager.post(f"{place}/activation", 200)
    assert (done["state"], done["codes"]) == ("in_force", ["waste-24"])
    assert (await manager.get("/products/waste-24"))["lines"][1]["said"]["en"] == "26 visits a calendar year"
    assert (await manager.post(f"{place}/withdrawal", 409))["code"] == "modification-settled"
    back = await manager.post(f"{place}/undo", 201, reason="Reporté")
    assert back["undoes"] == done["number"]
    await manager.post(f"/modifications/{back['number']}/activation", 200)
    assert await manager.get("/products/waste-24") == said


@SHARED
async def test_a_site_closes_at_a_date_and_the_date_is_withdrawn(shared_house: House) -> None:
    manager = await of(shared_house)
    text = (await manager.get("/sites/free"))["text"]
    closure = (
        '\n[[sites.closures]]\nfirst_day = 2026-12-01\nlast_day = 2026-12-03\nwhy = { fr = "Fuite", en = "Leak" }\n'
    )
    place = await manager.draft(text + closure)
    assert (await manager.get(f"{place}/preview"))["effects"][0]["days"] == 3
    waiting = await manager.post(f"{place}/activation", 200, at="2026-11-30T06:00:00+01:00")
    assert (waiting["state"], waiting["takesEffectAt"]) == ("scheduled", "2026-11-30T05:00:00Z")
    assert (await manager.post(f"{place}/withdrawal", 200))["state"] == "withdrawn"
    assert (await manager.get("/modifications"))[0]["state"] == "withdrawn"
    assert await manager.get("/modifications?below=1") == []


@SHARED
async def test_a_draft_is_told_what_changed_under_it_and_takes_it_up(shared_house: House) -> None:
    manager = await of(shared_house)
    text = (await manager.get("/products/bus-year"))["text"]
    second = await manager.draft(text.replace('fr = "bus-year"', 'fr = "Un an de bus"'))
    first = await manager.draft(text + '\n[products.term]\nwindow = "month"\n')
    await manager.post(f"{first}/activation", 200)
    assert (await manager.post(f"{second}/activation", 409))["code"] == "moved-meanwhile"
    assert (await manager.get(f"{second}/preview"))["moved"] == ["bus-year"]
    await manager.post(f"{second}/take-up", 200)
    await manager.post(f"{second}/activation", 200)
    said = {line["key"]: line["said"]["fr"] for line in (await manager.get("/products/bus-year"))["lines"]}
    assert (said["name"][:12], said["term"]) == ("Un an de bus", "jusqu’à la fin du mois")


@SHARED
async def test_what_cannot_be_is_refused_with_its_place(shared_house: House) -> None:
    manager = await of(shared_house)
    text = (await manager.get("/products/waste-24"))["text"]
    for wrong, status, code in (
        ("limit = ", 400, "bad-catalogue-file"),
        (text.replace("visit", "stone"), 400, "bad-catalogue-file"),
        (text.replace("waste-centre", "library"), 400, "product-fixed"),
        (text.replace("amount = 24", "amount = 2"), 400, "warning-out-of-reach"),
    ):
        assert (await manager.post("/modifications", status, reason="Essai", text=wrong))["code"] == code
    empty = await manager.draft(text)
    assert (await manager.post(f"{empty}/activation", 409))["code"] == "modification-empty"
    far = await manager.draft(text.replace("amount = 24", "amount = 30"))
    assert (await manager.post(f"{far}/activation", 400, at="9999-12-31T23:59:59-12:00"))["code"] == "invalid"
    await manager.get("/products/none", 404)
    await manager.get("/sites/none", 404)
    await manager.get("/modifications/99999999999999999999", 404)


@SHARED
async def test_the_next_offline_bundle_says_what_was_put_in_force(shared_house: House) -> None:
    """A terminal that asks again learns it at once: a bundle is made anew when the catalogue's version has moved."""
    manager = await of(shared_house)

    async def hours_of_the_day() -> list[bool]:
        headers = {"Authorization": f"Bearer {await shared_house.terminal_token()}"}
        answer = await shared_house.client.get("/v1/terminals/bundles/library", headers=headers)
        trusted = shared_house.keyring.verify_keys(Purpose.BUNDLE)
        read = bundle.read(answer.content, trusted, authority="ville", service="library", newest=0)
        (library,) = msgspec.json.decode(read.content, type=Content).sites
        return [bool(day.hours) for day in library.days.values()]

    assert any(await hours_of_the_day())
    text = (await manager.get("/sites/library"))["text"]
    closure = (
        '\n[[sites.closures]]\nfirst_day = 2026-11-01\nlast_day = 2026-12-24\nwhy = { fr = "Eau", en = "Water" }\n'
    )
    place = await manager.draft(text + closure)
    await manager.post(f"{place}/activation", 200)
    assert not any(await hours_of_the_day())


@SHARED
async def test_something_new_is_drafted_previewed_and_in_force_and_undone_by_withdrawing_it(
    shared_house: House,
) -> None:
    manager = await of(shared_house)
    text = (await manager.get("/sites/free"))["text"].replace('"free', '"open-air')
    place = await manager.draft(text.replace("[[sites]]", product("pool-open-air") + "[[sites]]"))
    seen = await manager.get(f"{place}/preview")
    assert {one["code"]: (one["eligible"], one["days"]) for one in seen["effects"]} == {
        "pool-open-air": (0, None),
        "open-air": (None, 365),
    }
    await manager.post(f"{place}/activation", 200)
    assert (await manager.get("/sites/open-air"))["kind"] == "site"
    back = await manager.post(f"{place}/undo", 201, reason="Reporté")
    await manager.post(f"/modifications/{back['number']}/activation", 200)
    assert "offered_until" in (await manager.get("/products/pool-open-air"))["text"]
    assert "9999-12-31" in (await manager.get("/sites/open-air"))["text"]


def product(code: str) -> str:
    name = 'name = { fr = "Bassin", en = "Pool" }'
    return f'[[products]]\ncode = "{code}"\nservice = "pool"\nsubject = "person"\n{name}\n'
