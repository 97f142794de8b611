"""Letting the devices speak: real messages, posted to the server's own door each minute while it serves."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

import httpx

from cli.demo.tour.messages import Post, posts
from cli.demo.tour.mishaps import last_sent
from cli.demo.tour.plan import simulated
from domain.ports import Clock

_MINUTE = 60.0
_SOON = 0.5
_LOOK_BACK = timedelta(days=2)
"""Everything but what is silent has spoken within this."""


def newest(now: datetime) -> list[Post]:
    """What each device said last: after this round the city is awake."""
    told: list[Post] = []
    for one in simulated():
        at = last_sent(one, one.instants(now - _LOOK_BACK, now))
        if at is not None:
            told += posts(one, at)
    return told


def due(since: datetime, until: datetime) -> list[Post]:
    """What the devices say after one instant and until another, in the order of time."""
    spoken = sorted((at, place) for place, one in enumerate(simulated()) for at in one.instants(since, until))
    return [post for at, place in spoken for post in posts(simulated()[place], at)]


@contextmanager
def feeding(address: str, tokens: Mapping[str, str], clock: Clock) -> Iterator[None]:
    """Let the devices speak to the server at an address until the context ends, in a thread beside it."""
    ended = threading.Event()
    thread = threading.Thread(target=_feed, args=(address, tokens, clock, ended), name="feeder", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=2)


def _feed(address: str, tokens: Mapping[str, str], clock: Clock, ended: threading.Event) -> None:
    with httpx.Client(base_url=address, timeout=10) as client:
        heard_until: datetime | None = None
        while not ended.is_set():
            now = clock()
            told = newest(now) if heard_until is None else due(heard_until, now)
            if _post(client, tokens, told):
                heard_until = now
            ended.wait(_MINUTE if heard_until == now else _SOON)


def _post(client: httpx.Client, tokens: Mapping[str, str], told: Iterable[Post]) -> bool:
    """Post messages; False where the server is not there or too busy: all are sent again, and count once."""
    for post in told:
        headers = {"Authorization": f"Bearer {tokens[post.source]}", "Content-Type": "application/json"}
        try:
            answer = client.post(f"/hooks/{post.source}{post.below}", content=post.body, headers=headers)
        except httpx.TransportError:
            return False
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            return False
    return True
