"""Requests on the command line, on a real installation: a letter comes in, and becomes a pass."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import front
from tests.hostile_files import photo, with_script
from tests.migrated import lay

NINA = {
    "asker": {"name": "Nina Berthelot"},
    "address": {"line": "12 rue des Lilas", "postcode": "59000", "city": "Lille", "communeCode": "59350"},
    "persons": [{"firstName": "Nina", "lastName": "Berthelot", "bornOn": "1988-03-02"}],
    "services": ["pool"],
}
AGENT = ("--agent", "ines@ville.example")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("requests")
    (built / "nina.json").write_text(json.dumps(NINA), encoding="utf-8")
    (built / "card.jpg").write_bytes(photo())
    (built / "bill.pdf").write_bytes(with_script())
    lay(built / "multipass.sqlite3")
    for words in (
        ("authority", "add", "ville", "--name-fr", "Ville", "--name-en", "Town"),
        ("agent", "add", "ines@ville.example", "--name", "Inès", "--role", "desk", "--generate"),
    ):
        said(invoke(built, *words))
    return built


def invoke(folder: Path, *words: str) -> Result:
    settings = {
        "MULTIPASS_DATABASE_URL": f"sqlite:///{folder}/multipass.sqlite3",
        "MULTIPASS_KEYS_FOLDER": str(folder / "keys"),
        "MULTIPASS_DOCUMENTS_FOLDER": str(folder / "documents"),
    }
    return CliRunner().invoke(front, list(words), prog_name="multipass", env=settings)


def said(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.output


def test_a_letter_comes_in_with_its_papers_and_becomes_a_pass(folder: Path) -> None:
    papers = ("--document", f"identity={folder / 'card.jpg'}")
    taken = said(invoke(folder, "requests", "submit", str(folder / "nina.json"), *papers, *AGENT))
    (reference,) = re.findall(r"D-\w{7} ", taken)
    reference = reference.strip()
    assert reference in said(invoke(folder, "requests", "list"))

    out = folder / "recepisse.pdf"
    said(invoke(folder, "requests", "receipt", reference, "--out", str(out)))
    assert out.read_bytes().startswith(b"%PDF-")
    said(invoke(folder, "requests", "ask", reference, "--words", "Il manque une page.", *AGENT))
    said(invoke(folder, "requests", "answer", reference, *AGENT))
    approved = said(invoke(folder, "requests", "approve", reference, *AGENT))
    assert re.search(r"New passes: \d{10}\.", approved)
    shown = said(invoke(folder, "requests", "show", reference))
    for words in ("approved, version 6", "identity", "Il manque une page.", "Inès"):
        assert words in shown
    assert reference not in said(invoke(folder, "requests", "list"))


def test_what_would_run_something_is_refused_and_nothing_comes_in(folder: Path) -> None:
    papers = ("--document", f"residence={folder / 'bill.pdf'}")
    refused = invoke(folder, "requests", "submit", str(folder / "nina.json"), *papers, *AGENT)
    assert refused.exit_code == 2
    assert "Send a photo of the document instead." in refused.stderr
    assert "No such request" in said(invoke(folder, "requests", "list"))


def test_what_is_asked_for_is_shown_and_changed_by_the_same_file(folder: Path) -> None:
    shown = json.loads(said(invoke(folder, "requests", "terms")))
    shown["targetDays"] = 9
    file = folder / "terms.json"
    file.write_text(json.dumps(shown), encoding="utf-8")
    said(invoke(folder, "requests", "terms", str(file)))
    assert json.loads(said(invoke(folder, "requests", "terms")))["targetDays"] == 9
    file.write_text("{}", encoding="utf-8")
    assert invoke(folder, "requests", "terms", str(file)).exit_code == 2
