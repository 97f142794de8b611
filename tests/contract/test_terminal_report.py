"""What a terminal tells of itself and hears from its server, and how it changes its key: over real sockets."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.clock import utc_now
from domain.access.facts import Direction
from nfc import keys
from terminal import client, keeper, rotation, state
from terminal.client import TerminalClient
from terminal.conformance.city import GATE, GOOD
from terminal.conformance.double import CODE, Asked, Double, Reply, problem
from terminal.conformance.scene import VALIDATIONS, once
from terminal.device import Device
from terminal.errors import NoAnswer, Revoked, TerminalError
from terminal.news import Change, News
from terminal.offline import Tap
from terminal.state import State


@pytest.fixture
def double() -> Iterator[Double]:
    served = Double(utc_now)
    yield served
    served.close()


@pytest.fixture
def device(double: Double, tmp_path: Path) -> Iterator[Device]:
    path = tmp_path / "terminal.json"
    state.save(path, client.pair(double.url, CODE))
    with Device(path, utc_now) as found:
        yield found


def asked(double: Double, path: str) -> list[Asked]:
    return [one for one in double.asked if one.path == path]


def look(device: Device) -> None:
    with device.client() as terminal:
        assert device.keeper.turn(terminal), device.keeper.trouble


def soon(found: Callable[[], object]) -> bool:
    until = time.monotonic() + 60
    while not found() and time.monotonic() < until:
        time.sleep(0.05)
    return bool(found())


def heard(double: Double, event: str, done: Callable[[], bool]) -> bool:
    """Say it until it is done: a stream that is asked for, and not begun, misses what is said meanwhile."""

    def told() -> bool:
        double.tell(event)
        return done()

    return soon(told)


def show(device: Device, double: Double, place: int) -> str:
    tap = Tap(f"k{place}", GATE, double.city.passes[place], Direction.ENTRY, device.clock.own())
    return device.link.ask(tap).answer.reason


# --- heartbeats and configuration ----------------------------------------------------------------------


def test_a_heartbeat_tells_version_backlog_bundle_and_gate_once_a_minute(device: Device, double: Double) -> None:
    device.reporter.gate = GATE
    look(device)
    look(device)
    (beat,) = asked(double, "/v1/terminals/heartbeats")
    said = beat.json()
    assert (said["backlog"], said["bundle"], said["gate"]) == (0, double.city.newest.sequence, GATE)
    assert 0 <= said["bundleAgeSeconds"] < 60
    assert said["version"]
    device.reporter._next_beat = 0
    look(device)
    assert len(asked(double, "/v1/terminals/heartbeats")) == 2


def test_the_backlog_that_a_heartbeat_tells_is_what_waits(device: Device, double: Double) -> None:
    look(device)
    double.script = once(VALIDATIONS, problem(503, "ledger-unavailable"))
    assert show(device, double, GOOD[0]) == "welcome"
    assert device.reporter.health().backlog == 1


def test_the_configuration_is_fetched_once_and_again_when_it_has_moved(device: Device, double: Double) -> None:
    look(device)
    look(device)
    assert [gate.code for gate in device.reporter.configuration.gates] == [GATE]
    assert len(asked(double, "/v1/terminals/configuration")) == 1
    device.reporter.moved()
    look(device)
    first, second = asked(double, "/v1/terminals/configuration")
    assert ("if-none-match" in first.headers, second.headers["if-none-match"]) == (False, '"1"')


def test_a_server_from_before_heartbeats_is_served_as_ever(device: Device, double: Double) -> None:
    double.script = lambda one: problem(404, "not-found") if one.path.endswith(("beats", "configuration")) else None
    look(device)
    assert device.keeper.trouble == ""
    assert device.reporter.configuration.gates == ()


# --- what the server says ------------------------------------------------------------------------------


@pytest.fixture
def seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keeper looks by itself only after the test: what is done before was asked for."""
    monkeypatch.setattr(keeper, "POLL_SECONDS", 600.0)


@pytest.mark.usefixtures("seldom")
def test_a_new_bundle_is_fetched_at_once_when_the_server_says_so(device: Device, double: Double) -> None:
    device.start()
    assert soon(lambda: device.bundles.of_service("pool"))
    assert soon(lambda: asked(double, "/v1/terminals/changes"))
    newer = double.city.newer()

    def held() -> bool:
        found = device.bundles.of_service("pool")
        return found is not None and found.bundle.sequence == newer.sequence

    assert heard(double, "bundle", held)


def test_a_stream_whose_token_ended_early_is_asked_for_again_at_once(device: Device, double: Double) -> None:
    double.script = once("/v1/terminals/changes", problem(401, "not-authenticated"))
    with device.client() as terminal, terminal.changes() as stream:
        assert next(stream).change is Change.CONFIGURATION
    assert len(asked(double, "/v1/terminals/tokens")) == 2


@pytest.mark.usefixtures("seldom")
def test_a_revoked_terminal_stops_as_soon_as_it_is_told(device: Device, double: Double) -> None:
    device.start()
    assert soon(lambda: asked(double, "/v1/terminals/changes"))
    double.script = lambda _one: problem(401, "not-authenticated")
    assert heard(double, "revoked", lambda: device.link.revoked)
    assert show(device, double, GOOD[0]) == "terminal_stopped"


def test_news_of_a_revocation_that_is_none_is_put_right_by_the_next_look(device: Device) -> None:
    device.follower.hear(News(Change.REVOKED, ""))
    assert device.link.revoked
    look(device)
    assert not device.link.revoked


def test_without_a_stream_the_keepers_own_looks_are_enough(device: Device, double: Double) -> None:
    double.script = lambda one: problem(403, "not-this-terminal") if one.path.endswith("/changes") else None
    with device.client() as terminal, pytest.raises(TerminalError):
        device.follower.follow(terminal)
    look(device)
    newer = double.city.newer()
    look(device)
    held = device.bundles.of_service("pool")
    assert held is not None
    assert held.bundle.sequence == newer.sequence


# --- a new key -----------------------------------------------------------------------------------------


def plainly(known: State) -> TerminalClient:
    return TerminalClient(known, clock=utc_now, wait=lambda _seconds: None)


def public(double: Double) -> bytes:
    return keys.dump_point(double.key)


def own(device: Device) -> bytes:
    return keys.dump_point(keys.load_pem(device.disk.pairing().private_key.encode()).public)


def test_a_new_key_takes_the_place_of_the_old_one(device: Device, double: Double) -> None:
    before = device.disk.pairing()
    rotation.rotate(device.disk, plainly)
    assert own(device) == public(double) != keys.dump_point(keys.load_pem(before.private_key.encode()).public)
    assert device.disk.pending_key() is None
    with plainly(before) as old, pytest.raises(Revoked):
        old.prove()


def test_a_gate_that_runs_goes_on_after_its_key_was_changed_beside_it(device: Device, double: Double) -> None:
    look(device)
    assert show(device, double, GOOD[0]) == "welcome"
    rotation.rotate(device.disk, plainly)
    assert show(device, double, GOOD[1]) == "welcome"
    assert len(asked(double, VALIDATIONS)) >= 2
    assert not device.link.revoked


@pytest.mark.parametrize("heard", [True, False])
def test_a_change_whose_answer_was_lost_is_settled_by_the_next_try(
    device: Device, double: Double, *, heard: bool
) -> None:
    def lost(one: Asked) -> Reply | None:
        if one.path != "/v1/terminals/key":
            return None
        if heard:
            double.honest(one)
        return Reply(cut=True)

    double.script = lambda one: lost(one) or (Reply(cut=True) if heard and one.path.endswith("/tokens") else None)
    with pytest.raises(NoAnswer):
        rotation.rotate(device.disk, lambda known: _with_token(known, double))
    assert device.disk.pending_key() is not None
    double.script = lambda _one: None
    look(device)
    assert not device.link.revoked
    rotation.rotate(device.disk, plainly)
    assert own(device) == public(double)
    assert device.disk.pending_key() is None


def _with_token(known: State, double: Double) -> TerminalClient:
    """A client that has its token already, so that only the change itself goes wrong."""
    script, double.script = double.script, lambda _one: None
    made = plainly(known)
    made.prove()
    double.script = script
    return made


def test_a_change_that_was_made_though_its_first_answer_was_lost_is_found_out_at_once(
    device: Device, double: Double
) -> None:
    spent = threading.Event()

    def script(one: Asked) -> Reply | None:
        if one.path != "/v1/terminals/key" or spent.is_set():
            return None
        spent.set()
        double.honest(one)
        return Reply(cut=True)

    double.script = script
    rotation.rotate(device.disk, plainly)
    assert own(device) == public(double)
