"""`python -m bench upload`: twenty terminals that were without network for a day come back at once, and gates go on.

Each brings 2,000 passages in uploads of 500 lines, while people are let in at twenty a second. All lines are stored
exactly once, and gates answer as before: 99 in 100 within the bar. Exits with 1 when one of these is missed.
"""

import http.client
import os
import shutil
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import quantiles

import msgspec
import rich_click as click
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from adapters.clock import utc_now
from adapters.keyring import INSTALLATION, KeyRing, Purpose
from bench.codes import Ask, Signer, wanted
from bench.engines import Engine, opened
from bench.installation import TOKENS, Installation
from bench.paced import paced
from bench.population import Population
from bench.server import TOGETHER

BUILD = Path(__file__).parents[1] / "build"
FOLDER = BUILD / "bench-upload"
LINES = 500
PER_SECOND = 20.0
PASSES = 5_000
ALONE_BAR_MS = 15.0
BESIDE_BAR_MS = 100.0
"""What a person does not notice: while terminals come back, 99 in 100 are let in within a tenth of a second."""


class Figure(Struct, frozen=True, rename="camel"):
    """What came of one size of group: milliseconds at the gates, and lines a second."""

    engine: str
    together: int
    alone_median: float
    alone_p99: float
    beside_median: float
    beside_p99: float
    beside_worst: float
    lines_per_second: float
    wrong: int

    @property
    def met(self) -> bool:
        """Whether the promises hold."""
        return self.alone_p99 < ALONE_BAR_MS and self.beside_p99 < BESIDE_BAR_MS and not self.wrong


@click.command("upload")
@click.option("--engine", "engines", multiple=True, type=click.Choice(["sqlite", "postgresql"]), default=["sqlite"])
@click.option("--events", type=click.IntRange(1), default=2_000, show_default=True, help="Passages of each terminal.")
@click.option("--together", multiple=True, type=click.IntRange(1, 500), default=[16], help="Lines per ledger batch.")
@click.option("--seconds", type=click.FloatRange(1), default=15.0, show_default=True, help="Gates alone, before.")
def command(engines: tuple[str, ...], *, events: int, together: tuple[int, ...], seconds: float) -> None:
    """Measure uploads beside gates. Exits with 1 when a bar is missed."""
    with suppress(PermissionError):
        os.nice(-18)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    figures = []
    for name in engines:
        with opened(name, FOLDER) as engine:
            _furnish(engine, [f"city{size}" for size in together])
            figures += [_measure(engine, size, events, seconds) for size in together]
    BUILD.joinpath("bench-upload.json").write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2))
    table = Table("engine", "together", "alone p50", "p99 ms", "beside p50", "p99 ms", "worst", "lines/s", "")
    for one in figures:
        cells = (one.alone_median, one.alone_p99, one.beside_median, one.beside_p99, one.beside_worst)
        told = [f"{cell:.1f}" for cell in cells]
        mark = "met" if one.met else "MISSED"
        table.add_row(one.engine, str(one.together), *told, f"{one.lines_per_second:.0f}", mark)
    console = Console(highlight=False)
    console.print(table)
    console.print(f"p99 < {ALONE_BAR_MS:g} ms alone, < {BESIDE_BAR_MS:g} ms beside uploads; every line stored once.")
    sys.exit(0 if all(one.met for one in figures) else 1)


def _furnish(engine: Engine, databases: list[str]) -> None:
    now, population = utc_now(), Population(PASSES, PASSES)
    keyring = KeyRing(FOLDER / "keys")
    if not keyring.entries:
        keyring.generate(INSTALLATION, Purpose.TOKEN, now=now)
        keyring.generate("bench", Purpose.PRINT, now=now)
        keyring.make_master("bench", now=now)
    with ProcessPoolExecutor() as pool:
        for fill, given in (engine.filling(database, population, now) for database in databases):
            pool.submit(fill, *given).result()


def _measure(engine: Engine, together: int, events: int, seconds: float) -> Figure:
    signer = Signer(
        KeyRing(FOLDER / "keys").signing_key("bench", Purpose.PRINT),
        int((utc_now() + timedelta(days=300)).timestamp()),
    )
    mix = wanted(Population(PASSES, PASSES), 20_000, Random(together), new=False)
    asks = signer.sign(mix)
    installation = Installation(engine, f"city{together}", FOLDER)
    installation.start(environment={TOGETHER: str(together)})
    installation.wait()
    try:
        count = int(seconds * PER_SECOND)
        with ProcessPoolExecutor(1) as gates, ThreadPoolExecutor(len(TOKENS)) as terminals:
            port = installation.port
            gates.submit(paced, port, TOKENS[0], asks[:100], "warm", per_second=PER_SECOND).result()
            alone = gates.submit(
                paced, port, TOKENS[0], asks[100 : 100 + count], "alone", per_second=PER_SECOND
            ).result()
            began = time.perf_counter()
            uploading = [
                terminals.submit(_bring, port, token, _uploads(asks, number, events))
                for number, token in enumerate(TOKENS)
            ]
            beside: list[float] = []
            while not all(one.done() for one in uploading):
                some = asks[len(beside) : len(beside) + int(PER_SECOND)]
                beside += gates.submit(
                    paced, port, TOKENS[0], some, f"beside-{len(beside)}", per_second=PER_SECOND
                ).result()
            stored = sum(one.result() for one in uploading)
            took = time.perf_counter() - began
    finally:
        installation.stop()
    before, during = quantiles(alone, n=100), quantiles(beside, n=100)
    wanted_lines = events * len(TOKENS)
    return Figure(
        engine.name,
        together,
        before[49],
        before[98],
        during[49],
        during[98],
        max(beside),
        wanted_lines / took,
        wanted_lines - stored,
    )


def _uploads(asks: list[Ask], terminal: int, events: int) -> list[bytes]:
    """The passages of one terminal, over the last ten hours, in uploads."""
    now = utc_now()
    lines = []
    for number in range(events):
        gate, credential = asks[(terminal * events + number) % len(asks)]
        at = now - timedelta(hours=10) + number * timedelta(hours=10) / events
        line = {
            "key": f"offline-{number}",
            "sequence": number,
            "gate": gate,
            "credential": credential,
            "terminalTime": at.isoformat(),
            "outcome": "granted",
            "reason": "welcome",
            "bundle": int(at.timestamp()),
        }
        lines.append(msgspec.json.encode(line) + b"\n")
    return [b"".join(lines[start : start + LINES]) for start in range(0, events, LINES)]


def _bring(port: int, token: str, uploads: list[bytes]) -> int:
    """Send uploads, each until it is acknowledged; return how many lines were stored."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
    sent_at, stored = utc_now().isoformat().replace("+00:00", "Z"), 0
    for body in uploads:
        while True:
            connection.request("POST", f"/v1/access/uploads?sentAt={sent_at}", body, headers)
            answer = connection.getresponse()
            said = answer.read()
            if answer.status == 200:
                break
            time.sleep(1)
        stored += said.count(b'"status":"stored"')
        sent_at = utc_now().isoformat().replace("+00:00", "Z")
    connection.close()
    return stored
