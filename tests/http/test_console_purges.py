"""The data protection officer reads what was erased, by which rule, and takes it away as a table."""

from datetime import timedelta

import pytest

from api.account_keeper import AccountKeeper
from api.archivist import Archivist
from api.eraser import Eraser
from api.forgetter import Forgetter
from domain.agents import Role
from domain.jobs import Job, Round
from store import purges
from store.jobs import note_rounds
from store.retention import walk
from tests.city import NOW, TODAY
from tests.console import enter, said
from tests.house_app import House

PATH = "/console/purges"


@pytest.fixture(autouse=True)
def _nobody_erases(monkeypatch: pytest.MonkeyPatch) -> None:
    """The jobs of the house would write lines of their own, at their own moment."""

    async def rests(_: object) -> None:
        """Do nothing."""

    for job in (Eraser, Forgetter, Archivist, AccountKeeper):
        monkeypatch.setattr(job, "round", rests)


async def test_before_anything_was_erased_the_page_says_so_and_names_the_rules(house: House) -> None:
    page = await (await enter(house, Role.DPO)).get(PATH)
    assert page.status_code == 200
    text = said(page)
    assert "Nothing has been erased since this record began." in text
    assert "Passages made anonymous: the passage stays 2 days for transport, 92 days elsewhere" in text
    assert PATH in (await (await enter(house, Role.DPO)).get("/console")).text


async def test_what_was_erased_stands_by_day_and_rule_with_how_it_ended(house: House) -> None:
    authority = house.city.authority.id
    async with house.database.write() as connection:
        rows = {"sale": 1_200, "sale_item": 34}
        await purges.note(connection, authority, Job.RETENTION, day=TODAY, now=NOW, rows=rows)
        await purges.note(
            connection, authority, Job.ARCHIVIST, day=TODAY, now=NOW, rows={}, problem="ledger-unavailable"
        )
        await note_rounds(connection, [Round("forgetter", "w:1", 60.0, NOW, 0.1, 0, "", NOW)], NOW)
    console = await enter(house, Role.DPO)
    text = said(await console.get(PATH))
    assert "Sales: 1,234" in text
    assert "Failed ledger-unavailable" in text
    assert "Forget people when their time has come On its way" in text, "no process notes a round before its end"
    assert "On its way" in text, "the walk of the day has not come to its end"
    assert "goes well" in text
    csv = await console.get(f"{PATH}.csv")
    assert csv.headers["content-type"].startswith("text/csv")
    lines = csv.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "day;job;rule;table;rows;failures;problem"
    assert f"{TODAY};retention;Sales;sale;1200;0;" in lines
    assert f"{TODAY};archivist;;;0;1;ledger-unavailable" in lines


async def test_a_walk_that_is_done_comes_again_tomorrow(house: House) -> None:
    await walk(house.database, house.city.authority.id, day=TODAY, now=house.clock())
    text = said(await (await enter(house, Role.DPO)).get(PATH))
    assert "tomorrow, soon after midnight" in text
    assert "nothing had come to its end" in text
    assert "On its way" not in text


async def test_a_long_list_goes_on_and_a_neighbours_is_not_shown(house: House) -> None:
    async with house.database.write() as connection:
        for days in range(21):
            day = TODAY - timedelta(days=days)
            await purges.note(
                connection, house.city.authority.id, Job.FORGETTER, day=day, now=NOW, rows={"remark": 1_000 + days}
            )
        neighbour = house.city.neighbour.id
        await purges.note(connection, neighbour, Job.FORGETTER, day=TODAY, now=NOW, rows={"remark": 77_777})
    console = await enter(house, Role.DPO)
    first = await console.get(PATH)
    assert "1,019" in said(first)
    assert "1,020" not in said(first)
    assert "77,777" not in said(first)
    last = (TODAY - timedelta(days=19)).isoformat()
    further = said(await console.get(f"{PATH}?after={last}~forgetter"))
    assert "1,020" in further
    assert "1,019" not in further
    assert (await console.get(f"{PATH}?after=nonsense")).status_code == 200
    assert "There is nothing older." in said(await console.get(f"{PATH}?after=2001-01-01~x"))


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMINISTRATOR])
async def test_it_is_the_officers_alone(house: House, role: Role) -> None:
    console = await enter(house, role)
    assert (await console.get(PATH)).status_code == 403
    assert (await console.get(f"{PATH}.csv")).status_code == 403
