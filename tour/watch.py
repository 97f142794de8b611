"""Which devices need somebody to go and look: told to agents once, until it is over.

What is wrong is computed from the newest values whenever somebody looks; no device can forget to say that it is dead.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from domain.devices import Device, Stream
from domain.readings import Last
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


def trouble_of(device: Device, stream: Stream, last: Last, now: datetime) -> Trouble | None:
    """Say what is wrong with a stream, the gravest first; None where nothing is, or the device is not in service."""
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


def stuck(stream: Stream, last: Last) -> bool:
    """Tell whether the newest value has not changed for too long: the last ones hidden, those before shown."""
    seen = [one for one in (last.hidden, last.shown) if one is not None]
    newest = max(seen, key=lambda one: one.observed_at)
    since = min(one.same_since for one in seen if one.value == newest.value)
    still_for = newest.observed_at - since
    return not stream.may_stand_still and still_for > FLAT_PERIODS * timedelta(seconds=stream.period_seconds)
