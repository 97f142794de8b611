"""Editions of the bands, through both engines: two people, one in force, and a way back."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from msgspec import structs
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from domain.band_editions import Bands, EditionState, decline_bands, propose_bands, put_in_force
from domain.errors.bands import EditionNotFound
from domain.errors.floods import AlreadyDecided, SecondPersonNeeded
from store.tables.bands import band_edition
from store.unit import SqlUnit
from tests.city import NOW
from tests.contract.register import Register
from tour.catalogue import CATALOGUE
from tour.scales import FILES, bands_of, scales_of

WRITER, READER = UUID(int=701), UUID(int=702)
BASE = CATALOGUE.scales["co2-room"]


def bands(source: str) -> Bands:
    return structs.replace(bands_of(BASE), source=source, source_date=date(2026, 10, 1), checked=date(2026, 11, 20))


async def in_force(register: Register) -> str:
    """The source that residents would read."""
    scales = await scales_of(register.unit, register.city.authority)
    found = scales.called(BASE.code)
    assert found is not None
    return found.source


async def propose(register: Register, source: str | None) -> int:
    return (
        await propose_bands(
            register.unit,
            register.city.authority.id,
            BASE.code,
            None if source is None else bands(source),
            reason="Décision du service",
            agent_id=WRITER,
            now=NOW,
        )
    ).number


async def accept(register: Register, number: int, agent_id: UUID = READER) -> None:
    edition = await register.unit.bands.edition(register.city.authority.id, BASE.code, number)
    await put_in_force(register.unit, edition, agent_id=agent_id, now=NOW + timedelta(hours=1))


async def test_one_person_proposes_another_puts_in_force_and_going_back_takes_two_as_well(register: Register) -> None:
    number = await propose(register, "la première")
    assert await in_force(register) == BASE.source
    with pytest.raises(SecondPersonNeeded):
        await accept(register, number, WRITER)
    await accept(register, number)
    assert await in_force(register) == "la première"

    await accept(register, await propose(register, "la deuxième"))
    await accept(register, await propose(register, "la première"))
    assert await in_force(register) == "la première"
    await accept(register, await propose(register, None))
    assert await scales_of(register.unit, register.city.authority) == FILES
    history = await register.unit.bands.of_scale(register.city.authority.id, BASE.code)
    assert [one.number for one in history] == [4, 3, 2, 1]
    assert [one.state for one in history] == [EditionState.IN_FORCE, *[EditionState.REPLACED] * 3]
    assert {(one.proposed_by, one.decided_by) for one in history} == {(WRITER, READER)}
    assert history[3].bands == bands("la première")


async def test_what_waited_makes_room_and_what_is_decided_is_decided(register: Register) -> None:
    first, second = await propose(register, "la première"), await propose(register, "la deuxième")
    with pytest.raises(AlreadyDecided):
        await accept(register, first)
    edition = await register.unit.bands.edition(register.city.authority.id, BASE.code, second)
    await decline_bands(register.unit, edition, agent_id=WRITER, now=NOW)
    with pytest.raises(AlreadyDecided):
        await accept(register, second)
    # Who had read it a moment before finds out when writing.
    with pytest.raises(AlreadyDecided):
        await put_in_force(register.unit, edition, agent_id=READER, now=NOW)
    assert await register.unit.bands.current(register.city.authority.id) == []
    assert await in_force(register) == BASE.source


async def test_another_authority_has_its_own(register: Register) -> None:
    number = await propose(register, "la première")
    await accept(register, number)
    with pytest.raises(EditionNotFound):
        await register.unit.bands.edition(register.city.neighbour.id, BASE.code, number)
    assert await scales_of(register.unit, register.city.neighbour) == FILES


async def test_two_proposals_of_one_number_and_one_person_alone_are_refused_by_the_table(register: Register) -> None:
    number = await propose(register, "la première")
    edition = await register.unit.bands.edition(register.city.authority.id, BASE.code, number)
    assert isinstance(register.unit, SqlUnit)
    connection = register.unit.connection
    with pytest.raises(AlreadyDecided):
        async with connection.begin_nested():
            await register.unit.bands.add(structs.replace(edition, id=UUID(int=9)))
    alone = update(band_edition).values(state="in-force", decided_by=WRITER, decided_at=NOW)
    with pytest.raises(IntegrityError):
        async with connection.begin_nested():
            await connection.execute(alone)
