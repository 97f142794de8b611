"""`multipass device` on a real installation: the example of the documentation in, looked at, and refused whole."""

import asyncio
import shutil
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from cli.main import front
from domain.readings import DeadLetter
from store.database import Database
from store.dead_letters import set_aside
from tests.migrated import lay

EXAMPLE = Path(__file__).parents[3] / "docs/examples/devices.csv"


def invoke(folder: Path, *words: str) -> Result:
    settings = {
        "MULTIPASS_DATABASE_URL": f"sqlite:///{folder}/multipass.sqlite3",
        "MULTIPASS_KEYS_FOLDER": str(folder / "keys"),
        "LANG": "fr_FR.UTF-8",
        "LC_ALL": "",
    }
    return CliRunner().invoke(front, list(words), prog_name="multipass", env=settings)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    lay(folder / "multipass.sqlite3")
    added = invoke(folder, "authority", "add", "cornelia", "--name-fr", "Cornélia", "--name-en", "Cornelia")
    assert added.exit_code == 0
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "installation"))


def test_the_example_of_the_page_is_registered_and_looked_at(folder: Path) -> None:
    tried = invoke(folder, "device", "import", str(EXAMPLE), "--dry-run")
    assert (tried.exit_code, tried.output.count("new")) == (0, 6), tried.output
    assert "dry run" in tried.output
    assert "No device yet" in invoke(folder, "device", "list").output

    assert invoke(folder, "device", "import", str(EXAMPLE)).exit_code == 0
    assert invoke(folder, "device", "import", str(EXAMPLE)).output.count("there already") == 6
    listed = invoke(folder, "device", "list").output
    assert listed.count("silent") == 6
    assert "Colonne à verre" in listed
    shown = invoke(folder, "device", "show", "lez-station-2").output
    assert "43.6098, 3.8976 in 34172" in shown
    assert "protection level 0; shown to the public" in shown
    assert "never" in shown


def test_upkeep_tells_of_devices_that_were_never_heard(folder: Path) -> None:
    assert invoke(folder, "device", "import", str(EXAMPLE)).exit_code == 0
    assert "Every stream speaks." in invoke(folder, "device", "list", "--troubles").output
    assert "6 troubles begun" in invoke(folder, "device", "upkeep").output
    assert "0 troubles begun" in invoke(folder, "device", "upkeep").output
    assert invoke(folder, "device", "list", "--troubles").output.count("never-heard") == 6


def test_a_refused_line_is_told_with_its_column_and_nothing_is_written(folder: Path) -> None:
    file = folder / "devices.csv"
    file.write_text(EXAMPLE.read_text(encoding="utf-8").replace("bicycle_flow", "love"), encoding="utf-8")
    refused = invoke(folder, "device", "import", str(file))
    assert refused.exit_code == 2
    assert "quantity: No quantity has the code love. (unknown-quantity)" in " ".join(refused.output.split())
    assert "1 of 6 lines are refused: nothing was written." in refused.output
    assert "No device yet" in invoke(folder, "device", "list").output


def test_a_camera_that_recognises_faces_does_not_get_in(folder: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace("container,glass-column,,", "camera,glass-column,faces,")
    (folder / "devices.csv").write_text(text, encoding="utf-8")
    refused = invoke(folder, "device", "import", str(folder / "devices.csv"))
    assert refused.exit_code == 2
    assert "face-recognition-refused" in refused.output


def test_a_file_of_another_encoding_is_told_how_to_be_saved(folder: Path) -> None:
    (folder / "devices.csv").write_bytes(EXAMPLE.read_text(encoding="utf-8").encode("cp1252"))
    refused = invoke(folder, "device", "import", str(folder / "devices.csv"))
    assert (refused.exit_code, "CSV UTF-8" in refused.output) == (2, True)


def test_a_message_that_nobody_could_read_is_listed_and_printed_as_it_came(folder: Path) -> None:
    letter = DeadLetter(
        UUID(int=7),
        UUID(int=0),
        "chirpstack",
        datetime(2026, 11, 18, tzinfo=UTC),
        "malformed-message",
        "Cut.",
        b'{"a": ',
    )

    async def put() -> None:
        database = Database(f"sqlite:///{folder}/multipass.sqlite3")
        async with database.look() as unit:
            (authority,) = await unit.places.authorities()
        async with database.write() as connection:
            await set_aside(connection, replace(letter, authority_id=authority.id))
        await database.close()

    assert "Every message was read." in invoke(folder, "device", "letters").output
    asyncio.run(put())
    assert "malformed-message" in invoke(folder, "device", "letters", "--source", "chirpstack").output
    assert invoke(folder, "device", "letter", str(letter.id)).output == '{"a": '
    assert invoke(folder, "device", "letter", str(UUID(int=8))).exit_code == 2
