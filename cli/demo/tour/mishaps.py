"""What really happens to devices, so that every state of freshness and every check can be seen.

Most speak as they should. One is silent, one is heard twice a day, one loses two frames of three, one has a probe that
broke; any radio frame may be lost or arrive twice, and one device now and then sends in one block what it had kept.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum, auto

from cli.demo.tour.chance import share
from cli.demo.tour.plan import Simulated

SILENT = frozenset({"meteo-morvettes"})
BROKEN_PROBE = {("ecole-lavoir-salle-2", "co2"): 65_535.0}
"""What is said instead of a value."""

LAST_HEARD = {
    "meteo-morvettes": timedelta(days=3),
    "meteo-corlanges": timedelta(hours=5),
    "ecole-lavoir-salle-2": timedelta(days=2),
}
"""How long before it was built the city last heard a device of which it hears little."""

_ONE_OF = {"bruit-place-halle": 3, "meteo-corlanges": 48}
_KEEPS = frozenset({"ecole-tilleuls-salle-4"})
_RADIO = frozenset({"lorawan", "meteo"})
_LOST, _BLOCK_EVERY, _BLOCK, _TWICE_EVERY = 0.02, 48, 3, 17


class Fate(Enum):
    """What becomes of one message."""

    SENT = auto()
    LOST = auto()
    TWICE = auto()
    WITH_OTHERS = auto()
    """It carries those before it that were kept in the device."""


def fate(one: Simulated, at: datetime) -> Fate:
    """Say what becomes of what a device sends at an instant."""
    number = one.number(at)
    if one.code in SILENT or number % _ONE_OF.get(one.code, 1):
        return Fate.LOST
    if one.code in _KEEPS and number % _BLOCK_EVERY >= _BLOCK_EVERY - _BLOCK:
        return Fate.LOST
    if one.code in _KEEPS and number % _BLOCK_EVERY == 0:
        return Fate.WITH_OTHERS
    if one.device.source not in _RADIO or one.code in _ONE_OF:
        return Fate.SENT
    if number % _TWICE_EVERY == 0:
        return Fate.TWICE
    return Fate.LOST if share("lost", one.code, number) < _LOST else Fate.SENT


def kept_before(one: Simulated, at: datetime) -> list[datetime]:
    """When it measured what a message brings along of earlier times, the newest first."""
    return [at - place * one.period for place in range(1, _BLOCK + 1)]


def last_sent(one: Simulated, instants: Iterable[datetime]) -> datetime | None:
    """Find the newest of these instants at which anything arrives."""
    return max((at for at in instants if fate(one, at) is not Fate.LOST), default=None)
