"""`multipass bundle` on a real installation."""

import shutil
from pathlib import Path

import pytest

from nfc import bundle, keys
from tests.unit.test_cli import ADA, built, invoke

__all__ = ["built"]

EXAMPLE = Path(__file__).parents[2] / "docs/examples/catalogue.toml"
YEAR = ("--from", "2026-01-01", "--until", "2030-01-01")


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(built, tmp_path / "installation"))
    assert invoke(folder, "catalogue", "load", EXAMPLE).exit_code == 0
    return folder


@pytest.fixture
def file(folder: Path) -> Path:
    assert invoke(folder, "pass", "issue", "R-1", *ADA, *YEAR).exit_code == 0
    made = invoke(folder, "bundle", "make", "waste-centre", "--out", folder / "waste.bundle")
    assert made.exit_code == 0, made.output
    return folder / "waste.bundle"


def test_a_bundle_is_made_and_says_its_size_what_is_in_it_and_how_long_it_took(folder: Path, file: Path) -> None:
    again = invoke(folder, "bundle", "make", "waste-centre")
    for word in (
        f"{file.stat().st_size:,} bytes",
        "262,144",
        "waste-centre-north",
        "closed",
        "no root yet",
        "It took 0.",
    ):
        assert word in again.output
    assert bundle.unverified(file.read_bytes()).service == "waste-centre"


def test_a_file_is_shown_and_verified(folder: Path, file: Path) -> None:
    shown = invoke(folder, "bundle", "show", file)
    assert shown.exit_code == 0
    assert "not looked at" in shown.output
    verified = invoke(folder, "bundle", "verify", file)
    assert verified.exit_code == 0, verified.output
    assert "✔ " in verified.output
    assert "verified in " in verified.output


def test_what_a_gate_would_not_take_is_told_with_the_reason(folder: Path, file: Path) -> None:
    genuine = bundle.unverified(file.read_bytes())
    late = invoke(folder, "bundle", "verify", file, "--newer-than", str(genuine.sequence + 1))
    assert (late.exit_code, "stale" in late.output) == (1, True)
    file.write_bytes(bundle.issue(keys.generate(), genuine))
    forged = invoke(folder, "bundle", "verify", file)
    assert (forged.exit_code, "unknown_key" in forged.output) == (1, True)


def test_a_file_that_is_no_bundle_is_refused(folder: Path) -> None:
    (folder / "other").write_bytes(b"other")
    for word in ("show", "verify"):
        refused = invoke(folder, "bundle", word, folder / "other")
        assert refused.exit_code == 2
        assert "is no bundle: unreadable" in refused.output


def test_there_is_no_bundle_of_a_service_without_gates(folder: Path) -> None:
    assert "no gate of the service pool" in invoke(folder, "bundle", "make", "pool").output
    assert "'zoo'" in invoke(folder, "bundle", "make", "zoo").output
