"""On what a product or a price depends: who comes, from where, with what, on which day.

Everything left out asks nothing. All that is said must hold at once.
"""

from enum import StrEnum

from msgspec import Struct


class VehicleClass(StrEnum):
    """What somebody comes with, as an agent or a camera tells it at the gate of a waste centre."""

    FOOT = "foot"
    BIKE = "bike"
    CAR = "car"
    CAR_TRAILER = "car_trailer"
    """A car with a loaded trailer; an empty one does not count (SMITOM Lombric)."""
    VAN = "van"
    """A utility vehicle, hired ones included."""
    TRUCK = "truck"


class Vehicle(Struct, frozen=True, gc=False):
    """The vehicle at the gate, as far as anybody measured it: centimetres, and kilograms of gross weight."""

    kind: VehicleClass | None = None
    height_cm: int | None = None
    weight_kg: int | None = None


class Lift(StrEnum):
    """What a derogation sets aside, for its day: the objection that would have come."""

    VEHICLE = "vehicle"
    """The kind, the height and the weight of the vehicle."""
    WASTE_KIND = "waste_kind"
    """That a site does not accept a kind of waste."""


class Conditions(Struct, frozen=True, omit_defaults=True):
    """What must hold on the day for a product to serve or a price to apply.

    Ages are completed years on the day, so that a birthday changes the class by itself; `age_below` is excluded.
    `sites` are codes of the sites, or lines, where it serves.
    `communes` are INSEE codes of the residence, `bands` codes of family-quotient bands, `statuses` social statuses,
    of which one is enough. `weekdays` go from 0 (Monday) to 6; `sessions` are codes of the site's own sessions, one
    of which must be running. `vehicles` bind only where the vehicle is known, `kinds` of waste only what is brought.
    """

    age_from: int | None = None
    age_below: int | None = None
    communes: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    weekdays: tuple[int, ...] = ()
    bank_holidays: bool = True
    sites: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    vehicles: tuple[VehicleClass, ...] = ()
    kinds: tuple[str, ...] = ()

    @property
    def asks_circumstances(self) -> bool:
        """Whether the dated circumstances of the subject matter: residence, quotient, status."""
        return bool(self.communes or self.bands or self.statuses)


NO_CONDITIONS = Conditions()
