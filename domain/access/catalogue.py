"""The reference data that decisions take for granted, as one immutable version of it.

The server reads it from the database and compares its version with every batch; a terminal gets it in its offline
bundle. Nothing in it speaks of a person.
"""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from msgspec import Struct, field

from domain.places import Doorway
from domain.products import Product


class Catalogue(Struct, frozen=True):
    """Gates and products by id. `hours_of` remembers what a calendar said of a day."""

    version: int
    doorways: Mapping[UUID, Doorway]
    products: Mapping[UUID, Product]
    _hours: dict[tuple[UUID, date], tuple[tuple[int, int], ...]] = field(default_factory=dict)

    def hours_of(self, doorway: Doorway, day: date) -> tuple[tuple[int, int], ...]:
        """Return the opening intervals of the doorway's site on a day, in minutes from local midnight."""
        key = (doorway.site.id, day)
        hours = self._hours.get(key)
        if hours is None:
            hours = self._hours[key] = doorway.site.calendar.on(day)
        return hours
