"""Two people change one product: what the second has written, over what the first has put in force meanwhile."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

S = TypeVar("S", bound=Struct)

PART_KEYS: Mapping[str, Callable[[Any], object]] = {
    "limits": lambda limit: limit.position,
    "prices": lambda price: price.position,
    "zones": lambda zone: zone.code,
    "closures": lambda closure: closure.first_day,
}
"""Parts of a content of which each has a name of its own: two people may change two of them."""


def merge(base: S, mine: S, theirs: S) -> tuple[S, tuple[str, ...]]:
    """Return `theirs` with what `mine` changed of `base`, and the names of fields that both had changed.

    There `mine` stays, for it is the later word; whoever activates it is told.
    """
    clashes = [name for name in base.__struct_fields__ if _clash(name, base, mine, theirs)]
    return replace(theirs, **{name: _field(name, base, mine, theirs) for name in base.__struct_fields__}), tuple(
        clashes
    )


def _field(name: str, base: Struct, mine: Struct, theirs: Struct) -> object:
    before, my, their = getattr(base, name), getattr(mine, name), getattr(theirs, name)
    if my == before:
        return their
    if their == before or name not in PART_KEYS:
        return my
    return _each(*_parts(name, before, my, their))


def _clash(name: str, base: Struct, mine: Struct, theirs: Struct) -> bool:
    before, my, their = getattr(base, name), getattr(mine, name), getattr(theirs, name)
    if before in (my, their) or my == their:
        return False
    if name not in PART_KEYS:
        return True
    was, is_, new = _parts(name, before, my, their)
    return any(is_.get(key) != was.get(key) != new.get(key) and is_.get(key) != new.get(key) for key in was | is_ | new)


Parts = dict[object, Any]


def _parts(name: str, *values: Any) -> tuple[Parts, ...]:  # noqa: ANN401 - the parts of any keyed field
    key = PART_KEYS[name]
    return tuple({key(part): part for part in value} for value in values)


def _each(was: Parts, mine: Parts, theirs: Parts) -> tuple[Any, ...]:
    """Take each part from whoever changed it: gone where they took it away."""
    taken = {key: mine.get(key) if mine.get(key) != was.get(key) else theirs.get(key) for key in theirs | mine}
    return tuple(part for part in taken.values() if part is not None)
