"""`multipass demo` as one types it: the city is built, served, and its devices speak by themselves."""

import contextlib
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from msgspec import Struct

from cli.demo.tour.mishaps import SILENT
from cli.demo.tour.plan import simulated
from tests import servers

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 120
"""Only a guard: nothing is expected to come near it."""


class Demonstration(Struct, frozen=True):
    """Where it is served, and its database."""

    address: str
    database: Path

    def wait_until_all_have_spoken(self) -> None:
        """Look into the database: pages are kept for some seconds, and would go on telling what was before."""
        until = time.monotonic() + PATIENCE_SECONDS
        while self._arrived() < len(simulated()) - len(SILENT):
            assert time.monotonic() < until, "the devices did not speak"
            time.sleep(0.2)

    def _arrived(self) -> int:
        if not self.database.exists():
            return 0
        # While it is built there is no table yet.
        with (
            contextlib.suppress(sqlite3.OperationalError),
            contextlib.closing(sqlite3.connect(self.database)) as database,
        ):
            return int(database.execute("SELECT count(*) FROM arrival").fetchone()[0])
        return 0


@pytest.fixture
def demonstration(tmp_path: Path) -> Iterator[Demonstration]:
    port = servers.free_port()
    command = [sys.executable, "multipass.py", "demo", "--residents", "20", "--days", "1", "--folder"]
    with (tmp_path / "demo.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, str(tmp_path / "demo")],
            cwd=ROOT,
            env={"PATH": "", "MULTIPASS_PORT": str(port)},
            stdout=log,
            stderr=log,
        )
        try:
            yield Demonstration(f"http://127.0.0.1:{port}", tmp_path / "demo" / "multipass.sqlite3")
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


@pytest.mark.slow
def test_the_devices_of_the_demonstration_speak_by_themselves(demonstration: Demonstration) -> None:
    demonstration.wait_until_all_have_spoken()
    points = httpx.get(f"{demonstration.address}/v1/tour/points?limit=100", timeout=60).json()["points"]
    live = {"direct", "recent", "delayed"}
    quiet = {one["slug"] for one in points if not live & {said["state"] for said in one["streams"]}}
    # One is silent, one is heard twice a day, and a place may be shut at this hour.
    assert quiet <= {"fraicheur-des-morvettes", "fraicheur-de-corlanges", "decheterie-de-la-plaine"}
    assert len(points) > 20
    assert "ppm de CO2" in httpx.get(f"{demonstration.address}/tour/points/air-ecole-tilleuls", timeout=60).text
