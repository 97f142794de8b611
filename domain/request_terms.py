"""What an authority asks for and promises: proofs for each service, delays, and what the law has it say.

All of it is data that the authority edits; the law's own periods are here. A proof is asked for once, whatever number
of services want it. CRPA is the *code des relations entre le public et l'administration*.
"""

from calendar import monthrange
from collections.abc import Container, Sequence
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib import resources
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from domain.applications import Application
from domain.documents import Document, DocumentKind, proves
from domain.errors.requests import BadTerms
from domain.ports import Unit
from domain.products import after_working_days
from domain.services import BY_CODE
from domain.temporary_products import Temporary, offer
from domain.text import Text

SILENCE_MONTHS = 2
"""What the authority has not decided by then is decided (CRPA, art. L. 231-1 and L. 231-4)."""


class Silence(StrEnum):
    """What the law makes of two months without an answer."""

    ACCEPTS = "accepts"
    REJECTS = "rejects"


class Proof(Struct, frozen=True, forbid_unknown_fields=True):
    """Something to be proved, by a document of one of these kinds.

    `months` is how old it may be, None whatever its age; with `declaration` a sworn statement does instead.
    """

    code: str
    name: Text
    kinds: tuple[DocumentKind, ...]
    months: int | None = None
    declaration: bool = False


class ServiceTerms(Struct, frozen=True, forbid_unknown_fields=True):
    """What one service asks for, and the code of the product that an approval grants; None: the pass alone.

    With `temporary`, whoever has sent a request may use the service before it is decided.
    """

    service: str
    proofs: tuple[str, ...] = ()
    product: str | None = None
    temporary: Temporary | None = None


class Office(Struct, frozen=True, forbid_unknown_fields=True):
    """The desk that answers for requests, as a receipt must name it (CRPA, art. R. 112-5)."""

    name: Text
    address: str
    phone: str
    email: str


class Terms(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """All that an authority asks for and promises.

    `target_days` are working days to a decision, `answer_days` what a household has to answer a question.
    """

    office: Office
    proofs: tuple[Proof, ...]
    services: tuple[ServiceTerms, ...]
    appeal: Text
    target_days: int = 5
    answer_days: int = 60
    silence: Silence = Silence.REJECTS

    def of(self, service: str) -> ServiceTerms:
        """Return what a service asks for: nothing, where the authority says nothing."""
        return next((one for one in self.services if one.service == service), ServiceTerms(service))

    def wanted(self, services: Sequence[str]) -> list[Proof]:
        """List the proofs that these services ask for, each once, in the authority's order."""
        codes = {code for service in services for code in self.of(service).proofs}
        return [proof for proof in self.proofs if proof.code in codes]


@cache
def usual_terms() -> Terms:
    """What an authority asks for that has said nothing else."""
    text = resources.files("domain").joinpath("request_terms.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=Terms)


class TermsVersion(Struct, frozen=True):
    """What an authority asked for from an instant on. `by` is the agent who wrote it; None on the command line."""

    number: int
    terms: Terms
    by: UUID | None
    at: datetime


async def set_terms(unit: Unit, terms: Terms, *, authority_id: UUID, by: UUID | None, now: datetime) -> Terms:
    """Change what the authority asks for, from the next request that is looked at. What it asked before stays known.

    Returns it with the products of its temporary codes, which are published where there are none.

    Raises:
        BadTerms: a service is unknown, a proof is not described or can be given by nothing, or a delay or a temporary
            code is impossible.
        ProductNotFound: the authority has no such product.
    """
    described = {proof.code for proof in terms.proofs}
    for one in terms.services:
        if one.service not in BY_CODE:
            raise BadTerms(f"There is no service {one.service!r}.")
        for code in one.proofs:
            if code not in described:
                raise BadTerms(f"{one.service} asks for {code!r}, which is not described.")
        if one.product is not None:
            product = await unit.products.by_code(authority_id, one.product)
            if product.service_code != one.service:
                raise BadTerms(f"{one.product} belongs to {product.service_code}, not to {one.service}.")
    if any(not proof.kinds and not proof.declaration for proof in terms.proofs):
        raise BadTerms("A proof that no document and no statement gives can never be given.")
    if not (1 <= terms.target_days <= 60 and 7 <= terms.answer_days <= 365):
        raise BadTerms("Decisions take 1 to 60 working days, answers 7 to 365 days.")
    services = [await _with_temporary(unit, authority_id, one) for one in terms.services]
    written = replace(terms, services=tuple(services))
    await unit.requests.save_terms(authority_id, written, by=by, now=now)
    return written


async def _with_temporary(unit: Unit, authority_id: UUID, one: ServiceTerms) -> ServiceTerms:
    if one.temporary is None:
        return one
    like = await unit.products.by_code(authority_id, one.product) if one.product is not None else None
    return replace(one, temporary=await offer(unit, authority_id, one.service, one.temporary, like=like))


def missing(terms: Terms, application: Application, documents: Sequence[Document]) -> list[Proof]:
    """List the proofs that neither a document nor a sworn statement gives."""
    given = {document.kind for document in documents if proves(document)}
    return [
        proof
        for proof in terms.wanted(application.services)
        if not given & set(proof.kinds) and not (proof.declaration and proof.code in application.declared)
    ]


def due_day(terms: Terms, received_on: date, *, bank_days: Container[date]) -> date:
    """Return the day by which the authority means to decide."""
    return after_working_days(received_on, terms.target_days, bank_days=bank_days)


def silent_day(received_on: date) -> date:
    """Return the day on which silence decides: two months after the request came, by the calendar."""
    year, month = divmod(received_on.year * 12 + received_on.month - 1 + SILENCE_MONTHS, 12)
    return date(year, month + 1, min(received_on.day, monthrange(year, month + 1)[1]))
