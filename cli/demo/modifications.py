"""What the manager of the demonstration city prepares: more visits from next Monday, a pool that will be emptied."""

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from cli.demo.city import Login
from cli.demo.products import WASTE_YEAR
from domain.agents import Role
from domain.calendars import Closure
from domain.catalogue import changes
from domain.catalogue.contents import Content, ProductContent, SiteContent
from domain.catalogue.edits import closed, quota
from domain.limits import ONE
from domain.places import Authority
from domain.ports import Unit
from domain.text import Text

POOL = "piscine-ourlea"
VISITS = 26


async def prepare(unit: Unit, authority: Authority, logins: tuple[Login, ...], *, now: datetime) -> None:
    """Schedule one modification, and leave another as a draft."""
    manager = await unit.agents.by_login(next(one.login for one in logins if one.role is Role.MANAGER))
    if manager is None:
        raise LookupError("The city has no manager yet.")
    here = now.astimezone(ZoneInfo(authority.zone))
    monday = here.date() + timedelta(days=7 - here.weekday())
    waste, pool = await _known(unit, authority.id)
    more = await changes.draft(
        unit, authority.id, agent_id=manager.id, reason="Conseil : deux passages de plus par foyer", now=now
    )
    await changes.put(unit, more, _more_visits(waste))
    at = datetime.combine(monday, time(6), ZoneInfo(authority.zone))
    await changes.activate(unit, more, agent_id=manager.id, now=now, at=at)
    emptying = await changes.draft(
        unit, authority.id, agent_id=manager.id, reason="Vidange obligatoire des bassins", now=now
    )
    await changes.put(unit, emptying, _emptied(pool, monday + timedelta(days=21)))


async def _known(unit: Unit, authority_id: UUID) -> tuple[Content | None, Content | None]:
    waste = await unit.modifications.in_force(authority_id, "product", WASTE_YEAR)
    return waste, await unit.modifications.in_force(authority_id, "site", POOL)


def _more_visits(waste: Content | None) -> Content:
    if not isinstance(waste, ProductContent):
        raise LookupError("The city has no product for households at waste centres.")
    name = Text(fr=f"{VISITS} passages par an et par foyer", en=f"{VISITS} visits a year for the household")
    return replace(quota(waste, waste.limits[0].position, VISITS * ONE), name=name)


def _emptied(pool: Content | None, first: date) -> Content:
    if not isinstance(pool, SiteContent):
        raise LookupError("The city has no such pool.")
    why = Text(fr="Vidange des bassins", en="Emptying of the pools")
    return closed(pool, Closure(first, first + timedelta(days=4), why))
