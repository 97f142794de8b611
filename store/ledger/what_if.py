"""A passage that never happens: the facts by which it would be judged, read as the ledger reads them.

Beside the lane, never through it: a connection of its own that cannot write, so that no gate waits for an agent's
question. Counters and counts are those of now, whatever the instant that is asked about; products and sites say what
they said then, or will, and the pass and its media are what they were.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.access.catalogue import Catalogue
from domain.access.facts import Direction, Evidence, Facts
from domain.errors import Overloaded
from domain.errors.passes import MediumNotFound
from domain.errors.places import GateNotFound, SiteNotFound
from domain.limits import ONE, Measure
from domain.passes import Medium, MediumStatus, PassStatus
from domain.places import Doorway
from store.database import Database
from store.ledger.judge import facts_of
from store.ledger.rows import Known
from store.ledger.scan import Scan
from store.pasts import catalogue_at, pass_at

TRIES = 5
"""How often the reference data may move under one question."""

_NOBODY = UUID(int=0)
_ONE_VISIT = {Measure.VISIT: ONE}


class WhatIf(Struct, frozen=True):
    """One question: this pass, at this site, at this instant.

    Without `gate` it is the site's first by code; without `medium_id` the pass's oldest medium in use then, or, where
    none was, its newest one.
    """

    authority_id: UUID
    number: str
    site: str
    at: datetime
    direction: Direction = Direction.ENTRY
    gate: str | None = None
    medium_id: int | None = None


class Considered(Struct, frozen=True):
    """The medium that would be shown, and the facts of its passage."""

    medium: Medium
    facts: Facts


FlawThen = Callable[[str, Medium, datetime], str | None]
"""Says what was wrong, at an instant, with the best code that a medium of an authority could have by then."""


async def imagine(database: Database, question: WhatIf, flaw_then: FlawThen | None = None) -> Considered:
    """Read the facts of a passage with a genuine code. Nothing is recorded, spent or moved.

    `flaw_then` knows the keys; without it they are all in force.

    Raises:
        PassNotFound: no pass of this authority has this number.
        SiteNotFound: no site of this authority with a gate has this code.
        GateNotFound: the site has no gate of this code.
        MediumNotFound: the pass has no such medium, or none at all.
        LedgerUnavailable: the database is away.
    """
    async with database.look() as unit:
        pass_ = await unit.passes.by_number(question.authority_id, question.number)
        media = await unit.passes.media(pass_.id)
    async with database.read() as connection:
        then = await pass_at(connection, pass_, media, question.at)
    there = [one for one in then.media if one.created_at <= question.at or one.id == question.medium_id]
    medium = shown_of(there or list(then.media), question.medium_id)
    for _ in range(TRIES):
        catalogue = await catalogue_at(database, question.authority_id, question.at)
        door = _door(catalogue, question)
        scan = _scan(question, door, medium)
        flaw = flaw_then(door.authority_code, medium, question.at) if flaw_then is not None else None
        if flaw is not None:
            scan = replace(scan, evidence=replace(scan.evidence, flaw=flaw))
        facts = await consider(database, scan, catalogue)
        if facts is not None:
            return Considered(medium, _as_it_was(facts, medium, then.status))
    raise Overloaded("The places and products keep changing: ask again.")


def _as_it_was(facts: Facts, medium: Medium, status: PassStatus) -> Facts:
    if facts.medium is None:
        return facts
    return replace(facts, medium=replace(facts.medium, medium_status=medium.status, pass_status=status))


async def consider(database: Database, scan: Scan, catalogue: Catalogue) -> Facts | None:
    """Return the facts by which a scan would be judged if it came alone, now; None if the catalogue is outdated."""
    known = await look(database, [scan], catalogue, seconds=database.soon)
    return None if known is None else facts_of(scan, known, catalogue)


async def look(database: Database, scans: list[Scan], catalogue: Catalogue, *, seconds: float) -> Known | None:
    """Read what a batch of scans that never happen would be judged by; None if the catalogue is outdated."""
    if database.is_sqlite:
        from store.ledger import sqlite  # noqa: PLC0415 - one driver, not two

        return await asyncio.to_thread(sqlite.look, database.path, scans, catalogue)
    from store.ledger import postgres  # noqa: PLC0415 - asyncpg is an extra

    return await postgres.look(database.dsn, scans, catalogue, seconds=seconds)


def shown_of(media: list[Medium], medium_id: int | None = None) -> Medium:
    """Choose the medium that would be shown: the one that is named, or else one in use.

    Raises:
        MediumNotFound: the pass has no such medium, or none at all.
    """
    if medium_id is not None:
        found = next((one for one in media if one.id == medium_id), None)
        if found is None:
            raise MediumNotFound("This pass has no such medium.")
        return found
    if not media:
        raise MediumNotFound("No medium shows this pass.")
    return next((one for one in media if one.status is MediumStatus.ACTIVE), media[-1])


def _door(catalogue: Catalogue, question: WhatIf) -> Doorway:
    doors = [
        door
        for door in catalogue.doorways.values()
        if door.site.authority_id == question.authority_id and door.site.code == question.site
    ]
    if not doors:
        raise SiteNotFound(f"No site with a gate has the code {question.site}.")
    if question.gate is not None:
        doors = [door for door in doors if door.gate.code == question.gate]
        if not doors:
            raise GateNotFound(f"The site {question.site} has no gate of the code {question.gate}.")
    return min(doors, key=lambda door: door.gate.code)


def evidence_of(medium: Medium, authority_code: str, at: datetime) -> Evidence:
    """Return what reading a genuine code of this medium would prove at an instant."""
    # To the second, as a reader compares the date inside a code.
    over = int(at.timestamp()) >= int(medium.expires_at.timestamp())
    return Evidence(medium_id=medium.id, assurance=1, flaw="code_expired" if over else None, issuer=authority_code)


def _scan(question: WhatIf, door: Doorway, medium: Medium) -> Scan:
    return Scan(
        terminal_id=_NOBODY,
        key="",
        fingerprint=b"",
        gate_id=door.gate.id,
        direction=question.direction,
        evidence=evidence_of(medium, door.authority_code, question.at),
        # The visit was counted at the entrance; what would be handed over nobody has said.
        asked={} if question.direction is Direction.DEPOSIT else _ONE_VISIT,
        at=question.at,
    )
