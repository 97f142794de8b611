"""Everybody else who works for the agglomération: nobody logs in as them, but an administrator has them in the list."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from cli.demo.names import FIRST_NAMES, SURNAMES
from cli.demo.territory import SITES
from domain import staff
from domain.agents import Grant, Role
from domain.names import plain_words
from domain.periods import FOREVER
from domain.places import Authority
from domain.ports import Unit

_AT_A_SITE, _AT_DESKS, _REVIEWING = 4, 9, 5
_ONE_IN = 6
"""So many have not been here for months; of those, every other account is closed already."""

_PARTS = timedelta(days=200)


async def take_on_colleagues(unit: Unit, authority: Authority, dice: Random, now: datetime) -> int:
    """Take on the colleagues, some of them for a season, some of them gone. Returns how many.

    They come in by the provider alone, without a password of their own: hashing sixty would be all that a start does.
    """
    zone = ZoneInfo(authority.zone)
    today = now.astimezone(zone).date()
    grants = [*_posts(dice, _season(today)), *(Grant(Role.DESK) for _ in range(_AT_DESKS))]
    grants += [Grant(Role.REVIEWER) for _ in range(_REVIEWING)]
    for number, grant in enumerate(grants):
        name = f"{dice.choice(FIRST_NAMES)} {dice.choice(SURNAMES)}"
        login = f"{'.'.join(plain_words(name))}.{number}"
        since = now - timedelta(days=dice.randrange(300, 1500))
        agent = await staff.take_on(
            unit, authority.id, login=login, name=name, password_hash="", grants=(grant,), now=since
        )
        has_left = dice.randrange(_ONE_IN) == 0
        day = today - (_PARTS if has_left else timedelta(days=dice.randrange(1, 9)))
        arrived = datetime.combine(day, time(dice.randrange(8, 17), dice.randrange(60)), zone)
        await unit.agents.noticed(agent.id, arrived.astimezone(UTC))
        if has_left and number % 2:
            await staff.close(unit, agent, by=None, now=now)
    return len(grants)


def _posts(dice: Random, season: date) -> list[Grant]:
    posts = [Grant(Role.SITE_AGENT, site=plan.code) for plan in SITES for _ in range(_AT_A_SITE)]
    return [replace(post, until=dice.choice((FOREVER, FOREVER, season))) for post in posts]


def _season(today: date) -> date:
    """The end of the summer to come: the first of September."""
    this = date(today.year, 9, 1)
    return this if today < this else this.replace(year=today.year + 1)
