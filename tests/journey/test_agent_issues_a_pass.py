"""An agent issues a pass, a terminal lets its holder in, and no longer once the card is lost: by the command line."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from click.testing import CliRunner, Result

from cli.main import front
from domain.access.facts import DOUBLE_READ
from domain.calendars import Calendar, Hours
from domain.limits import Limit, Measure, Window
from domain.people import Subject
from domain.places import Gate, Passback, Site, Zone
from domain.products import Product
from domain.text import Text
from store.database import Database
from tests import servers

Run = Callable[..., Result]

NAME = Text(fr="Piscine", en="Pool")
ALWAYS = Calendar(tuple(Hours(date(2020, 1, 1), date(2100, 1, 1), weekday, 0, 1440) for weekday in range(7)))


async def furnish(database: Database) -> None:
    """Give the authority a pool that never closes, and a carnet of ten entries."""
    async with database.begin() as unit:
        owner = (await unit.places.authorities())[0].id
        site, zone, gate = (UUID(int=number) for number in (1, 2, 3))
        await unit.places.add_site(Site(site, owner, "pool", "pool", NAME, "59350", ALWAYS))
        await unit.places.add_zone(Zone(zone, owner, site, "pool", None, Passback.NONE, 0))
        await unit.places.add_gate(Gate(gate, owner, zone, "pool-1", NAME))
        visits = (Limit(0, Measure.VISIT, 10_000, Window.WHOLE),)
        await unit.products.add(Product(UUID(int=4), owner, "carnet", "pool", Subject.PERSON, NAME, visits))
    await database.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def port() -> int:
    return servers.free_port()


@pytest.fixture
def environment(folder: Path, port: int) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("MULTIPASS_")},
        "MULTIPASS_DATABASE_URL": f"sqlite:///{folder}/multipass.sqlite3",
        "MULTIPASS_KEYS_FOLDER": str(folder / "keys"),
        "MULTIPASS_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "MULTIPASS_PORT": str(port),
    }


@pytest.fixture
def run(folder: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Type a command. It runs in this process: to load the program anew took most of the time of twenty commands."""
    monkeypatch.chdir(folder)

    def run_here(*words: str, status: int = 0) -> Result:
        done = CliRunner().invoke(front, words, prog_name="multipass", env=environment)
        assert done.exit_code == status, f"{words}: status {done.exit_code}\n{done.output}"
        return done

    return run_here


@pytest.fixture
def server(folder: Path, environment: dict[str, str], port: int, run: Run) -> Iterator[str]:
    """A served installation of one authority with one pool."""
    run("migrate")
    run("authority", "add", "cornelia", "--name-fr", "Cornélia", "--name-en", "Cornelia")
    asyncio.run(furnish(Database(environment["MULTIPASS_DATABASE_URL"])))
    env = {**environment, "PYTHONPATH": str(Path(__file__).parents[2])}
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "multipass", "serve"], cwd=folder, env=env, stdout=output, stderr=output
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address, process, log)
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        status = process.wait(timeout=60)
    assert status == 0, log.read_text()


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(address, timeout=1, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"the server did not come up:\n{log.read_text()}")


def test_an_agent_issues_a_pass_that_opens_the_pool_until_it_is_lost(folder: Path, server: str, run: Run) -> None:
    person = ("--first-name", "Ada", "--last-name", "Lovelace", "--born", "1990-12-10", "--commune", "59350")
    number = run("pass", "issue", "R-1", *person, "--product", "carnet", "--out", "out").stdout.split()[1]
    code = run("terminal", "code", "pool-1", "--name", "Pool 1").stdout.split()[0]
    assert "Pool 1" in run("terminal", "pair", server, code, "--state", "gate.json").stdout
    assert (folder / "gate.json").stat().st_mode & 0o777 == 0o600

    scan = ("terminal", "scan", "out/card.png", "--state", "gate.json")
    entered = run(*scan, "--lang", "en").stdout
    assert "✔  GRANTED" in entered
    assert "9 of 10 visits left" in entered
    time.sleep(DOUBLE_READ.total_seconds())  # before that it would be the same scan
    assert "ACCORDÉ" in run(*scan, "--lang", "fr").stdout
    assert "8 of 10 visits in all" in run("pass", "show", number).stdout

    run("pass", "block", number, "--reason", "lost")
    refused = run(*scan, "--lang", "en", status=1).stdout
    assert "✘  REFUSED" in refused
    assert '"reason":"medium_lost"' in run(*scan, "--json", status=1).stdout

    with closing(sqlite3.connect(folder / "multipass.sqlite3")) as database:
        recorded = database.execute("SELECT outcome, reason FROM validation ORDER BY number").fetchall()
    assert recorded == [("granted", "welcome")] * 2 + [("denied", "medium_lost")] * 2


def test_a_pairing_code_pairs_once_and_a_revoked_terminal_asks_in_vain(server: str, run: Run) -> None:
    code = run("terminal", "code", "pool-1", "--name", "Pool 1").stdout.split()[0]
    run("terminal", "pair", server, code.lower())
    assert "holds a terminal already" in run("terminal", "pair", server, code, status=2).stderr
    assert "unknown, used or too old" in run("terminal", "pair", server, code, "--state", "b.json", status=2).stderr

    run("pass", "issue", *("--first-name", "Ada", "--last-name", "L", "--born", "1990-12-10", "--commune", "59350"),
        "--out", "out")  # fmt: skip
    assert "TO PAY" in run("terminal", "scan", "out/card.png", "--lang", "en", status=1).stdout
    assert "serves no gate" in run("terminal", "scan", "out/card.png", "--gate", "door", status=2).stderr
    terminal_id = next(word for word in run("terminal", "list").stdout.split() if word.count("-") == 4)
    run("terminal", "revoke", terminal_id)
    assert "pair it anew" in run("terminal", "scan", "out/card.png", status=2).stderr
