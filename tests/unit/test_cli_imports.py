"""`multipass import`: what a manager types, from a file to people in the register."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import front

Run = Callable[..., Result]

MANAGER = ("--agent", "lucas")

LINES = "N° carte;NOM;Prénom;Né(e) le;Code INSEE\r\n7;Lefèvre;Zoé;17/05/1980;59350\r\n8;Blin;Bob;31/02/1980;59350\r\n"


def invoke(folder: Path, *words: str | Path) -> Result:
    settings = {
        "MULTIPASS_DATABASE_URL": f"sqlite:///{folder}/multipass.sqlite3",
        "MULTIPASS_KEYS_FOLDER": str(folder / "keys"),
    }
    return CliRunner().invoke(front, [str(word) for word in words], prog_name="multipass", env=settings)


def done(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def built(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    shutil.copyfile(migrated_file, folder / "multipass.sqlite3")
    done(invoke(folder, "authority", "add", "ville", "--name-fr", "Ville", "--name-en", "Town"))
    for login, role in (("lucas", "manager"), ("ines", "desk")):
        done(invoke(folder, "agent", "add", login, "--name", login.title(), "--role", role, "--generate"))
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "installation"))


@pytest.fixture
def run(folder: Path) -> Run:
    return lambda *words: invoke(folder, *words)


def test_a_file_is_added_checked_run_and_reported_on(run: Run, folder: Path) -> None:
    file, report = folder / "cards.csv", folder / "report.csv"
    file.write_bytes(LINES.encode("cp1252"))
    shown = done(run("import", "add", "pool-2019", file, "--outside", "--keep-mapping", "pools", *MANAGER))
    assert "Né(e) le" in shown
    shown = done(run("import", "check", "pool-2019", *MANAGER))
    assert "1 would come in, 1 would not." in shown
    assert "1 came in, 1 did not." in done(run("import", "run", "pool-2019", *MANAGER))
    assert "2 of 2" in done(run("import", "list"))
    done(run("import", "report", "pool-2019", "--out", report))
    assert "3;Date of birth;" in report.read_text(encoding="utf-8-sig")
    assert "Pass" in done(run("pass", "issue", "7"))

    again = run("import", "run", "pool-2019", *MANAGER)
    assert (again.exit_code, "is finished" in again.stderr) == (2, True)
    done(run("import", "add", "again", file, "--mapping", "pools", "--commune", "59350", "--outside", *MANAGER))
    assert "0 people stay" in done(run("import", "drop", "again", *MANAGER))


def test_a_model_of_households_is_written_filled_in_and_brought_in(run: Run, folder: Path) -> None:
    file = folder / "households.xlsx"
    assert "--kind households" in done(run("import", "model", "households", "--out", file))
    added = run("import", "add", "homes", file, "--kind", "households", "--commune", "59350", *MANAGER)
    assert "Number of the household" in done(added)
    done(run("import", "check", "homes", *MANAGER))
    assert "4 came in, 0 did not." in done(run("import", "run", "homes", *MANAGER))
    assert "Households" in done(run("import", "list"))
    assert "Malo" in done(run("household", "show", "F-202"))


def test_organisations_come_in_and_are_not_doubled(run: Run, folder: Path) -> None:
    file = folder / "firms.xlsx"
    done(run("import", "model", "organisations", "--out", file))
    for code, came_in in (("firms", "3 came in, 0 did not."), ("again", "0 came in, 3 did not.")):
        kind = ("--kind", "organisations", "--commune", "59350")
        done(run("import", "add", code, file, *kind, *(("--extend",) if code == "again" else ()), *MANAGER))
        done(run("import", "check", code, *MANAGER))
        assert came_in in done(run("import", "run", code, *MANAGER))
    assert "Menuiserie Roux" in done(run("organisation", "show", "PRO-12"))


def test_a_kind_of_file_has_fields_of_its_own(run: Run, folder: Path) -> None:
    file = folder / "cards.csv"
    file.write_bytes(LINES.encode("cp1252"))
    refused = run("import", "add", "old", file, "--column", "household=NOM", *MANAGER)
    assert (refused.exit_code, "FIELD=HEADING" in refused.stderr) == (2, True)
    refused = run("import", "add", "old", file, "--kind", "households", *MANAGER)
    assert (refused.exit_code, "household" in refused.stderr) == (2, True)


def test_what_the_guess_misses_is_said_by_hand(run: Run, folder: Path) -> None:
    file = folder / "cards.csv"
    file.write_text("Qui;Prénom;Né le\r\nLefèvre;Zoé;17/05/1980\r\n")
    refused = run("import", "add", "old", file, "--commune", "59350", *MANAGER)
    assert (refused.exit_code, "last_name" in refused.stderr) == (2, True)
    wrong = run("import", "add", "old", file, "--column", "who=Qui", *MANAGER)
    assert (wrong.exit_code, "FIELD=HEADING" in wrong.stderr) == (2, True)
    done(run("import", "add", "old", file, "--column", "last_name=Qui", "--commune", "59350", *MANAGER))


def test_a_desk_imports_nobody(run: Run, folder: Path) -> None:
    file = folder / "cards.csv"
    file.write_bytes(LINES.encode("cp1252"))
    refused = run("import", "add", "old", file, "--agent", "ines")
    assert (refused.exit_code, "people:import" in refused.stderr) == (2, True)
