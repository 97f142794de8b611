"""Prices that depend on the vehicle and on the load together: by vehicle, for rubble, for green waste, for mixed loads.

So SMITOM Lombric prices what goes beyond the points of the year.
"""

from collections.abc import Collection

from msgspec import Struct

from domain.conditions import VehicleClass


class Rate(Struct, frozen=True, omit_defaults=True):
    """What a whole unit beyond the free part of a limit costs, with one of these `vehicles` and such a load.

    Any vehicle, where none is named. A load is of these `kinds` when nothing else is in it; where no kind is named it
    is any load, a mixed one too. A rate that names kinds goes before one that does not.
    """

    price_cents: int
    vehicles: tuple[VehicleClass, ...] = ()
    kinds: tuple[str, ...] = ()

    def overlaps(self, other: "Rate") -> bool:
        """Tell whether the two hold for one vehicle and one load, and neither goes before the other."""
        if bool(self.kinds) is not bool(other.kinds):
            return False
        return _meet(self.vehicles, other.vehicles) and _meet(self.kinds, other.kinds)


def _meet(some: Collection[str], others: Collection[str]) -> bool:
    return not some or not others or not set(some).isdisjoint(others)


def rate_for(rates: tuple[Rate, ...], vehicle: VehicleClass | None, load: Collection[str]) -> tuple[Rate | None, bool]:
    """Return the rate of a vehicle with a load, None where there is none for them, and whether all is known for it.

    A vehicle nobody has seen (None) or a load nobody has told (empty) matter as far as some rate depends on them.
    """
    found, known = None, True
    for rate in rates:
        if rate.kinds and load and not _only(rate.kinds, load):
            continue
        if rate.vehicles and vehicle is not None and vehicle not in rate.vehicles:
            continue
        if (rate.kinds and not load) or (rate.vehicles and vehicle is None):
            known = False
        elif rate.kinds:
            return rate, True
        else:
            found = rate
    return found, known


def _only(kinds: tuple[str, ...], load: Collection[str]) -> bool:
    for kind in load:  # noqa: SIM110 - `all` costs three times as much, several times a passage
        if kind not in kinds:
            return False
    return True
