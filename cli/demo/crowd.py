"""From residents to habits: who goes where, how often, and what they hold out at the gate."""

from math import hypot
from random import Random

from cli.demo.habits import Habit, Span
from cli.demo.places import Place, Territory
from cli.demo.products import CARNET
from cli.demo.register import Family, Resident, in_use
from cli.demo.territory import COMMUNES, NEIGHBOUR_COMMUNE
from domain.access.facts import Evidence
from domain.access.reasons import Reason
from domain.passes import Medium, MediumKind, PassStatus

_MAP = {commune.code: commune for commune in (*COMMUNES, NEIGHBOUR_COMMUNE)}

_TRIES_ANYWAY = 0.05
"""How often, against an ordinary habit, somebody shows a pass that cannot work."""

_ALONE_AT_THE_POOL = 8


def habits_of(family: Family, territory: Territory, dice: Random) -> list[Habit]:
    """Return the habits of a household: its members' own, and its way to the waste centre."""
    nearest = {
        service: _nearest(territory, service, family.commune_code)
        for service in ("pool", "library", "waste-centre", "transport")
    }
    habits = []
    for member in family.members:
        for service, sites in nearest.items():
            if sites and service != "waste-centre" and (habit := _own(member, service, sites, dice)) is not None:
                habits.append(habit)
    drivers = [member for member in family.members if member.pass_ is not None and member.age >= 18]
    if family.waste is not None and drivers:
        heavy = dice.random() < 0.03
        weekly = dice.uniform(2.0, 3.2) if heavy else dice.uniform(0.1, 0.42)
        habit = _habit("waste-centre", nearest["waste-centre"], weekly, drivers, (family.waste,))
        habit.by_year = True
        habits.append(habit)
    return habits


def _own(member: Resident, service: str, sites: tuple[str, ...], dice: Random) -> Habit | None:
    if member.pass_ is None:
        return None
    rights = member.rights.get(service, ())
    if not rights:
        # Some come without any right: to buy an entry at the till, or because they believe the pass is enough.
        return _habit(service, sites, 0.1, [member], ()) if dice.random() < 0.03 else None
    weekly = {
        "pool": dice.uniform(0.15, 1.1) if rights[0][0] == CARNET else dice.uniform(0.8, 2.6),
        "library": dice.uniform(0.1, 1.0),
        "transport": dice.uniform(2.4, 5.0),
    }[service]
    habit = _habit(service, sites, weekly, [member], tuple(span for _, span in rights))
    if service == "pool" and member.age < _ALONE_AT_THE_POOL:
        habit.welcome = ()
        habit.weekly = weekly * 0.35
    return habit


def _habit(
    service: str, sites: tuple[str, ...], weekly: float, people: list[Resident], spans: tuple[Span, ...]
) -> Habit:
    good: list[Evidence] = []
    bad: list[Evidence] = []
    running: list[Span] = []
    for person in people:
        assert person.pass_ is not None  # noqa: S101 - whoever has a habit has a pass
        for medium in person.media:
            (good if in_use(medium) and not _outdated(medium, person) else bad).append(_shown(medium, person))
        if person.pass_.status is PassStatus.ACTIVE:
            running.append((person.pass_.valid_from, person.pass_.valid_until))
    welcome = tuple(
        (max(since, start), min(until, end))
        for since, until in spans
        for start, end in running
        if max(since, start) < min(until, end)
    )
    if not good or not running or (spans and not welcome):
        weekly, welcome = weekly * _TRIES_ANYWAY, ()
    return Habit(service, sites, weekly, tuple(good), tuple(bad), welcome)


def _outdated(medium: Medium, person: Resident) -> bool:
    return person.pass_ is not None and medium.expires_at.date() < person.pass_.valid_until


def assurance_of(medium: Medium) -> int:
    """What reading the medium proves: a picture can be copied, a phone's code less so."""
    return 2 if medium.kind is MediumKind.PHONE else 1


def _shown(medium: Medium, person: Resident) -> Evidence:
    return Evidence(medium.id, assurance_of(medium), Reason.CODE_EXPIRED if _outdated(medium, person) else None)


def _nearest(territory: Territory, service: str, commune_code: str) -> tuple[str, ...]:
    home = _MAP[commune_code]

    def distance(place: Place) -> float:
        commune = _MAP[place.site.commune_code]
        return hypot(commune.x - home.x, commune.y - home.y)

    places = (place for place in territory.places.values() if place.site.service_code == service)
    return tuple(place.site.code for place in sorted(places, key=distance)[:2])
