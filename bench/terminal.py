"""`python -m bench terminal`: what a passage takes at a gate that decides alone, from what was read to the disk.

What it takes with a server, on loopback at twenty a second, is measured by `python -m bench upload`, gates alone.
A decision stays under twenty milliseconds at the 99th percentile. Each is a real one: signatures verified, the commit
synced (`synchronous=FULL`) on the disk of this machine, among other people's passages of the day.
"""

import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from statistics import quantiles
from uuid import UUID

import msgspec
import rich_click as click
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from adapters.clock import utc_now
from domain.access.catalogue import SiteDay
from domain.access.facts import Direction
from domain.access.reasons import Reason
from domain.offline import Content, OfflinePolicy, OfflineSite
from domain.places import Gate, Passback, Zone
from domain.text import Text
from nfc import bundle, key_set, keys, phone_credential, printed_code
from nfc.bundle import Bundle
from nfc.keys import SigningKey
from nfc.phone import Phone
from nfc.status_list import pack
from terminal import state
from terminal.device import Device
from terminal.offline import Tap
from terminal.state import State

REPORT = Path(__file__).parents[1] / "build" / "bench-terminal.json"
BAR_MS = 20.0
AUTHORITY = "city"
PLACES = 1 << 20
"""A list of a million media: what a large city has."""

_LIFE_SECONDS = 300 * 86_400
_NAME = Text(fr="Piscine", en="Pool")
_WHOLE_DAY = SiteDay(((0, 1440),), ((0, 1440),), (), bank_holiday=False)
_OWNER, _SITE = UUID(int=1), UUID(int=2)


class Figure(Struct, frozen=True, rename="camel"):
    """What came of a case, in milliseconds. `cpu_p99` is what this thread itself computed: neither disk nor others."""

    name: str
    median: float
    p99: float
    worst: float
    cpu_p99: float

    @property
    def met(self) -> bool:
        """Whether the promise holds."""
        return self.p99 < BAR_MS


@click.command("terminal")
@click.option("--taps", type=click.IntRange(200), default=2_000, show_default=True, help="Passages of each case.")
def command(taps: int) -> None:
    """Measure a gate that decides alone. Exits with 1 when its bar is missed."""
    with suppress(PermissionError):
        os.nice(-18)
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), taps)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2))
    table = Table("what", "median ms", "p99 ms", "worst ms", "own CPU p99", f"p99 < {BAR_MS:g} ms")
    for figure in figures:
        mark = "met" if figure.met else "MISSED"
        cells = (figure.median, figure.p99, figure.worst, figure.cpu_p99)
        table.add_row(figure.name, *(f"{cell:.2f}" for cell in cells), mark)
    console, (load, *_), cores = Console(highlight=False), os.getloadavg(), os.cpu_count() or 1
    console.print(table)
    if not figures[0].met:
        console.print("A bare commit misses the bar by itself: this disk, or whoever shares it, is what was measured.")
    if load > cores:
        console.print(f"{load:.0f} programs shared {cores} cores meanwhile: measure again on a machine at rest.")
    sys.exit(0 if all(figure.met for figure in figures) else 1)


def measure(folder: Path, taps: int) -> list[Figure]:
    """Show printed codes and phones, each another person's, to a terminal without a server."""
    issuers = {purpose: keys.generate() for purpose in ("print", "phone", "bundle", "root")}
    path = folder / "terminal"
    private = keys.dump_pem(keys.generate()).decode()
    state.save(path, State("http://127.0.0.1:9", str(UUID(int=7)), "Bench", AUTHORITY, ("gate",), private))
    with Device(path, utc_now) as device:
        furnish(device, issuers)
        printed = [_printed(issuers["print"], number) for number in range(taps)]
        phones = [_phone(issuers["phone"], taps + number) for number in range(taps)]
        return [
            _commits(folder, taps),
            _figure("a printed code", device, [partial(str, code) for code in printed]),
            _figure("a phone's code", device, [partial(_shown, phone) for phone in phones]),
            _figure("refused: garbage", device, [partial(str, "nothing")] * taps, heard=Reason.UNKNOWN_TYPE),
        ]


def furnish(device: Device, issuers: dict[str, SigningKey]) -> None:
    """Give a terminal its keys, its bundle and the time."""
    now = utc_now()
    trusted = tuple(
        keys.verify_key(key.public, purpose=purpose, authority=AUTHORITY)
        for purpose, key in issuers.items()
        if purpose != "root"
    )
    root = issuers["root"]
    asked = key_set.Unsigned(AUTHORITY, 1, _now(), _now() + 86_400, trusted, (root.public,))
    device.clock.heard(now)
    device.trust.adopt(key_set.sign(root, key_set.payload(asked)), now=now)
    zone = Zone(UUID(int=3), _OWNER, _SITE, "hall", None, Passback.HARD, 0)
    gate = Gate(UUID(int=4), _OWNER, zone.id, "gate", _NAME)
    site = OfflineSite("pool", _NAME, OfflinePolicy(), (zone,), (gate,), {now.date(): _WHOLE_DAY})
    content = msgspec.json.encode(Content(AUTHORITY, "pool", "UTC", (site,)))
    stopped = pack([], size=PLACES)
    given = Bundle(
        AUTHORITY, "pool", 1, _now(), _now() + 86_400, {0: stopped}, {0: b"\xff" * (PLACES >> 3)}, b"", content
    )
    device.bundles.take("pool", bundle.MEDIA_TYPE, bundle.issue(issuers["bundle"], given), now=now)


def _figure(name: str, device: Device, codes: list[Callable[[], str]], *, heard: Reason = Reason.WELCOME) -> Figure:
    taken, computed = [], []
    for number, code in enumerate(codes):
        tap = Tap(f"{name} {number}", "gate", code(), Direction.ENTRY, utc_now())
        began, busy = time.perf_counter_ns(), time.thread_time_ns()
        answer = device.offline.decide(tap)
        taken.append((time.perf_counter_ns() - began) / 1e6)
        computed.append((time.thread_time_ns() - busy) / 1e6)
        if answer.reason is not heard:
            raise RuntimeError(f"{name}: {answer.reason} instead of {heard}")
    return _of(name, taken, computed)


def _commits(folder: Path, times: int) -> Figure:
    """The yardstick: the smallest synced commit of the same engine on the same disk."""
    taken, computed = [], []
    with closing(sqlite3.connect(folder / "yardstick", isolation_level=None)) as db:
        db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE row (number INTEGER);")
        for number in range(times):
            began, busy = time.perf_counter_ns(), time.thread_time_ns()
            db.execute("INSERT INTO row VALUES (?)", (number,))
            taken.append((time.perf_counter_ns() - began) / 1e6)
            computed.append((time.thread_time_ns() - busy) / 1e6)
    return _of("yardstick: a commit", taken, computed)


def _of(name: str, taken: list[float], computed: list[float]) -> Figure:
    cuts = quantiles(taken, n=100)
    return Figure(name, cuts[49], cuts[98], max(taken), quantiles(computed, n=100)[98])


def _shown(phone: Phone) -> str:
    return phone.code(_now())


def _printed(key: SigningKey, number: int) -> str:
    return printed_code.issue_static(
        key,
        medium_id=number.to_bytes(8, "big"),
        expires_at=_now() + _LIFE_SECONDS,
        status_list=0,
        status_index=number,
    )


def _phone(key: SigningKey, number: int) -> Phone:
    private = keys.generate().private
    credential = phone_credential.issue(
        key,
        private.public_key(),
        medium_id=number.to_bytes(8, "big"),
        expires_at=_now() + _LIFE_SECONDS,
        status_list=0,
        status_index=number,
    )
    return Phone(private, credential)


def _now() -> int:
    return int(utc_now().timestamp())
