"""The addresses that open my account: one more to fall back on, proved by a code, and one less."""

from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.messenger import Messenger
from api.pace import Pace
from api.resident_logins import LoginCodes
from domain.account_letters import Subject
from domain.account_logins import confirm_contact
from domain.accounts import remove_contact, shown
from domain.errors import NotFound, TooManyAttempts
from domain.errors.accounts import ContactTaken, LastContact, LoginCodeWrong
from domain.ports import Clock
from portal.account import PATH, RESIDENT, WORDS
from portal.door import sent_or_refused, typed_code
from portal.shell import Page, draw, go, language_of
from portal.visits import Asked
from store.database import Database
from web.forms import Form, read


@get("/account/contacts/new", opt=RESIDENT, include_in_schema=False)
async def new(request: Asked) -> Page:
    """Ask for one more address."""
    return draw(request, "account/contact.html", words=WORDS, form=Form())


@post("/account/contacts/new", opt=RESIDENT, include_in_schema=False)
async def send_code(
    request: Asked, codes: NamedDependency[LoginCodes], pace: NamedDependency[Pace]
) -> Page | Response[None]:
    """Send six digits to it."""
    form, mine = await read(request), request.user.account
    sent, status = await sent_or_refused(
        codes, form, request.auth.authority, language=mine.language, source=pace.source(request), account=mine
    )
    if sent is None:
        return draw(request, "account/contact.html", words=WORDS, status_code=status, form=form)
    return go(request, f"{PATH}/contacts/code?{urlencode({'attempt': str(sent.attempt)})}")


@get("/account/contacts/code", opt=RESIDENT, include_in_schema=False)
async def code_page(request: Asked) -> Page:
    """Ask for the code that was sent."""
    return draw(request, "account/contact_code.html", words=WORDS, form=Form(dict(request.query_params)))


@post("/account/contacts/code", opt=RESIDENT, include_in_schema=False)
async def confirm(
    *,
    request: Asked,
    database: NamedDependency[Database],
    codes: NamedDependency[LoginCodes],
    messenger: NamedDependency[Messenger],
    pace: NamedDependency[Pace],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Let the address open my account too; the others are told."""
    form, mine = await read(request), request.user.account
    try:
        attempt = await codes.take(typed_code(form), pace.source(request))
        async with database.begin() as unit:
            others = await unit.accounts.contacts(mine.id)
            added = await confirm_contact(unit, mine, attempt, now=clock())
    except LoginCodeWrong:
        form.refuse("code", "wrong_code")
    except TooManyAttempts:
        form.refuse("code", "too_many")
    except ContactTaken:
        form.refuse("code", "contact_taken")
    else:
        if added.id in {one.id for one in others}:
            return go(request, PATH, said=WORDS[language_of(request)]["contact_confirmed"])
        await messenger.tell(
            Subject.CONTACT_ADDED, request.auth.authority, others, language=mine.language, added=shown(added)
        )
        return go(request, PATH, said=WORDS[language_of(request)]["contact_added"])
    return draw(request, "account/contact_code.html", words=WORDS, status_code=422, form=form)


@post("/account/contacts/{contact_id:uuid}/code", opt=RESIDENT, include_in_schema=False)
async def confirm_anew(
    *,
    request: Asked,
    contact_id: FromPath[UUID],
    database: NamedDependency[Database],
    codes: NamedDependency[LoginCodes],
    pace: NamedDependency[Pace],
) -> Page | Response[None]:
    """Send six digits to an address of mine that letters came back from: typed in, they show that it works again."""
    mine = request.user.account
    async with database.look() as unit:
        known = {one.id: one.address for one in await unit.accounts.contacts(mine.id)}
    if contact_id not in known:
        raise NotFound("Your account has no such address.")
    form = Form({"address": known[contact_id]})
    sent, status = await sent_or_refused(
        codes, form, request.auth.authority, language=mine.language, source=pace.source(request), account=mine
    )
    if sent is None:
        return draw(request, "account/contact.html", words=WORDS, status_code=status, form=form)
    return go(request, f"{PATH}/contacts/code?{urlencode({'attempt': str(sent.attempt)})}")


@post("/account/contacts/{contact_id:uuid}/remove", opt=RESIDENT, include_in_schema=False)
async def remove(request: Asked, contact_id: FromPath[UUID], database: NamedDependency[Database]) -> Response[None]:
    """Let an address open my account no more. The last one stays."""
    mine, say = request.user.account, WORDS[language_of(request)]
    try:
        async with database.begin() as unit:
            for one in await unit.accounts.contacts(mine.id):
                if one.id == contact_id:
                    await remove_contact(unit, mine, one)
    except LastContact:
        return go(request, PATH, said=say["last_contact"])
    return go(request, PATH, said=say["contact_removed"])


ROUTES = (new, send_code, code_page, confirm, confirm_anew, remove)
