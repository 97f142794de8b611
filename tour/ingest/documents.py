"""JSON from outside: bounded, and refused by one error whatever is wrong with it."""

from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from tour.measures import DeviceMissing, Malformed

T = TypeVar("T")

MAX_KEY = 200
MAX_NAME = 80

HEX_DIGITS = frozenset("0123456789abcdefABCDEF")


def read(body: bytes, shape: type[T]) -> T:
    """Decode JSON into a shape; members that the shape does not name are never built.

    Raises:
        Malformed: no JSON (NaN and infinities are none), nested too deep, or of another shape.
    """
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, RecursionError, ValueError) as problem:
        raise Malformed(str(problem)[:200]) from problem


def shaped(said: object, shape: type[T]) -> T:
    """Fit what was decoded already into a shape.

    Raises:
        Malformed: it does not fit.
    """
    try:
        return msgspec.convert(said, shape)
    except (msgspec.ValidationError, RecursionError) as problem:
        raise Malformed(str(problem)[:200]) from problem


def device_key(said: object) -> str:
    """The name by which the source calls a device: printable, 1 to 200 characters. An EUI is written in lower case.

    Raises:
        DeviceMissing: there is none, or it could not be stored.
    """
    key = str(said).strip() if isinstance(said, str | int) and not isinstance(said, bool) else ""
    if not key or len(key) > MAX_KEY or not key.isprintable():
        raise DeviceMissing("no name of a device")
    return key.lower() if len(key) == 16 and set(key) <= HEX_DIGITS else key


def short(said: object) -> str:
    """A word worth keeping beside a value: printable and no longer than a name, else nothing."""
    return said if isinstance(said, str) and len(said) <= MAX_NAME and said.isprintable() else ""


def records(said: object) -> Iterator[dict[str, Any]]:
    """The objects of a list, or the one object that stands instead of a list.

    Raises:
        Malformed: it is neither.
    """
    several = said if isinstance(said, list) else [said]
    for record in several:
        if not isinstance(record, dict):
            raise Malformed("expected objects")
        yield record
