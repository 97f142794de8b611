"""What becomes of a medium: it is replaced, and every change of it is on record with its moment and its agent."""

from datetime import date, datetime
from typing import Any

from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Struct

from api.agents import MEDIUM_LIFE, medium_id_of, number_of
from api.cards import MediumDetail, described
from api.journalling import Note
from api.offline import days_of
from domain.acts import Act
from domain.agents import Agent, Permission
from domain.passes import MediumStatus, medium_of
from domain.places import local_day, midnight
from domain.ports import Clock
from domain.replacements import ReplacementReason, replace_medium
from store import media
from store.database import Begin, Database

Caller = Request[Agent, Any, Any]


class ReplacementRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Why a medium is replaced, where that is not plain from what it was stopped for: a theft that was reported, say.

    The price depends on it.
    """

    reason: ReplacementReason | None = None


class ReplacedView(Struct, frozen=True, rename="camel"):
    """The new medium, and what the authority's price list asks for it: `feeCents`, for this reason."""

    medium: MediumDetail
    reason: ReplacementReason
    fee_cents: int


class DueView(Struct, frozen=True, rename="camel"):
    """What is due for one medium that took the place of another."""

    pass_number: str
    reason: ReplacementReason
    fee_cents: int
    replaced_at: datetime


class MediumChangeView(Struct, frozen=True, rename="camel"):
    """One change of a medium: what it `was` until then. `agent` is a login; null: its holder or a command did it."""

    was: MediumStatus
    changed_at: datetime
    agent: str | None


@post(
    "/passes/{number:str}/media/{medium:str}/replacement",
    opt={"rule": Permission.PASS_ISSUE, "journal": Act.MEDIUM_REPLACED},
    summary="Replace a medium",
    tags=["Passes"],
)
async def replace(
    *,
    request: Caller,
    number: FromPath[str],
    medium: FromPath[str],
    data: JSONBody[ReplacementRequest],
    begin: NamedDependency[Begin],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> ReplacedView:
    """Put a new medium of the same kind, active at once, in the place of one that was stopped or is over.

    Rights and what remains of them stay. What is due is on record, once: a medium is replaced once.
    """
    now = clock()
    async with begin() as unit:
        pass_ = await unit.passes.by_number(request.user.authority_id, number_of(number))
        replaced = await replace_medium(
            unit,
            pass_,
            medium_id_of(medium),
            expires_at=now + MEDIUM_LIFE,
            now=now,
            reason=data.reason,
            by=request.user.id,
        )
        note.because(replaced.replacement.reason)
    due = replaced.replacement
    return ReplacedView(await described(database, replaced.medium), due.reason, due.fee_cents)


@get(
    "/replacements",
    opt={"rule": Permission.FEE_READ, "journal": Act.DUES_LISTED},
    summary="List what is due for media",
    tags=["Passes"],
)
async def list_dues(
    request: Caller,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    first: FromQuery[date | None] = None,
    until: FromQuery[date | None] = None,
) -> list[DueView]:
    """List what is due for media that were replaced in these days, oldest first: the last thirty days, unless given.

    Residents are named by their pass. Whether they paid stands in the books of whoever collects it.
    """
    async with database.look() as unit:
        authority = await unit.places.authority_by_id(request.user.authority_id)
        since, before = days_of((first, until), local_day(clock(), authority.zone))
        found = await unit.replacements.due(
            authority.id, midnight(since, authority.zone), midnight(before, authority.zone)
        )
    return [DueView(number, one.reason, one.fee_cents, one.replaced_at) for number, one in found]


@get(
    "/passes/{number:str}/media/{medium:str}/changes",
    opt={"rule": Permission.PASS_READ, "journal": Act.MEDIUM_HISTORY_SHOWN},
    summary="List the changes of a medium",
    tags=["Passes"],
)
async def list_changes(
    request: Caller, number: FromPath[str], medium: FromPath[str], database: NamedDependency[Database]
) -> list[MediumChangeView]:
    """List what a medium was before, until when, and which agent changed it, oldest first."""
    medium_id = medium_id_of(medium)
    async with database.look() as unit:
        pass_ = await unit.passes.by_number(request.user.authority_id, number_of(number))
        await medium_of(unit, pass_, medium_id)
    async with database.read() as connection:
        found = await media.changes_told(connection, medium_id)
    return [MediumChangeView(change.was, change.changed_at, login) for change, login in found]


ROUTER = Router(path="/v1", route_handlers=[replace, list_dues, list_changes])
