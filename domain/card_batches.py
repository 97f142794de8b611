"""Batches of cards as values: what was ordered of a maker, and where each card stands.

A card of a batch is no medium yet: it has a number, a place in a status list and the name of the medium that it will
be, so that everything in its chip is final before anybody holds it. Blank ones have no pass; the others are made for
one by name. Until it is bound a card opens nothing. Its states are a medium's (`MEDIUM_STEPS`) as far as ACTIVE; from
there on the medium has the state (ADR 0022).
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.errors.passes import LifecycleConflict
from domain.passes import MEDIUM_STEPS, MediumStatus, check_digit

NUMBER_DIGITS: Final = 12
"""Of a card, its last a check digit: two more than a pass has, so that nobody takes one for the other."""


class BatchState(StrEnum):
    """Where a batch stands."""

    ORDERED = "ordered"
    SENT = "sent"
    ACCEPTED = "accepted"
    PARTLY_ACCEPTED = "partly_accepted"
    REFUSED = "refused"


class CardBatch(Struct, frozen=True):
    """What was ordered of a maker, and on whose account. `file_digest` is the SHA-256 of the order as it was sent."""

    id: UUID
    authority_id: UUID
    code: str
    state: BatchState
    size: int
    key_version: int
    ordered_by: UUID
    ordered_at: datetime
    file_digest: bytes | None = None
    sent_by: UUID | None = None
    sent_at: datetime | None = None
    settled_by: UUID | None = None
    settled_at: datetime | None = None


class BatchCard(Struct, frozen=True):
    """One card of a batch. `pass_id` is None while it is blank; `uid_digest` is known once its chip is chosen.

    `named`: it was ordered for a pass and bears its holder's name, so nobody else may have it.
    """

    batch_id: UUID
    sequence: int
    authority_id: UUID
    number: str
    medium_id: int
    status_list: int
    status_index: int
    status: MediumStatus
    expires_at: datetime
    keep_until: date
    pass_id: UUID | None = None
    uid_digest: bytes | None = None
    desk: str | None = None
    named: bool = False


def card_number_from(serial: int) -> str:
    """Eleven digits and their check digit, as printed on a card."""
    digits = f"{serial:0{NUMBER_DIGITS - 1}d}"
    return f"{digits}{check_digit(digits)}"


def is_card_number(text: str) -> bool:
    """Tell whether this is the number of a card whose check digit agrees."""
    return len(text) == NUMBER_DIGITS and text.isascii() and text.isdigit() and int(text[-1]) == check_digit(text[:-1])


def stepped(card: BatchCard, status: MediumStatus) -> BatchCard:
    """Move a card along the lifecycle of media.

    Raises:
        LifecycleConflict: no step leads there from where it is.
    """
    if status not in MEDIUM_STEPS[card.status]:
        raise LifecycleConflict(f"A card that is {card.status} cannot become {status}.")
    return replace(card, status=status)
