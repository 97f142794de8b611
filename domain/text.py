"""Words in front of people: always in French and English."""

from msgspec import Struct

from domain.errors import NameMissing


class Text(Struct, frozen=True):
    """The same sentence in the two languages of the product."""

    fr: str
    en: str


def check_name(name: Text, *, of: str) -> None:
    """Refuse a name that is empty in French or in English."""
    if not (name.fr.strip() and name.en.strip()):
        raise NameMissing(f"{of} needs a name in French and in English.")
