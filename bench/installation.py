"""One installation under test: a database with a city in it, and the server that answers for it."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from bench.codes import Ask
from bench.engines import Engine
from bench.load import Job, Run, Said
from bench.rows import TERMINALS, token
from bench.server import COUNT, Work
from tests.servers import free_port

GATE = "/v1/access/validations"
TOKENS = [token(place) for place in range(TERMINALS)]
START_SECONDS = 180.0
ROOT = Path(__file__).parents[1]


class Installation:
    """A server over a database, and the memory of all that it has answered."""

    def __init__(self, engine: Engine, database: str, folder: Path) -> None:
        self.engine = engine
        self.database = database
        self.said: list[Said] = []
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        self._runs = 0

    def start(self, *command: str, count: bool = False, environment: Mapping[str, str] | None = None) -> None:
        """Start the server of the benchmark, or another command of Python; `wait` tells when it is there."""
        self._port = free_port()
        environment = {
            **os.environ,
            **(environment or {}),
            "MULTIPASS_DATABASE_URL": self.engine.url(self.database),
            "MULTIPASS_KEYS_FOLDER": str(self.folder / "keys"),
            "MULTIPASS_PORT": str(self._port),
            "MULTIPASS_LOG_LEVEL": "warning",
        }
        if count:
            environment[COUNT] = "1"
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own server
                [sys.executable, *(command or ("-m", "bench.server"))],
                env=environment,
                stdout=log,
                stderr=log,
                cwd=ROOT,
            )

    def wait(self) -> None:
        """Wait until the server answers."""
        deadline = time.perf_counter() + START_SECONDS
        while time.perf_counter() < deadline:
            if self.answers():
                return
            time.sleep(0.02)
        raise TimeoutError(
            f"{self.engine.name} {self.database}: the server did not come up, see {self.folder}/server.log"
        )

    def answers(self) -> bool:
        """Whether somebody listens and answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        try:
            connection.request("POST", "/bare", b"{}", {"Content-Type": "application/json"})
            connection.getresponse().read()
        except OSError:
            return False
        finally:
            connection.close()
        return True

    def tap(self, ask: Ask) -> Said | None:
        """Send one passage by itself; None while nobody listens."""
        self._runs += 1
        gate, credential = ask
        key = f"{self.database}.tap-{self._runs}"
        body = msgspec.json.encode({"key": key, "gate": gate, "credential": credential})
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        try:
            connection.request("POST", GATE, body, {"Authorization": f"Bearer {TOKENS[0]}"})
            answer = connection.getresponse()
            heard = msgspec.json.decode(answer.read())
        except OSError:
            return None
        finally:
            connection.close()
        said = Said(0, key, answer.status, heard.get("outcome", ""), heard.get("reason", ""))
        self.said.append(said)
        return said

    def work(self) -> Work:
        """What SQLite did, in a server that counts."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        try:
            connection.request("GET", "/work")
            return msgspec.json.decode(connection.getresponse().read(), type=Work)
        finally:
            connection.close()

    def stop(self) -> None:
        """Stop the server as a service manager does."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)
            self._process = None

    @property
    def port(self) -> int:
        """Where the server listens."""
        return self._port

    @property
    def pid(self) -> int:
        """The server's process."""
        if self._process is None:
            raise RuntimeError("the server is not running")
        return self._process.pid

    def load(self, *, connections: int, seconds: float, asks: list[Ask] | None = None, floor: str = "/bare") -> Run:
        """Send a load from a process of its own: these passages, or a floor without them."""
        self._runs += 1
        job = Job(
            port=self._port,
            path=floor if asks is None else GATE,
            connections=connections,
            seconds=seconds,
            server_pid=self.pid,
            database_pid=self.engine.database_pid,
            tokens=TOKENS,
            prefix=f"{self.database}.{self._runs}-",
            asks=asks or [],
        )
        given, taken = self.folder / "job.msgpack", self.folder / "run.msgpack"
        given.write_bytes(msgspec.msgpack.encode(job))
        subprocess.run([sys.executable, "-m", "bench.load", given, taken], check=True)  # noqa: S603
        run = msgspec.msgpack.decode(taken.read_bytes(), type=Run)
        self.said += run.said
        return run


class Sample(Struct, frozen=True):
    """What one load came to."""

    requests_per_s: float
    p50_us: float
    p99_us: float
    cpu_us_server: float
    cpu_us_database: float
    foreign: float


def sample(run: Run) -> Sample:
    """Reduce a load to its figures."""
    ordered = sorted(run.latencies_ns)
    count = len(ordered)
    return Sample(
        requests_per_s=count / run.seconds,
        p50_us=ordered[count // 2] / 1e3,
        p99_us=ordered[min(count - 1, count * 99 // 100)] / 1e3,
        cpu_us_server=run.usage.server_us / count,
        cpu_us_database=run.usage.database_us / count,
        foreign=run.usage.foreign,
    )
