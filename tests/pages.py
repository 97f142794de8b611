"""The pages of the documentation, as tests read and run them."""

import re
from pathlib import Path
from typing import Any

from api import gate, problems, terminals
from domain.errors import DomainError

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
RAISE_THEIR_OWN = (gate, terminals)
"""Some errors of HTTP are defined beside the handler that raises them: loaded here, so that they are known."""


def blocks(page: str, language: str) -> list[str]:
    """The code blocks of a page in one language."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def run(source: str, name: str, into: dict[str, Any]) -> dict[str, Any]:
    """Run a page's code; return the names that it leaves."""
    exec(compile(source, name, "exec"), into)  # noqa: S102 - our own documents
    return into


def section(page: str, title: str) -> str:
    """What stands under a heading of the second level."""
    return (ROOT / page).read_text(encoding="utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]


def statuses() -> dict[str, int]:
    """The status of every error of the program, by its code."""
    found: dict[str, int] = {}
    families: list[type[DomainError]] = [DomainError]
    while families:
        error = families.pop()
        families += error.__subclasses__()
        for family, status in problems.STATUS:
            if issubclass(error, family):
                found[error.code] = problems.BY_CODE.get(error.code, status)
                break
    return found
