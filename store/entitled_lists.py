"""Which media may use a service on a day: the places that an offline bundle has set in its entitled lists.

Read in sets, judged by the gate's own rules (`domain.access.eligibility`), a stretch of places at a time: whatever the
size of the city, little is held at once, and whoever else is served by this process waits for no more than a slice.
Rights that look alike are judged once.
"""

import asyncio
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Select, String, and_, exists, not_, or_, select, type_coerce
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

STRETCH = 1 << 15
"""Places that are read at once."""

SLICE = 250
"""Media that are judged before others have their turn: about a millisecond."""

LATELY = timedelta(days=90)
"""Rights and circumstances that ended up to so long ago are read too, as the ledger does: some have a grace."""

_ANYBODY = UUID(int=0)
_media = select(medium.c.status_index).select_from(medium.join(pass_, pass_.c.id == medium.c.pass_id))
_Key = tuple[Any, ...]


class Question(Struct, frozen=True):
    """Who may use a service of an authority on a day; `doors` are all of its doors."""

    authority_id: UUID
    service: str
    day: date
    catalogue: Catalogue
    doors: list[Doorway]


async def entitled(database: Database, question: Question, number: int, size: int) -> list[int]:
    """List the places of a status list whose media may use the service."""
    judge = _Judge(question)
    found: list[int] = []
    for first in range(0, size, STRETCH):
        async with database.read() as connection:
            if judge.lets_anybody_in:
                in_use = _media.where(_in_use(question, number, first))
                found += (await connection.execute(in_use)).scalars()
                continue
            rights, born, standings = await _stretch(connection, question, number, first)
        for count, (index, rows) in enumerate(rights.items()):
            if judge.may(rows, born[index], standings.get(index, ())):
                found.append(index)
            if count % SLICE == 0:
                await asyncio.sleep(0)
    return found


class _Judge:
    """Judges rights, and remembers what it said of others that look alike."""

    def __init__(self, question: Question) -> None:
        self._day = question.day
        self._catalogue = question.catalogue
        self._products: dict[Any, Product] = {}
        self._at: tuple[Facts, ...] = occasions(question.catalogue, question.doors, question.day)
        self.lets_anybody_in = may_use(None, None, self._at)
        """A service whose rules ask for no right at all."""
        self._said: dict[_Key, bool] = {}

    def may(self, rows: dict[Any, "_Row"], born_on: date, standings: Iterable[Told]) -> bool:
        """Tell whether one of these rights, by id, lets somebody of this age in, of whom this holds."""
        return any(self._serves(row, born_on, standings) for row in rows.values())

    def _serves(self, row: "_Row", born_on: date, standings: Iterable[Told]) -> bool:
        product = self._product(row.product_id)
        conditions = product.terms.conditions
        aged = conditions.age_from is not None or conditions.age_below is not None
        told = tuple(standings) if conditions.asks_circumstances else ()
        key: _Key = (
            *(product.id, row.valid_from, row.valid_until, row.suspended, tuple(sorted(row.counted))),
            born_on if aged else None,
            (row.own, row.subject_id, *told) if told else (),
        )
        said = self._said.get(key)
        if said is None:
            said = self._said[key] = self._judge(row, product, born_on if aged else None, told)
        return said

    def _judge(self, row: "_Row", product: Product, born_on: date | None, told: tuple[Told, ...]) -> bool:
        counted = {(0, ends_before, position): (used, 1) for position, ends_before, used in row.counted}
        right = right_of(
            RightRow(_ANYBODY, product.id, row.valid_from, row.valid_until, row.subject_id, row.own, row.suspended),
            self._day,
            told,
            Working(Known(counters=counted)),
            self._catalogue,
        )
        return may_use(right, _aged(born_on) if born_on is not None else None, self._at)

    def _product(self, product_id: Any) -> Product:  # noqa: ANN401 - as the driver gives it
        found = self._products.get(product_id)
        if found is None:
            found = self._products[product_id] = self._catalogue.products[UUID(str(product_id))]
        return found


class _Row(Struct, gc=False):
    """A right as it is stored. Ids are compared and never read, so they stay as the driver gives them."""

    product_id: Any
    valid_from: date
    valid_until: date
    subject_id: Any
    own: bool
    suspended: bool
    counted: list[tuple[int, date, int]] = []
    """Position of a limit, end of its window, thousandths used."""


def _aged(born_on: date) -> MediumFacts:
    """Somebody of whom nothing but the age is known."""
    return MediumFacts(
        0, MediumStatus.ACTIVE, _ANYBODY, PassStatus.ACTIVE, date.min, date.max, _ANYBODY, born_on=born_on
    )


_Stretch = tuple[dict[int, dict[Any, _Row]], dict[int, date], dict[int, list[Told]]]


async def _stretch(connection: AsyncConnection, question: Question, number: int, first: int) -> _Stretch:
    """Read the rights, the birthday and the circumstances of the media of a stretch, by place."""
    rights: dict[int, dict[Any, _Row]] = {}
    born: dict[int, date] = {}
    for index, born_on, right, position, ends_before, used, *values in await connection.execute(
        _rights(question, number, first)
    ):
        born[index] = born_on
        row = rights.setdefault(index, {}).get(right)
        if row is None:
            row = rights[index][right] = _Row(*values)
        if position is not None:
            row.counted.append((position, ends_before, used))
    standings: dict[int, list[Told]] = {}
    if question.service in question.catalogue.conditional:
        for index, subject, at_home, kind, value, ends in await connection.execute(_standings(question, number, first)):
            told = Told(subject, at_home, Standing(CircumstanceKind(kind), value, ends))
            standings.setdefault(index, []).append(told)
    return rights, born, standings


def _rights(question: Question, number: int, first: int) -> Select[Any]:
    """The statement that the ledger asks of a passage, for all media of a stretch."""
    day, e, c, b = question.day, entitlement.c, counter.c, beneficiary.c
    suspended = exists().where(
        circumstance.c.subject_id == e.subject_id,
        circumstance.c.kind == CircumstanceKind.SUSPENDED.value,
        circumstance.c.value == question.service,
        circumstance.c.valid_from <= day,
        circumstance.c.valid_until > day,
    )
    counted = and_(c.entitlement_id == e.id, c.ends_before > day, c.starts_on <= day)
    # Whoever left in a split shares the rights that were running that day, and no later one.
    spendable = and_(
        e.subject_id == b.subject_id,
        e.service_code == question.service,
        e.valid_until > day - LATELY,
        or_(not_(b.former), e.valid_from <= b.valid_from),
    )
    columns = (
        *(medium.c.status_index, holder.c.born_on, _raw(e.id), c.position, c.ends_before, c.used),
        *(_raw(e.product_id), e.valid_from, e.valid_until, _raw(e.subject_id)),
        or_(e.subject_id == b.holder_id, b.former).label("own"),
        suspended.label("suspended"),
    )
    media = medium.join(pass_, pass_.c.id == medium.c.pass_id).join(holder, holder.c.id == pass_.c.holder_id)
    return (
        select(*columns)
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
