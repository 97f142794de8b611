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


class Message(Struct, frozen=True):
    """What arrived, and where: `address` is the MQTT topic, or the path and query of the HTTP request."""

    body: bytes
    received_at: datetime
    address: str = ""
