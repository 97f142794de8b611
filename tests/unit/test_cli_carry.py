"""`multipass carry`: out of one installation into a file, and from it into an empty one."""

import json
import re
import shutil
import sqlite3
import stat
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import front
from tests.archives import restated
from tests.migrated import lay


def invoke(folder: Path, *words: str) -> Result:
    settings = {
        "MULTIPASS_DATABASE_URL": f"sqlite:///{folder}/multipass.sqlite3",
        "MULTIPASS_KEYS_FOLDER": str(folder / "keys"),
    }
    return CliRunner().invoke(front, list(words), prog_name="multipass", env=settings)


def done(folder: Path, *words: str) -> str:
    result = invoke(folder, *words)
    assert result.exit_code == 0, result.output
    return result.output


def refused(folder: Path, *words: str) -> str:
    result = invoke(folder, *words)
    assert result.exit_code == 2, result.output
    return result.stderr


def rows(folder: Path, table: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "multipass.sqlite3")) as database:
        return sorted(database.execute(f'SELECT * FROM "{table}"'), key=repr)  # noqa: S608 - names of ours


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation where Ada has a pass."""
    folder = tmp_path_factory.mktemp("built")
    lay(folder / "multipass.sqlite3")
    done(folder, "authority", "add", "cornelia", "--name-fr", "Cornélia", "--name-en", "Cornelia")
    ada = ("--first-name", "Ada", "--last-name", "Lovelace", "--born", "1990-12-10", "--commune", "59350")
    done(folder, "pass", "issue", "R-1", *ada)
    return folder


@pytest.fixture
def here(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "here"))


@pytest.fixture
def there(here: Path, tmp_path: Path) -> Path:
    """An empty installation, to which the keyring was copied."""
    folder = tmp_path / "there"
    folder.mkdir()
    lay(folder / "multipass.sqlite3")
    shutil.copytree(here / "keys", folder / "keys")
    return folder


def test_an_installation_goes_out_into_a_file_and_comes_in_elsewhere(here: Path, there: Path, tmp_path: Path) -> None:
    file = tmp_path / "town.zip"
    said = done(here, "carry", "out", str(file))
    assert "Only you may read it" in said
    assert str(here / "keys") in said
    checked = done(here, "carry", "check", str(file))
    assert "is whole" in checked
    assert "from sqlite" in checked
    assert re.search(r"\d+ rows of \d+ tables, as of", done(there, "carry", "in", str(file)))
    for table in ("holder", "pass", "medium", "authority", "commune", "ledger_head"):
        assert rows(there, table) == rows(here, table)
    number = str(rows(here, "pass")[0][3])
    assert "Lovelace" in done(there, "pass", "show", number)


def test_the_journal_of_both_says_that_it_moved(here: Path, there: Path, tmp_path: Path) -> None:
    done(here, "carry", "out", str(tmp_path / "town.zip"))
    done(there, "carry", "in", str(tmp_path / "town.zip"))
    acts = [
        [row[5] for row in sorted(rows(one, "journal_entry"), key=lambda row: int(str(row[1])))]
        for one in (here, there)
    ]
    assert acts == [
        ["pass.issued", "installation.carried-out"],
        ["pass.issued", "installation.carried-out", "installation.carried-in"],
    ]
    assert invoke(there, "journal", "verify").exit_code == 0


def test_only_its_owner_reads_the_file_and_nothing_is_written_over(here: Path, tmp_path: Path) -> None:
    file = tmp_path / "town.zip"
    done(here, "carry", "out", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    assert "is there already" in refused(here, "carry", "out", str(file))
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["town.zip"]


def test_a_writing_that_fails_leaves_no_file(here: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(here / "multipass.sqlite3")) as database:
        database.execute("ALTER TABLE task RENAME TO elsewhere")
        database.commit()
    assert invoke(here, "carry", "out", str(tmp_path / "town.zip")).exit_code != 0
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []


def test_no_key_is_in_it(here: Path, tmp_path: Path) -> None:
    done(here, "carry", "out", str(tmp_path / "town.zip"))
    with zipfile.ZipFile(tmp_path / "town.zip") as file:
        everything = b"".join(file.read(name) for name in file.namelist())
    for secret in (here / "keys").iterdir():
        content = secret.read_bytes()
        if secret.suffix == ".pem":
            assert content.splitlines()[1] not in everything
        if secret.name == "secrets.json":
            found = [one["wrapped"] for one in json.loads(content)["masters"]]
            assert found
            assert [one for one in found if one.encode() in everything] == []


def test_a_keyring_that_is_not_the_old_ones_is_told_before_anything_is_written(
    here: Path, there: Path, tmp_path: Path
) -> None:
    done(here, "carry", "out", str(tmp_path / "town.zip"))
    shutil.rmtree(there / "keys")
    told = refused(there, "carry", "in", str(tmp_path / "town.zip"))
    assert "print key" in told
    assert "master cornelia pseudonym 1" in told
    assert rows(there, "authority") == []
    done(there, "carry", "in", str(tmp_path / "town.zip"), "--without-keys")
    assert rows(there, "authority") == rows(here, "authority")


def test_a_second_archive_is_not_carried_over_the_first(here: Path, there: Path, tmp_path: Path) -> None:
    done(here, "carry", "out", str(tmp_path / "town.zip"))
    done(there, "carry", "in", str(tmp_path / "town.zip"))
    before = rows(there, "journal_entry")
    assert "something in the database already" in refused(there, "carry", "in", str(tmp_path / "town.zip"))
    assert rows(there, "journal_entry") == before


def test_an_archive_of_another_schema_is_told_with_the_version_that_reads_it(
    here: Path, there: Path, tmp_path: Path
) -> None:
    done(here, "carry", "out", str(tmp_path / "town.zip"))

    def older(manifest: dict[str, dict[str, str]]) -> None:
        manifest["origin"].update(revision="0001", program="0.0.9")

    (tmp_path / "old.zip").write_bytes(restated((tmp_path / "town.zip").read_bytes(), older))
    for words in (("in",), ("check",)):
        assert "MultiPass 0.0.9 reads it" in refused(there, "carry", *words, str(tmp_path / "old.zip"))
    assert rows(there, "authority") == []


def test_a_damaged_archive_is_told_in_one_line(here: Path, there: Path, tmp_path: Path) -> None:
    done(here, "carry", "out", str(tmp_path / "town.zip"))
    whole = (tmp_path / "town.zip").read_bytes()
    (tmp_path / "half.zip").write_bytes(whole[: len(whole) // 2])
    for word in ("in", "check"):
        assert "no archive, or not whole" in refused(there, "carry", word, str(tmp_path / "half.zip"))
    assert rows(there, "authority") == []
