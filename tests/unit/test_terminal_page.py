"""The small server behind a terminal's own screen: for this machine's own page, and for nobody else."""

import http.client
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.clock import utc_now
from domain.access.facts import Direction
from terminal import queue
from terminal.device import Device
from terminal.page import File, Line, PageServer
from terminal.run import Gate
from tests.terminal_world import Server, make_bundle, pair, printed, serving

TODAY = utc_now()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(make_bundle(now=TODAY)) as running:
        yield running


@pytest.fixture
def device(tmp_path: Path, server: Server) -> Iterator[Device]:
    pair(tmp_path / "terminal.json", server.url)
    with Device(tmp_path / "terminal.json", utc_now) as opened:
        yield opened


@pytest.fixture
def page(device: Device) -> Iterator[PageServer]:
    opened = PageServer(
        Gate(device, "gate", Direction.ENTRY),
        0,
        files={"/gate": File("text/html", b"<p>"), "/gate?lang=en": File("text/html", b"<p lang=en>")},
        headers={"Content-Security-Policy": "default-src 'none'", "Cache-Control": "no-cache"},
        line=lambda: Line("Pool 1", ("gate",), device.link.online, device.link.revoked, queue.waiting(device.disk)),
    )
    thread = threading.Thread(target=opened.serve)
    thread.start()
    yield opened
    opened.stop()
    thread.join()
    opened.close()


def ask(page: PageServer, method: str, path: str, body: bytes = b"", **more: str) -> tuple[int, bytes, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", page.port, timeout=10)
    try:
        headers = {"Host": f"127.0.0.1:{page.port}", **{name.replace("_", "-"): said for name, said in more.items()}}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers
    finally:
        connection.close()


QUESTION = json.dumps({"credential": printed(5, now=TODAY), "direction": "exit"}).encode()


def test_what_the_page_reads_is_settled_by_the_gate(page: PageServer, server: Server) -> None:
    status, body, headers = ask(page, "POST", "/gate/ask", QUESTION, Content_Type="application/json")
    said = json.loads(body)
    assert (status, said["answer"]["outcome"], said["alone"]) == (200, "granted", False)
    assert headers["Cache-Control"] == "no-store"
    assert len(server.asked) == 1
    assert json.loads(ask(page, "GET", "/gate/state")[1]) == {
        "name": "Pool 1",
        "gates": ["gate"],
        "online": True,
        "revoked": False,
        "waiting": 0,
        "way": "exit",
    }


def test_a_server_that_is_away_is_said_with_what_waits(page: PageServer, server: Server) -> None:
    server.problem = (503, "ledger-unavailable")
    said = json.loads(ask(page, "POST", "/gate/ask", QUESTION, Content_Type="application/json")[1])
    assert (said["answer"]["outcome"], said["alone"]) == ("denied", True), "it has never heard of a bundle"
    state = json.loads(ask(page, "GET", "/gate/state")[1])
    assert (state["online"], state["waiting"]) == (False, 1)


def test_a_question_that_the_server_does_not_take_gets_no_verdict(page: PageServer, server: Server) -> None:
    server.problem = (422, "idempotency-conflict")
    body = ask(page, "POST", "/gate/ask", QUESTION, Content_Type="application/json")[1]
    assert json.loads(body) == {"silent": "refused"}


def test_files_are_found_by_their_address_in_the_language_that_is_asked(page: PageServer) -> None:
    assert ask(page, "GET", "/gate?lang=en")[1] == b"<p lang=en>"
    status, body, headers = ask(page, "GET", "/gate?lang=xx")
    assert (status, body, headers["Content-Security-Policy"]) == (200, b"<p>", "default-src 'none'")
    assert ask(page, "GET", "/")[2]["Location"] == "/gate"
    assert ask(page, "GET", "/etc/passwd")[0] == 404
    assert ask(page, "DELETE", "/gate")[0] == 501


@pytest.mark.parametrize(
    "stranger",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/x-www-form-urlencoded"},
    ],
)
def test_the_page_of_a_stranger_asks_nothing(page: PageServer, server: Server, stranger: dict[str, str]) -> None:
    status, body, _ = ask(page, "POST", "/gate/ask", QUESTION, **{"Content_Type": "application/json", **stranger})
    assert (status, body, server.asked) == (403, b"", [])
    if "Host" in stranger:
        assert ask(page, "GET", "/gate/state", Host=stranger["Host"])[0] == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b'{"credential":"","direction":"entry"}', 400),
        (b'{"credential":"x","direction":"deposit"}', 400),
        (b'{"credential":"x","direction":"entry","more":1}', 400),
        (b"x" * 20_000, 413),
    ],
)
def test_what_is_no_question_is_not_asked(page: PageServer, server: Server, body: bytes, status: int) -> None:
    assert ask(page, "POST", "/gate/ask", body, Content_Type="application/json")[0] == status
    assert server.asked == []


def test_it_listens_on_this_machine_alone(page: PageServer) -> None:
    assert page.url == f"http://127.0.0.1:{page.port}/gate"
