"""Times as sources write them, brought to UTC. Real feeds lie about time: nothing is guessed here."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tour.ingest.sources import Source
from tour.measures import TimeUnreadable, TimeWithoutZone

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""No device of a city measured before: an older time is a clock that was never set, or bytes read in the wrong
order."""

AHEAD = timedelta(minutes=5)
"""How far a clock may run ahead of ours before it is wrong."""

MILLISECONDS_FROM = 10**11
"""Unix times from here on count milliseconds: as seconds they would lie in the year 5138."""

DATE_AND_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,12}))?\s?(Z|z|[+-]\d\d(?::?\d\d)?)?", re.ASCII
)
DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def instant(said: object, source: Source) -> datetime:
    """Read an instant: ISO 8601 (fractions beyond microseconds are cut), or a Unix time in seconds or milliseconds.

    A local time that occurs twice, when summer time ends, is taken for the first of the two.

    Raises:
        TimeUnreadable: it is neither.
        TimeWithoutZone: it carries no offset and the source declares no zone.
    """
    if isinstance(said, str):
        return _written(said.strip(), source)
    if isinstance(said, bool) or not isinstance(said, int | float):
        raise TimeUnreadable("a time is a text or a number")
    try:
        seconds = said / 1000 if abs(said) >= MILLISECONDS_FROM else said
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError) as problem:
        raise TimeUnreadable("a Unix time outside all calendars") from problem


def interval(said: object, source: Source) -> tuple[datetime, datetime | None]:
    """Read an instant, a day (both ends), or an interval of ISO 8601 ("from/to").

    Raises:
        TimeUnreadable: it is none of them, or it ends before it begins.
        TimeWithoutZone: as `instant`.
    """
    if isinstance(said, str) and DATE.fullmatch(said.strip()):
        return day(said.strip(), source)
    if not isinstance(said, str) or "/" not in said:
        return instant(said, source), None
    begin, _, end = said.partition("/")
    return between(instant(begin, source), instant(end, source))


def between(begin: datetime, end: datetime) -> tuple[datetime, datetime | None]:
    """Check an interval; one without length is an instant."""
    if end < begin:
        raise TimeUnreadable("an interval ends before it begins")
    return begin, end if end > begin else None


def day(said: str, source: Source) -> tuple[datetime, datetime]:
    """Read a date as the whole day of the source's zone, UTC where it declares none."""
    zone = ZoneInfo(source.zone) if source.zone else UTC
    try:
        begin = datetime.strptime(said, "%Y-%m-%d").replace(tzinfo=zone)
        return begin.astimezone(UTC), (begin + timedelta(days=1)).astimezone(UTC)
    except (ValueError, OverflowError) as problem:
        raise TimeUnreadable("no day of the calendar") from problem


def month_or_day(said: str, source: Source, *, whole_month: bool) -> tuple[datetime, datetime]:
    """Read a date as its day or, for values of a month, from its day on to the first of the next month."""
    begin, end = day(said, source)
    if not whole_month:
        return begin, end
    year, month = int(said[:4]), int(said[5:7])
    following = f"{year + month // 12:04}-{month % 12 + 1:02}-01"
    return begin, day(following, source)[0]


def believable(moment: datetime, received_at: datetime) -> bool:
    """Whether a clock may have said so: not five minutes ahead of ours, not before there were such devices.

    The day on which the device was put up is the register's to ask.
    """
    return EARLIEST <= moment <= received_at + AHEAD


def _written(said: str, source: Source) -> datetime:
    match = DATE_AND_TIME.fullmatch(said)
    if match is None:
        raise TimeUnreadable("not a date and time of ISO 8601")
    date, time, fraction, offset = match.groups()
    if source.false_utc:
        offset = None
    try:
        moment = datetime.fromisoformat(f"{date}T{time}{'.' + fraction[:6].ljust(6, '0') if fraction else ''}")
        if offset is not None:
            return datetime.fromisoformat(f"{moment.isoformat()}{_full(offset)}").astimezone(UTC)
        if not source.zone:
            raise TimeWithoutZone("a time without offset; declare the zone of the source")
        return _local(moment, ZoneInfo(source.zone))
    except (ValueError, OverflowError) as problem:
        raise TimeUnreadable("no moment of the calendar") from problem


def _full(offset: str) -> str:
    """+02, +0200, +02:00 and Z, as Python 3.11 reads all of them after seconds."""
    return "+00:00" if offset in "Zz" else f"{offset[:3]}:{offset[-2:] if len(offset) > len('+02') else '00'}"


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    utc = moment.replace(tzinfo=zone).astimezone(UTC)
    if utc.astimezone(zone).replace(tzinfo=None) != moment:
        raise TimeUnreadable("an hour that the clocks left out")
    return utc
