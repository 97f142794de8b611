"""Numbers as pages write them: as the domain's own sentences do (`domain.numbers`)."""

from domain.numbers import THIN, number, rounded

__all__ = ["THIN", "number", "rounded"]
