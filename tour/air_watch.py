"""Looking at the air of the places that somebody follows: every minute, whether anybody looks or not."""

from datetime import datetime, timedelta

from domain.air_alerts import AirReading, AirStanding, AirTerms, held, judge_air, mean_of, reached
from domain.devices import Device, DeviceKind, Stream
from domain.notices import Notice, NoticeTopic
from domain.places import Authority, local_day
from domain.ports import Unit
from domain.rule_notices import tell_air
from tour.catalogue import CATALOGUE
from tour.flood_watch import GOOD, silence_of
from tour.freshness import is_late
from tour.scales import Scales, scales_of
from tour.terms import Scale, Span

HOLDS = {Span.HOUR: timedelta(hours=1), Span.DAY: timedelta(hours=24)}
"""How long the air must have been so, by what its scale was set for. A scale for an instant alerts nobody."""

STEPS = 5
"""Edges of a scale with the six bands from good to extremely poor: others name other things."""


async def watch_air(unit: Unit, authority: Authority, now: datetime) -> list[Notice]:
    """Judge each place that somebody follows, and have said what has changed."""
    told, scales = [], await scales_of(unit, authority)
    for code in sorted(await unit.subscribers.followed_places(authority.id, NoticeTopic.AIR)):
        device = await unit.devices.find(authority.id, code) if code else None
        if device is None or device.kind is not DeviceKind.OUTDOOR_AIR or not device.public or device.retired_on:
            continue
        known = await unit.notices.hold_air(device.id) or AirStanding(device.id, authority.id, 0, now)
        bands = await _bands(unit, device, scales, now)
        standing, news = judge_air(known, bands, now=now, today=local_day(now, authority.zone))
        if standing != known:
            await unit.notices.save_air(standing)
        notice = None if news is None else await tell_air(unit, device, news, now=now)
        if notice is not None:
            told.append(notice)
    return told


async def _bands(unit: Unit, device: Device, scales: Scales, now: datetime) -> list[tuple[int, int]]:
    bands = []
    for stream in await unit.devices.streams(device.id):
        terms = terms_of(device, stream, scales)
        if terms is None:
            continue
        mean = mean_of(terms, await _readings(unit, stream, now - terms.hold), now)
        if mean is not None:
            bands.append((reached(terms, mean), held(terms, mean)))
    return bands


def terms_of(device: Device, stream: Stream, scales: Scales) -> AirTerms | None:
    """Return what a stream is judged by; None where it has no scale that was compared with its source."""
    scale = scales.of(CATALOGUE.quantities[stream.quantity], CATALOGUE.models[device.model])
    if scale is None or not stream.public or not _alerts(scale):
        return None
    return AirTerms(
        edges=tuple(edge.value for edge in scale.edges),
        hold=HOLDS[scale.over],
        period=timedelta(seconds=stream.period_seconds),
        silence=silence_of(stream) + timedelta(seconds=stream.delay_seconds),
    )


def _alerts(scale: Scale) -> bool:
    return scale.checked is not None and scale.over in HOLDS and len(scale.edges) == STEPS


async def _readings(unit: Unit, stream: Stream, since: datetime) -> list[AirReading]:
    return [
        AirReading(one.until or one.observed_at, one.value, good=one.quality in GOOD, late=is_late(stream, one))
        for one in await unit.floods.readings(stream.id, since)
    ]
