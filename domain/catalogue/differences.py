"""What differs between two contents, line by line in plain words."""

from msgspec import Struct

from domain.catalogue.contents import Content, ProductContent
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
    return tuple(found)


def lines(content: Content) -> tuple[Line, ...]:
    """Say all of a content."""
    return tuple(product_lines(content) if isinstance(content, ProductContent) else site_lines(content))
