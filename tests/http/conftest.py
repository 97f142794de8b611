"""A house that a whole module shares: for tests that prove they leave no trace in it."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from adapters.keyring import KeyRing
from tests.house_app import House, TestClock, open_house
from tests.tour_city import OpenTour, open_tour


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_house(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """The small city on SQLite. Ask for it with `asyncio(loop_scope="module")`."""
    folder = tmp_path_factory.mktemp("shared")
    path = folder / "city.sqlite3"
    shutil.copyfile(migrated_file, path)
    keys = folder / "keys"
    async with open_house(f"sqlite:///{path}", KeyRing(keys), TestClock(), keys) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tour(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OpenTour]:
    """A city with points on its tour, on SQLite, for tests that only read."""
    folder = tmp_path_factory.mktemp("tour")
    shutil.copyfile(migrated_file, folder / "city.sqlite3")
    async with open_tour(f"sqlite:///{folder}/city.sqlite3", folder) as opened:
        yield opened
