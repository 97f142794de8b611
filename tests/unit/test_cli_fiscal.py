"""A household under its fiscal number on the command line, on a real installation. Source: study 2.1 (Lombric)."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import front
from tests.migrated import lay

NUMBER = "30 23 217 600 053"


def invoke(folder: Path, *words: str, answer: str | None = None) -> Result:
    settings = {
        "MULTIPASS_DATABASE_URL": f"sqlite:///{folder}/multipass.sqlite3",
        "MULTIPASS_KEYS_FOLDER": str(folder / "keys"),
    }
    return CliRunner().invoke(front, list(words), prog_name="multipass", env=settings, input=answer)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("fiscal")
    lay(made / "multipass.sqlite3")
    added = invoke(made, "authority", "add", "cornelia", "--name-fr", "Cornélia", "--name-en", "Cornelia")
    assert added.exit_code == 0, added.output
    return made


def test_a_fiscal_number_leads_to_one_household_and_is_shown_and_kept_nowhere(folder: Path) -> None:
    new = invoke(folder, "household", "reference", answer=f"{NUMBER}\n")
    assert new.exit_code == 0, new.output
    found = re.search(r"household found (N-[A-Z2-7]{16}) --commune", new.output)
    assert found is not None
    assert invoke(folder, "household", "found", found[1], "--commune", "59350").exit_code == 0
    again = invoke(folder, "household", "reference", answer=f"{NUMBER.replace(' ', '')}\n")
    assert f"is in the register: multipass household show {found[1]}" in again.output
    assert not re.search(r"3\s*0\s*2\s*3\s*2\s*1", new.output + again.output)
    kept = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"3023217600053" not in kept
    assert found[1].encode() in kept


def test_a_fiscal_number_that_does_not_check_is_told_in_one_line(folder: Path) -> None:
    refused = invoke(folder, "household", "reference", "--fiscal-number", "3023217600054")
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
    assert "do not check" in refused.stderr
