"""Who joins a household or an organisation at the desk, and who leaves it: the same for both."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from api.days import Reference, check_day, end_of, named, today
from api.subjects import MemberView, member_view
from domain import people
from domain.ports import Unit


class MemberRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Who joins, and when: from today on and without an end, unless days are given."""

    holder: Reference
    valid_from: date | None = None
    valid_until: date | None = None


class DayRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """From which day on: today, unless given."""

    on: date | None = None


async def join(unit: Unit, authority_id: UUID, subject_id: UUID, asked: MemberRequest, *, now: datetime) -> MemberView:
    """Let a holder spend what belongs to a household or an organisation.

    Raises:
        Invalid: a day lies too far away.
        HolderNotFound: the authority has nobody of this reference.
        OverlappingMembership: they are a member on some of these days already.
    """
    check_day(asked.valid_from)
    since = asked.valid_from or await today(unit, authority_id, now)
    holder = await unit.people.holder(authority_id, asked.holder)
    joined = await people.join(unit, holder, subject_id, since=since, until=end_of(asked.valid_until))
    return member_view(holder, joined)


async def leave(
    unit: Unit, authority_id: UUID, subject_id: UUID, holder: str, asked: DayRequest, *, now: datetime
) -> None:
    """End what a holder may spend of it, from a day on.

    Raises:
        Invalid: the day lies too far away.
        HolderNotFound, MembershipNotFound: there is nobody of this reference, or they are no member then.
    """
    check_day(asked.on)
    day = asked.on or await today(unit, authority_id, now)
    leaver = await unit.people.holder(authority_id, named(holder))
    await people.leave(unit, leaver, subject_id, on=day)
