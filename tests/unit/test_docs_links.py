"""The documents tell the truth: their commands exist, their links lead somewhere, decisions are numbered."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cli.main import FAMILIES, front
from tests.pages import PAGES, ROOT, blocks

ADRS = sorted((ROOT / "docs" / "adr").glob("*.md"))


def commands() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for line in page.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
            for command in re.findall(r"(?<![\w/.-])multipass ((?:[a-z]+(?:-[a-z]+)* ?)+)(?![\w.:-])", line):
                if command.split()[0] in {family.name for family in FAMILIES}:
                    yield page.name, command.strip()


def test_every_command_that_the_pages_name_exists() -> None:
    named = set(commands())
    assert len(named) > 5
    for page, command in sorted(named):
        family, *rest = command.split()
        loaded = front.resolve_command(click.Context(front), [family])[1]
        if isinstance(loaded, click.Group) and rest:
            assert rest[0] in loaded.commands, f"{page}: multipass {command}"


def test_every_option_in_the_readme_exists() -> None:
    for block in blocks("README.md", "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            words = line.split("#")[0].split()
            if words[:1] != ["multipass"]:
                continue
            family = front.resolve_command(click.Context(front), [words[1]])[1]
            assert isinstance(family, click.Group)
            known = {option for parameter in family.commands[words[2]].params for option in parameter.opts}
            assert {word for word in words if word.startswith("--")} <= known, line


def test_the_readme_counts_the_points_of_the_demonstration() -> None:
    sheets = (ROOT / "cli" / "demo" / "tour" / "sheets").glob("*.toml")
    points = sum(page.read_text(encoding="utf-8").count("[[points]]") for page in sheets)
    assert f": {points} points with their sheets" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_make_target_that_the_pages_name_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    for page in PAGES:
        for target in re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text(encoding="utf-8"), flags=re.MULTILINE):
            assert target in targets, f"{page.name}: make {target}"


# --- links, files, decisions ---------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_inside_the_repository_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_module_that_a_page_names_exists(page: Path) -> None:
    top = "adapters|admin|alembic|api|bench|cli|deploy|domain|nfc|portal|store|terminal|tests|tour|web"
    for path in re.findall(rf"`((?:{top})/[\w/]+\.(?:py|toml|json))`", page.read_text(encoding="utf-8")):
        if "museum" not in path:
            assert (ROOT / path).exists(), path


def test_the_patterns_that_contributors_are_shown_are_those_of_the_code() -> None:
    shown = blocks("CONTRIBUTING.md", "python")
    assert len(shown) == 2
    for pattern, module in zip(shown, ("domain/passes.py", "api/agents.py"), strict=True):
        assert pattern in (ROOT / module).read_text(encoding="utf-8"), module


def test_decisions_are_numbered_without_gaps_and_say_why_before_what() -> None:
    assert [int(page.name[:4]) for page in ADRS] == list(range(1, len(ADRS) + 1))
    for page in ADRS:
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# {page.name[:4]}. "), page.name
        sections = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
        assert sections == ["Why", "What", "Instead of", "What follows"], page.name
        assert len(text.splitlines()) <= 70, f"{page.name} is longer than a page"


def test_the_licence_is_the_whole_eupl() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")
    assert re.findall(r"^(\d+)\.[A-Z]", text, flags=re.MULTILINE) == [str(number) for number in range(1, 16)]
    assert "Appendix" in text
    assert text.rstrip().endswith(
        "All other changes or additions to this Appendix require the production of a new EUPL version."
    )
