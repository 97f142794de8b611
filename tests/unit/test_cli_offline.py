"""`multipass offline` and `multipass quarantine`, on a real installation whose gates were without network."""

import asyncio
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from adapters.clock import utc_now
from adapters.keyring import KeyRing
from api.app import build_app
from api.settings import Settings
from cli.main import front
from domain.agents import Role
from store.database import Database
from tests.city import City, resident, small_city
from tests.client import client_of
from tests.http.uploads import line, ndjson

Run = Callable[..., Result]


async def _live(url: str, folder: Path) -> City:
    """Three visits without any right to them, and two lines that cannot be taken in."""
    now, keyring, database = utc_now(), KeyRing(folder / "keys"), Database(url, patience=30)
    city = await small_city(database, keyring, now=now)
    starts, ends = (now - timedelta(days=9)).date(), (now + timedelta(days=99)).date()
    zoe = await resident(database, keyring, city, "R1", rights=("bus-year",), now=now, starts=starts, ends=ends)
    settings = Settings(database_url=url, keys_folder=str(folder / "keys"))
    async with client_of(build_app(settings, clock=utc_now)) as client:
        proof = city.terminal.proof(now, nonce="n1")
        token = (await client.post("/v1/terminals/tokens", json={"assertion": proof})).json()["accessToken"]
        lines = [line(zoe.code, f"o-{n}", now - timedelta(minutes=9 - n), sequence=n) for n in range(3)]
        answer = await client.post(
            "/v1/access/uploads",
            params={"sentAt": now.isoformat()},
            content=ndjson(*lines, line(zoe.code, "o-9", now - timedelta(days=40)), b"garbage"),
            headers={"Authorization": f"Bearer {token}"},
        )
        assert answer.status_code == 200, answer.text
    await database.close()
    return city


@pytest.fixture(scope="module")
def lived(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, City]:
    folder = tmp_path_factory.mktemp("lived")
    shutil.copyfile(migrated_file, folder / "multipass.sqlite3")
    return folder, asyncio.run(_live(f"sqlite:///{folder}/multipass.sqlite3", folder))


@pytest.fixture
def run(lived: tuple[Path, City], tmp_path: Path) -> Run:
    copy = Path(shutil.copytree(lived[0], tmp_path / "installation"))

    def run_here(*words: str) -> Result:
        settings = {
            "MULTIPASS_DATABASE_URL": f"sqlite:///{copy}/multipass.sqlite3",
            "MULTIPASS_KEYS_FOLDER": str(copy / "keys"),
        }
        return CliRunner().invoke(front, [*words, "--authority", "ville"], prog_name="multipass", env=settings)

    return run_here


@pytest.fixture
def manager(lived: tuple[Path, City]) -> str:
    return lived[1].agents[Role.MANAGER].login


def said(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.output


def test_the_report_counts_what_would_have_been_refused_and_says_what_waits(run: Run) -> None:
    report = said(run("offline", "report"))
    assert "free" in report
    assert "not_entitled (3)" in report
    assert "2 lines could not be taken in: multipass quarantine list" in report
    assert said(run("offline", "report", "--until", "2020-01-01")).startswith("No gate has decided")


def test_the_list_gives_the_numbers_that_cancel_wants(run: Run) -> None:
    listed = msgspec.json.decode(said(run("offline", "report", "--site", "free", "--list", "--json")))
    assert [one["passage"] for one in listed["passages"]] == ["1", "2", "3"]
    assert listed["quarantined"] == 2
    assert "free-1" in said(run("offline", "report", "--list"))


def test_lines_are_listed_shown_taken_in_and_dropped(run: Run, manager: str) -> None:
    waiting = said(run("quarantine", "list"))
    assert "passage-too-old" in waiting
    assert "invalid-request" in waiting
    assert '"key":"o-9"' in said(run("quarantine", "show", "1"))

    replayed = run("quarantine", "replay", "--all", "--agent", manager)
    assert replayed.exit_code == 1, "one of the two is garbage"
    assert "1: stored" in replayed.output
    assert "invalid-request" in replayed.output

    assert "2: dropped" in said(run("quarantine", "drop", "2", "--agent", manager))
    assert "Nothing waits." in said(run("quarantine", "list"))
    assert "stored on" in said(run("quarantine", "show", "1"))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("replay", "1"), "needs the permission"),
        (("replay",), "Give the numbers"),
        (("drop",), "Give the numbers"),
        (("replay", "99"), "No line has this number"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    run: Run, manager: str, lived: tuple[Path, City], words: tuple[str, ...], why: str
) -> None:
    login = lived[1].agents[Role.DESK].login if "permission" in why else manager
    result = run("quarantine", *words, "--agent", login)
    assert result.exit_code in {1, 2}
    assert why in result.output + result.stderr
