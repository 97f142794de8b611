"""The city of a run: a few sites, people with cards and phones, quotas that they will use up.

Made by the domain's own verbs, in an empty database. Every site is open all day, so that nothing but the network, the
rights and the thieves decide.
"""

from datetime import date, datetime, timedelta
from random import Random

from argon2 import PasswordHasher
from msgspec import Struct

from adapters.keyring import INSTALLATION, OF_AN_AUTHORITY, KeyRing, Purpose
from adapters.phones import phone_credential
from adapters.printed import printed_code
from domain import calendars, passes, people, places, products
from domain.agents import Agent, Role, everywhere
from domain.limits import ONE, Limit, Measure, Window
from domain.offline_policy import Fail, OfflinePolicy
from domain.passes import Medium, MediumKind, Pass
from domain.people import Household, Subject
from domain.phones import KeySecurity, bind_phone
from domain.places import Authority, Gate, Passback, Site, Zone
from domain.ports import Unit
from domain.privacy import right_pseudonym
from domain.products import Product
from domain.services import BY_CODE
from domain.text import Text
from nfc import keys
from nfc.phone import Phone

LOGIN = "simulator@ville.example"
PASSWORD = "nobody but the simulation"
KEEP = date(2040, 1, 1)
_BEGINS, _ENDS = date(2026, 1, 1), date(2028, 1, 1)
_LIFE = timedelta(days=400)
_ALWAYS_OPEN = calendars.Calendar(
    hours=tuple(calendars.Hours(date(2020, 1, 1), date(2040, 1, 1), weekday, 0, 1440) for weekday in range(7))
)


class Place(Struct, frozen=True):
    """A site: what its service is, what its gates may do alone, what a second entry means there."""

    code: str
    service: str
    offline: OfflinePolicy | None = None
    passback: Passback = Passback.NONE
    passback_minutes: int = 0

    @property
    def policy(self) -> OfflinePolicy:
        """How far its gates are trusted without network."""
        return self.offline or BY_CODE[self.service].offline


PLACES = (
    Place("pool", "pool", OfflinePolicy(Fail.OPEN, entries=3)),
    Place("library", "library"),
    Place("bus", "transport", passback=Passback.SOFT, passback_minutes=60),
    Place("tip", "waste-centre", OfflinePolicy(Fail.OPEN, entries=2)),
    Place("baths", "pool"),
    Place("yard", "waste-centre"),
)
"""The yard fails closed, as its service does."""

_PRODUCTS = (
    ("carnet-10", "pool", Subject.PERSON, 10, Window.WHOLE),
    ("twice-a-day", "pool", Subject.PERSON, 2, Window.DAY),
    ("eight-a-month", "pool", Subject.PERSON, 8, Window.MONTH),
    ("pool-free", "pool", Subject.PERSON, None, Window.WHOLE),
    ("reader", "library", Subject.PERSON, None, Window.WHOLE),
    ("bus-year", "transport", Subject.PERSON, None, Window.WHOLE),
    ("waste-6", "waste-centre", Subject.HOUSEHOLD, 6, Window.WHOLE),
)
_POOL = ("carnet-10", "twice-a-day", "eight-a-month", "pool-free")


class Person:
    """Somebody with a pass: the card in their pocket, and a phone if they have one."""

    def __init__(self, number: int, pass_: Pass, card: Medium, code: str, phone: Phone | None) -> None:
        self.number = number
        self.pass_ = pass_
        self.card = card
        self.code = code
        self.phone = phone
        self.cards = 1

    @property
    def card_name(self) -> str:
        """The card of this moment, as the log calls it."""
        return f"card {self.number}.{self.cards}"


class City(Struct, frozen=True):
    """What the run has to know. `quotas` are in visits, by the name under which the export knows a right."""

    authority: Authority
    sites: tuple[Place, ...]
    gates: tuple[tuple[str, ...], ...]  # of each place
    people: tuple[Person, ...]
    quotas: dict[str, int]

    def place_of(self, gate: str) -> Place:
        """The site of a gate."""
        return next(place for place, gates in zip(self.sites, self.gates, strict=True) if gate in gates)


async def build(unit: Unit, ring: KeyRing, dice: Random, *, gates: int, people_count: int, now: datetime) -> City:
    """Build it. `gates` are spread over the sites in turn."""
    ring.generate(INSTALLATION, Purpose.TOKEN, now=now)
    for purpose in OF_AN_AUTHORITY:
        ring.generate("ville", purpose, now=now)
    ring.make_master("ville", now=now)
    authority = Authority(unit.ids.row(), "ville", Text(fr="Ville", en="City"), "Europe/Paris", "#0b6e4f", now)
    await unit.places.add_authority(authority)
    await _add_agent(unit, authority, now)
    chosen = PLACES[: max(1, min(gates, len(PLACES)))]
    codes = [
        await _open(unit, authority, place, [f"{place.code}-{n}" for n in range(at, gates, len(chosen))])
        for at, place in enumerate(chosen)
    ]
    catalogue = {name: await _publish(unit, authority, name) for name, *_ in _PRODUCTS}
    quotas: dict[str, int] = {}
    found: list[Person] = []
    household: Household | None = None
    for number in range(people_count):
        if number % 2 == 0:
            household = await _household(unit, authority, number, now)
        assert household is not None  # noqa: S101 - number 0 has founded one
        has_phone = dice.random() < 0.3
        found.append(await _person(unit, ring, authority, household, number=number, has_phone=has_phone, now=now))
        quotas.update(await _grant(unit, ring, catalogue, found[-1], household, now=now))
    return City(authority, chosen, tuple(codes), tuple(found), quotas)


async def new_card(unit: Unit, ring: KeyRing, authority: Authority, person: Person, now: datetime) -> None:
    """Give somebody another card; what becomes of the old one is said elsewhere."""
    person.card = await passes.add_medium(unit, person.pass_, kind=MediumKind.PRINT, expires_at=now + _LIFE, now=now)
    person.code = printed_code(ring, authority, person.card)
    person.cards += 1


async def _add_agent(unit: Unit, authority: Authority, now: datetime) -> None:
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    hashed = quick.hash(PASSWORD)
    everything = everywhere(*Role)
    await unit.agents.add(Agent(unit.ids.row(), authority.id, LOGIN, "Simulator", hashed, everything, True, now, KEEP))  # noqa: FBT003 - active


async def _open(unit: Unit, authority: Authority, place: Place, gates: list[str]) -> tuple[str, ...]:
    name = Text(fr=place.code.title(), en=place.code.title())
    site = Site(
        unit.ids.row(),
        authority.id,
        place.code,
        place.service,
        name,
        "00101",
        _ALWAYS_OPEN,
        offline=place.offline,
    )
    zone = Zone(unit.ids.row(), authority.id, site.id, place.code, None, place.passback, place.passback_minutes)
    await places.open_site(unit, site)
    await places.open_zone(unit, zone)
    for code in gates:
        await unit.places.add_gate(Gate(unit.ids.row(), authority.id, zone.id, code, name))
    return tuple(gates)


async def _publish(unit: Unit, authority: Authority, name: str) -> Product:
    _, service, subject, amount, window = next(one for one in _PRODUCTS if one[0] == name)
    limits = (Limit(0, Measure.VISIT, amount * ONE, window),) if amount is not None else ()
    product = Product(unit.ids.row(), authority.id, name, service, subject, Text(fr=name, en=name), limits)
    await products.publish_product(unit, product)
    return product


async def _household(unit: Unit, authority: Authority, number: int, now: datetime) -> Household:
    return await people.found_household(
        unit,
        authority_id=authority.id,
        reference=f"H-{number}",
        commune_code="00101",
        now=now,
        keep_until=KEEP,
        since=date(2020, 1, 1),
    )


async def _person(
    unit: Unit,
    ring: KeyRing,
    authority: Authority,
    household: Household,
    *,
    number: int,
    has_phone: bool,
    now: datetime,
) -> Person:
    holder = await people.register_holder(
        unit,
        authority_id=authority.id,
        reference=f"P-{number}",
        first_name="Zoé",
        last_name=f"Lefèvre {number}",
        born_on=date(1980, 5, 17),
        commune_code="00101",
        now=now,
        keep_until=KEEP,
    )
    await people.join(unit, holder, household.id, since=date(2020, 1, 1))
    issued = await passes.issue(
        unit,
        holder,
        kind=MediumKind.PRINT,
        valid_from=_BEGINS,
        valid_until=_ENDS,
        expires_at=now + _LIFE,
        now=now,
    )
    code = printed_code(ring, authority, issued.medium)
    phone = await _phone(unit, ring, authority, issued.pass_, now) if has_phone else None
    return Person(number, issued.pass_, issued.medium, code, phone)


async def _phone(unit: Unit, ring: KeyRing, authority: Authority, pass_: Pass, now: datetime) -> Phone:
    new = Phone(keys.generate().private)
    medium = await bind_phone(
        unit, pass_, public_key=new.public_key, security=KeySecurity.SOFTWARE, expires_at=now + _LIFE, now=now
    )
    return Phone(new.private, phone_credential(ring, authority, medium, new.public_key, now=now))


async def _grant(
    unit: Unit,
    ring: KeyRing,
    catalogue: dict[str, Product],
    person: Person,
    household: Household,
    *,
    now: datetime,
) -> dict[str, int]:
    """Give everybody one right for the pools, and some the others; the tip is the household's."""
    number = person.number
    wanted = [_POOL[number % len(_POOL)]]
    wanted += ["reader"] if number % 3 else []
    wanted += ["bus-year"] if number % 4 else []
    wanted += ["waste-6"] if number % 2 == 0 else []
    quotas: dict[str, int] = {}
    for name in wanted:
        product = catalogue[name]
        subject_id = household.id if product.subject is Subject.HOUSEHOLD else person.pass_.holder_id
        right = await products.grant(
            unit,
            product=product,
            subject_id=subject_id,
            valid_from=_BEGINS,
            valid_until=_ENDS,
            now=now,
            keep_until=KEEP,
        )
        if product.limits:
            key = ring.sector_key("ville", BY_CODE[product.service_code].sector)
            quotas[right_pseudonym(key, right.id)] = product.limits[0].amount // ONE
    return quotas
