"""Questions that people ask, answered by the streams of the points: the same words, and the same honesty about age."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from importlib import resources

from msgspec import Struct

from tour.catalogue.loading import typeset
from tour.freshness import State
from tour.live import Live
from tour.showcase import Sight
from tour.terms import Words

LONGEST = 200
"""Characters of a typed question that are looked at."""

_FRESHEST = (State.DIRECT, State.RECENT, State.DELAYED, State.OLD, State.SILENT)


class Question(Struct, frozen=True):
    """One question: its words for people, the quantities that answer it, and what a typed one is recognised by.

    `every` quantity answers: of the air, a good one must not speak for a bad one.
    """

    code: str
    asked: Words
    quantities: tuple[str, ...]
    words: tuple[str, ...]
    every: bool


class Reply(Struct, frozen=True):
    """What one point answers."""

    sight: Sight
    said: Live


class Meant(Struct, frozen=True):
    """What a typed question seems to ask; None where it does not say, or nobody knows the words."""

    question: Question | None
    commune: str | None


def _read() -> dict[str, Question]:
    entries = tomllib.loads(resources.files("tour").joinpath("questions.toml").read_text(encoding="utf-8"))
    return {
        code: Question(
            code,
            Words(fr=typeset(entry["fr"]), en=entry["en"], easy=typeset(entry["easy"])),
            tuple(entry["quantities"]),
            tuple(entry["words"]),
            entry.get("every", False),
        )
        for code, entry in entries.items()
    }


QUESTIONS = _read()


def replies(question: Question, sights: Iterable[Sight]) -> list[Reply]:
    """Let every point answer that can, each once, or once for each quantity; who knows it freshest speaks first."""
    told = [Reply(sight, said) for sight in sights for said in _chosen(question, sight)]
    return sorted(told, key=lambda reply: (_FRESHEST.index(reply.said.state), reply.sight.stand.point.slug))


def _in_order(question: Question, sight: Sight) -> list[Live]:
    """Streams that answer, the quantity that answers best first; of one, what is fresher."""
    answering = [one for one in sight.live if one.quantity in question.quantities]
    return sorted(
        answering, key=lambda one: (question.quantities.index(one.quantity), _FRESHEST.index(one.state), one.channel)
    )


def _chosen(question: Question, sight: Sight) -> list[Live]:
    first: dict[str, Live] = {}
    for said in _in_order(question, sight):
        first.setdefault(said.quantity, said)
    return list(first.values())[: None if question.every else 1]


def askable(sights: Sequence[Sight]) -> list[Question]:
    """Name the questions to which some point has an answer."""
    measured = {one.quantity for sight in sights for one in sight.live}
    return [question for question in QUESTIONS.values() if measured & set(question.quantities)]


def meant(text: str, questions: Iterable[Question], communes: dict[str, str]) -> Meant:
    """Read a typed question: which one it is by the words it has in common, and which commune it names.

    Nothing is learnt and nothing is kept. `communes` are names by INSEE code.
    """
    plain = folded(text[:LONGEST])
    commune = max(
        (code for code, name in communes.items() if re.search(rf"\b{re.escape(folded(name))}\b", plain)),
        key=lambda code: len(communes[code]),
        default=None,
    )
    rest = plain.replace(folded(communes[commune]), " ") if commune is not None else plain
    said = re.findall(r"[a-z0-9]+", rest)
    scores = [(sum(_weight(each, one) for each in said), one) for one in questions]
    best, question = max(scores, key=lambda scored: scored[0], default=(0, None))
    return Meant(question if best else None, commune)


def _weight(said: str, question: Question) -> int:
    """How much a word speaks for a question: longer ones say more."""
    return max((len(word) for word in question.words if said.startswith(word)), default=0)


def folded(text: str) -> str:
    """Write a text without accents, in small letters, its hyphens and apostrophes as spaces."""
    bare = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return re.sub(r"[\s’'\-_]+", " ", bare.casefold()).strip()
