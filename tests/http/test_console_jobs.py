"""Jobs of the background at the console, on its first page, and as a metric."""

import pytest
from msgspec.structs import replace

from domain.agents import Role
from domain.jobs import Round
from store.jobs import forget_worker, note_rounds
from tests.city import NOW
from tests.console import enter, said
from tests.house_app import House

SHARED = pytest.mark.asyncio(loop_scope="module")
FAILING = Round("courier", "other:1", 5.0, NOW, 1.5, 3, "ledger-unavailable")


@SHARED
async def test_a_job_that_fails_is_announced_on_the_first_page_to_administrators(shared_house: House) -> None:
    async with shared_house.database.write() as connection:
        await note_rounds(connection, [FAILING, replace(FAILING, job="from-the-future", failures=0, problem="")], NOW)
    administrator = await enter(shared_house, Role.ADMINISTRATOR)
    home = said(await administrator.get("/console"))
    assert "A job of the background does not go well: Carry messages to other software." in home
    assert "does not go well" not in said(await (await enter(shared_house, Role.DESK)).get("/console"))
    page = said(await administrator.get("/console/jobs"))
    for word in ("ledger-unavailable", "failures in a row: 3", "has never succeeded", "other:1", "from-the-future"):
        assert word in page
    metric = await shared_house.client.get("/health/jobs")
    assert 'multipass_job_failures{job="courier"} 3' in metric.text
    assert 'multipass_job_age_seconds{job="courier"}' in metric.text
    async with shared_house.database.write() as connection:
        await forget_worker(connection, "other:1")
