"""Values of the tour as tests tell them, and what is said of them."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tour.catalogue import CATALOGUE, quantity, scale
from tour.explain import Explanation, Known, Usual, explain
from tour.terms import Words

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 24, 14, 4, tzinfo=PARIS)
"""A Tuesday."""

USUAL = Usual(p10=10, p25=20, p75=60, p90=120, weeks=8)
STATES = ("direct", "recent", "old", "silent", "delayed")
EXPLAINED = [each for each in CATALOGUE.quantities.values() if each.meaning is not None]


def known(code: str, value: float | None, **more: object) -> Known:
    """A good, fresh value of four minutes ago, unless told otherwise."""
    measured = quantity(code)
    facts: dict[str, Any] = {
        "scale": None if measured.scale is None else scale(measured.scale),
        "observed_at": NOW - timedelta(minutes=4),
        "now": NOW,
        "freshness": "direct",
        "quality": 1,
        "protection_level": 0,
    }
    return Known(quantity=measured, value=value, **{**facts, **more})


def told(code: str, value: float | None, **more: object) -> Explanation:
    return explain(known(code, value, **more))


def plain(words: Words | None) -> tuple[str, str, str]:
    assert words is not None
    return tuple(text.replace("\u00a0", " ") for text in (words.fr, words.en, words.easy))  # type: ignore[return-value]


def band(explanation: Explanation) -> str | None:
    return None if explanation.band is None else explanation.band.code
