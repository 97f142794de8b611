"""What the verbs on sales ask of the outside world."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from domain.products import Entitlement
    from domain.sales import Sale, SaleItem, SaleState


class Sales(Protocol):
    """What the tills sold."""

    async def add(self, new: "Sale", items: "list[SaleItem]") -> None:
        """Write a sale with its items.

        Raises:
            AlreadyExists: its terminal has a sale under this key, perhaps since a moment ago.
        """
        ...

    async def save(self, changed: "Sale") -> None: ...
    async def by_key(self, terminal_id: UUID, key: str) -> "Sale | None": ...
    async def hold(self, authority_id: UUID, sale_id: UUID) -> "Sale":
        """Find a sale, and keep others from changing it to the end of the unit."""
        ...

    async def items(self, sale_id: UUID) -> "list[SaleItem]": ...
    async def of_terminal(self, terminal_id: UUID, state: "SaleState", limit: int) -> "list[Sale]":
        """List the sales of a till in one state, oldest first."""
        ...

    async def move_counters(self, item: "SaleItem", windows: list[tuple[date, int, date]], *, keep_until: date) -> None:
        """Move the versions of these counters of a right, making those that are not there yet.

        A passage that was decided on what stood there before can be written no more. The rows outlive the right, or
        that passage would find room for a counter of its own again.
        """
        ...

    async def sold(self, right_id: UUID) -> bool:
        """Tell whether a right was bought at a till, and not granted."""
        ...

    async def used(self, items: "Sequence[SaleItem | Entitlement]") -> bool:
        """Tell whether a limit of one of these rights has counted anything, or a passage was made on it."""
        ...
