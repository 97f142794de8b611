"""The network goes, a gate goes on, the network comes back: the program's own terminal and its own server."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from adapters import roots
from adapters.clock import utc_now
from adapters.keyring import KeyRing
from domain.access.facts import Direction
from domain.access.reasons import Outcome, Reason
from nfc import key_set, keys
from terminal import queue, state
from terminal.device import Device
from terminal.link import Said
from terminal.offline import Tap
from tests.bad_line import BadLine, Line, bad_line
from tests.served import Served, served

ROOT = keys.signing_key(0x4007)


class Gate:
    """A terminal of the city, on a line that may fail."""

    def __init__(self, city: Served, line: BadLine, path: Path) -> None:
        self.city, self.line, self.path, self.taps = city, line, path, 0
        terminal = city.city.terminal
        pem = terminal.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        who = str(terminal.terminal.id)
        state.save(path, state.State(line.url, who, "doors", "ville", terminal.gates, pem))
        self.device = Device(path, utc_now)

    def look(self) -> bool:
        with self.device.client() as client:
            return self.device.keeper.turn(client)

    def show(self, code: str, gate: str = "free-1", direction: Direction = Direction.ENTRY) -> Said:
        self.taps += 1
        return self.device.link.ask(Tap(f"e2e-{self.taps}", gate, code, direction, self.device.clock.own()))

    @property
    def waiting(self) -> int:
        return queue.waiting(self.device.disk)


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    with served(tmp_path) as city, bad_line(int(city.url.rpartition(":")[2])) as line:
        gate = Gate(city, line, tmp_path / "gate.json")
        yield gate
        gate.device.__exit__()


def test_a_city_without_a_root_has_its_gates_believe_its_server(gate: Gate) -> None:
    assert gate.look()
    assert gate.device.keeper.trouble == ""
    assert not gate.device.trust.pinned
    for code in gate.city.city.terminal.gates:
        assert gate.device.bundles.place(code) is not None, code


def test_what_was_decided_alone_is_the_ledgers_afterwards_once(gate: Gate, tmp_path: Path) -> None:
    assert gate.look()
    online = gate.show(gate.city.code)
    assert (online.alone, online.answer.outcome) == (False, Outcome.GRANTED)
    gate.line.mode = Line.CUT
    time.sleep(3.1)  # else it would be the second reading of the first
    alone = gate.show(gate.city.code)
    assert (alone.alone, alone.answer.reason) == (True, Reason.WELCOME)
    assert gate.show("garbage").answer.reason is Reason.UNKNOWN_TYPE
    assert gate.waiting == 2
    gate.line.mode = Line.GOOD
    assert gate.look()
    assert gate.device.keeper.trouble == ""
    assert gate.waiting == 0
    assert gate.look()
    time.sleep(3.1)
    back = gate.show(gate.city.code)
    assert back.alone is False
    # Ten entries were bought: one online, one alone, one online again.
    assert [remaining.left for remaining in back.answer.remaining] == [7]


def test_a_question_whose_answers_were_lost_counts_once(gate: Gate) -> None:
    """reliability.md O1."""
    assert gate.look()
    gate.line.lose = 3
    assert gate.show(gate.city.code).alone is True
    assert gate.look()
    assert (gate.waiting, gate.device.keeper.trouble) == (0, "")
    time.sleep(3.1)
    assert [remaining.left for remaining in gate.show(gate.city.code).answer.remaining] == [8]


def test_a_site_that_fails_closed_does_so_and_one_that_fails_open_too(gate: Gate) -> None:
    assert gate.look()
    gate.line.mode = Line.CUT
    assert gate.show(gate.city.code, "free-1").answer.outcome is Outcome.GRANTED
    assert gate.show(gate.city.code, "waste-1").answer.reason in {Reason.OFFLINE_CLOSED, Reason.NO_RIGHT}


def test_a_stopped_pass_is_refused_alone_after_one_look(gate: Gate) -> None:
    """reliability.md V2."""
    assert gate.look()
    agent = {"Authorization": f"Bearer {gate.city.agent_token()}"}
    here = f"{gate.city.url}/v1/passes/{gate.city.pass_number}"
    (medium,) = httpx.get(here, headers=agent, timeout=60).raise_for_status().json()["media"]
    httpx.post(
        f"{here}/media/{medium['id']}/block", headers=agent, json={"reason": "lost"}, timeout=60
    ).raise_for_status()
    assert gate.look()
    gate.line.mode = Line.CUT
    assert gate.show(gate.city.code).answer.reason is Reason.MEDIUM_BLOCKED


def test_a_root_is_pinned_as_soon_as_there_is_one(gate: Gate, tmp_path: Path) -> None:
    assert gate.look()
    ring = KeyRing(tmp_path / "keys")
    roots.trust(ring.folder, "ville", (ROOT.public,))
    roots.install(ring, "ville", key_set.sign(ROOT, roots.request(ring, "ville", now=utc_now())), now=utc_now())
    gate.device.keeper._turns = 0
    assert gate.look()
    assert gate.device.trust.pinned
    gate.line.mode = Line.CUT
    assert gate.show(gate.city.code).answer.reason is Reason.WELCOME
