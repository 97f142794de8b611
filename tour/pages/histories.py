"""A history on a page: its picture, and the same figures as a table."""

from datetime import datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from msgspec import Struct

from domain.devices import Summary
from tour.catalogue import quantity
from tour.pages.chart import Chart, chart
from tour.pages.drawing import WORDS, Language, Reader, spoken
from tour.past import Past
from tour.terms import Words
from web.moments import Language as Spoken
from web.moments import clock_of, day
from web.numbers import number

_DAY = timedelta(days=1)


class Row(Struct, frozen=True):
    """One line of the table beside a chart."""

    at: str
    value: str
    low: str
    high: str


class Drawn(Struct, frozen=True):
    """A history as a page shows it: the newest line of the table first. Of a colour or an index no line is drawn."""

    name: Words
    unit: str
    chart: Chart | None
    is_class: bool
    rows: list[Row]
    csv: str
    source: str


def drawn(past: Past, zone: str, language: Language) -> Drawn:
    """Draw a history with the clock of a zone (IANA)."""
    measured, tongue, clock = quantity(past.quantity), spoken(language), ZoneInfo(zone)
    counted = measured.people or measured.summary in {Summary.SUM, Summary.DIFFERENCE}

    def figure(value: float | None) -> str:
        if value is None:
            return WORDS[language]["few"].format(count=past.fewer_than)
        return number(value, measured.decimals, tongue)

    ends = urlencode({"from": _stamp(past.start), "to": _stamp(past.end)})
    return Drawn(
        name=past.name,
        unit=Reader(language).plain(measured.symbol).replace("{n}", "").strip(),
        chart=None if measured.is_class else chart(past, clock, tongue, measured.decimals, from_zero=counted),
        is_class=measured.is_class,
        rows=[
            Row(_when(one.at.astimezone(clock), past, tongue), figure(one.value), figure(one.low), figure(one.high))
            for one in reversed(past.points)
        ],
        csv=f"/v1/tour/streams/{past.stream}/readings.csv?{ends}",
        source=past.source,
    )


def _when(at: datetime, past: Past, tongue: Spoken) -> str:
    if past.step == "1d":
        return day(at.date(), tongue)
    time = clock_of(at, tongue)
    return time if past.end - past.start <= _DAY else f"{day(at.date(), tongue)}, {time}"


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
