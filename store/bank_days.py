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


class AnyOf(Struct, frozen=True):
    """The bank holidays of several regions together: a day on which one of them rests."""

    regions: tuple[BankDays, ...]

    def __contains__(self, day: object) -> bool:
        """Tell whether a day is a bank holiday in one of the regions."""
        return any(day in region for region in self.regions)


@cache
def _of_year(region: str | None, year: int) -> frozenset[date]:
    # The library's own object marks a year as known before its days are there: a second thread that asks it meanwhile
    # finds no bank holiday in that year. A year of ours is seen whole or not at all.
    from holidays import country_holidays  # noqa: PLC0415 - a tenth of a second, for the first site that needs it only

    return frozenset(country_holidays("FR", subdiv=region, years=year, expand=False))
