"""The sources of a city as a file that people write, in TOML: what was agreed with each, under its code.

    [city-lorawan]
    format = "chirpstack"
    models = ["milesight-am307", "decentlab-pr36"]
    token_sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

    [city-lorawan.mqtt]
    host = "broker.example.org"
    topics = ["application/+/device/+/event/+"]
    client_id = "multipass"

What is written that no source has is a mistake, never a wish.
"""

import tomllib
from collections.abc import Callable, Iterable
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Struct, structs

from domain.errors import Invalid
from tour.ingest import UnknownFormat, format_of
from tour.ingest.arrivals import Agreement
from tour.ingest.sources import Broker, Poll, Source

LONGEST = 1_000_000
"""Characters of a file that are looked at."""

Code = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
Topic = Annotated[str, Meta(pattern=r"^(\{device\}|\{name\}|\+|[^/{}+#]+)(/(\{device\}|\{name\}|\+|[^/{}+#]+))*$")]


class BadSourceFile(Invalid):
    """The file is no TOML, or says something that an agreement with a source does not say there."""

    code = "bad-source-file"


class PollEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """A source that is asked."""

    url: Annotated[str, Meta(pattern=r"^https?://[^\s]{1,1000}$")]
    every_minutes: Annotated[int, Meta(ge=1, le=1440)]


class BrokerEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """A broker that is listened to. TLS unless told otherwise."""

    host: Annotated[str, Meta(min_length=1, max_length=255)]
    topics: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=1000)], ...], Meta(min_length=1)]
    client_id: Annotated[str, Meta(pattern=r"^[0-9A-Za-z._-]{1,120}$")]
    port: Annotated[int, Meta(ge=1, le=65535)] = 8883
    username: str | None = None
    password: str | None = None
    tls: bool = True
    ca_file: str | None = None
    mqtt_5: bool = True


class Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """One source. `models` name the device models whose fields may be kept, `fields` more of them."""

    format: str
    models: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    zone: str = ""
    false_utc: bool = False
    decimal_comma: bool = False
    topics: tuple[Topic, ...] = ()
    device_field: str = ""
    time_field: str = ""
    token_sha256: Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?$")] = ""
    authority: str = ""
    poll: PollEntry | None = None
    mqtt: BrokerEntry | None = None


def read_sources(text: str, fields_of: Callable[[str], Iterable[str]]) -> dict[str, Agreement]:
    """Read the agreements, by the codes of their sources. `fields_of` gives the fields of a device model.

    Raises:
        BadSourceFile: it cannot be read; the detail names the place.
        NotFound: there is no such model; raised by `fields_of`.
    """
    if len(text) > LONGEST:
        raise BadSourceFile(f"More than {LONGEST} characters.")
    try:
        entries = msgspec.convert(tomllib.loads(text), dict[Code, Entry])
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError) as problem:
        raise BadSourceFile(str(problem)) from problem
    return {code: _agreement(code, entry, fields_of) for code, entry in entries.items()}


def _agreement(code: str, entry: Entry, fields_of: Callable[[str], Iterable[str]]) -> Agreement:
    try:
        format_of(entry.format)
        ZoneInfo(entry.zone or "UTC")
    except UnknownFormat as problem:
        raise BadSourceFile(f"{code}.format: {problem.detail}") from problem
    except (OSError, ValueError, KeyError) as problem:
        raise BadSourceFile(f"{code}.zone: no time zone is called {entry.zone!r}.") from problem
    if entry.false_utc and not entry.zone:
        raise BadSourceFile(f"{code}.false_utc: then its real zone must be declared.")
    fields = frozenset(entry.fields).union(*(fields_of(model) for model in entry.models))
    agreed: dict[str, Any] = {name: getattr(entry, name) for name in _ALIKE}
    poll, broker = entry.poll, entry.mqtt
    return Agreement(
        entry.format,
        Source(code, fields=fields, **agreed),
        entry.token_sha256,
        authority=entry.authority,
        poll=Poll(poll.url, poll.every_minutes * 60) if poll is not None else None,
        broker=Broker(**structs.asdict(broker)) if broker is not None else None,
    )


_ALIKE = ("zone", "false_utc", "decimal_comma", "topics", "device_field", "time_field")
