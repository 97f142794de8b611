"""Which devices need somebody to go and look: told to agents once, until it is over.

What is wrong is computed from the newest values whenever somebody looks; no device can forget to say that it is dead.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from uuid import UUID

from domain.devices import Device, DeviceKind, Stream
from domain.readings import Last
from tour.cooling import GAIN
from tour.freshness import State, freshness, probe_missing
from tour.quality import FLAT_PERIODS


class Trouble(StrEnum):
    """Why somebody should look at a device."""

    NEVER_HEARD = "never-heard"
    SILENT = "silent"
    PROBE_MISSING = "probe-missing"
    """It speaks, and says itself that it has no value."""
    STUCK = "stuck"
    """It gives one and the same value for too long."""
    DOUBTFUL = "doubtful"
    """It speaks, and nothing that it has said for a day is believed."""
    DRIFTING = "drifting"
    """Its lowest value of a week cannot be: it must be calibrated."""
    APART = "apart"
    """It is far from what all others of its commune say."""


GATES = "city-places"
"""The model of places whose gates count: while one is shut it says nothing, and nobody has to look. Whether its board
answers at all is watched with its source.
"""


def trouble_of(device: Device, stream: Stream, last: Last, now: datetime) -> Trouble | None:
    """Say what is wrong with a stream, the gravest first; None where nothing is, or there is nothing to look at.

    A device that is not in service, a place that may be shut, and what is worked out from other streams are no trouble.
    """
    if device.model == GATES or stream.quantity == GAIN:
        return None
    today = now.date()
    if today <= device.installed_on or (device.retired_on is not None and today >= device.retired_on):
        return None
    if last.shown is None and last.hidden is None:
        return Trouble.NEVER_HEARD
    if probe_missing(last):
        return Trouble.PROBE_MISSING
    if stuck(stream, last):
        return Trouble.STUCK
    if freshness(stream, last, now).state is not State.SILENT:
        return None
    heard_at = max(one.ends_at for one in (last.shown, last.hidden) if one is not None)
    speaks = now - heard_at <= timedelta(seconds=stream.delay_seconds + 3 * stream.period_seconds)
    return Trouble.DOUBTFUL if speaks else Trouble.SILENT


FARTHEST = {"air_temperature": 8.0, "air_pressure": 8.0, "relative_humidity": 40.0}
"""How far a value may be from the median of its commune, in its unit. Other quantities differ from street to street."""

FEWEST_NEIGHBOURS = 4
OUTSIDE = frozenset({DeviceKind.OUTDOOR_AIR, DeviceKind.WEATHER})


def apart(seen: Iterable[tuple[Device, Stream, Last]], now: datetime) -> set[UUID]:
    """Find the streams outdoors whose fresh value lies far from the median of those of their commune."""
    groups: dict[tuple[str, str], list[tuple[UUID, float]]] = {}
    for device, stream, last in seen:
        if device.kind not in OUTSIDE or stream.quantity not in FARTHEST or last.shown is None:
            continue
        if freshness(stream, last, now).state.shows_band:
            groups.setdefault((device.commune_code, stream.quantity), []).append((stream.id, last.shown.value))
    found = set()
    for (_, quantity), values in groups.items():
        if len(values) > FEWEST_NEIGHBOURS:
            middle = median(value for _, value in values)
            found |= {stream_id for stream_id, value in values if abs(value - middle) > FARTHEST[quantity]}
    return found


def may_drift(device: Device, stream: Stream) -> bool:
    """Tell whether a week of a stream says when it must be calibrated: CO2 in rooms, that are empty at night."""
    return device.kind is DeviceKind.ROOM_AIR and stream.quantity == "co2"


def stuck(stream: Stream, last: Last) -> bool:
    """Tell whether the newest value has not changed for too long: the last ones hidden, those before shown."""
    seen = [one for one in (last.hidden, last.shown) if one is not None]
    newest = max(seen, key=lambda one: one.observed_at)
    since = min(one.same_since for one in seen if one.value == newest.value)
    still_for = newest.observed_at - since
    return not stream.may_stand_still and still_for > FLAT_PERIODS * timedelta(seconds=stream.period_seconds)
