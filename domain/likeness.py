"""Whether two names are one person's and two addresses one door: what is left when spelling is taken away.

Two people may bear one name and share a birthday: a likeness is shown to somebody, never acted upon.
"""

import re
import unicodedata

_NOT_WRITTEN = re.compile(r"[^a-z0-9]+")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l"})

_WAYS = {
    "av": "avenue",
    "ave": "avenue",
    "bd": "boulevard",
    "bld": "boulevard",
    "boul": "boulevard",
    "ch": "chemin",
    "imp": "impasse",
    "pl": "place",
    "r": "rue",
    "rte": "route",
    "sq": "square",
    "st": "saint",
    "ste": "sainte",
}
"""How people shorten kinds of streets (after the abbreviations of AFNOR XP Z10-011)."""


def name_key(first_name: str, last_name: str) -> str:
    """Return what one person's names have in common however they are typed: `Zoé LEFÈVRE` is `lefevre zoe`.

    The order says nothing: forms are filled in both ways round.
    """
    return " ".join(sorted(_words(f"{first_name} {last_name}")))


def address_key(line: str, postcode: str) -> str:
    """Return what one door's addresses have in common: `12, r. des Lilas` and `12 rue des Lilas` are the same."""
    return " ".join([*(_WAYS.get(word, word) for word in _words(line)), *_words(postcode)])


def _words(text: str) -> list[str]:
    bare = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    letters = "".join(one for one in bare if not unicodedata.combining(one))
    return [word for word in _NOT_WRITTEN.split(letters) if word]
