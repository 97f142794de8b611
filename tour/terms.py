"""What a catalogue is made of: quantities, scales with their bands, and models of devices.

Everything here is read from the TOML files of `tour/catalogue/`, once, when the program starts
(`tour.catalogue.loading`). docs/tour-words.md explains the files to whoever edits them.
"""

from datetime import date
from enum import StrEnum

from msgspec import Struct, structs

from domain.devices import Summary


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """One sentence three times: French, English, and French that is easy to read (FALC)."""

    fr: str
    en: str
    easy: str


class Span(StrEnum):
    """Over how long a value was taken, or what a scale is meant for."""

    INSTANT = "instant"
    QUARTER = "quarter"
    HOUR = "hour"
    DAY = "day"


class Trend(Struct, frozen=True, forbid_unknown_fields=True):
    """From which change on a quantity rises or falls, compared with its value so many hours before."""

    hours: int
    steady: float
    """In the canonical unit: a change up to this much is none."""


class Quantity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be measured, and the one unit in which it is stored."""

    code: str
    name: Words
    unit: str
    """Canonical, in UCUM; `qudt` and `uncefact` name the same one."""
    qudt: str
    uncefact: str
    symbol: Words
    """How the unit is written behind a number; `one` behind a single one, where that differs."""
    one: Words | None = None
    decimals: int
    physical: tuple[float, float]
    """No place of the city can be outside, ends included: such a value is wrong."""
    likely: tuple[float, float] | None = None
    """What happens here: outside, a value is doubtful."""
    summary: Summary
    people: bool = False
    """It counts people: under five, the exact number is not said."""
    scale: str | None = None
    trend: Trend | None = None
    meaning: Words | None = None
    """What the number tells. None for what only machines read: it is stored and never explained."""
    advice: Words | None = None
    """What to do where no band says so."""

    @property
    def is_class(self) -> bool:
        """Whether its numbers are names of steps (a colour, an index): none is usual, or twice another."""
        return self.summary is Summary.LAST and self.unit == "1"


class Tone(StrEnum):
    """How a band feels: a page gives each its colour, icon and word."""

    GOOD = "good"
    FAIR = "fair"
    CAUTION = "caution"
    BAD = "bad"
    SEVERE = "severe"
    NEUTRAL = "neutral"
    CHECK = "check"


class Basis(StrEnum):
    """Where the edges of a scale come from."""

    FIXED = "fixed"
    PLACE = "place"
    """Each place has its own, set by its operator; without them there is no word."""
    USUAL = "usual"
    """The usual for that weekday and hour."""
    PEOPLE = "people"
    """The place has its own, and people confirm a level before anybody reads of it: a value alone says nothing."""


class Edge(Struct, frozen=True):
    """The upper end of a band."""

    value: float
    included: bool

    def holds(self, value: float) -> bool:
        """Say whether a value still lies under the edge."""
        return value < self.value or (self.included and value == self.value)


class Band(Struct, frozen=True, forbid_unknown_fields=True):
    """One step of a scale: its name on a gauge, what it says, what to do."""

    code: str
    tone: Tone
    label: Words
    state: Words
    action: Words
    elsewhere: Words | None = None
    """What to do instead where another place is known: `{place}` is its name."""


class Scale(Struct, frozen=True, kw_only=True):
    """Bands for a quantity, with the text that set them."""

    code: str
    quantity: str
    basis: Basis
    over: Span
    """What the edges were set for. They are not applied to a shorter time without saying so."""
    family: str
    """Scales of different families (French and European) never stand on one page."""
    hours: tuple[int, int] | None
    """Local hours within which the words hold, the second one excluded."""
    source: str
    source_date: date
    checked: date | None
    """The day somebody compared the edges with the source. Before, the public does not see them."""
    version: date
    edges: tuple[Edge, ...]
    bands: tuple[Band, ...]

    def band(self, value: float) -> Band | None:
        """Return the band of a value in the canonical unit; None where a place's edges are not known."""
        if len(self.bands) != len(self.edges) + 1:
            return None
        return self.bands[sum(not edge.holds(value) for edge in self.edges)]

    def at(self, edges: tuple[float, ...]) -> "Scale":
        """Return the scale of one place: a band begins at its edge. For scales whose edges places set.

        Raises:
            ValueError: the edges are not as many as the steps, or do not rise.
        """
        if len(edges) != len(self.bands) - 1 or list(edges) != sorted(set(edges)):
            raise ValueError(f"{self.code} needs {len(self.bands) - 1} edges that rise, not {edges}.")
        return structs.replace(self, edges=tuple(Edge(value, included=False) for value in edges))


class Requirement(Struct, frozen=True, forbid_unknown_fields=True):
    """Another field of the same message must lie within these bounds, ends included, or the value means nothing."""

    field: str
    low: float
    high: float


class Field(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One field of a device's message. `unit` is what the device means, whatever else it may say."""

    quantity: str
    unit: str
    channel: str = ""
    sentinels: tuple[float | str, ...] = ()
    """Numbers and texts that stand for "no value"."""
    range: tuple[float, float] | None = None
    """What the sensor can measure, ends included, in the field's own unit."""
    requires: tuple[Requirement, ...] = ()
    of_interval: bool = False
    """It counts what passed within its interval: `tour.units.per_hour` makes a flow of it."""

    def is_sentinel(self, raw: float | str) -> bool:
        """Say whether a raw value stands for none."""
        return raw in self.sentinels


class DeviceModel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A make of device, or a public source, and what its fields mean."""

    code: str
    name: str
    fields: dict[str, Field]
    scales: dict[str, str] = {}
    """The scale of a quantity where this device stands (a room, say) instead of the quantity's own."""
    ordered: tuple[tuple[str, ...], ...] = ()
    """Fields of one message of which none is more than the next: the mean, then the peak."""
    sums: dict[str, tuple[str, ...]] = {}
    """A field that is the sum of others of its message: all people, those who come and those who go."""
    source: str

    @property
    def names(self) -> frozenset[str]:
        """Every field that a message may be asked for: what is measured, and what tells whether to believe it."""
        beside = {need.field for field in self.fields.values() for need in field.requires}
        return frozenset(self.fields).union(beside, *self.ordered, *self.sums.values())
