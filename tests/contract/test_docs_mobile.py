"""docs/mobile-api.md tells the truth: its example runs, line by line, against the application."""

import asyncio
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from adapters.keyring import KeyRing
from api.app import build_app
from api.settings import Settings
from domain.account_links import LinkKind, make_code
from store.database import Database
from tests.authenticator import Authenticator
from tests.city import NOW, TODAY, resident, small_city
from tests.house_app import TestClock
from tests.pages import blocks, run

PAGE = "docs/mobile-api.md"


@pytest.fixture
def settings(migrated_file: Path, tmp_path: Path) -> Settings:
    shutil.copyfile(migrated_file, tmp_path / "city.sqlite3")
    return Settings(
        database_url=f"sqlite:///{tmp_path}/city.sqlite3",
        keys_folder=str(tmp_path / "keys"),
        media_folder=str(tmp_path / "media"),
        documents_folder=str(tmp_path / "documents"),
        mail_folder=str(tmp_path / "mail"),
        mail_from="Ville <pass@ville.example>",
        answer_seconds=30,
    )


async def on_paper(settings: Settings) -> str:
    """Build the city with somebody in it, and draw the code that a desk hands her."""
    database, keyring = Database(settings.database_url), KeyRing(Path(settings.keys_folder))
    city = await small_city(database, keyring)
    zoe = await resident(database, keyring, city, "R1", rights=("carnet-10",))
    async with database.begin() as unit:
        code, _ = await make_code(unit, zoe.holder, kind=LinkKind.OWN, by=None, now=NOW, today=TODAY)
    await database.close()
    return code


def test_the_example_of_the_mobile_api_runs_as_it_is_written(settings: Settings) -> None:
    code = asyncio.run(on_paper(settings))

    def code_from_the_letter() -> str:
        (letter,) = Path(settings.mail_folder).glob("*.eml")
        found = re.search(r"\b\d{6}\b", letter.read_text(encoding="utf-8").partition("Subject:")[2])
        assert found
        return found[0]

    stick = Authenticator(counts=False)

    def navigator_create(options: dict[str, Any]) -> Any:  # noqa: ANN401 - what a browser answers
        return json.loads(stick.make(json.dumps(options)))

    def navigator_get(options: dict[str, Any]) -> Any:  # noqa: ANN401 - what a browser answers
        return json.loads(stick.show(json.dumps(options)))

    with TestClient(build_app(settings, clock=TestClock())) as city:
        known: dict[str, Any] = {
            "city": city,
            "code_from_the_letter": code_from_the_letter,
            "code_on_paper": code,
            "navigator_create": navigator_create,
            "navigator_get": navigator_get,
            "now": lambda: int(NOW.timestamp()),
        }
        for source in blocks(PAGE, "python"):
            known = run(source, PAGE, known)
    assert known["code_on_the_screen"].startswith("MP1:")
