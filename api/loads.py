"""What is brought, kind by kind: at the quay of a waste centre, or at its entrance where the price depends on it."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from api import bodies
from api.bodies import Amount, InvalidRequest
from domain.limits import Measure
from domain.waste import BY_CODE, check_kind


class DepositItem(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, gc=False):
    """So much of one kind of waste, in the unit by which that kind is measured."""

    kind: Annotated[str, Meta(min_length=1, max_length=20, examples=["rubble"])]
    unit: Literal["m3", "litre", "piece"]
    amount: Amount


Load = Annotated[tuple[DepositItem, ...], Meta(min_length=1, max_length=20)]


def kinds_of(load: tuple[DepositItem, ...]) -> dict[str, dict[Measure, int]]:
    """Return thousandths by kind and measure.

    Raises:
        UnknownKind: there is no such kind of waste.
        InvalidRequest: a kind is measured in another unit, stands twice, or its amount is too fine.
    """
    kinds: dict[str, dict[Measure, int]] = {}
    for item in load:
        check_kind(item.kind, of="The load")
        unit = BY_CODE[item.kind].unit
        if item.unit != unit:
            # Litres of what a quota counts in cubic metres would be counted by nobody.
            raise InvalidRequest(f"The kind {item.kind} is measured in {unit}.")
        if item.kind in kinds:
            raise InvalidRequest(f"The kind {item.kind} stands twice.")
        kinds[item.kind] = {unit: bodies.thousandths(item.amount)}
    return kinds
