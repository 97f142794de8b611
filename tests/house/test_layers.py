"""Which package may import which: the contracts of pyproject.toml, and that no package escapes them."""

import tomllib
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parents[2]
# What looks at all layers from outside: no layer imports them.
OUTSIDE = {"alembic", "bench", "tests"}

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
ONE_DIRECTION, FRONT_DOOR, *_ = SETTINGS["contracts"]


def packages() -> set[str]:
    return {path.parent.name for path in ROOT.glob("*/*.py")} - OUTSIDE


def test_the_layer_contracts_hold(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    status = lint_imports(cache_dir=None, no_logo=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_every_package_stands_under_the_contracts() -> None:
    assert packages() == set(SETTINGS["root_packages"])


def test_every_package_has_its_layer() -> None:
    layers = " | ".join(ONE_DIRECTION["layers"]).split(" | ")
    assert packages() == {layer for layer in layers if not layer.startswith("(")}


def test_only_the_command_line_may_open_the_front_door() -> None:
    assert packages() - {"cli"} == set(FRONT_DOOR["source_modules"])
