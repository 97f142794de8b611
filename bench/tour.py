"""`python -m bench tour`: readings of sensors by HTTP and by MQTT, into a real server, until they can be seen.

Sustained: 2,000 readings a second (400 frames of five), p99 from receipt to sight under two seconds, none lost. Burst:
10,000 readings a second by MQTT; what the broker took is stored within five seconds, 95 in 100, and none is lost.
Exits with 1 when one of these is missed.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack, closing, suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from statistics import quantiles

import msgspec
import rich_click as click
from msgspec import Struct
from rich.console import Console
from sqlalchemy import insert

from adapters.clock import utc_now
from bench import report
from bench.bars import Bar
from bench.cpu import Meter
from bench.engines import Engine, opened
from bench.installation import Installation
from bench.listeners import Listeners, publish_points
from bench.seed import create_database
from bench.sight import Sight
from bench.tour_load import READINGS, Job, Run
from store import migrate
from store.database import Database
from store.rows import to_row
from store.tables import tour
from tests.servers import Address, mosquitto_server
from tests.tour_world import code_of, room, stream_of, tour_world

BUILD = Path(__file__).parents[1] / "build"
FOLDER = BUILD / "bench-tour"
REPORT = BUILD / "bench-tour.json"
DATABASE = "tour"
TOKEN = "bench"
SUSTAINED = 400
BURST = 2_000
"""Frames a second."""

CONNECTIONS = 32
SOURCES = {"http": "city-lorawan", "mqtt": "radio"}
SIGHT_SECONDS, SIGHT_BAR = 5.0, 2.0
LISTENERS = 50
"""People who listen to a point each while it is measured."""


class Load(Struct, frozen=True):
    """So many frames a second by one way; `counter` is the first of each device."""

    name: str
    way: str
    per_second: int
    seconds: float
    counter: int


class Figure(Struct, frozen=True, rename="camel"):
    """What came of one load. Seconds to sight are those of a sample of devices; `cpu` is of one core."""

    engine: str
    load: str
    sent: int
    readings_per_second: float
    refused: int
    acknowledged_p99_ms: float
    sight_p50: float
    sight_p99: float
    within: float
    lost: int
    twice: int
    heard: int
    heard_p99: float
    cpu_server: float
    cpu_database: float
    foreign: float


@click.command("tour", epilog="Example: python -m bench tour --quick")
@click.option(
    "--engine",
    "engines",
    multiple=True,
    type=click.Choice(["sqlite", "postgresql"]),
    help="On this engine. [postgresql]",
)
@click.option("--quick", is_flag=True, help="A short run, for trying.")
@click.option("--seconds", type=click.FloatRange(1), help="Length of each sustained load. [30; 5 if quick]")
@click.option("--burst-seconds", type=click.FloatRange(1), help="Length of the burst. [20; 3 if quick]")
@click.option(
    "--load", "wanted", multiple=True, type=click.Choice(["http", "mqtt", "burst"]), help="Only this load. [all three]"
)
@click.option("--devices", type=click.IntRange(100), default=2_000, show_default=True, help="Devices that report.")
def command(
    engines: tuple[str, ...],
    *,
    quick: bool,
    seconds: float | None,
    burst_seconds: float | None,
    wanted: tuple[str, ...],
    devices: int,
) -> None:
    """Bring readings in at the pace of a city, then in a burst. Exits with 1 when a promise is missed."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 130)
    with suppress(PermissionError):
        os.nice(-18)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    lengths = (seconds or (5 if quick else 30), burst_seconds or (3 if quick else 20))
    figures: list[Figure] = []
    with ExitStack() as stack:
        mqtt = stack.enter_context(mosquitto_server(FOLDER))
        for name in engines or ("postgresql",):
            engine = stack.enter_context(opened(name, FOLDER))
            figures += _measure(engine, mqtt, devices, lengths, wanted)
    REPORT.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2))
    for one in figures:
        console.print(
            f"{one.engine} {one.load}: {one.sent:,} frames, {one.readings_per_second:,.0f} readings/s; acknowledged "
            f"p99 {one.acknowledged_p99_ms:,.0f} ms; seen p50 {one.sight_p50:.2f} s, p99 {one.sight_p99:.2f} s; "
            f"heard {one.heard:,} times, p99 {one.heard_p99:.2f} s; "
            f"server {one.cpu_server:.0%}, database {one.cpu_database:.0%} of a core; others {one.foreign:.0%} of the "
            "machine",
            style="dim",
        )
    results = [bar for one in figures for bar in bars(one)]
    report.show_bars(console, results)
    sys.exit(0 if all(bar.met for bar in results) else 1)


def bars(one: Figure) -> list[Bar]:
    """Hold a figure against what was promised."""
    made = [
        Bar(one.engine, f"{one.load}: lost", one.lost + one.refused, 0, "frames"),
        Bar(one.engine, f"{one.load}: stored twice", one.twice, 0, "readings"),
    ]
    if one.load == "burst":
        return [Bar(one.engine, "burst: stored within 5 s", one.within, 0.95, "of all", at_least=True), *made]
    rate = Bar(
        one.engine,
        f"{one.load}: sustained",
        one.readings_per_second,
        SUSTAINED * READINGS * 0.98,
        "readings/s",
        at_least=True,
    )
    seen = Bar(one.engine, f"{one.load}: p99 to sight", one.sight_p99, SIGHT_BAR, "s")
    heard = Bar(one.engine, f"{one.load}: p99 to {LISTENERS} listeners", one.heard_p99, SIGHT_BAR, "s")
    return [rate, seen, heard, *made]


def _measure(
    engine: Engine, mqtt: Address, devices: int, lengths: tuple[float, float], wanted: tuple[str, ...]
) -> list[Figure]:
    asyncio.run(_city(engine, devices))
    sources = FOLDER / f"{engine.name}.toml"
    sources.write_text(_file(mqtt, engine.name))
    installation = Installation(engine, DATABASE, FOLDER)
    installation.start("multipass.py", "serve", environment={"MULTIPASS_SOURCES_FILE": str(sources)})
    try:
        installation.wait()
        time.sleep(3)  # its session at the broker
        loads = (
            Load("http", "http", SUSTAINED, lengths[0], 0),
            Load("mqtt", "mqtt", SUSTAINED, lengths[0], 0),
            Load("burst", "mqtt", BURST, lengths[1], 100_000),
        )
        return [
            _load(engine, installation, mqtt, load, devices=devices)
            for load in loads
            if not wanted or load.name in wanted
        ]
    finally:
        installation.stop()


def _file(mqtt: Address, engine: str) -> str:
    return f"""
[{SOURCES["http"]}]
format = "chirpstack"
models = ["milesight-am307"]
token_sha256 = "{sha256(TOKEN.encode()).hexdigest()}"

[{SOURCES["mqtt"]}]
format = "chirpstack"
models = ["milesight-am307"]
mqtt = {{ host = "{mqtt.host}", port = {mqtt.port}, tls = false, client_id = "{engine}", topics = ["{engine}/#"] }}
"""


async def _city(engine: Engine, devices: int) -> None:
    """Register devices of both sources, with a stream for each of their five fields."""
    if engine.name == "postgresql":
        await create_database(engine.url("postgres"), DATABASE)
    await asyncio.to_thread(migrate.upgrade, engine.url(DATABASE))
    database = Database(engine.url(DATABASE))
    world = await tour_world(database, rooms=())
    async with database.begin() as unit:
        rooms = [
            room(number, world.authority.id, unit.ids, source)
            for source in SOURCES.values()
            for number in range(1, devices + 1)
        ]
        streams = [stream_of(device, "battery", unit.ids.row()) for device, _ in rooms]
    named = [device for device, _ in rooms if int(device.source_key, 16) <= LISTENERS]
    streams += [stream for _, of_device in rooms for stream in of_device]
    async with database.write() as connection:
        await connection.execute(insert(tour.device), [to_row(device) for device, _ in rooms])
        await connection.execute(insert(tour.stream), [to_row(stream) for stream in streams])
    await publish_points(database, world.authority.id, named)
    await database.close()


def _load(
    engine: Engine,
    installation: Installation,
    mqtt: Address,
    load: Load,
    *,
    devices: int,
) -> Figure:
    name, way, per_second, seconds = load.name, load.way, load.per_second, load.seconds
    by_http = way == "http"
    job = Job(
        way=way,
        port=installation.port if by_http else mqtt.port,
        where=f"/hooks/{SOURCES[way]}?event=up" if by_http else engine.name,
        token=TOKEN,
        begin=utc_now() + timedelta(seconds=3),
        per_second=per_second,
        seconds=seconds,
        devices=devices,
        counter=load.counter,
        connections=CONNECTIONS if by_http else 1,
    )
    given, taken = FOLDER / "job.msgpack", FOLDER / "run.msgpack"
    given.write_bytes(msgspec.msgpack.encode(job))
    sent = int(per_second * seconds)
    points = [code_of(number, SOURCES[way]) for number in range(1, LISTENERS + 1)]
    with (
        closing(Sight(engine.url(DATABASE), SOURCES[way], devices)) as sight,
        Listeners(installation.port, points) as ears,
    ):
        before = sight.count()
        meter = Meter(installation.pid, engine.database_pid)
        process = subprocess.Popen([sys.executable, "-m", "bench.tour_load", given, taken])  # noqa: S603 - our own load
        sight.watch(job.begin, per_second, sent)
        used, elapsed = meter.used(), (utc_now() - job.begin).total_seconds()
        process.wait()
        new = sight.settled(before, sent * READINGS)
    run = msgspec.msgpack.decode(taken.read_bytes(), type=Run)
    inside = sum(one <= SIGHT_SECONDS for one in sight.seconds)
    return Figure(
        engine=engine.name,
        load=name,
        sent=sent,
        readings_per_second=new / elapsed,
        refused=run.refused,
        acknowledged_p99_ms=quantiles(run.milliseconds, n=100)[98],
        sight_p50=quantiles(sight.seconds, n=100)[49],
        sight_p99=quantiles(sight.seconds, n=100)[98],
        within=inside / len(sight.seconds),
        lost=max(sent - run.refused - new // READINGS, 0),
        twice=max(new - sent * READINGS, 0),
        heard=len(ears.seconds),
        heard_p99=quantiles(ears.seconds, n=100)[98],
        cpu_server=used.server_us / 1e6 / elapsed,
        cpu_database=used.database_us / 1e6 / elapsed,
        foreign=used.foreign,
    )
