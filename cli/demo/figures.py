"""What the dashboards of the demonstration show: everything that was lived is counted, and the rest is entered."""

from datetime import date, datetime, timedelta
from random import Random

from cli.demo.city import City
from cli.demo.ids import dice
from cli.demo.places import LOGINS
from domain.agents import Role
from domain.figures.bands import ALL, BANDS
from domain.figures.entered import Heading, enter_cost, enter_population
from domain.figures.periods import months_later
from domain.places import local_day
from domain.ports import Unit
from store.database import Database
from store.figures.counting import count_all
from store.figures.looks import note_looks, note_visits
from store.figures.upkeep import snapshot

_OF_A_HUNDRED = {band.code: of for band, of in zip(BANDS, (18, 17, 20, 20, 16, 9), strict=True)}
"""How old people are: about what a census says of France."""

_PEOPLE_FOR_EACH_RESIDENT = 1.8
"""The register knows about half of those who live there: the others have not asked for a pass yet."""

_COSTS = (
    (Heading.CARDS, 640, 3),
    (Heading.TERMINALS, 1_450, 6),
    (Heading.SOFTWARE, 390, 1),
    (Heading.STAFF, 1_900, 1),
    (Heading.COMMUNICATION, 520, 4),
)
"""Euros, and every how many months."""

_MONTHS = 14
_LOOKS_A_DAY = 120
_SLEEPY = 9
"""One terminal in so many is often silent."""


async def tell_figures(database: Database, city: City, *, now: datetime, days: int) -> None:
    """Count what was lived, and enter what a manager would have entered."""
    await count_all(database)
    await snapshot(database, now)
    chance, today = dice("figures"), local_day(now, city.authority.zone)
    lived = [today - timedelta(days=back) for back in range(days, 0, -1)]
    async with database.begin() as unit:
        await _enter(unit, city, today, now)
        slugs = [point.slug for point in city.signposts]
        points = [point for slug in slugs if (point := await unit.points.find(city.authority.id, slug)) is not None]
    visits = {
        (city.authority.id, point.id, day): _visits(place, day, chance)
        for place, point in enumerate(points)
        for day in lived
    }
    looks = [
        {
            "terminal_id": device.id,
            "day": day,
            "authority_id": city.authority.id,
            "looks": _LOOKS_A_DAY,
            "silent": _silent(place, chance),
        }
        for place, device in enumerate(city.terminals)
        if device.authority_code == city.authority.code
        for day in lived
    ]
    async with database.write() as connection:
        await note_visits(connection, visits)
        await note_looks(connection, looks)


async def _enter(unit: Unit, city: City, today: date, now: datetime) -> None:
    """Enter populations to the size of the demonstration, and the costs of a year."""
    since = date(today.year - 1, 1, 1)
    people = await unit.entered.people(city.authority.id, today)
    whole = sum(people.values())
    for code in await unit.entered.communes(city.authority.id):
        all_ = round(city.residents * _PEOPLE_FOR_EACH_RESIDENT * people[code, ALL] / whole)
        bands = {band: all_ * of // 100 for band, of in _OF_A_HUNDRED.items()}
        await enter_population(unit, city.authority.id, code, {ALL: all_, **bands}, since=since)
    login = next(one.login for one in LOGINS if one.role is Role.MANAGER)
    manager = await unit.agents.by_login(login)
    if manager is None:
        raise LookupError(login)
    this = today.replace(day=1)
    for heading, amount, every in _COSTS:
        for back in range(0, _MONTHS, every):
            spent_on = months_later(this, -back) + timedelta(days=11)
            if spent_on < today:
                await enter_cost(
                    unit,
                    city.authority.id,
                    heading=heading,
                    spent_on=spent_on,
                    amount_cents=amount * (100 - back),
                    agent_id=manager.id,
                    now=now,
                )


def _visits(place: int, day: date, chance: Random) -> int:
    """Some points are better known, and people walk at the weekend."""
    usual = 34 / (1 + place) + 3
    return max(1, round(usual * (1.7 if day.weekday() >= 5 else 1.0) * chance.uniform(0.6, 1.4)))


def _silent(place: int, chance: Random) -> int:
    if place % _SLEEPY == 4:
        return round(_LOOKS_A_DAY * chance.uniform(0.0, 0.25))
    return 2 if chance.random() < 0.03 else 0
