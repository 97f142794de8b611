"""Cards of others: what gateways sign, and the enrolment of what they have read."""

import hmac
from collections.abc import Iterable
from datetime import UTC, datetime

from domain.errors import Invalid
from domain.external_media import (
    ExternalTechnology,
    Gateway,
    GatewayStatus,
    Reading,
    SectorIdentifier,
    bind_external,
)
from domain.passes import Medium, Pass
from domain.places import Authority
from domain.ports import Unit
from nfc import gateway_statement, keys
from nfc.errors import CodeError, CodeKind
from nfc.gateway_statement import GATEWAY, Statement

_WHY: dict[CodeKind, str] = {
    "unknown_key": "No gateway of this authority has signed this.",
    "withdrawn_key": "The gateway that signed this was revoked.",
    "bad_signature": "No gateway of this authority has signed this.",
    "stale": "The gateway said this too long ago, or its clock runs ahead. Read the card again.",
}
_NO_STATEMENT = "That is no statement of a gateway. Copy it whole."


class StatementRefused(Invalid):
    """What a gateway said of a card cannot be read, is not signed by a gateway of the authority, or is too old."""

    code = "statement-refused"


def trusted(gateways: Iterable[Gateway], authority: str) -> keys.KeySet:
    """The keys of an authority's gateways; those of revoked ones too, so that they are refused by name."""
    return keys.key_set(
        keys.verify_key(
            keys.load_point(gateway.public_key),
            purpose=GATEWAY,
            authority=authority,
            withdrawn=gateway.status is not GatewayStatus.ACTIVE,
        )
        for gateway in gateways
    )


def shows(said: Statement, known: SectorIdentifier) -> bool:
    """Tell whether a statement is about the very card that was enrolled: an identifier can be copied onto another."""
    return said.technology == known.technology and hmac.compare_digest(said.serial_hash, known.serial_hash)


async def enrol(
    unit: Unit,
    authority: Authority,
    pass_: Pass,
    statement: str,
    *,
    expires_at: datetime,
    now: datetime,
    medium_id: int | None = None,
) -> Medium:
    """Make a card that a gateway has just read at the desk a medium of a pass, in the sector that it was read for.

    Raises:
        StatementRefused: no gateway of the authority has just said this.
        UnknownSector, SectorsJoined, AlreadyExists, MediumNotFound, LifecycleConflict: as `bind_external`.
    """
    try:
        message = gateway_statement.parse(statement)
        gateways = await unit.external_media.gateways_named(authority.id, message.kid or b"")
        said = gateway_statement.verify(message, trusted(gateways, authority.code), int(now.timestamp()))
    except CodeError as refused:
        raise StatementRefused(_WHY.get(refused.kind, _NO_STATEMENT)) from refused
    reading = Reading(
        technology=ExternalTechnology(said.technology),
        sector=said.sector,
        identifier=said.identifier,
        serial_hash=said.serial_hash,
        at=datetime.fromtimestamp(said.iat, UTC),
    )
    return await bind_external(unit, pass_, reading, expires_at=expires_at, now=now, medium_id=medium_id)
