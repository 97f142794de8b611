"""Rights in somebody's file: those that are not over, what may be granted, and how one ends before its time."""

from datetime import date, datetime, timedelta
from secrets import token_hex
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from msgspec import Struct

from admin import people as people_pages
from admin.files import RightInFile, rights_left
from admin.forms import Form, read
from admin.people import file_path
from admin.shell import Page, draw, go
from admin.undoing import Undo
from admin.visits import Asked
from admin.whose import Whose, whose
from admin.words import LANGUAGES, Words, language_of, read_words
from api.days import named
from api.journalling import Note
from domain.access.catalogue import Catalogue
from domain.acts import Act
from domain.agents import Permission
from domain.catalogue.phrases import listed
from domain.catalogue.product_lines import limit_said
from domain.errors.products import RightNotFound, RightUsed
from domain.households import rights_of
from domain.journal import Kind, Object
from domain.organisations import Organisation
from domain.people import Household, Subject
from domain.places import local_day
from domain.ports import Clock, Unit
from domain.products import Entitlement, Product
from domain.reach import check_serves, services_for
from domain.rights import EndReason, end_right
from domain.services import SERVICES
from domain.temporary_products import is_temporary
from domain.text import Text
from store import person_files
from store.database import Begin, Database

_OWN = read_words("rights")
WORDS: Words = {language: {**people_pages.WORDS[language], **_OWN[language]} for language in LANGUAGES}

MANAGE: dict[str, Any] = {"rule": Permission.RIGHT_MANAGE, "placed": True}


class OwnedRight(Struct, frozen=True):
    """A right that is not over, with what is left of it, and whose it is."""

    right: Entitlement
    shown: RightInFile
    whose: tuple[Subject, str] | None


class OfService(Struct, frozen=True):
    """What may be granted of one service: codes, names and what they give; and what is for organisations alone."""

    name: Text
    products: list[tuple[str, Text, Text]]
    elsewhere: list[Text]


class AtFile(Struct, frozen=True):
    """Somebody's file, as its address names it: who asks when, and what their act is written with."""

    request: Asked
    holder: str
    database: Database
    begin: Begin
    now: datetime
    note: Note

    @property
    def today(self) -> date:
        """The day that it is where the authority is."""
        return local_day(self.now, self.request.auth.authority.zone)

    @property
    def path(self) -> str:
        """Where the rights of this file are."""
        return f"{file_path(self.holder)}/rights"

    @property
    def words(self) -> dict[str, str]:
        """The words of these pages, in the reader's language."""
        return WORDS[language_of(self.request)]

    def said(self, text: Text) -> str:
        """Return a text in the reader's language."""
        return text.fr if language_of(self.request) == "fr" else text.en

    async def whose(self, unit: Unit, day: date | None = None) -> Whose:
        """Find whose file it is, with their households and organisations of a day: today, unless one is named.

        Raises:
            HolderNotFound: the authority has nobody of this reference.
        """
        return await whose(unit, self.request.user.authority_id, named(self.holder), day or self.today)

    async def product(self, unit: Unit, code: str) -> Product:
        """Find a product that the agent's role is for.

        Raises:
            ProductNotFound: the authority has none of this code.
            Forbidden: it is another service's.
        """
        product = await unit.products.by_code(self.request.user.authority_id, named(code))
        await check_serves(unit, self.request.user, Permission.RIGHT_MANAGE, product.service_code)
        return product

    async def right(self, unit: Unit, right_id: UUID) -> tuple[Whose, Entitlement, Product]:
        """Find a right of this file that is not over, and that the agent's role is for.

        Raises:
            RightNotFound: there is none of this id here, or it is over by now.
            Forbidden: it is another service's.
        """
        there = await self.whose(unit)
        found = await rights_of(unit, there.holder, self.today)
        right = next((one for one in found if one.id == right_id), None)
        if right is None:
            raise RightNotFound("This file has no such right, or it is over.")
        await check_serves(unit, self.request.user, Permission.RIGHT_MANAGE, right.service_code)
        return there, right, await unit.products.by_id(right.product_id)


async def at_file(
    *,
    request: Asked,
    holder: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> AtFile:
    """Gather what an act in somebody's file is given."""
    return AtFile(request, holder, database, begin, clock(), note)


AT: dict[str, Any] = {"include_in_schema": False, "dependencies": {"at": Provide(at_file)}}


@get("/people/{holder:str}/rights", opt={**MANAGE, "journal": Act.RIGHTS_LISTED}, **AT)
async def show(at: NamedDependency[AtFile]) -> Page:
    """Show the rights of a file that are not over, and what may be granted: of the services of the agent's roles."""
    return await index(at, Form())


@get("/people/{holder:str}/rights/{right_id:uuid}/end", opt={**MANAGE, "journal": Act.RIGHTS_LISTED}, **AT)
async def ending(at: NamedDependency[AtFile], right_id: FromPath[UUID]) -> Page:
    """Ask why a right ends, and say before what that means: for one that runs, and for one that has not begun."""
    return await _ending(at, right_id, Form())


@post("/people/{holder:str}/rights/{right_id:uuid}/end", opt={**MANAGE, "journal": Act.RIGHT_ENDED}, **AT)
async def end(at: NamedDependency[AtFile], right_id: FromPath[UUID]) -> Page | Response[None]:
    """End a right today, or take it back where it has not begun. Only the latter can be undone: it is granted anew."""
    form = await read(at.request)
    reason = form.one_of("reason", EndReason)
    if form.is_wrong:
        return await _ending(at, right_id, form, status_code=422)
    at.note.because(reason)
    try:
        async with at.begin() as unit:
            await unit.people.hold(at.request.user.authority_id, (await at.whose(unit)).holder.id)
            there, right, product = await at.right(unit, right_id)
            at.note.about(Object(Kind.RIGHT, str(right.id), there.holder.id))
            sold = await unit.sales.sold(right.id)
            ended = await end_right(unit, right, today=at.today)
    except RightNotFound:
        form.refuse("right", "gone_meanwhile")
        return await index(at, form, status_code=409)
    except RightUsed:
        form.refuse("reason", "right_used")
        return await _ending(at, right_id, form, status_code=409)
    if ended is not None:
        return go(at.request, at.path, said=at.words["ended"].format(product=at.said(product.name)))
    undo = _granting_anew(at, there, right, product) if not sold else None
    return go(at.request, at.path, said=at.words["taken_back"].format(product=at.said(product.name)), undo=undo)


def _granting_anew(at: AtFile, there: Whose, right: Entitlement, product: Product) -> Undo:
    """Return the form that grants what was taken back: nobody had used it, and no gate had seen it."""
    groups: list[Household | Organisation] = [*there.households, *there.organisations]
    fields = {
        "key": token_hex(16),
        "from": right.valid_from.isoformat(),
        "until": (right.valid_until - timedelta(days=1)).isoformat(),
        "group": next((one.reference for one in groups if one.id == right.subject_id), ""),
    }
    return Undo(f"{at.path}/new/{quote(product.code, safe='')}", fields)


async def _ending(at: AtFile, right_id: UUID, form: Form, *, status_code: int = 200) -> Page:
    catalogue = await at.database.catalogue()
    async with at.database.look() as unit:
        there, right, product = await at.right(unit, right_id)
        sold = await unit.sales.sold(right.id)
    async with at.database.read() as connection:
        (shown,) = await rights_left(connection, [right], catalogue, at.today)
    return draw(
        at.request,
        "rights/end.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        there=there,
        right=right,
        product=product,
        shown=shown,
        whose=there.called.get(right.subject_id),
        running=right.valid_from < at.today,
        begins_today=right.valid_from == at.today,
        sold=sold,
        reasons=[("", at.words["choose"]), *((one.value, at.words[f"reason_{one}"]) for one in EndReason)],
    )


async def index(at: AtFile, form: Form, *, status_code: int = 200) -> Page:
    """Draw the page of a file's rights."""
    catalogue = await at.database.catalogue()
    async with at.database.look() as unit:
        there = await at.whose(unit)
        among = await services_for(unit, at.request.user, Permission.RIGHT_MANAGE)
    async with at.database.read() as connection:
        owned = [
            one
            for one in await person_files.rights_of(connection, there.holder, at.today)
            if among is None or one.service_code in among
        ]
        left = await rights_left(connection, owned, catalogue, at.today)
    return draw(
        at.request,
        "rights/index.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        there=there,
        owned=[
            OwnedRight(right, shown, there.called.get(right.subject_id))
            for right, shown in zip(owned, left, strict=True)
        ],
        services=_offered(at, catalogue, there, among),
        all_services=among is None,
    )


def _offered(at: AtFile, catalogue: Catalogue, there: Whose, among: frozenset[str] | None) -> list[OfService]:
    mine = [
        one
        for one in catalogue.products.values()
        if one.authority_id == at.request.user.authority_id
        and (among is None or one.service_code in among)
        and not one.terms.withdrawn_on(at.today)
        and not is_temporary(one)
    ]
    mine.sort(key=lambda one: (at.said(one.name).casefold(), one.code))

    def reaches(product: Product) -> bool:
        return product.subject is not Subject.ORGANISATION or bool(there.organisations)

    return [
        OfService(
            service.name,
            [
                (one.code, one.name, listed(limit_said(limit) for limit in one.limits))
                for one in mine
                if one.service_code == service.code and reaches(one)
            ],
            [one.name for one in mine if one.service_code == service.code and not reaches(one)],
        )
        for service in SERVICES
        if any(one.service_code == service.code for one in mine)
    ]


ROUTES = (show, ending, end)
