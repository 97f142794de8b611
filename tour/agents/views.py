"""Devices, streams and events as agents read them."""

from datetime import date, datetime
from typing import TypeVar

from msgspec import UNSET, Struct, UnsetType

from domain.device_states import DeviceEvent, DeviceState
from domain.devices import Device, DeviceKind, Stream
from domain.readings import Last, Newest
from domain.text import Text
from tour.freshness import State, freshness

T = TypeVar("T")


class ValueView(Struct, frozen=True, rename="camel", omit_defaults=True):
    """A value in the stream's unit, its time, and how far it is believed (WMO BUFR 0 33 050)."""

    value: float
    at: datetime
    quality: int
    until: datetime | UnsetType = UNSET


class StreamView(Struct, frozen=True, rename="camel", omit_defaults=True):
    """One quantity of a device. `hidden` is the newest value that nobody is shown."""

    quantity: str
    channel: str
    unit: str
    period_seconds: int
    state: State
    shown: ValueView | UnsetType = UNSET
    hidden: ValueView | UnsetType = UNSET
    trouble: str | UnsetType = UNSET


class EventView(Struct, frozen=True, rename="camel"):
    """Something that happened to a device: since when, when last, how often."""

    kind: str
    detail: str
    since: datetime
    last_at: datetime
    times: int


class DeviceView(Struct, frozen=True, rename="camel", omit_defaults=True):
    """A device, when it was last heard, and what somebody should look at."""

    code: str
    name: Text
    kind: DeviceKind
    model: str
    source: str
    source_key: str
    commune: str
    protection_level: int
    public: bool
    streams: list[StreamView]
    heard_at: datetime | UnsetType = UNSET
    battery_percent: float | UnsetType = UNSET
    battery_at: datetime | UnsetType = UNSET
    retired_on: date | UnsetType = UNSET
    events: list[EventView] | UnsetType = UNSET


class DevicesView(Struct, frozen=True, rename="camel"):
    """A page of devices; `next` is the code after which the next page begins, null on the last."""

    devices: list[DeviceView]
    next: str | None


def stream_view(stream: Stream, last: Last, trouble: str | None, now: datetime) -> StreamView:
    """Show a stream with its last words, and how fresh they are."""
    return StreamView(
        quantity=stream.quantity,
        channel=stream.channel,
        unit=stream.unit,
        period_seconds=stream.period_seconds,
        state=freshness(stream, last, now).state,
        shown=_value(last.shown),
        hidden=_value(last.hidden),
        trouble=_or_unset(trouble),
    )


def device_view(device: Device, streams: list[StreamView], state: DeviceState | None) -> DeviceView:
    """Show a device, and when it was last heard."""
    return DeviceView(
        code=device.code,
        name=device.name,
        kind=device.kind,
        model=device.model,
        source=device.source,
        source_key=device.source_key,
        commune=device.commune_code,
        protection_level=device.protection_level,
        public=device.public,
        streams=streams,
        heard_at=_or_unset(state.heard_at if state is not None else None),
        battery_percent=_or_unset(state.battery_percent if state is not None else None),
        battery_at=_or_unset(state.battery_at if state is not None else None),
        retired_on=_or_unset(device.retired_on),
    )


def event_view(event: DeviceEvent) -> EventView:
    """Show what happened to a device."""
    return EventView(event.kind, event.detail, event.since, event.last_at, event.times)


def _value(value: Newest | None) -> ValueView | UnsetType:
    if value is None:
        return UNSET
    return ValueView(value.value, value.observed_at, int(value.quality), _or_unset(value.until))


def _or_unset(value: T | None) -> T | UnsetType:
    return UNSET if value is None else value
