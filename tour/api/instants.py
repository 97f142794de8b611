"""Instants as callers write them."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from api.bodies import InvalidRequest

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
"""Nothing here was measured before, and nothing will be after."""

_Instant = Annotated[datetime, Meta(tz=True)]


def instant(text: str, name: str) -> datetime:
    """Read an instant with its offset (RFC 3339).

    Raises:
        InvalidRequest: it is none, or lies where nothing was measured.
    """
    try:
        # A plus sign that was not escaped arrives as a space.
        at = msgspec.convert(text.replace(" ", "+"), _Instant).astimezone(UTC)
    except (msgspec.ValidationError, OverflowError):
        raise InvalidRequest(f"{name} is an instant with its offset, such as 2026-11-24T00:00:00Z.") from None
    if not EARLIEST <= at <= LATEST:
        raise InvalidRequest(f"{name} lies from {EARLIEST.year} to {LATEST.year}.")
    return at


def written(at: datetime) -> str:
    """Write an instant as it leaves the house: UTC, with a Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
