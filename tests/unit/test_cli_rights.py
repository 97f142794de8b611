"""Rights, what they depend on and suspensions on the command line, on a real installation."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import front
from tests.migrated import lay

Run = Callable[..., Result]
EXAMPLE = Path(__file__).parents[2] / "docs/examples/catalogue.toml"


def invoke(folder: Path, *words: str) -> Result:
    settings = {
        "MULTIPASS_DATABASE_URL": f"sqlite:///{folder}/multipass.sqlite3",
        "MULTIPASS_KEYS_FOLDER": str(folder / "keys"),
    }
    return CliRunner().invoke(front, list(words), prog_name="multipass", env=settings)


def said(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.output


def refusal_of(result: Result) -> str:
    assert result.exit_code == 2, result.output
    return result.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city with the catalogue of the documentation's example, and one pass."""
    folder = tmp_path_factory.mktemp("built")
    lay(folder / "multipass.sqlite3")
    said(invoke(folder, "authority", "add", "cornelia", "--name-fr", "Cornélia", "--name-en", "Cornelia"))
    said(invoke(folder, "catalogue", "load", str(EXAMPLE)))
    name = ("--first-name", "Ada", "--last-name", "Martin", "--born", "1990-12-10", "--commune", "00101")
    number = said(invoke(folder, "pass", "issue", "R-1", *name)).split()[1]
    (folder / "number").write_text(number)
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


def test_a_right_lasts_as_long_as_its_product_does_once_bought(run: Run, number: str) -> None:
    granted = said(run("right", "grant", number, "pool-carnet", "--from", "2090-01-01"))
    assert "Carnet of 10 entries for Ada Martin (R-1), from 1 January 2090 to 31 December 2090." in granted


def test_a_derogation_is_for_a_day_is_asked_before_and_is_given_four_times_a_year(run: Run, number: str) -> None:
    assert "3 working days before" in refusal_of(run("right", "grant", number, "waste-derogation"))
    for day in range(1, 5):
        granted = said(run("right", "grant", number, "waste-derogation", "--from", f"2090-03-0{day}"))
        assert f"from {day} March 2090 to {day} March 2090" in granted
    assert "granted 4 times in 2090" in refusal_of(
        run("right", "grant", number, "waste-derogation", "--from", "2090-12-31")
    )
    said(run("right", "grant", number, "waste-derogation", "--from", "2091-01-01"))


def test_a_product_that_does_not_say_how_long_it_lasts_needs_an_end(run: Run, number: str) -> None:
    assert "give its end" in refusal_of(run("right", "grant", number, "waste-pau"))
    granted = said(run("right", "grant", number, "waste-pau", "--from", "2090-01-01", "--until", "2091-01-01"))
    assert "to 31 December 2090" in granted


def test_a_right_of_organisations_needs_one(run: Run, number: str) -> None:
    assert "belongs to no organisation" in refusal_of(
        run("right", "grant", number, "waste-professional", "--until", "2099-01-01")
    )


def test_a_band_or_a_status_is_recorded_with_its_days(run: Run, number: str) -> None:
    told = said(run("right", "record", number, "--status", "student", "--from", "2090-09-01", "--until", "2091-09-01"))
    assert "student for Ada Martin (R-1), from 1 September 2090 to 31 August 2091." in told
    said(run("right", "record", number, "--band", "A"))
    assert "one of the two" in refusal_of(run("right", "record", number))
    assert "never an amount" in refusal_of(run("right", "record", number, "--band", "1250"))


def test_somebody_is_kept_from_a_service_and_let_back(run: Run, number: str) -> None:
    kept = said(run("right", "suspend", number, "library", "--from", "2090-01-01", "--until", "2090-02-01"))
    assert "is kept from library, from 1 January 2090 to 31 January 2090" in kept
    assert "library is open again" in said(run("right", "resume", number, "library", "--on", "2090-01-15"))
    assert "zoo" in refusal_of(run("right", "suspend", number, "zoo"))


def test_a_right_that_has_not_begun_is_taken_back_and_of_several_one_is_named(run: Run, number: str) -> None:
    for day in ("2090-01-01", "2091-01-01"):
        said(run("right", "grant", number, "pool-carnet", "--from", day))
    assert "--from 2090-01-01 | 2091-01-01" in refusal_of(run("right", "end", number, "pool-carnet"))
    ended = said(run("right", "end", number, "pool-carnet", "--from", "2091-01-01"))
    assert "Carnet of 10 entries of Ada Martin (R-1) is taken back." in ended
    assert "is taken back" in said(run("right", "end", number, "pool-carnet"))
    assert "has no such right to pool-carnet" in refusal_of(run("right", "end", number, "pool-carnet"))


def test_a_right_that_runs_ends_today(run: Run, number: str) -> None:
    said(run("right", "grant", number, "pool-carnet", "--from", "2020-01-01", "--until", "2099-01-01"))
    assert "ends today" in said(run("right", "end", number, "pool-carnet"))
    assert "has no such right" in refusal_of(run("right", "end", number, "pool-carnet"))
