"""Dashboards over HTTP: as data, as files, and at the console, where what they lack is entered."""

import re
import zipfile
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import insert, update

from domain.agents import Role
from domain.places import Commune
from store.figures.upkeep import snapshot
from store.tables.figures import passage_day, passage_hour
from store.tables.places import site
from tests.city import NOW, TODAY
from tests.console import Console, enter, said
from tests.house_app import House

SHARED = pytest.mark.asyncio(loop_scope="module")
EVIL = '=1+1<script>alert("x")</script>'
YESTERDAY = TODAY - timedelta(days=1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(shared_house: House) -> House:
    """A month of which passages were counted, at a site with a hostile name and at one that few come to."""
    city = shared_house.city
    pool, free = city.sites["pool"], city.sites["free"]
    day: dict[str, Any] = {"day": YESTERDAY, "direction": "entry", "motive": "", "offline": False}
    granted, refused = {"outcome": "granted", "reason": "welcome"}, {"outcome": "denied", "reason": "no_right"}
    counts = [(pool, granted, 40), (pool, refused, 10), (free, granted, 3), (city.sites["bus"], granted, 70)]
    async with shared_house.database.write() as connection:
        name = {"fr": EVIL, "en": EVIL}
        await connection.execute(update(site).where(site.c.id == pool.id).values(name=name))
        for place, kind, count in counts:
            row = {**day, **kind, "site_id": place.id, "authority_id": place.authority_id, "passages": count}
            await connection.execute(insert(passage_day).values(row))
        hour = {"site_id": pool.id, "day": YESTERDAY, "hour": 9, "authority_id": pool.authority_id}
        await connection.execute(insert(passage_hour).values(**hour, admitted=40, refused=10))
    async with shared_house.database.begin() as unit:
        await unit.places.add_commune(Commune(unit.ids.row(), city.authority.id, "00101", EVIL, 200))
    for number in range(6):
        await shared_house.resident(f"F{number}")
    await snapshot(shared_house.database, NOW)
    return shared_house


async def asks(house: House, path: str, **params: str) -> Any:  # noqa: ANN401 - httpx
    headers = await house.agent_headers(Role.MANAGER)
    return await house.client.get(f"/v1/figures/{path}", params=params, headers=headers)


@SHARED
async def test_a_dashboard_is_told_with_small_counts_hidden(told: House) -> None:
    body = (await asks(told, "passages", period="2026-11")).json()
    assert (body["topic"], body["threshold"], body["compared"]) == ("passages", 5, None)
    assert body["period"]["knownUntil"] == TODAY.isoformat()
    by_site = next(one for one in body["figures"] if one["code"] == "passages-by-site")
    assert {line["code"]: line["cells"][0] for line in by_site["lines"]} == {
        "bus": 70.0,
        "pool": "hidden",
        "free": "hidden",
    }
    assert next(iter(body["figures"]))["headline"]["fr"] == "113 passages en novembre 2026."


@SHARED
@pytest.mark.parametrize("period", ["2026-12", "autumn", "2026-11' OR 1=1"])
async def test_a_period_that_is_none_is_a_problem(told: House, period: str) -> None:
    answer = await asks(told, "passages", period=period)
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown-period")


@SHARED
async def test_files_are_sent_as_files_and_hold_no_formula(told: House) -> None:
    table = await asks(told, "passages/passages-by-site/table")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.headers["content-disposition"] == 'attachment; filename="passages-by-site-2026-11.csv"'
    assert "'=1+1<script>" in table.text
    book = await asks(told, "passages/workbook", lang="en")
    assert book.headers["content-type"].startswith("application/vnd.openxmlformats")
    with zipfile.ZipFile(BytesIO(book.content)) as opened:
        assert all(b"<f>" not in opened.read(name) for name in opened.namelist())
    assert (await asks(told, "passages/nothing/table")).status_code == 404


@SHARED
async def test_a_neighbour_is_told_nothing_of_it(told: House) -> None:
    headers = await told.agent_headers(Role.MANAGER, neighbour=True)
    body = (await told.client.get("/v1/figures/passages", headers=headers)).json()
    assert body["figures"][0]["lines"] == []


@SHARED
@pytest.mark.parametrize("topic", ["", "/passages", "/adoption", "/requests", "/quality", "/quotas", "/tour", "/costs"])
async def test_a_page_of_the_console_draws_it_and_keeps_names_as_names(told: House, topic: str) -> None:
    page = await (await enter(told, Role.MANAGER)).get(f"/console/figures{topic}?period=2026-11&lang=fr")
    assert page.status_code == 200, page.text
    assert "<script>alert" not in page.text
    assert re.search(r"\sstyle=|\son\w+=", page.text) is None
    assert "Novembre 2026" in page.text
    if topic in {"", "/passages", "/adoption"}:
        assert '<svg class="plot' in page.text


@SHARED
async def test_an_unknown_dashboard_and_period_are_said_in_words(told: House) -> None:
    console = await enter(told, Role.MANAGER)
    assert (await console.get("/console/figures/nothing")).status_code == 404
    assert (await console.get("/console/figures/passages?period=nothing")).status_code == 400
    assert (await console.get("/console/figures/passages?period=2026-11&against=nothing")).status_code == 200


@SHARED
async def test_the_console_gives_the_same_files(told: House) -> None:
    console = await enter(told, Role.MANAGER)
    table = await console.get("/console/figures/passages/passages-by-site/table?period=2026-11&lang=fr")
    assert "Site;Passages;Refus" in table.text
    assert (await console.get("/console/figures/passages/workbook")).content[:2] == b"PK"


async def entered(console: Console) -> str:
    return said(await console.get("/console/figures/entered?lang=fr"))


@SHARED
async def test_a_population_that_does_not_fit_comes_back_as_it_was_typed(told: House) -> None:
    console = await enter(told, Role.MANAGER)
    path = "/console/figures/entered/population/00101"
    typed = {"since": "2026-01-01", "all": "10", "band0": "8", "band5": "7"}
    answer = await console.post(path, typed)
    assert answer.status_code == 422
    assert re.search(r'name="all"[^>]* aria-invalid="true"[^>]* value="10"', answer.text)
    assert 'value="8"' in answer.text
    done = await console.post(path, {**typed, "all": "150"})
    assert done.headers["location"] == "/console/figures/entered"
    assert "150 8 – – – – 7" in await entered(console)


@SHARED
@pytest.mark.parametrize(
    ("amount", "shown"), [("1 250,50", "1 250,50 €"), ("1,300.25", "1 300,25 €"), ("−7", "−7,00 €")]
)
async def test_a_cost_is_read_as_people_write_it_and_can_be_removed(told: House, amount: str, shown: str) -> None:
    console = await enter(told, Role.MANAGER)
    sent = {"heading": "cards", "spent_on": "18/11/2026", "amount": amount}
    assert (await console.post("/console/figures/entered/costs", sent)).status_code == 303
    assert shown in await entered(console)
    page = (await console.get("/console/figures/entered")).text
    removal = re.findall(r'action="(/console/figures/entered/costs/[0-9a-f-]+/removal)"', page)
    for path in removal:
        assert (await console.post(path)).status_code == 303
    assert shown not in await entered(console)


@SHARED
@pytest.mark.parametrize("amount", ["", "a lot", "0", "1.005", "NaN", "1e99", "99999999999"])
async def test_an_amount_that_is_none_is_refused_at_its_field(told: House, amount: str) -> None:
    console = await enter(told, Role.MANAGER)
    sent = {"heading": "cards", "spent_on": "2026-11-18", "amount": amount}
    answer = await console.post("/console/figures/entered/costs", sent)
    assert answer.status_code == 422
    assert 'href="#field-amount"' in answer.text


@SHARED
async def test_what_is_entered_needs_the_token_of_its_page(told: House) -> None:
    console = await enter(told, Role.MANAGER)
    answer = await console.post("/console/figures/entered/costs", {"heading": "cards"}, token="0" * 64)
    assert answer.status_code == 403
