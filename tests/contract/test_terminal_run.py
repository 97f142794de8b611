"""`multipass terminal run` as a real process: codes come by a pipe as a scanner types them, a server comes and goes."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from adapters.clock import utc_now
from cli.main import front
from terminal import disk, queue
from terminal.device import Device
from tests.bad_line import BadLine, Line, bad_line
from tests.terminal_world import Server, make_bundle, pair, printed, serving

ROOT = Path(__file__).parents[2]
TODAY = utc_now()


class Running:
    """A terminal that runs, with its keyboard and its screen."""

    def __init__(self, path: Path, *more: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "multipass.py", "terminal", "run", "--state", str(path), *more],
            cwd=ROOT,
            env={**os.environ, "LANG": "en"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def type(self, *lines: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("".join(f"{line}\n" for line in lines))
        self._process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        said: dict[str, Any] = json.loads(self._process.stdout.readline())
        return said

    def end(self) -> tuple[int, str]:
        out, _ = self._process.communicate(timeout=90)
        return self._process.returncode, out


def command(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(front, ["terminal", *words], prog_name="multipass")
    return done.exit_code, done.output


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[Path, Server, BadLine]]:
    with serving(make_bundle(now=TODAY)) as server, bad_line(server.port) as line:
        path = tmp_path / "terminal.json"
        pair(path, line.url)
        yield path, server, line


def waiting(path: Path) -> int:
    with disk.opened(path) as found:
        return queue.waiting(found)


def test_a_gate_goes_on_when_its_server_goes_and_tells_it_all_when_it_comes_back(
    world: tuple[Path, Server, BadLine],
) -> None:
    path, server, line = world
    running = Running(path, "--json")
    running.type(printed(5, now=TODAY))
    first = running.hear()
    assert (first["outcome"], first["alone"]) == ("granted", False)
    until = time.monotonic() + 120
    while Device(path, utc_now).bundles.place("gate") is None and time.monotonic() < until:
        time.sleep(0.1)
    line.mode = Line.CUT
    running.type(printed(6, now=TODAY), "garbage", "/", printed(6, now=TODAY))
    heard = [running.hear() for _ in range(3)]
    assert [(one["reason"], one["alone"], one["direction"]) for one in heard] == [
        ("welcome", True, "entry"),
        ("unknown_type", True, "entry"),
        ("goodbye", True, "exit"),
    ]
    assert waiting(path) == 3
    line.mode = Line.GOOD
    until = time.monotonic() + 120
    while waiting(path) and time.monotonic() < until:
        time.sleep(0.1)
    running.type("q")
    assert running.end()[0] == 0
    assert waiting(path) == 0
    assert [stored["reason"] for stored in server.stored.values()] == ["welcome", "unknown_type", "goodbye"]


def test_a_verdict_fills_words_colour_and_what_to_do(world: tuple[Path, Server, BadLine]) -> None:
    path, _, _ = world
    running = Running(path, "--lang", "fr", "--sound")
    running.type(printed(5, now=TODAY))
    status, said = running.end()
    assert status == 0
    assert "Entrée : présentez votre pass" in said
    assert "ACCORDÉ" in said


def test_what_waits_is_told_by_status_and_brought_by_sync(world: tuple[Path, Server, BadLine]) -> None:
    path, server, line = world
    assert command("sync", "--state", str(path)) == (0, "Everything is told.\n")
    line.mode = Line.CUT
    running = Running(path, "--json")
    running.type(printed(5, now=TODAY))
    assert running.hear()["alone"] is True
    running.end()
    status, said = command("status", "--state", str(path), "--json")
    found = json.loads(said)
    assert status == 1
    assert (found["waiting"], found["online"], found["bundle"]["sequence"]) == (1, False, 1)
    status, said = command("sync", "--state", str(path))
    assert status == 1
    assert said.startswith("1 passages wait")
    line.mode = Line.GOOD
    assert command("sync", "--state", str(path)) == (0, "Everything is told.\n")
    assert len(server.stored) == 1
    status, said = command("status", "--state", str(path))
    assert status == 0
    assert "fails open" in said


def test_a_gate_that_it_does_not_serve_is_told_so(world: tuple[Path, Server, BadLine]) -> None:
    path, _, _ = world
    status, said = command("run", "--state", str(path), "--gate", "elsewhere")
    assert (status, "does not serve elsewhere" in said) == (2, True)


def test_a_reader_that_is_not_there_is_told_so(world: tuple[Path, Server, BadLine]) -> None:
    path, _, _ = world
    assert "is no reader" in command("run", "--state", str(path), "--reader", "nose")[1]
    assert "PC/SC" in command("run", "--state", str(path), "--reader", "pcsc:nowhere")[1]


def test_a_revoked_terminal_that_is_paired_anew_tells_what_it_kept(world: tuple[Path, Server, BadLine]) -> None:
    path, server, line = world
    command("sync", "--state", str(path))
    line.mode = Line.CUT
    running = Running(path, "--json")
    running.type(printed(5, now=TODAY))
    assert running.hear()["reason"] == "welcome"
    running.end()
    line.mode, server.revoked = Line.GOOD, True
    status, said = command("sync", "--state", str(path))
    assert (status, "no longer knows this terminal" in said) == (1, True)
    assert disk.is_revoked(path)
    server.revoked = False
    with disk.opened(path) as kept:
        kept.pair(kept.pairing())
    assert command("sync", "--state", str(path)) == (0, "Everything is told.\n")
    assert len(server.stored) == 1
