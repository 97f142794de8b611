"""What `--help` promises."""

import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module

import click
import pytest
from click.testing import CliRunner

from cli.main import FAMILIES, front


def commands(path: str, command: click.Command) -> Iterator[str]:
    yield path
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from commands(f"{path} {name}", below)


PATHS = [path for family in FAMILIES for path in commands(family.name, import_module(family.module).command)]


@pytest.mark.parametrize("path", PATHS)
def test_help_says_what_a_command_does_and_gives_an_example_of_it(path: str) -> None:
    shown = CliRunner().invoke(front, [*path.split(), "--help"], prog_name="multipass")
    assert shown.exit_code == 0, shown.output
    assert f"Usage: multipass {path}" in shown.output
    assert f"Example: multipass {path}" in shown.output


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: str(family.name))
def test_the_root_says_of_a_family_what_its_own_help_says(family: click.Command) -> None:
    command = import_module(next(one.module for one in FAMILIES if one.name == family.name)).command
    assert command.help is not None
    summary = next(one.summary for one in FAMILIES if one.name == family.name)
    assert command.help.startswith(summary)


def test_the_root_lists_every_family_without_loading_one() -> None:
    # In a process of its own: here others have loaded everything already.
    program = (
        "import sys; from cli.main import front; front(['--help'], standalone_mode=False); print(sys.modules.keys())"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert all(f" {family.name} " in shown for family in FAMILIES)
    assert "'sqlalchemy'" not in shown


def test_the_version_is_told() -> None:
    assert CliRunner().invoke(front, ["--version"]).output.startswith("multipass, version ")


@pytest.mark.parametrize(
    "words",
    [["nope"], ["pass", "nope"], ["pass", "show"], ["pass", "block", "1", "--reason", "bored"], ["serve", "-x"]],
)
def test_a_wrong_command_gives_one_line_that_leads_to_the_help(words: list[str]) -> None:
    shown = CliRunner().invoke(front, words, prog_name="multipass")
    assert shown.exit_code == 2
    assert shown.stderr.startswith("multipass: ")
    assert shown.stderr.count("\n") == 1
    assert "--help" in shown.stderr
