"""What agents do in the place of a gate, on the command line of a real installation."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import front
from tests.migrated import lay

Run = Callable[..., Result]
EXAMPLE = Path(__file__).parents[2] / "docs/examples/catalogue.toml"
SIGNED = ("--motive", "derogation_pending", "--agent", "ines", "--lang", "en")


def invoke(folder: Path, *words: str) -> Result:
    settings = {
        "MULTIPASS_DATABASE_URL": f"sqlite:///{folder}/multipass.sqlite3",
        "MULTIPASS_KEYS_FOLDER": str(folder / "keys"),
    }
    return CliRunner().invoke(front, list(words), prog_name="multipass", env=settings)


def said(result: Result, status: int = 0) -> str:
    assert result.exit_code == status, result.output
    return result.output


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A waste centre, two agents, and a resident without any right."""
    folder = tmp_path_factory.mktemp("built")
    lay(folder / "multipass.sqlite3")
    said(invoke(folder, "authority", "add", "cornelia", "--name-fr", "Cornélia", "--name-en", "Cornelia"))
    said(invoke(folder, "catalogue", "load", str(EXAMPLE)))
    for login, role in (("ines", "site_agent"), ("paul", "desk")):
        said(invoke(folder, "agent", "add", login, "--name", login, "--role", role, "--generate"))
    name = ("--first-name", "Ada", "--last-name", "Martin", "--born", "1990-12-10", "--commune", "00101")
    (folder / "number").write_text(said(invoke(folder, "pass", "issue", "R-1", *name)).split()[1])
    return folder


@pytest.fixture
def run(built: Path, tmp_path: Path) -> Run:
    copy = Path(shutil.copytree(built, tmp_path / "installation"))

    def run_here(*words: str) -> Result:
        return invoke(copy, *words)

    return run_here


@pytest.fixture
def number(built: Path) -> str:
    return (built / "number").read_text()


def test_an_agent_takes_a_deposit_and_finds_it_on_the_pass(run: Run, number: str) -> None:
    load = ("waste-centre-north-in", "rubble=0.5", "paint=4")
    assert "The agent lets you go on and notes the reason." in said(
        run("passage", "take-deposit", number, *load, *SIGNED)
    )
    listed = said(run("passage", "list", number))
    (line,) = [line for line in listed.splitlines() if "deposit" in line]
    passage = line.split()[0]
    assert re.search(r"waste-centre-north-in\s+deposit", line)
    assert "No gate has seen this pass before that." in said(run("passage", "list", number, "--before", passage))


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("waste-centre-north-in", "rubble"), "rubble is no KIND=AMOUNT"),
        (("waste-centre-north-in", "rubble=nan"), "rubble=nan is no KIND=AMOUNT"),
        (("waste-centre-north-in", "rubble=-1"), "rubble=-1 is no KIND=AMOUNT"),
        (("waste-centre-north-in", "rubble=0.0001"), "at most three decimals"),
        (("waste-centre-north-in", "gold=1"), "gold"),
        (("nowhere", "rubble=1"), "No gate has"),
    ],
)
def test_what_cannot_be_a_load_is_told_in_one_line(run: Run, number: str, words: tuple[str, ...], reason: str) -> None:
    refused = run("passage", "take-deposit", number, *words, *SIGNED)
    assert refused.exit_code == 2, refused.output
    assert reason in refused.stderr
    assert "No gate has seen this pass." in said(run("passage", "list", number))


def test_a_desk_takes_no_deposit(run: Run, number: str) -> None:
    words = ("waste-centre-north-in", "rubble=1", "--motive", "other", "--agent", "paul")
    refused = run("passage", "take-deposit", number, *words)
    assert refused.exit_code == 2
    assert "validation:override" in refused.stderr
