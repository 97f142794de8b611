"""The gates of the demonstration: how each says it is, and that they end with the server they speak to."""

import threading
from datetime import UTC, datetime
from uuid import uuid4

from cli.demo.beats import MISHAPS, Habit, beating, health
from domain.terminals import (
    CLOCK_LIMIT,
    OLD_LISTS,
    Condition,
    Heartbeat,
    Profile,
    Terminal,
    TerminalStatus,
    condition_of,
)
from nfc import keys
from terminal.state import State

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)


def condition(habit: Habit) -> Condition:
    said = health(habit, "pool-1", lambda: NOW)
    terminal = Terminal(uuid4(), uuid4(), "Pool 1", b"", TerminalStatus.ACTIVE, NOW, Profile.GATE)
    drift = (said.terminal_time - NOW).total_seconds()
    last = Heartbeat(terminal.id, NOW, said.version, drift, said.backlog, said.bundle, said.bundle_age_seconds)
    return condition_of(terminal, last, NOW)


def test_most_gates_are_well_and_two_are_shown_with_what_ails_them() -> None:
    assert condition(Habit()) is Condition.WELL
    found = [condition(habit) for habit in MISHAPS.values() if not habit.falls_silent]
    assert found == [Condition.CLOCK_WRONG, Condition.LISTS_OLD]
    assert any(abs(habit.drift) > CLOCK_LIMIT for habit in MISHAPS.values())
    assert any(habit.lists_of > OLD_LISTS for habit in MISHAPS.values())


def test_a_server_that_is_not_there_is_waited_for_and_the_end_comes_soon() -> None:
    state = State(
        "http://127.0.0.1:9", str(uuid4()), "Pool 1", "ville", ("pool-1",), keys.dump_pem(keys.generate()).decode()
    )
    with beating([state], lambda: NOW):
        assert [thread for thread in threading.enumerate() if thread.name == "beats"]
