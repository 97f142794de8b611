"""What the gates of a site do without network: seen before it is changed, with the terminals that it concerns."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from admin.forms import Form, read
from admin.shell import Page, draw, go
from admin.terminals import PATH, WORDS
from admin.visits import Asked
from admin.words import language_of
from api.boards import Boards, doors_of
from domain.agents import Permission
from domain.errors.places import SiteNotFound
from domain.offline_policy import Fail, OfflinePolicy
from domain.places import Doorway, trust_gates
from domain.services import BY_CODE
from domain.terminals import TerminalStatus
from store.database import Begin, Database

_AGES = ("fresh", "stale", "strict")
_MOST_ENTRIES = 50
_MOST_HOURS = 24 * 14


@get("/terminals/alone/{site:str}", opt={"rule": Permission.TERMINAL_READ}, include_in_schema=False)
async def show(
    request: Asked, site: FromPath[str], database: NamedDependency[Database], boards: NamedDependency[Boards]
) -> Page:
    """Show what the gates of a site do without network."""
    doors = await _doors(request, database, boards, site)
    return await _page(request, database, doors, Form(_typed(_trusted(doors))))


@post("/terminals/alone/{site:str}", opt={"rule": Permission.TERMINAL_MANAGE}, include_in_schema=False)
async def change(
    *,
    request: Asked,
    site: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    boards: NamedDependency[Boards],
) -> Page | Response[None]:
    """Show what would change; then, asked again, change it from the next bundle on."""
    doors, form = await _doors(request, database, boards, site), await read(request)
    policy = None
    if form.kept("deed") != "usual":
        policy = _policy(form)
        if form.is_wrong or form.kept("deed") != "keep":
            status = 422 if form.is_wrong else 200
            return await _page(request, database, doors, form, wanted=policy, status_code=status)
    async with begin() as unit:
        await trust_gates(unit, policy, authority_id=request.user.authority_id, site_code=site)
    return go(request, f"{PATH}/alone/{site}", said=WORDS[language_of(request)]["alone_said"])


def _policy(form: Form) -> OfflinePolicy | None:
    fails = form.one_of("fails", Fail)
    entries = form.whole("entries", least=0, most=_MOST_ENTRIES)
    ages = [form.whole(name, least=0, most=_MOST_HOURS) or 0 for name in _AGES]
    if not form.is_wrong and ages != sorted(ages):
        form.refuse("stale", "ages_not_ascending")
    if form.is_wrong or fails is None or entries is None:
        return None
    fresh, stale, strict = (60 * hours for hours in ages)
    return OfflinePolicy(fails, entries, fresh, stale, strict)


def _typed(policy: OfflinePolicy) -> dict[str, str]:
    ages = (policy.fresh_minutes, policy.stale_minutes, policy.strict_minutes)
    hours = {name: str(-(-minutes // 60)) for name, minutes in zip(_AGES, ages, strict=True)}
    return {"fails": policy.fails.value, "entries": str(policy.entries), **hours}


def _trusted(doors: list[Doorway]) -> OfflinePolicy:
    site = doors[0].site
    return site.offline or BY_CODE[site.service_code].offline


async def _doors(request: Asked, database: Database, boards: Boards, code: str) -> list[Doorway]:
    async with database.read() as connection:
        doors = doors_of(await boards.reference(connection), request.auth.authority).get(code)
    if doors is None:
        raise SiteNotFound(f"No site with gates has the code {code}.")
    return doors


async def _page(
    request: Asked,
    database: Database,
    doors: list[Doorway],
    form: Form,
    *,
    wanted: OfflinePolicy | None = None,
    status_code: int = 200,
) -> Page:
    authority_id, site, codes = request.user.authority_id, doors[0].site, {door.gate.code for door in doors}
    async with database.look() as unit:
        served = await unit.terminals.served(authority_id)
        devices = [
            one
            for one in await unit.terminals.all_of(authority_id)
            if one.status is TerminalStatus.ACTIVE and codes & set(served.get(one.id, []))
        ]
    return draw(
        request,
        "terminals/alone.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        site=site,
        is_own=site.offline is not None,
        trusted=_trusted(doors),
        wanted=wanted,
        devices=devices,
        fails=[(one.value, WORDS[language_of(request)][f"fails_{one.value}"]) for one in Fail],
        manages=request.user.may(Permission.TERMINAL_MANAGE),
    )


ROUTES = (show, change)
