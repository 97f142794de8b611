"""What agents looked at in the past three weeks, in the journal: reading leaves no other trace."""

from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from cli.demo.places import LOGINS, Territory
from cli.demo.register import Family
from domain.acts import Act
from domain.agents import Agent, Role
from domain.journal import Door, Entry, Kind, Object, Origin
from domain.passes import Pass
from domain.people import Holder
from domain.ports import Unit

People = list[tuple[Holder, Pass]]

DAYS = 21
_FILES_A_DAY = 5
_SUNDAY = 6
_DESK, _OFFICER = Origin(Door.CONSOLE, "10.20.0.14"), Origin(Door.CONSOLE, "10.20.0.31")
_POOL = Origin(Door.API, "10.20.7.2")


async def look_at_files(unit: Unit, city: Territory, families: list[Family], dice: Random, now: datetime) -> int:
    """Write what a desk, a pool's agent and the officer read, day by day, up to now. Returns how many lines."""
    people = [(one.holder, one.pass_) for family in families for one in family.members if one.pass_ is not None]
    if not people:
        return 0
    agents = {one.role: await unit.agents.by_login(one.login) for one in LOGINS}
    today = now.astimezone(ZoneInfo(city.authority.zone)).date()
    days = (today - timedelta(days=ago) for ago in range(DAYS, -1, -1))
    entries = [entry for day in days if day.weekday() != _SUNDAY for entry in _day(city, agents, people, dice, day)]
    past = sorted((entry for entry in entries if entry.at < now), key=lambda entry: entry.at)
    for entry in past:
        await unit.journal.add(entry)
    return len(past)


def _day(city: Territory, agents: dict[Role, Agent | None], people: People, dice: Random, day: date) -> list[Entry]:
    """One day: a desk searches and opens files, a pool looks at a pass, and on Fridays the officer reads along."""
    zone = ZoneInfo(city.authority.zone)

    def at(hour: int) -> datetime:
        return datetime.combine(day, time(hour, dice.randrange(60), dice.randrange(60)), zone)

    def entry(role: Role, act: Act, object_: Object, origin: Origin, moment: datetime) -> Entry:
        agent = agents[role]
        return Entry(city.authority.id, agent.id if agent else None, act, object_, origin, moment)

    told = []
    for holder, _ in dice.sample(people, min(_FILES_A_DAY, len(people))):
        moment = at(dice.choice((9, 10, 11, 14, 15, 16)))
        file = Object(Kind.HOLDER, str(holder.id), holder.id)
        told.append(entry(Role.DESK, Act.PERSON_SEARCHED, Object(Kind.REGISTER), _DESK, moment))
        told.append(entry(Role.DESK, Act.FILE_SHOWN, file, _DESK, moment + timedelta(seconds=20)))
    holder, pass_ = dice.choice(people)
    told.append(entry(Role.SITE_AGENT, Act.PASS_SHOWN, Object(Kind.PASS, str(pass_.id), holder.id), _POOL, at(17)))
    if day.weekday() == _SUNDAY - 2:
        told.append(entry(Role.DPO, Act.JOURNAL_SEARCHED, Object(Kind.JOURNAL), _OFFICER, at(11)))
    return told
