"""`multipass demo` and the folder it keeps: a hamlet of thirty will do."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from cli.main import front
from nfc.picture import find_codes
from terminal import disk, state


@pytest.fixture(autouse=True)
def another_installation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The environment of somebody who runs MultiPass here already. The command changes it; it is put back."""
    folder = tmp_path / "production"
    for name, value in {
        "DATABASE_URL": f"sqlite:///{folder}/multipass.sqlite3",
        "KEYS_FOLDER": str(folder / "keys"),
        "PUBLIC_URL": "https://pass.example.fr",
        "LOG_FORMAT": "json",
        "PORT": "8555",
    }.items():
        monkeypatch.setenv(f"MULTIPASS_{name}", value)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "demo"


def build(folder: Path, *words: str) -> Result:
    sizes = ("--residents", "30", "--days", "2", "--no-serve", "--folder", str(folder))
    return CliRunner().invoke(front, ["demo", *sizes, *words], prog_name="multipass")


def test_a_city_comes_with_cards_terminals_and_commands_to_try(folder: Path) -> None:
    shown = build(folder)
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


def test_what_a_terminal_has_to_tell_outlives_the_demonstration(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(folder)
    path = next((folder / "terminals").iterdir())
    with disk.opened(path) as kept, kept.write() as db:
        db.execute("INSERT INTO outbox (key, body) VALUES ('k', x'00')")
    monkeypatch.setenv("MULTIPASS_PORT", "8556")
    assert build(folder).exit_code == 0
    with disk.opened(path) as kept, kept.read() as db:
        assert db.execute("SELECT key FROM outbox").fetchall() == [("k",)]
    assert state.load(path).server == "http://127.0.0.1:8556"


def test_the_demonstration_never_touches_the_installation_of_the_environment(
    folder: Path, another_installation: Path
) -> None:
    assert build(folder).exit_code == 0
    assert not another_installation.exists()


def test_a_city_is_found_again_and_built_again_only_when_asked(folder: Path) -> None:
    build(folder)
    first = (folder / "city.json").read_bytes()
    assert build(folder).exit_code == 0
    assert (folder / "city.json").read_bytes() == first
    assert build(folder, "--fresh").exit_code == 0
    assert (folder / "city.json").read_bytes() != first


def test_a_city_that_was_interrupted_is_built_again(folder: Path) -> None:
    build(folder)
    (folder / "city.json").unlink()
    assert build(folder).exit_code == 0
    assert (folder / "city.json").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_holds_something_else_is_left_alone(folder: Path) -> None:
    (folder / "keys").mkdir(parents=True)
    (folder / "keys" / "keyring.json").write_text("[]")
    refused = build(folder, "--fresh")
    assert refused.exit_code == 2
    assert "holds something else" in refused.stderr
    assert [path.name for path in folder.rglob("*")] == ["keys", "keyring.json"]


def test_a_city_of_another_version_says_how_to_build_it_again(folder: Path) -> None:
    build(folder)
    (folder / "city.json").write_text("{}")
    refused = build(folder)
    assert refused.exit_code == 2
    assert "--fresh" in refused.stderr
