"""What is agreed with a source before its first message: who it is, how it writes times and numbers, what may be
kept.
"""

from datetime import datetime

from msgspec import Struct


class Source(Struct, frozen=True):
    """One sender of messages: a network server, a broker's topic, an open-data portal.

    `fields` is the allow-list: names of attributes that may be kept. What it does not name is dropped before anything
    is stored, so that a number plate or a subscriber's name that a supplier adds next year never reaches the
    database.

    `zone` (IANA) reads times that carry no offset; without it they are refused. `false_utc` says that the source writes
    local time and calls it UTC. `decimal_comma` says that it writes 936,5 for 936.5.

    `topics` read MQTT topics level by level, the first that fits: `city/{device}/{device}/{name}`, `+` for a level of
    no meaning. `device_field` and `time_field` name the members that hold the device and the time, in formats that
    leave it open.
    """

    code: str
    fields: frozenset[str] = frozenset()
    zone: str = ""
    false_utc: bool = False
    decimal_comma: bool = False
    topics: tuple[str, ...] = ()
    device_field: str = ""
    time_field: str = ""


class Poll(Struct, frozen=True):
    """Where to ask, and how often. `{since}` in the address becomes the time (ISO 8601, UTC) of the last news."""

    url: str
    every_seconds: int


class Broker(Struct, frozen=True):
    """Where to listen. `client_id` names our session: one process at a time may use it.

    `topics` are MQTT filters (`application/+/device/+/event/+`). Without `tls` only on the machine itself; `ca_file`
    names who signs the broker's certificate, where that is nobody whom the system trusts. A broker that does not speak
    MQTT 5 (The Things Stack: 3.1.1, and QoS 0) holds less back for us, or nothing.
    """

    host: str
    port: int
    client_id: str
    topics: tuple[str, ...]
    username: str | None = None
    password: str | None = None
    tls: bool = False
    ca_file: str | None = None
    mqtt_5: bool = True


class Message(Struct, frozen=True):
    """What arrived, and where: `address` is the MQTT topic, or the path and query of the HTTP request."""

    body: bytes
    received_at: datetime
    address: str = ""
