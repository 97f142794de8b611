"""Words in front of people: always in French and English."""

from msgspec import Struct


class Text(Struct, frozen=True):
    """The same sentence in the two languages of the product."""

    fr: str
    en: str
