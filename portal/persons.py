"""For whom my account acts: tied to it by the code of a letter or a desk, and let go again."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from adapters.attempts import Attempts
from api.days import named, today
from api.messenger import Messenger
from api.pace import Pace
from api.resident_account import few_wrong_links, tell_taken
from domain import account_links
from domain.account_links import Bond, Person
from domain.errors import TooManyAttempts
from domain.errors.accounts import AccountHasPerson, ActsThroughOthers, LinkCodeWrong, NoSuchPerson
from domain.ports import Clock
from portal.account import PATH, RESIDENT
from portal.shell import Page, draw, go, language_of
from portal.visits import Asked
from portal.words import read_words
from store.database import Database
from web.forms import Form, read

WORDS = read_words("persons")

_LONGEST_CODE = 40
_BY_CODE = frozenset({Bond.OWN, Bond.MANDATE})


@get("/link", opt=RESIDENT, include_in_schema=False)
async def ask_code(request: Asked) -> Page:
    """Ask for the sixteen signs of a letter."""
    return draw(request, "persons/link.html", words=WORDS, form=Form())


@post("/link", opt=RESIDENT, include_in_schema=False)
async def link(
    *,
    request: Asked,
    database: NamedDependency[Database],
    attempts: NamedDependency[Attempts],
    messenger: NamedDependency[Messenger],
    pace: NamedDependency[Pace],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Tie whom the code is for to my account. If they had another one, it is told."""
    form, mine, now = await read(request), request.user.account, clock()
    code = form.text("code", longest=_LONGEST_CODE)
    if form.is_wrong:
        return draw(request, "persons/link.html", words=WORDS, status_code=422, form=form)
    try:
        async with few_wrong_links(attempts, mine, pace.source(request)), database.begin() as unit:
            day = await today(unit, mine.authority_id, now)
            linked = await account_links.redeem(unit, mine, code, now=now, today=day)
    except LinkCodeWrong:
        form.refuse("code", "wrong_code")
    except TooManyAttempts:
        form.refuse("code", "too_many")
    except AccountHasPerson:
        form.refuse("code", "other_person")
    except ActsThroughOthers:
        form.refuse("code", "through_others")
    else:
        await tell_taken(database, messenger, linked)
        return go(request, "/moi", said=WORDS[language_of(request)]["linked"])
    return draw(request, "persons/link.html", words=WORDS, status_code=422, form=form)


@get("/persons/{reference:str}/unlink", opt=RESIDENT, include_in_schema=False)
async def ask_unlink(
    request: Asked, reference: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page:
    """Ask whether somebody's passes shall really leave my account."""
    mine, say = request.user.account, WORDS[language_of(request)]
    async with database.look() as unit:
        persons = await unit.accounts.persons(mine.id, await today(unit, mine.authority_id, clock()))
    found: Person | None = next((one for one in persons if one.reference == reference and one.bond in _BY_CODE), None)
    if found is None:
        raise NoSuchPerson("Your account is linked to nobody of this reference.")
    return draw(
        request,
        "ask.html",
        words=WORDS,
        title=say["unlink_title"].format(name=f"{found.first_name} {found.last_name}"),
        lead=say["unlink_lead"],
        button=say["unlink_now"],
        action=f"/moi/persons/{reference}/unlink",
        back=PATH,
    )


@post("/persons/{reference:str}/unlink", opt=RESIDENT, include_in_schema=False)
async def unlink(request: Asked, reference: FromPath[str], database: NamedDependency[Database]) -> Response[None]:
    """Let my account act no more for somebody whom a code has tied to it."""
    async with database.begin() as unit:
        await account_links.unlink(unit, request.user.account, named(reference))
    return go(request, PATH, said=WORDS[language_of(request)]["unlinked"])


ROUTES = (ask_code, link, ask_unlink, unlink)
