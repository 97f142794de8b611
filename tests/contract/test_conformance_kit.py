"""The conformance kit tried on our own: server, terminal and double pass, and whoever errs fails the right case."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from adapters.clock import utc_now
from domain.access.facts import Direction
from terminal import client, keeper, state
from terminal.conformance import cases
from terminal.conformance.asker import Asker
from terminal.conformance.cases import Result, Verdict
from terminal.conformance.city import GOOD, STOPPED, tampered
from terminal.conformance.double import CODE, Asked, Double, Reply
from terminal.conformance.scene import VALIDATIONS, Scene
from terminal.conformance.server_cases import SERVER_CASES
from terminal.conformance.terminal_cases import TERMINAL_CASES
from terminal.connection import Connection
from terminal.device import Device
from terminal.errors import TerminalError
from terminal.run import Gate
from tests.served import served


@pytest.fixture
def double() -> Iterator[Double]:
    served = Double(utc_now)
    yield served
    served.close()


def tried(double: Double) -> dict[str, str]:
    good, stopped = double.city.passes[GOOD[0]], double.city.passes[STOPPED]
    asker = Asker(double.url, clock=utc_now, code=CODE, good=good, stopped=stopped)
    with contextlib.closing(asker):
        return failed(list(cases.run(SERVER_CASES, asker)))


def failed(results: list[Result]) -> dict[str, str]:
    return {one.id: one.said for one in results if one.verdict is not Verdict.PASSED}


def test_the_double_is_a_server_that_conforms(double: Double) -> None:
    assert tried(double) == {}


# --- servers that err -------------------------------------------------------------------------------


class Forgetful(Double):
    """Answers each question anew, whatever its key."""

    def honest(self, asked: Asked) -> Reply:
        if asked.path == VALIDATIONS:
            self._answers.clear()
        return super().honest(asked)


class Credulous(Double):
    """Takes a proof twice."""

    def _prove(self, asked: Asked) -> Reply:
        said = super()._prove(asked)
        self._proofs.clear()
        return said


class Forged(Double):
    """Hands out bundles whose signature is broken."""

    def _bundle(self, asked: Asked) -> Reply:
        said = super()._bundle(asked)
        return msgspec.structs.replace(said, body=tampered(said.body)) if said.body else said


class Hasty(Double):
    """Reads a line that was cut."""

    def _upload(self, asked: Asked) -> Reply:
        whole = asked.body if asked.body.endswith(b"\n") else asked.body + b"}\n"
        return super()._upload(msgspec.structs.replace(asked, body=whole))


class Nameless(Double):
    """Does not say whom it answers."""

    def _validate(self, asked: Asked) -> Reply:
        return msgspec.structs.replace(super()._validate(asked), headers={})


class Mute(Double):
    """Has no words in French."""

    def _validate(self, asked: Asked) -> Reply:
        said = super()._validate(asked)
        return msgspec.structs.replace(said, body=said.body.replace(b'"fr":', b'"de":'))


@pytest.mark.parametrize(
    ("server", "cases_that_fail"),
    [
        (Forgetful, {"same-key", "key-reused"}),
        (Credulous, {"proof-once"}),
        (Forged, {"bundle", "bundle-unchanged", "bundle-since"}),
        (Hasty, {"upload-cut"}),
        (Nameless, {"key-named"}),
        (Mute, {"granted", "garbage", "stopped"}),
    ],
)
def test_a_server_that_errs_fails_the_case_of_its_fault(server: type[Double], cases_that_fail: set[str]) -> None:
    wrong = server(utc_now)
    try:
        assert tried(wrong).keys() == cases_that_fail
    finally:
        wrong.close()


def test_our_own_server_conforms(tmp_path: Path) -> None:
    with served(tmp_path) as city:
        agent = {"Authorization": f"Bearer {city.agent_token()}"}
        body = {"gates": ["free-1"], "name": "kit", "profile": "handheld"}
        invited = httpx.post(f"{city.url}/v1/terminals/invitations", headers=agent, json=body, timeout=60)
        invited.raise_for_status()
        asker = Asker(city.url, clock=utc_now, code=invited.json()["code"], good=city.code)
        with contextlib.closing(asker):
            found = list(cases.run(SERVER_CASES, asker))
    assert failed(found) == {"stopped": "No stopped pass was given: --stopped."}


def test_a_server_that_is_not_there_fails_and_nothing_raises() -> None:
    asker = Asker("http://127.0.0.1:9", clock=utc_now, code=CODE)
    with contextlib.closing(asker):
        found = {one.id: one.verdict for one in cases.run(SERVER_CASES, asker)}
    assert found["pair"] is Verdict.FAILED
    assert set(found.values()) == {Verdict.FAILED, Verdict.SKIPPED}


# --- terminals that err -----------------------------------------------------------------------------


class Sloppy:
    """A vendor's first try: a new key for each try, the whole key sent at pairing, nothing told afterwards."""

    def __init__(self, double: Double) -> None:
        self.known = client.pair(double.url, CODE)

    def show(self, credential: str) -> None:
        for _ in range(2):
            with client.TerminalClient(self.known, clock=utc_now, wait=lambda _seconds: None) as asking:
                asking._connection.patiently = self._once(asking._connection)  # type: ignore[method-assign]
                with contextlib.suppress(TerminalError):
                    asking.validate(credential, gate=self.known.gates[0])
                    return

    @staticmethod
    def _once(asking: Connection) -> Callable[..., httpx.Response]:
        def once(method: str, path: str, asked: Callable[[], Mapping[str, Any]], _key: str = "") -> httpx.Response:
            try:
                return asking._http.request(method, path, **asked())
            except httpx.HTTPError as problem:
                raise TerminalError("lost") from problem

        return once


def test_a_terminal_that_errs_fails_the_cases_of_its_faults(double: Double) -> None:
    sloppy = Sloppy(double)
    some = [one for one in TERMINAL_CASES if one.id in {"pair", "token", "ask", "bundle", "lost-answer", "heartbeat"}]
    sloppy.show("first")
    assert failed(list(cases.run(some, Scene(double, sloppy.show, patience=1)))).keys() == {
        "bundle",
        "lost-answer",
        "heartbeat",
    }


# --- our own terminal ------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_reference_terminal_conforms(double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # How its pauses grow is tried in `test_terminal_link.py`; here they would be two minutes of waiting.
    monkeypatch.setattr(keeper, "LONGEST_PAUSE_SECONDS", 0.5)
    path = tmp_path / "terminal.json"
    state.save(path, client.pair(double.url, CODE))
    with Device(path, utc_now) as device:
        gate = Gate(device, device.pairing.gates[0], Direction.ENTRY)
        device.start()
        assert failed(list(cases.run(TERMINAL_CASES, Scene(double, gate.show, patience=90)))) == {}
