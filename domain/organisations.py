"""Firms, associations and municipal services: subjects whose members come and go, each with a pass of their own."""

import re
from contextlib import suppress
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from domain.circumstances import CircumstanceKind, record_circumstance
from domain.errors import AlreadyExists, NameMissing
from domain.errors.people import BadRegistration, OrganisationNotFound
from domain.ports import Unit


class OrganisationKind(StrEnum):
    """What an organisation is to the authority: what it may bring, and who pays, hangs on it."""

    PROFESSIONAL = "professional"
    ASSOCIATION = "association"
    MUNICIPAL = "municipal"


class Organisation(Struct, frozen=True):
    """An organisation in the register.

    `registration` is a SIRET (14 digits), or for an association its RNA (W and 9 digits); municipal services may do
    without.
    """

    id: UUID
    authority_id: UUID
    reference: str
    name: str
    kind: OrganisationKind
    registration: str | None
    created_at: datetime
    keep_until: date


async def register_organisation(
    unit: Unit,
    *,
    authority_id: UUID,
    reference: str,
    name: str,
    kind: OrganisationKind,
    registration: str | None,
    commune_code: str,
    now: datetime,
    keep_until: date,
) -> Organisation:
    """Write an organisation with its seat into the register; its members join one by one, as in a household.

    Raises:
        NameMissing: it has no name.
        BadRegistration: its kind asks for a registration that is missing or does not check.
        AlreadyExists: the authority has an organisation of this reference or registration.
        BadCircumstance: `commune_code` is no INSEE code.
    """
    if not name.strip():
        raise NameMissing(f"Organisation {reference} has no name.")
    number = checked_registration(kind, registration)
    with suppress(OrganisationNotFound):
        await unit.people.organisation(authority_id, reference)
        raise AlreadyExists(f"There is an organisation {reference} already.")
    # Registered twice, a firm would have every quota twice.
    if number is not None and await unit.people.registration_taken(authority_id, number):
        raise AlreadyExists(f"An organisation with the registration {number} stands in the register already.")
    organisation = Organisation(
        id=unit.ids.row(),
        authority_id=authority_id,
        reference=reference,
        name=name.strip(),
        kind=kind,
        registration=number,
        created_at=now,
        keep_until=keep_until,
    )
    await unit.people.add_organisation(organisation)
    await record_circumstance(unit, organisation, kind=CircumstanceKind.COMMUNE, value=commune_code, since=now.date())
    return organisation


def checked_registration(kind: OrganisationKind, registration: str | None) -> str | None:
    """Return a registration without the spaces that people type, or None where none is needed nor given.

    Raises:
        BadRegistration: it is missing, or is not one that this kind of organisation has.
    """
    number = "".join((registration or "").split()).upper()
    if not number and kind is OrganisationKind.MUNICIPAL:
        return None
    if is_siret(number) or (kind is OrganisationKind.ASSOCIATION and _RNA.fullmatch(number)):
        return number
    asked = "SIRET (14 digits) or RNA (W and 9 digits)" if kind is OrganisationKind.ASSOCIATION else "SIRET (14 digits)"
    if not number:
        raise BadRegistration(f"A {kind} organisation is registered with its {asked}.")
    raise BadRegistration(f"{number} is no {asked} that checks: a digit may be wrong, or two swapped.")


_RNA = re.compile(r"W[0-9]{9}")
_SIRET = re.compile(r"[0-9]{14}")
_LA_POSTE = "356000000"


def is_siret(number: str) -> bool:
    """Whether 14 digits are a SIRET: the Luhn sum ends in 0.

    The establishments of La Poste ran out of numbers that do: there, the sum of the digits is a multiple of 5 (INSEE).
    """
    if not _SIRET.fullmatch(number) or not number.strip("0"):
        return False
    digits = [int(digit) for digit in number]
    if number.startswith(_LA_POSTE) and sum(digits) % 5 == 0:
        return True
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
