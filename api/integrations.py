"""What other software calls: the complete export of passages, without a name in it."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter
from litestar.response import Stream
from msgspec import Struct

from adapters.keyring import KeyRing
from domain.access.facts import Direction
from domain.access.merge import Flag
from domain.access.reasons import Outcome, Reason
from domain.acts import Act
from domain.agents import Agent, Permission
from domain.errors import Invalid
from domain.limits import ONE, Measure
from domain.motives import Motive
from domain.privacy import pseudonym, right_pseudonym
from domain.services import BY_CODE, SERVICES, check_sector
from store.database import Database
from store.exports import validations_after

PAGE = 1_000


class BadCursor(Invalid):
    """The cursor is not one that was given."""

    code = "bad-cursor"


class SpentUnits(Struct, frozen=True, rename="camel"):
    """What a passage counted against one limit of a right, in whole units. `right` is its pseudonym in the sector."""

    right: str
    position: int
    starts_on: date
    ends_before: date
    amount: float


class Deposited(Struct, frozen=True, rename="camel"):
    """What was handed over of one kind of waste, in whole units."""

    kind: str
    unit: Measure
    amount: float


class ExportedValidation(Struct, frozen=True, rename="camel"):
    """One line of the export. `subject` is the person's pseudonym in the sector of this service, and in no other;
    where the sector knows them by a card's AMC identifier, it is that, in hexadecimal.

    `persons` is how many it was for: more than one where a group came in, left, was refused or was taken back.
    `billedCents` is what the passage added to a later bill, and less than nothing where it `cancels` another one, named
    by its cursor. `byAgent` says that an agent acted, for a `motive`; then there is no `terminalId`, and never a name.

    `happenedAt` is the passage's own time, by the server's clock. With `offline` a terminal decided alone and told it
    later, so `recordedAt` lies after it; `flags` say what an agent should look at.
    """

    cursor: str
    recorded_at: datetime
    happened_at: datetime
    offline: bool
    flags: list[Flag]
    terminal_time: datetime | None
    terminal_id: UUID | None
    gate: str
    site: str
    service: str
    direction: Direction
    subject: str | None
    outcome: Outcome
    reason: Reason
    persons: int
    charges: list[SpentUnits]
    billed_cents: int
    paid_cents: int
    by_agent: bool
    motive: Motive | None
    cancels: str | None
    deposits: list[Deposited]


@get(
    "/exports/validations",
    opt={"rule": Permission.VALIDATION_EXPORT, "journal": Act.PASSAGES_EXPORTED},
    media_type="application/jsonl",
    summary="Export passages",
    tags=["Exports"],
)
async def export_validations(
    request: Request[Agent, Any, Any],
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    *,
    after: FromQuery[str] = "0",
    limit: Annotated[int, QueryParameter(ge=1, le=1_000_000)] = 100_000,
    sector: FromQuery[str | None] = None,
) -> Stream:
    """Stream events as JSON Lines, oldest first, each once.

    Give the `cursor` of the last line you kept as `after` to go on from there, now or tomorrow: an event appears as
    soon as it is committed, never before an event with a smaller cursor. An empty answer means that there is no more.
    With `sector`, the lines of its services alone: what a sector's own software is given.
    """
    start = read_cursor(after)
    async with database.look() as unit:
        authority = await unit.places.authority_by_id(request.user.authority_id)
    if sector is not None:
        check_sector(sector)
    services = [service for service in SERVICES if sector in {None, service.sector}]
    # Before the first byte: a missing key is a problem, not a stream that breaks off.
    keys = {service.code: keyring.sector_key(authority.code, service.sector) for service in services}
    return Stream(_lines(database, keys, authority.id, start, limit), media_type="application/jsonl")


def read_cursor(text: str) -> int:
    """Return the event number behind a cursor."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadCursor("Use a cursor that was given, or leave it out.")
    return int(text)


async def _lines(
    database: Database, keys: dict[str, bytes], authority_id: UUID, number: int, limit: int
) -> AsyncIterator[bytes]:
    encoder = msgspec.json.Encoder()
    while limit > 0:
        async with database.read() as connection:
            rows = await validations_after(
                connection,
                authority_id,
                number,
                sectors={code: BY_CODE[code].sector for code in keys},
                limit=min(PAGE, limit),
            )
        if not rows:
            return
        yield b"".join(encoder.encode(_exported(row, keys)) + b"\n" for row in rows)
        number = rows[-1].number
        limit -= len(rows)


def _exported(row: Any, keys: dict[str, bytes]) -> ExportedValidation:  # noqa: ANN401 - a row of the export query
    key = keys[row.service_code]
    charges = [
        SpentUnits(right_pseudonym(key, row.entitlement_id), position, starts_on, ends_before, amount / ONE)
        for position, starts_on, ends_before, amount in msgspec.json.decode(
            row.charges, type=list[tuple[int, date, date, int]]
        )
    ]
    return ExportedValidation(
        cursor=str(row.number),
        recorded_at=row.recorded_at,
        happened_at=row.happened_at or row.recorded_at,
        offline=row.happened_at is not None,
        flags=[Flag(flag) for flag in (row.flags or "").split()],
        terminal_time=row.terminal_at,
        # An agent's act stands under the agent's own id, which is nobody else's business.
        terminal_id=row.terminal_id if row.agent_id is None else None,
        gate=row.gate_code,
        site=row.site_code,
        service=row.service_code,
        direction=row.direction,
        subject=_subject(row, key),
        outcome=row.outcome,
        reason=row.reason,
        persons=row.persons or 1,
        charges=charges,
        billed_cents=row.billed_cents or 0,
        paid_cents=row.paid_cents or 0,
        by_agent=row.agent_id is not None,
        motive=row.motive,
        cancels=str(row.cancels) if row.cancels is not None else None,
        deposits=_deposits(row.deposits) if row.deposits is not None else [],
    )


def _subject(row: Any, key: bytes) -> str | None:  # noqa: ANN401 - as above
    """Return the name of a person in the sector: AMC's where a card has brought one, or else our own."""
    if row.holder_id is None:
        return None
    return row.identifier.hex() if row.identifier is not None else pseudonym(key, row.holder_id)


def _deposits(stored: str) -> list[Deposited]:
    kinds = msgspec.json.decode(stored, type=dict[str, dict[Measure, int]])
    return [
        Deposited(kind, unit, amount / ONE) for kind, measured in kinds.items() for unit, amount in measured.items()
    ]


ROUTER = Router(path="/v1", route_handlers=[export_validations])
