"""What an act of an agent was done to, as the journal names it: by ids of ours, in the file of whose it is."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from domain.card_batches import BatchCard
from domain.errors import NotFound
from domain.journal import Kind, Object
from domain.passes import Pass, medium_bytes
from domain.people import Subject
from domain.ports import Unit

_LONGEST_NUMBER = 18

Path = dict[str, Any]
"""The parameters of an address."""


def about_pass(pass_: Pass) -> Object:
    """A pass, in its holder's file."""
    return Object(Kind.PASS, str(pass_.id), pass_.holder_id)


def about_medium_of(pass_: Pass, medium_id: int) -> Object:
    """A medium of a pass, in its holder's file."""
    return Object(Kind.MEDIUM, medium_bytes(medium_id).hex(), pass_.holder_id)


def about_holder(holder_id: UUID) -> Object:
    """Somebody's file."""
    return Object(Kind.HOLDER, str(holder_id), holder_id)


def about_card(card: BatchCard, pass_: Pass | None = None) -> Object:
    """A card of a batch: by the medium that it is or may become, never by its number."""
    return Object(Kind.CARD, medium_bytes(card.medium_id).hex(), pass_.holder_id if pass_ is not None else None)


async def about_medium(unit: Unit, authority_id: UUID, medium_id: int) -> Object:
    """A medium, in the file of whose it is."""
    holder_id = await unit.journal.holder_of(authority_id, Kind.MEDIUM, medium_id)
    return Object(Kind.MEDIUM, medium_bytes(medium_id).hex(), holder_id)


async def named_by(unit: Unit, authority_id: UUID, path: Path) -> Object:
    """Return what an address names: of several things the one that contains the others.

    Raises:
        NotFound: the authority has nothing of that name.
    """
    if not all(str(part).isprintable() for part in path.values()):
        raise NotFound("Nothing has such a name.")
    finder = next((finder for name, finder in _FINDERS.items() if name in path), None)
    return await finder(unit, authority_id, path) if finder is not None else Object(Kind.REGISTER)


async def _pass(unit: Unit, authority_id: UUID, path: Path) -> Object:
    pass_ = await unit.passes.by_number(authority_id, path["number"])
    medium = path.get("medium")
    return about_pass(pass_) if medium is None else Object(Kind.MEDIUM, medium.lower(), pass_.holder_id)


async def _household(unit: Unit, authority_id: UUID, path: Path) -> Object:
    found = await unit.people.household(authority_id, path["household"])
    return Object(Kind.HOUSEHOLD, str(found.id), await _member(unit, authority_id, path))


async def _organisation(unit: Unit, authority_id: UUID, path: Path) -> Object:
    found = await unit.people.organisation(authority_id, path["organisation"])
    return Object(Kind.ORGANISATION, str(found.id), await _member(unit, authority_id, path))


async def _holder(unit: Unit, authority_id: UUID, path: Path) -> Object:
    return about_holder((await unit.people.holder(authority_id, path["holder"])).id)


async def _subject(unit: Unit, authority_id: UUID, path: Path) -> Object:
    name = path["reference"]
    match Subject(path["kind"]):
        case Subject.PERSON:
            return about_holder((await unit.people.holder(authority_id, name)).id)
        case Subject.HOUSEHOLD:
            return Object(Kind.HOUSEHOLD, str((await unit.people.household(authority_id, name)).id))
        case Subject.ORGANISATION:
            return Object(Kind.ORGANISATION, str((await unit.people.organisation(authority_id, name)).id))


async def _right(unit: Unit, authority_id: UUID, path: Path) -> Object:
    right = await unit.products.entitlement(authority_id, path["right_id"])
    try:
        holder = await unit.people.holder_by_id(authority_id, right.subject_id)
    except NotFound:  # a household's or a firm's: no file of one person
        return Object(Kind.RIGHT, str(right.id))
    return Object(Kind.RIGHT, str(right.id), holder.id)


async def _sale(unit: Unit, authority_id: UUID, path: Path) -> Object:
    sale_id = path["sale_id"]
    return Object(Kind.SALE, str(sale_id), await unit.journal.holder_of(authority_id, Kind.SALE, sale_id))


async def _passage(unit: Unit, authority_id: UUID, path: Path) -> Object:
    number = path["passage"]
    if not (number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER):
        raise NotFound("No passage has such a number.")
    return Object(Kind.PASSAGE, number, await unit.journal.holder_of(authority_id, Kind.PASSAGE, int(number)))


async def _member(unit: Unit, authority_id: UUID, path: Path) -> UUID | None:
    reference = path.get("holder")
    return (await unit.people.holder(authority_id, reference)).id if reference is not None else None


async def _request(unit: Unit, authority_id: UUID, path: Path) -> Object:
    found = await unit.requests.by_reference(authority_id, path["request_reference"])
    return Object(Kind.REQUEST, str(found.id))


def _plain(kind: Kind, name: str) -> Callable[[Unit, UUID, Path], Awaitable[Object]]:
    async def find(_unit: Unit, _authority_id: UUID, path: Path) -> Object:
        return Object(kind, str(path[name]))

    return find


_FINDERS: dict[str, Callable[[Unit, UUID, Path], Awaitable[Object]]] = {
    "number": _pass,
    "household": _household,
    "organisation": _organisation,
    "holder": _holder,
    "reference": _subject,
    "request_reference": _request,
    "right_id": _right,
    "sale_id": _sale,
    "passage": _passage,
    "line": _plain(Kind.LINE, "line"),
    "batch": _plain(Kind.BATCH, "batch"),
    "site": _plain(Kind.SITE, "site"),
    "agent_id": _plain(Kind.AGENT, "agent_id"),
}
"""By a parameter of the address; the first that is there."""
