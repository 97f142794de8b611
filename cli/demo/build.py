"""Building the demonstration city, from an empty database to ninety lived days.

    territory   authorities, sites, doors, terminals, products, agents
    residents   households, passes, media, rights, the sample passes first; then what happens in families since
    passages    every day's taps through the ledger

The database should name its rows with `SeededIds(SEED, now)`: then the same `now` and sizes give the same city, keys
and password salts apart.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from adapters.cards import CardKeys
from adapters.keyring import INSTALLATION, OF_AN_AUTHORITY, KeyRing, KeyState, Purpose
from api.importing import Importer
from cli.demo.city import City, Sample
from cli.demo.colleagues import take_on_colleagues
from cli.demo.crowd import assurance_of, habits_of
from cli.demo.days import Tap
from cli.demo.desk_days import look_at_files
from cli.demo.habits import Habit
from cli.demo.heads import count_heads
from cli.demo.history import Crowd, History, live
from cli.demo.households import Home, homes
from cli.demo.ids import dice
from cli.demo.lives import go_on
from cli.demo.masters import make_card_masters
from cli.demo.modifications import prepare
from cli.demo.old_files import send_in
from cli.demo.places import LOGINS, Territory, open_city, open_neighbour
from cli.demo.products import WASTE_ORGANISATION
from cli.demo.register import Family, Registrar
from cli.demo.samples import NEIGHBOUR, SHOWPIECES, Showpiece
from cli.demo.showcase import Exhibit, exhibit, label, labels, visits_of
from cli.demo.stock import lay_in
from cli.demo.territory import NEIGHBOUR_COMMUNE, TIME_ZONE
from domain.access.facts import Evidence
from domain.agents import Role
from domain.passes import Medium
from store.bulk_unit import BulkUnit
from store.database import Database
from store.unit import SqlUnit

Progress = Callable[[str, int, int], None]
"""Hears the stage, how much of it is done, and how much there is."""

NEIGHBOURS = 24
"""Residents of the authority next door."""

_STEP = 100
"""Households between two words of progress."""


class _Peopled(Struct, frozen=True):
    """An authority's residents, once registered."""

    families: list[Family]
    habits: list[Habit]
    exhibits: list[Exhibit]


async def build_city(
    database: Database,
    keyring: KeyRing,
    *,
    now: datetime,
    residents: int = 5_000,
    days: int = 90,
    progress: Progress,
) -> City:
    """Build the city into a migrated, empty database; the last of its days is today, up to `now`."""
    today = now.astimezone(ZoneInfo(TIME_ZONE)).date()
    lived = [today - timedelta(days=ago) for ago in range(days, -1, -1)]
    progress("territory", 0, 1)
    async with database.begin() as unit:
        city = await open_city(unit, now=now, first_year=lived[0].year)
        neighbour = await open_neighbour(unit, now=now, first_year=lived[0].year)
    _make_keys(keyring, (city, neighbour), now)
    progress("territory", 1, 1)

    async with database.begin() as unit:
        if not isinstance(unit, SqlUnit):
            raise TypeError("The city is founded in bulk, on a database.")
        bulk = BulkUnit(unit.connection, unit.ids)
        pieces = SHOWPIECES[:residents]
        crowd = homes(dice("homes"), residents - len(pieces), today)
        people = await _people(bulk, city, crowd, pieces, today, progress=progress)
        next_door = [
            replace(home, commune_code=NEIGHBOUR_COMMUNE.code) for home in homes(dice("neighbours"), NEIGHBOURS, today)
        ]
        others = await _people(bulk, neighbour, next_door, (NEIGHBOUR,), today, progress=_unheard)
        await bulk.flush()
        await go_on(unit, people.families, city.products[WASTE_ORGANISATION], dice("lives"), today)

    history = History(
        crowds=(Crowd(city, people.habits), Crowd(neighbour, others.habits)),
        scripted=_script(people.exhibits, city, lived, now),
        strangers=tuple(_shown(medium) for shown in others.exhibits for medium in shown.media),
        days=lived,
        until=now,
        wardens=await _wardens(database, city),
    )
    passages = await live(database, history, dice("days"), lambda done: progress("passages", done, len(lived)))
    samples = (
        *await labels(database, keyring, city, people.exhibits),
        *(_foreign(keyring, neighbour, shown) for shown in others.exhibits),
    )
    async with database.begin() as unit:
        await lay_in(unit, city.authority, LOGINS, now=now)
        await look_at_files(unit, city, people.families, dice("desk days"), now)
        await take_on_colleagues(unit, city.authority, dice("colleagues"), now)
        await prepare(unit, city.authority, LOGINS, now=now)
    await count_heads(database, city, now)
    importer = Importer(database, CardKeys(keyring), lambda: now)
    await send_in(database, importer, city.authority, LOGINS, now)
    return City(
        authority=city.authority,
        neighbour=neighbour.authority,
        agents=LOGINS,
        samples=samples,
        terminals=(*city.devices, *neighbour.devices),
        sites=tuple(place.site for territory in (city, neighbour) for place in territory.places.values()),
        residents=residents,
        passages=passages,
    )


async def _people(
    bulk: BulkUnit,
    territory: Territory,
    crowd: list[Home],
    pieces: tuple[Showpiece, ...],
    today: date,
    *,
    progress: Progress,
) -> _Peopled:
    """Register sample passes and households, and learn the habits of the latter."""
    code = territory.authority.code
    registrar = Registrar(bulk, territory.authority.id, territory.products, dice(f"register {code}"), today)
    exhibits = [await exhibit(bulk, registrar, territory, piece, today) for piece in pieces]
    families: list[Family] = []
    habits: list[Habit] = []
    tastes = dice(f"tastes {code}")
    for number, home in enumerate(crowd, start=1):
        families.append(await registrar.settle(home))
        habits += habits_of(families[-1], territory, tastes)
        if number % _STEP == 0 or number == len(crowd):
            progress("residents", number, len(crowd))
    return _Peopled(families, habits, exhibits)


async def _wardens(database: Database, city: Territory) -> dict[UUID, UUID]:
    """An agent stands at every gate of the city but those of its buses."""
    login = next(one.login for one in LOGINS if one.role is Role.SITE_AGENT)
    async with database.look() as unit:
        agent = await unit.agents.by_login(login)
    if agent is None:
        raise LookupError(login)
    places = (place for place in city.places.values() if place.site.service_code != "transport")
    return {post.gate_id: agent.id for place in places for post in place.entries}


def _script(exhibits: list[Exhibit], city: Territory, lived: list[date], now: datetime) -> dict[date, list[Tap]]:
    zone = ZoneInfo(city.authority.zone)
    script: defaultdict[date, list[Tap]] = defaultdict(list)
    for shown in exhibits:
        for tap in visits_of(shown, city, lived, now):
            script[tap.at.astimezone(zone).date()].append(tap)
    return dict(script)


def _make_keys(keyring: KeyRing, territories: tuple[Territory, ...], now: datetime) -> None:
    """Make the keys that are missing; those of an earlier city go on signing."""
    wanted = [(INSTALLATION, Purpose.TOKEN)]
    wanted += [(territory.authority.code, purpose) for territory in territories for purpose in OF_AN_AUTHORITY]
    signing = {(key.authority, key.purpose) for key in keyring.entries if key.state is KeyState.SIGNING}
    for authority, purpose in wanted:
        if (authority, purpose) not in signing:
            keyring.generate(authority, purpose, now=now)
    for territory in territories:
        keyring.make_master(territory.authority.code, now=now)
    make_card_masters(keyring, territories[0].authority.code, now=now)


def _shown(medium: Medium) -> Evidence:
    return Evidence(medium.id, assurance_of(medium))


def _foreign(keyring: KeyRing, neighbour: Territory, shown: Exhibit) -> Sample:
    return label(keyring, neighbour.authority, shown, shown.media[0], shown.piece.shows)


def _unheard(stage: str, done: int, total: int) -> None:
    """Say nothing: the neighbour is founded in no time."""
