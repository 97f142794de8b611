"""`multipass terminal pair --picture`, `rotate-key` and `conformance`, as people type them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from adapters.clock import utc_now
from cli.main import front
from nfc import pairing_code
from nfc.picture import render_png
from terminal import state
from terminal.conformance.city import GOOD, STOPPED
from terminal.conformance.double import CODE, Double


@pytest.fixture
def double() -> Iterator[Double]:
    served = Double(utc_now)
    yield served
    served.close()


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(front, ["terminal", *words], prog_name="multipass")
    return done.exit_code, done.output


def test_a_terminal_is_paired_by_a_picture_of_the_agents_screen(double: Double, tmp_path: Path) -> None:
    picture, path = tmp_path / "code.png", tmp_path / "terminal.json"
    picture.write_bytes(render_png(pairing_code.write(double.url, CODE), scale=8))
    status, said = run("pair", "--picture", str(picture), "--state", str(path))
    assert (status, "This is now Trial" in said) == (0, True), said
    assert state.load(path).server == double.url


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("pair",), "--picture with the QR"),
        (("pair", "http://127.0.0.1:9"), "--picture with the QR"),
        (("pair", "http://127.0.0.1:9", "KTKT-2345", "--picture", "PICTURE"), "not both"),
        (("pair", "--picture", "PICTURE"), "pairs no terminal"),
    ],
)
def test_what_is_no_invitation_is_told_so(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    picture = tmp_path / "pass.png"
    picture.write_bytes(render_png("MP2:NOTHING", scale=8))
    asked = [str(picture) if word == "PICTURE" else word for word in words]
    status, heard = run(*asked, "--state", str(tmp_path / "terminal.json"))
    assert (status, said in heard) == (2, True), heard


def test_a_key_is_rotated_and_the_pairing_goes_on(double: Double, tmp_path: Path) -> None:
    path = tmp_path / "terminal.json"
    assert run("pair", double.url, CODE, "--state", str(path))[0] == 0
    before = state.load(path)
    assert run("rotate-key", "--state", str(path)) == (0, "Trial has a new key.\n")
    assert state.load(path).private_key != before.private_key
    assert run("sync", "--state", str(path)) == (0, "Everything is told.\n")


def test_a_server_is_tried_from_the_command_line(double: Double) -> None:
    passes = ("--pass", double.city.passes[GOOD[0]], "--stopped", double.city.passes[STOPPED])
    status, said = run("conformance", double.url, "--code", CODE, *passes, "--json")
    found = json.loads(said)
    assert status == 0, found
    assert {one["verdict"] for one in found} == {"passed"}
    assert all(one["guide"].startswith("docs/terminal-integration.md#") for one in found)


def test_a_server_that_fails_gives_status_1_and_a_table_that_says_why(double: Double) -> None:
    status, said = run("conformance", double.url, "--code", "WRNG-2345")
    assert status == 1
    assert "FAILED" in said
    assert "docs/terminal-integration.md#1-pair-once" in said


def test_a_terminal_is_waited_for_no_longer_than_patience_says() -> None:
    status, said = run("conformance", "--listen", "0", "--patience", "0.1", "--json")
    assert status in {1, 2}
    assert "Pair the terminal with the code" in said


def test_one_side_has_to_be_named() -> None:
    for words in ((), ("http://127.0.0.1:9", "--listen", "0")):
        assert run("conformance", *words)[0] == 2
