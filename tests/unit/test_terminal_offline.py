"""A terminal that decides alone: from bytes that were read, a bundle, its memory of today and its own clock."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec import UNSET

from domain.access.answer import Answer
from domain.access.facts import Direction
from domain.access.reasons import Outcome, Reason
from domain.offline import Fail, OfflinePolicy
from domain.places import Doorway, Passback
from nfc import bundle, hce
from nfc.bundle import Bundle
from nfc.errors import CodeError
from nfc.status_list import Status
from terminal import evidence, queue
from terminal.device import Device
from terminal.offline import Tap
from terminal.software_phone import SoftwarePhone
from tests.facts import doorway
from tests.terminal_world import (
    BUNDLE,
    NOW,
    make_bundle,
    pair,
    phone,
    printed,
    seconds,
    signed_keys,
)


class Gate:
    """A terminal without a server, whose clocks are turned by hand."""

    def __init__(self, folder: Path, given: Bundle | None = None) -> None:
        self.path, self.own, self.ticks, self.taps = folder / "terminal.json", NOW, 0.0, 0
        pair(self.path, "http://127.0.0.1:9")
        self.device = self._opened()
        self.device.clock.heard(NOW)
        self.device.trust.adopt(signed_keys(), now=NOW)
        self.take(given or make_bundle())

    def _opened(self) -> Device:
        return Device(self.path, lambda: self.own, ticks=lambda: self.ticks)

    def take(self, given: Bundle) -> None:
        self.device.bundles.take(given.service, bundle.MEDIA_TYPE, bundle.issue(BUNDLE, given), now=self.own)

    def pass_time(self, by: timedelta) -> None:
        self.own += by
        self.ticks += by.total_seconds()

    def restart(self, *, off: timedelta = timedelta(0)) -> None:
        """Switch off and on again; the ticks begin anew."""
        self.device.__exit__()
        self.own, self.ticks = self.own + off, 0.0
        self.device = self._opened()

    def show(self, credential: str, direction: Direction = Direction.ENTRY) -> Answer:
        self.taps += 1
        return self.device.offline.decide(Tap(f"k{self.taps}", "gate", credential, direction, self.device.clock.own()))

    def reasons(self, *credentials: str, apart: timedelta = timedelta(minutes=1)) -> list[Reason]:
        heard = []
        for credential in credentials:
            heard.append(self.show(credential).reason)
            self.pass_time(apart)
        return heard


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    gate = Gate(tmp_path)
    yield gate
    gate.device.__exit__()


def with_bundle(gate: Gate, door: Doorway | None = None, **policy: object) -> None:
    gate.take(make_bundle(sequence=2, door=door, policy=OfflinePolicy(**policy)))  # type: ignore[arg-type]


# --- what is read -----------------------------------------------------------------------------------


def test_a_printed_code_comes_in_and_is_told_nothing_that_nobody_knows(gate: Gate) -> None:
    answer = gate.show(printed(5))
    assert (answer.outcome, answer.reason) == (Outcome.GRANTED, Reason.WELCOME)
    assert (answer.remaining, answer.pass_valid_until) == ((), UNSET)


@pytest.mark.parametrize("credential", ["MP3:ABC", "https://pass.example.org/t/1?e=0&c=0", "UID:04de5f1e", "CARD:abc"])
def test_what_only_a_server_can_check_asks_for_another_support(gate: Gate, credential: str) -> None:
    answer = gate.show(credential)
    assert (answer.outcome, answer.reason) == (Outcome.DENIED, Reason.NETWORK_NEEDED)


@pytest.mark.parametrize(
    ("credential", "reason"),
    [
        ("hello", Reason.UNKNOWN_TYPE),
        ("MP2:ABC", Reason.UNREADABLE),
        ("MP1:" + "A" * 500, Reason.UNREADABLE),
        ("HCE:%%", Reason.UNREADABLE),
        ("HCE:", Reason.UNREADABLE),
        ("OBJ:", Reason.UNREADABLE),
        ("OBJ:BwAA", Reason.UNREADABLE),
    ],
)
def test_garbage_is_refused_in_words(gate: Gate, credential: str, reason: Reason) -> None:
    assert gate.show(credential).reason is reason


def test_a_code_that_is_over_is_refused_and_still_goes_out(gate: Gate) -> None:
    code = printed(5, now=NOW - timedelta(days=400))
    assert gate.show(code).reason is Reason.CODE_EXPIRED
    assert gate.show(code, Direction.EXIT).outcome is Outcome.GRANTED_WITH_WARNING


def test_a_phones_code_is_good_for_half_a_minute_and_what_the_clock_may_be_off(gate: Gate) -> None:
    shown = phone(6)
    ages = {age: gate.show(shown.code(seconds(NOW) - age)).reason for age in (45, 33, 31)}
    assert ages == {45: Reason.CODE_STALE, 33: Reason.CODE_STALE, 31: Reason.WELCOME}


def test_a_clock_that_heard_nothing_for_days_gives_phones_more_time(gate: Gate) -> None:
    gate.pass_time(timedelta(hours=50))
    assert gate.device.clock.uncertainty > timedelta(seconds=15)
    assert gate.show(phone(6).code(seconds(gate.own) - 44)).reason is Reason.BUNDLE_STALE
    assert gate.show(phone(7).code(seconds(gate.own) - 60)).reason is Reason.CODE_STALE


def test_one_showing_of_a_phone_opens_once_and_an_older_one_never(gate: Gate) -> None:
    shown = phone(6)
    first, later = shown.code(seconds(NOW)), shown.code(seconds(NOW) + 10)
    gate.pass_time(timedelta(seconds=10))
    assert gate.show(later).reason is Reason.WELCOME
    gate.pass_time(timedelta(seconds=5))
    gate.restart()
    assert gate.show(later).reason is Reason.REPLAYED
    assert gate.show(first).reason is Reason.REPLAYED


def test_a_phone_held_to_the_reader_answers_a_challenge_of_this_terminal_once(gate: Gate) -> None:
    held = phone(7)
    device = SoftwarePhone(held.private, held.credential)
    device.transmit(hce.SELECT)
    challenge = gate.device.challenges.draw("pool", seconds(NOW))
    text = evidence.hce_text(challenge, device.transmit(hce.auth_command(challenge)))
    assert gate.show(text).reason is Reason.WELCOME
    gate.pass_time(timedelta(minutes=1))
    assert gate.show(text).reason is Reason.CODE_STALE


def test_a_challenge_for_another_service_is_told_as_such(gate: Gate) -> None:
    held = phone(7)
    device = SoftwarePhone(held.private, held.credential)
    device.transmit(hce.SELECT)
    challenge = gate.device.challenges.draw("library", seconds(NOW))
    text = evidence.hce_text(challenge, device.transmit(hce.auth_command(challenge)))
    assert gate.show(text).reason is Reason.OTHER_SERVICE


# --- what the bundle says ---------------------------------------------------------------------------


def test_a_stopped_medium_is_refused_after_one_bundle(gate: Gate) -> None:
    """reliability.md V2."""
    assert gate.show(printed(5)).reason is Reason.WELCOME
    gate.take(make_bundle(sequence=2, stopped={5: Status.INVALID, 6: Status.SUSPENDED}))
    gate.pass_time(timedelta(minutes=1))
    assert gate.reasons(printed(5), printed(6), printed(7)) == [
        Reason.MEDIUM_BLOCKED,
        Reason.MEDIUM_SUSPENDED,
        Reason.WELCOME,
    ]


def test_who_is_not_entitled_is_sent_to_the_till(gate: Gate) -> None:
    assert gate.show(printed(950)).reason is Reason.TICKET_NEEDED


def test_a_site_that_fails_closed_lets_nobody_in(gate: Gate) -> None:
    with_bundle(gate, fails=Fail.CLOSED)
    assert gate.show(printed(5)).reason is Reason.OFFLINE_CLOSED


def test_so_many_entries_a_day_and_anew_the_day_after(gate: Gate) -> None:
    with_bundle(gate, entries=2)
    assert gate.reasons(printed(5), printed(5), printed(5)) == [
        Reason.WELCOME,
        Reason.WELCOME,
        Reason.ALLOWANCE_SPENT,
    ]
    gate.restart()
    assert gate.show(printed(5)).reason is Reason.ALLOWANCE_SPENT
    gate.pass_time(timedelta(hours=13))
    assert gate.show(printed(5)).reason is Reason.BUNDLE_STALE


def test_the_exit_is_seen_and_a_second_entry_without_one_is_refused(gate: Gate) -> None:
    with_bundle(gate, doorway("pool", passback=Passback.HARD), entries=9)
    assert gate.reasons(printed(5), printed(5)) == [Reason.WELCOME, Reason.ALREADY_INSIDE]
    assert gate.show(printed(5), Direction.EXIT).reason is Reason.GOODBYE
    gate.pass_time(timedelta(minutes=1))
    assert gate.show(printed(5)).reason is Reason.WELCOME


def test_a_code_that_stays_before_the_reader_counts_once(gate: Gate) -> None:
    with_bundle(gate, entries=1)
    assert gate.reasons(printed(5), printed(5), apart=timedelta(seconds=1)) == [Reason.WELCOME, Reason.DOUBLE_READ]


def test_the_bundle_grows_old_while_nobody_answers(gate: Gate) -> None:
    heard = {}
    for hours in (1, 2, 25, 73):
        gate.own, gate.ticks = NOW + timedelta(hours=hours), hours * 3_600.0
        heard[hours] = gate.show(printed(10 + hours)).reason
    assert heard == {
        1: Reason.WELCOME,
        2: Reason.BUNDLE_STALE,
        25: Reason.PROOF_TOO_WEAK,
        73: Reason.BUNDLE_TOO_OLD,
    }


def test_a_server_that_has_nothing_newer_makes_the_bundle_young_again(gate: Gate) -> None:
    gate.pass_time(timedelta(hours=5))
    gate.device.bundles.confirm("pool", now=gate.own)
    gate.device.keeper._note_life()
    gate.restart()
    assert gate.show(printed(5)).reason is Reason.WELCOME


def test_a_terminal_that_never_had_a_bundle_lets_nobody_in_and_says_so(tmp_path: Path) -> None:
    pair(tmp_path / "t.json", "http://127.0.0.1:9")
    with Device(tmp_path / "t.json", lambda: NOW) as device:
        answer = device.offline.decide(Tap("k", "gate", printed(5), Direction.ENTRY, NOW))
        assert answer.reason is Reason.BUNDLE_TOO_OLD
        assert queue.waiting(device.disk) == 1


# --- what it remembers ------------------------------------------------------------------------------


def test_every_decision_is_written_down_refusals_too_and_counted_without_a_gap(gate: Gate) -> None:
    gate.reasons(printed(5), "hello", printed(950))
    lines = queue.batch(gate.device.disk)
    assert [line.sequence for line in lines] == [1, 2, 3]
    assert b'"reason":"unknown_type"' in lines[1].body
    assert b'"bundle":1' in lines[0].body
    assert b'"terminalTime":"2026-11-18T11:00:00Z"' in lines[0].body


def test_what_the_server_let_in_counts_for_what_is_decided_alone_afterwards(gate: Gate) -> None:
    with_bundle(gate, doorway("pool", passback=Passback.HARD))
    online = gate.show(printed(8))
    gate.device.offline.remember(Tap("o", "gate", printed(5), Direction.ENTRY, gate.own), online)
    gate.pass_time(timedelta(minutes=1))
    assert gate.show(printed(5)).reason is Reason.ALREADY_INSIDE


def test_a_terminal_forgets_whom_it_saw_after_two_days(gate: Gate) -> None:
    gate.reasons(printed(5), phone(6).code(seconds(NOW) + 60))
    gate.pass_time(timedelta(days=2))
    gate.device.keeper._note_life()
    with gate.device.disk.read() as db:
        assert db.execute("SELECT count(*) FROM sighting").fetchone() == (0,)
        assert db.execute("SELECT count(*) FROM mark").fetchone() == (0,)


def test_an_older_bundle_is_never_taken_not_even_after_a_restart(gate: Gate) -> None:
    gate.take(make_bundle(sequence=9))
    gate.restart()
    with pytest.raises(CodeError, match="stale"):
        gate.take(make_bundle(sequence=8))


# --- the clock --------------------------------------------------------------------------------------


def test_a_clock_ten_minutes_off_decides_as_the_right_one_does_and_keeps_its_own_time(gate: Gate) -> None:
    """reliability.md T1."""
    gate.own = NOW + timedelta(minutes=10)
    gate.device.clock.heard(NOW)
    answer = gate.show(phone(5).code(seconds(NOW)))
    assert (answer.reason, answer.decided_at) == (Reason.WELCOME, NOW)
    assert b'"terminalTime":"2026-11-18T11:10:00Z"' in queue.batch(gate.device.disk)[0].body


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_a_day_off_after_a_restart_decides_nothing_until_it_hears_the_time(gate: Gate, days: int) -> None:
    """reliability.md T1."""
    gate.restart(off=timedelta(days=days))
    assert gate.show(printed(5)).reason is Reason.CLOCK_UNSURE
    gate.device.clock.heard(NOW)
    assert gate.show(printed(5)).reason is Reason.WELCOME


@pytest.mark.parametrize("minutes", [-30, 30])
def test_a_clock_that_is_moved_while_it_runs_decides_nothing_until_it_hears_the_time(gate: Gate, minutes: int) -> None:
    gate.own += timedelta(minutes=minutes)
    assert gate.show(printed(5)).reason is Reason.CLOCK_UNSURE


def test_a_night_without_power_is_no_wrong_clock(gate: Gate) -> None:
    gate.show(printed(5))
    gate.restart(off=timedelta(hours=14))
    assert gate.show(printed(6)).reason is Reason.BUNDLE_STALE


def test_a_bundle_from_the_future_says_that_the_clock_is_late(gate: Gate) -> None:
    gate.take(make_bundle(sequence=2, now=NOW + timedelta(hours=3)))
    gate.device.clock.not_before(NOW + timedelta(hours=3))
    assert gate.show(printed(5)).reason is Reason.CLOCK_UNSURE
