"""What `multipass batch`, `card` and `keys` tell nobody of keys and chips, and how a transport key travels."""

import json
import logging
import re
import shutil
import stat
from functools import partial
from pathlib import Path

import pytest
from click.testing import Result

from adapters.keyring import KeyRing
from nfc.diversify import Slot
from nfc.personalisation import key_check
from tests.batch_commands import (
    DESK,
    MANAGER,
    Run,
    done,
    exported,
    invoke,
    lay_city,
    reported,
    resident,
    transport,
)
from tests.card_maker import chips, make, read_order, report

pytestmark = pytest.mark.usefixtures("quick_secrets")

SECRET = "the secret of this keyring"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lay_city(tmp_path)
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Run:
    return partial(invoke, folder)


def test_no_key_no_uid_and_no_content_of_a_chip_is_told_logged_or_stored(
    run: Run, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    ring, uids, zoe = KeyRing(folder / "keys"), chips(3), resident(run)
    said.append(done(run("batch", "order", "spring", "--blank", "3", *MANAGER)))
    order = exported(run, folder, uids)
    cards, taps = make(order, transport(folder)), []
    wrong = report(order).replace(uids[0].hex().encode(), uids[1].hex().encode())
    said += [reported(run, folder, content).output for content in (wrong, wrong[:-3], report(order), report(order))]
    said.append(done(run("batch", "deliver", "spring", "--desk", "town-hall", *MANAGER)))
    for card in cards:
        taps.append(card.tap())
        for words in (("show", taps[-1]), ("bind", taps[-1], zoe, *DESK), ("bind", taps[-1], zoe, *DESK)):
            said.append(run("card", *words).output)
    said += [run("batch", "show", "spring").output, run("card", "show", f"UID:{uids[0].hex()}00").output]

    _, lines, _ = read_order(order)
    secret = [transport(folder), *uids, *(ring.card_master("ville", slot, 1) for slot in Slot)]
    secret += [key for card in cards for key in card.chip._keys.values()]
    secret += [bytes.fromhex(line["object"]).rstrip(b"\0") for line in lines]
    secret += [bytes.fromhex(line["keys"]) for line in lines]
    heard = "\n".join([*said, caplog.text]).lower()
    assert len(heard) > 500
    assert [one.hex()[:8] for one in secret if one.hex() in heard] == []
    assert [tap for tap in taps if tap.split("?")[1].lower() in heard] == []
    stored = b"".join(path.read_bytes() for path in folder.iterdir() if path.name.startswith("multipass.sqlite3"))
    assert [one.hex()[:8] for one in secret if one in stored or one.hex().encode() in stored.lower()] == []


def test_the_two_components_of_a_transport_key_are_brought_apart_and_make_it(folder: Path) -> None:
    def run(*words: str | Path, answer: str | None = None) -> Result:
        return invoke(folder, *words, answer=answer, secret=SECRET)

    password = "a password of one's own"
    twice = f"{password}\n{password}\n"
    shutil.rmtree(folder / "keys")
    for purpose in ("print", "token"):
        done(run("keys", "new", "--purpose", purpose))
    for name in ("alice", "bruno"):
        done(run("keys", "custodian", "key", "--out", folder / f"{name}.pem", answer=twice))
        done(run("keys", "custodian", "add", name, folder / f"{name}.pub.pem"))
    both = ("--custodian", folder / "alice.pem", "--custodian", folder / "bruno.pem")
    halves, told = [], []
    for kind in ("transport", "card-2"):
        done(run("keys", "master", "make", kind, *both, answer=twice))
        told.append(done(run("keys", "master", "export", kind, *both, "--out", folder / "out", answer=twice)))
    for name in ("alice", "bruno"):
        words = ("keys", "custodian", "component", folder / "out" / f"ville-transport-1.{name}.share")
        shown = done(
            run(*words, "--key", folder / f"{name}.pem", "--out", folder / f"{name}.hex", answer=f"{password}\n")
        )
        halves.append(bytes.fromhex((folder / f"{name}.hex").read_text()))
        assert halves[-1].hex() not in shown
        assert stat.S_IMODE((folder / f"{name}.hex").stat().st_mode) == 0o600
    assert bytes(one ^ other for one, other in zip(*halves, strict=True)) == (
        transport := KeyRing(folder / "keys", password=SECRET).transport_key("ville", 1)
    )
    assert f"Key check value {key_check(transport)}" in told[0], "the maker reads it to those who brought it"
    assert "Key check value" not in told[1]

    master = run(
        "keys", "custodian", "component", folder / "out" / "ville-card-2-1.alice.share", "--key", folder / "alice.pem",
        "--out", folder / "no.hex", answer=f"{password}\n",
    )  # fmt: skip
    assert (master.exit_code, "only transport keys leave" in master.stderr) == (2, True)


def test_the_header_tells_how_to_check_the_transport_key(run: Run, folder: Path) -> None:
    done(run("batch", "order", "spring", "--blank", "1", *MANAGER))
    header = json.loads(exported(run, folder, chips(1)).splitlines()[0])
    assert header["transport"]["version"] == 1
    assert re.fullmatch(r"[0-9a-f]{6}", header["transport"]["check"])
