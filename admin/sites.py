"""Sites as those who work there see them: who is inside, what the gates have just said, what a person may do."""

from secrets import token_hex
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from litestar.response import ServerSentEvent

from admin.forms import Form, read
from admin.shell import Page, draw, go
from admin.site_acts import Actor, Told, cancelled, deposited, entered, number_of_passage
from admin.site_watch import SiteBoard, SiteWatch
from admin.strip import BASE, HEIGHT, WIDTH, strip
from admin.visits import Asked
from admin.words import language_of, read_words
from api.boards import Boards
from api.journalling import Note
from domain.access.reasons import COLOURS, REASONS
from domain.acts import Act
from domain.agents import Permission, Place
from domain.errors.passes import PassageNotFound
from domain.head_counts import COUNT_MOTIVES
from domain.motives import LETS_IN_FOR, MOTIVES, TAKES_BACK_FOR
from domain.places import Site
from domain.ports import Clock
from domain.waste import BY_CODE
from store.database import Database
from store.ledger import Lane
from store.site_board import passage_at

WORDS = read_words("sites")


def watch_of(request: Asked, boards: Boards) -> SiteWatch:
    """Keep one watch for the application, made with the first board that somebody opens."""
    state = request.app.state
    if "site_watch" not in state:
        state.site_watch = SiteWatch(state.database, boards, state.clock)
    watch: SiteWatch = state.site_watch
    return watch


async def actor_of(
    request: Asked,
    database: NamedDependency[Database],
    lane: NamedDependency[Lane],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Actor:
    """Gather what an act in the place of a gate is given."""
    return Actor(request.user, database, lane, clock(), note)


ACTOR = {"actor": Provide(actor_of)}


@get("/sites", opt={"rule": Permission.SITE_WATCH, "placed": True}, include_in_schema=False)
async def sites(request: Asked, boards: NamedDependency[Boards]) -> Page:
    """List the sites with who is inside; of a single one, lead to its board."""
    board = await boards.board(request.auth.authority.code)
    return draw(
        request,
        "sites/index.html",
        words=WORDS,
        sites=[one for one in board.lasting if _may(request, Permission.SITE_WATCH, one.site)],
    )


def _may(request: Asked, permission: Permission, site: Site) -> bool:
    return request.user.may(permission, at=Place(site.code, site.service_code))


@get("/sites/{site:str}", opt={"rule": Permission.SITE_WATCH}, include_in_schema=False)
async def board(request: Asked, site: FromPath[str], boards: NamedDependency[Boards]) -> Page:
    """Show a site's board."""
    return await _board(request, site, boards)


@get("/sites/{site:str}/now", opt={"rule": Permission.SITE_WATCH}, include_in_schema=False)
async def site_now(request: Asked, site: FromPath[str], boards: NamedDependency[Boards]) -> Page:
    """Draw the part of the board that moves, for the module that keeps it live."""
    seen = await watch_of(request, boards).see(request.auth.authority, site)
    return draw(request, "sites/now.html", words=WORDS, **_shown(request, seen))


@get("/sites/{site:str}/stream", opt={"rule": Permission.SITE_WATCH}, include_in_schema=False)
async def stream(request: Asked, site: FromPath[str], boards: NamedDependency[Boards]) -> ServerSentEvent:
    """Tell that there was a passage, the second it was."""
    watch = watch_of(request, boards)
    board = await watch.see(request.auth.authority, site)
    return ServerSentEvent(watch.follow(board.now.site.id), headers={"Cache-Control": "no-store"})


@post(
    "/sites/{site:str}/entries",
    opt={"rule": Permission.VALIDATION_OVERRIDE, "journal": Act.LET_IN},
    dependencies=ACTOR,
    include_in_schema=False,
)
async def enter(
    request: Asked, site: FromPath[str], boards: NamedDependency[Boards], actor: NamedDependency[Actor]
) -> Page | Response[None]:
    """Let somebody in on the agent's own account."""
    form = await read(request)
    told = await entered(actor, site, form)
    return _done(request, site, told) if told else await _board(request, site, boards, entry=form)


@post(
    "/sites/{site:str}/deposits",
    opt={"rule": Permission.VALIDATION_OVERRIDE, "journal": Act.DEPOSIT_TAKEN},
    dependencies=ACTOR,
    include_in_schema=False,
)
async def deposit(
    request: Asked, site: FromPath[str], boards: NamedDependency[Boards], actor: NamedDependency[Actor]
) -> Page | Response[None]:
    """Take what somebody brings, on the agent's own account."""
    form = await read(request)
    told = await deposited(actor, site, form)
    return _done(request, site, told) if told else await _board(request, site, boards, brought=form)


@get(
    "/sites/{site:str}/passages/{passage:str}",
    opt={"rule": Permission.VALIDATION_CANCEL, "journal": Act.PASSAGES_LISTED},
    include_in_schema=False,
)
async def shown_passage(
    request: Asked, site: FromPath[str], passage: FromPath[str], boards: NamedDependency[Boards]
) -> Page:
    """Show a passage at the site, of today or of a list of facts, to take it back."""
    return await _passage(request, site, passage, boards, Form())


@post(
    "/sites/{site:str}/passages/{passage:str}/cancel",
    opt={"rule": Permission.VALIDATION_CANCEL, "journal": Act.PASSAGE_CANCELLED},
    dependencies=ACTOR,
    include_in_schema=False,
)
async def cancel(
    *,
    request: Asked,
    site: FromPath[str],
    passage: FromPath[str],
    boards: NamedDependency[Boards],
    actor: NamedDependency[Actor],
) -> Page | Response[None]:
    """Take a passage back: what it counted is given back, in a passage of its own."""
    form = await read(request)
    told = await cancelled(actor, passage, form)
    if told is None:
        return await _passage(request, site, passage, boards, form, status_code=422)
    return _done(request, site, told)


def _done(request: Asked, site: str, told: Told) -> Response[None]:
    return go(request, f"/console/sites/{site}", said=told.said(language_of(request)))


async def _board(
    request: Asked, code: str, boards: Boards, *, entry: Form | None = None, brought: Form | None = None
) -> Page:
    """Draw the board; what was wrong with an entry or a deposit stands at that form, and not at the other."""
    board = await watch_of(request, boards).see(request.auth.authority, code)
    return draw(
        request,
        "sites/board.html",
        words=WORDS,
        status_code=422 if entry or brought else 200,
        entry=entry or Form(),
        brought=brought or Form(),
        key=token_hex(16),
        motives={motive: MOTIVES[motive] for motive in LETS_IN_FOR},
        kinds=[BY_CODE[kind] for kind in board.now.site.accepts],
        **_shown(request, board),
    )


async def _passage(
    request: Asked, code: str, passage: str, boards: Boards, form: Form, *, status_code: int = 200
) -> Page:
    board = await watch_of(request, boards).see(request.auth.authority, code)
    database: Database = request.app.state.database
    async with database.read() as connection:
        found = await passage_at(connection, board.now.site.id, number_of_passage(passage))
    if found is None:
        raise PassageNotFound("No passage of the site has this number.")
    return draw(
        request,
        "sites/passage.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        key=token_hex(16),
        passage=found,
        motives={motive: MOTIVES[motive] for motive in TAKES_BACK_FOR},
        reasons=REASONS,
        **_shown(request, board),
    )


def _shown(request: Asked, board: SiteBoard) -> dict[str, Any]:
    now = board.now
    return {
        "acts": _may(request, Permission.VALIDATION_OVERRIDE, now.site),
        "count_motives": COUNT_MOTIVES,
        "zone_names": {one.zone.id: one.zone.name for one in board.zones if one.zone.capacity is not None},
        "board": board,
        "now": now,
        "hours": strip(board.so_far, now.usual, now.at.hour),
        "drawing": {"width": WIDTH, "base": BASE, "height": HEIGHT},
        "meanings": REASONS,
        "colours": COLOURS,
        "motive_names": MOTIVES,
        "gate_names": {gate.code: gate.name for gate in board.gates},
        "waste": [(BY_CODE[kind], amount / 1000) for kind, amount in sorted(board.waste.items()) if kind in BY_CODE],
    }


ROUTES = (sites, board, site_now, stream, enter, deposit, shown_passage, cancel)
