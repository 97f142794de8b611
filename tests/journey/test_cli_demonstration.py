"""`multipass demo` and the folder it keeps: a hamlet of thirty will do."""

import json
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from cli.main import front
from nfc.picture import find_codes
from terminal import disk, state
from tests.archives import members
from tests.migrated import lay


def elsewhere(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Path:
    """The environment of somebody who runs MultiPass here already. The command changes it; it is put back."""
    for name, value in {
        "DATABASE_URL": f"sqlite:///{folder}/multipass.sqlite3",
        "KEYS_FOLDER": str(folder / "keys"),
        "PUBLIC_URL": "https://pass.example.fr",
        "LOG_FORMAT": "json",
        "PORT": "8555",
        "SOURCES_FILE": str(folder / "sources.toml"),
        "MAP_GROUND": str(folder / "ground.geojson"),
        "MEDIA_FOLDER": str(folder / "media"),
        "DOCUMENTS_FOLDER": str(folder / "documents"),
    }.items():
        monkeypatch.setenv(f"MULTIPASS_{name}", value)
    return folder


@pytest.fixture(autouse=True)
def another_installation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    return elsewhere(monkeypatch, tmp_path / "production")


def build(folder: Path, *words: str) -> Result:
    sizes = ("--residents", "30", "--days", "2", "--no-serve", "--folder", str(folder))
    return CliRunner().invoke(front, ["demo", *sizes, *words], prog_name="multipass")


_FLAWS = "SELECT DISTINCT reason FROM card_import_flaw JOIN card_import ON id = import_id WHERE kind = ?"


class Hamlet(NamedTuple):
    """A demonstration that was built once, for every test to look at or to copy."""

    folder: Path
    shown: Result
    production: Path


@pytest.fixture(scope="module")
def hamlet(tmp_path_factory: pytest.TempPathFactory) -> Hamlet:
    home = tmp_path_factory.mktemp("hamlet")
    with pytest.MonkeyPatch.context() as monkeypatch:
        production = elsewhere(monkeypatch, home / "production")
        return Hamlet(home / "demo", build(home / "demo"), production)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "demo"


@pytest.fixture
def built(hamlet: Hamlet, folder: Path) -> Path:
    """A demonstration of this test's own."""
    shutil.copytree(hamlet.folder, folder)
    return folder


def test_a_city_comes_with_cards_terminals_and_commands_to_try(hamlet: Hamlet) -> None:
    folder, shown, _ = hamlet
    assert shown.exit_code == 0, shown.output
    assert "http://127.0.0.1:8555/docs" in shown.output
    assert "http://127.0.0.1:8555/tour" in shown.output
    assert len(re.findall(r"http://127\.0\.0\.1:8555/c/\d{7}", shown.output)) == 3
    assert f" terminal scan {folder}/cards/carnet.png --state {folder}/terminals/piscine-" in shown.output
    for card in (folder / "cards").iterdir():
        with Image.open(card) as picture:
            assert len(find_codes(picture)) == 1
    terminals = [state.load(path) for path in (folder / "terminals").iterdir()]
    assert {terminal.server for terminal in terminals} == {"http://127.0.0.1:8555"}
    assert len({terminal.terminal_id for terminal in terminals}) == len(terminals)


def test_what_a_terminal_has_to_tell_outlives_the_demonstration(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = next((built / "terminals").iterdir())
    with disk.opened(path) as kept, kept.write() as db:
        db.execute("INSERT INTO outbox (key, body) VALUES ('k', x'00')")
    monkeypatch.setenv("MULTIPASS_PORT", "8556")
    assert build(built).exit_code == 0
    with disk.opened(path) as kept, kept.read() as db:
        assert db.execute("SELECT key FROM outbox").fetchall() == [("k",)]
    assert state.load(path).server == "http://127.0.0.1:8556"


def test_the_demonstration_never_touches_the_installation_of_the_environment(
    hamlet: Hamlet, built: Path, another_installation: Path
) -> None:
    assert build(built).exit_code == 0
    assert not another_installation.exists()
    assert not hamlet.production.exists()


def test_a_city_is_carried_elsewhere_whole(built: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Out of it, into an empty database, and out again: line by line the same, but for the journal's own."""
    lay(tmp_path / "elsewhere.sqlite3")
    monkeypatch.setenv("MULTIPASS_KEYS_FOLDER", str(built / "keys"))
    for url, words in (
        (f"sqlite:///{built}/multipass.sqlite3", ("out", "first.zip")),
        (f"sqlite:///{tmp_path}/elsewhere.sqlite3", ("in", "first.zip")),
        (f"sqlite:///{tmp_path}/elsewhere.sqlite3", ("out", "second.zip")),
    ):
        monkeypatch.setenv("MULTIPASS_DATABASE_URL", url)
        done = CliRunner().invoke(front, ["carry", words[0], str(tmp_path / words[1])], prog_name="multipass")
        assert done.exit_code == 0, done.output
    first, second = (members((tmp_path / name).read_bytes()) for name in ("first.zip", "second.zip"))
    own = {"manifest.json", "tables/journal_head.jsonl", "tables/journal_entry.jsonl"}
    assert sum(bool(content) for content in first.values()) > 80, "most tables of the city have rows"
    for name in first.keys() - own:
        assert sorted(second[name].splitlines()) == sorted(first[name].splitlines())


def test_a_city_is_found_again_and_built_again_only_when_asked(built: Path) -> None:
    first = (built / "city.json").read_bytes()
    assert build(built).exit_code == 0
    assert (built / "city.json").read_bytes() == first
    assert build(built, "--fresh").exit_code == 0
    assert (built / "city.json").read_bytes() != first


def test_a_city_that_was_interrupted_is_built_again(built: Path) -> None:
    (built / "city.json").unlink()
    assert build(built).exit_code == 0
    assert (built / "city.json").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_holds_something_else_is_left_alone(folder: Path) -> None:
    (folder / "keys").mkdir(parents=True)
    (folder / "keys" / "keyring.json").write_text("[]")
    refused = build(folder, "--fresh")
    assert refused.exit_code == 2
    assert "holds something else" in refused.stderr
    assert [path.name for path in folder.rglob("*")] == ["keys", "keyring.json"]


def test_a_city_of_another_version_says_how_to_build_it_again(built: Path) -> None:
    (built / "city.json").write_text("{}")
    refused = build(built)
    assert refused.exit_code == 2
    assert "--fresh" in refused.stderr


def test_gates_that_were_without_network_have_told_what_there_is_to_reconcile(built: Path) -> None:
    assert build(built).exit_code == 0  # the same city: the commands now look there
    report = CliRunner().invoke(front, ["offline", "report", "--authority", "val-clair", "--json"])
    (waste, media) = json.loads(report.stdout)["sites"]
    assert (media["site"], media["facts"], media["flags"]) == (
        "mediatheque-clairourle",
        3,
        {"revoked_at_the_time": 1, "not_entitled": 1},
    )
    assert media["reasons"] == {"medium_lost": 1, "right_expired": 1}
    assert (waste["site"], waste["facts"]) == ("decheterie-plaine", 1)


def test_requests_of_every_state_wait_with_their_papers(built: Path) -> None:
    assert build(built).exit_code == 0
    listed = CliRunner().invoke(front, ["requests", "list", "--authority", "val-clair"]).stdout
    assert "13 submitted, 6 needs more info, 5 under review" in listed
    assert len(list((built / "documents").rglob("*.sealed"))) >= 30
    for stage in ("approved", "rejected", "withdrawn", "abandoned"):
        shown = CliRunner().invoke(front, ["requests", "list", "--authority", "val-clair", "--stage", stage])
        assert "D-" in shown.stdout, stage


def test_old_files_wait_with_their_reports_and_lie_there_to_be_sent_again(hamlet: Hamlet) -> None:
    with closing(sqlite3.connect(hamlet.folder / "multipass.sqlite3")) as city:
        waiting = dict(city.execute("SELECT kind, state FROM card_import"))
        wrong = {
            kind: {row[0] for row in city.execute(_FLAWS, (kind,))} for kind in ("cards", "households", "organisations")
        }
        taken = dict(city.execute("SELECT kind, taken FROM card_import"))
    assert waiting == dict.fromkeys(wrong, "checked")
    assert wrong["cards"] >= {"impossible-date", "name-missing", "unknown-commune", "impossible-card", "twice-in-file"}
    assert wrong["households"] >= {"impossible-date", "twice-in-file", "contradicts", "guardian-unknown", "formula"}
    assert wrong["organisations"] >= {"bad-registration", "twice-in-file", "unknown-kind", "birth-missing"}
    assert taken == {"cards": 60, "households": 13, "organisations": 8}
    lying = {path.name: path.read_bytes() for path in (hamlet.folder / "old-files").iterdir()}
    assert {name: content[:3] for name, content in lying.items()} == {
        "Cartes piscine 1998-2019.csv": b"N\xb0 ",
        "Foyers déchèterie 2014.csv": b"N\xb0 ",
        "Entreprises déchèterie 2021.csv": b"\xef\xbb\xbf",
    }


def test_notices_of_every_state_wait_and_letters_have_left(built: Path) -> None:
    assert build(built).exit_code == 0
    everything = [path.read_text() for path in (built / "letters").glob("*.eml")]
    letters = [letter for letter in everything if "To: habitant-" in letter]  # others are about their own requests
    assert len(letters) >= 20
    assert all("List-Unsubscribe-Post: List-Unsubscribe=One-Click" in letter for letter in letters)
    with closing(sqlite3.connect(built / "multipass.sqlite3")) as city:
        states = {row[0] for row in city.execute("SELECT DISTINCT status FROM notice")}
    assert states == {"draft", "scheduled", "sent"}


def test_holders_of_sample_passes_have_accounts_that_see_them(hamlet: Hamlet) -> None:
    with closing(sqlite3.connect(hamlet.folder / "multipass.sqlite3")) as database:
        seen = dict(
            database.execute(
                "SELECT address, number FROM resident_contact JOIN resident_link USING (account_id)"
                " JOIN pass ON pass.holder_id = resident_link.holder_id"
            ).fetchall()
        )
        acting = database.execute(
            "SELECT theirs.number, mine.number FROM guardianship"
            " JOIN pass AS theirs ON theirs.holder_id = ward_id JOIN pass AS mine ON mine.holder_id = guardian_id"
        ).fetchall()
    samples = json.loads((hamlet.folder / "city.json").read_text())["city"]["samples"]
    numbers = {sample["key"]: sample["number"] for sample in samples}
    assert len(seen) > 5
    for sample in samples:
        assert seen.get(f"{sample['key']}@courriel.example") in {None, sample["number"]}
    assert "@courriel.example" in hamlet.shown.output
    parents = {numbers["everything"], numbers["lost-card"]}
    assert {of_parent for of_child, of_parent in acting if of_child == numbers["child"]} == parents
