"""Who asks, and who is to have a pass: the first questions of a request, a person a page."""

import contextlib
from datetime import date

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec.structs import replace

from domain.account_links import Bond
from domain.applications import MOST_PERSONS, Application, Person
from domain.errors import NotFound
from domain.guardians import MAJORITY_AGE
from domain.people import age_on
from domain.places import local_day
from domain.ports import Clock
from portal.drafts import OF_MINE, QUESTIONS, WORDS, Mine, answers, ask, draft_of, go_on, person_line, save
from portal.shell import Page, draw, go, language_of
from portal.visits import Asked
from store.database import Database
from web.forms import Form, read

_WHO = ("self", "family", "other")
_LONGEST_NAME, _LONGEST_ASKER = 80, 160
_FIRST_YEAR = 1900


@get("/requests/{request_reference:str}/who", **OF_MINE)
async def who(request: Asked, request_reference: FromPath[str], database: NamedDependency[Database]) -> Page:
    """Ask for whom somebody asks."""
    return _who_page(request, await draft_of(request, database, request_reference), Form())


@post("/requests/{request_reference:str}/who", **OF_MINE)
async def choose_who(
    request: Asked, request_reference: FromPath[str], database: NamedDependency[Database]
) -> Page | Response[None]:
    """Go on with the questions that follow from it. It is not kept: who is named says it."""
    mine, form = await draft_of(request, database, request_reference), await read(request)
    chosen = form.kept("who")
    if chosen not in _WHO:
        form.refuse("who", "choose_one")
        return _who_page(request, mine, form)
    return go(request, f"{mine.path}/{'asker' if chosen == 'other' else f'persons/1?who={chosen}'}")


@get("/requests/{request_reference:str}/asker", **OF_MINE)
async def asker(request: Asked, request_reference: FromPath[str], database: NamedDependency[Database]) -> Page:
    """Ask for the name of whoever asks for somebody else."""
    mine = await draft_of(request, database, request_reference)
    return _asker_page(request, mine, Form({"asker": mine.said.asker.name}))


@post("/requests/{request_reference:str}/asker", **OF_MINE)
async def name_asker(
    request: Asked, request_reference: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page | Response[None]:
    """Save it."""
    mine, form = await draft_of(request, database, request_reference), await read(request)
    name = form.text("asker", longest=_LONGEST_ASKER)

    def change(said: Application) -> Application:
        return replace(said, asker=replace(said.asker, name=name))

    if not form.is_wrong and await save(request, database, clock, request_reference, change, form=form):
        return go_on(request, form, request_reference, "persons" if mine.said.persons else "persons/1?who=other")
    return _asker_page(request, await draft_of(request, database, request_reference), form)


@get("/requests/{request_reference:str}/persons", **OF_MINE)
async def persons(request: Asked, request_reference: FromPath[str], database: NamedDependency[Database]) -> Page:
    """Show who is named so far, to go on or to name one more."""
    mine, language = await draft_of(request, database, request_reference), language_of(request)
    return draw(
        request,
        "requests/persons.html",
        words=WORDS,
        mine=mine,
        lines=[person_line(one, language) for one in mine.said.persons],
        room=len(mine.said.persons) < MOST_PERSONS,
        then="?then=check" if request.query_params.get("then") == "check" else "",
        step=QUESTIONS.index("persons") + 1,
        steps=len(QUESTIONS),
    )


@get("/requests/{request_reference:str}/persons/{place:int}", **OF_MINE)
async def person(
    *,
    request: Asked,
    request_reference: FromPath[str],
    place: FromPath[int],
    database: NamedDependency[Database],
) -> Page:
    """Ask for names and birth date of somebody; places count from 1."""
    mine = await draft_of(request, database, request_reference)
    _check_place(mine, place)
    asked = request.query_params.get("who", "")
    typed = {"who": asked if asked in _WHO else ""}
    if place <= len(mine.said.persons):
        one = mine.said.persons[place - 1]
        typed |= {"first": one.first_name, "last": one.last_name}
        typed |= {"born_day": str(one.born_on.day), "born_month": str(one.born_on.month)}
        typed["born_year"] = str(one.born_on.year)
    elif place == 1 and asked in {"self", "family"}:
        typed |= await _own_name(request, database)
    return _person_page(request, mine, Form(typed), place)


@post("/requests/{request_reference:str}/persons/{place:int}", **OF_MINE)
async def name_person(
    *,
    request: Asked,
    request_reference: FromPath[str],
    place: FromPath[int],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Save them; of a child it is asked next whether they live in another home too."""
    mine, form = await draft_of(request, database, request_reference), await read(request)
    _check_place(mine, place)
    today = local_day(clock(), request.auth.authority.zone)
    first, last = form.text("first", longest=_LONGEST_NAME), form.text("last", longest=_LONGEST_NAME)
    born = _born(form, today)
    if not form.is_wrong and born is not None:
        is_minor, own = age_on(born, today) < MAJORITY_AGE, form.kept("who") in {"self", "family"}

        def change(said: Application) -> Application:
            known = said.persons[place - 1] if place <= len(said.persons) else None
            named = Person(first, last, born, two_homes=bool(known and known.two_homes and is_minor))
            asks = own or (known is not None and said.asker.name == _full(known))
            return replace(
                said,
                persons=(*said.persons[: place - 1], named, *said.persons[place:]),
                asker=replace(said.asker, name=_full(named)) if place == 1 and asks else said.asker,
            )

        if await save(request, database, clock, request_reference, change, form=form):
            if is_minor:
                then = "?then=check" if form.kept("then") == "check" else ""
                return go(request, f"{mine.path}/persons/{place}/homes{then}")
            return go_on(request, form, request_reference, "address" if form.kept("who") == "self" else "persons")
        mine = await draft_of(request, database, request_reference)
    return _person_page(request, mine, form, place)


@get("/requests/{request_reference:str}/persons/{place:int}/homes", **OF_MINE)
async def homes(
    request: Asked, request_reference: FromPath[str], place: FromPath[int], database: NamedDependency[Database]
) -> Page:
    """Ask whether a child lives with another parent too."""
    mine = await draft_of(request, database, request_reference)
    child = _named(mine, place)
    return _homes_page(request, mine, Form({"homes": "two" if child.two_homes else ""}), place)


@post("/requests/{request_reference:str}/persons/{place:int}/homes", **OF_MINE)
async def tell_homes(
    *,
    request: Asked,
    request_reference: FromPath[str],
    place: FromPath[int],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Save it: then the other home stays theirs, and its rights too."""
    mine, form = await draft_of(request, database, request_reference), await read(request)
    _named(mine, place)
    if form.kept("homes") not in {"one", "two"}:
        form.refuse("homes", "choose_one")

    def change(said: Application) -> Application:
        if place > len(said.persons):
            return said
        told = replace(said.persons[place - 1], two_homes=form.kept("homes") == "two")
        return replace(said, persons=(*said.persons[: place - 1], told, *said.persons[place:]))

    if not form.is_wrong and await save(request, database, clock, request_reference, change, form=form):
        return go_on(request, form, request_reference, "persons")
    return _homes_page(request, await draft_of(request, database, request_reference), form, place)


@post("/requests/{request_reference:str}/persons/{place:int}/remove", **OF_MINE)
async def remove(
    *,
    request: Asked,
    request_reference: FromPath[str],
    place: FromPath[int],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Response[None]:
    """Take somebody off the request."""
    mine, form, say = await draft_of(request, database, request_reference), await read(request), language_of(request)
    _named(mine, place)

    def change(said: Application) -> Application:
        return replace(said, persons=(*said.persons[: place - 1], *said.persons[place:]))

    saved = await save(request, database, clock, request_reference, change, form=form)
    then = "?then=check" if form.kept("then") == "check" else ""
    return go(request, f"{mine.path}/persons{then}", said=WORDS[say]["removed" if saved else "changed_before_act"])


def _who_page(request: Asked, mine: Mine, form: Form) -> Page:
    return ask(request, "who", mine, form, question="who", title=WORDS[language_of(request)]["who_title"])


def _asker_page(request: Asked, mine: Mine, form: Form) -> Page:
    language = language_of(request)
    return ask(
        request,
        "asker",
        mine,
        form,
        question="who",
        title=WORDS[language]["asker_title"],
        back=f"{mine.path}/who",
        theirs=answers(mine.said, language)["asker"],
    )


def _person_page(request: Asked, mine: Mine, form: Form, place: int) -> Page:
    language = language_of(request)
    own = place == 1 and form.kept("who") in {"self", "family"}
    title = "you_title" if own else "person_title" if place == 1 else "another_title"
    known = mine.said.persons[place - 1 : place]
    return ask(
        request,
        "person",
        mine,
        form,
        question="persons",
        title=WORDS[language][title],
        back=f"{mine.path}/{'persons' if mine.said.persons else 'who'}",
        theirs=tuple(person_line(one, language) for one in known),
        place=place,
        own=own,
    )


def _homes_page(request: Asked, mine: Mine, form: Form, place: int) -> Page:
    language, child = language_of(request), _named(mine, place)
    return ask(
        request,
        "homes",
        mine,
        form,
        question="persons",
        title=WORDS[language]["homes_title"].format(name=child.first_name),
        back=f"{mine.path}/persons/{place}",
        theirs=(person_line(child, language),),
        place=place,
    )


def _check_place(mine: Mine, place: int) -> None:
    """Refuse a place that nobody has, and that is not the next one."""
    if not 1 <= place <= min(len(mine.said.persons) + 1, MOST_PERSONS):
        raise NotFound("The request has no such place.")


def _named(mine: Mine, place: int) -> Person:
    if not 1 <= place <= len(mine.said.persons):
        raise NotFound("The request names nobody there.")
    return mine.said.persons[place - 1]


def _born(form: Form, today: date) -> date | None:
    """Read a birth date from its three fields; what is wrong is said at the first of them."""
    day = form.whole("born_day", least=1, most=31)
    month = form.whole("born_month", least=1, most=12)
    year = form.whole("born_year", least=_FIRST_YEAR, most=today.year)
    if day is not None and month is not None and year is not None:
        with contextlib.suppress(ValueError):
            born = date(year, month, day)
            if born <= today:
                return born
        form.refuse("born_day", "no_such_birthday")
    return None


def _full(one: Person) -> str:
    return f"{one.first_name} {one.last_name}"


async def _own_name(request: Asked, database: Database) -> dict[str, str]:
    """Return the name of whom the account belongs to, if a code has tied it to somebody."""
    mine = request.user.account
    async with database.look() as unit:
        today = local_day(request.app.state.clock(), request.auth.authority.zone)
        known = await unit.accounts.persons(mine.id, today)
    own = next((one for one in known if one.bond is Bond.OWN), None)
    return {"first": own.first_name, "last": own.last_name} if own is not None else {}


ROUTES = (who, choose_who, asker, name_asker, persons, person, name_person, homes, tell_homes, remove)
