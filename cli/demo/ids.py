"""Chance from one seed: the same city, down to its identifiers, each time it is built at the same instant."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

SEED = 20_491

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PER_MILLISECOND = 1 << 12


class SeededIds:
    """`domain.ports.Ids` without surprise: row ids have the shape and the order of UUID version 7 (RFC 9562).

    They count up from `start`, 4,096 to the millisecond, so rows written later sort after them.
    """

    def __init__(self, seed: int, start: datetime) -> None:
        self._random = dice(f"ids {seed}")
        self._tick = (start - _EPOCH) // timedelta(milliseconds=1) * _PER_MILLISECOND

    def row(self) -> UUID:
        """Name a new row."""
        self._tick += 1
        milliseconds, place = divmod(self._tick, _PER_MILLISECOND)
        return UUID(int=milliseconds << 80 | 7 << 76 | place << 64 | 2 << 62 | self._random.getrandbits(62))

    def medium(self) -> int:
        """Draw eight bytes as a signed integer."""
        return self._random.getrandbits(64) - (1 << 63)

    def below(self, bound: int) -> int:
        """Draw a number in `range(bound)`."""
        return self._random.randrange(bound)


def dice(purpose: str) -> Random:
    """Give each part of the city its own dice, so that a change in one part leaves the others as they were."""
    return Random(f"{SEED} {purpose}")  # noqa: S311 - the same city every time is the point; no secret is drawn here
