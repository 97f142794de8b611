"""A product or a site that is written as text is read back as what it was."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from adapters.catalogue_file import BadCatalogueFile, parse, product_content, site_content
from adapters.catalogue_text import read_one, written
from domain.catalogue.contents import Content

EXAMPLE = parse((Path(__file__).parents[2] / "docs/examples/catalogue.toml").read_text(encoding="utf-8"))
CONTENTS: list[Content] = [
    *(product_content(entry) for entry in EXAMPLE.products),
    *(site_content(entry) for entry in EXAMPLE.sites),
]


@pytest.mark.parametrize("content", CONTENTS, ids=lambda content: content.code)
def test_a_content_survives_its_own_text(content: Content) -> None:
    assert read_one(written(content)) == content


def test_a_name_keeps_its_quotes_and_accents() -> None:
    content = replace(CONTENTS[0], name=replace(CONTENTS[0].name, fr='Été \\ "libre" \x7f 🏊'))
    assert read_one(written(content)) == content


@pytest.mark.parametrize("text", ["", "products = []", "a = ", written(CONTENTS[0]) + written(CONTENTS[1])])
def test_a_text_says_one_thing(text: str) -> None:
    with pytest.raises(BadCatalogueFile):
        read_one(text)
