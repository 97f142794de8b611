"""Roles for one site or one service: what they reach, and what they do not."""

from typing import Any

import pytest
import pytest_asyncio

from domain.agents import Agent, Grant, Role
from domain.staff import take_on
from tests.city import NOW, PASSWORD
from tests.console import Console
from tests.house_app import House

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Scoped:
    """Agents with one role for one place each, in a house that all tests of this file share."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._headers: dict[Grant, dict[str, str]] = {}

    async def headers(self, grant: Grant) -> dict[str, str]:
        if grant not in self._headers:
            agent = await self._agent(grant)
            answer = await self.house.client.post(
                "/v1/agents/tokens", json={"login": agent.login, "password": PASSWORD}
            )
            self._headers[grant] = {"Authorization": f"Bearer {answer.json()['accessToken']}"}
        return self._headers[grant]

    async def _agent(self, grant: Grant) -> Agent:
        like = self.house.city.agents[grant.role]
        async with self.house.database.begin() as unit:
            login = f"{grant.role}-{grant.service}-{grant.site}"
            return await take_on(
                unit, like.authority_id, login=login, name=login, password_hash=like.password_hash, grants=(grant,),
                now=NOW,
            )  # fmt: skip

    async def ask(self, grant: Grant, method: str, path: str, **body: object) -> Any:  # noqa: ANN401 - an httpx answer
        headers = await self.headers(grant)
        return await self.house.client.request(method, path, headers=headers, json=body or None)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scoped(shared_house: House) -> Scoped:
    return Scoped(shared_house)


AT_THE_FREE_POOL = Grant(Role.SITE_AGENT, site="free")
AT_ALL_POOLS = Grant(Role.SITE_AGENT, service="pool")


@pytest.mark.parametrize(
    ("grant", "site", "status"),
    [
        (AT_THE_FREE_POOL, "free", 200),
        (AT_THE_FREE_POOL, "pool", 403),
        (AT_THE_FREE_POOL, "waste", 403),
        (AT_ALL_POOLS, "pool", 200),
        (AT_ALL_POOLS, "waste", 403),
    ],
)
async def test_an_agent_of_a_place_lets_people_in_there_alone(
    scoped: Scoped, grant: Grant, site: str, status: int
) -> None:
    shown = await scoped.house.resident(f"E-{grant.service}-{grant.site}-{site}", rights=("carnet-10",))
    entry = {"key": shown.holder.reference, "gate": f"{site}-1", "motive": "good_faith"}
    answer = await scoped.ask(grant, "POST", f"/v1/sites/{site}/entries", passNumber=shown.pass_.number, **entry)
    assert answer.status_code == status, answer.text


async def test_a_passage_is_seen_and_taken_back_where_it_was(scoped: Scoped) -> None:
    house = scoped.house
    shown = await house.resident("W-1", rights=("carnet-10", "waste-24"))
    for site in ("free", "waste"):
        assert (await house.tap(shown.code, f"{site}-1")).status_code == 200
    path = f"/v1/passes/{shown.pass_.number}/passages"
    everything = (await house.client.get(path, headers=await house.agent_headers(Role.SITE_AGENT))).json()
    by_site = {line["site"]: line["passage"] for line in everything}
    assert by_site.keys() == {"free", "waste"}

    seen = (await scoped.ask(AT_THE_FREE_POOL, "GET", path)).json()
    elsewhere, here = [
        await scoped.ask(
            AT_THE_FREE_POOL, "POST", f"/v1/passages/{by_site[site]}/cancellation", key=f"w-{site}", motive="good_faith"
        )
        for site in ("waste", "free")
    ]

    assert [line["site"] for line in seen] == ["free"]
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (403, "forbidden")
    assert (here.status_code, here.json()["reason"]) == (200, "cancelled")


async def test_a_manager_of_a_place_reviews_it_and_not_the_whole_city(scoped: Scoped) -> None:
    manager = Grant(Role.MANAGER, site="pool")
    paths = ("/v1/sites/pool/overrides", "/v1/sites/waste/overrides", "/v1/sites/nowhere/overrides")
    whole = ("/v1/offline/quarantine", "/v1/card-batches", "/v1/exports/validations")
    answers = [await scoped.ask(manager, "GET", path) for path in (*paths, *whole)]
    assert [answer.status_code for answer in answers] == [200, 403, 404, 403, 403, 403]


async def test_a_desk_of_one_place_serves_every_resident(scoped: Scoped) -> None:
    shown = await scoped.house.resident("D-1")
    answer = await scoped.ask(Grant(Role.DESK, site="library"), "GET", f"/v1/passes/{shown.pass_.number}")
    assert answer.status_code == 200


async def test_the_console_shows_the_sites_of_a_role_and_takes_nothing_back_elsewhere(scoped: Scoped) -> None:
    await scoped.headers(AT_THE_FREE_POOL)
    console = Console(scoped.house.client)
    await console.log_in(f"{AT_THE_FREE_POOL.role}--{AT_THE_FREE_POOL.site}")
    page = await console.get("/console/sites")
    assert "/console/sites/free" in page.text
    assert "/console/sites/waste" not in page.text
    assert (await console.get("/console/sites/waste")).status_code == 403
    shown = await scoped.house.resident("C-1", rights=("waste-24",))
    assert (await scoped.house.tap(shown.code, "waste-1")).status_code == 200
    path = f"/v1/passes/{shown.pass_.number}/passages"
    everywhere = await scoped.house.client.get(path, headers=await scoped.house.agent_headers(Role.SITE_AGENT))
    elsewhere = everywhere.json()[0]["passage"]

    by_the_way_of_here = f"/console/sites/free/passages/{elsewhere}/cancel"
    answer = await console.post(by_the_way_of_here, {"key": "c", "motive": "good_faith"})

    assert answer.status_code == 403
