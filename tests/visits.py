"""Places of the domain study as data, and visits that follow each other.

`play` does in memory what the ledger does between two passages: counters move, somebody is inside or gone. A row of a
table is a place, what somebody holds there, and passages with what the gate says, what it counts and what it costs.
Every product was checked as at entry, every place is what `open_site` would take.
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from msgspec import Struct
from msgspec.structs import replace

from domain.access.admissions import Admission
from domain.access.catalogue import Catalogue
from domain.access.decide import Verdict, decide
from domain.access.facts import NOWHERE, Balance, Direction, Evidence, Facts, Presence, Right, Standing
from domain.access.reasons import Reason
from domain.calendars import Calendar, Hours, check_calendar
from domain.circumstances import CircumstanceKind
from domain.limits import ONE, Limit, Measure, Settlement, Window
from domain.people import Subject
from domain.places import Doorway, Gate, Passback, Site, Zone
from domain.product_checks import LONGEST_GRACE, check_product
from domain.products import Product, Terms
from domain.text import Text
from tests.facts import AUTHORITY, medium

NAME = Text(fr="Essai", en="Trial")
PARIS = "Europe/Paris"
LONG_AGO, FAR_OFF = date(2020, 1, 1), date(2040, 1, 1)


def hours(opens: int = 0, closes: int = 1440, weekdays: tuple[int, ...] = tuple(range(7))) -> tuple[Hours, ...]:
    """The same hours on each of these weekdays, in minutes."""
    return tuple(Hours(LONG_AGO, FAR_OFF, weekday, opens, closes) for weekday in weekdays)


ALWAYS_OPEN = Calendar(hours())


def place(
    service: str,
    calendar: Calendar = ALWAYS_OPEN,
    *,
    zone: dict[str, Any] | None = None,
    **site: Any,  # noqa: ANN401 - fields of a site
) -> Doorway:
    """A gate into a place; `zone` and the rest are fields of its zone and its site."""
    check_calendar(calendar, of="The place")
    said = {"code": "main", "capacity": None, "passback": Passback.NONE, "passback_minutes": 0, **(zone or {})}
    code = str(said["code"])
    here = Site(UUID(int=10), AUTHORITY, "site", service, NAME, "59350", calendar)
    inside = Zone(id=UUID(bytes=code.encode().ljust(16)), authority_id=AUTHORITY, site_id=here.id, **said)
    gate = Gate(UUID(bytes=code.encode().rjust(16)), AUTHORITY, inside.id, code, NAME)
    return Doorway(gate, inside, replace(here, **site), PARIS, "ville")


def limit(amount: float, unit: Measure, window: Window, *, free: float | None = None, **more: Any) -> Limit:  # noqa: ANN401 - fields of a limit
    """So many whole units; its product gives it a position."""
    return Limit(0, unit, round(amount * ONE), window, free=None if free is None else round(free * ONE), **more)


def product(
    code: str,
    service: str,
    *limits: Limit,
    warn_below: float = 0,
    subject: Subject = Subject.PERSON,
    **terms: Any,  # noqa: ANN401 - terms
) -> Product:
    """A product as an agent would enter it, checked as at entry."""
    placed = tuple(replace(one, position=position) for position, one in enumerate(limits))
    made = Product(
        id=UUID(bytes=code.encode().ljust(16)[:16]),
        authority_id=AUTHORITY,
        code=code,
        service_code=service,
        subject=subject,
        name=NAME,
        limits=placed,
        warn_below=round(warn_below * ONE),
        terms=Terms(**terms),
    )
    check_product(made)
    return made


class Held(Struct, frozen=True):
    """A product in somebody's hands; `standings` hold of them from a day on, `suspended` names days (end excluded)."""

    product: Product
    since: date = date(2026, 1, 1)
    until: date = date(2027, 1, 1)
    standings: tuple[tuple[date, Standing], ...] = ()
    suspended: tuple[date, date] | None = None


def circumstance(
    kind: CircumstanceKind, value: str, since: date = LONG_AGO, ends: date = FAR_OFF
) -> tuple[date, Standing]:
    """What holds of somebody from a day to the day before another."""
    return since, Standing(kind, value, ends)


class Passage(Struct, frozen=True):
    """One tap, and what is expected of it. `when` is the clock on the wall of the place."""

    when: datetime
    says: Reason
    counts: str
    due: int
    billed: int
    facts: dict[str, Any]


def tap(when: str, says: Reason, counts: str = "", *, due: int = 0, billed: int = 0, **facts: Any) -> Passage:  # noqa: ANN401 - facts
    """At `when`, the gate says this and counts that (`"1 visit + 1.5 m3 of rubble"`), for so many cents.

    `facts` replace those of an ordinary entry.
    """
    return Passage(datetime.fromisoformat(when).replace(tzinfo=ZoneInfo(PARIS)), says, counts, due, billed, facts)


class Row(Struct, frozen=True):
    """One row of a table: a place, what somebody born on a day holds there, and their passages."""

    door: Doorway
    held: tuple[Held, ...]
    passages: tuple[Passage, ...]
    born_on: date = date(1980, 5, 17)


def row(source: str, door: Doorway, held: tuple[Held, ...], *passages: Passage, **more: date) -> Any:  # noqa: ANN401 - of pytest
    """Make a row, named after its place in the study."""
    return pytest.param(Row(door, held, passages, **more), id=source)


def play(row: Row) -> list[Verdict]:
    """Let one pass go through all passages, and hold each against what was expected."""
    used: dict[tuple[UUID, date, int], int] = {}
    presence, seen_on = NOWHERE, LONG_AGO
    verdicts = []
    for passage in row.passages:
        facts = _facts(passage, row, used, presence, seen_on=seen_on)
        verdict = decide(facts)
        told = (verdict.reason, said(verdict), verdict.due_cents, verdict.billed_cents)
        assert told == (passage.says, passage.counts, passage.due, passage.billed), passage.when
        for charge in verdict.charges:
            assert verdict.right is not None
            balance = verdict.right.balances[charge.balance]
            key = (verdict.right.entitlement_id, balance.ends_before, balance.limit.position)
            used[key] = used.get(key, 0) + charge.amount
        if verdict.seen:
            presence, seen_on = _moved(facts, verdict), facts.day
        verdicts.append(verdict)
    return verdicts


def said(verdict: Verdict) -> str:
    """Say what a verdict counts: two windows that count the same say it once."""
    right = verdict.right
    if right is None:
        return ""
    counted = ((charge.amount, right.balances[charge.balance].limit) for charge in verdict.charges)
    words = (f"{amount / ONE:g} {of.unit}" + (f" of {of.kind}" if of.kind else "") for amount, of in counted)
    return " + ".join(dict.fromkeys(words))


def _facts(
    passage: Passage, row: Row, used: dict[tuple[UUID, date, int], int], presence: Presence, *, seen_on: date
) -> Facts:
    door = passage.facts.get("doorway", row.door)
    day, minute = passage.when.date(), passage.when.hour * 60 + passage.when.minute
    today = Catalogue(0, {}, {}).day_of(door, day)
    running = today.running(minute)
    ordinary = Facts(
        at=passage.when,
        day=day,
        minute=minute,
        direction=Direction.ENTRY,
        doorway=door,
        hours=today.hours,
        entries=today.entries,
        evidence=Evidence(medium_id=77, assurance=1),
        medium=medium(valid_from=LONG_AGO, valid_until=FAR_OFF, born_on=row.born_on),
        rights=tuple(right for one in row.held for right in _right(one, day, used)),
        presence=presence,
        seen_today=seen_on == day,
        crowd=0,
        asked={Measure.VISIT: ONE},
        sessions=tuple(session.code for session in running),
        reserved=tuple(session.code for session in running if session.reserved),
        bank_holiday=today.bank_holiday,
    )
    return replace(ordinary, **passage.facts)


def _right(held: Held, day: date, used: dict[tuple[UUID, date, int], int]) -> list[Right]:
    """The right as it is read on a day: one that ended long ago is not."""
    made, grace = held.product, held.product.terms.grace
    if day >= held.until + timedelta(days=LONGEST_GRACE):
        return []
    last = held.until + timedelta(days=grace.days if grace is not None else 0)
    graced = held.until <= day < last
    if graced and grace is not None:
        entries = () if grace.entries is None else (limit(grace.entries, Measure.VISIT, Window.WHOLE),)
        windows = [(replace(one, position=-1), held.until, last) for one in entries]
    else:
        windows = [(one, *one.period(day, held.since, held.until)) for one in made.limits]
    balances = tuple(
        Balance(one, since, until, used.get((made.id, until, one.position), 0), 1) for one, since, until in windows
    )
    standings = tuple(standing for since, standing in held.standings if since <= day)
    suspended = held.suspended is not None and held.suspended[0] <= day < held.suspended[1]
    return [Right(made.id, made, held.since, held.until, balances, standings, graced, suspended)]


def _moved(facts: Facts, verdict: Verdict) -> Presence:
    before, stays = facts.presence, facts.zone_now is not None
    new = Admission(facts.doorway.zone.id, facts.day, facts.at, verdict.newcomers, verdict.pays_for)
    return Presence(
        zone_id=facts.doorway.zone.id if facts.direction is Direction.ENTRY else None,
        since=facts.at,
        version=before.version + 1,
        gate_id=facts.doorway.gate.id,
        medium_id=77,
        came_at=before.came_at if stays else facts.at,
        entitlement_id=before.entitlement_id if stays else verdict.right.entitlement_id if verdict.right else None,
        persons=before.persons if stays else facts.persons,
        attends=before.attends if stays else verdict.attends,
        admissions=(*before.admissions, new),
    )


def by_kind(**cubic_metres: float) -> dict[str, dict[Measure, int]]:
    """What is brought of each kind of waste that is measured in cubic metres."""
    return {kind: {Measure.M3: round(amount * ONE)} for kind, amount in cubic_metres.items()}


def litres(**amounts: float) -> dict[str, dict[Measure, int]]:
    """What is brought of each kind that is measured in litres."""
    return {kind: {Measure.LITRE: round(amount * ONE)} for kind, amount in amounts.items()}


def at_gate(cents: int, most: float, window: Window) -> Limit:
    """So many visits, each paid before the gate opens."""
    return limit(most, Measure.VISIT, window, free=0, price_cents=cents, settlement=Settlement.AT_GATE)
