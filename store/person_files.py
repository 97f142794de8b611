"""Somebody's file, read in few questions: each is one named query over everything that the page shows of its kind."""

from collections import defaultdict
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Date, Uuid, and_, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account_links import LinkKind
from domain.cards import CardTechnology
from domain.circumstances import Circumstance, CircumstanceKind
from domain.guardians import GuardianKind
from domain.organisations import Organisation
from domain.passes import MediumKind, MediumStatus, Pass
from domain.people import Holder
from domain.products import Entitlement
from store.people import SqlPeople
from store.rows import to_struct
from store.tables.accounts import resident_contact, resident_link
from store.tables.passes import card, medium, pass_
from store.tables.people import beneficiary, circumstance, guardianship, household, organisation
from store.tables.people import holder as person
from store.tables.places import commune
from store.tables.products import entitlement
from store.tables.temporary_passes import temporary_pass


class MediumOfPass(Struct, frozen=True):
    """A medium of one of somebody's passes. `technology`: what the chip of a card can prove."""

    id: int
    pass_id: UUID
    kind: MediumKind
    status: MediumStatus
    expires_at: datetime
    created_at: datetime
    technology: CardTechnology | None


class Stay(Struct, frozen=True):
    """When somebody belonged to a household. `former`: they left it in a split, and share what was running."""

    household_id: UUID
    reference: str
    valid_from: date
    valid_until: date
    former: bool


class Member(Struct, frozen=True):
    """Somebody of a household."""

    household_id: UUID
    reference: str
    first_name: str
    last_name: str
    former: bool


class Acting(Struct, frozen=True):
    """A mandate, with the name of the other person. `is_guardian`: they act for the file's holder."""

    reference: str
    first_name: str
    last_name: str
    kind: GuardianKind
    is_guardian: bool


# Put together once: every file asks these.
_AUTHORITY, _HOLDER, _DAY = (
    bindparam("authority", type_=Uuid),
    bindparam("holder", type_=Uuid),
    bindparam("day", type_=Date),
)
_HOUSEHOLDS = bindparam("households", type_=Uuid, expanding=True)
_ACTS_FOR_ME = guardianship.c.ward_id == _HOLDER
_PASSES = (
    select(pass_, temporary_pass.c.pass_id.is_not(None).label("temporary"))
    .outerjoin(temporary_pass, temporary_pass.c.pass_id == pass_.c.id)
    .where(pass_.c.authority_id == _AUTHORITY, pass_.c.holder_id == _HOLDER)
    .order_by(pass_.c.created_at.desc(), pass_.c.id)
)
_MEDIA = (
    select(
        *(medium.c[name] for name in ("id", "pass_id", "kind", "status", "expires_at", "created_at")), card.c.technology
    )
    .join(pass_, pass_.c.id == medium.c.pass_id)
    .outerjoin(card, card.c.medium_id == medium.c.id)
    .where(pass_.c.authority_id == _AUTHORITY, pass_.c.holder_id == _HOLDER)
    .order_by(medium.c.created_at, medium.c.id)
)
_STAYS = (
    select(
        household.c.id.label("household_id"),
        household.c.reference,
        beneficiary.c.valid_from,
        beneficiary.c.valid_until,
        beneficiary.c.former,
    )
    .join(beneficiary, beneficiary.c.subject_id == household.c.id)
    .where(household.c.authority_id == _AUTHORITY, beneficiary.c.holder_id == _HOLDER)
    .order_by(beneficiary.c.valid_from.desc(), household.c.reference)
)
_MEMBERS = (
    select(
        beneficiary.c.subject_id.label("household_id"),
        person.c.reference,
        person.c.first_name,
        person.c.last_name,
        beneficiary.c.former,
    )
    .join(person, person.c.id == beneficiary.c.holder_id)
    .where(
        person.c.authority_id == _AUTHORITY,
        beneficiary.c.subject_id.in_(_HOUSEHOLDS),
        beneficiary.c.valid_until > _DAY,
    )
    .order_by(person.c.last_name, person.c.first_name, person.c.id, beneficiary.c.valid_from)
)
_ORGANISATIONS = (
    select(organisation)
    .join(beneficiary, beneficiary.c.subject_id == organisation.c.id)
    .where(
        organisation.c.authority_id == _AUTHORITY,
        beneficiary.c.holder_id == _HOLDER,
        beneficiary.c.valid_from <= _DAY,
        beneficiary.c.valid_until > _DAY,
    )
    .order_by(organisation.c.reference)
)
_CIRCUMSTANCES = (
    select(circumstance, commune.c.name.label("commune"))
    .outerjoin(
        commune,
        and_(
            circumstance.c.kind == CircumstanceKind.COMMUNE,
            commune.c.authority_id == circumstance.c.authority_id,
            commune.c.code == circumstance.c.value,
        ),
    )
    .where(
        circumstance.c.authority_id == _AUTHORITY,
        circumstance.c.subject_id == _HOLDER,
        circumstance.c.valid_until > _DAY,
    )
    .order_by(circumstance.c.valid_from, circumstance.c.value)
)
_ACTING = (
    select(
        person.c.reference,
        person.c.first_name,
        person.c.last_name,
        guardianship.c.kind,
        _ACTS_FOR_ME.label("is_guardian"),
    )
    .join(
        guardianship,
        or_(
            and_(_ACTS_FOR_ME, person.c.id == guardianship.c.guardian_id),
            and_(guardianship.c.guardian_id == _HOLDER, person.c.id == guardianship.c.ward_id),
        ),
    )
    .where(
        guardianship.c.authority_id == _AUTHORITY,
        or_(_ACTS_FOR_ME, guardianship.c.guardian_id == _HOLDER),
        guardianship.c.valid_from <= _DAY,
        guardianship.c.valid_until > _DAY,
    )
    .order_by(person.c.last_name, person.c.first_name, person.c.id)
)
_RIGHTS = (
    select(entitlement)
    .join(beneficiary, beneficiary.c.subject_id == entitlement.c.subject_id)
    .where(
        entitlement.c.authority_id == _AUTHORITY,
        entitlement.c.valid_until > _DAY,
        beneficiary.c.holder_id == _HOLDER,
        beneficiary.c.valid_from <= _DAY,
        beneficiary.c.valid_until > _DAY,
        or_(~beneficiary.c.former, entitlement.c.valid_from <= beneficiary.c.valid_from),
    )
    .order_by(entitlement.c.valid_from, entitlement.c.id)
)


async def holder(connection: AsyncConnection, authority_id: UUID, reference: str) -> Holder:
    """Find somebody by the authority's own reference.

    Raises:
        HolderNotFound: the authority has nobody of this reference.
    """
    return await SqlPeople(connection).holder(authority_id, reference)


async def passes_of(connection: AsyncConnection, whose: Holder) -> list[tuple[Pass, bool]]:
    """List somebody's passes, the newest first, and whether each was given with a request, until that is decided."""
    found = await connection.execute(_PASSES, {"authority": whose.authority_id, "holder": whose.id})
    return [(to_struct(row, Pass), row["temporary"]) for row in found.mappings()]


async def media_of(connection: AsyncConnection, whose: Holder) -> dict[UUID, list[MediumOfPass]]:
    """List the media of all somebody's passes, by pass, oldest first."""
    found = await connection.execute(_MEDIA, {"authority": whose.authority_id, "holder": whose.id})
    media: defaultdict[UUID, list[MediumOfPass]] = defaultdict(list)
    for row in found.mappings():
        media[row["pass_id"]].append(to_struct(row, MediumOfPass))
    return media


async def stays_of(connection: AsyncConnection, whose: Holder) -> list[Stay]:
    """List the households that somebody belonged to, belongs to or will, the newest first."""
    found = await connection.execute(_STAYS, {"authority": whose.authority_id, "holder": whose.id})
    return [to_struct(row, Stay) for row in found.mappings()]


async def members_of(
    connection: AsyncConnection, authority_id: UUID, household_ids: list[UUID], day: date
) -> dict[UUID, list[Member]]:
    """List who belongs to these households on a day or will, by household and name."""
    if not household_ids:
        return {}
    found = await connection.execute(_MEMBERS, {"authority": authority_id, "day": day, "households": household_ids})
    members: defaultdict[UUID, list[Member]] = defaultdict(list)
    for row in found.mappings():
        members[row["household_id"]].append(to_struct(row, Member))
    return members


async def organisations_of(connection: AsyncConnection, whose: Holder, day: date) -> list[Organisation]:
    """List the organisations that somebody belongs to on a day, by reference."""
    found = await connection.execute(_ORGANISATIONS, {"authority": whose.authority_id, "holder": whose.id, "day": day})
    return [to_struct(row, Organisation) for row in found.mappings()]


async def circumstances_of(
    connection: AsyncConnection, whose: Holder, day: date
) -> list[tuple[Circumstance, str | None]]:
    """List what holds of somebody on a day or will, in order; of a commune with its name, where that is known."""
    found = await connection.execute(_CIRCUMSTANCES, {"authority": whose.authority_id, "holder": whose.id, "day": day})
    return [(to_struct(row, Circumstance), row["commune"]) for row in found.mappings()]


async def unreachable_since(connection: AsyncConnection, whose: Holder) -> datetime | None:
    """Tell since when an address of somebody's own account is not written to; None while all are, or there is none."""
    asked = (
        select(func.min(resident_contact.c.unreachable_at, type_=resident_contact.c.unreachable_at.type))
        .join(resident_link, resident_link.c.account_id == resident_contact.c.account_id)
        .where(resident_link.c.holder_id == whose.id, resident_link.c.kind == LinkKind.OWN)
    )
    since: datetime | None = (await connection.execute(asked)).scalar_one()
    return since


async def acting_of(connection: AsyncConnection, whose: Holder, day: date) -> list[Acting]:
    """List who acts for somebody on a day, and for whom they act, by name."""
    found = await connection.execute(_ACTING, {"authority": whose.authority_id, "holder": whose.id, "day": day})
    return [to_struct(row, Acting) for row in found.mappings()]


async def rights_of(connection: AsyncConnection, whose: Holder, day: date) -> list[Entitlement]:
    """List the rights that somebody may spend on a day or later, as `domain.households.rights_of` does."""
    found = await connection.execute(_RIGHTS, {"authority": whose.authority_id, "holder": whose.id, "day": day})
    return list({right.id: right for right in (to_struct(row, Entitlement) for row in found.mappings())}.values())
