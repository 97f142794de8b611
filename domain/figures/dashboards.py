"""The dashboards: which there are, and what is asked of one."""

from datetime import date
from enum import StrEnum

from msgspec import Struct

from domain.figures.figure import Figure
from domain.figures.periods import Against, Period, Span, earlier, period, read
from domain.text import Text


class Topic(StrEnum):
    """A dashboard: figures that are looked at together."""

    PASSAGES = "passages"
    ADOPTION = "adoption"
    REQUESTS = "requests"
    QUALITY = "quality"
    QUOTAS = "quotas"
    TOUR = "tour"
    COSTS = "costs"


TOPICS: dict[Topic, Text] = {
    Topic.PASSAGES: Text(fr="Passages", en="Passages"),
    Topic.ADOPTION: Text(fr="Adoption", en="Adoption"),
    Topic.REQUESTS: Text(fr="Demandes", en="Requests"),
    Topic.QUALITY: Text(fr="Refus et terminaux", en="Refusals and terminals"),
    Topic.QUOTAS: Text(fr="Usage des droits", en="Use of rights"),
    Topic.TOUR: Text(fr="Parcours", en="Tour"),
    Topic.COSTS: Text(fr="Coûts", en="Costs"),
}


class Asked(Struct, frozen=True):
    """A period, and what it is compared with. `today` still runs: only the days before it are told."""

    period: Period
    against: Against
    today: date

    @property
    def earlier(self) -> Period:
        """The period that it is compared with."""
        return earlier(self.period, self.against)


class Dashboard(Struct, frozen=True):
    """What a dashboard tells. `compared` is None where nothing was counted then."""

    topic: Topic
    asked: Asked
    compared: Period | None
    figures: tuple[Figure, ...]


def asked(code: str | None, against: str | None, today: date) -> Asked:
    """Read what is asked: the month of yesterday and the year before it, unless named.

    Raises:
        UnknownPeriod: the period is none, or no day of it is over.
    """
    chosen = read(code, today) if code else period(Span.MONTH, date.fromordinal(today.toordinal() - 1), today)
    return Asked(chosen, Against(against) if against in set(Against) else Against.YEAR, today)
