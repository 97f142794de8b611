"""What is asked for with a request, and promised: proofs, delays, the desk. A change is seen before it is written."""

import re
from datetime import date
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from msgspec import Struct
from msgspec.structs import replace

from admin.forms import Form, read
from admin.requests import WORDS as REQUESTS
from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import Words, language_of, read_words
from api.point_views import login_of
from domain.agents import Permission
from domain.documents import DocumentKind
from domain.errors import VersionChanged
from domain.errors.requests import BadTerms
from domain.places import local_day
from domain.ports import Clock, Unit
from domain.products import Product
from domain.request_terms import Office, Proof, ServiceTerms, Silence, Terms, set_terms
from domain.services import SERVICES
from domain.temporary_products import MOST_DAYS, MOST_ENTRIES, Temporary
from domain.text import Text
from store.database import Begin, Database
from store.request_queue import open_by_service

WORDS: Words = {
    "fr": {**REQUESTS["fr"], **read_words("request_terms")["fr"]},
    "en": {**REQUESTS["en"], **read_words("request_terms")["en"]},
}
PATH = "/console/request-terms"

_CONFIGURE = {"rule": Permission.REQUEST_CONFIGURE}
_LONGEST, _LONGEST_APPEAL = 120, 1_000
_NEW = "new"
"""Stands for the code of a proof that is not there yet, in the names of its fields."""

_CODE = re.compile(r"[a-z][a-z0-9-]{1,39}")


class Change(Struct, frozen=True):
    """What a service would ask for, beside what it asks for; `waiting` open requests want the service.

    `temporary` is what a temporary code would open from then on, where that changes: nothing, or days and entries.
    """

    service: Text
    before: list[Text]
    after: list[Text]
    waiting: int
    temporary: tuple[Temporary | None, Temporary | None] | None


@get("/request-terms", opt=_CONFIGURE, include_in_schema=False)
async def show(request: Asked, database: NamedDependency[Database]) -> Page:
    """Show what is asked for, in a form, and what was asked for before."""
    async with database.look() as unit:
        terms = await unit.requests.terms(request.user.authority_id)
        return await _page(request, unit, Form(_typed(terms)), terms)


@post("/request-terms", opt=_CONFIGURE, include_in_schema=False)
async def write(
    request: Asked,
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Show what would change; then, asked again, change it from the next request on."""
    form, agent = await read(request), request.user
    async with database.look() as unit:
        now_asked = await unit.requests.terms(agent.authority_id)
    wanted = _read(form, now_asked)
    if not form.is_wrong and form.kept("deed") == "keep":
        try:
            async with begin() as unit:
                await _check_seen(unit, agent.authority_id, form.kept("seen"))
                await set_terms(unit, wanted, authority_id=agent.authority_id, by=agent.id, now=clock())
        except VersionChanged:
            form.refuse("target_days", "terms_moved")
        except BadTerms:
            form.refuse("target_days", "bad_terms")
        else:
            return go(request, PATH, said=WORDS[language_of(request)]["done_terms"])
    status = 422 if form.is_wrong else 200
    async with database.read() as connection:
        waiting = await open_by_service(connection, agent.authority_id)
    changes = [] if form.is_wrong else _changes(now_asked, wanted, waiting)
    async with database.look() as unit:
        return await _page(request, unit, form, now_asked, changes=changes, previewed=True, status_code=status)


def _changes(before: Terms, after: Terms, waiting: dict[str, int]) -> list[Change]:
    """List the services whose proofs or temporary codes would not be what they are."""
    found = []
    for service in SERVICES:
        was, is_ = ([one.name for one in terms.wanted([service.code])] for terms in (before, after))
        codes = _codes(before, service.code), _codes(after, service.code)
        if was != is_ or codes[0] != codes[1]:
            count = waiting.get(service.code, 0)
            found.append(Change(service.name, was, is_, count, codes if codes[0] != codes[1] else None))
    return found


def _codes(terms: Terms, service: str) -> Temporary | None:
    """Return what a service's temporary code opens, without the product that follows from it."""
    said = terms.of(service).temporary
    return None if said is None else Temporary(said.days, said.entries)


def _read(form: Form, terms: Terms) -> Terms:
    """Read the terms; what does not fit is said at its field, and stays as it was."""
    target = form.whole("target_days", least=1, most=60)
    answer = form.whole("answer_days", least=7, most=365)
    proofs = {one.code: _proof(form, one) for one in terms.proofs}
    if form.kept("code_new").strip():
        code = form.text("code_new", longest=40)
        if not _CODE.fullmatch(code) or code in {*proofs, _NEW}:
            form.refuse("code_new", "bad_proof_code")
        proofs[_NEW] = replace(_proof(form, Proof(_NEW, Text(fr="", en=""), ())), code=code)
    services = tuple(
        ServiceTerms(
            service.code,
            tuple(one.code for key, one in proofs.items() if form.ticked(f"asks_{service.code}_{key}")),
            form.text(f"product_{service.code}", longest=60, required=False) or None,
            _temporary(form, service.code),
        )
        for service in SERVICES
    )
    return Terms(
        office=Office(
            name=_said(form, "office", longest=_LONGEST),
            address=form.text("office_address", longest=200),
            phone=form.text("office_phone", longest=30, required=False),
            email=form.text("office_email", longest=_LONGEST, required=False),
        ),
        proofs=tuple(proofs.values()),
        services=tuple(one for one in services if one.proofs or one.product or one.temporary),
        appeal=_said(form, "appeal", longest=_LONGEST_APPEAL),
        target_days=target or terms.target_days,
        answer_days=answer or terms.answer_days,
        silence=form.one_of("silence", Silence) or terms.silence,
    )


def _temporary(form: Form, service: str) -> Temporary | None:
    """Read what a temporary code of a service opens: both numbers, or neither."""
    days, entries = f"days_{service}", f"entries_{service}"
    if not form.kept(days).strip() and not form.kept(entries).strip():
        return None
    held = form.whole(days, least=1, most=MOST_DAYS), form.whole(entries, least=1, most=MOST_ENTRIES)
    return Temporary(held[0], held[1]) if held[0] is not None and held[1] is not None else None


def _proof(form: Form, proof: Proof) -> Proof:
    code = proof.code
    kinds = tuple(kind for kind in DocumentKind if form.ticked(f"kind_{code}_{kind.value}"))
    sworn = form.ticked(f"sworn_{code}")
    if not kinds and not sworn:
        form.refuse(f"proof_{code}_fr", "no_kind")
    has_age = bool(form.kept(f"months_{code}").strip())
    months = form.whole(f"months_{code}", least=1, most=120) if has_age else None
    return replace(
        proof, name=_said(form, f"proof_{code}", longest=_LONGEST), kinds=kinds, months=months, declaration=sworn
    )


def _said(form: Form, name: str, *, longest: int) -> Text:
    return Text(fr=form.lines(f"{name}_fr", longest=longest), en=form.lines(f"{name}_en", longest=longest))


def _typed(terms: Terms) -> dict[str, str]:
    """The terms as the form has them."""
    typed = {
        "target_days": str(terms.target_days),
        "answer_days": str(terms.answer_days),
        "silence": terms.silence.value,
        "office_fr": terms.office.name.fr,
        "office_en": terms.office.name.en,
        "office_address": terms.office.address,
        "office_phone": terms.office.phone,
        "office_email": terms.office.email,
        "appeal_fr": terms.appeal.fr,
        "appeal_en": terms.appeal.en,
    }
    for proof in terms.proofs:
        typed |= {f"proof_{proof.code}_fr": proof.name.fr, f"proof_{proof.code}_en": proof.name.en}
        typed[f"months_{proof.code}"] = str(proof.months or "")
        typed |= {f"kind_{proof.code}_{kind.value}": "yes" for kind in proof.kinds}
        if proof.declaration:
            typed[f"sworn_{proof.code}"] = "yes"
    for one in terms.services:
        typed |= {f"asks_{one.service}_{code}": "yes" for code in one.proofs}
        typed[f"product_{one.service}"] = one.product or ""
        if one.temporary is not None:
            typed[f"days_{one.service}"] = str(one.temporary.days)
            typed[f"entries_{one.service}"] = str(one.temporary.entries)
    return typed


async def _newest(unit: Unit, authority_id: UUID) -> str:
    """The number of the version in force, as the form carries it."""
    past = await unit.requests.past_terms(authority_id)
    return str(past[0].number if past else 0)


async def _check_seen(unit: Unit, authority_id: UUID, seen: str) -> None:
    if seen != await _newest(unit, authority_id):
        raise VersionChanged("A colleague has changed the terms meanwhile.")


async def _page(
    request: Asked,
    unit: Unit,
    form: Form,
    terms: Terms,
    *,
    changes: list[Change] | None = None,
    previewed: bool = False,
    status_code: int = 200,
) -> Page:
    authority_id, language = request.user.authority_id, language_of(request)
    day = local_day(request.app.state.clock(), request.auth.authority.zone)
    products = [await unit.products.by_code(authority_id, code) for code in await unit.products.codes(authority_id)]
    past = await unit.requests.past_terms(authority_id)
    return draw(
        request,
        "requests/terms.html",
        words=_labelled(terms),
        status_code=status_code,
        form=form,
        proofs=terms.proofs,
        kinds=list(DocumentKind),
        silences=[(one.value, WORDS[language][f"silence_{one.value}"]) for one in Silence],
        services=[(one, _offered(products, one.code, form, day)) for one in SERVICES],
        day=day,
        changes=changes,
        previewed=previewed and not form.is_wrong,
        seen=form.kept("seen") or await _newest(unit, authority_id),
        past=[(one, await login_of(unit, one.by) if one.by is not None else None) for one in past],
    )


def _offered(products: list[Product], service: str, form: Form, day: date) -> list[Product]:
    """List what an approval may grant: what is offered. What the form names already stays, withdrawn or not."""
    chosen = form.kept(f"product_{service}")
    return [
        one
        for one in products
        if one.service_code == service and (one.code == chosen or not one.terms.withdrawn_on(day))
    ]


def _labelled(terms: Terms) -> Words:
    """The words, with a label for each field of each proof: a summary names the field that does not fit."""
    labelled: Words = {}
    for language, words in WORDS.items():
        labelled[language] = dict(words)
        for code in (*(one.code for one in terms.proofs), _NEW):
            for part in ("fr", "en"):
                labelled[language][f"label_proof_{code}_{part}"] = words[f"proof_name_{part}"]
            labelled[language][f"label_months_{code}"] = words["proof_months"]
        for service in SERVICES:
            for part in ("days", "entries"):
                labelled[language][f"label_{part}_{service.code}"] = words[f"temporary_{part}"]
    return labelled


ROUTES = (show, write)
