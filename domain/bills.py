"""Sums that a passage left to be paid later, and how each was settled.

The finance tool of the city sends invoices and keeps the books; here stands what was due, and what became of it. What
was paid at the gate is no bill, and a passage that was taken back owes nothing.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

from msgspec import Struct

from domain.errors import Invalid
from domain.errors.bills import BillAlreadySettled, BillCancelled
from domain.ports import Unit

LONGEST_REFERENCE: Final = 64


class SettledAs(StrEnum):
    """What became of a sum that was due: it was paid, or the authority has remitted it."""

    PAID = "paid"
    REMITTED = "remitted"


class BillSettlement(Struct, frozen=True):
    """How a sum was settled. `number` is the passage's; `reference` is None once the passage is about nobody."""

    number: int
    authority_id: UUID
    settled_as: SettledAs
    reference: str | None
    settled_at: datetime
    settled_by: UUID | None
    keep_until: date


class Bill(Struct, frozen=True):
    """What a passage left to be paid. `pass_number` is None once the passage is about nobody."""

    number: int
    authority_id: UUID
    recorded_at: datetime
    site: str
    pass_number: str | None
    billed_cents: int
    cancelled: bool
    keep_until: date
    settlement: BillSettlement | None


class Bills(Protocol):
    """The bills of one unit of work."""

    async def hold(self, authority_id: UUID, number: int) -> Bill:
        """Find the bill of a passage, and keep retention from its person to the end of the unit.

        Raises:
            BillNotFound: the authority has no such passage, or it left nothing to be paid.
        """
        ...

    async def add(self, new: BillSettlement) -> None:
        """Write how a sum was settled.

        Raises:
            BillAlreadySettled: it is, perhaps since a moment ago.
        """
        ...

    async def unsettled_of(self, holder_id: UUID) -> list[Bill]:
        """List what is still due for somebody's passages, oldest first."""
        ...


async def settle(
    unit: Unit,
    authority_id: UUID,
    number: int,
    *,
    settled_as: SettledAs,
    reference: str,
    now: datetime,
    by: UUID | None = None,
) -> BillSettlement:
    """Write how the sum of a passage was settled. Saying the same again changes nothing.

    `reference` is that of the till or the invoice, 1 to 64 characters; `by` an agent, where one says it.

    Raises:
        Invalid: the reference is empty, too long or cannot be printed.
        BillNotFound: the authority has no such passage, or it left nothing to be paid.
        BillCancelled: the passage was taken back.
        BillAlreadySettled: it was settled before, in another way.
    """
    reference = reference.strip()
    if not (0 < len(reference) <= LONGEST_REFERENCE and reference.isprintable()):
        raise Invalid(f"A reference has 1 to {LONGEST_REFERENCE} characters.")
    bill = await unit.bills.hold(authority_id, number)
    # A passage that is about nobody stays so: the reference would lead back to somebody.
    kept = reference if bill.pass_number is not None else None
    if bill.settlement is not None:
        if (bill.settlement.settled_as, bill.settlement.reference) != (settled_as, kept):
            raise BillAlreadySettled(f"The sum of passage {number} was {bill.settlement.settled_as} before.")
        return bill.settlement
    if bill.cancelled:
        raise BillCancelled(f"Passage {number} was taken back: it owes nothing.")
    new = BillSettlement(number, authority_id, settled_as, kept, now, by, bill.keep_until)
    await unit.bills.add(new)
    return new
