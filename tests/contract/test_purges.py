"""What jobs of retention erase is written down with it: how many rows of which table, and how it ended."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from adapters.antivirus import Antivirus
from adapters.document_vault import DocumentVault
from api.archivist import Archivist
from api.eraser import Eraser
from api.forgetter import Forgetter
from domain.acts import Act
from domain.agents import Role
from domain.errors import Overloaded
from domain.jobs import Job
from domain.journal import KEPT as A_YEAR
from domain.journal import Door, Entry, Kind, Object, Origin
from domain.places import local_day
from domain.purges import KEPT, RULE_OF, Purge, by_rule
from store import purges, retention
from store.retention import walk
from store.tables.ledger import scan_key, validation
from store.tables.retention import purge, purge_rows
from tests.city import NOW, TODAY
from tests.contract.ledger_lanes import Here, everywhere
from tests.contract.ledger_world import scan
from tests.house.test_retention import walked
from tests.house_app import TestClock

A_DAY = timedelta(days=1)


async def listed(here: Here) -> list[Purge]:
    async with here.database.read() as connection:
        return await purges.listed(connection, here.city.authority.id, limit=50)


@pytest.fixture
async def passed(here: Here) -> Here:
    """A bus that somebody took."""
    zoe = await here.resident("zoe", "bus-year")
    await everywhere(here, [scan(here.terminal, "t1", here.city.gates["bus"].id, zoe.medium.id)])
    return here


async def test_a_walk_says_how_many_rows_of_which_table_it_erased(passed: Here) -> None:
    authority, later = passed.city.authority, NOW + 40 * A_DAY
    day = local_day(later, authority.zone)
    done = await walk(passed.database, authority.id, day=day, now=later)
    (one,) = await listed(passed)
    assert (one.day, one.job, one.problem, one.failures) == (day, "retention", "", 0)
    assert one.rows == {name: count for name, count in done.rows.items() if count}
    assert one.rows["validation"] == 1
    async with passed.database.read() as connection:
        assert (await connection.execute(select(func.count()).select_from(scan_key))).scalar_one() == 0
        assert (await connection.execute(select(validation.c.pass_id))).scalar_one() is None
    again = await walk(passed.database, authority.id, day=day, now=later)
    assert not again.rows
    assert (await listed(passed))[0].rows == one.rows, "a second walk of the day adds nothing"


async def test_a_day_on_which_nothing_was_over_has_its_line(here: Here) -> None:
    await walk(here.database, here.city.authority.id, day=TODAY, now=NOW)
    (one,) = await listed(here)
    assert (one.day, one.rows, one.total) == (TODAY, {}, 0)


async def test_a_walk_that_fails_says_so_until_the_next_goes_well(
    passed: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> int:
        raise Overloaded("Too much at once.")

    clock = TestClock(NOW + 40 * A_DAY)
    vault = DocumentVault(tmp_path / "documents", passed.keyring, Antivirus(""))
    eraser = Eraser(passed.database, clock, vault)
    with monkeypatch.context() as broken:
        broken.setattr(retention, "free_places", fails)
        with pytest.raises(Overloaded):
            await eraser.round()
    failed = next(one for one in await listed(passed) if one.problem)
    assert (failed.problem, failed.failures) == ("overloaded", 1)
    await eraser.round()
    mended = next(one for one in await listed(passed) if one.failures)
    assert (mended.problem, mended.failures) == ("", 1)
    assert failed.rows.items() <= mended.rows.items(), "what was erased before the failure is counted once"


async def test_the_forgetter_counts_lines_of_the_journal(here: Here) -> None:
    async with here.database.begin() as unit:
        shown = Object(Kind.REGISTER)
        agent = here.city.agents[Role.DESK]
        for _ in range(3):
            await unit.journal.add(
                Entry(agent.authority_id, agent.id, Act.PERSON_SEARCHED, shown, Origin(Door.CONSOLE, "10.0.0.1"), NOW)
            )
    later = NOW + A_YEAR + A_DAY
    await Forgetter(here.database, lambda: later).round()
    (one,) = await listed(here)
    assert (one.job, one.day) == (Job.FORGETTER, local_day(later, here.city.authority.zone))
    assert {kind: count for kind, count in one.rows.items() if count} == {"journal_entry": 3}
    await Forgetter(here.database, lambda: later + timedelta(minutes=1)).round()
    assert await listed(here) == [one], "a minute without an end leaves nothing"


async def test_the_archivist_writes_nothing_where_nothing_is_over(here: Here, tmp_path: Path) -> None:
    vault = DocumentVault(tmp_path / "documents", here.keyring, Antivirus(""))
    await Archivist(here.database, TestClock(NOW), vault).round()
    assert await listed(here) == []


async def test_lists_go_on_where_they_ended_and_end_after_three_years(here: Here) -> None:
    authority_id = here.city.authority.id
    async with here.database.write() as connection:
        for days in range(3):
            for job in (Job.FORGETTER, Job.RETENTION):
                await purges.note(
                    connection, authority_id, job, day=TODAY - days * A_DAY, now=NOW, rows={"remark": days + 1}
                )
        await purges.note(connection, authority_id, Job.FORGETTER, day=TODAY, now=NOW, rows={"remark": 4})
    async with here.database.read() as connection:
        first = await purges.listed(connection, authority_id, limit=3)
        last = first[-1]
        rest = await purges.listed(connection, authority_id, limit=9, after=(last.day, last.job))
    assert [(one.day, one.job) for one in first + rest] == [
        (TODAY - days * A_DAY, job) for days in range(3) for job in ("forgetter", "retention")
    ]
    assert first[0].rows == {"remark": 5}, "rounds of one day are one line"
    async with here.database.write() as connection:
        await purges.forget_old(connection, authority_id, TODAY + KEPT)
    assert {one.day for one in await listed(here)} == {TODAY}
    async with here.database.read() as connection:
        assert (await connection.execute(select(func.count()).select_from(purge_rows))).scalar_one() == 2
        assert (await connection.execute(select(func.count()).select_from(purge))).scalar_one() == 2


def test_every_table_that_is_counted_has_its_rule() -> None:
    forgotten = {
        *("remark", "expression_token", "expression_salt", "webhook_delivery", "agent_session", "agent_token"),
        *("unsent_form", "subscriber", "subscription", "notice_delivery", "journal_entry", "pass_request", "document"),
        *("resident_answer", "resident_session", "resident_attempt", "resident_ticket", "resident_account"),
    }
    assert walked() | forgotten | {"validation", "retired_place", "card_order"} == set(RULE_OF)
    counted = Purge(TODAY, "retention", NOW, NOW, 0, "", {"sale": 2, "sale_item": 3, "of_a_later_release": 9})
    assert [(rule.what.en, count) for rule, count in by_rule(counted)] == [("Sales", 5)]
