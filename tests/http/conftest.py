"""A house that a whole module shares: for tests that prove they leave no trace in it."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from adapters.keyring import KeyRing
from api import app
from tests.house_app import House, TestClock, open_house
from tests.tour_city import OpenTour, open_tour

_HERE = Path(__file__).parent
_ENGINES = ("sqlite", "postgresql")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let the cases of one test take turns between the engines: a hundred bad bodies tell no more on both.

    A test of one case runs on both, and what the statements themselves do is for `tests/contract`. A case that was
    asked for on one engine alone runs there.
    """
    tests: dict[str, dict[str, dict[str, pytest.Item]]] = {}
    for item in items:
        engine, case = _case(item)
        if engine and case:
            tests.setdefault(item.nodeid.partition("[")[0], {}).setdefault(case, {})[engine] = item
    left = [
        both[_ENGINES[turn % 2]]
        for cases in tests.values()
        for turn, both in enumerate(cases.values())
        if len(both) == len(_ENGINES)
    ]
    config.hook.pytest_deselected(items=left)
    gone = set(left)
    items[:] = [item for item in items if item not in gone]


def _case(item: pytest.Item) -> tuple[str | None, str | None]:
    """Return the engine of a test in this folder, and the id of its case where it has several."""
    spec = getattr(item, "callspec", None)
    if spec is None or "engine_name" not in spec.params or not item.path.is_relative_to(_HERE):
        return None, None
    engine = str(spec.params["engine_name"])
    others = [part for part in spec._idlist if part != engine]
    return engine, "-".join(others) or None


@pytest.fixture
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The application looks at its keyring all the time. For `usefixtures`: it must be so before a house opens."""
    monkeypatch.setattr(app, "KEYS_SECONDS", 0.02)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_house(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """The small city on SQLite, for as many calls as a module makes: its clock stands, so no pace would ever recover.

    Ask for it with `asyncio(loop_scope="module")`.
    """
    folder = tmp_path_factory.mktemp("shared")
    path = folder / "city.sqlite3"
    shutil.copyfile(migrated_file, path)
    keys = folder / "keys"
    async with open_house(
        f"sqlite:///{path}", KeyRing(keys), TestClock(), keys, public_requests_per_minute=0
    ) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tour(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OpenTour]:
    """A city with points on its tour, on SQLite, for tests that only read."""
    folder = tmp_path_factory.mktemp("tour")
    shutil.copyfile(migrated_file, folder / "city.sqlite3")
    async with open_tour(f"sqlite:///{folder}/city.sqlite3", folder) as opened:
        yield opened
