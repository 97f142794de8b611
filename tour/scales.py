"""The scales in force for an authority: those of the program's files, and what two of its people have put over them.

An edition that the files have outgrown (a band more, another code) says nothing any more: the program's own scale
holds, and the console says so.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from domain.band_editions import Bands, BandText, Edition, EditionState, Limit, Sentence
from domain.errors.bands import BadBands
from domain.places import Authority
from domain.ports import Unit
from tour.catalogue import CATALOGUE
from tour.catalogue.loading import faults_of, typeset
from tour.terms import Band, DeviceModel, Edge, Quantity, Scale, Words

LONGEST = {"label": 30, "state": 75, "action": 110, "elsewhere": 110}
"""How long each text of a band may be, in letters: as the tests of the program's own files have it."""

HIGHEST = 1e9
"""No edge of any quantity lies beyond, on either side of nought."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Scales(Struct, frozen=True):
    """Scales by their code. `own` are those that an authority has put over the program's."""

    own: dict[str, Scale] = {}

    def of(self, measured: Quantity, device: DeviceModel) -> Scale | None:
        """Return the scale that fits where a device stands, else the quantity's own; None where it has no bands."""
        code = device.scales.get(measured.code, measured.scale)
        return None if code is None else self.called(code)

    def called(self, code: str) -> Scale | None:
        """Return the scale of a code, if there is one."""
        return self.own.get(code) or CATALOGUE.scales.get(code)

    def all(self) -> list[Scale]:
        """Return every scale, in the order of the files."""
        return [self.own.get(code, scale) for code, scale in CATALOGUE.scales.items()]


FILES = Scales()
"""The program's own, where nobody has put anything over them."""


async def scales_of(unit: Unit, authority: Authority) -> Scales:
    """Read what is in force for an authority."""
    return scales_from(await unit.bands.current(authority.id), authority)


def scales_from(editions: Iterable[Edition], authority: Authority) -> Scales:
    """Lay the editions in force over the files."""
    own = {}
    for one in editions:
        base = CATALOGUE.scales.get(one.scale)
        if one.state is EditionState.IN_FORCE and one.bands is not None and base and is_of(base, one.bands):
            since = one.decided_at or one.proposed_at
            own[one.scale] = structs.replace(
                laid_over(base, one.bands), version=since.astimezone(ZoneInfo(authority.zone)).date()
            )
    return Scales(own)


def is_of(base: Scale, bands: Bands) -> bool:
    """Tell whether an edition still has the bands and edges of the program's scale."""
    return [one.code for one in bands.texts] == [one.code for one in base.bands] and len(bands.edges) == len(base.edges)


def laid_over(base: Scale, bands: Bands) -> Scale:
    """Return a scale with the edges, sentences and source of an edition. What a band is and feels like stays."""
    return structs.replace(
        base,
        edges=tuple(Edge(one.value, included=one.included) for one in bands.edges),
        bands=tuple(_band(band, text) for band, text in zip(base.bands, bands.texts, strict=True)),
        source=bands.source,
        source_date=bands.source_date,
        checked=bands.checked,
    )


def bands_of(scale: Scale) -> Bands:
    """Return what an edition would hold to say what a scale says now."""
    return Bands(
        edges=tuple(Limit(one.value, included=one.included) for one in scale.edges),
        texts=tuple(
            BandText(
                one.code,
                _sentence(one.label),
                _sentence(one.state),
                _sentence(one.action),
                _sentence(one.elsewhere) if one.elsewhere is not None else None,
            )
            for one in scale.bands
        ),
        source=scale.source,
        source_date=scale.source_date,
        checked=scale.checked or scale.version,
    )


def check_bands(base: Scale, bands: Bands, today: date) -> None:
    """Refuse what the program would not start with, texts that no page has room for, and days to come.

    Raises:
        BadBands: and names every fault.
    """
    if not is_of(base, bands):
        raise BadBands(f"{base.code} has other bands: take the page anew.")
    faults = [*faults_of(laid_over(base, bands), CATALOGUE.quantities), *_out_of_bounds(base, bands, today)]
    if faults:
        raise BadBands("; ".join(faults))


def _out_of_bounds(base: Scale, bands: Bands, today: date) -> Iterator[str]:
    for name in ("source_date", "checked"):
        if getattr(bands, name) > today:
            yield f"{name} is a day to come"
    if any(abs(edge.value) > HIGHEST for edge in bands.edges):
        yield f"an edge lies beyond {HIGHEST:.0f}"
    for band, text in zip(base.bands, bands.texts, strict=True):
        if (band.elsewhere is None) is not (text.elsewhere is None):
            yield f"{band.code}: elsewhere is {'needed' if text.elsewhere is None else 'not said'} in this band"
        for part, longest in LONGEST.items():
            said: Sentence | None = getattr(text, part)
            for tongue in () if said is None else ("fr", "en", "easy"):
                words: str = getattr(said, tongue)
                if len(words) > longest or _CONTROL.search(words):
                    yield f"{band.code}: {part} is one line of {longest} letters at most in {tongue}"


def _band(band: Band, text: BandText) -> Band:
    return structs.replace(
        band,
        label=_words(text.label),
        state=_words(text.state),
        action=_words(text.action),
        elsewhere=_words(text.elsewhere) if text.elsewhere is not None else None,
    )


def _words(said: Sentence) -> Words:
    return Words(typeset(said.fr), said.en, typeset(said.easy))


def _sentence(words: Words) -> Sentence:
    return Sentence(words.fr, words.en, words.easy)
