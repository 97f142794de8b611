"""Opening the territory: authorities, sites, doors, terminals, products and agents, by ordinary units of work."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import Struct

from cli.demo.city import Device, Login
from cli.demo.hours import calendar
from cli.demo.products import city_products, library_product
from cli.demo.provider import SIRET
from cli.demo.territory import (
    COMMUNES,
    NEIGHBOUR_COMMUNE,
    NEIGHBOUR_SITE,
    SITES,
    TIME_ZONE,
    CommunePlan,
    Door,
    SitePlan,
)
from domain.access.facts import Direction
from domain.agents import Agent, Grant, Role
from domain.identities import attach
from domain.places import Authority, Commune, Gate, Passback, Site, Zone, open_site, open_zone
from domain.ports import Unit
from domain.products import Product, publish_product
from domain.terminals import Terminal, TerminalStatus
from domain.text import Text
from nfc import keys

LOGINS = (
    Login("accueil", "accueil-val-clair", "Mireille Lavergnole", Role.DESK),
    Login("instruction", "instruction-val-clair", "Awa Desnoyers", Role.REVIEWER),
    Login("agent", "agent-val-clair", "Yann Poulaillon", Role.SITE_AGENT),
    Login("bassin", "bassin-val-clair", "Malo Kervadec", Role.SITE_AGENT, site="piscine-ourlea"),
    Login("responsable", "responsable-val-clair", "Béatrice Courtevoie", Role.MANAGER),
    Login("cles", "cles-val-clair", "Agathe Roumieux", Role.KEY_HOLDER),
    Login("elu", "elu-val-clair", "Hervé Malaussène", Role.OFFICIAL),
    Login("dpo", "dpo-val-clair", "Loïc Séguéla", Role.DPO),
    Login("admin", "admin-val-clair", "Thérèse Quentrevaux", Role.ADMINISTRATOR),
    Login("redaction", "redaction-val-clair", "Nadia Bellecombe", Role.EDITOR),
)


class Post(Struct, frozen=True):
    """A door as the crowd sees it: where it is, and which terminal stands there."""

    gate_id: UUID
    terminal_id: UUID
    code: str


class Place(Struct, frozen=True):
    """A site as the crowd sees it: by the doors of its first zone."""

    site: Site
    entries: tuple[Post, ...]
    exits: tuple[Post, ...]


class Territory(Struct, frozen=True):
    """What one authority has opened."""

    authority: Authority
    places: dict[str, Place]
    products: dict[str, Product]
    devices: tuple[Device, ...]


async def open_city(unit: Unit, *, now: datetime, first_year: int) -> Territory:
    """Open the agglomération, its twelve sites, its catalogue and its agents' accounts."""
    authority = Authority(
        unit.ids.row(),
        "val-clair",
        Text(fr="Agglomération de Val-Clair", en="Val-Clair city region"),
        TIME_ZONE,
        "#0b6e74",
        now,
    )
    products = city_products(unit.ids, authority.id)
    territory = await _open(unit, authority, COMMUNES, SITES, products, now=now, first_year=first_year)
    hasher = PasswordHasher()
    for login in LOGINS:
        agent = Agent(
            id=unit.ids.row(),
            authority_id=authority.id,
            login=login.login,
            name=login.name,
            password_hash=hasher.hash(login.password),
            grants=(Grant(login.role, site=login.site),),
            active=True,
            created_at=now,
            keep_until=now.date() + timedelta(days=5 * 365),
        )
        await unit.agents.add(agent)
        await attach(unit, agent, siret=SIRET, uid=login.login, by=None, now=now)
    return territory


async def open_neighbour(unit: Unit, *, now: datetime, first_year: int) -> Territory:
    """Open the small authority next door: one site, one door."""
    authority = Authority(
        unit.ids.row(),
        "bourdevaire",
        Text(fr="Communauté de communes du Bourdevaire", en="Bourdevaire community of communes"),
        TIME_ZONE,
        "#8a4b08",
        now,
    )
    products = (library_product(unit.ids, authority.id),)
    plans = (NEIGHBOUR_COMMUNE,), (NEIGHBOUR_SITE,)
    return await _open(unit, authority, *plans, products, now=now, first_year=first_year)


async def _open(
    unit: Unit,
    authority: Authority,
    communes: tuple[CommunePlan, ...],
    sites: tuple[SitePlan, ...],
    products: tuple[Product, ...],
    *,
    now: datetime,
    first_year: int,
) -> Territory:
    await unit.places.add_authority(authority)
    for commune in communes:
        await unit.places.add_commune(
            Commune(unit.ids.row(), authority.id, commune.code, commune.name, commune.population)
        )
    for product in products:
        await publish_product(unit, product)
    devices: list[Device] = []
    places = {
        plan.code: await _open_site(unit, authority, plan, devices, now=now, first_year=first_year) for plan in sites
    }
    return Territory(authority, places, {product.code: product for product in products}, tuple(devices))


async def _open_site(
    unit: Unit, authority: Authority, plan: SitePlan, devices: list[Device], *, now: datetime, first_year: int
) -> Place:
    today = now.astimezone(ZoneInfo(authority.zone)).date()
    site = Site(
        id=unit.ids.row(),
        authority_id=authority.id,
        code=plan.code,
        service_code=plan.service_code,
        name=plan.name,
        commune_code=plan.commune_code,
        calendar=calendar(plan.table, years=range(first_year - 1, today.year + 2), today=today, shut=plan.shut),
        vehicles=plan.vehicles,
        accepts=plan.accepts,
    )
    await open_site(unit, site)
    zone = Zone(
        id=unit.ids.row(),
        authority_id=authority.id,
        site_id=site.id,
        code=plan.code,
        capacity=plan.capacity,
        passback=plan.passback,
        passback_minutes=plan.passback_minutes,
    )
    posts, opened = await _open_zone(unit, authority, zone, plan.doors, of=plan.name.fr, now=now)
    devices += opened
    for inner in plan.inner:
        zone = Zone(
            id=unit.ids.row(),
            authority_id=authority.id,
            site_id=site.id,
            code=inner.code,
            capacity=inner.capacity,
            passback=Passback.HARD,
            passback_minutes=0,
            supplement_cents=inner.supplement_cents,
            name=inner.name,
        )
        devices += (await _open_zone(unit, authority, zone, inner.doors, of=plan.name.fr, now=now))[1]
    return Place(site, posts[Direction.ENTRY], posts[Direction.EXIT])


async def _open_zone(
    unit: Unit, authority: Authority, zone: Zone, doors: tuple[Door, ...], *, of: str, now: datetime
) -> tuple[dict[Direction, tuple[Post, ...]], list[Device]]:
    """Open a zone with its doors, and a terminal at each; `of` is the name of its site."""
    await open_zone(unit, zone)
    posts: dict[Direction, tuple[Post, ...]] = {Direction.ENTRY: (), Direction.EXIT: ()}
    devices: list[Device] = []
    for door in doors:
        gate = Gate(unit.ids.row(), authority.id, zone.id, door.code, door.name)
        await unit.places.add_gate(gate)
        devices.append(await _pair(unit, authority, f"{of} – {door.name.fr}", gate, now))
        posts[door.way] += (Post(gate.id, devices[-1].id, gate.code),)
    return posts, devices


async def _pair(unit: Unit, authority: Authority, name: str, gate: Gate, now: datetime) -> Device:
    key = keys.generate()
    terminal = Terminal(unit.ids.row(), authority.id, name, _raw(key.public), TerminalStatus.ACTIVE, now)
    await unit.terminals.add(terminal, (gate.id,))
    return Device(terminal.id, authority.code, name, (gate.code,), keys.dump_pem(key))


def _raw(public: ec.EllipticCurvePublicKey) -> bytes:
    """The x and y of a point, 32 bytes each."""
    numbers = public.public_numbers()
    return numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
