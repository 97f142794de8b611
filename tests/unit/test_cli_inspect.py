"""`multipass inspect` on a real installation: what a code is, and why it is refused."""

import re
import shutil
from pathlib import Path

import pytest

from nfc import keys, qr
from tests.unit.test_cli import ADA, built, invoke, media_in, number_in

__all__ = ["built"]

YEAR = ("--from", "2026-01-01", "--until", "2030-01-01")


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "installation"))


@pytest.fixture
def number(folder: Path) -> str:
    return number_in(invoke(folder, "pass", "issue", "R-1", *ADA, *YEAR))


def picture_of(folder: Path, number: str) -> Path:
    printed = invoke(folder, "pass", "print", number, "--out", folder / "card")
    assert printed.exit_code == 0, printed.output
    return folder / "card" / "card.png"


def test_a_picture_of_a_printed_code_is_told_for_what_it_is(folder: Path, number: str) -> None:
    found = invoke(folder, "inspect", picture_of(folder, number), "--lang", "en")
    assert found.exit_code == 0, found.output
    for word in ("printed code", "cornelia", "1 / 3", number, "active", "No passage was recorded"):
        assert word in found.output


def test_a_look_at_somebodys_medium_goes_into_the_journal(folder: Path, number: str) -> None:
    def lines() -> int:
        found = re.search(r"\b(\d+):[0-9a-f]{64}", invoke(folder, "journal", "verify").output)
        assert found is not None
        return int(found[1])

    picture = picture_of(folder, number)
    before = lines()
    invoke(folder, "inspect", picture)
    assert lines() == before + 1
    invoke(folder, "inspect", "MP2:NOTHING")
    assert lines() == before + 1, "nobody's"


def test_a_lost_one_says_so_in_both_languages(folder: Path, number: str) -> None:
    picture = picture_of(folder, number)
    (medium, *_) = media_in(invoke(folder, "pass", "show", number))
    assert invoke(folder, "pass", "block", number, medium, "--reason", "lost").exit_code == 0
    english, french = (invoke(folder, "inspect", picture, "--lang", language) for language in ("en", "fr"))
    assert (english.exit_code, french.exit_code) == (1, 1)
    assert "medium_lost: Medium blocked" in english.output
    assert "medium_lost: Support bloqué" in french.output


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("HELLO", "unknown_type"),
        ("MP2:###", "unreadable"),
        ("MP3:" + "0" * 24, "code_stale"),
        ("https://pass.example.org/t/1?e=EF963FF7828658A599F3041510671E88&c=94EED9EE65337086", "unknown_key"),
        ("UID:08112233", "unknown_type"),
        ("UID:04112233445566", "unknown_medium"),
    ],
)
def test_why_other_texts_are_refused(folder: Path, code: str, reason: str) -> None:
    found = invoke(folder, "inspect", code, "--lang", "en")
    assert found.exit_code == 1, found.output
    assert reason in found.output


def test_a_forgery_names_nobody(folder: Path, number: str) -> None:
    forged = qr.issue_static(
        keys.generate(), medium_id=bytes(8), expires_at=1_900_000_000, status_list=0, status_index=0
    )
    found = invoke(folder, "inspect", forged, "--lang", "en")
    assert "unknown_key" in found.output
    assert number not in found.output


def test_what_was_made_for_one_terminal_is_for_that_gate_alone(folder: Path) -> None:
    assert invoke(folder, "inspect", "CARD:AAAA").exit_code == 2
