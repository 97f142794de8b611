"""Drawing a dashboard: roll-ups are read, and the domain makes sentences and tables of them."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.figures import adoption, delays, passages, quality, spending
from domain.figures.counts import HourTally
from domain.figures.dashboards import Asked, Dashboard, Topic
from domain.figures.figure import Blank, Cell, Figure
from domain.figures.periods import Period, months_later
from domain.services import SERVICES
from store.figures import reading
from store.figures.entered import SqlEntered

_MONTHS_SHOWN = 13
"""Months of which the growth of adoption is shown: a year, and the same month before it."""


_IN_THEIR_OWN_TIME = {Topic.REQUESTS, Topic.QUOTAS, Topic.COSTS}
"""Dashboards that are compared where something is known of the earlier period, whenever passages were counted first."""


class _Asking(Struct, frozen=True):
    connection: AsyncConnection
    authority_id: UUID
    asked: Asked
    compared: Period | None
    threshold: int

    @property
    def period(self) -> Period:
        return self.asked.period


async def dashboard(
    connection: AsyncConnection, authority_id: UUID, topic: Topic, asked: Asked, *, threshold: int
) -> Dashboard:
    """Draw a dashboard of an authority. Counts below the threshold are hidden."""
    asking = _Asking(connection, authority_id, asked, await _compared(connection, authority_id, asked), threshold)
    figures = await _DRAWN[topic](asking)
    compared = asking.compared
    if topic is Topic.ADOPTION:  # known of every month, while what passed a gate is only since somebody counts
        compared = asked.earlier
    elif topic in _IN_THEIR_OWN_TIME:
        compared = asked.earlier if any(column.code == "before" for one in figures for column in one.columns) else None
    return Dashboard(topic, asked, compared, tuple(figures))


async def _compared(connection: AsyncConnection, authority_id: UUID, asked: Asked) -> Period | None:
    """Return the earlier period, if all its days were counted: a period that began in its middle compares with none."""
    since = await reading.first_day(connection, authority_id)
    earlier = asked.earlier
    return earlier if since is not None and since <= earlier.first else None


async def _passages(asking: _Asking) -> list[Figure]:
    gates = await _gates(asking)
    days = await reading.by_day(asking.connection, asking.authority_id, asking.period)
    hours: defaultdict[str, list[HourTally]] = defaultdict(list)
    for one in await reading.by_hour(asking.connection, asking.authority_id, asking.period):
        hours[one.service].append(one)
    return [
        passages.by_service(gates),
        passages.by_site(gates),
        passages.over_time(asking.period, days, asking.threshold),
        *(passages.by_hour(one.code, hours[one.code], asking.threshold) for one in SERVICES if one.code in hours),
    ]


async def _quality(asking: _Asking) -> list[Figure]:
    gates = await _gates(asking)
    silent = await reading.silences(asking.connection, asking.authority_id, asking.period)
    return [quality.refusals(gates), quality.overrides(gates), quality.offline(gates), quality.terminals(silent)]


async def _gates(asking: _Asking) -> passages.Gates:
    now = await reading.tallies(asking.connection, asking.authority_id, asking.period)
    compared = asking.compared
    before = [] if compared is None else await reading.tallies(asking.connection, asking.authority_id, compared)
    return passages.Gates(asking.period, now, compared, before, asking.threshold)


async def _adoption(asking: _Asking) -> list[Figure]:
    shown = await _shown_adoption(asking)
    months = [months_later(shown.month, -back) for back in range(_MONTHS_SHOWN - 1, -1, -1)]
    return [
        adoption.by_commune(shown),
        adoption.by_band(shown),
        adoption.over_months(months, shown.adopted, asking.threshold),
        adoption.by_commune_and_band(shown),
    ]


async def _shown_adoption(asking: _Asking) -> adoption.Adoption:
    connection, authority_id = asking.connection, asking.authority_id
    entered = SqlEntered(connection)
    last = asking.period.last_month
    month = await reading.newest_month(connection, authority_id, months_later(last, 1)) or last
    earlier = asking.asked.earlier.last_month
    start = min(earlier, months_later(month, 1 - _MONTHS_SHOWN))
    return adoption.Adoption(
        month,
        earlier,
        await reading.adopted(connection, authority_id, start, month),
        await entered.communes(authority_id),
        await entered.people(authority_id, _last_day(asking.period)),
        asking.threshold,
    )


async def _quotas(asking: _Asking) -> list[Figure]:
    connection, authority_id, earlier = asking.connection, asking.authority_id, asking.asked.earlier
    used = await reading.tenths_used(connection, authority_id, asking.period)
    before = await reading.tenths_used(connection, authority_id, earlier)
    return spending.quotas(used, asking.threshold, before=before, earlier=earlier)


async def _tour(asking: _Asking) -> list[Figure]:
    connection, authority_id, earlier = asking.connection, asking.authority_id, asking.asked.earlier
    points = await reading.points(connection, authority_id, asking.period)
    before, since = await reading.visits(connection, authority_id, earlier)
    known = since is not None and since <= earlier.first
    return [spending.tour(points, before if known else None, earlier if known else None, asking.threshold)]


async def _requests(asking: _Asking) -> list[Figure]:
    """Compare whole months alone: of one that runs, nobody knows what half of it was last year."""
    connection, authority_id, earlier = asking.connection, asking.authority_id, asking.asked.earlier
    now = await reading.requests(connection, authority_id, asking.period)
    before = await reading.requests(connection, authority_id, earlier)
    compared = earlier if before and not asking.period.runs else None
    return [
        delays.delays(now, asking.threshold),
        delays.waits(now, asking.threshold),
        delays.fates(now, before if compared is not None else [], compared, asking.threshold),
    ]


async def _costs(asking: _Asking) -> list[Figure]:
    entered = SqlEntered(asking.connection)
    earlier = asking.asked.earlier
    spent = await entered.costs(asking.authority_id, asking.period.first, asking.period.known_until)
    before = await entered.costs(asking.authority_id, earlier.first, earlier.known_until)
    by_commune = adoption.by_commune(await _shown_adoption(asking))
    passes: Cell = by_commune.total.cells[1] if by_commune.total is not None else Blank.UNKNOWN
    return [spending.costs(spent, asking.period, passes, before=before, earlier=earlier)]


def _last_day(period: Period) -> date:
    return date.fromordinal(period.known_until.toordinal() - 1)


_DRAWN: dict[Topic, Callable[[_Asking], Awaitable[list[Figure]]]] = {
    Topic.PASSAGES: _passages,
    Topic.ADOPTION: _adoption,
    Topic.QUALITY: _quality,
    Topic.QUOTAS: _quotas,
    Topic.TOUR: _tour,
    Topic.COSTS: _costs,
    Topic.REQUESTS: _requests,
}
