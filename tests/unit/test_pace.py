"""How often one address may ask: half a minute's share at once, the rest in time, whatever a client writes."""

from typing import Any

import pytest
from litestar.connection import ASGIConnection
from litestar.response import ServerSentEventMessage

from api import pace
from api.auth import network_of, real_source
from api.pace import Pace
from domain.errors import TooManyListeners, TooManyRequests
from tests.house_app import TestClock


def from_address(host: str, *forwarded: str) -> ASGIConnection[Any, Any, Any, Any]:
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    scope: Any = {"type": "http", "client": (host, 1), "headers": headers}
    return ASGIConnection(scope)


def ask(paced: Pace, connection: ASGIConnection[Any, Any, Any, Any], times: int) -> int:
    """How many of so many requests are answered."""
    answered = 0
    for _ in range(times):
        try:
            paced.take(connection)
        except TooManyRequests:
            continue
        answered += 1
    return answered


def test_half_a_minutes_share_may_come_at_once_and_the_rest_in_time() -> None:
    clock = TestClock()
    paced = Pace(clock, per_minute=60, trusted=())
    visitor = from_address("192.0.2.7")
    assert ask(paced, visitor, 100) == 31
    with pytest.raises(TooManyRequests) as refused:
        paced.take(visitor)
    assert refused.value.retry_after_seconds == 1
    clock.turn(seconds=1)
    assert ask(paced, visitor, 5) == 1, "who was refused owes no more for it"
    clock.turn(seconds=60)
    assert ask(paced, visitor, 100) == 31
    assert ask(paced, from_address("192.0.2.8"), 1) == 1


def test_an_installation_may_do_without() -> None:
    assert ask(Pace(TestClock(), per_minute=0, trusted=()), from_address("192.0.2.7"), 5_000) == 5_000


def test_forged_forwarding_headers_change_nothing() -> None:
    paced = Pace(TestClock(), per_minute=60, trusted=("10.0.0.1",))
    assert sum(ask(paced, from_address("192.0.2.7", f"198.51.100.{n}"), 1) for n in range(100)) == 31
    behind = [from_address("10.0.0.1", f"198.51.100.{n}, 203.0.113.5") for n in range(100)]
    assert sum(ask(paced, one, 1) for one in behind) == 31, "the proxy's own word is the last one"


def test_one_house_has_many_new_addresses_and_is_one() -> None:
    paced = Pace(TestClock(), per_minute=60, trusted=())
    assert sum(ask(paced, from_address(f"2001:db8:1:2::{n:x}"), 1) for n in range(100)) == 31
    assert ask(paced, from_address("2001:db8:1:3::1"), 1) == 1
    assert paced.source(from_address("::ffff:192.0.2.7")) == paced.source(from_address("192.0.2.7"))
    assert paced.source(from_address("no address")) == "unknown"


def test_a_flood_of_addresses_takes_no_more_memory_than_was_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "MOST_ADDRESSES", 10)
    paced = Pace(TestClock(), per_minute=60, trusted=())
    regular = from_address("192.0.2.7")
    ask(paced, regular, 40)
    for number in range(9):
        ask(paced, from_address(f"198.51.100.{number}"), 1)
    assert ask(paced, regular, 1) == 0, "those are forgotten first who asked longest ago"
    for number in range(200):
        ask(paced, from_address(f"198.51.100.{number}"), 1)
    assert len(paced._due) == 10


async def test_streams_of_one_address_are_counted_while_they_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "MOST_LISTENERS", 1)
    paced = Pace(TestClock(), per_minute=60, trusted=())

    async def told() -> pace.Told:
        yield ServerSentEventMessage(data="1")
        yield ServerSentEventMessage(data="2")

    stream = paced.listening("a", told())
    await anext(stream)
    with pytest.raises(TooManyListeners):
        paced.admit("a")
    paced.admit("b")
    await stream.aclose()
    paced.admit("a")


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        ("192.0.2.7", (), "192.0.2.7"),
        ("192.0.2.7", ("198.51.100.1",), "192.0.2.7"),
        ("10.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        ("::ffff:10.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        ("10.0.0.1", ("203.0.113.5", "198.51.100.1"), "198.51.100.1"),
        ("10.0.0.1", ("203.0.113.5, 198.51.100.1, 10.0.0.1",), "198.51.100.1"),
        ("10.0.0.1", ("198.51.100.1, nonsense",), "unknown"),
        ("10.0.0.1", (), "10.0.0.1"),
        ("2001:DB8:0:1::7", (), "2001:db8:0:1::7"),
    ],
)
def test_which_peer_counts(peer: str, forwarded: tuple[str, ...], counted: str) -> None:
    """That of the connection, unless it is a proxy of ours; then the last that it has seen (docs/operations.md)."""
    assert real_source(from_address(peer, *forwarded), ("10.0.0.1",)) == counted


def test_a_house_of_new_addresses_has_one_count_of_failures() -> None:
    neighbours = {network_of(f"2001:db8:0:1:{n:x}::7") for n in range(5)}
    assert len(neighbours) == 1
    assert network_of("2001:db8:0:2::7") not in neighbours
    assert network_of("192.0.2.7") != network_of("192.0.2.8")
