"""The worked example of docs/offline-facts.md, sent as it stands there."""

import re
from pathlib import Path

import msgspec
import pytest

from domain.access.merge import Flag
from domain.limits import ONE, Limit, Measure, Window
from tests.house_app import House
from tests.http.rights import give
from tests.http.uploads import results, upload

PAGE = (Path(__file__).parents[2] / "docs" / "offline-facts.md").read_text(encoding="utf-8")


def block(name: str) -> str:
    (found,) = re.findall(rf"^```json {name}\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_the_example_of_the_page_is_answered_as_the_page_says(house: House) -> None:
    zoe = await house.resident("R1")
    await give(house, zoe, "swims", Limit(0, Measure.VISIT, ONE, Window.YEAR), service="pool")
    lines = [msgspec.json.decode(text) for text in block("upload").splitlines()]
    answer = await upload(house, *(one | {"credential": zoe.code} for one in lines))
    assert results(answer)
    assert answer.json() == msgspec.json.decode(block("answer"))


def test_every_flag_stands_in_the_table_of_the_page_in_its_order() -> None:
    assert re.findall(r"^\| `(\w+)` \|", PAGE, flags=re.MULTILINE) == list(Flag)
