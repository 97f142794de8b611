"""What the tree itself promises: no trap for imports, no trace of one machine, dependencies that can be trusted."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")

VAGUE_NAMES = {"utils", "helpers", "common", "base", "manager", "misc"}

# Where packages come from is the installer's setting: a mirror, a proxy or a folder must do as well.
PACKAGE_HOST = re.compile(r"\b(?:pypi\.org|pythonhosted\.org|registry\.npmjs\.\w+|registry\.yarnpkg\.com)\b")
ONE_MACHINE = re.compile(r"(?<![\w./-])/(?:home|Users|root|work)/\w")


def tree() -> list[Path]:
    """The files of the repository: what git tracks, and what it would if all were added."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = (ROOT / name for name in listing.stdout.split("\0") if name)
    return sorted(path for path in paths if path.is_file())


def lines_matching(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in tree():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture, a font
        if not pattern.search(text):
            continue  # half a million lines need not be looked at one by one
        found += [
            f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
            for number, line in enumerate(text.splitlines(), start=1)
            if pattern.search(line)
        ]
    return found


def pins(lock: str) -> dict[str, str]:
    """Each requirement's first line and all that belongs to it (its hashes), by package name."""
    lines = (line for line in (ROOT / lock).read_text().splitlines() if not line.lstrip().startswith("#"))
    blocks = re.split(r"^(?=\w)", "\n".join(lines), flags=re.MULTILINE)
    return {block.split("==")[0]: block for block in blocks if block.strip()}


def test_the_migrations_folder_never_shadows_the_alembic_library() -> None:
    assert not (ROOT / "alembic" / "__init__.py").exists()


def test_no_module_hides_behind_a_vague_name() -> None:
    vague = [path for path in tree() if VAGUE_NAMES & {part.split(".")[0] for part in path.relative_to(ROOT).parts}]
    assert vague == []


def test_no_file_names_a_package_host() -> None:
    assert lines_matching(PACKAGE_HOST) == []


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    assert lines_matching(ONE_MACHINE) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_carries_its_hashes(lock: str) -> None:
    assert [name for name, block in pins(lock).items() if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_says_nothing_of_where_packages_come_from(lock: str) -> None:
    assert re.findall(r"://|--(?:extra-)?index|--find-links|--trusted-host| @ ", (ROOT / lock).read_text()) == []


def test_what_is_tested_is_what_is_served() -> None:
    development = pins("requirements-dev.lock")
    assert [name for name, block in pins("requirements.lock").items() if development.get(name) != block] == []


def test_the_locks_hold_every_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    served = [*project["project"]["dependencies"], *extras["postgres"], *extras["redis"]]
    groups = project["dependency-groups"]
    assert names(served) | names(groups["build"]) <= pins("requirements.lock").keys()
    assert names(groups["test"]) | names(groups["lint"]) <= pins("requirements-dev.lock").keys()


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^\w-]", requirement, maxsplit=1)[0] for requirement in requirements}
