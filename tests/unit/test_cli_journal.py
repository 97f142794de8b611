"""`multipass journal`: what commands do is on record, searched by the officer, and checked."""

import re
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import front


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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An installation where Ines of the desk has looked at a pass and stopped its card."""
    done(tmp_path, "migrate")
    done(tmp_path, "authority", "add", "cornelia", "--name-fr", "Cornélia", "--name-en", "Cornelia")
    done(tmp_path, "agent", "add", "ines", "--name", "Inès", "--role", "desk", "--generate")
    done(tmp_path, "agent", "add", "claire", "--name", "Claire", "--role", "dpo", "--generate")
    ada = ("--first-name", "Ada", "--last-name", "Lovelace", "--born", "1990-12-10", "--commune", "59350")
    issued = done(tmp_path, "pass", "issue", "R-1", *ada)
    found = re.search(r"\b\d{10}\b", issued)
    assert found is not None
    number = found[0]
    done(tmp_path, "pass", "show", number)
    done(tmp_path, "pass", "block", number, "--reason", "lost", "--agent", "ines")
    return tmp_path


def test_the_officer_finds_what_was_done_by_whom_and_why(folder: Path) -> None:
    said = done(folder, "journal", "search", "--agent", "claire").splitlines()
    rows = [re.split(r"\s{2,}", line.strip()) for line in said if re.match(r"\s*\d", line)]
    assert [(row[0], row[2], row[3], row[4]) for row in rows] == [
        ("3", "ines", "Stopped a medium", "R-1"),
        ("2", "command", "Looked at a pass", "R-1"),
        ("1", "command", "Issued a pass", "R-1"),
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
    assert kept.startswith("3:")
    assert invoke(folder, "journal", "verify", "--kept", kept).exit_code == 0
    assert "No line has come to its end" in done(folder, "journal", "forget")
    with sqlite3.connect(folder / "multipass.sqlite3") as database:
        database.execute("DROP TRIGGER journal_entry_is_not_changed")
        database.execute("UPDATE journal_entry SET agent_id = NULL WHERE number = 3")
    broken = invoke(folder, "journal", "verify")
    assert (broken.exit_code, "broken at line 3" in broken.output) == (1, True)
    assert invoke(folder, "journal", "verify", "--kept", "3:zz").exit_code == 2
