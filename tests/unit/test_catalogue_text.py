"""A product or a site that is written as text is read back as what it was."""

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from adapters.catalogue_file import BadCatalogueFile, parse, product_content, site_content
from adapters.catalogue_text import read_one, written
from domain.catalogue.contents import Content, ProductContent, SiteContent
from domain.errors.places import CapacityBeyondWater
from domain.text import Text

EXAMPLE = parse((Path(__file__).parents[2] / "docs/examples/catalogue.toml").read_text(encoding="utf-8"))
CONTENTS: list[Content] = [
    *(product_content(entry) for entry in EXAMPLE.products),
    *(site_content(entry) for entry in EXAMPLE.sites),
]


@pytest.mark.parametrize("content", CONTENTS, ids=lambda content: content.code)
def test_a_content_survives_its_own_text(content: Content) -> None:
    assert read_one(written(content)) == content


def test_the_name_of_a_zone_survives_its_text() -> None:
    site = next(one for one in CONTENTS if isinstance(one, SiteContent))
    (first, *others) = site.zones
    content = replace(site, zones=(replace(first, name=Text("Espace détente", "Spa")), *others))
    assert read_one(written(content)) == content


def test_a_name_keeps_its_quotes_and_accents() -> None:
    content = replace(CONTENTS[0], name=replace(CONTENTS[0].name, fr='Été \\ "libre" \x7f 🏊'))
    assert read_one(written(content)) == content


@pytest.mark.parametrize("text", ["", "products = []", "a = ", written(CONTENTS[0]) + written(CONTENTS[1])])
def test_a_text_says_one_thing(text: str) -> None:
    with pytest.raises(BadCatalogueFile):
        read_one(text)


@pytest.mark.parametrize("amount", ["inf", "nan", "1e999999999", "99999999", "-1"])
def test_an_amount_beyond_all_measure_is_refused_and_never_counted_out(amount: str) -> None:
    product = next(one for one in CONTENTS if isinstance(one, ProductContent) and one.limits)
    text = re.sub(r"\namount = .*", f"\namount = {amount}", written(product), count=1)
    assert amount in text
    with pytest.raises(BadCatalogueFile):
        read_one(text)


def test_a_site_without_end_is_refused() -> None:
    site = next(one for one in CONTENTS if isinstance(one, SiteContent))
    text = re.sub(r"weekdays = \[.*\]", f"weekdays = [{', '.join('0' * 501)}]", written(site), count=1)
    with pytest.raises(BadCatalogueFile):
        read_one(text)


def test_a_capacity_beyond_the_water_is_refused() -> None:
    """Code de la santé publique, D1332-7."""
    site = next(one for one in CONTENTS if isinstance(one, SiteContent) and one.service_code == "pool")
    text = written(site).replace("[[sites.zones]]\n", "[[sites.zones]]\nwater = { covered_m2 = 1 }\n", 1)
    with pytest.raises(CapacityBeyondWater):
        read_one(text)
