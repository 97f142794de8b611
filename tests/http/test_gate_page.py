"""The page of an agent's phone as the server serves it, and who may call what it is made of."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from api.app import frame_of, furnish
from api.frame import Frame
from api.rules import Rule
from api.settings import Settings
from tests.city import NOW
from tests.client import client_of
from tests.http.test_permissions import declared
from web import gate
from web.gate_shell import Decider, files, whole

SHELL = whole(Decider.PHONE, "fr")


@pytest.fixture(scope="module")
def frame() -> Frame:
    return frame_of((gate.ROUTER,))


@pytest.fixture
def app(frame: Frame, migrated_file: Path, tmp_path: Path) -> Litestar:
    settings = Settings(database_url=f"sqlite:///{migrated_file}", keys_folder=str(tmp_path))
    return furnish(frame, settings, clock=lambda: NOW)


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as opened:
        yield opened


def test_its_routes_are_public_and_say_so(app: Litestar) -> None:
    assert {key: rule for key, rule in declared(app).items() if key[1].startswith("/gate") and key[0] == "GET"} == {
        ("GET", "/gate"): Rule.PUBLIC,
        ("GET", "/gate/{name}"): Rule.PUBLIC,
    }


async def test_the_page_may_run_its_decoder_and_ask_nobody_but_its_server(client: httpx.AsyncClient) -> None:
    page: httpx.Response = await client.get("/gate", headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert '<html lang="en" data-decider="phone">' in page.text
    policy = page.headers["content-security-policy"]
    assert "'unsafe-inline'" not in policy
    assert "script-src 'self' 'wasm-unsafe-eval'" in policy
    assert "default-src 'none'" in policy
    assert (page.headers["permissions-policy"], page.headers["vary"]) == (
        "camera=(self), microphone=(), geolocation=()",
        "Accept-Language",
    )
    elsewhere: httpx.Response = await client.get("/static/vendor.json")
    assert "wasm" not in elsewhere.headers["content-security-policy"]


@pytest.mark.parametrize("name", files())
async def test_every_file_of_the_page_is_served_as_what_it_is(client: httpx.AsyncClient, name: str) -> None:
    answer: httpx.Response = await client.get(f"/gate/{name}")
    assert answer.status_code == 200
    assert answer.content == files()[name].body
    assert answer.headers["content-type"].startswith(files()[name].media_type)


async def test_nothing_else_lies_there(client: httpx.AsyncClient) -> None:
    for name in ("words.toml", "gate.html", "nothing", "..%2fgate.py"):
        assert (await client.get(f"/gate/{name}")).status_code == 404


def test_the_worker_keeps_the_whole_shell_and_nothing_else() -> None:
    worker = files()["worker.js"].body.decode()
    kept = set(re.findall(r'^  "(/[^"]+)",$', worker, re.MULTILINE))
    assert kept == SHELL.keys() - {"/gate", "/gate/worker.js"}


def test_both_languages_have_the_same_words_and_holes() -> None:
    french, english = (SHELL[f"/gate?lang={language}"].body.decode() for language in ("fr", "en"))
    holes = [sorted(re.findall(r"\{\w+\}", page)) for page in (french, english)]
    assert holes[0] == holes[1]


def test_every_word_that_the_scripts_say_is_written() -> None:
    page = SHELL["/gate"].body.decode()
    asked = {
        key
        for name, file in files().items()
        if name.endswith(".js")
        for key in re.findall(r'(?:say|Unfit)\("(\w+)"', file.body.decode())
    }
    assert asked
    assert [key for key in sorted(asked) if f'"{key}":' not in page] == []
