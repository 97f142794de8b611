"""Organisations, their registration and their members, on both engines."""

import pytest

from domain.circumstances import (
    commune_of,
)
from domain.errors import AlreadyExists, NameMissing
from domain.errors.people import OrganisationNotFound
from domain.organisations import Organisation, OrganisationKind, register_organisation
from domain.people import join
from tests.city import KEEP, NOW
from tests.contract.register import A_DAY, FOUNDED, LILLE, OCTOBER, Register


async def found_firm(
    register: Register, reference: str = "PRO-1", siret: str | None = "73282932000074"
) -> Organisation:
    return await register_organisation(
        register.unit,
        authority_id=register.owner,
        reference=reference,
        name=" Menuiserie Roux ",
        kind=OrganisationKind.PROFESSIONAL,
        registration=siret,
        commune_code=LILLE,
        now=NOW,
        keep_until=KEEP,
    )


async def test_several_members_of_a_firm_spend_its_rights_between_their_days(register: Register) -> None:
    firm = await found_firm(register)
    zoe, yann = await register.person("zoe"), await register.person("yann")
    await join(register.unit, zoe, firm.id, since=FOUNDED)
    await join(register.unit, yann, firm.id, since=FOUNDED, until=OCTOBER)
    assert await register.spends(zoe, OCTOBER) == {firm.id}
    assert await register.spends(yann, OCTOBER - A_DAY) == {firm.id}
    assert await register.spends(yann, OCTOBER) == set()
    assert await register.unit.people.organisations_of(zoe.id, OCTOBER) == [firm]
    assert [one.reference for one, _ in await register.unit.people.members(firm.id, OCTOBER)] == ["zoe"]
    assert await register.unit.people.organisation(register.owner, "PRO-1") == firm
    assert firm.name == "Menuiserie Roux"
    assert await commune_of(register.unit, firm.id, NOW.date()) == LILLE


async def test_a_firm_is_registered_once(register: Register) -> None:
    """Twice in the register, it would have every quota twice."""
    await found_firm(register)
    with pytest.raises(AlreadyExists, match="PRO-1"):
        await found_firm(register, "PRO-1", "35600000000048")
    with pytest.raises(AlreadyExists, match="73282932000074"):
        await found_firm(register, "PRO-2", "732 829 320 00074")
    with pytest.raises(OrganisationNotFound):
        await register.unit.people.organisation(register.city.neighbour.id, "PRO-1")


async def test_an_organisation_has_a_name(register: Register) -> None:
    with pytest.raises(NameMissing):
        await register_organisation(
            register.unit,
            authority_id=register.owner,
            reference="S-1",
            name=" ",
            kind=OrganisationKind.MUNICIPAL,
            registration=None,
            commune_code=LILLE,
            now=NOW,
            keep_until=KEEP,
        )
