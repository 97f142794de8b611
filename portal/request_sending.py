"""The last page of a request's questions: all answers to be read once more, each with a way back to it, and sent."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.days import named
from domain.errors.requests import RequestChanged
from domain.ports import Clock
from domain.resident_requests import hold_own, send_own
from portal.drafts import OF_MINE, WORDS, Mine, answers, ask, draft_of
from portal.shell import Page, go, language_of
from portal.visits import Asked
from store.database import Database
from web.forms import Form, read


@get("/requests/{request_reference:str}/check", **OF_MINE)
async def check(request: Asked, request_reference: FromPath[str], database: NamedDependency[Database]) -> Page:
    """Show all answers."""
    return _check_page(request, await draft_of(request, database, request_reference), Form())


@post("/requests/{request_reference:str}/send", **OF_MINE)
async def send(
    request: Asked, request_reference: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page | Response[None]:
    """Send what was read, and nothing else: what another device has changed since is shown first."""
    mine, form = await draft_of(request, database, request_reference), await read(request)
    seen = form.whole("version", least=1, most=10**9)
    for part in _unanswered(mine):
        form.refuse(part, "not_answered")
    if form.is_wrong:
        return _check_page(request, mine, form)
    try:
        async with database.begin() as unit:
            held = await hold_own(unit, request.user.account, named(request_reference), seen=seen or 0, now=clock())
            await send_own(unit, held)
    except RequestChanged:
        form.refuse("version", "changed_before_sending")
        return _check_page(request, await draft_of(request, database, request_reference), form)
    return go(request, mine.path, said=WORDS[language_of(request)]["sent"])


def _unanswered(mine: Mine) -> list[str]:
    said = answers(mine.said, "fr")
    return [part for part in ("asker", "persons", "address", "services") if not said[part]]


def _check_page(request: Asked, mine: Mine, form: Form) -> Page:
    language = language_of(request)
    wanted = mine.terms.wanted(mine.said.services)
    return ask(
        request,
        "check",
        mine,
        form,
        question="check",
        title=WORDS[language]["check_title"],
        back=f"{mine.path}/{'papers' if wanted else 'services'}",
        answers=answers(mine.said, language),
        wanted=wanted,
        is_whole=not _unanswered(mine),
    )


ROUTES = (check, send)
