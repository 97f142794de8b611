"""The letter of a code: legible, in one page, it says where to go, and asks nobody to go online."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from adapters.letter import letter_pdf
from domain.account_links import CODE_LIFE, LinkCode, LinkKind
from domain.account_paper import code_letter
from domain.people import Holder
from domain.places import Authority
from domain.request_terms import usual_terms
from domain.text import Text
from tests.unit.test_request_letters import on_paper

NOW = datetime(2026, 11, 18, 13, 5, tzinfo=UTC)
TOWN = Authority(UUID(int=1), "ville", Text(fr="Ville de Val-Clair", en="Val-Clair"), "Europe/Paris", "#0b6e4f", NOW)
ZOE = Holder(
    id=UUID(int=2),
    authority_id=TOWN.id,
    reference="R1",
    first_name="Zoé",
    last_name="Lefèvre",
    born_on=date(1980, 5, 17),
    created_at=NOW,
    keep_until=date(2032, 1, 1),
)


def drawn(kind: LinkKind) -> tuple[str, LinkCode]:
    """A code as a desk draws it."""
    ends = NOW + CODE_LIFE
    return "K7QF-2M9X-H4TR-8WZC", LinkCode(b"h" * 32, TOWN.id, ZOE.id, kind, None, NOW, ends, ends.date())


@pytest.mark.parametrize(
    ("kind", "language", "words"),
    [
        (LinkKind.OWN, "fr", "Vous préférez venir au guichet ? Ne faites rien"),
        (LinkKind.OWN, "en", "Do nothing: your rights are the same"),
        (LinkKind.MANDATE, "fr", "Pendant un an, elle verra votre pass"),
        (LinkKind.MANDATE, "en", "For a year they will see your pass"),
    ],
)
def test_the_letter_bears_the_code_its_end_and_what_it_is_for(kind: LinkKind, language: str, words: str) -> None:
    home = "https://pass.example"
    letter = code_letter(TOWN, usual_terms().office, ZOE, drawn(kind), language=language, public_url=f"{home}/")
    said = on_paper(letter_pdf(letter, made_at=NOW))
    end = "17 janvier 2027" if language == "fr" else "17 January 2027"
    for part in ("Zoé Lefèvre", "K7QF-2M9X-H4TR-8WZC", end, words, f"{home}/moi"):
        assert part in said
