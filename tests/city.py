"""A small city for tests: two authorities, the four services, a gate and a terminal for each, one agent per role.

Everything is made by the domain's own verbs. The pool has ten places, hard anti-passback and an exit; every site is
open all day, every day, except the library, which opens from 10:00 to 18:00, Tuesday to Saturday.
"""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import jwt
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import Struct
from msgspec.structs import replace

from adapters.keyring import INSTALLATION, OF_AN_AUTHORITY, KeyRing, Purpose
from adapters.printed import printed_code
from api.auth import ALGORITHM, TERMINAL_AUDIENCE
from domain import calendars, passes, people, places, products, terminals
from domain.agents import Agent, Role, everywhere
from domain.limits import ONE, Limit, Measure, Window
from domain.passes import Medium, MediumKind, Pass
from domain.people import Holder, Household, Subject
from domain.places import Authority, Gate, Passback, Site, Zone
from domain.ports import Unit
from domain.products import Product
from domain.terminals import Terminal
from domain.text import Text
from store.database import Database
from tests.laid_again import Laid, contents, lay_again, take

NOW = datetime(2026, 11, 18, 13, 5, tzinfo=UTC)
"""A Wednesday, 14:05 in Paris."""

TODAY = NOW.date()
KEEP = date(2032, 1, 1)
PASSWORD = "correct horse battery staple"  # a test's own password
_PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


class TestTerminal(Struct, frozen=True):
    """A paired terminal with its private key."""

    __test__ = False

    terminal: Terminal
    private: ec.EllipticCurvePrivateKey
    gates: tuple[str, ...]

    def proof(self, now: datetime, *, nonce: str, **claims: object) -> str:
        """Sign a proof of key; `claims` replace what a genuine one says."""
        said = {
            "iss": str(self.terminal.id),
            "sub": str(self.terminal.id),
            "aud": TERMINAL_AUDIENCE,
            "iat": int(now.timestamp()),
            "exp": int(now.timestamp()) + 60,
            "jti": nonce,
            **claims,
        }
        return jwt.encode(said, self.private, algorithm=ALGORITHM)


class TestPass(Struct, frozen=True):
    """A pass in somebody's hand."""

    __test__ = False

    holder: Holder
    household: Household
    pass_: Pass
    medium: Medium
    code: str


class City(Struct, frozen=True):
    """What the tests need to know."""

    authority: Authority
    neighbour: Authority
    gates: dict[str, Gate]
    zones: dict[str, Zone]
    sites: dict[str, Site]
    products: dict[str, Product]
    terminal: TestTerminal
    neighbour_terminal: TestTerminal
    agents: dict[Role, Agent]
    neighbour_agents: dict[Role, Agent]


ALWAYS_OPEN = calendars.Calendar(
    hours=tuple(calendars.Hours(date(2020, 1, 1), date(2040, 1, 1), weekday, 0, 1440) for weekday in range(7))
)
LIBRARY_HOURS = calendars.Calendar(
    hours=tuple(calendars.Hours(date(2020, 1, 1), date(2040, 1, 1), weekday, 600, 1080) for weekday in range(1, 6)),
    closures=(calendars.Closure(date(2026, 12, 25), date(2026, 12, 25), Text(fr="Noël", en="Christmas Day")),),
)

SITES: tuple[tuple[str, str, calendars.Calendar, int | None, Passback, int], ...] = (
    ("pool", "pool", ALWAYS_OPEN, 10, Passback.HARD, 0),
    ("library", "library", LIBRARY_HOURS, None, Passback.NONE, 0),
    ("waste", "waste-centre", ALWAYS_OPEN, 40, Passback.TIMED, 10),
    ("bus", "transport", ALWAYS_OPEN, None, Passback.SOFT, 60),
    ("free", "pool", ALWAYS_OPEN, None, Passback.NONE, 0),
)
"""Code, service, calendar, capacity, anti-passback and its minutes. `free` is a pool without any bar but rights."""

PRODUCTS: tuple[tuple[str, str, Subject, tuple[Limit, ...], int], ...] = (
    ("carnet-10", "pool", Subject.PERSON, (Limit(0, Measure.VISIT, 10 * ONE, Window.WHOLE),), 2 * ONE),
    ("pool-year", "pool", Subject.PERSON, (), 0),
    ("reader", "library", Subject.PERSON, (), 0),
    ("waste-24", "waste-centre", Subject.HOUSEHOLD, (Limit(0, Measure.VISIT, 24 * ONE, Window.YEAR),), 3 * ONE),
    ("bus-year", "transport", Subject.PERSON, (), 0),
)


async def small_city(database: Database, keyring: KeyRing, *, now: datetime = NOW) -> City:
    """Build the city in an empty, migrated database. From the third time on, its rows and keys are laid again."""
    folder = keyring.folder._path
    if keyring.entries or keyring.has_secret:
        return await _built(database, keyring, now)
    made = _MADE.setdefault((database.is_sqlite, now), _Made())
    made.times += 1
    if made.laid is not None and made.city is not None:
        await lay_again(database, folder, made.laid)
        keyring.refresh()
        return _another(made.city)
    if made.times == 1:  # many cities are built at an instant of their own, and never again
        return await _built(database, keyring, now)
    before = await contents(database)
    if "authority" in before:  # not so empty: whatever stands there belongs to this test alone
        return await _built(database, keyring, now)
    made.city = await _built(database, keyring, now)
    made.laid = await take(database, folder, before)
    return _another(made.city)


class _Made(Struct):
    """The city of one instant in one kind of database: how often it was asked for, and what it is once it is known."""

    times: int = 0
    city: City | None = None
    laid: Laid | None = None


_MADE: dict[tuple[bool, datetime], _Made] = {}


def _another(city: City) -> City:
    """A city that a test may change without changing that of others."""
    return replace(
        city,
        gates=dict(city.gates),
        zones=dict(city.zones),
        sites=dict(city.sites),
        products=dict(city.products),
        agents=dict(city.agents),
        neighbour_agents=dict(city.neighbour_agents),
    )


async def _built(database: Database, keyring: KeyRing, now: datetime) -> City:
    keyring.generate(INSTALLATION, Purpose.TOKEN, now=now)
    for code in ("ville", "voisine"):
        for purpose in OF_AN_AUTHORITY:
            keyring.generate(code, purpose, now=now)
        keyring.make_master(code, now=now)
    async with database.begin() as unit:
        city = await _authority(unit, "ville", now)
        neighbour = await _authority(unit, "voisine", now)
    return City(
        authority=city.authority,
        neighbour=neighbour.authority,
        gates=city.gates,
        zones=city.zones,
        sites=city.sites,
        products=city.products,
        terminal=city.terminal,
        neighbour_terminal=neighbour.terminal,
        agents=city.agents,
        neighbour_agents=neighbour.agents,
    )


async def resident(
    database: Database,
    keyring: KeyRing,
    city: City,
    reference: str,
    *,
    rights: tuple[str, ...] = (),
    born_on: date = date(1980, 5, 17),
    authority: Authority | None = None,
    now: datetime = NOW,
    starts: date = date(2026, 1, 1),
    ends: date = date(2027, 1, 1),
) -> TestPass:
    """Register somebody with a household of their own, a printed pass, and rights to these products."""
    owner = authority or city.authority
    async with database.begin() as unit:
        holder = await people.register_holder(
            unit,
            authority_id=owner.id,
            reference=reference,
            first_name="Zoé",
            last_name="Lefèvre",
            born_on=born_on,
            commune_code="00101",
            now=now,
            keep_until=KEEP,
        )
        household = await people.found_household(
            unit,
            authority_id=owner.id,
            reference=f"F-{reference}",
            commune_code="00101",
            now=now,
            keep_until=KEEP,
            since=date(2020, 1, 1),
        )
        await people.join(unit, holder, household.id, since=date(2020, 1, 1))
        for code in rights:
            product = await unit.products.by_code(owner.id, code)
            subject_id = household.id if product.subject is Subject.HOUSEHOLD else holder.id
            await products.grant(
                unit,
                product=product,
                subject_id=subject_id,
                valid_from=starts,
                valid_until=ends,
                now=now,
                keep_until=KEEP,
            )
        issued = await passes.issue(
            unit,
            holder,
            kind=MediumKind.PRINT,
            valid_from=date(2026, 1, 1),
            valid_until=date(2031, 1, 1),
            expires_at=now + timedelta(days=1000),
            now=now,
        )
    return TestPass(holder, household, issued.pass_, issued.medium, printed_code(keyring, owner, issued.medium))


class _Part(Struct, frozen=True):
    authority: Authority
    gates: dict[str, Gate]
    zones: dict[str, Zone]
    sites: dict[str, Site]
    products: dict[str, Product]
    terminal: TestTerminal
    agents: dict[Role, Agent]


async def _authority(unit: Unit, code: str, now: datetime) -> _Part:
    authority = Authority(unit.ids.row(), code, Text(fr=code.title(), en=code.title()), "Europe/Paris", "#0b6e4f", now)
    await unit.places.add_authority(authority)
    gates, zones, sites = {}, {}, {}
    for name, service, calendar, capacity, passback, minutes in SITES:
        site = Site(unit.ids.row(), authority.id, name, service, Text(fr=name, en=name), "00101", calendar)
        zone = Zone(unit.ids.row(), authority.id, site.id, name, capacity, passback, minutes)
        gate = Gate(unit.ids.row(), authority.id, zone.id, f"{name}-1", Text(fr=name, en=name))
        await places.open_site(unit, site)
        await places.open_zone(unit, zone)
        await unit.places.add_gate(gate)
        gates[name], zones[name], sites[name] = gate, zone, site
    catalogue = {}
    for name, service, subject, limits, warn_below in PRODUCTS:
        product = Product(
            unit.ids.row(), authority.id, name, service, subject, Text(fr=name, en=name), limits, warn_below
        )
        await products.publish_product(unit, product)
        catalogue[name] = product
    return _Part(
        authority,
        gates,
        zones,
        sites,
        catalogue,
        await paired_terminal(unit, authority.id, tuple(gates.values()), now=now),
        {role: await _agent(unit, authority, role, now) for role in Role},
    )


async def paired_terminal(unit: Unit, authority_id: UUID, gates: tuple[Gate, ...], *, now: datetime) -> TestTerminal:
    """Pair one more terminal, by the verbs that agents and terminals use."""
    private = ec.generate_private_key(ec.SECP256R1())
    point = private.public_key().public_numbers()
    code = f"CODE-{unit.ids.row().hex}"
    codes = tuple(gate.code for gate in gates)
    await terminals.offer_pairing(unit, authority_id=authority_id, code=code, name="gate", gate_codes=codes, now=now)
    raw = point.x.to_bytes(32, "big") + point.y.to_bytes(32, "big")
    return TestTerminal(await terminals.pair_terminal(unit, code=code, public_key=raw, now=now), private, codes)


async def _agent(unit: Unit, authority: Authority, role: Role, now: datetime) -> Agent:
    agent = Agent(
        id=unit.ids.row(),
        authority_id=authority.id,
        login=f"{role}@{authority.code}.example",
        name=role.title(),
        password_hash=_PASSWORD_HASH,
        grants=everywhere(role),
        active=True,
        created_at=now,
        keep_until=KEEP,
    )
    await unit.agents.add(agent)
    return agent
