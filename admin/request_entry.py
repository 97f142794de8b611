"""Writing down a request at a desk or from a letter: one page, kept as it was typed until it is right."""

from datetime import date

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from admin.forms import Form, read
from admin.requests import PATH, WORDS, today_of
from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import Words, language_of
from api.journalling import journal_note
from domain import requests
from domain.acts import Act
from domain.agents import Permission
from domain.applications import MOST_PERSONS, Address, Application, Asker, Person
from domain.circumstances import CircumstanceKind, check_value
from domain.errors.people import BadCircumstance
from domain.errors.requests import RequestChanged
from domain.journal import Kind, Object
from domain.reception import hold, receive
from domain.requests import Channel
from domain.services import SERVICES
from store.database import Database

_ENTER = {"rule": Permission.REQUEST_ENTER}
_WORDS: Words = {
    language: {
        **words,
        **{
            f"label_{part}_{place}": words[f"label_{part}"].format(n=place + 1)
            for part in ("first", "last", "born")
            for place in range(MOST_PERSONS)
        },
    }
    for language, words in WORDS.items()
}
_ROWS = 3
"""People for whom there is room at first; a button makes room for more."""


@get("/requests/new", opt=_ENTER, include_in_schema=False)
async def new(request: Asked, database: NamedDependency[Database]) -> Page:
    """Show an empty form."""
    channel = "paper" if request.query_params.get("channel") == "paper" else "desk"
    form = Form({"channel": channel, "received_on": f"{today_of(request):%d/%m/%Y}", "language": "fr"})
    return await _form_page(request, database, form)


@post("/requests/new", opt={**_ENTER, "journal": Act.REQUEST_ENTERED}, include_in_schema=False)
async def enter(request: Asked, database: NamedDependency[Database]) -> Page | Response[None]:
    """Take in a request, or show what is to be corrected."""
    form, note = await read(request), journal_note()
    if form.ticked("more"):
        note.nothing()
        return await _form_page(request, database, form, rows=_rows(form) + 2)
    today = today_of(request)
    application = await _application(request, database, form, today)
    received_on, channel = form.day("received_on"), form.one_of("channel", Channel)
    if received_on is not None and received_on > today:
        form.refuse("received_on", "field_to_come")
    if form.is_wrong or channel not in {Channel.DESK, Channel.PAPER}:
        note.nothing()
        return await _form_page(request, database, form, status_code=422)
    authority = request.auth.authority
    async with note.begin() as unit:
        received = await receive(
            unit,
            authority,
            application,
            channel=channel,
            received_on=received_on,
            by=request.user.id,
            now=request.app.state.clock(),
        )
        note.about(Object(Kind.REQUEST, str(received.id)))
    said = WORDS[language_of(request)]["done_enter"].format(reference=received.reference)
    return go(request, f"{PATH}/{received.reference}", said=said)


@get(
    "/requests/{request_reference:str}/correction",
    opt={**_ENTER, "journal": Act.REQUEST_SHOWN},
    include_in_schema=False,
)
async def correction(request: Asked, request_reference: FromPath[str], database: NamedDependency[Database]) -> Page:
    """Show what a household says in a form, to be written down better."""
    async with database.look() as unit:
        found = await unit.requests.by_reference(request.auth.authority.id, request_reference)
    form = Form({**_typed(found.application), "version": str(found.version)})
    return await _form_page(request, database, form, reference=request_reference)


@post(
    "/requests/{request_reference:str}/correction",
    opt={**_ENTER, "journal": Act.REQUEST_CORRECTED},
    include_in_schema=False,
)
async def correct(
    request: Asked, request_reference: FromPath[str], database: NamedDependency[Database]
) -> Page | Response[None]:
    """Write down better what a household says; who was slower than a colleague is told, and keeps what they typed."""
    form, note = await read(request), journal_note()
    rows = _rows(form) + 2 if form.ticked("more") else None
    application = await _application(request, database, form, today_of(request)) if rows is None else None
    seen = form.whole("version", least=1, most=10**9)
    if application is None or form.is_wrong or seen is None:
        note.was(Act.REQUEST_SHOWN)
        status_code = 200 if rows else 422
        return await _form_page(
            request, database, form, rows=rows, reference=request_reference, status_code=status_code
        )
    agent, now = request.user, request.app.state.clock()
    try:
        async with note.begin() as unit:
            held = await hold(unit, agent.authority_id, request_reference, seen=seen, by=agent.id, now=now)
            await requests.correct(unit, held.request, held.hand, application=application)
    except RequestChanged:
        note.was(Act.REQUEST_SHOWN)
        async with database.look() as unit:
            current = await unit.requests.by_reference(agent.authority_id, request_reference)
        form.refuse("version", "changed_meanwhile")
        form.typed["version"] = str(current.version)
        return await _form_page(request, database, form, reference=request_reference, status_code=409)
    said = WORDS[language_of(request)]["done_correct"].format(reference=request_reference)
    return go(request, f"{PATH}/{request_reference}", said=said)


async def _form_page(
    request: Asked,
    database: Database,
    form: Form,
    *,
    rows: int | None = None,
    reference: str = "",
    status_code: int = 200,
) -> Page:
    async with database.look() as unit:
        terms = await unit.requests.terms(request.auth.authority.id)
    return draw(
        request,
        "requests/entry.html",
        words=_WORDS,
        status_code=status_code,
        form=form,
        reference=reference,
        places=range(min(rows or _rows(form), MOST_PERSONS)),
        room=MOST_PERSONS,
        services=SERVICES,
        sworn=[proof for proof in terms.proofs if proof.declaration],
    )


def _typed(said: Application) -> dict[str, str]:
    """Return an application as it would have been typed."""
    address, asker = said.address, said.asker
    fields = {
        "asker": asker.name,
        "email": asker.email or "",
        "phone": asker.phone or "",
        "line": address.line,
        "postcode": address.postcode,
        "city": address.city,
        "commune": address.commune_code,
        "language": said.language,
        **{f"service_{code}": "yes" for code in said.services},
        **{f"sworn_{code}": "yes" for code in said.declared},
    }
    for place, one in enumerate(said.persons):
        fields[f"first_{place}"], fields[f"last_{place}"] = one.first_name, one.last_name
        fields[f"born_{place}"] = f"{one.born_on:%d/%m/%Y}"
        if one.two_homes:
            fields[f"homes_{place}"] = "yes"
    return fields


def _rows(form: Form) -> int:
    """Count the lines for people that the form had."""
    return max(_ROWS, *(int(name[6:]) + 1 for name in form.typed if name[:6] == "first_" and name[6:].isdecimal()), 0)


async def _application(request: Asked, database: Database, form: Form, today: date) -> Application:
    """Read what the household says; what does not fit is noted in the form."""
    async with database.look() as unit:
        terms = await unit.requests.terms(request.auth.authority.id)
    commune = form.text("commune", longest=5)
    try:
        check_value(CircumstanceKind.COMMUNE, commune)
    except BadCircumstance:
        form.refuse("commune", "no_commune")
    services = tuple(one.code for one in SERVICES if form.ticked(f"service_{one.code}"))
    if not services:
        form.refuse("services", "field_missing")
    return Application(
        asker=Asker(
            form.text("asker", longest=160),
            form.text("email", longest=160, required=False) or None,
            form.text("phone", longest=30, required=False) or None,
        ),
        address=Address(
            form.text("line", longest=160), form.text("postcode", longest=10), form.text("city", longest=80), commune
        ),
        persons=_persons(form, today),
        services=services,
        declared=tuple(one.code for one in terms.proofs if one.declaration and form.ticked(f"sworn_{one.code}")),
        language="en" if form.kept("language") == "en" else "fr",
    )


def _persons(form: Form, today: date) -> tuple[Person, ...]:
    """Read the lines for people that are not empty. The first one is asked for in any case."""
    found = []
    for place in range(min(_rows(form), MOST_PERSONS)):
        names = (f"first_{place}", f"last_{place}", f"born_{place}")
        if place and not any(form.kept(name).strip() for name in names):
            continue
        first, last, born = form.text(names[0], longest=80), form.text(names[1], longest=80), form.day(names[2])
        if born is not None and not 1900 <= born.year <= today.year:
            form.refuse(names[2], "field_no_day")
        elif born is not None and born > today:
            form.refuse(names[2], "field_to_come")
        if first and last and born is not None:
            found.append(Person(first, last, born, two_homes=form.ticked(f"homes_{place}")))
    return tuple(found)
