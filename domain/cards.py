"""Cards as media: which chip stands for which medium, without keeping what the chip is called."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from domain.errors import AlreadyExists
from domain.order_endings import end_by_card
from domain.passes import Medium, MediumKind, MediumStatus, Pass, add_medium
from domain.ports import Unit


class CardTechnology(StrEnum):
    """What a card can prove."""

    NTAG424 = "ntag424"
    DESFIRE = "desfire"
    UID_ONLY = "uid_only"


class Card(Struct, frozen=True):
    """The chip of a medium, for as long as that is in use: other keys, or another pass, make another medium of it.

    `uid_digest` is 32 bytes: an HMAC of its UID under a key of the authority's.

    `key_version` names the masters that its keys were derived from, 1 to 255; None where it has no keys of ours.
    """

    medium_id: int
    authority_id: UUID
    uid_digest: bytes
    technology: CardTechnology
    key_version: int | None
    created_at: datetime
    keep_until: date


_COMES_AGAIN = frozenset(
    {MediumStatus.LOST, MediumStatus.DAMAGED, MediumStatus.REVOKED, MediumStatus.EXPIRED, MediumStatus.REPLACED}
)
"""States of a medium whose chip may become another one. A thief may have read a stolen one ahead: it never does."""


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

    A chip whose medium was stopped, for it was found again, say, becomes this one; what it has shown stays shown. What
    was ordered for the pass ends.

    Raises:
        LifecycleConflict: the pass has ended.
        AlreadyExists: the chip is a medium of this authority that is in use, or was stolen; or it is a card of a batch:
            those are bound by their number, since what is in them names the medium that they will be
            (`domain.made_cards`).
    """
    if await unit.batches.card_by_chip(pass_.authority_id, uid_digest) is not None:
        raise AlreadyExists("This chip is a card of a batch: bind it by its number.")
    before = await unit.passes.card_of(pass_.authority_id, uid_digest)
    if before is not None and before[1] not in _COMES_AGAIN:
        raise AlreadyExists("A medium has this chip already.")
    await end_by_card(unit, pass_, card=None, now=now)
    medium = await add_medium(unit, pass_, kind=MediumKind.CARD, expires_at=expires_at, now=now)
    bound = Card(
        medium_id=medium.id,
        authority_id=medium.authority_id,
        uid_digest=uid_digest,
        technology=technology,
        key_version=key_version,
        created_at=now,
        keep_until=medium.keep_until,
    )
    await (unit.passes.add_card(bound) if before is None else unit.passes.move_card(before[0], bound))
    return medium
