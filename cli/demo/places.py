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
from cli.demo.territory import (
    COMMUNES,
    NEIGHBOUR_COMMUNE,
    NEIGHBOUR_SITE,
    SITES,
    TIME_ZONE,
    CommunePlan,
    SitePlan,
)
from domain.access.facts import Direction
from domain.agents import Agent, Role
from domain.places import Authority, Commune, Gate, Site, Terminal, TerminalStatus, Zone, open_site
from domain.ports import Unit
from domain.products import Product, publish_product
from domain.text import Text
from nfc import keys

LOGINS = (
    Login("accueil", "accueil-val-clair", "Mireille Lavergnole", Role.DESK),
    Login("agent", "agent-val-clair", "Yann Poulaillon", Role.SITE_AGENT),
    Login("responsable", "responsable-val-clair", "Béatrice Courtevoie", Role.MANAGER),
    Login("dpo", "dpo-val-clair", "Loïc Séguéla", Role.DPO),
    Login("admin", "admin-val-clair", "Thérèse Quentrevaux", Role.ADMINISTRATOR),
)


class Post(Struct, frozen=True):
    """A door as the crowd sees it: where it is, and which terminal stands there."""

    gate_id: UUID
    terminal_id: UUID
    code: str


class Place(Struct, frozen=True):
    """A site as the crowd sees it."""

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
        await unit.agents.add(
            Agent(
                id=unit.ids.row(),
                authority_id=authority.id,
                login=login.login,
                name=login.name,
                password_hash=hasher.hash(login.password),
                roles=(login.role,),
                active=True,
                created_at=now,
                keep_until=now.date() + timedelta(days=5 * 365),
            )
        )
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
        calendar=calendar(
            plan.table,
            years=range(first_year - 1, today.year + 2),
            today=today,
            only_labour_day=plan.only_labour_day,
            shut=plan.shut,
        ),
    )
    zone = Zone(
        id=unit.ids.row(),
        authority_id=authority.id,
        site_id=site.id,
        code=plan.code,
        capacity=plan.capacity,
        passback=plan.passback,
        passback_minutes=plan.passback_minutes,
    )
    await open_site(unit, site)
    await unit.places.add_zone(zone)
    posts: dict[Direction, list[Post]] = {Direction.ENTRY: [], Direction.EXIT: []}
    for door in plan.doors:
        gate = Gate(unit.ids.row(), authority.id, zone.id, door.code, door.name)
        await unit.places.add_gate(gate)
        device = await _pair(unit, authority, f"{plan.name.fr} – {door.name.fr}", gate, now)
        devices.append(device)
        posts[door.way].append(Post(gate.id, device.id, gate.code))
    return Place(site, tuple(posts[Direction.ENTRY]), tuple(posts[Direction.EXIT]))


async def _pair(unit: Unit, authority: Authority, name: str, gate: Gate, now: datetime) -> Device:
    key = keys.generate()
    terminal = Terminal(unit.ids.row(), authority.id, name, _raw(key.public), TerminalStatus.ACTIVE, now)
    await unit.places.add_terminal(terminal, (gate.id,))
    return Device(terminal.id, authority.code, name, (gate.code,), keys.dump_pem(key))


def _raw(public: ec.EllipticCurvePublicKey) -> bytes:
    """The x and y of a point, 32 bytes each."""
    numbers = public.public_numbers()
    return numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
