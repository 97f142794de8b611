"""French bank holidays, as the `holidays` library knows them: by region, each year worked out once."""

from datetime import date
from functools import cache

from msgspec import Struct


class BankDays(Struct, frozen=True):
    """The bank holidays of a region of `HOLIDAY_REGIONS`, None for France as a whole: `day in BankDays("57")`."""

    region: str | None = None

    def __contains__(self, day: object) -> bool:
        """Tell whether a day is a bank holiday. Quick and safe in any thread."""
        return isinstance(day, date) and day in _of_year(self.region, day.year)


@cache
def _of_year(region: str | None, year: int) -> frozenset[date]:
    # The library can add years to one object as it is asked, but marks a year as known before its days are there:
    # a second thread would find no bank holiday in it. A year of our own is seen whole or not at all.
    # A tenth of a second, twice what the rest of a start takes: only where a site has bank holidays of its own.
    from holidays import country_holidays  # noqa: PLC0415

    return frozenset(country_holidays("FR", subdiv=region, years=year, expand=False))
