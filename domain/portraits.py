"""The photo of somebody who holds a pass: taken when they agree, gone when they say no or have no pass any more.

It serves two things: a card that bears it is not lent, and an agent sees who stands there. Nobody needs one to get a
pass (GDPR, art. 6 1 a and 7 3: agreeing is free, and taking it back as easy). No machine compares it with anything.
"""

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from msgspec import Struct

from domain.people import Holder
from domain.ports import Unit

WIDTH: Final = 360
HEIGHT: Final = 480
"""Pixels, three by four: 30 by 40 mm at 300 dots per inch, more than a card has room for."""
LARGEST: Final = 32_768
"""Bytes of the picture that is kept: what makers of cards take."""

KEPT: Final = timedelta(days=5 * 365)
"""A face of five years ago is no likeness; a pass lasts as long."""
WITHOUT_PASS: Final = timedelta(days=30)
"""How long a photo waits for the pass that it was taken for, or stays once the last one is over."""


class Portrait(Struct, frozen=True):
    """A photo. Its file lies in the vault as `file_id`, encrypted under a key that lies here, wrapped.

    `agreed_by` is who said yes: its holder, or whoever acts for them. Without the row nobody reads the file any more.
    """

    holder_id: UUID
    authority_id: UUID
    file_id: UUID
    wrapped_key: bytes
    taken_at: datetime
    taken_by: UUID
    agreed_by: UUID
    keep_until: date


class Sealed(Struct, frozen=True):
    """A picture that lies in the vault: redrawn, encrypted, its key wrapped."""

    file_id: UUID
    wrapped_key: bytes


async def keep_portrait(
    unit: Unit, holder: Holder, sealed: Sealed, *, agreed_by: UUID, by: UUID, now: datetime, today: date
) -> Portrait | None:
    """Make a picture the photo of somebody; return the one before, whose file is to be removed."""
    before = await unit.portraits.of(holder.authority_id, holder.id)
    await unit.portraits.save(
        Portrait(
            holder_id=holder.id,
            authority_id=holder.authority_id,
            file_id=sealed.file_id,
            wrapped_key=sealed.wrapped_key,
            taken_at=now,
            taken_by=by,
            agreed_by=agreed_by,
            keep_until=min(holder.keep_until, today + KEPT),
        )
    )
    return before


async def forget_portrait(unit: Unit, holder: Holder) -> Portrait | None:
    """Forget the photo of somebody who says no; return it, for its file is to be removed. None: there was none."""
    before = await unit.portraits.of(holder.authority_id, holder.id)
    await unit.portraits.remove(holder.authority_id, holder.id)
    return before
