"""One terminal: how it is and what to do next, what its server tells it, and which gates it serves."""

from datetime import datetime
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from admin.forms import Form, read
from admin.shell import Page, draw, go
from admin.terminals import PATH, WORDS
from admin.visits import Asked
from admin.words import language_of
from api.boards import Boards, doors_of, hours_of
from api.fleet import seen_by
from api.sessions import TerminalSessions
from domain import terminals
from domain.agents import Permission
from domain.errors import Conflict
from domain.errors.places import TerminalNotFound
from domain.places import local_day
from domain.ports import Clock
from domain.services import BY_CODE
from domain.terminals import ABILITIES, HEARTBEAT, Condition, condition_of
from store.database import Begin, Database

_READ = {"rule": Permission.TERMINAL_READ, "placed": True}
_MANAGE = {"rule": Permission.TERMINAL_MANAGE}


@get("/terminals/{terminal_id:uuid}", opt=_READ, include_in_schema=False)
async def show(
    *,
    request: Asked,
    terminal_id: FromPath[UUID],
    database: NamedDependency[Database],
    boards: NamedDependency[Boards],
    clock: NamedDependency[Clock],
) -> Page:
    """Show a terminal: its last word, what to do next, and what it is told."""
    return await _page(request, terminal_id, database, boards, now=clock(), form=Form())


@post("/terminals/{terminal_id:uuid}/gates", opt=_MANAGE, include_in_schema=False)
async def change_gates(
    *,
    request: Asked,
    terminal_id: FromPath[UUID],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    boards: NamedDependency[Boards],
    sessions: NamedDependency[TerminalSessions],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Show what would change of the gates that a terminal serves; then, asked again, change it."""
    form = await read(request)
    wanted = tuple(sorted(each.removeprefix("gate_") for each in form.typed if each.startswith("gate_")))
    if not wanted:
        form.refuse("gates", "no_gate")
    if not form.is_wrong and form.kept("deed") == "keep":
        try:
            async with begin() as unit:
                await terminals.give_gates(
                    unit, authority_id=request.user.authority_id, terminal_id=terminal_id, gate_codes=wanted
                )
        except Conflict:
            form.refuse("gates", "is_revoked")
        else:
            sessions.forget()
            return go(request, f"{PATH}/{terminal_id}", said=WORDS[language_of(request)]["gates_said"])
    status = 422 if form.is_wrong else 200
    return await _page(
        request, terminal_id, database, boards, now=clock(), form=form, wanted=wanted, status_code=status
    )


async def _page(
    request: Asked,
    terminal_id: UUID,
    database: Database,
    boards: Boards,
    *,
    now: datetime,
    form: Form,
    wanted: tuple[str, ...] = (),
    status_code: int = 200,
) -> Page:
    authority = request.auth.authority
    async with database.look() as unit:
        terminal = await unit.terminals.of(authority.id, terminal_id)
        if terminal.id not in {one.id for one in await seen_by(unit, request.user)}:
            raise TerminalNotFound("No terminal of a place of yours has this id.")
        last = (await unit.terminals.heartbeats(authority.id)).get(terminal_id)
        gates = await unit.terminals.gate_codes(terminal_id)
    async with database.read() as connection:
        catalogue = await boards.reference(connection)
    doors = doors_of(catalogue, authority)
    today = local_day(now, authority.zone)
    mine = [of_site for of_site in doors.values() if any(door.gate.code in gates for door in of_site)]
    names = {door.gate.code: door.gate.name for of_site in doors.values() for door in of_site}
    if not form.typed:
        form = Form({f"gate_{code}": "yes" for code in gates})
    condition = condition_of(terminal, last, now)
    return draw(
        request,
        "terminals/show.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        terminal=terminal,
        condition=condition,
        last=last,
        gates=gates,
        names=names,
        abilities=sorted(ABILITIES[terminal.profile]),
        heartbeat_seconds=int(HEARTBEAT.total_seconds()),
        told=[(one[0].site, hours_of(catalogue, one[0])(today)) for one in mine],
        policies={one[0].site.code: one[0].site.offline or BY_CODE[one[0].site.service_code].offline for one in mine},
        sites=[
            (one[0].site, sorted((door.gate for door in one), key=lambda gate: gate.code))
            for one in sorted(doors.values(), key=lambda each: each[0].site.code)
        ],
        added=[code for code in wanted if code not in gates],
        removed=[code for code in gates if code not in wanted] if wanted else [],
        previewed=bool(wanted) and not form.is_wrong,
        manages=request.user.may(Permission.TERMINAL_MANAGE) and condition is not Condition.REVOKED,
    )


ROUTES = (show, change_gates)
