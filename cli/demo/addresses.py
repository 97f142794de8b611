"""A small directory of addresses of Val-Clair, in the form of the Base Adresse Nationale: streets that nobody lives in.

Made from the demonstration's own invented communes and streets; nothing of it comes from a real directory.
"""

from adapters.geocoder import written
from cli.demo.requests import STREETS
from cli.demo.territory import COMMUNES
from domain.addresses import FoundAddress

ADDRESSES = "addresses.json"

_NUMBERS = (1, 2, 3, 5, 7, 12, 18, 24, 31, 46)
_BEYOND = FoundAddress("3 rue de la Gare", "00900", "Sault-les-Ormes", "00901")
"""An address outside the territory."""


def directory() -> bytes:
    """Write the directory."""
    inside = [
        FoundAddress(f"{number} {street}", f"{commune.code[:2]}200", commune.name, commune.code)
        for commune in COMMUNES
        for street in STREETS
        for number in _NUMBERS
    ]
    return written([*inside, _BEYOND])
