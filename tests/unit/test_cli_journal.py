"""`multipass journal`: what commands do is on record, searched by the officer, and checked."""

import re
import shutil
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import front
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


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation where Ines of the desk has looked at a pass and stopped its card."""
    folder = tmp_path_factory.mktemp("built")
    lay(folder / "multipass.sqlite3")
    done(folder, "authority", "add", "cornelia", "--name-fr", "Cornélia", "--name-en", "Cornelia")
    done(folder, "agent", "add", "ines", "--name", "Inès", "--role", "desk", "--generate")
    done(folder, "agent", "add", "claire", "--name", "Claire", "--role", "dpo", "--generate")
    ada = ("--first-name", "Ada", "--last-name", "Lovelace", "--born", "1990-12-10", "--commune", "59350")
    issued = done(folder, "pass", "issue", "R-1", *ada)
    found = re.search(r"\b\d{10}\b", issued)
    assert found is not None
    number = found[0]
    done(folder, "pass", "show", number)
    done(folder, "pass", "block", number, "--reason", "lost", "--agent", "ines")
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "installation"))


def test_the_officer_finds_what_was_done_by_whom_and_why(folder: Path) -> None:
    said = done(folder, "journal", "search", "--agent", "claire").splitlines()
    rows = [re.split(r"\s{2,}", line.strip()) for line in said if re.match(r"\s*\d", line)]
    assert [(row[0], row[2], *row[3:5]) for row in rows] == [
        ("5", "ines", "Stopped a medium", "R-1"),
        ("4", "command", "Looked at a pass", "R-1"),
        ("3", "command", "Issued a pass", "R-1"),
        ("2", "command", "Made an agent’s account"),
        ("1", "command", "Made an agent’s account"),
    ]
    assert rows[0][5] == "lost"
    mine = done(folder, "journal", "search", "--agent", "claire", "--by", "claire")
    assert "Searched the journal" in mine
    assert "Stopped" not in mine
    assert "Nothing of the kind" in done(folder, "journal", "search", "--agent", "claire", "--until", "2020-01-01")


def test_whoever_may_not_reads_no_journal(folder: Path) -> None:
    refused = invoke(folder, "journal", "search", "--agent", "ines")
    assert refused.exit_code == 2
    assert "journal:read" in refused.output
    assert invoke(folder, "pass", "fees", "--from", "2026-01-01", "--agent", "nobody").exit_code == 2


def test_verify_says_where_the_chain_breaks(folder: Path) -> None:
    whole = done(folder, "journal", "verify")
    kept = whole.split()[-1]
    assert kept.startswith("5:")
    assert invoke(folder, "journal", "verify", "--kept", kept).exit_code == 0
    assert "No line has come to its end" in done(folder, "journal", "forget")
    with sqlite3.connect(folder / "multipass.sqlite3") as database:
        database.execute("DROP TRIGGER journal_entry_is_not_changed")
        database.execute("UPDATE journal_entry SET agent_id = NULL WHERE number = 5")
    broken = invoke(folder, "journal", "verify")
    assert (broken.exit_code, "broken at line 5" in broken.output) == (1, True)
    assert invoke(folder, "journal", "verify", "--kept", "5:zz").exit_code == 2


def test_what_is_done_with_accounts_is_on_record_on_whose_account_it_is(folder: Path) -> None:
    done(folder, "agent", "grant", "ines", "manager", "--until", "2999-08-31", "--agent", "claire")
    done(folder, "agent", "take-back", "ines", "manager", "--agent", "claire")
    done(folder, "agent", "close", "ines", "--agent", "claire")
    done(folder, "agent", "reopen", "ines")
    done(folder, "agent", "password", "ines", "--generate", "--agent", "claire")
    said = done(folder, "journal", "search", "--agent", "claire")
    rows = [re.split(r"\s{2,}", line.strip()) for line in said.splitlines() if re.match(r"\s*\d", line)]
    found = [(row[2], row[3]) for row in rows if "agent" in row[3]]
    assert found == [
        ("claire", "Reset an agent’s access"),
        ("command", "Opened an agent’s account again"),
        ("claire", "Closed an agent’s account"),
        ("claire", "Took a role from an agent"),
        ("claire", "Gave an agent a role"),
        ("command", "Made an agent’s account"),
        ("command", "Made an agent’s account"),
    ]


def test_a_role_ends_by_itself_and_not_before_today(folder: Path) -> None:
    summer = ("agent", "grant", "ines", "site_agent", "--service", "pool", "--until")
    assert "site_agent at pool until 2999-08-31" in done(folder, *summer, "2999-08-31")
    assert "until 2999-09-15" in done(folder, *summer, "2999-09-15")
    over = invoke(folder, *summer, "2020-08-31")
    assert (over.exit_code, "2020-08-31 is over" in over.output) == (2, True)
    unknown = invoke(folder, "agent", "close", "ines", "--agent", "nobody")
    assert "no active agent nobody" in unknown.output
