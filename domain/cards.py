"""Cards as media: which chip stands for which medium, without keeping what the chip is called."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from domain.errors import AlreadyExists
from domain.passes import Medium, MediumKind, Pass, add_medium
from domain.ports import Unit


class CardTechnology(StrEnum):
    """What a card can prove."""

    NTAG424 = "ntag424"
    DESFIRE = "desfire"
    UID_ONLY = "uid_only"


class Card(Struct, frozen=True):
    """The chip of a medium. `uid_digest` is 32 bytes: an HMAC of its UID under a key of the authority's.

    `key_version` names the masters that its keys were derived from, 1 to 255; None where it has no keys of ours.
    """

    medium_id: int
    authority_id: UUID
    uid_digest: bytes
    technology: CardTechnology
    key_version: int | None
    created_at: datetime
    keep_until: date


async def bind_card(
    unit: Unit,
    pass_: Pass,
    *,
    uid_digest: bytes,
    technology: CardTechnology,
    key_version: int | None,
    expires_at: datetime,
    now: datetime,
) -> Medium:
    """Make a card a medium of a pass, active at once. Whoever calls has read the chip and knows its keys' version.

    Raises:
        LifecycleConflict: the pass has ended.
        AlreadyExists: a medium of this authority has this chip already, or it is a card of a batch: those are bound by
            their number, since what is in them names the medium that they will be (`domain.made_cards`).
    """
    if await unit.batches.card_by_chip(pass_.authority_id, uid_digest) is not None:
        raise AlreadyExists("This chip is a card of a batch: bind it by its number.")
    medium = await add_medium(unit, pass_, kind=MediumKind.CARD, expires_at=expires_at, now=now)
    await unit.passes.add_card(
        Card(
            medium_id=medium.id,
            authority_id=medium.authority_id,
            uid_digest=uid_digest,
            technology=technology,
            key_version=key_version,
            created_at=now,
            keep_until=medium.keep_until,
        )
    )
    return medium
