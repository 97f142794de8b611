"""How names of people are found: without accents, capitals or marks, and with particles wherever they were put.

"Zoé de La Tour" is found by `tour`, `la tour`, `delatour`, `zoe tour` and `tour z`. A holder has one key for each word
of their name: all words, in a ring that begins there. So a key begins with any of the words, and holds the others.
"""

import re
import unicodedata
from collections.abc import Iterator

from msgspec import Struct

LONGEST_KEY = 200

_PARTICLES = frozenset(
    {
        *("da", "de", "den", "der", "des", "di", "do", "dos", "du", "el", "la", "le", "les"),
        *("mac", "mc", "saint", "sainte", "st", "ste", "van", "von"),
    }
)
_ELIDED = re.compile(r"\b(\w)['’]")
_SPELT = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d"})


class NameKey(Struct, frozen=True):
    """What somebody looks for: keys begin with `start`, and hold a word that begins with each of `others`."""

    start: str
    others: tuple[str, ...] = ()


def plain_words(text: str) -> list[str]:
    """Return the words of a text in small letters without accents; hyphens part words, `d’` stays `d'`."""
    spelt = unicodedata.normalize("NFKD", _ELIDED.sub(r"\1' ", text.casefold().translate(_SPELT)))
    letters = "".join(c if c.isalnum() or c == "'" else " " for c in spelt if not unicodedata.combining(c))
    return re.sub(r"(?<!\b\w)'", " ", letters).split()


def name_keys(first_name: str, last_name: str) -> list[str]:
    """Return the keys by which a person is found, the one that begins with the last name first."""
    ring = [*_joined_every_way(last_name), *_joined_every_way(first_name)]
    turned = (" ".join([*ring[place:], *ring[:place]])[:LONGEST_KEY] for place in range(len(ring)))
    return list(dict.fromkeys(turned))


def wanted_name(typed: str) -> NameKey | None:
    """Read what was typed as the beginnings of words of a name, in any order; None if there is no letter in it."""
    words = sorted(dict.fromkeys(_joined(plain_words(typed))), key=len, reverse=True)
    return NameKey(words[0][:LONGEST_KEY], tuple(words[1:])) if words else None


def _joined(words: list[str]) -> Iterator[str]:
    """Join particles to what follows them; the last word stays alone, whatever it is."""
    before = ""
    for place, word in enumerate(words):
        before += word.replace("'", "")
        if not _is_particle(word) or place == len(words) - 1:
            yield before
            before = ""


def _joined_every_way(name: str) -> Iterator[str]:
    """Say a name's words with each number of the particles before them: `delatour`, `latour`, `tour`."""
    before: list[str] = []
    words = plain_words(name)
    for place, word in enumerate(words):
        if _is_particle(word) and place < len(words) - 1:
            before = [*before[-2:], word]
            continue
        for left_out in range(len(before) + 1):
            yield "".join([*before[left_out:], word]).replace("'", "")
        before = []


def _is_particle(word: str) -> bool:
    return word in _PARTICLES or (len(word) == 2 and word[1] == "'")
