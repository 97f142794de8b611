"""Gates alone, then beside a console at work: the same server, the same database, the same people at the doors.

Agents log in as they do, and open pages at a steady pace: searches, files, the queue, the board of a site, figures.
"""

import html
import re
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Self
from urllib.parse import quote

import httpx
import msgspec
from msgspec import Struct

from bench import register
from bench.codes import Ask
from bench.console_load import Job, Run
from bench.installation import TOKENS, Installation
from bench.paced import paced
from cli.demo.city import Login
from cli.demo.places import LOGINS
from domain.agents import Role
from domain.people import Holder

PER_SECOND = 50.0
"""Passages, as the promise of their p99 has them."""

BAR = 2.0
"""A console at work makes the slowest of a hundred passages at most so many times as slow."""


class Beside(Struct, frozen=True, rename="camel"):
    """Milliseconds at the gates, alone and beside the console, and those of its pages. `ratio` is of the two p99."""

    rounds: int
    alone_p50: float
    alone_p99: float
    beside_p50: float
    beside_p99: float
    ratio: float
    pages: int
    page_p50: float
    page_p95: float
    refused: int

    @property
    def met(self) -> bool:
        """Whether the promise holds."""
        return self.ratio <= BAR and not self.refused


def measure(
    installation: Installation,
    asks: list[Ask],
    people: list[Holder],
    *,
    rounds: int,
    seconds: float,
    pages_per_second: float,
) -> Beside:
    """Measure by turns; ratios are of neighbours, so that what else the machine does counts for both."""
    port, count = installation.port, int(seconds * PER_SECOND)
    cookies = {login.role.value: _log_in(port, login) for login in LOGINS if login.role in _PAGES}
    alone: list[list[float]] = []
    beside: list[list[float]] = []
    runs: list[Run] = []
    with ProcessPoolExecutor(1) as gates:

        def go(name: str, place: int) -> list[float]:
            some = [asks[(place * count + number) % len(asks)] for number in range(count)]
            return gates.submit(paced, port, TOKENS[place % len(TOKENS)], some, name, per_second=PER_SECOND).result()

        go("warm", 0)
        for turn in range(rounds):
            alone.append(go(f"alone-{turn}", 2 * turn))
            pages = _pages(people, cookies, Random(turn), int((seconds + 3) * pages_per_second))
            job = Job(port=port, pages=pages, per_second=pages_per_second)
            with _Console(job, Path(f"{installation.folder}/console-{turn}")) as console:
                beside.append(go(f"beside-{turn}", 2 * turn + 1))
            runs.append(console.run)
    before, during = ([quantiles(one, n=100) for one in each] for each in (alone, beside))
    shown = quantiles([one for run in runs for one in run.milliseconds], n=100)
    return Beside(
        rounds=rounds,
        alone_p50=median(one[49] for one in before),
        alone_p99=median(one[98] for one in before),
        beside_p50=median(one[49] for one in during),
        beside_p99=median(one[98] for one in during),
        ratio=median(two[98] / one[98] for one, two in zip(before, during, strict=True)),
        pages=sum(len(run.milliseconds) for run in runs),
        page_p50=shown[49],
        page_p95=shown[94],
        refused=sum(run.refused for run in runs),
    )


class _Console:
    """Agents at work, in a process of their own, while the context lasts."""

    def __init__(self, job: Job, path: Path) -> None:
        self.run = Run()
        self._given, self._taken = path.with_suffix(".job"), path.with_suffix(".run")
        self._given.write_bytes(msgspec.msgpack.encode(job))

    def __enter__(self) -> Self:
        """Begin."""
        command = [sys.executable, "-m", "bench.console_load", str(self._given), str(self._taken)]
        self._process = subprocess.Popen(command)  # noqa: S603 - our own
        return self

    def __exit__(self, *_problem: object) -> None:
        """Let the last pages come, and read how it went."""
        if self._process.wait(120):
            raise RuntimeError("the console's load failed")
        self.run = msgspec.msgpack.decode(self._taken.read_bytes(), type=Run)


def _pages(people: list[Holder], cookies: dict[str, str], dice: Random, count: int) -> list[tuple[str, str]]:
    """Draw pages, each with the cookies of an agent who may see it."""
    drawn = []
    for _ in range(count):
        role = dice.choice(list(_PAGES))
        one = dice.choice(people)
        known = {
            "begun": quote(one.last_name[: dice.randint(2, 6)]),
            "reference": one.reference,
            "commune": str(register.FIRST_COMMUNE + dice.randrange(register.COMMUNES)),
        }
        drawn.append((cookies[role.value], "/console" + dice.choice(_PAGES[role]).format(**known)))
    return drawn


_PAGES: dict[Role, tuple[str, ...]] = {
    Role.DESK: (
        "/people?q={begun}",
        "/people?q={begun}&commune={commune}",
        "/people/{reference}",
        "/people/{reference}",
    ),
    Role.REVIEWER: ("/requests", "/people?q={begun}"),
    Role.SITE_AGENT: ("/sites/piscine-ourlea", "/sites"),
    Role.MANAGER: ("/figures/passages", "/figures/quality"),
}
"""What agents of each role look at."""


def _log_in(port: int, login: Login) -> str:
    """Log in by the form, and return the cookies as a browser sends them."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as browser:
        page = browser.get("/console/login").raise_for_status().text
        found = re.search(r'name="csrf" value="([^"]+)"', page)
        if found is None:
            raise RuntimeError("the login page has no form")
        sent = {"csrf": html.unescape(found[1]), "login": login.login, "password": login.password, "next": "/console"}
        answer = browser.post("/console/login", data=sent)
        if answer.status_code != 303:
            raise RuntimeError(f"{login.login} is not let in: {answer.status_code}")
        return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
