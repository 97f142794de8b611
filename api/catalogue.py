"""The catalogue for agents and their programs: what is in force, and modifications of it."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from adapters.catalogue_drafts import draft_file
from adapters.catalogue_text import written
from api.days import Caller
from api.settings import Settings
from domain.access.reasons import Reason
from domain.agents import Agent, Permission
from domain.catalogue import changes
from domain.catalogue.changes import Modification, Stage
from domain.catalogue.contents import Content, kind_of
from domain.catalogue.differences import lines
from domain.catalogue.effects import shown
from domain.catalogue.reach import check_reach
from domain.errors.places import SiteNotFound
from domain.errors.products import ProductNotFound
from domain.ports import Clock, Unit
from domain.text import Text
from store.database import Begin, Database
from store.effects import preview
from store.modifications import HIGHEST

PLACED: dict[str, Any] = {"rule": Permission.CATALOGUE_MANAGE, "placed": True}
TAG = ["Catalogue"]
PAGE = 50

LONGEST_TEXT = 60_000
Why = Annotated[str, Meta(min_length=1, max_length=400, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")]


class SaidLine(Struct, frozen=True):
    """One thing that a product or a site says, in words. `key` names it within what says it."""

    key: str
    what: Text
    said: Text


class OfferedView(Struct, frozen=True):
    """What a product or a site says: in words, and as the text of a catalogue file."""

    kind: str
    code: str
    service: str
    name: Text
    lines: tuple[SaidLine, ...]
    text: str


class DraftRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A modification: why, and a catalogue file (TOML) with all that is to be said by the products and sites in it."""

    reason: Why
    text: Annotated[str, Meta(min_length=1, max_length=LONGEST_TEXT)]


class ActivationRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """When a modification comes into force: now, unless `at` lies in the future."""

    at: Annotated[datetime, Meta(tz=True)] | None = None


class UndoRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Why what a modification changed is to be as it was."""

    reason: Why


class DifferingLine(Struct, frozen=True):
    """A line that is not what it was; null where it was not, or will not be."""

    code: str
    key: str
    what: Text
    before: Text | None
    after: Text | None


class ModificationView(Struct, frozen=True, rename="camel"):
    """A modification and how far it has come. `settled_at` is when it came into force, was withdrawn or held back."""

    number: int
    state: Stage
    reason: str
    drafted_at: datetime
    takes_effect_at: datetime | None
    settled_at: datetime | None
    undoes: int | None
    codes: tuple[str, ...]


class EffectView(Struct, frozen=True, rename="camel"):
    """Whom a change affects; null stands for a count too small to be shown, or that makes no sense here.

    `holders` have the right today, `spent_before` and `spent_after` say for how many a quota is used up. `eligible`
    could have a product that is new, or for other people than before.
    """

    code: str
    holders: int | None
    spent_before: int | None
    spent_after: int | None
    days: int | None
    sessions: int | None
    eligible: int | None


class PreviewView(Struct, frozen=True, rename="camel"):
    """What differs, whom it affects, and what the gates would have said to the passages since `since`.

    `refused` counts by reason who would not be let in any more; null stands for a count too small to be shown.
    `moved` names what somebody else has changed since the modification was written.
    """

    differences: tuple[DifferingLine, ...]
    effects: tuple[EffectView, ...]
    since: datetime
    passages: int | None
    refused: dict[Reason, int | None]
    let_in: int | None
    moved: tuple[str, ...]


@get("/products/{code:str}", opt=PLACED, summary="Read a product", tags=TAG)
async def product(request: Caller, code: FromPath[str], database: NamedDependency[Database]) -> OfferedView:
    """Read what a product says: in words, and as a text that can be sent back as a modification."""
    async with database.look() as unit:
        content = await unit.modifications.in_force(request.user.authority_id, "product", code)
    if content is None:
        raise ProductNotFound(f"No product has the code {code}.")
    return _entry(content)


@get("/sites/{site:str}", opt=PLACED, summary="Read a site's calendar and zones", tags=TAG)
async def site(request: Caller, site: FromPath[str], database: NamedDependency[Database]) -> OfferedView:
    """Read what a site says: in words, and as a text that can be sent back as a modification."""
    async with database.look() as unit:
        content = await unit.modifications.in_force(request.user.authority_id, "site", site)
    if content is None:
        raise SiteNotFound(f"No site has the code {site}.")
    return _entry(content)


@get("/modifications", opt=PLACED, summary="List modifications", tags=TAG)
async def listed(
    request: Caller,
    database: NamedDependency[Database],
    below: Annotated[int | None, QueryParameter(ge=1, le=HIGHEST)] = None,
) -> list[ModificationView]:
    """List the authority's modifications, the newest first: at most fifty, with smaller numbers than `below`."""
    async with database.look() as unit:
        found = await unit.modifications.listed(request.user.authority_id, list(Stage), below=below, most=PAGE)
        return [await _view(unit, one) for one in found]


@post("/modifications", opt=PLACED, summary="Draft a modification", tags=TAG)
async def draft(
    request: Caller, data: JSONBody[DraftRequest], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> ModificationView:
    """Draft what a catalogue file says. Nothing is in force before it is activated."""
    async with begin() as unit:
        new = await draft_file(unit, request.user, text=data.text, reason=data.reason, now=clock())
        return await _view(unit, new)


@get("/modifications/{modification:int}", opt=PLACED, summary="Read a modification", tags=TAG)
async def modification(
    request: Caller, modification: FromPath[int], database: NamedDependency[Database]
) -> ModificationView:
    """Read how far a modification has come."""
    async with database.look() as unit:
        return await _view(unit, await unit.modifications.one(request.user.authority_id, modification))


@get("/modifications/{modification:int}/preview", opt=PLACED, summary="Preview a modification", tags=TAG)
async def previewed(
    *,
    request: Caller,
    modification: FromPath[int],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
) -> PreviewView:
    """Say what a modification changes and whom it affects; recent passages are decided once more."""
    async with database.look() as unit:
        found = await unit.modifications.one(request.user.authority_id, modification)
        drafted = await unit.modifications.changes(found.id)
        moved = await changes.moved(unit, found) if found.state in changes.OPEN else []
    seen = await preview(database, found.authority_id, drafted, now=clock(), at=found.takes_effect_at)
    least, replayed = settings.figures_threshold, seen.replayed
    return PreviewView(
        differences=tuple(
            DifferingLine(effect.change.after.code, one.key, one.what, one.before, one.after)
            for effect in seen.effects
            for one in effect.differences
        ),
        effects=tuple(
            EffectView(
                code=effect.change.after.code,
                holders=shown(effect.holders, least) if effect.days is None else None,
                spent_before=shown(max((one.spent_before for one in effect.quotas), default=0), least),
                spent_after=shown(max((one.spent_after for one in effect.quotas), default=0), least),
                days=effect.days.days if effect.days else None,
                sessions=effect.days.sessions if effect.days else None,
                eligible=shown(effect.eligible, least) if effect.eligible is not None else None,
            )
            for effect in seen.effects
        ),
        since=seen.since,
        passages=shown(replayed.passages, least) if replayed else None,
        refused={reason: shown(count, least) for reason, count in replayed.refused.items()} if replayed else {},
        let_in=shown(replayed.let_in, least) if replayed else None,
        moved=tuple(change.after.code for change, _ in moved),
    )


@post("/modifications/{modification:int}/activation", opt=PLACED, status_code=200, summary="Activate", tags=TAG)
async def activate(
    request: Caller,
    modification: FromPath[int],
    data: JSONBody[ActivationRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> ModificationView:
    """Put a draft in force, now or at its time."""
    async with begin() as unit:
        held = await _held(unit, request.user, modification)
        done = await changes.activate(unit, held, agent_id=request.user.id, now=clock(), at=data.at)
        return await _view(unit, done)


@post("/modifications/{modification:int}/withdrawal", opt=PLACED, status_code=200, summary="Withdraw", tags=TAG)
async def withdraw(
    request: Caller, modification: FromPath[int], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> ModificationView:
    """Give up a modification that is not in force."""
    async with begin() as unit:
        held = await _held(unit, request.user, modification)
        return await _view(unit, await changes.withdraw(unit, held, agent_id=request.user.id, now=clock()))


@post("/modifications/{modification:int}/take-up", opt=PLACED, status_code=200, summary="Take up the present", tags=TAG)
async def take_up(request: Caller, modification: FromPath[int], begin: NamedDependency[Begin]) -> ModificationView:
    """Write a draft anew on what is in force by now. Where both had changed the same thing, the draft's word stays."""
    async with begin() as unit:
        held = await _held(unit, request.user, modification)
        await changes.take_up(unit, held)
        return await _view(unit, await unit.modifications.one(held.authority_id, modification))


@post("/modifications/{modification:int}/undo", opt=PLACED, summary="Draft the way back", tags=TAG)
async def undo(
    request: Caller,
    modification: FromPath[int],
    data: JSONBody[UndoRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> ModificationView:
    """Draft what brings back what was before a modification. What has changed since stays as it is."""
    async with begin() as unit:
        held = await _held(unit, request.user, modification)
        return await _view(
            unit, await changes.undo(unit, held, agent_id=request.user.id, reason=data.reason, now=clock())
        )


async def _held(unit: Unit, agent: Agent, number: int) -> Modification:
    held = await unit.modifications.hold(agent.authority_id, number)
    check_reach(agent, await unit.modifications.changes(held.id))
    return held


async def _view(unit: Unit, one: Modification) -> ModificationView:
    found = await unit.modifications.changes(one.id)
    return ModificationView(
        number=one.number,
        state=one.state,
        reason=one.reason,
        drafted_at=one.drafted_at,
        takes_effect_at=one.takes_effect_at,
        settled_at=one.settled_at,
        undoes=one.undoes,
        codes=tuple(change.after.code for change in found),
    )


def _entry(content: Content) -> OfferedView:
    return OfferedView(
        kind=kind_of(content),
        code=content.code,
        service=content.service_code,
        name=content.name,
        lines=tuple(SaidLine(line.key, line.what, line.said) for line in lines(content)),
        text=written(content),
    )


ROUTER = Router(
    path="/v1/catalogue",
    route_handlers=[product, site, listed, draft, modification, previewed, activate, withdraw, take_up, undo],
)
