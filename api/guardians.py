"""Who acts for whom: appointed, ended and listed at the desk."""

from datetime import date

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from api.days import Caller, Reference, check_day, end_of, named, shown_end, today
from api.memberships import DayRequest
from domain import guardians
from domain.acts import Act
from domain.agents import Permission
from domain.guardians import GuardianKind, Guardianship
from domain.people import Holder
from domain.ports import Clock, Unit
from store.database import Begin, Database


class GuardianRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Who acts for the ward, by what right and when: from today on and as long as it may, unless days are given."""

    guardian: Reference
    kind: GuardianKind
    valid_from: date | None = None
    valid_until: date | None = None


class GuardianView(Struct, frozen=True, rename="camel"):
    """Who acts for whom; `validUntil` is null where no end is known."""

    ward: str
    ward_name: str
    guardian: str
    guardian_name: str
    kind: GuardianKind
    valid_from: date
    valid_until: date | None


class GuardiansView(Struct, frozen=True):
    """Who acts for a holder today, and for whom they act."""

    guardians: list[GuardianView]
    wards: list[GuardianView]


@get(
    "/holders/{holder:str}/guardians",
    opt={"rule": Permission.PERSON_MANAGE, "journal": Act.GUARDIANS_LISTED},
    summary="List guardians and wards",
    tags=["People"],
)
async def list_guardians(
    request: Caller, holder: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> GuardiansView:
    """List who acts for a holder today, and for whom they act."""
    async with database.look() as unit:
        day = await today(unit, request.user.authority_id, clock())
        found = await unit.people.holder(request.user.authority_id, named(holder))
        return GuardiansView(
            guardians=[await _view(unit, one) for one in await unit.people.guardians_of(found.id, day)],
            wards=[await _view(unit, one) for one in await unit.people.wards_of(found.id, day)],
        )


@post(
    "/holders/{holder:str}/guardians",
    opt={"rule": Permission.PERSON_MANAGE, "journal": Act.GUARDIAN_APPOINTED},
    summary="Appoint a guardian",
    tags=["People"],
)
async def appoint(
    *,
    request: Caller,
    holder: FromPath[str],
    data: JSONBody[GuardianRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> GuardianView:
    """Let one person, who is of age, act for another. A parent does until the ward comes of age, a tutor until the end.

    A retry is answered `overlapping-guardianship` (409).
    """
    check_day(data.valid_from)
    async with begin() as unit:
        since = data.valid_from or await today(unit, request.user.authority_id, clock())
        made = await guardians.appoint_guardian(
            unit,
            ward=await unit.people.holder(request.user.authority_id, named(holder)),
            guardian=await unit.people.holder(request.user.authority_id, data.guardian),
            kind=data.kind,
            since=since,
            until=end_of(data.valid_until),
        )
        return await _view(unit, made)


@post(
    "/holders/{holder:str}/guardians/{guardian:str}/end",
    status_code=204,
    opt={"rule": Permission.PERSON_MANAGE, "journal": Act.GUARDIANSHIP_ENDED},
    summary="End a guardianship",
    tags=["People"],
)
async def end(
    *,
    request: Caller,
    holder: FromPath[str],
    guardian: FromPath[str],
    data: JSONBody[DayRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> None:
    """End what a guardian may do for the holder, from a day on."""
    check_day(data.on)
    async with begin() as unit:
        day = data.on or await today(unit, request.user.authority_id, clock())
        await guardians.end_guardianship(
            unit,
            ward=await unit.people.holder(request.user.authority_id, named(holder)),
            guardian=await unit.people.holder(request.user.authority_id, named(guardian)),
            on=day,
        )


async def _view(unit: Unit, one: Guardianship) -> GuardianView:
    ward = await unit.people.holder_by_id(one.authority_id, one.ward_id)
    guardian = await unit.people.holder_by_id(one.authority_id, one.guardian_id)
    return GuardianView(
        ward=ward.reference,
        ward_name=_name(ward),
        guardian=guardian.reference,
        guardian_name=_name(guardian),
        kind=one.kind,
        valid_from=one.valid_from,
        valid_until=shown_end(one.valid_until),
    )


def _name(holder: Holder) -> str:
    return f"{holder.first_name} {holder.last_name}"


ROUTER = Router(path="/v1", route_handlers=[list_guardians, appoint, end])
