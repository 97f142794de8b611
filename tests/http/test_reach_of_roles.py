"""What roles for one service or one site reach, family by family: the table in docs/console.md, walked."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from domain.agents import (
    AT_PLACES,
    OF_FILES,
    OF_REQUESTS,
    PERMISSIONS,
    SHOWS_NOBODY,
    Grant,
    Permission,
    Role,
    reaches_places,
)
from domain.errors import Forbidden, Invalid
from domain.reach import check_at_gate
from domain.staff import check_grant
from tests.city import TODAY
from tests.console import Console, enter, said
from tests.house_app import House
from tests.http.logging_in import log_in
from tests.http.rights import low_gate
from tests.http.test_permissions import STREAMS, TABLE
from tests.http.test_requests import entered
from tests.http.test_scoped_roles import Scoped

pytestmark = pytest.mark.asyncio(loop_scope="module")

DOCUMENT = Path(__file__).parents[2] / "docs" / "console.md"
BOUND = [role for role in Role if reaches_places(role)]
FOR_ALL = {"/v1/offline/quarantine", "/console/quarantine", "/v1/gateways", "/console/catalogue/cards"}
"""Of a permission that reaches places, what belongs to none: unread lines, other systems, cards of everybody."""

DESK_OF_POOLS, DESK_OF_THE_CENTRE = Grant(Role.DESK, service="pool"), Grant(Role.DESK, site="waste")
MANAGER_OF_THE_POOL = Grant(Role.MANAGER, site="pool")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scoped(shared_house: House) -> Scoped:
    return Scoped(shared_house)


def lists() -> list[tuple[str, Permission]]:
    """Every page and answer that agents ask for without naming anything."""
    plain = [line for line in TABLE.values() if line.method == "GET" and "{" not in line.path]
    known = {permission.value for permission in Permission}
    return [(line.path, Permission(line.rule)) for line in plain if line.rule in known and line.path not in STREAMS]


@pytest.mark.parametrize("role", BOUND)
async def test_a_role_for_a_site_opens_what_belongs_there_and_the_files_of_residents(
    scoped: Scoped, role: Role
) -> None:
    grant = Grant(role, site="free")
    headers = await scoped.headers(grant)
    console = Console(scoped.house.client)
    await console.log_in(f"{role}--free")
    wrong = []
    for path, permission in lists():
        if permission not in PERMISSIONS[role]:
            continue
        answer = await (
            console.get(path) if path.startswith("/console") else scoped.house.client.get(path, headers=headers)
        )
        opens = permission in OF_FILES | OF_REQUESTS or (permission in AT_PLACES and path not in FOR_ALL)
        if (answer.status_code != 403) is not opens and not (path == "/v1/offline/facts" and opens):
            wrong.append((path, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize(
    ("grant", "product", "suspended", "status"),
    [
        (DESK_OF_POOLS, "carnet-10", "pool", 201),
        (DESK_OF_POOLS, "waste-24", "waste-centre", 403),
        (DESK_OF_THE_CENTRE, "waste-24", "waste-centre", 201),
        (DESK_OF_THE_CENTRE, "carnet-10", "pool", 403),
    ],
)
async def test_a_desk_of_a_service_gives_rights_to_it_alone_and_keeps_nobody_from_another(
    scoped: Scoped, grant: Grant, product: str, suspended: str, status: int
) -> None:
    name = f"G-{grant.service}{grant.site}-{product}"
    shown = await scoped.house.resident(name)
    right = {"key": name, "product": product, "validUntil": "2026-12-31"}
    granted = await scoped.ask(grant, "POST", f"/v1/passes/{shown.pass_.number}/rights", **right)
    at = f"/v1/subjects/person/{shown.holder.reference}/suspensions"
    kept = await scoped.ask(grant, "POST", at, service=suspended)
    resumed = await scoped.ask(grant, "POST", f"{at}/end", service=suspended)
    assert (granted.status_code, kept.status_code) == (status, status), granted.text
    assert resumed.status_code == (204 if status == 201 else 403)
    if status == 201:
        other = DESK_OF_POOLS if grant is DESK_OF_THE_CENTRE else DESK_OF_THE_CENTRE
        ends = f"/v1/rights/{granted.json()['id']}/end"
        assert [(await scoped.ask(one, "POST", ends)).status_code for one in (other, grant)] == [403, 200]


async def test_a_manager_of_a_site_sees_its_terminals_and_its_facts_and_no_others(scoped: Scoped) -> None:
    house = scoped.house
    await low_gate(house)
    everything = (await house.client.get("/v1/terminals", headers=await house.agent_headers(Role.MANAGER))).json()
    mine = (await scoped.ask(MANAGER_OF_THE_POOL, "GET", "/v1/terminals")).json()
    there = [one["id"] for one in everything if any(gate.startswith("pool-") for gate in one["gates"])]
    assert [one["id"] for one in mine] == there
    assert 0 < len(mine) < len(everything)
    console = Console(house.client)
    await console.log_in("manager--pool")
    pages = {one["id"]: (await console.get(f"/console/terminals/{one['id']}")).status_code for one in everything}
    assert pages == {one["id"]: 200 if one["id"] in there else 404 for one in everything}
    report = (await scoped.ask(MANAGER_OF_THE_POOL, "GET", "/v1/offline/report")).json()
    assert {one["site"] for one in report["sites"]} <= {"pool"}
    assert "quarantined" not in report
    paths = ("/v1/offline/facts?site=pool", "/v1/offline/facts?site=waste", "/v1/offline/facts")
    facts = [await scoped.ask(MANAGER_OF_THE_POOL, "GET", path) for path in paths]
    assert [one.status_code for one in facts] == [200, 403, 403]


async def test_a_sale_is_taken_back_where_its_till_stands(scoped: Scoped) -> None:
    owner = scoped.house.city.authority.id
    await scoped.headers(DESK_OF_POOLS)
    async with scoped.house.database.look() as unit:
        desk = await unit.agents.one(owner, "desk-pool-")
        pool, waste = [(await unit.places.gate(owner, code)).id for code in ("pool-1", "waste-1")]
        await check_at_gate(unit, desk, Permission.SALE_CANCEL, pool)
        with pytest.raises(Forbidden):
            await check_at_gate(unit, desk, Permission.SALE_CANCEL, waste)


async def test_a_reviewer_of_the_pool_sees_what_asks_for_it_and_decides_what_asks_for_nothing_else(
    scoped: Scoped,
) -> None:
    """ADR 0055: a request is decided once, as a whole."""
    house, mine = scoped.house, Grant(Role.REVIEWER, service="pool")
    pool, both, library = [
        (await entered(house, services=services))["reference"]
        for services in (["pool"], ["pool", "library"], ["library"])
    ]
    listed = (await scoped.ask(mine, "GET", "/v1/requests")).json()["requests"]
    assert {pool, both, library} & {one["reference"] for one in listed} == {pool, both}
    told = {}
    for reference in (pool, both, library):
        answers = [await scoped.ask(mine, "GET", f"/v1/requests/{reference}{part}") for part in ("", "/receipt")]
        answers.append(await scoped.ask(mine, "POST", f"/v1/requests/{reference}/review", version=2))
        told[reference] = [one.status_code for one in answers]
    assert told == {pool: [200, 200, 200], both: [200, 200, 403], library: [403, 403, 403]}


async def test_the_console_says_why_a_reviewer_of_the_pool_decides_nothing_of_a_request_for_two(
    scoped: Scoped,
) -> None:
    house, grant = scoped.house, Grant(Role.REVIEWER, site="pool")
    pool, both, library = [
        (await entered(house, services=services))["reference"]
        for services in (["pool"], ["pool", "library"], ["library"])
    ]
    await scoped.headers(grant)
    console = Console(house.client)
    await console.log_in("reviewer--pool")
    queue = said(await console.get("/console/requests"))
    assert [reference in queue for reference in (pool, both, library)] == [True, True, False]
    pages = [await console.get(f"/console/requests/{reference}") for reference in (pool, both, library)]
    assert [one.status_code for one in pages] == [200, 200, 403]
    assert ["decided as a whole" in said(one) for one in pages[:2]] == [False, True]
    assert ["act=approve" in one.text for one in pages[:2]] == [True, False]
    words = {"version": "2", "words": "Hors du territoire."}
    refused = [(await console.post(f"/console/requests/{one}/reject", words)).status_code for one in (both, pool)]
    assert refused == [403, 303]


async def test_a_file_lists_the_requests_that_a_reviewer_sees_in_the_queue(scoped: Scoped) -> None:
    """ADR 0055: whoever is for one service sees what asks for it, by whichever way they come to it."""
    house = scoped.house
    asker = {"name": "Léo Ferrand", "phone": "06 98 76 54 32"}
    person = {"firstName": "Léo", "lastName": "Ferrand", "bornOn": "1990-01-02"}
    same = {"asker": asker, "persons": [person]}
    pool, library = [(await entered(house, services=[one], **same))["reference"] for one in ("pool", "library")]
    grants = (Grant(Role.REVIEWER, service="pool"), Grant(Role.REVIEWER, service="library"), Grant(Role.DESK))
    found = []
    for grant in grants:
        await scoped.headers(grant)
        console = Console(house.client)
        await console.log_in(f"{grant.role}-{grant.service}-")
        page = (await console.get("/console/people?q=06 98 76 54 32")).text
        found.append((pool in page, library in page))
    assert found == [(True, False), (False, True), (True, True)]
    headers = await house.agent_headers(Role.DESK)
    for act, version in (("review", 2), ("approval", 3)):
        answer = await house.client.post(f"/v1/requests/{pool}/{act}", json={"version": version}, headers=headers)
        assert answer.status_code == 200, answer.text
    listed = []
    for grant in grants:
        console = Console(house.client)
        await console.log_in(f"{grant.role}-{grant.service}-")
        named = await console.get("/console/people?q=Ferrand")
        path = re.findall(r'href="(/console/people/[^"?]+)"', named.text)[0]
        file = await console.get(path)
        listed.append((f'href="/console/requests/{pool}"' in file.text, "ask for your services" in said(file)))
    assert listed == [(True, True), (False, True), (True, False)]


async def test_the_file_shows_an_agent_of_a_site_what_happened_there(scoped: Scoped) -> None:
    shown = await scoped.house.resident("F-1", rights=("carnet-10", "waste-24"))
    for site in ("free", "waste"):
        assert (await scoped.house.tap(shown.code, f"{site}-1")).status_code == 200
    sections = []
    for grant in (Grant(Role.SITE_AGENT, site="free"), Grant(Role.SITE_AGENT, site="library")):
        await scoped.headers(grant)
        console = Console(scoped.house.client)
        await console.log_in(f"{grant.role}--{grant.site}")
        sections.append(said(await console.get("/console/people/F-1")))
    here, elsewhere = (page.lower().count("free") for page in sections)
    assert here > elsewhere


async def test_a_role_that_is_for_the_whole_authority_is_not_given_for_a_place(scoped: Scoped) -> None:
    async with scoped.house.database.look() as unit:
        for role in set(Role) - set(BOUND):
            with pytest.raises(Invalid):
                await check_grant(unit, scoped.house.city.authority.id, Grant(role, site="pool"))


async def test_the_guide_says_of_each_permission_how_far_it_reaches() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    told = {
        "a place": set(AT_PLACES),
        "files": set(OF_FILES),
        "requests": set(OF_REQUESTS),
        "everything": set(Permission) - AT_PLACES - OF_FILES - OF_REQUESTS,
    }
    rows = [line.split("|") for line in text.splitlines() if line.startswith("| `")]
    found: dict[str, set[Permission]] = {reach: set() for reach in told}
    for row in rows:
        if len(row) > 3 and row[2].strip() in found:
            found[row[2].strip()] |= {Permission(name.strip(" `")) for name in row[1].split(",")}
    assert found == told
    assert not AT_PLACES & OF_FILES
    assert OF_REQUESTS.isdisjoint(AT_PLACES | OF_FILES)
    assert SHOWS_NOBODY.isdisjoint(OF_FILES)


async def test_a_role_ends_by_itself_at_both_doors_on_the_day_after_its_last(scoped: Scoped) -> None:
    house, grant = scoped.house, Grant(Role.SITE_AGENT, site="pool", until=TODAY + timedelta(days=1))
    login = "site_agent--pool"

    async def asked() -> list[int]:
        headers = (await log_in(house.client, login)).json()["accessToken"]
        console = Console(house.client)
        await console.log_in(login)
        api = await house.client.get("/v1/passes/0000000000", headers={"Authorization": f"Bearer {headers}"})
        return [(await console.get("/console/sites")).status_code, api.status_code]

    await scoped.headers(grant)
    assert await asked() == [200, 404]
    house.clock.turn(days=1)
    try:
        assert await asked() == [403, 403]
    finally:
        house.clock.turn(days=-1)


async def test_unused_and_closed_accounts_stand_apart_in_the_list(scoped: Scoped) -> None:
    house = scoped.house
    house.clock.turn(days=90)
    try:
        admin = await enter(house, Role.ADMINISTRATOR)
        idle = said(await admin.get("/console/agents?state=idle"))
        at = f"/console/agents/{house.city.agents[Role.KEY_HOLDER].id}"
        assert house.city.agents[Role.KEY_HOLDER].login in idle
        assert house.city.agents[Role.ADMINISTRATOR].login not in idle, "they have just come in"
        assert "for at least 90 days" in said(await admin.get(at))
        await admin.post(f"{at}/close")
        shown = [
            said(await admin.get(f"/console/agents?role=key_holder&state={state}")) for state in ("open", "closed")
        ]
        assert [house.city.agents[Role.KEY_HOLDER].login in page for page in shown] == [False, True]
        await admin.post(f"{at}/reopen")
        over = await admin.post(f"{at}/roles", {"role": "desk", "where": "everywhere", "until": "2020-01-01"})
        assert "this day is over" in said(over)
    finally:
        house.clock.turn(days=-90)
