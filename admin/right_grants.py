"""One more right in somebody's file: asked for, looked at, and granted once."""

import re
from datetime import date, timedelta
from secrets import token_hex
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid5

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from admin.files import last_day
from admin.forms import Form, read
from admin.rights import AT, MANAGE, WORDS, AtFile
from admin.shell import Page, draw, go
from admin.undoing import Undo
from api.bodies import CODE
from api.days import FIRST_YEAR
from domain import rights
from domain.acts import Act
from domain.catalogue.contents import content_of_product
from domain.catalogue.phrases import Line, euros, listed
from domain.catalogue.product_lines import product_lines
from domain.errors import AlreadyExists, ContradictoryPeriod, DomainError, Invalid
from domain.errors.passes import KeyReused
from domain.errors.people import MembershipNotFound, QuotaShared, SubjectAmbiguous
from domain.errors.products import (
    EndMissing,
    GrantedMeanwhile,
    ProductWithdrawn,
    TooLateToAsk,
    YearlyAllowanceSpent,
)
from domain.foreseen_rights import ForeseenRight, foresee
from domain.journal import Kind, Object
from domain.people import Subject
from domain.products import Entitlement, Product
from domain.rights import Wish
from domain.services import SERVICES
from domain.tariff_names import tariff_name
from domain.text import Text

_LAST_YEAR = 2100
_REFUSALS: tuple[tuple[type[DomainError], str, str], ...] = (
    (ContradictoryPeriod, "until", "until_before"),
    (EndMissing, "until", "end_missing"),
    (TooLateToAsk, "from", "too_late"),
    (YearlyAllowanceSpent, "from", "yearly_spent"),
    (ProductWithdrawn, "from", "withdrawn"),
    (SubjectAmbiguous, "group", "which_group"),
    (MembershipNotFound, "group", "not_member"),
    (QuotaShared, "group", "quota_shared"),
)
"""What is wrong with a wish, at which field, by which words."""

_WRONG = tuple(kind for kind, _, _ in _REFUSALS)
_SAID_APART = ("name", "price", "sites", "term", "offered")
"""Lines of the catalogue that the page of a right says in its own way, for this person and these days."""


_LOOKS: dict[str, Any] = {"opt": {**MANAGE, "journal": Act.RIGHTS_LISTED}, **AT}


@get("/people/{holder:str}/rights/new/{code:str}", **_LOOKS)
async def ask(at: NamedDependency[AtFile], code: FromPath[str]) -> Page:
    """Ask from when to when a product is granted, and to which household or organisation where there are several."""
    form = Form(dict(at.request.query_params))
    form.typed.setdefault("from", at.today.isoformat())
    return await _form(at, code, form)


@get("/people/{holder:str}/rights/new/{code:str}/check", **_LOOKS)
async def check(at: NamedDependency[AtFile], code: FromPath[str]) -> Page:
    """Say what would be granted, before it is."""
    form = Form(dict(at.request.query_params))
    form.typed.setdefault("from", at.today.isoformat())
    since, until = _days(form)
    if since is not None and since < at.today:
        form.refuse("from", "from_past")
    if until is not None and until < at.today:
        form.refuse("until", "until_past")
    if form.is_wrong:
        return await _form(at, code, form, status_code=422)
    return await _check(at, code, form)


@post("/people/{holder:str}/rights/new/{code:str}", opt={**MANAGE, "journal": Act.RIGHT_GRANTED}, **AT)
async def grant(at: NamedDependency[AtFile], code: FromPath[str]) -> Page | Response[None]:
    """Grant what was checked, once under the key of its page; as the API does, and under the same kind of id."""
    form = await read(at.request)
    since, until = _days(form)
    key, had = form.kept("key"), form.kept("had")
    if not (re.fullmatch(CODE, key) and re.fullmatch(r"[0-9]{0,6}", had)):
        raise Invalid("The form was not one of ours.")
    if form.is_wrong:
        return await _form(at, code, form, status_code=422)

    async def given() -> tuple[Entitlement, Product]:
        async with at.begin() as unit:
            product, there = await at.product(unit, code), await at.whose(unit)
            right = await rights.grant_to(
                unit,
                there.holder,
                _wish(product, form, since, until),
                today=at.today,
                now=at.now,
                right_id=uuid5(at.request.user.id, key),
                had=int(had) if had else None,
            )
            at.note.about(Object(Kind.RIGHT, str(right.id), there.holder.id))
            return right, product

    try:
        try:
            right, product = await given()
        except AlreadyExists:
            right, product = await given()  # the key came twice at once: the other has just granted it
    except (GrantedMeanwhile, KeyReused):
        form.refuse("check", "granted_meanwhile")
        return await _check(at, code, form, status_code=409)
    except _WRONG as problem:
        _refuse(form, problem)
        return await _form(at, code, form, status_code=422)
    said = at.words["granted"].format(product=at.said(product.name))
    undo = Undo(f"{at.path}/{right.id}/end", {"reason": rights.EndReason.GRANTED_BY_MISTAKE.value})
    return go(at.request, at.path, said=said, undo=undo if right.valid_from >= at.today else None)


async def _form(at: AtFile, code: str, form: Form, *, status_code: int = 200) -> Page:
    async with at.database.look() as unit:
        product, there = await at.product(unit, code), await at.whose(unit, _first_day(form))
    lasts = product.terms.term is not None or bool(product.terms.lifts)
    today_until = rights.lasting(Wish(product), at.today) if lasts else None
    groups = there.groups(product.subject)
    return draw(
        at.request,
        "rights/form.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        there=there,
        product=product,
        lines=_lines(product, but=("name", "price", "offered")),
        for_whom=[("", at.words["choose"]), *groups] if len(groups) > 1 else groups,
        today_until=last_day(today_until) if today_until else None,
    )


async def _check(at: AtFile, code: str, form: Form, *, status_code: int = 200) -> Page:
    since, until = _days(form)
    catalogue = await at.database.catalogue()
    async with at.database.look() as unit:
        product, there = await at.product(unit, code), await at.whose(unit, since)
        try:
            foreseen = await foresee(unit, there.holder, _wish(product, form, since, until), today=at.today, now=at.now)
        except _WRONG as problem:
            _refuse(form, problem)
            return await _form(at, code, form, status_code=422)
    at_doors = {
        door.site.code: door.site
        for door in catalogue.doorways.values()
        if (door.site.authority_id, door.site.service_code) == (product.authority_id, product.service_code)
        and not door.site.calendar.ended_on(foreseen.since)
        and (not product.terms.conditions.sites or door.site.code in product.terms.conditions.sites)
    }
    typed = {name: form.kept(name) for name in ("from", "until", "group") if form.kept(name)}
    days = {"from": foreseen.since.isoformat(), "until": (foreseen.until - timedelta(days=1)).isoformat()}
    return draw(
        at.request,
        "rights/check.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        there=there,
        product=product,
        service=next(one.name for one in SERVICES if one.code == product.service_code),
        whose=there.called[foreseen.subject_id],
        foreseen=foreseen,
        last_day=last_day(foreseen.until),
        held=[(one.valid_from, last_day(one.valid_until)) for one in foreseen.held],
        opens=listed(site.name for site in sorted(at_doors.values(), key=lambda site: at.said(site.name))),
        price=_price(foreseen),
        lines=_lines(product, but=_SAID_APART),
        fields_kept={**typed, **days, "had": str(foreseen.had), "key": token_hex(16)},
        again=f"{at.path}/new/{quote(code, safe='')}?{urlencode(typed)}",
    )


def _price(foreseen: ForeseenRight) -> tuple[Text, Text] | None:
    price = foreseen.price
    return (euros(price.amount_cents), tariff_name(price.conditions)) if price is not None else None


def _lines(product: Product, *, but: tuple[str, ...]) -> list[Line]:
    said = product_lines(content_of_product(product))
    return [line for line in said if line.key.partition("-")[0] not in but]


def _days(form: Form) -> tuple[date | None, date | None]:
    """Read the first and the last day; the last one may be left to the product."""
    since, until = form.day("from"), form.day("until", required=False)
    for name, day in (("from", since), ("until", until)):
        if day is not None and not FIRST_YEAR <= day.year < _LAST_YEAR:
            form.refuse(name, "field_no_day")
    return since, until


def _first_day(form: Form) -> date | None:
    """Return the first day that stands in a form: households and organisations are those of that day."""
    return Form(form.typed).day("from", required=False)


def _wish(product: Product, form: Form, since: date | None, until: date | None) -> Wish:
    group = form.kept("group").strip() or None
    return Wish(
        product,
        since,
        until + timedelta(days=1) if until is not None else None,
        household=group if product.subject is Subject.HOUSEHOLD else None,
        organisation=group if product.subject is Subject.ORGANISATION else None,
    )


def _refuse(form: Form, problem: DomainError) -> None:
    field, word = next((field, word) for kind, field, word in _REFUSALS if isinstance(problem, kind))
    form.refuse(field, word)


ROUTES = (ask, check, grant)
