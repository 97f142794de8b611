"""The sheet of a point: all that a visitor may read before a device, and what it must say before they may.

Fields and their order follow the register of sensors of Amsterdam and the four things that tests of DTPR found a sign
must say: purpose, who answers for it, whether somebody can be recognised, how to react.
"""

import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from msgspec import Struct

from domain.devices import Device, Position, Stream
from domain.dtpr import Chain, check_chain
from domain.errors.points import BadSheet
from domain.languages import BESIDE, NOTHING, Language, Words, unreadable

MOST_STREAMS = 4
"""How many values a sheet shows: more are not read standing in a street."""

HIDDEN_LEVEL = 3
"""From this level of protection on, no value of one home or one person is shown."""

LONGEST_ADDRESS = 1_000
"""Characters of an address that a sheet leads to."""

_ADDRESS = re.compile(r"https://[^\s/?#@\\]+\.[^\s/?#@\\]+(?:[/?#][^\s\\]*)?")
_COMMUNE = re.compile(r"\d[\dAB]\d{3}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LISTS, MOST_ENTRIES = ("devices", "does_not", "links", "subcontractors"), 20


class Blur(StrEnum):
    """How exactly the place of a point is public."""

    METRE = "metre"
    BUILDING = "building"
    STREET = "street"
    DISTRICT = "district"

    @property
    def decimals(self) -> int:
        """Decimals of a degree: about 1 m, 10 m, 100 m, 1 km."""
        return {Blur.METRE: 5, Blur.BUILDING: 4, Blur.STREET: 3, Blur.DISTRICT: 2}[self]


class StreamName(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A stream as people name it: the code of its device, its quantity, its channel where there are several."""

    device: str
    quantity: str
    channel: str = ""


class Photo(Struct, frozen=True, forbid_unknown_fields=True):
    """A picture by the hash of its file, and what is seen in it for those who do not see it."""

    digest: str
    alt: Words


class Voices(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The same words in other languages, each by the hash of its file; empty where nobody has spoken them."""

    easy: str = ""
    en: str = ""
    es: str = ""
    oc: str = ""


NO_VOICES = Voices()
"""Spoken in French alone."""


class Recording(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Spoken words by the hash of their file, and the same words to read; `also` are other languages than French."""

    digest: str
    transcript: Words
    also: Voices = NO_VOICES

    def spoken(self, language: Language) -> str:
        """Return the hash of the file in which this language is spoken; empty where there is none."""
        found: str = self.digest if language is Language.FRENCH else getattr(self.also, language.value)
        return found

    def heard(self, language: Language) -> tuple[str, Language]:
        """Return what is heard by whoever asks for a language, and in which: French where nobody has spoken theirs."""
        own = self.spoken(language)
        return (own, language) if own else (self.digest, Language.FRENCH)

    @property
    def digests(self) -> list[str]:
        """The hashes of all its files, French first."""
        return [found for language in Language if (found := self.spoken(language))]


class Link(Struct, frozen=True, forbid_unknown_fields=True):
    """Where to read on."""

    label: Words
    url: str


class Sheet(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel", forbid_unknown_fields=True):
    """What a sheet says. Empty is what nobody has written yet; `missing` tells what must be before it is published.

    Its fields have the same names in the API, in files and in the database.

    `latitude` and `longitude` (WGS 84, degrees) are rounded to `blur` before they are stored. `service` is who uses the
    device and answers for it, `controller` who is responsible for its data in law, `contact` where their data
    protection officer is reached. `ends_on` is the day on which the device goes or its reasons are looked at again.
    `easy_reviewed_by` names who with an intellectual disability has read the easy text: the logo is shown only then.
    """

    title: Words = NOTHING
    place: Words = NOTHING
    address: str = ""
    commune_code: str = ""
    latitude: float | None = None
    longitude: float | None = None
    blur: Blur = Blur.METRE
    devices: tuple[str, ...] = ()
    streams: tuple[StreamName, ...] = ()
    photo: Photo | None = None
    recording: Recording | None = None
    surroundings: Words = NOTHING
    """The place in words, for those who do not see it."""
    what_it_is: Words = NOTHING
    how_it_works: Words = NOTHING
    maker: str = ""
    radio: str = ""
    power: Words = NOTHING
    does_not: tuple[Words, ...] = ()
    benefit: Words = NOTHING
    decision: Words = NOTHING
    """One decision that it has changed."""
    cost: Words = NOTHING
    service: Words = NOTHING
    chain: Chain = Chain()
    legal_basis: Words = NOTHING
    controller: str = ""
    contact: str = ""
    retention: Words = NOTHING
    starts_on: date | None = None
    ends_on: date | None = None
    subcontractors: tuple[str, ...] = ()
    assessment_url: str = ""
    """The data protection impact assessment, where there is one."""
    open_data_url: str = ""
    links: tuple[Link, ...] = ()
    easy_reviewed_by: str = ""
    easy_reviewed_on: date | None = None

    @property
    def position(self) -> Position | None:
        """Where it stands, as far as that is public."""
        if self.latitude is None or self.longitude is None:
            return None
        return Position(round(self.latitude, self.blur.decimals), round(self.longitude, self.blur.decimals))

    @property
    def easy_logo(self) -> bool:
        """Whether the easy text may carry the European logo."""
        return bool(self.easy_reviewed_by and self.easy_reviewed_on)


def missing(sheet: Sheet) -> list[str]:
    """Name every field that a sheet still needs before it can be published."""
    needed: dict[str, object] = {
        "title": sheet.title,
        "place": sheet.place,
        "position": sheet.position,
        "photo.alt": sheet.photo and sheet.photo.alt,
        "devices": sheet.devices,
        "whatItIs": sheet.what_it_is,
        "whatItIs.easy": sheet.what_it_is.easy.strip(),
        "doesNot": sheet.does_not,
        "benefit": sheet.benefit,
        "benefit.easy": sheet.benefit.easy.strip(),
        "service": sheet.service,
        "controller": sheet.controller.strip(),
        "contact": sheet.contact.strip(),
        "retention": sheet.retention,
        "startsOn": sheet.starts_on,
        "endsOn": sheet.ends_on,
        "recording.transcript": sheet.recording is None or sheet.recording.transcript,
    }
    unwritten = [f"recording.transcript.{one}" for one in unwritten_voices(sheet)]
    return [
        *(name for name, value in needed.items() if not value),
        *unwritten,
        *(f"chain.{one}" for one in sheet.chain.missing()),
    ]


def unwritten_voices(sheet: Sheet) -> list[Language]:
    """Name the languages beside French that are heard in its recording, and whose words nobody can read."""
    spoken = sheet.recording
    if spoken is None:
        return []
    return [one for one in BESIDE if spoken.spoken(one) and not getattr(spoken.transcript, one.value).strip()]


def protection_level(devices: Iterable[Device]) -> int:
    """The level of a point: that of the most telling of its devices, 0 where they measure the environment alone."""
    return max((device.protection_level for device in devices), default=0)


def stream_name(device: Device, stream: Stream) -> StreamName:
    """Name a stream as a sheet does."""
    return StreamName(device.code, stream.quantity, stream.channel)


def shown_streams(sheet: Sheet, registered: Iterable[tuple[Device, list[Stream]]]) -> list[tuple[Device, Stream]]:
    """Choose what a sheet shows live: the streams it names, in its order, or else the first of its devices.

    Of what is not public, and of a device that tells of one home or one person, never anything.
    """
    public = [
        (device, stream)
        for device, streams in registered
        if device.public and device.protection_level < HIDDEN_LEVEL
        for stream in streams
        if stream.public
    ]
    if not sheet.streams:
        return public[:MOST_STREAMS]
    by_name = {stream_name(device, stream): (device, stream) for device, stream in public}
    return [by_name[name] for name in sheet.streams if name in by_name]


def check_sheet(sheet: Sheet) -> None:
    """Refuse what could never be published, whatever is added to it.

    Raises:
        BadSheet: and says what.
        UnknownElement: the chain names what nobody knows.
    """
    for fault, words in (
        (len(sheet.streams) > MOST_STREAMS, f"A sheet shows {MOST_STREAMS} values at most."),
        (len(set(sheet.streams)) != len(sheet.streams), "One stream stands twice."),
        (len(set(sheet.devices)) != len(sheet.devices), "One device stands twice."),
        ({one.device for one in sheet.streams} - set(sheet.devices), "A stream belongs to no device of the sheet."),
        (sheet.commune_code and not _COMMUNE.fullmatch(sheet.commune_code), "communeCode is no INSEE code."),
        ((sheet.latitude is None) != (sheet.longitude is None), "A position has a latitude and a longitude."),
        (not -90 <= (sheet.latitude or 0) <= 90, "latitude lies between -90 and 90."),
        (not -180 <= (sheet.longitude or 0) <= 180, "longitude lies between -180 and 180."),
        (_reversed(sheet), "It ends before it starts."),
        (bool(sheet.easy_reviewed_by) != (sheet.easy_reviewed_on is not None), "A review has readers and a day."),
        (
            any(len(getattr(sheet, name)) > MOST_ENTRIES for name in _LISTS),
            f"A list has {MOST_ENTRIES} entries at most.",
        ),
        (not all(sheet.does_not), "An empty line stands under doesNot."),
        (not all(one.label for one in sheet.links), "A link says in French where it leads."),
        (not all(is_address(url) for url in _addresses(sheet)), "A link begins with https://, and names no login."),
        (not all(_DIGEST.fullmatch(one) for one in _named(sheet)), "A photo or recording has no such name."),
        (unreadable(sheet), unreadable(sheet)),
    ):
        if fault:
            raise BadSheet(words)
    check_chain(sheet.chain)


def media_of(sheet: Sheet) -> list[str]:
    """Name the files that a sheet shows, by their hashes."""
    photo = [sheet.photo.digest] if sheet.photo is not None else []
    return photo + (sheet.recording.digests if sheet.recording is not None else [])


def _reversed(sheet: Sheet) -> bool:
    return sheet.starts_on is not None and sheet.ends_on is not None and sheet.ends_on < sheet.starts_on


def _addresses(sheet: Sheet) -> list[str]:
    more = [url for url in (sheet.assessment_url, sheet.open_data_url) if url]
    return [link.url for link in sheet.links] + more


def _named(sheet: Sheet) -> list[str]:
    """Name its files; the French recording is one even where its name is empty."""
    return media_of(sheet) + ([sheet.recording.digest] if sheet.recording is not None else [])


def is_address(url: str) -> bool:
    """Whether a sheet may lead there: over https, to a host with a dot in its name, without login or password."""
    return len(url) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(url) is not None
