"""A terminal and its server over real sockets: whom a tap is decided by, what is lost on the way, what comes back."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.clock import utc_now
from domain.access.facts import Direction
from domain.access.reasons import Outcome, Reason
from nfc import keys
from nfc.errors import CodeError
from nfc.status_list import Status
from terminal import connection, keeper, link, queue
from terminal.device import Device
from terminal.link import Said
from terminal.offline import Tap
from tests.bad_line import BadLine, Line, bad_line
from tests.terminal_world import Server, make_bundle, pair, printed, serving, signed_keys

TODAY = utc_now()


class Gate:
    """A terminal on a line to its server."""

    def __init__(self, folder: Path, server: Server, line: BadLine) -> None:
        self.server, self.line = server, line
        self.path = folder / "terminal.json"
        self.off_by = timedelta(0)
        pair(self.path, line.url)
        self.taps = 0
        self.device = self.open()

    def open(self) -> Device:
        self.device = Device(self.path, self.own)
        return self.device

    def own(self) -> datetime:
        return utc_now() + self.off_by

    def turn(self) -> bool:
        """What the keeper does now and then."""
        with self.device.client() as client:
            return self.device.keeper.turn(client)

    def show(self, place: int = 5, direction: Direction = Direction.ENTRY) -> Said:
        self.taps += 1
        tap = Tap(f"k{self.taps}", "gate", printed(place, now=TODAY), direction, self.device.clock.own())
        return self.device.link.ask(tap)

    @property
    def waiting(self) -> int:
        return queue.waiting(self.device.disk)


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    with serving(make_bundle(now=TODAY)) as server, bad_line(server.port) as line:
        gate = Gate(tmp_path, server, line)
        assert gate.turn()
        yield gate
        gate.device.__exit__()


def came_true(happened: Callable[[], bool]) -> bool:
    """Wait for something that the keeper does in its own time."""
    until = time.monotonic() + 120
    while not happened() and time.monotonic() < until:
        time.sleep(0.05)
    return happened()


# --- online, offline, online ------------------------------------------------------------------------


def test_a_tap_is_the_servers_while_it_answers(gate: Gate) -> None:
    said = gate.show()
    assert (said.alone, said.answer.reason) == (False, Reason.WELCOME)
    assert (gate.waiting, gate.server.asked) == (0, ["k1"])


def test_nobody_is_kept_waiting_longer_than_three_seconds() -> None:
    """reliability.md D1. That it is kept to stands below, where patience is shorter."""
    assert connection.PATIENCE_SECONDS <= 3


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "PATIENCE_SECONDS", 0.3)


@pytest.mark.usefixtures("impatient")
def test_a_frozen_server_keeps_the_first_person_waiting_and_nobody_after(gate: Gate) -> None:
    """reliability.md D1."""
    gate.server.thawed.clear()
    first, taken = gate.show(5), gate.line.taken
    second = gate.show(6)
    assert (first.alone, second.alone) == (True, True)
    assert (first.answer.outcome, second.answer.outcome) == (Outcome.GRANTED, Outcome.GRANTED)
    assert gate.line.taken == taken, "the second is not asked about"


@pytest.mark.usefixtures("impatient")
def test_a_line_on_which_nothing_moves_does_not_hold_anybody(gate: Gate) -> None:
    gate.line.mode = Line.HANGS
    assert gate.show().alone


@pytest.mark.usefixtures("impatient")
def test_a_server_that_drips_its_answer_does_not_hold_anybody(tmp_path: Path) -> None:
    """Each byte in time, the whole never: the wait is bounded from outside, or this test would not end."""
    told = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as door:

        def drip() -> None:
            client, _ = door.accept()
            with client, suppress(OSError):
                while not told.wait(0.1):
                    client.sendall(b"H")

        threading.Thread(target=drip, daemon=True).start()
        pair(tmp_path / "t.json", f"http://127.0.0.1:{door.getsockname()[1]}")
        with Device(tmp_path / "t.json", utc_now) as device:
            said = device.link.ask(Tap("k", "gate", printed(5, now=TODAY), Direction.ENTRY, utc_now()))
            told.set()
    assert said.alone


def test_a_server_without_its_database_is_not_waited_for(gate: Gate) -> None:
    """reliability.md D3: the code says, use offline rules."""
    gate.server.problem = (503, "ledger-unavailable")
    said = gate.show()
    assert (said.alone, said.answer.outcome) == (True, Outcome.GRANTED)


def test_a_terminal_comes_back_by_itself_and_brings_what_it_decided(gate: Gate) -> None:
    gate.line.mode = Line.CUT
    gate.device.keeper.start()
    assert [gate.show(place).alone for place in (5, 6, 950)] == [True, True, True]
    assert gate.waiting == 3
    gate.line.mode = Line.GOOD
    assert came_true(lambda: gate.waiting == 0 and gate.device.link.online)
    assert [line["sequence"] for line in gate.server.stored.values()] == [1, 2, 3]
    assert [line["outcome"] for line in gate.server.stored.values()] == ["granted", "granted", "payment_required"]
    assert gate.show(7).alone is False


def test_a_look_during_which_a_tap_is_lost_does_not_bring_the_server_back(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next person would wait for it again."""
    monkeypatch.setattr(gate.device.reporter, "report", lambda _client: gate.device.link.lost())
    assert gate.turn()
    assert not gate.device.link.online
    monkeypatch.undo()
    assert gate.turn()
    assert gate.device.link.online


def test_a_keeper_that_meets_what_nobody_foresaw_goes_on(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate.device.clock, "heard", None)
    gate.device.keeper.start()
    assert came_true(lambda: "did not foresee" in gate.device.keeper.trouble)
    monkeypatch.undo()
    assert came_true(lambda: gate.device.link.online and not gate.device.keeper.trouble)


def test_a_server_that_is_away_is_tried_ever_more_rarely_up_to_a_minute(gate: Gate) -> None:
    gate.line.mode = Line.CUT
    pauses = []
    for _ in range(9):
        gate.turn()
        pauses.append(gate.device.keeper._pause())
    assert pauses == sorted(pauses[:6]) + pauses[6:]
    assert max(pauses) <= 72
    assert 0.8 <= pauses[0] <= 1.2


def test_a_server_that_answers_everything_but_taps_is_not_waited_for_at_every_tap(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked again after a pause that doubles. How long a pause is at least holds on any machine, however busy."""
    monkeypatch.setattr(link, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(keeper, "FIRST_PAUSE_SECONDS", 0.05)
    gate.server.validations.clear()
    pauses = []
    for _ in range(4):
        assert gate.show(5).alone
        assert not gate.device.link.online
        began = time.monotonic()
        gate.device.keeper._rest()
        pauses.append(time.monotonic() - began)
        assert gate.turn()
        assert gate.device.link.online, "it answers the keeper"
    assert [pause >= least for pause, least in zip(pauses, (0.04, 0.08, 0.16, 0.32), strict=True)] == [True] * 4, pauses


# --- answers that are lost --------------------------------------------------------------------------


def test_a_lost_answer_is_asked_for_again_under_its_key(gate: Gate) -> None:
    gate.line.lose = 1
    said = gate.show()
    assert said.alone is False
    assert gate.server.asked == ["k1", "k1"]


def test_a_question_whose_every_answer_was_lost_is_decided_here_and_is_one_passage_there(gate: Gate) -> None:
    """reliability.md O1: the server's own answer wins."""
    gate.line.lose = 3
    said = gate.show()
    assert (said.alone, said.answer.outcome) == (True, Outcome.GRANTED)
    assert gate.turn()
    assert gate.waiting == 0
    assert (list(gate.server.answers), gate.server.stored) == (["k1"], {})


def test_an_upload_whose_answer_is_lost_is_sent_again_as_it_was(gate: Gate) -> None:
    gate.line.mode = Line.CUT
    gate.show(5)
    gate.line.mode = Line.LOSES_ANSWERS
    gate.device.link.back()
    with gate.device.client() as client:
        connection = client._connection
        connection._token, connection._token_ends = "t", datetime(2100, 1, 1, tzinfo=UTC)
        assert not gate.device.keeper.turn(client) or gate.waiting == 1
    gate.line.mode = Line.GOOD
    assert gate.turn()
    assert gate.waiting == 0
    assert len(gate.server.stored) == 1
    sent = [line for batch in gate.server.uploads for line in batch]
    assert all(line == sent[0] for line in sent)


def test_only_what_was_answered_for_itself_is_forgotten(gate: Gate) -> None:
    gate.line.mode = Line.CUT
    for place in (5, 6, 7):
        gate.show(place)
    gate.server.forgets, gate.server.quarantines = {"k2"}, {"k3"}
    gate.line.mode = Line.GOOD
    assert gate.turn()
    assert [line.key for line in queue.batch(gate.device.disk)] == ["k2"]
    assert "not settled" in gate.device.keeper.trouble
    gate.server.forgets = set()
    assert gate.turn()
    assert gate.waiting == 0


def test_a_long_outage_comes_in_batches(gate: Gate) -> None:
    gate.line.mode = Line.CUT
    gate.show(5)
    with gate.device.disk.write() as db:
        line = queue.batch(gate.device.disk)[0]
        for number in range(2, 1_203):
            body = line.body.replace(b'"key":"k1"', b'"key":"x%d"' % number)
            db.execute("INSERT INTO outbox (key, body) VALUES (?, ?)", (f"x{number}", body))
    gate.line.mode = Line.GOOD
    assert gate.turn()
    assert gate.waiting == 0
    assert [len(batch) for batch in gate.server.uploads] == [500, 500, 202]


def test_a_look_ends_however_many_pass_by_meanwhile(gate: Gate) -> None:
    """A gate that goes on alone writes a line while each upload is on its way: the look brings what was there first."""
    gate.line.mode = Line.CUT
    gate.show(5)
    line = queue.batch(gate.device.disk)[0]
    passed_by = iter(range(2, 40))

    def somebody_passes() -> None:
        number = next(passed_by)
        body = line.body.replace(b'"key":"k1"', b'"key":"x%d"' % number)
        with gate.device.disk.write() as db:
            db.execute("INSERT INTO outbox (key, body) VALUES (?, ?)", (f"x{number}", body))

    gate.server.meanwhile = somebody_passes
    gate.line.mode = Line.GOOD
    assert gate.turn()
    assert [[one["key"] for one in lines] for lines in gate.server.uploads] == [["k1"]]
    assert gate.turn()
    assert [one["key"] for one in gate.server.uploads[-1]] == ["x2"]
    assert gate.waiting == 1


# --- who may decide ---------------------------------------------------------------------------------


def test_a_revoked_terminal_decides_and_sends_nothing_more_and_keeps_what_it_has(gate: Gate) -> None:
    gate.line.mode = Line.CUT
    gate.show(5)
    gate.server.revoked = True
    gate.line.mode = Line.GOOD
    assert not gate.turn()
    said = gate.show(6)
    assert (said.answer.outcome, said.answer.reason) == (Outcome.DENIED, Reason.TERMINAL_STOPPED)
    gate.device.__exit__()
    gate.line.mode = Line.CUT
    gate.open()
    assert gate.show(7).answer.reason is Reason.TERMINAL_STOPPED
    assert (gate.waiting, gate.server.uploads) == (1, [])


def test_a_medium_that_was_stopped_is_refused_alone_after_one_look(gate: Gate) -> None:
    """reliability.md V2."""
    gate.server.newest = make_bundle(sequence=2, now=TODAY, stopped={5: Status.INVALID})
    assert gate.turn()
    gate.line.mode = Line.CUT
    assert gate.show(5).answer.reason is Reason.MEDIUM_BLOCKED


def test_the_last_bundle_outlives_a_restart_without_a_network(gate: Gate) -> None:
    gate.device.__exit__()
    gate.line.mode = Line.CUT
    gate.open()
    assert gate.show(5).answer.reason is Reason.WELCOME


@pytest.mark.parametrize("newest", [1, 2], ids=["nothing has changed", "a delta has come"])
def test_a_bundle_that_was_asked_after_outlives_the_restart_after(gate: Gate, newest: int) -> None:
    """A restart knows a sequence and no ETag: the server answers with a delta, be it one in which nothing stands."""
    gate.server.newest = make_bundle(sequence=newest, now=TODAY, stopped={6: Status.INVALID} if newest > 1 else None)
    for _ in range(3):
        gate.device.__exit__()
        gate.open()
        assert gate.turn()
    gate.device.__exit__()
    gate.line.mode = Line.CUT
    gate.open()
    assert gate.show(5).answer.reason is Reason.WELCOME
    assert gate.show(6).answer.reason is (Reason.MEDIUM_BLOCKED if newest > 1 else Reason.WELCOME)


def test_a_clock_ten_minutes_off_is_put_right_by_what_the_server_says(gate: Gate) -> None:
    """reliability.md T1: the own time is in the line, `sentAt` tells how wrong it is."""
    gate.device.__exit__()
    gate.off_by = timedelta(minutes=10)
    gate.open()
    assert gate.turn()
    assert abs(gate.device.clock.now() - utc_now()) < timedelta(seconds=30)
    gate.line.mode = Line.CUT
    said = gate.show(5)
    assert abs(said.answer.decided_at - utc_now()) < timedelta(seconds=30)
    gate.line.mode = Line.GOOD
    assert gate.turn()
    (line,) = gate.server.stored.values()
    for own in (line["terminalTime"], gate.server.sent_at[-1]):
        assert timedelta(minutes=9) < datetime.fromisoformat(own) - utc_now() < timedelta(minutes=11)


def test_another_root_than_the_first_is_not_believed(gate: Gate) -> None:
    assert gate.device.trust.pinned
    with pytest.raises(CodeError):
        gate.device.trust.adopt(signed_keys(version=9, now=TODAY, root=keys.signing_key(666)), now=TODAY)
