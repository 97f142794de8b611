"""The ledger of a run: what was counted, in the order in which one reads it."""

from collections.abc import Iterator, Mapping

_SUBJECTS = ("taps", "requests", "lines", "passages", "flags")
"""First what people saw, then what travelled, then what was written; what went wrong comes last."""


def lines(counts: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Return what was counted with its number."""
    for name in sorted(counts, key=_place):
        yield name.replace("_", " "), f"{counts[name]:,}"


def _place(name: str) -> tuple[int, str]:
    subject = name.partition(" ")[0]
    return (_SUBJECTS.index(subject) if subject in _SUBJECTS else len(_SUBJECTS), name)
