"""How names are found: the same person by everything that a desk may type."""

import pytest

from domain.names import LONGEST_KEY, NameKey, name_keys, wanted_name


def found(typed: str, first_name: str, last_name: str) -> bool:
    """As the store looks: a key that begins with one word and holds the beginnings of the others."""
    wanted = wanted_name(typed)
    return wanted is not None and any(
        key.startswith(wanted.start) and all(f" {other}" in f" {key}" for other in wanted.others)
        for key in name_keys(first_name, last_name)
    )


@pytest.mark.parametrize(
    ("typed", "first_name", "last_name"),
    [
        ("lefevre", "Zoé", "Lefèvre"),
        ("LEFÈV", "Zoé", "Lefèvre"),
        ("zoe lef", "Zoé", "Lefèvre"),
        ("l zoé", "Zoé", "Lefèvre"),
        ("tour", "Zoé", "de La Tour"),
        ("la tour", "Zoé", "de La Tour"),
        ("de la tour", "Zoé", "de La Tour"),
        ("delatour", "Zoé", "de La Tour"),
        ("z latour", "Zoé", "de La Tour"),
        ("d'artagnan", "Charles", "D’Artagnan"),
        ("artagnan", "Charles", "d'Artagnan"),
        ("Le Tellier", "Anne", "Letellier"),
        ("letellier", "Anne", "Le Tellier"),
        ("ndiaye", "Awa", "N’Diaye"),
        ("coeur", "Jacques", "Cœur"),
        ("pierre", "Jean-Pierre", "Martin"),
        ("martin jean durand", "Jean", "Martin-Durand"),
        ("de", "Zoé", "de La Tour"),
        ("şahin", "Ali", "Sahin"),
        ("aujourd’hui", "Zoé", "Aujourd'hui"),
        ("l isle", "Zoé", "de L’Isle"),
        ("li", "Na", "Li"),
        ("le", "Minh", "Le"),
    ],
)
def test_a_name_is_found_however_it_is_typed(typed: str, first_name: str, last_name: str) -> None:
    assert found(typed, first_name, last_name)


@pytest.mark.parametrize("typed", ["fevre", "zoe martin", "lefevrea", "_", "%", ""])
def test_a_name_is_not_found_by_what_is_not_its_beginning(typed: str) -> None:
    assert not found(typed, "Zoé", "Lefèvre")


def test_the_longest_word_leads_for_it_is_the_rarest() -> None:
    assert wanted_name("m jean-pierre") == NameKey("pierre", ("jean", "m"))


def test_keys_stay_within_their_column_whatever_somebody_is_called() -> None:
    keys = name_keys("de la " * 13, "o " * 40)
    assert all(0 < len(key) <= LONGEST_KEY for key in keys)
    assert len(keys) == len(set(keys))
