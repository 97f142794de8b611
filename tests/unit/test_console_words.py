"""The words of a family of screens stand beside the frame's, never in their place."""

import tomllib
from pathlib import Path

import pytest

from admin.words import PAGES

FAMILIES = sorted(path for path in PAGES.rglob("*.toml") if path.name != "shell.toml")


@pytest.mark.parametrize("path", FAMILIES, ids=lambda path: path.stem)
def test_a_family_says_nothing_by_a_name_of_the_frame(path: Path) -> None:
    frame = tomllib.loads((PAGES / "shell.toml").read_text(encoding="utf-8"))
    assert frame.keys() & tomllib.loads(path.read_text(encoding="utf-8")).keys() == set()
