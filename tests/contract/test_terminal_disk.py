"""A terminal's state file under the worst: killed at any instant, no room on the disk, two programs at once."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from adapters.clock import utc_now
from domain.access.facts import Direction
from domain.access.reasons import Outcome, Reason
from nfc import bundle
from terminal import disk, queue, state
from terminal.device import Device
from terminal.errors import TerminalError
from terminal.offline import Tap
from tests.terminal_world import BUNDLE, make_bundle, pair, printed, signed_keys

ROOT = Path(__file__).parents[2]
TODAY = utc_now()

OPENING = """
import sys
from pathlib import Path
from adapters.clock import utc_now
from domain.access.facts import Direction
from terminal.device import Device
from terminal.offline import Tap

with Device(Path(sys.argv[1]), utc_now) as device:
    for number, credential in enumerate(sys.stdin.read().split("\\n")):
        answer = device.offline.decide(Tap(f"{sys.argv[2]}-{number}", "gate", credential, Direction.ENTRY, utc_now()))
        print(f"{sys.argv[2]}-{number}", answer.outcome, flush=True)
"""


def furnished(folder: Path) -> Path:
    """A terminal that has a bundle and knows the time."""
    path = folder / "terminal.json"
    pair(path, "http://127.0.0.1:9")
    with Device(path, utc_now) as device:
        device.clock.heard(utc_now())
        device.trust.adopt(signed_keys(now=TODAY), now=TODAY)
        signed = bundle.issue(BUNDLE, make_bundle(now=TODAY))
        device.bundles.take("pool", bundle.MEDIA_TYPE, signed, now=utc_now())
        device.keeper._note_life()
    return path


def kept(path: Path) -> dict[str, str]:
    with disk.opened(path) as opened, opened.read() as db:
        rows = db.execute("SELECT sequence, body FROM outbox ORDER BY sequence").fetchall()
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1)), "a sequence has a gap"
    lines = [json.loads(row[1]) for row in rows]
    assert [line["sequence"] for line in lines] == [row[0] for row in rows]
    return {line["key"]: line["outcome"] for line in lines}


def test_a_terminal_killed_at_any_instant_has_kept_every_door_that_it_opened(tmp_path: Path) -> None:
    """reliability.md R1. A door opens as the answer is printed; the process is killed at a random instant after."""
    path, random, opened = furnished(tmp_path), Random(7), {}
    codes = "\n".join(printed(place, now=TODAY) for place in range(1, 400))
    for turn in range(12):
        process = subprocess.Popen(
            [sys.executable, "-c", OPENING, str(path), f"t{turn}"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(codes)
        process.stdin.close()
        stop = random.randrange(1, 60)
        for number, said in enumerate(process.stdout):
            key, outcome = said.split()
            opened[key] = outcome
            if number == stop:
                os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
        process.stdout.close()
        assert process.returncode == -signal.SIGKILL
    there = kept(path)
    assert len(opened) > 100
    assert {key: there[key] for key in opened} == opened
    granted = [key for key, outcome in there.items() if outcome == "granted"]
    assert granted
    with disk.opened(path) as found, found.read() as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(furnished(tmp_path), utc_now)


def show(device: Device, key: str, place: int = 5) -> tuple[Outcome, Reason]:
    tap = Tap(key, "gate", printed(place, now=TODAY), Direction.ENTRY, utc_now())
    answer = device.offline.decide(tap)
    return answer.outcome, answer.reason


def test_a_full_disk_opens_nothing_says_so_and_recovers_by_itself(device: Device) -> None:
    """reliability.md D4. The database engine itself refuses to grow, as it does where the disk is full."""
    with device.disk.read() as db:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count={pages}")
    said = [show(device, f"k{place}", place) for place in range(1, 200)]
    assert said[0] == (Outcome.GRANTED, Reason.WELCOME)
    assert said[-1] == (Outcome.DENIED, Reason.NOT_RECORDED)
    granted = [outcome for outcome, _ in said if outcome is Outcome.GRANTED]
    assert queue.waiting(device.disk) == len(granted)
    with device.disk.read() as db:
        db.execute("PRAGMA max_page_count=1000000")
    assert show(device, "later", 300) == (Outcome.GRANTED, Reason.WELCOME)
    assert queue.batch(device.disk)[-1].sequence == len(granted) + 1
    device.disk.close()


def test_a_file_that_somebody_else_writes_to_for_too_long_opens_nothing(device: Device, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "terminal.json", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert show(device, "k1") == (Outcome.DENIED, Reason.NOT_RECORDED)
    other.execute("ROLLBACK")
    other.close()
    assert show(device, "k2") == (Outcome.GRANTED, Reason.WELCOME)
    device.disk.close()


def test_a_pairing_becomes_the_state_file_under_its_name_for_its_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "terminal.json"
    known = pair(path, "http://127.0.0.1:9")
    with disk.opened(path) as opened:
        assert opened.pairing() == known
    assert path.stat().st_mode & 0o777 == 0o600
    assert state.load(path) == known
    assert list(tmp_path.iterdir()) == [path]


def test_what_it_writes_beside_its_file_is_for_its_user_alone(device: Device, tmp_path: Path) -> None:
    show(device, "k1")
    assert {one.name: oct(one.stat().st_mode & 0o777) for one in tmp_path.iterdir()} == {
        "terminal.json": "0o600",
        "terminal.json-wal": "0o600",
        "terminal.json-shm": "0o600",
    }
    device.disk.close()


def test_every_write_waits_for_the_disk(device: Device) -> None:
    with device.disk.read() as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert db.execute("PRAGMA synchronous").fetchone() == (2,)
    device.disk.close()


def test_a_broken_file_says_to_pair_anew(tmp_path: Path) -> None:
    path = tmp_path / "terminal.json"
    path.write_bytes(b"SQLite format 3\x00" + b"\xff" * 4_000)
    with pytest.raises(TerminalError, match="Pair it anew"):
        disk.opened(path)
    with pytest.raises(TerminalError, match="Pair it anew"):
        state.load(path)


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(TerminalError, match="multipass terminal pair"):
        disk.opened(tmp_path / "nothing.json")
