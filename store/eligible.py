"""How many of the register could have a product today: by age, residence, quotient and status. It names nobody."""

from calendar import isleap
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.catalogue.contents import ProductContent
from domain.circumstances import CircumstanceKind
from domain.conditions import Conditions
from domain.people import Subject
from store.tables.people import beneficiary, circumstance, holder, household, organisation

_TABLES: dict[Subject, FromClause] = {
    Subject.PERSON: holder,
    Subject.HOUSEHOLD: household,
    Subject.ORGANISATION: organisation,
}


async def eligible(connection: AsyncConnection, authority_id: UUID, content: ProductContent, day: date) -> int:
    """Count those of whom the conditions of a product hold on a day, whether or not they have it.

    A home's circumstances are those of whoever lives there, as at a till. A household or an organisation is of an age
    where somebody in it is. Days, sites and loads are no question of who somebody is.
    """
    conditions, whose = content.terms.conditions, _TABLES[content.subject]
    asked = [whose.c.authority_id == authority_id, *_ages(conditions, content.subject, whose, day)]
    for kind, values in (
        (CircumstanceKind.COMMUNE, conditions.communes),
        (CircumstanceKind.QUOTIENT, conditions.bands),
        (CircumstanceKind.STATUS, conditions.statuses),
    ):
        if values:
            asked.append(_holds(content.subject, whose, (circumstance.c.kind == kind.value, _one_of(values)), day))
    found = await connection.execute(select(func.count()).select_from(whose).where(*asked))
    return int(found.scalar_one())


def _one_of(values: tuple[str, ...]) -> ColumnElement[bool]:
    return circumstance.c.value.in_(values)


def _ages(conditions: Conditions, subject: Subject, whose: FromClause, day: date) -> list[ColumnElement[bool]]:
    born = []
    if conditions.age_from is not None:
        born.append(holder.c.born_on <= _years_before(day, conditions.age_from))
    if conditions.age_below is not None:
        born.append(holder.c.born_on > _years_before(day, conditions.age_below))
    if subject is Subject.PERSON or not born:
        return born
    within = exists().where(beneficiary.c.subject_id == whose.c.id, *_now(beneficiary, day))
    return [within.where(holder.c.id == beneficiary.c.holder_id, *born)]


def _holds(
    subject: Subject, whose: FromClause, asked: tuple[ColumnElement[bool], ...], day: date
) -> ColumnElement[bool]:
    told = (*asked, *_now(circumstance, day))
    own = exists().where(circumstance.c.subject_id == whose.c.id, *told)
    if subject is not Subject.PERSON:
        return own
    at_home = and_(beneficiary.c.holder_id == whose.c.id, beneficiary.c.subject_id == household.c.id)
    lives = exists().where(at_home, *_now(beneficiary, day), circumstance.c.subject_id == household.c.id, *told)
    return or_(own, lives)


def _now(table: Any, day: date) -> tuple[ColumnElement[bool], ...]:  # noqa: ANN401 - a table with a period
    return table.c.valid_from <= day, table.c.valid_until > day


def _years_before(day: date, years: int) -> date:
    """Return the day on which those were born who are so old today; 29 February counts on 1 March elsewhere."""
    year = max(1, day.year - years)
    return date(year, 2, 28) if (day.month, day.day) == (2, 29) and not isleap(year) else day.replace(year=year)
