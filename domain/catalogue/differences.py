"""What differs between two contents, line by line in plain words."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from domain.catalogue.contents import Content, ProductContent
from domain.catalogue.merging import PART_KEYS
from domain.catalogue.phrases import Line
from domain.catalogue.product_lines import product_lines
from domain.catalogue.site_lines import site_lines
from domain.text import Text


class Difference(Struct, frozen=True):
    """A line that is not what it was. None: it was not there, or will not be."""

    key: str
    what: Text
    before: Text | None
    after: Text | None


def differences(before: Content | None, after: Content) -> tuple[Difference, ...]:
    """Return what differs, in the order in which it is said; a line that goes stands where it stood."""
    was = {line.key: line for line in lines(before)} if before is not None else {}
    will = {line.key: line for line in lines(after)}
    found = []
    for key in [*was, *(key for key in will if key not in was)]:
        old, new = was.get(key), will.get(key)
        line = new or old
        if line is not None and (old is None or new is None or old.said != new.said):
            found.append(Difference(key, line.what, old.said if old else None, new.said if new else None))
    return (*found, *(_hidden(before, after) if before is not None else ()))


def _hidden(before: Content, after: Content) -> Iterator[Difference]:
    """Find what differs and no line says: a rate by vehicle, a list of communes. Nothing changes unseen."""
    for name in before.__struct_fields__:
        was, will = getattr(before, name), getattr(after, name)
        for old, new in _parts(name, was, will) if was != will else ():
            if lines(replace(before, **{name: old})) == lines(replace(before, **{name: new})):
                what = Text(fr=f"Détail ({name})", en=f"Detail ({name})")
                yield Difference(f"detail-{name}", what, _raw(old), _raw(new))


def _parts(name: str, was: Any, will: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - the value of any field
    """Pair what stands under one name before and after, where a field is a list of named parts."""
    if name not in PART_KEYS:
        yield was, will
        return
    key = PART_KEYS[name]
    new = {key(part): part for part in will}
    for part in was:
        other = new.get(key(part), part)
        if other != part:
            yield (part,), (other,)


def _raw(value: object) -> Text:
    said = msgspec.json.encode(value).decode()
    return Text(said, said)


def lines(content: Content) -> tuple[Line, ...]:
    """Say all of a content."""
    return tuple(product_lines(content) if isinstance(content, ProductContent) else site_lines(content))
