"""`multipass points` on a real installation: the example of the page in, published by a second person, printed."""

import shutil
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
import pytest
from click.testing import CliRunner, Result

from cli.main import front
from nfc.picture import find_codes

EXAMPLES = Path(__file__).parents[3] / "docs/examples"


def invoke(folder: Path, *words: str) -> Result:
    settings = {
        "MULTIPASS_DATABASE_URL": f"sqlite:///{folder}/multipass.sqlite3",
        "MULTIPASS_KEYS_FOLDER": str(folder / "keys"),
        "MULTIPASS_MEDIA_FOLDER": str(folder / "media"),
        "MULTIPASS_PUBLIC_URL": "https://tour.cornelia.example",
        "LANG": "fr_FR.UTF-8",
        "LC_ALL": "",
    }
    return CliRunner().invoke(front, list(words), prog_name="multipass", env=settings)


def done(folder: Path, *words: str) -> str:
    result = invoke(folder, *words)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def folder(migrated_file: Path, tmp_path: Path) -> Path:
    shutil.copyfile(migrated_file, tmp_path / "multipass.sqlite3")
    done(tmp_path, "authority", "add", "cornelia", "--name-fr", "Cornélia", "--name-en", "Cornelia")
    for login, role in (("marie", "editor"), ("paul", "manager")):
        done(tmp_path, "agent", "add", login, "--name", login.title(), "--role", role, "--generate")
    done(tmp_path, "device", "import", str(EXAMPLES / "devices.csv"))
    return tmp_path


def test_the_example_goes_from_the_file_to_the_street(folder: Path) -> None:
    example = str(EXAMPLES / "points.toml")
    tried = done(folder, "points", "import", example, "--agent", "marie", "--submit", "--dry-run")
    assert (tried.count("new"), "dry run" in tried) == (3, True)
    assert "No point yet" in done(folder, "points", "list")

    assert done(folder, "points", "import", example, "--agent", "marie", "--submit").count("new") == 3
    assert done(folder, "points", "import", example, "--agent", "marie").count("there already") == 3
    assert done(folder, "points", "list").count("review") == 2
    assert "see no point yet" in invoke(folder, "points", "plates", str(folder / "none.pdf")).output
    refused = invoke(folder, "points", "publish", "air-classe-12", "--agent", "marie")
    assert (refused.exit_code, "point:publish" in refused.output) == (2, True)
    done(folder, "points", "publish", "air-classe-12", "lez-station-2", "--agent", "paul")
    listed = done(folder, "points", "list")
    assert (listed.count("published"), "L’air de la classe 12" in listed) == (2, True)
    assert "No point is to be reviewed" in done(folder, "points", "list", "--to-review")

    done(folder, "points", "plates", str(folder / "plates.pdf"))
    done(folder, "points", "plates", str(folder / "one.pdf"), "air-classe-12", "--single")
    (plate,) = codes(folder / "one.pdf")
    assert plate.startswith("https://tour.cornelia.example/c/")
    assert plate in codes(folder / "plates.pdf")
    assert len(codes(folder / "plates.pdf")) == 2


def codes(pdf: Path) -> list[str]:
    with pypdfium2.PdfDocument(pdf.read_bytes()) as document:
        return find_codes(document[0].render(scale=2).to_pil())


def test_one_refused_entry_keeps_the_whole_file_out(folder: Path) -> None:
    written = (EXAMPLES / "points.toml").read_text().replace('"safety_security"', '"surveillance"')
    (folder / "points.toml").write_text(written)
    shutil.copyfile(EXAMPLES / "photo.jpg", folder / "photo.jpg")
    result = invoke(folder, "points", "import", str(folder / "points.toml"), "--agent", "marie")
    assert result.exit_code == 2
    assert "(unknown-element)" in result.output
    assert "2 of 3 entries are refused" in result.output, "the walk goes nowhere without its second stop"
    assert "No point yet" in done(folder, "points", "list")
    (folder / "photo.jpg").unlink()
    assert (
        "photo.jpg: No such file"
        in invoke(folder, "points", "import", str(folder / "points.toml"), "--agent", "marie").output
    )


def test_a_table_of_a_spreadsheet_comes_in_and_says_what_changed(folder: Path) -> None:
    table = folder / "points.csv"
    table.write_text(
        "slug;title.fr;latitude;longitude;devices;endsOn;doesNot.fr;doesNot.en;chain.purpose\n"
        "verre;La colonne à verre;43,6165;3,8842;verre-beaux-arts;31/12/2028;Ne filme pas | N’écoute pas;"
        "Does not film | Does not listen;waste_management | inform\n"
    )
    assert "new" in done(folder, "points", "import", str(table), "--agent", "marie")
    table.write_text(table.read_text().replace("31/12/2028", "2029-12-31"))
    assert "changed: endsOn" in done(folder, "points", "import", str(table), "--agent", "marie")
