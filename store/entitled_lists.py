"""Which media may use a service on a day: the places that an offline bundle has set in its entitled lists.

Read in sets, judged by the gate's own rules (`domain.access.eligibility`), a stretch of places at a time: whatever the
size of the city, little is held at once, and whoever else is served by this process waits for no more than a slice.
Rights that look alike are judged once.
"""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Select, String, and_, exists, not_, null, or_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.access.catalogue import Catalogue
from domain.access.eligibility import may_use, occasions
from domain.access.facts import Facts, MediumFacts, Standing
from domain.circumstances import CircumstanceKind
from domain.passes import MediumStatus, PassStatus
from domain.places import Doorway
from domain.products import Product
from store.database import Database
from store.ledger.judge import right_of
from store.ledger.rows import Known, RightRow, Told, Working
from store.tables.ledger import counter
from store.tables.passes import medium, pass_
from store.tables.people import beneficiary, circumstance, holder, household
from store.tables.products import entitlement

STRETCH = 1 << 12
"""Places that are read at once: some ten milliseconds."""

SLICE = 250
"""Media that are judged before others have their turn: about a millisecond."""

LATELY = timedelta(days=90)
"""Rights and circumstances that ended up to so long ago are read too, as the ledger does: some have a grace."""

_MINE, _ANOTHER = UUID(int=1), UUID(int=2)
_media = select(medium.c.status_index).select_from(medium.join(pass_, pass_.c.id == medium.c.pass_id))
_Key = tuple[Any, ...]


class Question(Struct, frozen=True):
    """Who may use a service of an authority on a day; `doors` are all of its doors."""

    authority_id: UUID
    service: str
    day: date
    catalogue: Catalogue
    doors: list[Doorway]

    @property
    def asks_age(self) -> bool:
        """Whether some right to the service depends on how old somebody is."""
        products = self.catalogue.products.values()
        return any(_aged(product) for product in products if product.service_code == self.service)


async def entitled(database: Database, question: Question, number: int, size: int) -> list[int]:
    """List the places of a status list whose media may use the service."""
    async with database.read() as connection:
        suspended = frozenset((await connection.execute(_suspended(question))).scalars())
    judge = _Judge(question, suspended)
    found: list[int] = []
    for first in range(0, size, STRETCH):
        async with database.read() as connection:
            if judge.lets_anybody_in:
                in_use = _media.where(_in_use(question, number, first))
                found += (await connection.execute(in_use)).scalars()
                continue
            rights, standings = await _stretch(connection, question, number, first)
        for count, (index, rows) in enumerate(rights.items()):
            if judge.may(rows, standings.get(index, [])):
                found.append(index)
            if count % SLICE == 0:
                await asyncio.sleep(0)
    return found


class _Judge:
    """Judges rights, and remembers what it said of others that look alike."""

    def __init__(self, question: Question, suspended: frozenset[Any]) -> None:
        self._day = question.day
        self._catalogue = question.catalogue
        self._suspended = suspended
        self._products: dict[Any, Product] = {}
        self._at: tuple[Facts, ...] = occasions(question.catalogue, question.doors, question.day)
        self.lets_anybody_in = may_use(None, None, self._at)
        """A service whose rules ask for no right at all."""
        self._said: dict[_Key, bool] = {}

    def may(self, rows: dict[Any, "_Row"], standings: list[Told]) -> bool:
        """Tell whether one of these rights, by id, lets somebody in of whom this holds."""
        return any(self._serves(row, standings) for row in rows.values())

    def _serves(self, row: "_Row", standings: list[Told]) -> bool:
        product = self._product(row.product_id)
        born_on = row.born_on if _aged(product) else None
        told: tuple[Told, ...] = ()
        if product.terms.conditions.asks_circumstances:
            # Whose they are matters, and not who that is: people in one case are judged once.
            told = tuple(replace(one, subject_id=_whose(one.subject_id == row.subject_id)) for one in standings)
        suspended = row.subject_id in self._suspended
        key: _Key = (
            *(product.id, row.valid_from, row.valid_until, tuple(sorted(row.counted))),
            *(suspended, row.own, born_on, told),
        )
        said = self._said.get(key)
        if said is None:
            counted = {(_MINE.int, ends_before, position): (used, 1) for position, ends_before, used in row.counted}
            right = right_of(
                RightRow(_MINE, product.id, row.valid_from, row.valid_until, _MINE, row.own, suspended),
                self._day,
                told,
                Working(Known(counters=counted)),
                self._catalogue,
            )
            said = self._said[key] = may_use(right, _somebody(born_on) if born_on is not None else None, self._at)
        return said

    def _product(self, product_id: Any) -> Product:  # noqa: ANN401 - as the driver gives it
        found = self._products.get(product_id)
        if found is None:
            found = self._products[product_id] = self._catalogue.products[UUID(str(product_id))]
        return found


class _Row(Struct, gc=False):
    """A right as it is stored, for somebody who may spend it.

    Ids are compared and never read, so they stay as the driver gives them.
    """

    born_on: date | None
    product_id: Any
    valid_from: date
    valid_until: date
    subject_id: Any
    own: bool
    counted: list[tuple[int, date, int]] = []
    """Position of a limit, end of its window, thousandths used."""


def _aged(product: Product) -> bool:
    conditions = product.terms.conditions
    return conditions.age_from is not None or conditions.age_below is not None


def _whose(mine: bool) -> UUID:  # noqa: FBT001 - an answer, turned into an id
    return _MINE if mine else _ANOTHER


def _somebody(born_on: date) -> MediumFacts:
    """Somebody of whom nothing but the age is known."""
    return MediumFacts(0, MediumStatus.ACTIVE, _MINE, PassStatus.ACTIVE, date.min, date.max, _MINE, born_on)


_Stretch = tuple[dict[int, dict[Any, _Row]], dict[int, list[Told]]]


async def _stretch(connection: AsyncConnection, question: Question, number: int, first: int) -> _Stretch:
    """Read the rights and the circumstances of the media of a stretch, by place."""
    rights: dict[int, dict[Any, _Row]] = {}
    for index, right, position, ends_before, used, *values in await connection.execute(
        _rights(question, number, first)
    ):
        row = rights.setdefault(index, {}).get(right)
        if row is None:
            row = rights[index][right] = _Row(*values)
        if position is not None:
            row.counted.append((position, ends_before, used))
    standings: dict[int, list[Told]] = {}
    if question.service in question.catalogue.conditional:
        for index, subject, at_home, kind, value, ends in await connection.execute(_standings(question, number, first)):
            told = Told(subject, bool(at_home), Standing(CircumstanceKind(kind), value, ends))
            standings.setdefault(index, []).append(told)
    return rights, standings


def _suspended(question: Question) -> Select[Any]:
    """Who is kept from the service on the day."""
    c = circumstance.c
    return select(_raw(c.subject_id)).where(
        *(c.authority_id == question.authority_id, c.kind == CircumstanceKind.SUSPENDED.value),
        *(c.value == question.service, c.valid_from <= question.day, c.valid_until > question.day),
    )


def _rights(question: Question, number: int, first: int) -> Select[Any]:
    """What the ledger asks of a passage, for all media of a stretch."""
    day, e, c, b = question.day, entitlement.c, counter.c, beneficiary.c
    counted = and_(c.entitlement_id == e.id, c.ends_before > day, c.starts_on <= day)
    # Whoever left in a split shares the rights that were running that day, and no later one.
    spendable = and_(
        e.subject_id == b.subject_id,
        e.service_code == question.service,
        e.valid_until > day - LATELY,
        or_(not_(b.former), e.valid_from <= b.valid_from),
    )
    media = medium.join(pass_, pass_.c.id == medium.c.pass_id)
    if question.asks_age:
        media = media.join(holder, holder.c.id == pass_.c.holder_id)
    return (
        select(
            *(medium.c.status_index, _raw(e.id), c.position, c.ends_before, c.used),
            holder.c.born_on if question.asks_age else null(),
            *(_raw(e.product_id), e.valid_from, e.valid_until, _raw(e.subject_id)),
            or_(e.subject_id == b.holder_id, b.former).label("own"),
        )
        .select_from(media.join(beneficiary, b.holder_id == pass_.c.holder_id))
        .join(entitlement, spendable)
        .outerjoin(counter, counted)
        .where(_in_use(question, number, first), b.valid_from <= day, b.valid_until > day)
    )


def _standings(question: Question, number: int, first: int) -> Select[Any]:
    """What holds of the subjects of each medium, with what has ended lately."""
    day, b, s = question.day, beneficiary.c, circumstance.c
    at_home = or_(b.subject_id == b.holder_id, exists().where(household.c.id == b.subject_id))
    return (
        select(medium.c.status_index, _raw(s.subject_id), at_home.label("at_home"), s.kind, s.value, s.valid_until)
        .select_from(medium.join(pass_, pass_.c.id == medium.c.pass_id))
        .join(beneficiary, b.holder_id == pass_.c.holder_id)
        .join(circumstance, s.subject_id == b.subject_id)
        .where(
            _in_use(question, number, first),
            *(b.valid_from <= day, b.valid_until > day, not_(b.former)),
            *(s.valid_from <= day, s.valid_until > day - LATELY, s.kind != CircumstanceKind.SUSPENDED.value),
        )
        .distinct()
        .order_by(medium.c.status_index, s.subject_id, s.kind, s.value, s.valid_until)
    )


def _in_use(question: Question, number: int, first: int) -> Any:  # noqa: ANN401 - a condition
    """Media that the status list calls valid, of passes that run on the day."""
    return and_(
        medium.c.authority_id == question.authority_id,
        medium.c.status_list == number,
        medium.c.status_index >= first,
        medium.c.status_index < first + STRETCH,
        medium.c.status == MediumStatus.ACTIVE.value,
        pass_.c.status == PassStatus.ACTIVE.value,
        pass_.c.valid_from <= question.day,
        pass_.c.valid_until > question.day,
    )


def _raw(column: Any) -> Any:  # noqa: ANN401 - a column, as the driver gives its values
    return type_coerce(column, String)
