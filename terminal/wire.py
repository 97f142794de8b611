"""What a terminal and its server send each other, as far as a terminal looks at it."""

from datetime import datetime

from msgspec import Struct

from terminal.queue import Result


class Quantity(Struct, frozen=True, rename="camel"):
    """How much of a unit is asked for; the server takes one visit when nothing is said."""

    unit: str
    amount: float


class Vehicle(Struct, frozen=True, rename="camel", omit_defaults=True):
    """What somebody comes with, as far as it was seen or measured."""

    kind: str | None = None
    height_cm: int | None = None
    weight_kg: int | None = None


class Payment(Struct, frozen=True, rename="camel"):
    """What was paid for this passage, and the reference that the till gave."""

    amount_cents: int
    reference: str


class Item(Struct, frozen=True, rename="camel"):
    """So much of one kind of waste, in the unit by which the kind is measured."""

    kind: str
    unit: str
    amount: float


class Paired(Struct, frozen=True, rename="camel"):
    """What a device is from now on."""

    terminal_id: str
    name: str
    authority: str
    gates: tuple[str, ...]


class Token(Struct, frozen=True, rename="camel"):
    """An access token, which is over in so many seconds."""

    access_token: str
    expires_in: int
    server_time: datetime | None = None


class Fetched(Struct, frozen=True):
    """A bundle, or what changed since the one that is held: `media_type` tells which."""

    media_type: str
    body: bytes
    etag: str


class Health(Struct, frozen=True, rename="camel"):
    """How a terminal is. `terminal_time` is by the own clock, `backlog` counts lines that wait to be told."""

    version: str
    terminal_time: datetime
    backlog: int = 0
    bundle: int | None = None
    bundle_age_seconds: int | None = None
    gate: str | None = None


class Heard(Struct, frozen=True, rename="camel"):
    """What a heartbeat is answered with: the server's time, and when it wants to hear the next."""

    server_time: datetime
    next_in_seconds: int = 60


class Uploaded(Struct, frozen=True, rename="camel"):
    """What the server says of each line of an upload."""

    results: tuple[Result, ...]
    server_time: datetime | None = None


class Problem(Struct, frozen=True, rename="camel"):
    """What a server says when it does not do what it was asked (RFC 9457); empty where it says nothing."""

    code: str = ""
    title: str = ""
    detail: str = ""
    server_time: datetime | None = None
