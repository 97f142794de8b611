"""Phones as media: which key each one holds, and how well it is kept."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from domain.passes import Medium, MediumKind, Pass, add_medium
from domain.ports import Unit


class KeySecurity(StrEnum):
    """Where a phone keeps its key, as its maker attests it; SOFTWARE where nobody does."""

    SOFTWARE = "software"
    TEE = "tee"
    STRONGBOX = "strongbox"
    SECURE_ENCLAVE = "secure_enclave"


class DeviceKey(Struct, frozen=True):
    """The public key of a phone that is a medium: x and y of a point of P-256, 64 bytes."""

    medium_id: int
    authority_id: UUID
    public_key: bytes
    key_security: KeySecurity
    created_at: datetime
    keep_until: date


async def bind_phone(
    unit: Unit, pass_: Pass, *, public_key: bytes, security: KeySecurity, expires_at: datetime, now: datetime
) -> Medium:
    """Make a phone a medium of a pass, active at once. Whoever calls has checked that its key lies on the curve.

    A key serves one medium: with one key for several passes, every reader could tell that they belong together.

    Raises:
        LifecycleConflict: the pass has ended.
        AlreadyExists: a medium of this authority has this key already; the phone makes another.
    """
    medium = await add_medium(unit, pass_, kind=MediumKind.PHONE, expires_at=expires_at, now=now)
    await unit.passes.add_device_key(
        DeviceKey(
            medium_id=medium.id,
            authority_id=medium.authority_id,
            public_key=public_key,
            key_security=security,
            created_at=now,
            keep_until=medium.keep_until,
        )
    )
    return medium
