"""What somebody follows, said back to them before they say yes."""

import pytest

from domain.notices import NoticeTopic
from domain.subscribers import Follow
from domain.text import Text
from web.moments import Language
from web.notice_choices import names

FOLLOWS = [Follow(NoticeTopic.EVENTS), Follow(NoticeTopic.AIR, "gare", 4), Follow(NoticeTopic.SITES, "pool")]
PLACES = {"gare": Text(fr="Avenue de la Gare", en="Station avenue"), "pool": Text(fr="La piscine", en="The pool")}


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "fr",
            [
                "Événements",
                "Qualité de l’air\u00a0: Avenue de la Gare, très mauvais ou pire",
                "Fermetures et horaires\u00a0: La piscine",
            ],
        ),
        ("en", ["Events", "Quality of the air: Station avenue, very poor or worse", "Closures and hours: The pool"]),
    ],
)
def test_what_is_followed_is_said_with_its_place_and_the_level_of_air(language: Language, told: list[str]) -> None:
    assert names(FOLLOWS, PLACES, language) == told
