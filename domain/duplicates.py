"""What a request has in common with others and with the register: shown to whoever decides, side by side.

Three likenesses: a person of the same names and birthday, a household behind the same door, a document whose file came
before. None of them decides anything.
"""

from collections.abc import Collection
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from domain.applications import Person
from domain.likeness import address_key, name_key
from domain.people import Holder
from domain.ports import Unit
from domain.requests import PassRequest, RequestStatus


class Likeness(StrEnum):
    """What is alike."""

    PERSON_KNOWN = "person_known"
    """Somebody of the register has these names and this birthday."""
    PERSON_ASKS = "person_asks"
    """Another request is for the same person."""
    SAME_DOOR = "same_door"
    """Another request comes from the same address."""
    SAME_FILE = "same_file"
    """Another request brought the same file."""


class Duplicate(Struct, frozen=True):
    """One likeness. `reference` is a holder's where a person is known, a request's otherwise.

    `place` counts the persons of the request that is looked at, from 0; None where it is no person that is alike.
    """

    likeness: Likeness
    reference: str
    name: str
    place: int | None = None
    holder: Holder | None = None
    """Who of the register it is, where a person is known."""
    request: PassRequest | None = None
    """The other request, where it is one."""

    @property
    def status(self) -> RequestStatus | None:
        """How far the other request has come."""
        return self.request.status if self.request is not None else None


async def duplicates(unit: Unit, request: PassRequest) -> list[Duplicate]:
    """List the likenesses of a request, the closest first. What was withdrawn or given up counts no more."""
    found: list[Duplicate] = []
    own = {one.holder_id for one in await unit.temporary_passes.of_request(request.id)}
    for place, person in enumerate(request.application.persons):
        found += await _same_person(unit, request, place, person, own=own)
    address = request.application.address
    key = address_key(address.line, address.postcode)
    found += [
        Duplicate(Likeness.SAME_DOOR, other.reference, other.application.asker.name, request=other)
        for other in await unit.requests.behind_door(request.authority_id, key, but=request.id)
    ]
    found += [
        Duplicate(Likeness.SAME_FILE, other.reference, other.application.asker.name, request=other)
        for other in await unit.requests.with_files_of(request.authority_id, request.id)
    ]
    return found


async def _same_person(
    unit: Unit, request: PassRequest, place: int, person: Person, *, own: Collection[UUID]
) -> list[Duplicate]:
    """List who is alike; `own` stand in the register for the temporary passes of this request alone."""
    key = name_key(person.first_name, person.last_name)
    known = [
        Duplicate(
            Likeness.PERSON_KNOWN, holder.reference, f"{holder.first_name} {holder.last_name}", place, holder=holder
        )
        for holder in await unit.requests.holders_born(request.authority_id, person.born_on)
        if name_key(holder.first_name, holder.last_name) == key and holder.id not in {person.holder_id, *own}
    ]
    asking = [
        Duplicate(
            Likeness.PERSON_ASKS, other.reference, f"{person.first_name} {person.last_name}", place, request=other
        )
        for other in await unit.requests.for_person(request.authority_id, key, person.born_on, but=request.id)
    ]
    return known + asking


async def before(unit: Unit, request: PassRequest) -> list[PassRequest]:
    """List the earlier requests for the same persons, the newest first."""
    found: dict[UUID, PassRequest] = {}
    for person in request.application.persons:
        key = name_key(person.first_name, person.last_name)
        for other in await unit.requests.for_person(request.authority_id, key, person.born_on, but=request.id):
            if other.created_at <= request.created_at:
                found[other.id] = other
    return sorted(found.values(), key=lambda one: one.created_at, reverse=True)


def changed_since(earlier: PassRequest, request: PassRequest) -> tuple[str, ...]:
    """Name what a household says otherwise than the last time: fields of `Application` and of its address."""
    then, now = earlier.application, request.application
    fields = [
        name for name in ("asker", "persons", "services", "declared") if getattr(then, name) != getattr(now, name)
    ]
    if _keys(then.persons) == _keys(now.persons) and "persons" in fields:
        fields.remove("persons")
    if address_key(then.address.line, then.address.postcode) != address_key(now.address.line, now.address.postcode):
        fields.append("address")
    return tuple(fields)


def _keys(persons: tuple[Person, ...]) -> set[tuple[str, object]]:
    return {(name_key(one.first_name, one.last_name), one.born_on) for one in persons}
