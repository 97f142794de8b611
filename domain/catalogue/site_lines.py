"""What a site says, line by line in plain words."""

from collections.abc import Iterator
from datetime import timedelta

from domain.calendars import HOLIDAY_REGIONS
from domain.catalogue.contents import SiteContent
from domain.catalogue.phrases import (
    EVERY_DAY,
    PASSBACKS,
    Line,
    amount_of,
    both,
    euros,
    listed,
    named,
    on_day,
    period,
    weekday_names,
)
from domain.catalogue.seasons import Stretches, Week, seasons_of
from domain.limits import ONE
from domain.periods import FOREVER
from domain.places import Passback
from domain.text import Text
from domain.waste import BY_CODE


def site_lines(content: SiteContent) -> Iterator[Line]:
    """Say all of a site."""
    yield from named(content.name)
    for season in seasons_of(content):
        said = both("{0} : {1}", "{0}: {1}", period(season.since, season.until), _week(season.week))
        yield Line(f"season-{season.since}", Text("Horaires", "Opening hours"), said)
    for closure in content.closures:
        for_good = closure.is_for_good
        last = FOREVER if for_good else closure.last_day + timedelta(days=1)
        said = both("{0} : {1}", "{0}: {1}", period(closure.first_day, last), closure.why)
        what = Text("Fermeture définitive", "Closes for good") if for_good else Text("Fermeture", "Closure")
        yield Line(f"closure-{closure.first_day}", what, said)
    yield Line("holidays", Text("Jours fériés", "Bank holidays"), _HOLIDAYS[content.bank_holidays.value])
    if content.holiday_region is not None:
        region = HOLIDAY_REGIONS.get(content.holiday_region, content.holiday_region)
        yield Line("region", Text("Jours fériés de", "Bank holidays of"), Text(region, region))
    if content.last_entry_minutes:
        minutes = amount_of(content.last_entry_minutes * ONE)
        said = both("{0} minutes avant la fermeture", "{0} minutes before closing", minutes)
        yield Line("last-entry", Text("Dernière entrée", "Last entry"), said)
    yield from _sessions(content)
    yield from _zones(content)
    yield from _rules(content)


def _sessions(content: SiteContent) -> Iterator[Line]:
    for session in content.sessions:
        when = _week({session.weekday: ((session.opens, session.closes),)})
        said = both(
            "{0}, {1}, {2}", "{0}, {1}, {2}", session.name, when, period(session.valid_from, session.valid_until)
        )
        if session.reserved:
            said = both("{0}, réservée", "{0}, reserved", said)
        key = f"session-{session.code}-{session.valid_from}-{session.weekday}-{session.opens}"
        yield Line(key, Text("Séance", "Session"), said)


def _rules(content: SiteContent) -> Iterator[Line]:
    if content.white_until is not None:
        said = both("jusqu’au {0}, rien n’est compté", "until {0}, nothing is counted", on_day(content.white_until))
        yield Line("white", Text("Marche à blanc", "Trial"), said)
    if content.vehicles is not None:
        limits = content.vehicles
        high, heavy = limits.max_height_cm, limits.max_weight_kg
        parts = [Text(f"{high} cm de haut", f"{high} cm high")] if high is not None else []
        parts += [Text(f"{heavy} kg", f"{heavy} kg")] if heavy is not None else []
        yield Line("vehicles", Text("Véhicules, au plus", "Vehicles, at most"), listed(parts))
    if content.accepts:
        yield Line(
            "accepts", Text("Déchets acceptés", "Waste taken"), listed(BY_CODE[kind].name for kind in content.accepts)
        )
    if content.offline is not None:
        times = amount_of(content.offline.entries * ONE)
        said = both("{0} entrée(s) par support et par jour", "{0} entries a day for each medium", times)
        yield Line("offline", Text("Sans réseau", "Without network"), said)


_HOLIDAYS = {
    "as_usual": Text("comme d’habitude", "as usual"),
    "closed": Text("fermé", "closed"),
    "as_sunday": Text("comme un dimanche", "as on a Sunday"),
}


def _zones(content: SiteContent) -> Iterator[Line]:
    for zone in content.zones:
        of, code = zone.called, zone.code
        if zone.name is not None:
            yield Line(f"zone-{code}", both("Zone {0}", "Zone {0}", Text(code, code)), zone.name)
        rooms = (
            ("capacity", "Personnes à la fois", "Persons at a time", zone.capacity),
            ("others", "Accompagnateurs à la fois", "Companions at a time", zone.capacity_others),
            ("daily", "Personnes par jour", "Persons a day", zone.daily_capacity),
        )
        for key, french, english, most in rooms:
            if most is not None:
                what = both(f"{french}, zone {{0}}", f"{english}, zone {{0}}", of)
                yield Line(f"{key}-{code}", what, amount_of(most * ONE))
        if zone.supplement_cents:
            what = both("Supplément, zone {0}", "Supplement, zone {0}", of)
            yield Line(f"supplement-{code}", what, euros(zone.supplement_cents))
        if zone.passback is not Passback.NONE:
            what = both("Second passage, zone {0}", "Second entry, zone {0}", of)
            minutes = Text(str(zone.passback_minutes), str(zone.passback_minutes))
            yield Line(f"passback-{code}", what, both(*PASSBACKS[zone.passback], minutes))
        for door in zone.gates:
            yield Line(f"gate-{door.code}", both("Porte {0}", "Gate {0}", Text(door.code, door.code)), door.name)


def _week(week: Week) -> Text:
    """Say the hours of a week, weekdays with the same ones together."""
    together: dict[Stretches, list[int]] = {}
    for weekday, hours in sorted(week.items()):
        together.setdefault(hours, []).append(weekday)
    parts = []
    for hours, weekdays in together.items():
        clocks = ", ".join(f"{_clock(opens)}–{_clock(closes)}" for opens, closes in hours)
        names = EVERY_DAY if len(weekdays) == 7 else weekday_names(weekdays)
        parts.append(both("{0} {1}", "{0} {1}", names, Text(clocks, clocks)))
    return Text(" ; ".join(part.fr for part in parts), "; ".join(part.en for part in parts))


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
