"""Addresses that somebody types, found in a directory. The INSEE code that comes with one says who is a resident."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from msgspec import Struct

from domain.places import Commune


class FoundAddress(Struct, frozen=True):
    """An address as the directory writes it. `commune_code` is the INSEE code."""

    line: str
    postcode: str
    city: str
    commune_code: str


@runtime_checkable
class Geocoder(Protocol):
    """A directory of addresses (`adapters.geocoder`). An installation without one has None in its place."""

    async def search(self, typed: str) -> list[FoundAddress] | None:
        """List what may be meant, the likeliest first; None where the directory does not answer.

        It is told what was typed, and nothing else: neither who asks nor for what.
        """
        ...

    async def close(self) -> None:
        """Let go of whatever is open."""
        ...


def lies_within(communes: Sequence[Commune], commune_code: str) -> bool:
    """Tell whether a commune is one of an authority's. One that has named none draws no border."""
    return not communes or any(one.code == commune_code for one in communes)
