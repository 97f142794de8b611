"""Taking a line of an old card file into the register: the person, their pass, their card, their rights."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from msgspec import Struct

from domain.cards import CardTechnology, bind_card
from domain.import_kinds import Field, ImportKind
from domain.import_lines import Newcomer
from domain.imports import LineFlaw, LineReason
from domain.passes import MediumKind, Pass, issue
from domain.people import KEPT_AFTER, Subject, register_holder
from domain.places import Authority
from domain.ports import Unit
from domain.products import Product
from domain.rights import Wish, grant_to


class Welcome(Struct, frozen=True):
    """What all newcomers of a file share. `code` names who has no reference; all begins on `since`."""

    authority: Authority
    code: str
    since: date
    for_all: tuple[Product, ...]
    products: Mapping[str, Product]


class Known(Struct, frozen=True):
    """What the register knows already of some newcomers: names with days of birth, references, chips."""

    names: frozenset[tuple[str, date]]
    references: frozenset[str]
    chips: frozenset[bytes]


_NOT_FOR: dict[ImportKind, Subject] = {
    ImportKind.CARDS: Subject.ORGANISATION,
    ImportKind.HOUSEHOLDS: Subject.ORGANISATION,
    ImportKind.ORGANISATIONS: Subject.HOUSEHOLD,
}
"""Whose rights no line of a file can be about."""


def may_be_imported(product: Product, kind: ImportKind) -> bool:
    """Tell whether a product may be granted to a whole file: no derogation, nothing asked ahead or for others.

    Nothing that is withdrawn or will be, either: a file may take days.
    """
    terms = product.terms
    asked = terms.lifts or terms.notice_days or terms.yearly is not None
    return not (product.subject is _NOT_FOR[kind] or asked or terms.offered_until is not None)


def reference_of(newcomer: Newcomer, code: str) -> str:
    """Return the reference under which somebody will stand in the register."""
    return newcomer.reference or f"{code}-{newcomer.line}"


def sift(newcomers: Sequence[Newcomer], known: Known, code: str) -> tuple[list[Newcomer], list[LineFlaw]]:
    """Tell those who are new from those whom the register has already."""
    new: list[Newcomer] = []
    flaws: list[LineFlaw] = []
    for one in newcomers:
        found = []
        if one.name_key in known.names:
            found.append(LineFlaw(one.line, LineReason.IN_REGISTER, Field.LAST_NAME))
        if reference_of(one, code) in known.references:
            found.append(LineFlaw(one.line, LineReason.REFERENCE_KNOWN, Field.REFERENCE))
        if one.uid_digest in known.chips:
            found.append(LineFlaw(one.line, LineReason.CARD_KNOWN, Field.CARD))
        flaws += found
        if not found:
            new.append(one)
    return new, flaws


async def welcome(unit: Unit, newcomer: Newcomer, shared: Welcome, *, now: datetime) -> Pass:
    """Write somebody into the register, with a pass, a printed code to come, their old card, and rights.

    Raises:
        AlreadyExists: somebody else has their reference or their card, perhaps since a moment ago.
    """
    authority = shared.authority
    holder = await register_holder(
        unit,
        authority_id=authority.id,
        reference=reference_of(newcomer, shared.code),
        first_name=newcomer.first_name,
        last_name=newcomer.last_name,
        born_on=newcomer.born_on,
        commune_code=newcomer.commune_code,
        now=now,
        keep_until=newcomer.until + KEPT_AFTER,
    )
    expires_at = datetime.combine(newcomer.until, time(), ZoneInfo(authority.zone)).astimezone(UTC)
    issued = await issue(
        unit,
        holder,
        kind=MediumKind.PRINT,
        valid_from=shared.since,
        valid_until=newcomer.until,
        expires_at=expires_at,
        now=now,
    )
    if newcomer.uid_digest is not None:
        await bind_card(
            unit,
            issued.pass_,
            uid_digest=newcomer.uid_digest,
            technology=CardTechnology.UID_ONLY,
            key_version=None,
            expires_at=expires_at,
            now=now,
        )
    own = (shared.products[newcomer.product],) if newcomer.product is not None else ()
    for product in {one.code: one for one in (*own, *shared.for_all)}.values():
        wish = Wish(product, since=shared.since, until=newcomer.until)
        await grant_to(unit, holder, wish, today=shared.since, now=now)
    return issued.pass_
