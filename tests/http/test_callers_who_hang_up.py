"""Somebody leaves in the middle of what they send: a tunnel, a closed lid. Nobody hears, and nothing is wrong."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.house_app import House

HALF = b'{"login": "ines", "pass'


@pytest.mark.parametrize("path", ["/v1/agents/tokens", "/console/login", "/moi/login"])
async def test_whoever_hangs_up_is_no_fault_of_ours(house: House, path: str) -> None:
    kind = b"application/json" if path.startswith("/v1") else b"application/x-www-form-urlencoded"
    headers = [
        (b"host", b"pass.ville.example"),
        (b"content-type", kind),
        (b"content-length", b"900"),
        (b"origin", b"http://pass.ville.example"),
    ]
    scope: Any = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 40_000),
        "server": ("pass.ville.example", 80),
    }
    heard: list[Any] = [
        {"type": "http.request", "body": HALF, "more_body": True},
        {"type": "http.disconnect"},
    ]
    told: list[Any] = []

    async def receive() -> Any:  # noqa: ANN401 - as a server gives it
        return heard.pop(0)

    async def send(message: Any) -> None:  # noqa: ANN401 - as a server takes it
        told.append(message)

    with capture_logs() as logged:
        await house.app(scope, receive, send)

    assert not heard, "it was read to where the caller left"
    assert [line["event"] for line in logged if line["log_level"] in {"error", "critical"}] == []
    assert [one["status"] for one in told if one["type"] == "http.response.start"] == [400]
