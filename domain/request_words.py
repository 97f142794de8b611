"""How a request stands, in words that whoever asked can act upon."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from importlib import resources

import msgspec

from domain.dates import written
from domain.request_terms import Proof, Terms
from domain.requests import OPEN, PassRequest, RequestStatus
from domain.text import Text


@cache
def _words() -> dict[str, Text]:
    text = resources.files("domain").joinpath("request_words.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=dict[str, Text])


def standing(request: PassRequest, terms: Terms, lacking: Sequence[Proof]) -> Text:
    """Say where a request stands, until when somebody has to do something, and what it lacks."""
    day = request.due_on
    if request.status is RequestStatus.DRAFT:
        day = request.keep_until
    elif request.asked_on is not None:
        day = request.asked_on + timedelta(days=terms.answer_days)
    words = _words()[request.status]
    fr = words.fr.format(day=written(day, "fr") if day else "")
    en = words.en.format(day=written(day, "en") if day else "")
    if not lacking or request.status not in OPEN:
        return Text(fr=fr, en=en)
    more = _words()["missing"]
    return Text(
        fr=f"{fr} {more.fr.format(needs=', '.join(proof.name.fr for proof in lacking))}",
        en=f"{en} {more.en.format(needs=', '.join(proof.name.en for proof in lacking))}",
    )
