"""`multipass device simulate`: what it says is read by the server's own parsers, and what is refused is said."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner, Result

from adapters.clock import utc_now
from cli.device_simulate import FORMATS
from cli.main import front
from tour.ingest import read_message
from tour.ingest.sources import Message, Source

SOURCE = Source(
    "lorawan", fields=frozenset({"co2", "temperature", "humidity", "pressure"}), topics=("salles/{device}",)
)
KEYS = {"sensorthings": "42", "ngsi-ld": "urn:ngsi-ld:Room:42"}
DOOR = "/hooks/lorawan"


def simulate(*words: str) -> Result:
    return CliRunner().invoke(front, ["device", "simulate", "--source", "lorawan", *words], prog_name="multipass")


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_is_read_back_as_what_was_said(format_: str) -> None:
    key = KEYS.get(format_, "24e124707c010099")
    more = ("--topic", f"salles/{key}") if format_ == "plain-mqtt" else ()
    printed = simulate("--key", key, "--format", format_, "--value", "co2=1700", "--print", *more)
    assert printed.exit_code == 0, printed.output
    address, body = printed.stdout.split("\n", 1)
    parsed = read_message(format_, Message(body.encode(), utc_now(), address.removeprefix("POST ")), SOURCE)
    assert [(one.source_key, one.value) for one in parsed.measures] == [(key, 1700.0)]


def test_a_model_says_what_residents_read_of_it() -> None:
    said = json.loads(simulate("--key", "a", "--print").stdout.split("\n", 1)[1])["object"]
    assert said.keys() == {"co2", "temperature", "humidity", "pressure"}
    assert 380 < said["co2"] < 2_500


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--key", "a", "--value", "ozone=3", "--print"), "milesight-am307 has no field ozone"),
        (("--key", "a", "--value", "co2", "--print"), "--value co2=640"),
        (("--key", "a", "--model", "nothing", "--print"), "nothing"),
        (("--key", "a", "--format", "plain-mqtt"), "--broker"),
        (("--key", "a", "--format", "sensorthings", "--print"), "--key 42"),
        (("--key", "a", "--format", "ngsi-ld", "--print"), "--key urn:ngsi-ld:"),
        (("--key", "a", "--format", "plain-mqtt", "--broker", "here", "--topic", "t"), "host and a port"),
        (("--key", "a", "--format", "plain-mqtt", "--broker", "127.0.0.1:9", "--topic", "t"), "does not take it"),
        (("--key", "a", "--server", "http://127.0.0.1:9", "--token", "t"), "does not answer"),
    ],
)
def test_what_cannot_be_said_is_told_in_one_line(words: tuple[str, ...], told: str) -> None:
    refused = simulate(*words)
    assert refused.exit_code == 2
    assert told in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1


@pytest.fixture
def door() -> Iterator[str]:
    """A server that knows one token."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            known = self.headers["Authorization"] == "Bearer right"
            body = (
                b"" if known else b'{"code": "not-authenticated", "detail": "No source of this code has this token."}'
            )
            self.send_response((204 if known else 401) if self.path.startswith(DOOR) else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_server_s_answer_is_told(door: str) -> None:
    taken = simulate("--key", "a", "--server", door, "--token", "right")
    assert (taken.exit_code, taken.stdout.startswith("204, stored: ")) == (0, True)
    refused = simulate("--key", "a", "--server", door, "--token", "wrong")
    assert refused.exit_code == 2
    assert "401 not-authenticated: No source of this code has this token." in refused.stderr
