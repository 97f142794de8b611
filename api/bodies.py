"""What the doors of terminals are sent: bodies read whole, no field twice, nothing unknown, every amount exact."""

import json
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, TypeVar

import msgspec
from litestar.types import Receive, Scope
from msgspec import Meta, Struct

from domain.conditions import Vehicle, VehicleClass
from domain.errors import Invalid
from domain.limits import ONE, Measure
from store.ledger.scan import Payment

MAX_BODY = 8_192
"""Bytes of a request; a credential has at most 400 characters."""

ROUNDING = 1e-6
"""How far an amount in JSON may lie from whole thousandths: what binary fractions make of 0.1."""

CODE = r"^[A-Za-z0-9_.:-]{1,64}(?!\n)$"
"""What machines name things with: keys of passages, references of payments. Nobody's name fits in by accident."""

Key = Annotated[str, Meta(pattern=CODE, examples=["t7-000042"])]
Amount = Annotated[float, Meta(gt=0, le=1000)]

R = TypeVar("R", bound=Struct)


class BodyTooLarge(Invalid):
    """The body has more bytes than any genuine request."""

    code = "body-too-large"


class DuplicateField(Invalid):
    """A field stands twice in one object: which of the two was meant cannot be known."""

    code = "duplicate-field"


class InvalidRequest(Invalid):
    """The body is not JSON, or a field is missing, unknown, of another type or out of bounds."""

    code = "invalid-request"


class MethodNotAllowed(Invalid):
    """This address does not answer to that method."""

    code = "method-not-allowed"


class Quantity(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, gc=False):
    """How much somebody brings or uses; more than visits is asked of some services only."""

    unit: Measure
    amount: Amount


class VehicleSeen(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, gc=False):
    """The vehicle at the gate, as far as an agent, a camera or a gantry told it."""

    kind: VehicleClass | None = None
    height_cm: Annotated[int, Meta(ge=1, le=1_000)] | None = None
    weight_kg: Annotated[int, Meta(ge=1, le=100_000)] | None = None

    def known(self) -> Vehicle:
        """Return what the rules look at."""
        return Vehicle(self.kind, self.height_cm, self.weight_kg)


class Paid(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, gc=False):
    """What was paid at the gate for this passage, and the reference that the till or the card terminal gave."""

    amount_cents: Annotated[int, Meta(ge=1, le=10_000_000)]
    reference: Annotated[str, Meta(pattern=CODE, examples=["cb-20261118-0042"])]

    def known(self) -> Payment:
        """Return what the ledger keeps."""
        return Payment(self.amount_cents, self.reference)


_encoder = msgspec.json.Encoder(order="sorted")
_ONE_VISIT = {Measure.VISIT: ONE}


def fingerprint(said: object) -> bytes:
    """Return what stands for all that a request said, whatever the order of its members."""
    return sha256(_encoder.encode(said)).digest()


async def read(scope: Scope, receive: Receive, *, most: int = MAX_BODY) -> bytes:
    """Read a posted body whole.

    Raises:
        MethodNotAllowed: it was not posted.
        BodyTooLarge: it has more than `most` bytes.
    """
    if scope.get("method") != "POST":
        raise MethodNotAllowed("Passages are posted.")
    message = await receive()
    body: bytes = message.get("body", b"")  # type: ignore[assignment]
    while message.get("more_body", False):
        if len(body) > most:
            break
        message = await receive()
        body += message.get("body", b"")  # type: ignore[operator]
    if len(body) > most:
        raise BodyTooLarge(f"At most {most} bytes.")
    return body


def members(kind: type[Struct]) -> tuple[bytes, ...]:
    """Return the names of a flat request's members as they stand in a body."""
    return tuple(f'"{name}"'.encode() for name in kind.__struct_encode_fields__)


def decode(decoder: msgspec.json.Decoder[R], body: bytes, flat: Sequence[bytes] | None = None) -> R:
    """Decode a body in which no field stands twice.

    `flat` are the members of an ordinary body, one object without others inside: such a body pays a few counts.
    A nested one, or an escape that could hide a name, is looked at closely.

    Raises:
        DuplicateField: a field stands twice.
        InvalidRequest: the body does not fit.
    """
    if flat is None or b"\\" in body or body.count(b"{") > 1:
        _refuse_duplicates(body)
    else:
        for name in flat:
            if body.count(name) > 1:
                _refuse_duplicates(body)
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise InvalidRequest(str(problem)) from problem


def check_instant(instant: datetime | None) -> None:
    """Refuse a terminal's time that no database would keep."""
    if instant is not None and not 2000 <= instant.year < 2100:
        raise InvalidRequest("`terminalTime` is not a time of this century.")


def _refuse_duplicates(body: bytes) -> None:
    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in found}) != len(found):
            raise DuplicateField("A field stands twice.")
        return dict(found)

    try:
        json.loads(body, object_pairs_hook=pairs)
    except (ValueError, RecursionError) as problem:
        raise InvalidRequest("The body is not JSON.") from problem


def thousandths(amount: float) -> int:
    """Return an amount of whole units as thousandths.

    Raises:
        InvalidRequest: it is finer than a thousandth.
    """
    found = round(amount * ONE)
    if found == 0 or abs(amount * ONE - found) > ROUNDING:
        raise InvalidRequest("An amount has at most three decimals.")
    return found


def asked(quantities: tuple[Quantity, ...]) -> dict[Measure, int]:
    """Return what an entry asks for, in thousandths: one visit, unless more is said.

    Raises:
        InvalidRequest: an amount is too fine, a visit is not whole, or a unit stands twice.
    """
    if not quantities:
        return _ONE_VISIT
    wanted = dict(_ONE_VISIT)
    named: set[Measure] = set()
    for quantity in quantities:
        amount = thousandths(quantity.amount)
        if quantity.unit is Measure.VISIT and amount % ONE:
            raise InvalidRequest("Visits are whole: a thousandth of one would open the gate for next to nothing.")
        if quantity.unit in named:
            raise InvalidRequest("A unit stands twice among the quantities.")
        named.add(quantity.unit)
        wanted[quantity.unit] = amount
    return wanted
