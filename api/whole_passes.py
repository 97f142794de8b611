"""What was stopped for a time is put back in use: a medium, or a pass with all its media; and a pass is stopped so."""

from typing import Any, Literal

from litestar import Request, Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from api.agents import MediumView, PassView, medium_id_of, medium_view, number_of, pass_view
from api.journalling import Note
from domain import passes
from domain.acts import Act
from domain.agents import Agent, Permission
from domain.passes import PassStatus, change_status
from domain.ports import Clock
from store.database import Begin

Caller = Request[Agent, Any, Any]


class PassSuspensionRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Why the pass is stopped for a time: something is to be looked at, whoever has it asks, or it was misused."""

    reason: Literal["in_doubt", "holder_asked", "misuse"]


@post(
    "/passes/{number:str}/media/{medium:str}/resumption",
    status_code=200,
    opt={"rule": Permission.MEDIUM_BLOCK, "journal": Act.MEDIUM_RESUMED},
    summary="Put a suspended medium back in use",
    tags=["Passes"],
)
async def resume_medium(
    request: Caller,
    number: FromPath[str],
    medium: FromPath[str],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> MediumView:
    """Put a medium back in use that was suspended, as long as its own time is not over.

    One that was reported lost or stolen stays stopped: it is replaced, so that nobody has to trust it again.
    """
    async with begin() as unit:
        pass_ = await unit.passes.by_number(request.user.authority_id, number_of(number))
        back = await passes.resume(unit, pass_, medium_id_of(medium), now=clock(), by=request.user.id)
        return medium_view(back)


@post(
    "/passes/{number:str}/suspension",
    status_code=200,
    opt={"rule": Permission.PASS_ISSUE, "journal": Act.PASS_SUSPENDED},
    summary="Stop a pass for a time",
    tags=["Passes"],
)
async def suspend(
    *,
    request: Caller,
    number: FromPath[str],
    data: JSONBody[PassSuspensionRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> PassView:
    """Stop a pass with all its media. Rights hang on the holder, and stay."""
    note.because(data.reason)
    return await _moved(request, number, PassStatus.SUSPENDED, begin, clock)


@post(
    "/passes/{number:str}/resumption",
    status_code=200,
    opt={"rule": Permission.PASS_ISSUE, "journal": Act.PASS_RESUMED},
    summary="Put a suspended pass back in use",
    tags=["Passes"],
)
async def resume(
    request: Caller, number: FromPath[str], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> PassView:
    """Put a pass back in use that was suspended. Its media are what they were: those that are stopped stay so."""
    return await _moved(request, number, PassStatus.ACTIVE, begin, clock)


async def _moved(request: Caller, number: str, to: PassStatus, begin: Begin, clock: Clock) -> PassView:
    authority_id = request.user.authority_id
    async with begin() as unit:
        pass_ = await unit.passes.by_number(authority_id, number_of(number))
        # Read again under the lock that a desk takes too: of two agents one is told that it has changed.
        await unit.people.hold(authority_id, pass_.holder_id)
        changed = await change_status(
            unit, await unit.passes.by_number(authority_id, pass_.number), to, now=clock(), by=request.user.id
        )
        media = await unit.passes.media(changed.id)
        holder = await unit.people.holder_by_id(authority_id, changed.holder_id)
    return pass_view(changed, f"{holder.first_name} {holder.last_name}", media)


ROUTER = Router(path="/v1", route_handlers=[resume_medium, suspend, resume])
