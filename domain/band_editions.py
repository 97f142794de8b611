"""Editions of the bands of the tour: what an authority says of a value, where it says it otherwise than the program.

The files of the program are the ground (`tour/catalogue/scales/`). An edition lies over one scale: its edges, its
sentences, where they come from and when that was looked at. One agent proposes it and another puts it in force, as with
sheets; what was in force before stays on record and can be proposed again.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.errors.floods import AlreadyDecided, SecondPersonNeeded
from domain.ports import Unit

LONGEST_SOURCE = 200
LONGEST_REASON = 400
"""In letters: where the edges come from, and why an edition is proposed."""

FILES_NUMBER = 0
"""The version that the program brings along."""


class Sentence(Struct, frozen=True, forbid_unknown_fields=True):
    """One text three times: French, English, and French that is easy to read."""

    fr: str
    en: str
    easy: str


class Limit(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a band ends, in the unit in which the quantity is stored, and whether the edge itself is still in it."""

    value: float
    included: bool


class BandText(Struct, frozen=True, forbid_unknown_fields=True):
    """What one band says. Its code, and how it feels, are the program's."""

    code: str
    label: Sentence
    state: Sentence
    action: Sentence
    elsewhere: Sentence | None = None


class Bands(Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in an edition: edges, sentences, the text that set the edges, and when somebody compared the two."""

    edges: tuple[Limit, ...]
    texts: tuple[BandText, ...]
    source: str
    source_date: date
    checked: date


class EditionState(StrEnum):
    """What became of an edition."""

    PROPOSED = "proposed"
    IN_FORCE = "in-force"
    REPLACED = "replaced"
    DECLINED = "declined"


class Edition(Struct, frozen=True, kw_only=True):
    """One version of a scale's bands. `bands` is None where the program's own are to hold again."""

    id: UUID
    authority_id: UUID
    scale: str
    number: int
    bands: Bands | None
    reason: str
    state: EditionState
    proposed_by: UUID
    proposed_at: datetime
    decided_by: UUID | None = None
    decided_at: datetime | None = None


class BandEditions(Protocol):
    """The editions of an authority (`store.band_editions`)."""

    async def add(self, new: Edition) -> None:
        """Write a proposal.

        Raises:
            AlreadyDecided: a colleague has proposed another at the same moment.
        """
        ...

    async def save(self, changed: Edition, *, was: EditionState) -> None:
        """Write what became of an edition.

        Raises:
            AlreadyDecided: it is not what it was any more.
        """
        ...

    async def edition(self, authority_id: UUID, scale: str, number: int) -> Edition: ...
    async def of_scale(self, authority_id: UUID, scale: str) -> list[Edition]:
        """List every edition of a scale, the newest first."""
        ...

    async def current(self, authority_id: UUID) -> list[Edition]:
        """List what waits and what is in force, by scale."""
        ...


def newest_of(editions: list[Edition]) -> int:
    """Return the number of the newest edition of a scale, as `of_scale` lists them; that of the files without any."""
    return editions[0].number if editions else FILES_NUMBER


async def propose_bands(
    unit: Unit, authority_id: UUID, scale: str, bands: Bands | None, *, reason: str, agent_id: UUID, now: datetime
) -> Edition:
    """Write an edition down for a colleague to read; what waited before makes room for it.

    Raises:
        AlreadyDecided: a colleague has proposed another at the same moment.
    """
    known = await unit.bands.of_scale(authority_id, scale)
    for before in known:
        if before.state is EditionState.PROPOSED:
            await _move(unit, before, EditionState.REPLACED, agent_id, now)
    new = Edition(
        id=unit.ids.row(),
        authority_id=authority_id,
        scale=scale,
        number=newest_of(known) + 1,
        bands=bands,
        reason=reason,
        state=EditionState.PROPOSED,
        proposed_by=agent_id,
        proposed_at=now,
    )
    await unit.bands.add(new)
    return new


async def put_in_force(unit: Unit, edition: Edition, *, agent_id: UUID, now: datetime) -> Edition:
    """Let residents read an edition, in the place of the one before.

    Raises:
        AlreadyDecided: it does not wait any more.
        SecondPersonNeeded: the same person has proposed it.
    """
    if edition.proposed_by == agent_id:
        raise SecondPersonNeeded("Somebody else has to read what you proposed.")
    for before in await unit.bands.of_scale(edition.authority_id, edition.scale):
        if before.state is EditionState.IN_FORCE:
            # Who put it in force stays on record, for it was.
            await unit.bands.save(replace(before, state=EditionState.REPLACED), was=EditionState.IN_FORCE)
    return await _move(unit, edition, EditionState.IN_FORCE, agent_id, now)


async def decline_bands(unit: Unit, edition: Edition, *, agent_id: UUID, now: datetime) -> Edition:
    """Take a proposal away; whoever made it may.

    Raises:
        AlreadyDecided: it does not wait any more.
    """
    return await _move(unit, edition, EditionState.DECLINED, agent_id, now)


async def _move(unit: Unit, edition: Edition, state: EditionState, agent_id: UUID, now: datetime) -> Edition:
    if edition.state is not EditionState.PROPOSED:
        raise AlreadyDecided(f"This edition is {edition.state}.")
    moved = replace(edition, state=state, decided_by=agent_id, decided_at=now)
    await unit.bands.save(moved, was=EditionState.PROPOSED)
    return moved
