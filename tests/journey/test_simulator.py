"""Weeks of bad network in seconds: runs that agree, and proofs that a run which should not agree does not."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from cli.main import front
from cli.simulator import checks, visits
from cli.simulator.agent import Row
from cli.simulator.checks import Scene
from cli.simulator.run import Run, Scale, live
from cli.simulator.server import Interruption
from cli.simulator.wire import Weather
from domain.access.merge import Flag
from domain.access.reasons import Outcome, Reason
from terminal import queue

SMALL = Scale(terminals=6, days=3)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_what_terminals_saw_and_what_the_export_says_agree(seed: int, tmp_path: Path) -> None:
    outcome = live(seed, SMALL, tmp_path)
    assert outcome.problems == ()
    assert outcome.counts["taps alone"] > 0
    assert outcome.counts["taps online"] > 0


def test_the_same_seed_is_the_same_run(tmp_path: Path) -> None:
    told: list[list[str]] = [[], [], []]
    for number, (seed, lines) in enumerate(zip((3, 3, 4), told, strict=True)):
        folder = tmp_path / str(number)
        folder.mkdir()
        live(seed, Scale(terminals=3, days=1), folder, tell=lines.append)
    assert told[0] == told[1]
    assert told[0] != told[2]


# --- one terminal, and what is done to it -------------------------------------------------------------


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """A terminal with twenty lines to tell, and a network."""
    with Run(5, Scale(terminals=1, days=1), tmp_path) as run:
        station = run.stations[0]
        station.look()
        for number in range(23):
            station.wire.weather = Weather.GOOD if number < 3 else Weather.CUT
            run.agenda.pass_(timedelta(seconds=10))
            person = run.city.people[number % 3]
            visits.show(run.stage, station, person.code, person.card_name)
        station.wire.weather = Weather.GOOD
        run.agenda.pass_(timedelta(minutes=1))
        assert station.waiting == 20
        yield run


def interrupt(run: Run, meanwhile: Interruption) -> None:
    station = run.stations[0]
    station.wire.interruption, station.wire.interrupt_path = meanwhile, "/v1/access/uploads"
    station.look()
    run.agenda.pass_(timedelta(minutes=1))


@pytest.mark.parametrize("step", [2, 9, 16])
def test_a_server_that_falls_at_any_wait_of_an_upload_stores_each_line_once(run: Run, step: int) -> None:
    interrupt(run, Interruption(step, run.server.drop_request, drops=True))
    run.finish()
    assert run.books.problems == []
    assert len(run.agent.rows) == 23


@pytest.mark.parametrize("step", [2, 16])
def test_a_terminal_revoked_at_any_wait_of_an_upload_tells_nothing_more_until_it_is_paired_anew(
    run: Run, step: int
) -> None:
    station, revoked = run.stations[0], run.stations[0].terminal_id
    interrupt(run, Interruption(step, partial(run.agent.revoke, revoked)))
    if revoked not in run.books.revoked:
        run.server.run(run.agent.revoke(revoked))
    station.revoked_at = run.agenda()
    station.look()
    visits.show(run.stage, station, run.city.people[0].code, "card 0.1")
    assert station.stopped
    station.pair(run.agent.invite("found", station.gates), station.wire)
    run.finish()
    assert run.books.problems == []
    assert len(run.agent.rows) == 23


@pytest.mark.parametrize("readings", [1, 4, 7])
def test_power_that_goes_at_any_reading_of_the_clock_loses_nothing(run: Run, readings: int) -> None:
    station = run.stations[0]
    station.wire.weather = Weather.CUT
    station.readings_left = readings
    visits.show(run.stage, station, run.city.people[0].code, "card 0.1")
    station.wire.weather = Weather.GOOD
    station.look()
    station.switch_off()
    run.agenda.pass_(timedelta(minutes=10))
    run.finish()
    assert run.books.problems == []


def test_a_line_that_is_damaged_on_a_disk_stops_no_other(run: Run) -> None:
    station = run.stations[0]
    station.break_disk()
    assert not station.damage_line()
    station.mend_disk()
    assert station.damage_line()
    run.finish()
    assert run.books.problems == []
    assert (len(run.agent.rows), run.agent.quarantined()) == (22, 1)


# --- a run that should not agree does not -------------------------------------------------------------


def scene(run: Run) -> Scene:
    run.finish()
    assert run.books.problems == []
    return Scene(books=run.books, rows=list(run.agent.rows), city=run.city, stations=run.stations, untold=frozenset())


TAMPERED: dict[str, Callable[[list[Row]], list[Row]]] = {
    "E1, O1": lambda rows: [*rows, rows[-1]],
    "E3": lambda rows: [*rows, replace(rows[-1], terminal_time=rows[-1].recorded_at + timedelta(days=9))],
    "E2, O1": lambda rows: rows[:-1],
    "E2, O2": lambda rows: [replace(row, outcome=Outcome.DENIED, reason=Reason.MEDIUM_LOST) for row in rows],
    "T1": lambda rows: [replace(row, happened_at=row.happened_at + timedelta(hours=1)) for row in rows],
    "O2": lambda rows: [replace(row, flags=(Flag.PASSBACK,)) for row in rows],
    "Q1": lambda rows: [replace(row, flags=()) for row in rows],
    "V1": lambda rows: [replace(row, flags=(Flag.REVOKED_AT_THE_TIME,)) for row in rows],
}


def test_an_export_that_says_something_else_is_found_by_the_promise_it_breaks(run: Run) -> None:
    told = scene(run)
    for promise, tamper in TAMPERED.items():
        tampered = replace(told, rows=tamper(list(told.rows)))
        assert any(words.startswith(f"{promise}: ") for words in checks.disagreements(tampered)), promise


@pytest.mark.slow
def test_a_terminal_that_forgets_is_found_and_told_with_status_1(monkeypatch: pytest.MonkeyPatch) -> None:
    """The product is broken on purpose: whatever is decided alone is written down but for every third time."""
    put, asked = queue.put, iter(range(1_000))
    monkeypatch.setattr(queue, "put", lambda db, event: None if next(asked) % 3 == 2 else put(db, event))
    words = ["simulate", "--terminals", "4", "--days", "2", "--seed", "1"]
    told = CliRunner().invoke(front, words, prog_name="multipass")
    assert told.exit_code == 1, told.output
    assert "Disagreement: E2, O1: tap " in told.output
    assert "Again: multipass simulate --terminals 4 --days 2 --seed 1 --verbose" in told.output


def test_the_command_prints_a_ledger() -> None:
    words = ["simulate", "--terminals", "2", "--days", "1", "--seed", "1"]
    told = CliRunner().invoke(front, words, prog_name="multipass")
    assert told.exit_code == 0, told.output
    assert "taps alone" in told.output
    assert "agree" in told.output
