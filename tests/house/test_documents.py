"""What the documents list is what the program has: problems, settings, reasons; and its words are well set."""

import ast
import importlib
import pkgutil
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import adapters
import admin
import api
import domain
import nfc
import portal
import store
import tour
from api import problems
from api.settings import Settings
from domain.access.reasons import COLOURS, REASONS, Reason
from domain.errors import DomainError

DOCS = Path(__file__).parents[2] / "docs"

for _package in (adapters, admin, api, domain, nfc, portal, store, tour):
    for _module in pkgutil.walk_packages(_package.__path__, f"{_package.__name__}."):
        importlib.import_module(_module.name)


def family(root: type[DomainError]) -> Iterator[type[DomainError]]:
    yield root
    for child in root.__subclasses__():
        # A test may define errors of its own; they are nobody's promise.
        if not child.__module__.startswith("tests"):
            yield from family(child)


def rows(page: str, columns: int) -> list[list[str]]:
    """The cells of all tables of a page whose first cell is a code."""
    lines = (DOCS / page).read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| `")]
    return [row for row in cells if len(row) == columns]


# --- problems ---------------------------------------------------------------------------------------


def documented_problems() -> dict[str, int]:
    table = [(row[0].strip("` "), int(row[1])) for row in rows("problems.md", 4)]
    assert len(dict(table)) == len(table), "a code stands twice"
    return dict(table)


def statuses() -> dict[str, int]:
    """Every code that an error or the framework may answer, with its status."""
    raised = {error.code: problems.of_domain(error.__new__(error)).status for error in family(DomainError)}
    return {**{code: status for status, code in problems.HTTP_CODES.items()}, **raised}


@pytest.fixture(autouse=True)
def _details(monkeypatch: pytest.MonkeyPatch) -> None:
    # The errors are made without their constructors, which ask for different things.
    monkeypatch.setattr(DomainError, "detail", "", raising=False)


def test_every_problem_is_documented_with_its_status_and_nothing_else_is() -> None:
    assert documented_problems() == statuses()


def test_every_problem_has_a_title() -> None:
    assert set(statuses().values()) <= problems.TITLES.keys()


def test_every_code_is_kebab_case_and_belongs_to_one_error() -> None:
    codes = [error.code for error in family(DomainError)]
    assert [code for code in codes if not re.fullmatch(r"[a-z]+(-[a-z]+)*", code)] == []
    assert sorted(codes) == sorted(set(codes))


def test_every_error_explains_itself() -> None:
    assert [error.__name__ for error in family(DomainError) if not error.__doc__] == []


# --- settings ---------------------------------------------------------------------------------------


def shown(default: object) -> str:
    text = ",".join(default) if isinstance(default, tuple) else default
    return f"`{text}`" if text != "" else "empty"


def test_every_setting_is_documented_with_its_default_and_nothing_else_is() -> None:
    text = (DOCS / "operations.md").read_text(encoding="utf-8").partition("## Settings")[2].partition("\n## ")[0]
    table = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+) \|$", text, flags=re.MULTILINE)
    documented = {name: default for name, default, _ in table}
    defaults = zip(Settings.__struct_fields__, Settings.__struct_defaults__, strict=True)
    assert documented == {name: shown(default) for name, default in defaults}
    assert [name for name, _, words in table if len(words) < 15] == []


def test_settings_stand_in_the_order_of_the_program() -> None:
    text = (DOCS / "operations.md").read_text(encoding="utf-8").partition("## Settings")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)`", text, flags=re.MULTILINE) == list(Settings.__struct_fields__)


# --- reasons ----------------------------------------------------------------------------------------

REASONS_HEAD = """# Reasons

Why somebody is let in, asked to pay, looked at, or refused. The order is the precedence: where several rules object,
the person hears the first one. Codes are stable; the words are those of `domain/access/reasons.toml`. *May be
overridden*: an agent with the permission may let the person in, with a motive; `proof_too_weak` at pools and waste
centres, whose files say so (`weak_proof_overridable`).

This page is written by `python tests/house/test_documents.py`; a test fails when it is not the program's.

| code | outcome | colour | short | what to do next | may be overridden |
|---|---|---|---|---|---|
"""


def reasons_page() -> str:
    lines = [
        f"| `{reason}` | {meaning.outcome} | {COLOURS[meaning.outcome]} | {meaning.short.fr} *{meaning.short.en}* "
        f"| {meaning.next_step.fr} *{meaning.next_step.en}* | {'yes' if meaning.overridable else ''} |\n"
        for reason, meaning in REASONS.items()
    ]
    return REASONS_HEAD + "".join(lines)


def test_the_page_of_reasons_is_the_programs() -> None:
    assert (DOCS / "reasons.md").read_text(encoding="utf-8") == reasons_page()


def test_reasons_stand_in_the_order_of_their_precedence() -> None:
    assert list(REASONS) == list(Reason)


@pytest.mark.parametrize("reason", list(Reason))
def test_a_reason_says_it_shortly_and_in_both_languages(reason: Reason) -> None:
    meaning = REASONS[reason]
    for text in (meaning.short.fr, meaning.short.en):
        assert 0 < len(text) <= 20, text
        assert not text.endswith(".")
        assert text[0].isupper()
    for text in (meaning.next_step.fr, meaning.next_step.en):
        assert 0 < len(text) <= 110, text
        assert text[-1] in ".!?"
        assert text[0].isupper()
    assert meaning.short.fr != meaning.next_step.fr


@pytest.mark.parametrize("reason", list(Reason))
def test_french_and_english_keep_their_typography(reason: Reason) -> None:
    """French puts a space before a colon, exclamation mark, question mark and semicolon; English does not."""
    meaning = REASONS[reason]
    for french in (meaning.short.fr, meaning.next_step.fr):
        assert not re.search(r"[^\s\u00a0\u202f][:;!?]", french), french
        assert not re.search(r"\s[.,]|\s{2}", french), french
    for english in (meaning.short.en, meaning.next_step.en):
        assert not re.search(r"\s[:;!?.,]|\s{2}", english), english


# --- French -----------------------------------------------------------------------------------------

TYPEWRITTEN = re.compile(r"[^\W\d_]'(?=[^\W_])")


def french_in_files(said: object, *, of: str = "") -> Iterator[str]:
    """Every French text of a file of words; those of text messages are left out: their alphabet has no other."""
    if isinstance(said, dict):
        for name, one in said.items():
            if name != "sms":
                yield from french_in_files(one, of=name)
    elif isinstance(said, list):
        for one in said:
            yield from french_in_files(one, of=of)
    elif of == "fr" and isinstance(said, str):
        yield said


def said_in_code(source: str, *, language: str) -> Iterator[str]:
    """Every text of a module in a language, with its holes left out."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg == language:
            pieces = [one.value for one in ast.walk(node.value) if isinstance(one, ast.Constant)]
            yield "".join(piece for piece in pieces if isinstance(piece, str))


def test_french_that_no_page_sets_has_the_apostrophes_of_its_typography() -> None:
    """Words of pages are set as they are read (`web.wording.typeset`); these leave as they are written."""
    wrong = []
    for package in ("adapters", "api", "cli", "domain", "store"):
        for path in sorted((DOCS.parent / package).rglob("*.toml")):
            wrong += [one for one in french_in_files(tomllib.loads(path.read_text("utf-8"))) if TYPEWRITTEN.search(one)]
        for path in sorted((DOCS.parent / package).rglob("*.py")):
            wrong += [one for one in said_in_code(path.read_text("utf-8"), language="fr") if TYPEWRITTEN.search(one)]
    assert wrong == []


def test_english_in_the_words_of_the_domain_has_the_apostrophes_of_its_typography() -> None:
    wrong = [
        one
        for path in sorted((DOCS.parent / "domain").rglob("*.py"))
        for one in said_in_code(path.read_text("utf-8"), language="en")
        if TYPEWRITTEN.search(one)
    ]
    assert wrong == []


if __name__ == "__main__":
    (DOCS / "reasons.md").write_text(reasons_page(), encoding="utf-8")
