"""Real servers for the tests and the benchmarks, each one a context manager.

What is used, in this order: the address in the environment (MULTIPASS_TEST_POSTGRES_URL,
MULTIPASS_TEST_REDIS_URL, MULTIPASS_TEST_MQTT_URL), else a server of our own from the system's binaries, on a
free port of 127.0.0.1. When there is neither, MissingServer says in one line how to get it: a missing server
is a failure, never a skip.
"""

import contextlib
import functools
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import redis

from tests.memory_disk import memory_disk

LOOPBACK = "127.0.0.1"
START_SECONDS = 30.0
STOP_SECONDS = 15.0


class MissingServer(Exception):
    """No such server here, neither by address nor by binary. The message says how to get one."""


class ServerDied(Exception):
    """The server was found but did not come up. The message carries the end of its log."""


class Address(NamedTuple):
    host: str
    port: int


# --- finding ------------------------------------------------------------------------------------


def chromium_path() -> Path:
    """The browser to drive: MULTIPASS_CHROMIUM, or the first Chromium on PATH."""
    if named := os.environ.get("MULTIPASS_CHROMIUM"):
        return Path(named)
    return _binary(
        ("chromium", "chromium-browser", "google-chrome"),
        "Chromium is missing: run deploy/test-servers.sh, or set MULTIPASS_CHROMIUM to a browser's binary",
    )


def _binary(names: Sequence[str], otherwise: str) -> Path:
    # Daemons live in sbin, which is seldom on a user's PATH.
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin"))
    for name in names:
        if found := shutil.which(name, path=path):
            return Path(found)
    raise MissingServer(otherwise)


def _postgres_folder() -> Path:
    """The folder of initdb and postgres: Debian's newest, else what pg_config or PATH leads to.

    Debian's comes first because what stands on PATH there is a wrapper, or a client without its server.
    """
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if debian:
        return debian[-1].parent
    if pg_config := shutil.which("pg_config"):
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=True)
        folder = Path(answer.stdout.strip())
        if (folder / "initdb").exists():
            return folder
    return _binary(
        ("initdb",), "PostgreSQL is missing: run deploy/test-servers.sh, or set MULTIPASS_TEST_POSTGRES_URL"
    ).parent


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on, below the range where outgoing connections land."""
    while True:
        # Not from `random`: every test worker seeds that one alike, and all would try the same ports.
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port


# --- running ------------------------------------------------------------------------------------

# Reads a pipe that only the test process holds open. It closes when that process ends, even by SIGKILL.
_WATCHDOG = "import os, sys; os.read(0, 1); os.kill(int(sys.argv[1]), int(sys.argv[2]))"


class _Daemon:
    """One server process, in a session of its own (Ctrl-C is ours to handle), stopped by its pid."""

    def __init__(self, command: Sequence[str | Path], *, log: Path, stop_by: signal.Signals, user: str | None) -> None:
        self.log = log
        self.stop_by = stop_by
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=log.parent if user is None else "/",
                user=user,
                group=None if user is None else pwd.getpwnam(user).pw_gid,
                extra_groups=None if user is None else [],
                start_new_session=True,
            )
        self.watchdog = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _WATCHDOG, str(self.process.pid), str(stop_by.value)],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def wait_until(self, answers: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            # Asked in this order: another server may answer on a port that ours failed to get.
            if answers() and self.process.poll() is None:
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        self.stop()
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-10:])
        raise ServerDied(f"{self.process.args!r} did not come up:\n{tail}")

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(self.stop_by)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self._bury()

    def kill(self) -> None:
        """Die as by a power cut: SIGKILL for the process and its children, none is told beforehand."""
        children = _children(self.process.pid)
        self.process.kill()
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self._bury()
        # A child that lingers would hold the shared memory, and the next start would be refused.
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and any(map(_runs, children)):
            time.sleep(0.01)

    def _bury(self) -> None:
        self.process.wait()
        self.watchdog.kill()
        self.watchdog.communicate()


def _children(pid: int) -> list[int]:
    # Where there is no /proc, PostgreSQL's children notice by themselves that their parent is gone.
    listing = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listing.read_text().split()] if listing.exists() else []


def _runs(pid: int) -> bool:
    try:
        # The state follows the command's name in parentheses; a zombie (Z) has given everything back.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


# --- PostgreSQL ---------------------------------------------------------------------------------


class PostgresServer:
    """A running PostgreSQL. `url` (postgresql://...) leads to its maintenance database, as superuser."""

    def __init__(self, url: str, start: Callable[[], _Daemon] | None = None) -> None:
        self.url = url
        self._start = start
        self._daemon = start() if start else None

    def restart(self) -> None:
        """Stop (if it still runs) and start again: same data, same address."""
        start, daemon = self._ours()
        daemon.stop()
        self._daemon = start()

    def kill(self) -> None:
        """Pull the plug. `restart` then recovers from the write-ahead log, as after a power cut."""
        _, daemon = self._ours()
        daemon.kill()

    def stop(self) -> None:
        if self._daemon:
            self._daemon.stop()

    def _ours(self) -> tuple[Callable[[], _Daemon], _Daemon]:
        if not self._start or not self._daemon:
            raise MissingServer(
                "this test stops PostgreSQL: unset MULTIPASS_TEST_POSTGRES_URL to give it one of its own"
            )
        return self._start, self._daemon


_DURABLE = ("-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "full_page_writes=on")
_FAST = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


@contextlib.contextmanager
def postgres_server(folder: Path, *, durable: bool) -> Iterator[PostgresServer]:
    """A PostgreSQL with its data and its log under `folder`.

    With `durable`, a commit is on disk when it returns: for the tests that kill the server and for the
    benchmarks. Otherwise nothing is synced, which is faster and just as correct while the machine stays up.
    """
    if url := os.environ.get("MULTIPASS_TEST_POSTGRES_URL"):
        yield PostgresServer(url)
        return
    binaries = _postgres_folder()
    with _postgres_home(folder) as (home, user):
        data = home / "data"
        subprocess.run(
            [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
            user=user,
            group=None if user is None else pwd.getpwnam(user).pw_gid,
            extra_groups=None if user is None else [],
        )
        port = free_port()
        command: list[str | Path] = [
            *(binaries / "postgres", "-D", data),
            *("-c", f"listen_addresses={LOOPBACK}", "-c", f"port={port}", "-c", "unix_socket_directories="),
            *(_DURABLE if durable else _FAST),
        ]

        def start() -> _Daemon:
            # SIGINT is PostgreSQL's "fast shutdown": it does not wait for clients to leave.
            daemon = _Daemon(command, log=home / "postgres.log", stop_by=signal.SIGINT, user=user)
            daemon.wait_until(functools.partial(_postgres_is_ready, data, daemon, port))
            return daemon

        server = PostgresServer(f"postgresql://postgres@{LOOPBACK}:{port}/postgres", start)
        try:
            yield server
        finally:
            server.stop()


def _where_others_are(folder: Path) -> Path | None:
    """Return the file system in memory for a folder that lies there; None, the system's choice, for others."""
    home = memory_disk()
    return home if home is not None and folder.is_relative_to(home) else None


@contextlib.contextmanager
def _postgres_home(folder: Path) -> Iterator[tuple[Path, str | None]]:
    """Where a server may live, and the user to run it as: it refuses to run as root.

    That other user could not reach `folder` (pytest's is closed to all but its owner, and stays so): as root
    the server gets a temporary folder of its own.
    """
    if os.geteuid() != 0:
        home = folder / "postgres"
        home.mkdir()
        yield home, None
        return
    users = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in users else "nobody"
    home = Path(tempfile.mkdtemp(prefix="multipass-postgres-", dir=_where_others_are(folder)))
    try:
        home.chmod(0o755)
        shutil.chown(home, user)
        yield home, user
    finally:
        shutil.rmtree(home)


def _postgres_is_ready(data: Path, daemon: _Daemon, port: int) -> bool:
    """Read the pid file as pg_ctl does: line 1 the pid, line 4 the port, line 8 the state.

    That one file tells both that the server takes connections and that it is the one we started.
    """
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    if len(lines) < 8:
        return False
    return (int(lines[0]), int(lines[3]), lines[7].strip()) == (daemon.process.pid, port, "ready")


# --- Redis --------------------------------------------------------------------------------------


@contextlib.contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """A Redis (or Valkey) that keeps nothing on disk; gives its URL."""
    if url := os.environ.get("MULTIPASS_TEST_REDIS_URL"):
        yield url
        return
    binary = _binary(
        ("valkey-server", "redis-server"),
        "Redis is missing: run deploy/test-servers.sh, or set MULTIPASS_TEST_REDIS_URL",
    )
    home = folder / "redis"
    home.mkdir()
    port = free_port()
    command: list[str | Path] = [
        *(binary, "--bind", LOOPBACK, "--port", str(port)),
        *("--dir", home, "--save", "", "--appendonly", "no"),
    ]
    daemon = _Daemon(command, log=home / "redis.log", stop_by=signal.SIGTERM, user=None)
    try:
        daemon.wait_until(functools.partial(_redis_is_ours, port, home))
        yield f"redis://{LOOPBACK}:{port}/0"
    finally:
        daemon.stop()


def _redis_is_ours(port: int, home: Path) -> bool:
    with redis.Redis(host=LOOPBACK, port=port, decode_responses=True) as client:
        try:
            return Path(client.config_get("dir")["dir"]) == home.resolve()
        except redis.ConnectionError:
            return False


# --- MQTT ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def mosquitto_server(folder: Path) -> Iterator[Address]:
    """An MQTT broker that anyone on this machine may use and that keeps nothing; gives its address."""
    if url := os.environ.get("MULTIPASS_TEST_MQTT_URL"):
        parts = urlsplit(url)
        yield Address(parts.hostname or LOOPBACK, parts.port or 1883)
        return
    binary = _binary(("mosquitto",), "Mosquitto is missing: run deploy/test-servers.sh, or set MULTIPASS_TEST_MQTT_URL")
    home = folder / "mosquitto"
    home.mkdir()
    address = Address(LOOPBACK, free_port())
    settings = home / "mosquitto.conf"
    settings.write_text(
        f"listener {address.port} {address.host}\nallow_anonymous true\npersistence false\nlog_dest stderr\n"
        # Its own bound is a thousand: beyond, what is sent while we are away is lost at the broker.
        "max_queued_messages 0\n"
    )
    daemon = _Daemon([binary, "-c", settings], log=home / "mosquitto.log", stop_by=signal.SIGTERM, user=None)
    try:
        # The broker exits when it cannot have its port: one that answers while ours runs is ours.
        daemon.wait_until(functools.partial(_listens, address))
        yield address
    finally:
        daemon.stop()


def _listens(address: Address) -> bool:
    try:
        with socket.create_connection(address, timeout=1):
            return True
    except OSError:
        return False
