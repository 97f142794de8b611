"""Letting the devices speak: real messages, posted to the server's own door or published, each minute."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

import httpx
from msgspec.structs import replace

from cli.demo.tour.messages import Post, posts
from cli.demo.tour.mishaps import last_sent
from cli.demo.tour.plan import Simulated, simulated
from cli.demo.tour.publishing import publish
from cli.demo.tour.sources import ASKED
from domain.ports import Clock

_MINUTE = 60.0
_SOON = 0.5
_LIKE_ROOM = "ecole-tilleuls-salle-4"
_MOUNTED = timedelta(hours=6)
"""How long ago somebody mounted the sensor that is not registered yet."""

_LOOK_BACK = timedelta(days=2)
"""Everything but what is silent has spoken within this."""


def newest(now: datetime, *, by_broker: bool) -> list[Post]:
    """What each device said last: after this round the city is awake."""
    told: list[Post] = []
    for one in _speaking():
        at = last_sent(one, one.instants(now - _LOOK_BACK, now))
        if at is not None:
            told += posts(one, at, by_broker=by_broker)
    return told


def due(since: datetime, until: datetime, *, by_broker: bool) -> list[Post]:
    """What the devices say after one instant and until another, in the order of time."""
    speaking = _speaking()
    spoken = sorted((at, place) for place, one in enumerate(speaking) for at in one.instants(since, until))
    return [post for at, place in spoken for post in posts(speaking[place], at, by_broker=by_broker)]


def strangers(now: datetime) -> list[Post]:
    """What a sensor says that is mounted and not registered yet, and a message that was cut: nobody can use them."""
    room = next(one for one in simulated() if one.code == _LIKE_ROOM)
    new = replace(room, device=replace(room.device, code="ecole-lavoir-salle-3", source_key="24e124707c0100aa"))
    told = [post for at in new.instants(now - _MOUNTED, now) for post in posts(new, at, by_broker=False)]
    return [*told, *(replace(post, body=post.body[:140]) for post in told[:1])]


def _speaking() -> list[Simulated]:
    """Who speaks by itself, and is not asked."""
    return [one for one in simulated() if one.device.source not in ASKED]


@contextmanager
def feeding(address: str, tokens: Mapping[str, str], clock: Clock, *, broker_port: int | None) -> Iterator[None]:
    """Let the devices speak to the server at an address until the context ends, in a thread beside it."""
    ended = threading.Event()
    arguments = (address, tokens, clock, ended, broker_port)
    thread = threading.Thread(target=_feed, args=arguments, name="feeder", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=2)


def _feed(
    address: str, tokens: Mapping[str, str], clock: Clock, ended: threading.Event, broker_port: int | None
) -> None:
    by_broker = broker_port is not None
    with httpx.Client(base_url=address, timeout=10) as client:
        heard_until: datetime | None = None
        while not ended.is_set():
            now = clock()
            told = (
                newest(now, by_broker=by_broker) if heard_until is None else due(heard_until, now, by_broker=by_broker)
            )
            if _send(client, tokens, told, broker_port):
                if heard_until is None:
                    _send(client, tokens, strangers(now), broker_port)
                heard_until = now
            ended.wait(_MINUTE if heard_until == now else _SOON)


def _send(client: httpx.Client, tokens: Mapping[str, str], told: Iterable[Post], broker_port: int | None) -> bool:
    """Send messages; False where nobody is there or too busy: all are sent again, and count once."""
    for post in told:
        if post.topic and broker_port is not None:
            sent = _published(post, broker_port)
        else:
            sent = _posted(client, tokens, post)
        if not sent:
            return False
    return True


def _published(post: Post, port: int) -> bool:
    try:
        publish("127.0.0.1", port, post.topic, post.body)
    except OSError:
        return False
    return True


def _posted(client: httpx.Client, tokens: Mapping[str, str], post: Post) -> bool:
    headers = {"Authorization": f"Bearer {tokens[post.source]}", "Content-Type": "application/json"}
    try:
        answer = client.post(f"/hooks/{post.source}{post.below}", content=post.body, headers=headers)
    except httpx.TransportError:
        return False
    return answer.status_code != httpx.codes.SERVICE_UNAVAILABLE
