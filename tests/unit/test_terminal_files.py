"""What a terminal reads and keeps: its state file, and pictures of passes."""

import io
from pathlib import Path

import pytest
from PIL import Image

from nfc.picture import render_png
from terminal import state
from terminal.errors import TerminalError
from terminal.reading import code_in
from terminal.state import State

STATE = State("http://pass.test", "id", "Pool 1", "cornelia", ("pool-1", "pool-2"), "PEM")


def test_a_state_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    path = tmp_path / "var" / "terminal.json"
    state.save(path, STATE)
    assert state.load(path) == STATE


def test_nobody_else_may_read_a_state_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "terminal.json"
    path.write_text("old")
    path.chmod(0o644)
    state.save(path, STATE)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_state_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(TerminalError, match="multipass terminal pair"):
        state.load(tmp_path / "terminal.json")


@pytest.mark.parametrize("content", ["", "{}", "[]", "\udcff"])
def test_a_broken_state_says_to_pair_anew(tmp_path: Path, content: str) -> None:
    path = tmp_path / "terminal.json"
    path.write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(TerminalError, match="Pair it anew"):
        state.load(path)


def picture(*texts: str) -> Image.Image:
    """The codes of these texts side by side."""
    symbols = [Image.open(io.BytesIO(render_png(text, scale=6))) for text in texts]
    side = max(symbol.width for symbol in symbols)
    sheet = Image.new("L", (side * len(symbols), side), 255)
    for place, symbol in enumerate(symbols):
        sheet.paste(symbol, (place * side, 0))
    return sheet


def test_the_one_code_of_a_picture_is_read(tmp_path: Path) -> None:
    picture("MP2:ABC").save(tmp_path / "pass.png")
    assert code_in(tmp_path / "pass.png") == "MP2:ABC"


def test_the_same_code_twice_is_one_code(tmp_path: Path) -> None:
    picture("MP2:ABC", "MP2:ABC").save(tmp_path / "pass.png")
    assert code_in(tmp_path / "pass.png") == "MP2:ABC"


def test_two_passes_in_one_picture_are_refused(tmp_path: Path) -> None:
    picture("MP2:ABC", "MP2:DEF").save(tmp_path / "pass.png")
    with pytest.raises(TerminalError, match="2 different codes"):
        code_in(tmp_path / "pass.png")


def test_a_picture_without_a_code_says_how_to_hold_it(tmp_path: Path) -> None:
    Image.new("L", (50, 50), 255).save(tmp_path / "pass.png")
    with pytest.raises(TerminalError, match="No code was found"):
        code_in(tmp_path / "pass.png")


def test_what_is_no_picture_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "pass.png").write_bytes(b"%PDF-1.7")
    with pytest.raises(TerminalError, match="is not a picture"):
        code_in(tmp_path / "pass.png")


def test_a_picture_cut_short_is_told_so(tmp_path: Path) -> None:
    picture("MP2:ABC").save(tmp_path / "pass.png")
    whole = (tmp_path / "pass.png").read_bytes()
    (tmp_path / "pass.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TerminalError, match="broken picture"):
        code_in(tmp_path / "pass.png")


@pytest.mark.parametrize("side", [8_000, 10_000, 14_000])
def test_a_huge_picture_is_not_decoded(tmp_path: Path, side: int) -> None:
    Image.new("1", (side, side), 1).save(tmp_path / "pass.png")
    with pytest.raises(TerminalError, match="too large"):
        code_in(tmp_path / "pass.png")


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(TerminalError, match="no file"):
        code_in(tmp_path / "pass.png")
    with pytest.raises(TerminalError, match="cannot be read"):
        code_in(tmp_path)
