"""The forms that change a site: closures, hours, rooms, bank holidays, zones and gates with their names, its end."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from msgspec.structs import replace

from admin.catalogue_edits import TEXTS, WHOLE, Edit, Step, nothing
from admin.catalogue_fields import (
    LONGEST_NAME,
    code,
    doors,
    euros_shown,
    name_of,
    parts,
    stretches,
    week,
    week_shown,
    whole_or_none,
)
from admin.forms import Form
from domain.calendars import HOLIDAY_REGIONS, BankHolidays, Closure, Session
from domain.catalogue import edits, openings
from domain.catalogue.contents import Content, SiteContent, ZoneContent
from domain.catalogue.seasons import Season, seasons_of, with_season
from domain.errors.products import ProductFixed
from domain.periods import FOREVER
from domain.places import Passback
from domain.text import Text

_LONGEST_DAY = 24 * 60

ZONE, GATE = "zone:", "gate:"
"""How a form says whose name it changes: codes of zones and of gates may be the same."""


def _site(content: Content) -> SiteContent:
    if not isinstance(content, SiteContent):
        raise ProductFixed("This is said of sites alone.")
    return content


def _closure(form: Form) -> Step | None:
    first, last = form.day("first_day"), form.day("last_day")
    why = _why(form)
    if first is None or last is None or form.is_wrong:
        return None
    return lambda content: edits.closed(_site(content), Closure(first, last, why))


def _opening(form: Form) -> Step | None:
    first = form.day("first_day")
    return None if first is None else lambda content: edits.opened(_site(content), first)


def _why(form: Form) -> Text:
    return Text(form.text("why_fr", longest=LONGEST_NAME), form.text("why_en", longest=LONGEST_NAME))


def _end(form: Form) -> Step | None:
    day, why = form.day("closes_on"), _why(form)
    if day is None or form.is_wrong:
        return None
    return lambda content: edits.closed_for_good(_site(content), day, why)


def _holidays_shown(content: Content, _asked: Mapping[str, str]) -> dict[str, str]:
    site = _site(content)
    return {
        "bank_holidays": site.bank_holidays.value,
        "region": site.holiday_region or "",
        "last_entry": str(site.last_entry_minutes),
    }


def _holidays(form: Form) -> Step | None:
    kept, minutes = form.one_of("bank_holidays", BankHolidays), form.whole("last_entry", least=0, most=_LONGEST_DAY)
    region = form.kept("region") or None
    if region is not None and region not in HOLIDAY_REGIONS:
        form.refuse("region", "field_not_chosen")
    if kept is None or minutes is None or form.is_wrong:
        return None
    return lambda content: replace(
        _site(content), bank_holidays=kept, holiday_region=region, last_entry_minutes=minutes
    )


def _session(form: Form) -> Step | None:
    named, name, hours = code(form, "session_code"), name_of(form), stretches(form, "hours")
    since, last = form.day("since"), form.day("last_day")
    weekdays = [day for day in range(7) if form.ticked(f"weekday_{day}")]
    if len(hours) != 1:
        form.refuse("hours", "one_stretch")
    if not weekdays:
        form.refuse("weekdays", "weekday_needed")
    if since is None or last is None or form.is_wrong:
        return None
    (held,), until, reserved = hours, _day_after(last), form.ticked("reserved")
    new = [Session(named, name, day, *held, since, until, reserved) for day in weekdays]
    return lambda content: edits.with_sessions(_site(content), new)


def _day_after(last: date) -> date:
    return last + timedelta(days=1) if last < FOREVER else FOREVER


def _hours_shown(content: Content, asked: Mapping[str, str]) -> dict[str, str]:
    seasons = seasons_of(_site(content))
    day = asked.get("season") or asked["today"]
    chosen = next((one for one in seasons if str(one.since) <= day < str(one.until)), seasons[-1] if seasons else None)
    if chosen is None:
        return {}
    last = "" if chosen.until >= FOREVER else str(chosen.until - timedelta(days=1))
    return {"since": str(chosen.since), "last": last, **week_shown(chosen.week)}


def _hours(form: Form) -> Step | None:
    since, last = form.day("since"), form.day("last", required=False)
    hours = week(form)
    if since is None or form.is_wrong:
        return None
    until = FOREVER if last is None else _day_after(last)
    if until <= since:
        form.refuse("last", "ends_before")
        return None
    return lambda content: with_season(_site(content), Season(since, until, hours))


def _room_shown(content: Content, asked: Mapping[str, str]) -> dict[str, str]:
    site = _site(content)
    zone = next((one for one in site.zones if one.code == asked.get("zone")), site.zones[0])
    rooms = {"capacity": zone.capacity, "others": zone.capacity_others, "daily": zone.daily_capacity}
    return {
        "zone": zone.code,
        "supplement": euros_shown(zone.supplement_cents),
        "passback": zone.passback.value,
        "passback_minutes": str(zone.passback_minutes or ""),
        **{name: str(room) if room is not None else "" for name, room in rooms.items()},
    }


def room(form: Form) -> dict[str, Any] | None:
    """Read how many fit into a zone, what entering it costs, and what a second entry means there."""
    passback = form.one_of("passback", Passback)
    said = {
        "capacity": whole_or_none(form, "capacity"),
        "capacity_others": whole_or_none(form, "others"),
        "daily_capacity": whole_or_none(form, "daily"),
        "supplement_cents": parts(form, "supplement", 100) if form.kept("supplement").strip() else 0,
        "passback": passback,
        "passback_minutes": whole_or_none(form, "passback_minutes", most=_LONGEST_DAY) or 0,
    }
    return None if form.is_wrong else said


def _room(form: Form) -> Step | None:
    zone, said = form.text("zone", longest=60), room(form)
    if said is None:
        return None
    return lambda content: edits.room(_site(content), replace(edits.zone_of(_site(content), zone), **said))


def _zone(form: Form) -> Step | None:
    named, said, names = code(form, "zone_code"), room(form), doors(form)
    if said is None or form.is_wrong:
        return None
    zone = ZoneContent(named, gates=openings.doors(named, names), **said)
    return lambda content: openings.with_zone(_site(content), zone)


def _doors(form: Form) -> Step | None:
    zone, names = form.text("zone", longest=60), doors(form)
    return None if form.is_wrong else lambda content: openings.with_doors(_site(content), zone, names)


def _name_shown(content: Content, asked: Mapping[str, str]) -> dict[str, str]:
    """Fill the form with what the chosen zone or gate is called; without a choice, it is the first zone."""
    zones = _site(content).zones
    names = {
        **{f"{ZONE}{zone.code}": zone.name for zone in zones},
        **{f"{GATE}{door.code}": door.name for zone in zones for door in zone.gates},
    }
    of = asked.get("of", "") if asked.get("of", "") in names else next(iter(names))
    name = names[of]
    return {"of": of, **({"name_fr": name.fr, "name_en": name.en} if name is not None else {})}


def _name(form: Form) -> Step | None:
    of = form.text("of", longest=LONGEST_NAME)
    french, english = (form.text(name, longest=LONGEST_NAME, required=False) for name in ("name_fr", "name_en"))
    if of.startswith(ZONE) and not french and not english:
        return lambda content: edits.zone_named(_site(content), of.removeprefix(ZONE), None)
    name = name_of(form)
    if form.is_wrong:
        return None
    if of.startswith(ZONE):
        return lambda content: edits.zone_named(_site(content), of.removeprefix(ZONE), name)
    return lambda content: edits.gate_named(_site(content), of.removeprefix(GATE), name)


def _zone_shown(_content: Content, _asked: Mapping[str, str]) -> dict[str, str]:
    return {"passback": Passback.NONE.value}


SITE_EDITS: dict[str, Edit] = {
    "closure": Edit("last_day", nothing, _closure),
    "opening": Edit("first_day", nothing, _opening),
    "hours": Edit("since", _hours_shown, _hours),
    "session": Edit("hours", nothing, _session),
    "holidays": Edit("bank_holidays", _holidays_shown, _holidays),
    "room": Edit("capacity", _room_shown, _room),
    "zone": Edit("zone_code", _zone_shown, _zone),
    "doors": Edit("doors", nothing, _doors),
    "names": Edit("name_fr", _name_shown, _name),
    "end": Edit("closes_on", nothing, _end),
    "texts": TEXTS,
    "whole": WHOLE,
}
