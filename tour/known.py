"""What the catalogue knows, as the register's file asks it."""

from tour.catalogue import CATALOGUE
from tour.device_file import Known, QuantityFacts


def from_catalogue() -> Known:
    """The quantities and models of this program."""
    return Known(
        quantities={
            code: QuantityFacts(quantity.unit, quantity.summary, *quantity.physical)
            for code, quantity in CATALOGUE.quantities.items()
        },
        models=frozenset(CATALOGUE.models),
    )
