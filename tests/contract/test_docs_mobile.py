"""docs/mobile-api.md tells the truth: its example runs, line by line, against the application."""

import asyncio
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from litestar.testing import TestClient
from msgspec.structs import replace

from adapters.keyring import KeyRing
from api.app import build_app
from api.settings import Settings
from cli.demo.provider import CLIENT_ID, CLIENT_SECRET, RESIDENTS, FranceConnect
from domain.account_links import LinkKind, make_code
from domain.card_terms import CardDesk, CardTerms, set_card_terms
from domain.text import Text
from store.database import Database
from tests.authenticator import Authenticator
from tests.city import NOW, TODAY, resident, small_city
from tests.hostile_files import photo
from tests.house_app import TestClock
from tests.pages import blocks, run
from tests.push_service import Browser

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
        push_folder=str(tmp_path / "push"),
        answer_seconds=30,
    )


async def on_paper(settings: Settings) -> str:
    """Build the city with somebody in it, and draw the code that a desk hands her."""
    database, keyring = Database(settings.database_url, patience=30), KeyRing(Path(settings.keys_folder))
    city = await small_city(database, keyring)
    zoe = await resident(database, keyring, city, "R1", rights=("carnet-10",))
    async with database.begin() as unit:
        terms = CardTerms((CardDesk("siege", Text(fr="Siège", en="Town hall")),))
        await set_card_terms(unit, terms, authority_id=city.authority.id)
        code, _ = await make_code(unit, zoe.holder, kind=LinkKind.OWN, by=None, now=NOW, today=TODAY)
    await database.close()
    return code


@pytest.fixture
def provider() -> Iterator[FranceConnect]:
    playing = FranceConnect(RESIDENTS, TestClock())
    with playing.serving():
        yield playing


def code_in_the_letter(settings: Settings) -> str:
    """The six digits of the one letter that was sent."""
    (letter,) = Path(settings.mail_folder).glob("*.eml")
    found = re.search(r"\b\d{6}\b", letter.read_text(encoding="utf-8").partition("Subject:")[2])
    assert found
    return found[0]


def test_the_example_of_the_mobile_api_runs_as_it_is_written(settings: Settings, provider: FranceConnect) -> None:
    code = asyncio.run(on_paper(settings))

    settings = replace(
        settings,
        resident_oidc_issuer=provider.issuer,
        resident_oidc_client_id=CLIENT_ID,
        resident_oidc_client_secret=CLIENT_SECRET,
        app_redirects=("fr.example.pass:/login",),
    )
    stick = Authenticator(counts=False)

    def choose_somebody(path: str) -> str:
        begun = urlsplit(city.get(path, follow_redirects=False).headers["location"])
        said = {name: values[0] for name, values in parse_qs(begun.query).items()}
        chosen = urlencode({**said, "uid": RESIDENTS[0].uid})
        with httpx.Client(trust_env=False) as elsewhere:
            answer = elsewhere.get(f"{begun.scheme}://{begun.netloc}/as?{chosen}")
        back = urlsplit(answer.headers["location"])
        return str(city.get(f"{back.path}?{back.query}", follow_redirects=False).headers["location"])

    def navigator_create(options: dict[str, Any]) -> Any:  # noqa: ANN401 - what a browser answers
        return json.loads(stick.make(json.dumps(options)))

    def navigator_get(options: dict[str, Any]) -> Any:  # noqa: ANN401 - what a browser answers
        return json.loads(stick.show(json.dumps(options)))

    with TestClient(build_app(settings, clock=TestClock())) as city:
        known: dict[str, Any] = {
            "city": city,
            "subscription_of_the_browser": lambda _key: Browser("https://push.example", "zoe").subscription,
            "code_from_the_letter": lambda: code_in_the_letter(settings),
            "code_on_paper": code,
            "choose_somebody": choose_somebody,
            "navigator_create": navigator_create,
            "navigator_get": navigator_get,
            "now": lambda: int(NOW.timestamp()),
            "photo_from_the_camera": lambda: photo((640, 480)),
        }
        for source in blocks(PAGE, "python"):
            known = run(source, PAGE, known)
    assert known["code_on_the_screen"].startswith("MP1:")
