"""The ground under the other tests: each real server starts, is ours, and answers one real round trip."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest
from playwright.async_api import async_playwright
from redis.asyncio import Redis

from tests import servers

pytestmark = pytest.mark.servers


async def test_postgres_answers_a_query(postgres: servers.PostgresServer) -> None:
    connection = await asyncpg.connect(postgres.url)
    try:
        assert await connection.fetchval("SELECT 40 + 2") == 42
    finally:
        await connection.close()


async def test_a_killed_durable_postgres_comes_back_with_what_it_committed(tmp_path: Path) -> None:
    with servers.postgres_server(tmp_path, durable=True) as server:
        connection = await asyncpg.connect(server.url)
        await connection.execute("CREATE TABLE kept (value int); INSERT INTO kept VALUES (7)")

        server.kill()
        with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
            await connection.fetchval("SELECT value FROM kept")
        connection.terminate()
        server.restart()

        connection = await asyncpg.connect(server.url)
        assert await connection.fetchval("SELECT value FROM kept") == 7
        assert await connection.fetchval("SHOW fsync") == "on"
        await connection.close()


async def test_redis_gives_back_what_it_was_given(redis_url: str) -> None:
    async with Redis.from_url(redis_url, decode_responses=True) as client:
        await client.set("terminal", "pool-entrance", ex=60)
        assert await client.get("terminal") == "pool-entrance"


async def test_the_mqtt_broker_delivers_a_message_to_its_subscriber(mqtt_address: servers.Address) -> None:
    reader, writer = await asyncio.open_connection(*mqtt_address)

    # MQTT 3.1.1, section 3.1: protocol name, level 4, clean session, 60 s, client identifier.
    writer.write(_packet(0x10, _text("MQTT") + b"\x04\x02" + (60).to_bytes(2) + _text("test-servers")))
    assert await reader.readexactly(4) == b"\x20\x02\x00\x00"  # CONNACK, accepted

    writer.write(_packet(0x82, (1).to_bytes(2) + _text("sensors/#") + b"\x00"))
    assert await reader.readexactly(5) == b"\x90\x03\x00\x01\x00"  # SUBACK of packet 1, quality 0

    message = _packet(0x30, _text("sensors/river") + b"1.42")
    writer.write(message)
    assert await reader.readexactly(len(message)) == message

    writer.write(_packet(0xE0, b""))  # DISCONNECT
    writer.close()
    await writer.wait_closed()


def _text(value: str) -> bytes:
    return len(value.encode()).to_bytes(2) + value.encode()


def _packet(kind: int, body: bytes) -> bytes:
    return bytes((kind, len(body))) + body


@pytest.mark.browser
async def test_chromium_renders_a_page(chromium: Path) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium,
            # No sandbox: the tests may run as root, and render only pages of ours.
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = await browser.new_page()
        await page.goto("data:text/html,<h1>One pass</h1><script>document.title = 1 + 1</script>")
        assert await page.inner_text("h1") == "One pass"
        assert await page.title() == "2"
        await browser.close()


def test_a_server_does_not_outlive_a_killed_test_process(tmp_path: Path) -> None:
    program = (
        "import signal, sys, time; from pathlib import Path; from tests import servers\n"
        "log = Path(sys.argv[1], 'log')\n"
        "server = servers._Daemon(['sleep', '600'], log=log, stop_by=signal.SIGTERM, user=None)\n"
        "print(server.process.pid, flush=True); time.sleep(600)"
    )
    test_process = subprocess.Popen([sys.executable, "-c", program, tmp_path], stdout=subprocess.PIPE)
    assert test_process.stdout
    server = int(test_process.stdout.readline())
    assert servers._runs(server)

    test_process.kill()
    test_process.communicate()

    deadline = time.monotonic() + 60
    while servers._runs(server) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not servers._runs(server)


def test_a_missing_server_fails_with_one_line_that_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    monkeypatch.delenv("MULTIPASS_TEST_REDIS_URL", raising=False)
    with pytest.raises(servers.MissingServer, match=r"run deploy/test-servers\.sh"), servers.redis_server(tmp_path):
        pass
