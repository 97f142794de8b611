"""What the forms of the catalogue share: amounts, hours, conditions, gates and codes, read as they are typed."""

import re
from decimal import Decimal, InvalidOperation

from admin.forms import Form
from domain.calendars import MIDNIGHT
from domain.catalogue.seasons import Week
from domain.conditions import Conditions
from domain.product_checks import OLDEST
from domain.text import Text

LONGEST_NAME = 120
LONGEST_CODE = 50
"""So that zones and gates have room for theirs behind it."""

MOST = 1_000_000

_MOST_DOORS = 40
_CODE = re.compile(r"[a-z0-9][a-z0-9-]*")
_STRETCH = re.compile(r"(\d{1,2})(?:[:hH](\d{2})?)?\s*[-–à]\s*(\d{1,2})(?:[:hH](\d{2})?)?")


def code(form: Form, name: str = "code") -> str:
    """Read a code: small letters, digits and dashes."""
    text = form.text(name, longest=LONGEST_CODE)
    if name not in form.wrong and not _CODE.fullmatch(text):
        form.refuse(name, "no_code")
    return text


def name_of(form: Form) -> Text:
    """Read a name in both languages."""
    return Text(form.text("name_fr", longest=LONGEST_NAME), form.text("name_en", longest=LONGEST_NAME))


def parts(form: Form, name: str, parts_of_one: int) -> int | None:
    """Read an amount with a comma or a point, and count it in its smallest parts."""
    text = form.text(name, longest=12)
    if name in form.wrong:
        return None
    try:
        counted = Decimal(text.replace(",", ".").replace(" ", "")) * parts_of_one
    except InvalidOperation:
        counted = Decimal(-1)
    if not 0 <= counted <= MOST * parts_of_one or counted != int(counted):
        form.refuse(name, "field_no_number")
        return None
    return int(counted)


def euros_shown(cents: int) -> str:
    """Write a price as it is typed; nothing for nothing."""
    return f"{Decimal(cents) / 100:.2f}".replace(".", ",") if cents else ""


def whole_or_none(form: Form, name: str, *, least: int = 1, most: int = MOST) -> int | None:
    """Read a whole number that may be left out."""
    return form.whole(name, least=least, most=most) if form.kept(name).strip() else None


def doors(form: Form) -> list[Text]:
    """Read gates, one a line: the French name, a slash, the English one."""
    found = []
    for line in form.lines("doors", longest=4_000).split("\n"):
        french, slash, english = (part.strip() for part in line.partition(" / " if " / " in line else "/"))
        if not (french or slash):
            continue
        if not (french and english) or max(len(french), len(english)) > LONGEST_NAME:
            form.refuse("doors", "no_doors")
        found.append(Text(french, english))
    if len(found) > _MOST_DOORS:
        form.refuse("doors", "too_many_doors")
    return found


def conditions_shown(asked: Conditions) -> dict[str, str]:
    """Fill the fields that say for whom something is."""
    ages = {"age_from": asked.age_from, "age_below": asked.age_below}
    return {
        "bands": ", ".join(asked.bands),
        **{name: str(age) for name, age in ages.items() if age is not None},
        **{f"commune_{commune}": "yes" for commune in asked.communes},
        **{f"status_{status}": "yes" for status in asked.statuses},
    }


def conditions(form: Form) -> Conditions | None:
    """Read for whom something is: what is left empty asks nothing."""
    age_from, age_below = (whole_or_none(form, name, least=0, most=OLDEST) for name in ("age_from", "age_below"))
    bands = form.text("bands", longest=LONGEST_NAME, required=False).upper().replace(",", " ").split()
    if form.is_wrong:
        return None
    return Conditions(
        age_from,
        age_below,
        communes=_ticked(form, "commune_"),
        bands=tuple(dict.fromkeys(bands)),
        statuses=_ticked(form, "status_"),
    )


def _ticked(form: Form, prefix: str) -> tuple[str, ...]:
    return tuple(sorted(name.removeprefix(prefix) for name in form.typed if name.startswith(prefix)))


def week(form: Form) -> Week:
    """Read the hours of the seven days of a week."""
    return {day: found for day in range(7) if (found := stretches(form, f"day_{day}"))}


def week_shown(hours: Week) -> dict[str, str]:
    """Fill the fields of the seven days."""
    return {f"day_{day}": _clocks(hours.get(day, ())) for day in range(7)}


def _clocks(stretches: tuple[tuple[int, int], ...]) -> str:
    return ", ".join(f"{_clock(opens)}-{_clock(closes)}" for opens, closes in stretches)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def stretches(form: Form, name: str) -> tuple[tuple[int, int], ...]:
    """Read "09:00-12:00, 14h-18h30"; nothing where a site stays shut."""
    text = form.text(name, longest=80, required=False)
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        fits = _STRETCH.fullmatch(part)
        hours = [int(digits or 0) for digits in fits.groups()] if fits is not None else []
        if not hours or max(hours[1], hours[3]) > 59 or max(hours[0], hours[2]) > 24:
            form.refuse(name, "no_hours")
            return ()
        opens, closes = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
        found.append((opens, closes or MIDNIGHT))
    return tuple(found)
