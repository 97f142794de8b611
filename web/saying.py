"""How pages say what is not theirs to word: an authority's texts, days, instants and numbers."""

from datetime import date, datetime, timedelta

from markupsafe import Markup, escape

from domain.text import Text
from web import moments
from web.moments import Language
from web.numbers import number


class Said:
    """Says a text of the authority's in the reader's language: `{{ said(site.name) }}`."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def __call__(self, text: Text) -> str:
        """Choose the language."""
        return text.fr if self._language == "fr" else text.en


def begun(words: str) -> str:
    """Begin a sentence with these words; what they spell with capitals stays so, unlike with Jinja's `capitalize`."""
    return words[:1].upper() + words[1:]


def whole(sentence: str, **given: str) -> Markup:
    """Say a sentence of ours with references in it that no line cuts.

    A narrow screen would cut one at its hyphen, and whoever reads it aloud would stop there.
    """
    kept = {name: Markup('<span class="whole">{}</span>').format(value) for name, value in given.items()}
    return escape(sentence).format(**kept)


class Times:
    """Days, instants and numbers as people say them: `{{ time.ago(session.seen_at) }}`, `{{ time.number(1234) }}`."""

    def __init__(self, language: Language, now: datetime) -> None:
        self._language = language
        self._now = now

    def day(self, of: date) -> str:
        """Say a day with its year."""
        return f"{moments.day(of, self._language)} {of.year}"

    def last_day(self, until: date) -> str:
        """Say the last day of a period that ends before `until`."""
        return self.day(until - timedelta(days=1))

    def short(self, of: date) -> str:
        """Write a day for a table."""
        return f"{of:%d/%m/%Y}" if self._language == "fr" else f"{of.day} {of:%b %Y}"

    def local_day(self, at: datetime) -> str:
        """Write the day of an instant, where the authority is, for a table."""
        return self.short(at.astimezone(self._now.tzinfo).date())

    def last_local_day(self, ends: datetime) -> str:
        """Write the last day on which something holds that ends at an instant: at midnight, the day before it."""
        return self.local_day(ends - timedelta(seconds=1))

    def past(self, at: datetime) -> str:
        """Say an instant that is over."""
        return moments.past(at, self._now, self._language)

    def ago(self, at: datetime) -> str:
        """Say how long ago, within the hour."""
        return moments.ago(at, self._now, self._language)

    def clock(self, at: datetime) -> str:
        """Say the time of an instant, where the authority is."""
        return moments.clock_of(at.astimezone(self._now.tzinfo), self._language)

    def second(self, at: datetime) -> str:
        """Say the time of an instant to the second, where the authority is."""
        return moments.second_of(at.astimezone(self._now.tzinfo), self._language)

    def minutes(self, of_day: int) -> str:
        """Say the time that so many minutes after midnight are, on the authority's clocks."""
        return moments.clock(of_day, self._language)

    def number(self, value: float, decimals: int = 0) -> str:
        """Write a number."""
        return number(value, decimals, self._language)
