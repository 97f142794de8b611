"""Media of others: cards that other systems issued, read by gateways that we trust (`credentials.md` 1.6).

A gateway names a card's holder in one sector at a time, as AMC (NF P99-508) has it: another name in each, so that no
two services can be joined. What joins them is this register, and it leaves the core nowhere.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.errors import AlreadyExists
from domain.errors.passes import LifecycleConflict, MediumNotFound, SectorsJoined
from domain.passes import Medium, MediumKind, MediumStatus, Pass, add_medium
from domain.ports import Unit
from domain.services import check_sector

IN_USE = frozenset({MediumStatus.ACTIVE, MediumStatus.SUSPENDED})
"""Whoever has such a medium needs no other of the same sector."""


class GatewayStatus(StrEnum):
    """A revoked gateway never comes back: it makes a new key, and is registered anew."""

    ACTIVE = "active"
    REVOKED = "revoked"


class Gateway(Struct, frozen=True):
    """A system that reads cards of others for us. `public_key` is x and y of its P-256 key, `kid` its name."""

    id: UUID
    authority_id: UUID
    name: str
    kid: bytes
    public_key: bytes
    status: GatewayStatus
    registered_at: datetime


class ExternalTechnology(StrEnum):
    """Whose application the gateway reads."""

    CALYPSO = "calypso"
    AMC = "amc"


class Reading(Struct, frozen=True):
    """What a gateway has said of a card, verified. `serial_hash` names the card in this sector alone."""

    technology: ExternalTechnology
    sector: str
    identifier: bytes
    serial_hash: bytes
    at: datetime


class SectorIdentifier(Struct, frozen=True):
    """How one sector knows one holder, and which medium shows it. Readings up to `read_at` were made before."""

    authority_id: UUID
    sector: str
    holder_id: UUID
    medium_id: int
    technology: ExternalTechnology
    identifier: bytes
    serial_hash: bytes
    read_at: datetime
    created_at: datetime
    keep_until: date


async def register_gateway(
    unit: Unit, *, authority_id: UUID, name: str, kid: bytes, public_key: bytes, now: datetime
) -> Gateway:
    """Trust what a gateway signs from now on. Whoever calls has checked that its key lies on the curve.

    Raises:
        AlreadyExists: the authority has registered this key before, perhaps to revoke it.
    """
    new = Gateway(unit.ids.row(), authority_id, name, kid, public_key, GatewayStatus.ACTIVE, now)
    await unit.external_media.add_gateway(new)
    return new


async def revoke_gateway(unit: Unit, *, authority_id: UUID, gateway_id: UUID) -> Gateway:
    """Take a gateway's word for nothing any more, at once and for good.

    Raises:
        GatewayNotFound: the authority has no such gateway.
    """
    revoked = replace(await unit.external_media.gateway(authority_id, gateway_id), status=GatewayStatus.REVOKED)
    await unit.external_media.save_gateway(revoked)
    return revoked


async def bind_external(
    unit: Unit, pass_: Pass, reading: Reading, *, expires_at: datetime, now: datetime, medium_id: int | None = None
) -> Medium:
    """Make a card of others a medium of a pass, active at once, for the sector in which it was read.

    With `medium_id` the card is known already, from another sector: nothing in the reading could tell. Where the
    holder's card of this sector was stopped, this one takes its place, and the sector its identifier.

    Raises:
        UnknownSector: no service belongs to the sector.
        SectorsJoined: the gateway names the card as it did in another sector.
        AlreadyExists: the identifier or the card is somebody else's, or the holder's card of this sector is in use.
        MediumNotFound: `medium_id` is no medium of this pass that a gateway has read.
        LifecycleConflict: the pass has ended, or that medium is not in use.
    """
    check_sector(reading.sector)
    media = unit.external_media
    others = [one for one in await media.alike(pass_.authority_id, reading) if one.holder_id != pass_.holder_id]
    if any(one.sector != reading.sector for one in await media.by_serial(pass_.authority_id, reading.serial_hash)):
        raise SectorsJoined("The gateway names this card as it does in another sector.")
    if others:
        raise AlreadyExists("This card or its identifier is somebody else's.")
    before = await media.of_holder(pass_.authority_id, pass_.holder_id, reading.sector)
    if before is not None and before[1] in IN_USE:
        raise AlreadyExists("This person has a card of this sector in use: stop it first.")
    medium = (
        await add_medium(unit, pass_, kind=MediumKind.CARD, expires_at=expires_at, now=now)
        if medium_id is None
        else await _known_medium(unit, pass_, medium_id)
    )
    bound = SectorIdentifier(
        authority_id=pass_.authority_id,
        sector=reading.sector,
        holder_id=pass_.holder_id,
        medium_id=medium.id,
        technology=reading.technology,
        identifier=reading.identifier,
        serial_hash=reading.serial_hash,
        read_at=reading.at,
        created_at=now,
        keep_until=medium.keep_until,
    )
    await (media.add(bound) if before is None else media.save(bound))
    return medium


async def _known_medium(unit: Unit, pass_: Pass, medium_id: int) -> Medium:
    medium = next((one for one in await unit.passes.media(pass_.id) if one.id == medium_id), None)
    if medium is None or not await unit.external_media.sectors(medium_id):
        raise MediumNotFound("This pass has no such medium that a gateway has read.")
    if medium.status is not MediumStatus.ACTIVE:
        raise LifecycleConflict(f"A medium that is {medium.status} gets no other sector.")
    return medium
