"""The small words of the catalogue in French and English: amounts, windows, prices, periods, weekdays."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from msgspec import Struct

from domain.access.facts_in_words import quantity
from domain.conditions import Lift
from domain.dates import written
from domain.limits import ONE, Measure, MonthDay, Window
from domain.periods import FOREVER
from domain.places import Passback
from domain.products import Term
from domain.text import Text
from domain.waste import BY_CODE

WINDOWS = {
    Window.DAY: Text("par jour", "a day"),
    Window.WEEK: Text("par semaine", "a week"),
    Window.MONTH: Text("par mois", "a month"),
    Window.YEAR: Text("par année civile", "a calendar year"),
    Window.WHOLE: Text("en tout", "in all"),
    Window.SCHOOL_YEAR: Text("par année scolaire", "a school year"),
    Window.SHIFTED_YEAR: Text("par an, dès le {0}", "a year, from {0}"),
    Window.SEASON: Text("par saison, du {0} au {1}", "a season, from {0} to {1}"),
    Window.ROLLING_DAYS: Text("par période de {0}", "every {0}"),
}

TERMS = {
    Window.DAY: Text("le jour même", "the same day"),
    Window.WEEK: Text("jusqu’à la fin de la semaine", "until the end of the week"),
    Window.MONTH: Text("jusqu’à la fin du mois", "until the end of the month"),
    Window.YEAR: Text("jusqu’à la fin de l’année civile", "until the end of the calendar year"),
    Window.SCHOOL_YEAR: Text("jusqu’à la fin de l’année scolaire", "until the end of the school year"),
    Window.SHIFTED_YEAR: Text("jusqu’à la veille du {0}", "until the day before {0}"),
    Window.SEASON: Text("la saison, du {0} au {1}", "the season, from {0} to {1}"),
}
"""How long a right lasts that is bought today; rolling days say their number."""

LIFTS = {
    Lift.VEHICLE: Text("tout véhicule", "any vehicle"),
    Lift.WASTE_KIND: Text("tout déchet", "any waste"),
}

PASSBACKS = {
    Passback.HARD: ("refusé sans sortie vue", "refused without an exit seen"),
    Passback.TIMED: ("refusé pendant {0} minutes", "refused for {0} minutes"),
    Passback.SOFT: ("laissé passer sans rien compter pendant {0} minutes", "let in and not counted for {0} minutes"),
}

EVERY_DAY = Text("tous les jours", "every day")


class Line(Struct, frozen=True):
    """One thing that is said. `key` names it within its content: the same line before and after a change."""

    key: str
    what: Text
    said: Text


_WEEKDAYS = (
    ("lun.", "Mon"),
    ("mar.", "Tue"),
    ("mer.", "Wed"),
    ("jeu.", "Thu"),
    ("ven.", "Fri"),
    ("sam.", "Sat"),
    ("dim.", "Sun"),
)

_LONG_AGO = date(1900, 1, 2)


def both(french: str, english: str, *parts: Text) -> Text:
    """Fill a sentence in both languages, each with the words of its own."""
    return Text(french.format(*(one.fr for one in parts)), english.format(*(one.en for one in parts)))


def listed(parts: Iterable[Text]) -> Text:
    """Say one after the other."""
    said = list(parts)
    return Text(", ".join(one.fr for one in said), ", ".join(one.en for one in said))


def amount_of(thousandths: int, unit: Measure | None = None, kind: str | None = None) -> Text:
    """Say so many whole units: "24 passages", "1,5 m³ (gravats)", a bare number without a unit."""
    if unit is None:
        number = f"{thousandths / ONE:.10g}"
        return Text(number.replace(".", ","), number)
    said = quantity(thousandths / ONE, unit)
    if kind is None:
        return said
    name = BY_CODE[kind].name
    return Text(f"{said.fr} ({name.fr.lower()})", f"{said.en} ({name.en.lower()})")


def euros(cents: int) -> Text:
    """Say a price."""
    amount = f"{cents / 100:.2f}"
    return Text(f"{amount.replace('.', ',')} €", f"€{amount}")


def days_of(count: int) -> Text:
    """Say so many days."""
    return Text(f"{count} jour{'s' if count > 1 else ''}", f"{count} day{'s' if count != 1 else ''}")


def over(window: Window, starts: MonthDay | None, ends: MonthDay | None, days: int | None) -> Text:
    """Say over which stretch of days something counts; a season's last day is told, not the one after it."""
    said = WINDOWS[window]
    if window is Window.ROLLING_DAYS:
        return both(said.fr, said.en, days_of(days or 0))
    first = _month_day(starts, before=0)
    return both(said.fr, said.en, first, _month_day(ends, before=1))


def lasting(term: Term) -> Text:
    """Say how long a right lasts that is bought today."""
    if term.days is not None:
        return days_of(term.days)
    said = TERMS.get(term.window, WINDOWS[term.window])
    return both(said.fr, said.en, _month_day(term.starts, before=0), _month_day(term.ends, before=1))


def _month_day(month_day: MonthDay | None, *, before: int) -> Text:
    if month_day is None:
        return Text("", "")
    day = date(2028, *month_day) - timedelta(days=before)  # a leap year has every day
    return Text(written(day, "fr").rsplit(" ", 1)[0], written(day, "en").rsplit(" ", 1)[0])


def on_day(day: date) -> Text:
    """Write a day."""
    return Text(written(day, "fr"), written(day, "en"))


def period(since: date, until: date) -> Text:
    """Say a stretch of days by its first and its last; what has no end says none, what lasts a day says it alone."""
    first = on_day(since)
    if until >= FOREVER:
        return EVERY_DAY_ON if since < _LONG_AGO else both("à partir du {0}", "from {0} on", first)
    last = until - timedelta(days=1)
    if last == since:
        return both("le {0}", "on {0}", first)
    return both("du {0} au {1}", "from {0} to {1}", first, on_day(last))


EVERY_DAY_ON = Text("toute l’année", "all year")


def weekday_names(weekdays: Iterable[int]) -> Text:
    """Name weekdays, 0 being Monday; three and more in a row by the first and the last."""
    days = sorted(weekdays)
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        first, last = _WEEKDAYS[days[0]], _WEEKDAYS[days[-1]]
        return Text(f"{first[0]} à {last[0]}", f"{first[1]} to {last[1]}")
    return listed(Text(*_WEEKDAYS[day]) for day in days)


def named(name: Text) -> Iterator[Line]:
    """Say a name in both languages."""
    yield Line(
        "name", Text("Nom", "Name"), Text(f"{name.fr} (en anglais : {name.en})", f"{name.en} (in French: {name.fr})")
    )
