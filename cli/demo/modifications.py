"""What the manager of the demonstration city prepares: more visits next Monday, a pool emptied, another one opened."""

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from cli.demo.city import Login
from cli.demo.products import WASTE_YEAR
from domain.agents import Role
from domain.calendars import Closure, Hours
from domain.catalogue import changes
from domain.catalogue.contents import Content, ProductContent, SiteContent, ZoneContent
from domain.catalogue.edits import closed, quota, tariff
from domain.catalogue.openings import Named, ProductKind, doors, new_product, new_site, with_zone
from domain.conditions import Conditions
from domain.limits import ONE, Window
from domain.people import Subject
from domain.periods import FOREVER
from domain.places import Authority, Passback
from domain.ports import Unit
from domain.products import Price, Term
from domain.text import Text

POOL = "piscine-ourlea"
VISITS = 26


async def prepare(unit: Unit, authority: Authority, logins: tuple[Login, ...], *, now: datetime) -> None:
    """Schedule one modification, and leave two as drafts."""
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
    opening = await changes.draft(
        unit, authority.id, agent_id=manager.id, reason="Ouverture du bassin nordique au printemps", now=now
    )
    spring = date(monday.year + 1, 4, 1)
    await changes.put(unit, opening, _nordic(spring))
    await changes.put(unit, opening, _season_ticket(spring))


async def _known(unit: Unit, authority_id: UUID) -> tuple[Content | None, Content | None]:
    waste = await unit.modifications.in_force(authority_id, "product", WASTE_YEAR)
    return waste, await unit.modifications.in_force(authority_id, "site", POOL)


def _more_visits(waste: Content | None) -> Content:
    if not isinstance(waste, ProductContent):
        raise LookupError("The city has no product for households at waste centres.")
    name = Text(fr=f"{VISITS} passages par an et par foyer", en=f"{VISITS} visits a year for the household")
    return replace(quota(waste, waste.limits[0].position, VISITS * ONE), name=name)


def _nordic(spring: date) -> Content:
    """A pool in the open with a hall and a sauna, in a commune that has none."""
    named = Named("bassin-nordique", Text(fr="Bassin nordique des Aulnes", en="Nordic pool of the Alders"))
    entrance = [Text(fr="Entrée", en="Entrance"), Text(fr="Sortie", en="Exit")]
    hours = tuple(Hours(spring, FOREVER, weekday, 12 * 60, 20 * 60) for weekday in range(7))
    hall = ZoneContent(named.code, capacity=150, passback=Passback.HARD, gates=doors(named.code, entrance))
    sauna = f"{named.code}-sauna"
    warm = ZoneContent(sauna, capacity=12, supplement_cents=400, gates=doors(sauna, [Text(fr="Sauna", en="Sauna")]))
    return with_zone(new_site(named, service="pool", commune="00107", hours=hours, zone=hall), warm)


def _season_ticket(spring: date) -> Content:
    """Thirty hours for whoever lives here, less for the young."""
    ticket = new_product(
        Named("nordique-30-heures", Text(fr="Bassin nordique, 30 heures", en="Nordic pool, 30 hours")),
        ProductKind.HOURS,
        service="pool",
        subject=Subject.PERSON,
        amount=30 * ONE,
        window=Window.WHOLE,
        term=Term(Window.ROLLING_DAYS, days=365),
        price=Price(0, 9000, spring, FOREVER),
    )
    return tariff(ticket, 4500, spring, Conditions(age_below=18))


def _emptied(pool: Content | None, first: date) -> Content:
    if not isinstance(pool, SiteContent):
        raise LookupError("The city has no such pool.")
    why = Text(fr="Vidange des bassins", en="Emptying of the pools")
    return closed(pool, Closure(first, first + timedelta(days=4), why))
