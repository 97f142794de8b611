"""Who lives in the benchmark's city, by number: the same person has the same ids, media and rights in every run.

Numbers below `size` are residents, with a carnet for the pool, a subscription for the bus and their household's right
to the waste centre; `active` of them are scanned, two by two (a household), evenly spread over all. Behind them stand
a few whom the gate refuses, or who come without limit: see `Kind`.
"""

from collections.abc import Iterator
from enum import IntEnum
from hashlib import sha256
from itertools import islice

from msgspec import Struct

from domain.passes import STATUS_LIST_SIZE

SPECIAL = 64
"""Passes of each special kind."""


class Row(IntEnum):
    """The first four bytes of a row's id say what it is."""

    AUTHORITY = 1
    SITE = 2
    ZONE = 3
    GATE = 4
    TERMINAL = 5
    PRODUCT = 6
    HOLDER = 16
    HOUSEHOLD = 17
    PASS = 18
    CARNET = 19
    BUS = 20
    WASTE = 21


class Kind(IntEnum):
    """The special passes, in the order in which they stand behind the residents."""

    LOST = 0
    """The medium was reported lost."""
    EMPTY = 1
    """The carnet holds less than one visit."""
    UNLIMITED = 2
    """A year's subscription to the pool, without any limit."""


class Population(Struct, frozen=True):
    """How many passes there are, and which of them come to the gates."""

    size: int
    active: int

    @property
    def total(self) -> int:
        """Passes in the database."""
        return self.size + SPECIAL * len(Kind)

    def special(self, kind: Kind) -> range:
        """The passes of a special kind."""
        first = self.size + SPECIAL * kind
        return range(first, first + SPECIAL)

    def kind_of(self, number: int) -> Kind | None:
        """The special kind of a pass; None for a resident."""
        return None if number < self.size else Kind((number - self.size) // SPECIAL)

    def actives(self) -> list[int]:
        """The passes that are scanned: pairs that share a household, evenly spread."""
        step = self.size // self.active
        return [place // 2 * 2 * step + place % 2 for place in range(self.active)]

    def strangers(self) -> Iterator[int]:
        """Numbers whose genuine codes name a medium that no database holds."""
        number = self.total + 1_000_000
        while True:
            number += 1
            yield number


def row_id(row: Row, number: int) -> str:
    """The id of a row, 32 hexadecimal digits in the shape of a UUIDv7: rows of one table stand in their order."""
    return f"{row:08x}00007000{0x8000:04x}{number:012x}"


def medium_id(number: int) -> int:
    """The random-looking id of a medium, as a signed integer."""
    return int.from_bytes(sha256(b"medium-%d" % number).digest()[:8], "big", signed=True)


def status_place(number: int) -> tuple[int, int]:
    """Status list and index of a medium."""
    return number // STATUS_LIST_SIZE, number % STATUS_LIST_SIZE


def first(numbers: Iterator[int], count: int) -> list[int]:
    """The first `count` of them."""
    return list(islice(numbers, count))
