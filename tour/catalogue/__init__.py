"""What may be measured, and in which words people hear of it: read once, complete, or the program does not start."""

from importlib import resources
from typing import ClassVar

from domain.errors import NotFound
from tour.catalogue.loading import read
from tour.terms import DeviceModel, Quantity, Scale

CATALOGUE = read(resources.files("tour.catalogue"))


class NotInCatalogue(NotFound):
    """No quantity, scale or device model of the tour's catalogue has this code."""

    code: ClassVar[str] = "not-in-catalogue"


def quantity(code: str) -> Quantity:
    """Return a quantity.

    Raises:
        NotInCatalogue: there is none of this code.
    """
    try:
        return CATALOGUE.quantities[code]
    except KeyError:
        raise NotInCatalogue(f"{code} is no quantity.") from None


def model(code: str) -> DeviceModel:
    """Return a model of devices, or a public source.

    Raises:
        NotInCatalogue: there is none of this code.
    """
    try:
        return CATALOGUE.models[code]
    except KeyError:
        raise NotInCatalogue(f"{code} is no model of devices.") from None


def scale(code: str) -> Scale:
    """Return a scale.

    Raises:
        NotInCatalogue: there is none of this code.
    """
    try:
        return CATALOGUE.scales[code]
    except KeyError:
        raise NotInCatalogue(f"{code} is no scale.") from None
