"""What is left of a right, as its holder reads it: the sentence beside the numbers that terminals get."""

from datetime import date, timedelta
from typing import Literal

from msgspec import UNSET

from domain.access.answer import Remaining
from domain.access.facts_in_words import quantity
from domain.dates import written
from domain.numbers import number
from domain.periods import FOREVER
from domain.text import Text
from domain.waste import BY_CODE


def left(limit: Remaining) -> Text:
    """Say what is left of one limit, and until when: the last day counts, as people say it."""
    some, kind = quantity(limit.left, limit.unit), _kind(limit)
    end = _end(limit.until)
    if limit.left <= 0:
        used = quantity(limit.of, limit.unit)
        return Text(f"Tout est utilisé : {used.fr}{kind.fr}{end.fr}.", f"All used: {used.en}{kind.en}{end.en}.")
    return Text(
        f"Il reste {some.fr} sur {_plain(limit.of, 'fr')}{kind.fr}{end.fr}.",
        f"{some.en} of {_plain(limit.of, 'en')} left{kind.en}{end.en}.",
    )


def unlimited(until: date) -> Text:
    """Say that a right counts nothing, and until when it holds."""
    end = _end(until)
    return Text(f"Sans limite{end.fr}.", f"Without limit{end.en}.")


def _kind(limit: Remaining) -> Text:
    if limit.kind is UNSET:
        return Text("", "")
    name = BY_CODE[str(limit.kind)].name
    return Text(f" ({name.fr.lower()})", f" ({name.en.lower()})")


def _end(until: date) -> Text:
    if until == FOREVER:
        return Text("", "")
    last = until - timedelta(days=1)
    return Text(f", jusqu’au {written(last, 'fr')}", f", until {written(last, 'en')}")


def _plain(amount: float, language: Literal["fr", "en"]) -> str:
    return number(amount, 0 if amount == int(amount) else 1, language)
