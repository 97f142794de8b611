"""Names of days, hours and months in both languages, for the lines and columns of figures."""

from datetime import date

from domain.text import Text

WEEKDAY_NAMES = (
    Text(fr="lundi", en="Monday"),
    Text(fr="mardi", en="Tuesday"),
    Text(fr="mercredi", en="Wednesday"),
    Text(fr="jeudi", en="Thursday"),
    Text(fr="vendredi", en="Friday"),
    Text(fr="samedi", en="Saturday"),
    Text(fr="dimanche", en="Sunday"),
)

MONTH_NAMES = (
    Text(fr="janvier", en="January"),
    Text(fr="février", en="February"),
    Text(fr="mars", en="March"),
    Text(fr="avril", en="April"),
    Text(fr="mai", en="May"),
    Text(fr="juin", en="June"),
    Text(fr="juillet", en="July"),
    Text(fr="août", en="August"),
    Text(fr="septembre", en="September"),
    Text(fr="octobre", en="October"),
    Text(fr="novembre", en="November"),
    Text(fr="décembre", en="December"),
)


def clock(hour: int) -> Text:
    """Say a full hour: "9 h", "9:00"."""
    return Text(fr=f"{hour}\u00a0h", en=f"{hour}:00")


def day_name(day: date) -> Text:
    """Say a day of a year that is known: "16 novembre", "16 November"."""
    month = MONTH_NAMES[day.month - 1]
    return Text(fr=f"{'1er' if day.day == 1 else day.day} {month.fr}", en=f"{day.day} {month.en}")


def month_name(month: date) -> Text:
    """Say a month with its year."""
    name = MONTH_NAMES[month.month - 1]
    return Text(fr=f"{name.fr} {month.year}", en=f"{name.en} {month.year}")
