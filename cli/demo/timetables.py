"""The weeks of the sites of Val-Clair, summer and winter. Data only.

Pools keep a Sunday's hours on bank holidays and rest on the three days on which nobody swims; libraries and waste
centres rest on every one; buses run but on 1 May.
"""

from cli.demo.hours import CHRISTMAS, LABOUR_DAY, NEW_YEAR, Meeting, Timetable, Week
from domain.calendars import BankHolidays
from domain.text import Text

_RESTS = (NEW_YEAR, LABOUR_DAY, CHRISTMAS)
_LAST_ENTRY_MINUTES = 30
_SCHOOLS = Text(fr="Écoles élémentaires", en="Primary schools")


def _daily(weekday: str, saturday: str, sunday: str) -> Week:
    return (weekday, weekday, weekday, weekday, weekday, saturday, sunday)


POOL_LARGE = Timetable(
    (7, 1),
    (9, 1),
    _daily("10:00-20:00", "10:00-19:00", "09:00-19:00"),
    ("12:00-21:00", "07:00-20:00", "10:00-20:00", "12:00-21:00", "07:00-20:00", "09:00-18:00", "09:00-18:00"),
    BankHolidays.AS_SUNDAY,
    _RESTS,
    (
        Meeting("ecoles", _SCHOOLS, 1, "09:00-10:30", reserved=True),
        Meeting("ecoles", _SCHOOLS, 4, "09:00-10:30", reserved=True),
        Meeting("club", Text(fr="Club de natation", en="Swimming club"), 3, "18:30-20:00", reserved=False),
    ),
    _LAST_ENTRY_MINUTES,
)
POOL_SMALL = Timetable(
    (7, 1),
    (9, 1),
    ("11:00-19:30", "11:00-19:30", "11:00-19:30", "11:00-19:30", "11:00-20:30", "10:00-19:00", "10:00-13:00"),
    (
        "12:00-14:00 16:30-20:00",
        "12:00-14:00 17:00-21:00",
        "14:00-19:00",
        "12:00-14:00 16:30-20:00",
        "12:00-14:00 16:30-21:00",
        "09:30-12:30 14:30-18:00",
        "09:00-12:30",
    ),
    BankHolidays.AS_SUNDAY,
    _RESTS,
    last_entry_minutes=_LAST_ENTRY_MINUTES,
)
POOL_WEST = Timetable(
    (7, 1),
    (9, 1),
    _daily("12:00-19:00", "10:00-18:00", "10:00-18:00"),
    (
        "",
        "11:30-13:30 17:00-20:30",
        "13:30-18:30",
        "11:30-13:30 17:00-20:30",
        "16:30-21:00",
        "09:00-17:30",
        "09:00-13:00",
    ),
    BankHolidays.AS_SUNDAY,
    _RESTS,
    last_entry_minutes=_LAST_ENTRY_MINUTES,
)
LIBRARY_LARGE = Timetable(
    (7, 10),
    (8, 28),
    ("", "10:00-18:00", "10:00-18:00", "14:00-18:00", "10:00-18:00", "10:00-13:00", ""),
    ("", "10:00-19:00", "10:00-19:00", "13:00-19:00", "10:00-19:00", "10:00-18:00", "14:00-18:00"),
)
LIBRARY_SMALL = Timetable(
    (7, 10),
    (8, 28),
    ("", "15:00-18:30", "10:00-12:30 14:00-18:00", "", "15:00-18:30", "10:00-12:30", ""),
    ("", "15:00-18:30", "10:00-12:30 14:00-18:30", "", "15:00-19:00", "10:00-12:30 14:00-17:00", ""),
)
WASTE = Timetable(
    (4, 1),
    (11, 1),
    _daily("09:00-12:00 13:30-18:30", "09:00-18:30", "09:00-12:00"),
    _daily("09:00-12:00 13:30-17:00", "09:00-17:00", "09:00-12:00"),
)
WASTE_RURAL = Timetable(
    (4, 1),
    (11, 1),
    ("14:00-18:30", "", "09:00-12:00 14:00-18:30", "", "14:00-18:30", "09:00-12:00 13:30-18:30", ""),
    ("14:00-17:00", "", "09:00-12:00 14:00-17:00", "", "14:00-17:00", "09:00-12:00 13:30-17:00", ""),
)
BUS_ALL_NIGHT = Timetable(
    (7, 7), (9, 1), ("00:00-24:00",) * 7, ("00:00-24:00",) * 7, BankHolidays.AS_USUAL, (LABOUR_DAY,)
)
"""Whoever tries the demonstration at three in the morning finds one door open."""

BUS = Timetable(
    (7, 6),
    (9, 1),
    _daily("05:30-22:30", "06:00-23:30", "07:30-21:30"),
    _daily("05:00-23:00", "06:00-24:00", "07:30-22:00"),
    BankHolidays.AS_USUAL,
    (LABOUR_DAY,),
)
