"""One quantity over the whole city at once: which place has more of it, which has less.

Only devices of one kind are compared: the air of a classroom says nothing about that of the street.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct

from domain.devices import DeviceKind
from tour.pages.drawing import Reader
from tour.showcase import Sight

STEPS = 5
"""Shades from the least to the most: more are hard to tell apart."""

_FEWEST = 3
"""Two places are a difference, and no picture."""


class Told(Struct, frozen=True):
    """A value that a place says, in the unit of its quantity, and in words."""

    slug: str
    kind: DeviceKind
    value: float
    words: str


class Warmth(Struct, frozen=True):
    """How a place stands among the others: `step` from 0, the least, to 4, the most; `words` say its value."""

    step: int
    words: str


class Heat(Struct, frozen=True):
    """The places of the picture by the slug of their point, and what its ends stand for."""

    places: Mapping[str, Warmth]
    least: str
    most: str


def heat_of(told: Sequence[Told]) -> Heat | None:
    """Compare what places say; None where there is nothing to compare.

    Steps are even parts of what lies between the least and the most value.
    """
    kind = _commonest([one.kind for one in told])
    alike = sorted((one for one in told if one.kind is kind), key=lambda one: (one.value, one.slug))
    if len(alike) < _FEWEST or alike[0].value == alike[-1].value:
        return None
    least, most = alike[0], alike[-1]
    part = (most.value - least.value) / STEPS
    return Heat(
        {one.slug: Warmth(min(STEPS - 1, int((one.value - least.value) / part)), one.words) for one in alike},
        least.words,
        most.words,
    )


def told_of(sights: Sequence[Sight], wanted: str, said: Reader) -> list[Told]:
    """Collect what points say of a quantity, where it is fresh enough to be judged."""
    return [
        Told(sight.stand.point.slug, shown.device.kind, live.value, said.plain(live.reading))
        for sight in sights
        for shown, live in zip(sight.stand.streams, sight.live, strict=True)
        if live.quantity == wanted and live.value is not None and live.reading is not None and live.state.shows_band
    ]


def _commonest(kinds: Sequence[DeviceKind]) -> DeviceKind | None:
    return Counter(sorted(kinds)).most_common(1)[0][0] if kinds else None
