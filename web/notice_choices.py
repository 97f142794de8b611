"""What may be followed, as a form offers it, and what was typed into such a form."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import time

from litestar.datastructures import FormMultiDict
from msgspec import Struct
from msgspec.structs import replace

from domain.errors.notices import BadSubscription
from domain.notice_words import ALL_RIVERS, BANDS, TOPICS, WHAT_FOR
from domain.notices import NoticeTopic
from domain.subscribers import Follow, Quiet, Subscriber, check_quiet
from domain.text import Text
from web.cards import said
from web.moments import NARROW, Language

_BAND = 3

Places = Sequence[tuple[str, Text]]


class Typed(Struct):
    """A form as it was typed, with what is wrong with it."""

    follow: list[str]
    band: int = _BAND
    address: str = ""
    language: str = "fr"
    quiet_begins: str = ""
    quiet_ends: str = ""
    wrong: dict[str, str] = {}

    def has(self, value: str) -> bool:
        """Whether a box is ticked."""
        return value in self.follow

    def refuse(self, name: str, word: str) -> None:
        """Note what is wrong with a field."""
        self.wrong = {**self.wrong, name: word}

    def follows(self, offered: "Sequence[Offered]") -> list[Follow]:
        """Return what was ticked of what is offered."""
        known = {value for topic in offered for value in topic.values}
        chosen = []
        for value in dict.fromkeys(self.follow):
            if value in known:
                code, _, place = value.partition(":")
                chosen.append(Follow(NoticeTopic(code), place, self.band if code == NoticeTopic.AIR else 0))
        return chosen

    def quiet(self) -> Quiet | None:
        """Return the quiet hours; None where neither field is filled, or what is there is no time or lasts none."""
        if not self.quiet_begins and not self.quiet_ends:
            return None
        with suppress(ValueError, BadSubscription):
            hours = Quiet(_minutes(self.quiet_begins), _minutes(self.quiet_ends))
            check_quiet(hours)
            return hours
        self.refuse("quiet", "quiet")
        return None


class Offered(Struct, frozen=True):
    """One topic of a form. Where places are to be chosen, `places` are values and names; the first may be all."""

    code: str
    name: str
    what_for: str
    places: tuple[tuple[str, str], ...] = ()
    has_bands: bool = False

    @property
    def values(self) -> tuple[str, ...]:
        """What its boxes send."""
        return tuple(value for value, _ in self.places) or (f"{self.code}:",)

    def is_open(self, form: Typed) -> bool:
        """Whether something of it is chosen: then its places are shown."""
        return any(form.has(value) for value in self.values)


def offered(sites: Places, rivers: Places, air: Places, language: Language, everywhere: str) -> list[Offered]:
    """Offer the topics: closures by site, rivers by station, air where it is measured, the others as a whole."""
    stations = _named(NoticeTopic.FLOODS, rivers, language)
    places: dict[NoticeTopic, tuple[tuple[str, str], ...]] = {
        NoticeTopic.SITES: (("sites:", everywhere), *_named(NoticeTopic.SITES, sites, language)),
        NoticeTopic.FLOODS: (("floods:", said(ALL_RIVERS, language)), *stations) if stations else (),
        NoticeTopic.AIR: _named(NoticeTopic.AIR, air, language),
    }
    return [
        Offered(
            topic,
            said(TOPICS[topic], language),
            said(WHAT_FOR[topic], language),
            places.get(topic, ()),
            has_bands=topic is NoticeTopic.AIR,
        )
        for topic in NoticeTopic
        if topic is not NoticeTopic.AIR or air
    ]


def bands(language: Language) -> list[tuple[int, str]]:
    """Offer how bad the air must be."""
    return [(band, said(name, language)) for band, name in BANDS.items()]


def typed(sent: FormMultiDict) -> Typed:
    """Read a form. What no form of ours sends is left out."""
    return Typed(
        follow=[value for value in sent.getall("follow", []) if isinstance(value, str)][:200],
        band=int(band) if (band := _field(sent, "band")) in {str(each) for each in BANDS} else _BAND,
        address=_field(sent, "address")[:300],
        language="en" if _field(sent, "language") == "en" else "fr",
        quiet_begins=_field(sent, "quiet_begins")[:5],
        quiet_ends=_field(sent, "quiet_ends")[:5],
    )


def ticked(follows: Sequence[Follow]) -> Typed:
    """Fill the boxes of a form with what is followed."""
    return Typed(
        follow=[f"{one.topic}:{one.place}" for one in follows],
        band=max((one.band for one in follows), default=0) or _BAND,
    )


def typed_by(subscriber: Subscriber, follows: Sequence[Follow]) -> Typed:
    """Fill a form with what somebody has chosen."""
    quiet = subscriber.quiet
    return replace(
        ticked(follows),
        language=subscriber.language,
        quiet_begins="" if quiet is None else _clock(quiet.begins),
        quiet_ends="" if quiet is None else _clock(quiet.ends),
    )


def names(follows: Sequence[Follow], places: dict[str, Text], language: Language) -> list[str]:
    """Say what somebody follows, line by line; of air from which level on."""
    lines, colon = [], ": " if language == "en" else f"{NARROW}: "
    for one in follows:
        line = said(TOPICS[one.topic], language)
        if one.place in places:
            line += f"{colon}{said(places[one.place], language)}"
        if one.band in BANDS:
            level = said(BANDS[one.band], language)
            line += f", {level[0].lower()}{level[1:]}"
        lines.append(line)
    return lines


def _named(topic: NoticeTopic, places: Places, language: Language) -> tuple[tuple[str, str], ...]:
    return tuple((f"{topic}:{code}", said(name, language)) for code, name in places)


def _field(sent: FormMultiDict, name: str) -> str:
    value = sent.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _minutes(text: str) -> int:
    at = time.fromisoformat(text)
    return at.hour * 60 + at.minute


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
