"""The sample passes: registered by the same verbs as everybody, with the visits that lead to what they show."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy import func, select

from adapters.keyring import KeyRing
from adapters.printed import printed_code
from cli.demo.city import Sample
from cli.demo.crowd import assurance_of
from cli.demo.days import Tap, instant
from cli.demo.households import Person
from cli.demo.places import Place, Territory
from cli.demo.register import Registrar, in_use
from cli.demo.samples import PHONE_STILL_WORKS, Held, Showpiece
from cli.demo.territory import COMMUNES
from domain.access.facts import Direction, Evidence
from domain.limits import ONE
from domain.passes import Medium, MediumKind, Pass, PassStatus, block, change_status
from domain.people import Holder, Subject, join
from domain.places import Authority
from domain.ports import Unit
from domain.products import Entitlement
from domain.text import Text
from store.database import Database
from store.tables.ledger import counter

_OPENED = timedelta(days=420)
_RECENT = 110
"""Days within which all rights of the samples are running."""

_STAY_AND_STEP = {"pool": (50, 60), "waste-centre": (14, 20), "library": (0, 95), "transport": (0, 95)}
"""Minutes inside, and minutes between two possible entries, so that no visit meets a passback rule."""


class Exhibit(Struct, frozen=True):
    """A sample pass in the register."""

    piece: Showpiece
    holder: Holder
    pass_: Pass
    media: tuple[Medium, ...]
    right: Entitlement | None


async def exhibit(unit: Unit, registrar: Registrar, territory: Territory, piece: Showpiece, today: date) -> Exhibit:
    """Register one sample pass with its household, rights and mishaps."""
    opened = datetime.combine(today - _OPENED, time(9), tzinfo=UTC)
    commune = COMMUNES[0].code
    born_on = today - timedelta(days=int(piece.age * 365.2425) + 100)
    holder = await registrar.holder(Person(piece.first_name, piece.last_name, born_on), commune, opened)
    households = [await registrar.household(commune, opened) for _ in range(2 if piece.second_home else 1)]
    for household in households:
        await join(unit, holder, household.id, since=max(born_on, opened.date()))
    pass_, media = await registrar.open_pass(holder, piece.media)
    for kind, reason in piece.blocked:
        await block(unit, pass_, next(m.id for m in media if m.kind is kind), reason=reason, now=opened)
    if piece.suspended:
        pass_ = await change_status(unit, pass_, PassStatus.SUSPENDED, now=opened)

    async def grant(held: Held) -> Entitlement:
        of_household = territory.products[held.product].subject is Subject.HOUSEHOLD
        span = (today + timedelta(days=held.since), today + timedelta(days=held.until))
        return await registrar.grant(
            held.product, households[0].id if of_household else holder.id, span, holder.keep_until
        )

    rights = [await grant(held) for held in piece.rights]
    kept = tuple(await unit.passes.media(pass_.id))
    return Exhibit(piece, holder, pass_, kept, rights[0] if rights else None)


def visits_of(shown: Exhibit, territory: Territory, days: list[date], now: datetime) -> list[Tap]:
    """Return the entries, and exits where there are gates for it, that the sample has behind it."""
    medium = next((medium for medium in shown.media if in_use(medium)), None)
    if medium is None:
        return []
    evidence = Evidence(medium.id, assurance_of(medium))
    zone = ZoneInfo(territory.authority.zone)
    taps: list[Tap] = []
    for visits in shown.piece.visits:
        place = territory.places[visits.site]
        stay = timedelta(minutes=_STAY_AND_STEP[place.site.service_code][0])
        moments = [instant(day, minute, zone) for day, minute in _possible(place, days)]
        past = [at for at in moments if at + stay <= now]
        times = min(visits.times, len(past))
        for at in (past[place_ * len(past) // times] for place_ in range(times)):
            taps.append(Tap(at, place.entries[0], Direction.ENTRY, evidence))
            if place.exits:
                taps.append(Tap(at + stay, place.exits[0], Direction.EXIT, evidence))
    return taps


def _possible(place: Place, days: list[date]) -> list[tuple[date, int]]:
    """Moments at which the site is open; for a right by the year, within the year that runs on the last day."""
    stay, step = _STAY_AND_STEP[place.site.service_code]
    by_year = place.site.service_code == "waste-centre"
    return [
        (day, minute)
        for day in days[-_RECENT:]
        if not by_year or day.year == days[-1].year
        for opens, closes in place.site.calendar.on(day)
        for minute in range(opens + 20, closes - stay - 5, step)
    ]


async def labels(
    database: Database, keyring: KeyRing, territory: Territory, exhibits: list[Exhibit]
) -> tuple[Sample, ...]:
    """Say of each sample what it shows, with the balances that the ledger has really reached."""
    samples: list[Sample] = []
    for shown in exhibits:
        used, left = await _balance(database, territory, shown)
        said = Text(
            fr=shown.piece.shows.fr.format(used=used, left=left), en=shown.piece.shows.en.format(used=used, left=left)
        )
        samples.append(label(keyring, territory.authority, shown, shown.media[0], said))
        if shown.piece.blocked:
            phone = next(medium for medium in shown.media if medium.kind is MediumKind.PHONE)
            samples.append(label(keyring, territory.authority, shown, phone, PHONE_STILL_WORKS))
    return tuple(samples)


def label(keyring: KeyRing, authority: Authority, shown: Exhibit, medium: Medium, said: Text) -> Sample:
    """Describe one medium of a sample pass."""
    suffix = "" if medium is shown.media[0] else f"-{medium.kind}"
    return Sample(
        key=f"{shown.piece.key}{suffix}",
        number=shown.pass_.number,
        holder_name=f"{shown.holder.first_name} {shown.holder.last_name}",
        medium_id=medium.id,
        code=printed_code(keyring, authority, medium),
        shows=said,
    )


async def _balance(database: Database, territory: Territory, shown: Exhibit) -> tuple[int, int]:
    """Return the visits used and left of the first right, in the window that was counted last."""
    right = shown.right
    limits = () if right is None else territory.products[shown.piece.rights[0].product].limits
    if right is None or not limits:
        return 0, 0
    async with database.read() as connection:
        found = await connection.execute(
            select(func.coalesce(func.max(counter.c.used), 0)).where(counter.c.entitlement_id == right.id)
        )
    used: int = found.scalar_one()
    return used // ONE, (limits[0].amount - used) // ONE
