"""`multipass batch` and `card`: what a manager and a desk type, with a maker in software between them."""

import json
import logging
import re
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters.clock import utc_now
from adapters.keyring import KeyRing
from adapters.masters import TRANSPORT
from cli.main import front
from nfc.diversify import Slot
from nfc.personalisation import key_check
from tests.card_maker import MadeCard, chip_list, chips, make, read_order, report
from tests.custody import make_card_masters, make_master
from tests.migrated import lay

Run = Callable[..., Result]

SECRET = "the secret of this keyring"
JPEG = b"\xff\xd8\xff\xe0" + bytes(200) + b"\xff\xd9"
MANAGER, DESK = ("--agent", "lucas"), ("--agent", "ines")


def invoke(
    folder: Path,
    *words: str | Path,
    answer: str | None = None,
    secret: str = "",
    url: str = "https://pass.example.org/",
    card_url: str = "",
) -> Result:
    settings = {
        "MULTIPASS_DATABASE_URL": f"sqlite:///{folder}/multipass.sqlite3",
        "MULTIPASS_KEYS_FOLDER": str(folder / "keys"),
        "MULTIPASS_KEY_PASSWORD": secret,
        "MULTIPASS_PUBLIC_URL": url,
        "MULTIPASS_CARD_URL": card_url,
    }
    return CliRunner().invoke(front, [str(word) for word in words], prog_name="multipass", env=settings, input=answer)


def done(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    lay(folder / "multipass.sqlite3")
    done(invoke(folder, "authority", "add", "ville", "--name-fr", "Ville", "--name-en", "Town"))
    for login, role in (("lucas", "manager"), ("ines", "desk")):
        done(invoke(folder, "agent", "add", login, "--name", login.title(), "--role", role, "--generate"))
    ring = KeyRing(folder / "keys")
    make_card_masters(ring, "ville", now=utc_now())
    make_master(ring, "ville", TRANSPORT, now=utc_now())
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "installation"))


@pytest.fixture
def run(folder: Path) -> Run:
    def run_here(*words: str | Path, answer: str | None = None) -> Result:
        return invoke(folder, *words, answer=answer)

    return run_here


def resident(run: Run, first_name: str = "Zoé") -> str:
    issued = run(
        "pass", "issue", "--first-name", first_name, "--last-name", "Lefèvre", "--born", "1990-12-10",
        "--commune", "59350",
    )  # fmt: skip
    found = re.search(r"Pass (\d{10})", done(issued))
    assert found
    return found[1]


def exported(run: Run, folder: Path, uids: list[bytes], *more: str | Path) -> bytes:
    """The order of batch `spring` for these chips."""
    (folder / "chips.txt").write_bytes(chip_list(uids))
    done(
        run("batch", "export", "spring", "--chips", folder / "chips.txt", "--out", folder / "o.jsonl", *MANAGER, *more)
    )
    return (folder / "o.jsonl").read_bytes()


def reported(run: Run, folder: Path, content: bytes, *more: str) -> Result:
    (folder / "report.jsonl").write_bytes(content)
    return run("batch", "report", "spring", folder / "report.jsonl", *MANAGER, *more)


def transport(folder: Path) -> bytes:
    return KeyRing(folder / "keys").transport_key("ville", 1)


def at_the_desk(run: Run, folder: Path, count: int = 3) -> list[MadeCard]:
    done(run("batch", "order", "spring", "--blank", str(count), *MANAGER))
    order = exported(run, folder, chips(count))
    done(reported(run, folder, report(order)))
    done(run("batch", "deliver", "spring", "--desk", "town-hall", *MANAGER))
    return make(order, transport(folder))


# --- the whole way -----------------------------------------------------------------------------------


def test_blank_cards_are_ordered_produced_delivered_counted_and_bound(run: Run, folder: Path) -> None:
    first, second, third = at_the_desk(run, folder)
    assert re.search(r"town-hall\s+3", done(run("card", "stock")))

    pass_number = resident(run)
    shown = done(run("card", "bind", first.printed["number"], pass_number, *DESK))
    assert first.number in shown
    assert re.search(r"card\s+active", done(run("pass", "show", pass_number)))
    assert pass_number in done(run("card", "show", first.number))
    assert re.search(r"town-hall\s+2", done(run("card", "stock")))

    done(run("card", "bind", second.tap(), resident(run, "Max"), *DESK))
    uid = read_order((folder / "o.jsonl").read_bytes())[1][2]["uid"]
    done(run("card", "bind", f"UID:{uid.upper()}", resident(run, "Lou"), *DESK))
    assert "No desk has a blank card" in done(run("card", "stock"))
    assert third.number in done(run("card", "show", f"UID:{uid}"))

    shown = done(run("batch", "show", "spring"))
    for what, who in (("ordered", "lucas"), ("sent", "lucas"), ("accepted", "lucas")):
        assert re.search(rf"{what}\s+\d{{4}}-\d\d-\d\d \d\d:\d\d\s+{who}", shown), shown
    assert re.search(r"active\s+3", shown)
    assert re.search(r"spring\s+3\s+accepted", done(run("batch", "list")))


def test_cards_made_for_passes_bear_names_and_know_their_pass(run: Run, folder: Path) -> None:
    zoe, max_ = resident(run), resident(run, "Max")
    (folder / "passes.txt").write_text(f"{zoe[:4]} {zoe[4:]}\n\n{max_}\n")
    (folder / "photos").mkdir()
    (folder / "photos" / f"{zoe}.jpg").write_bytes(JPEG)
    done(run("batch", "order", "spring", "--passes", folder / "passes.txt", *MANAGER))
    order = exported(run, folder, chips(2), "--photos", folder / "photos")
    for_zoe, for_max = make(order, transport(folder))
    assert for_zoe.printed["name"] == "Zoé Lefèvre"
    assert for_zoe.printed["passNumber"].replace(" ", "") == zoe
    assert for_zoe.printed["photo"].startswith("/9j/")
    assert "photo" not in for_max.printed
    done(reported(run, folder, report(order)))
    done(run("batch", "deliver", "spring", "--by-post", *MANAGER))

    other = run("card", "bind", for_zoe.number, max_, *DESK)
    assert (other.exit_code, "made for another pass" in other.stderr) == (2, True)
    assert zoe in done(run("card", "bind", for_zoe.number, *DESK))
    again = run("batch", "order", "autumn", "--pass", max_, *MANAGER)
    assert (again.exit_code, "on its way" in again.stderr) == (2, True)
    done(run("batch", "order", "autumn", "--pass", zoe, *MANAGER))


def test_an_order_is_for_its_owners_eyes_and_written_once(run: Run, folder: Path) -> None:
    done(run("batch", "order", "spring", "--blank", "2", *MANAGER))
    exported(run, folder, chips(2))
    assert stat.S_IMODE((folder / "o.jsonl").stat().st_mode) == 0o600
    for out in ("o.jsonl", "again.jsonl"):
        again = run("batch", "export", "spring", "--chips", folder / "chips.txt", "--out", folder / out, *MANAGER)
        assert again.exit_code == 2, again.output
    assert not (folder / "again.jsonl").exists()


def test_an_order_that_fails_leaves_no_file_and_may_be_tried_again(run: Run, folder: Path) -> None:
    done(run("batch", "order", "spring", "--blank", "3", *MANAGER))
    few, uids = folder / "few.txt", chips(3)
    few.write_bytes(chip_list(uids[:2]))
    refused = run("batch", "export", "spring", "--chips", few, "--out", folder / "o.jsonl", *MANAGER)
    assert (refused.exit_code, "2 chips for 3 cards" in refused.stdout) == (2, True)
    assert not (folder / "o.jsonl").exists()
    exported(run, folder, uids)


def test_a_report_is_read_once(run: Run, folder: Path) -> None:
    done(run("batch", "order", "spring", "--blank", "3", *MANAGER))
    order = exported(run, folder, chips(3))
    told = report(order, spoiled=frozenset({2}))
    assert "partly accepted: 2 cards produced, 1 spoiled" in done(reported(run, folder, told))
    again = reported(run, folder, told)
    assert (again.exit_code, "reported on once" in again.stderr) == (2, True)


def test_what_is_wrong_with_a_report_is_said_line_by_line(run: Run, folder: Path) -> None:
    done(run("batch", "order", "spring", "--blank", "2", *MANAGER))
    order = exported(run, folder, chips(2))
    wrong = reported(run, folder, report(order).replace(b'"produced"', b'"lost"'))
    assert wrong.exit_code == 2
    assert "report.jsonl is refused and nothing of it was taken: 3 flaws." in wrong.stderr
    assert re.findall(r"^ *(\d+) ", wrong.stdout, flags=re.MULTILINE) == ["2", "3", "4"]
    assert re.search(r"in production\s+2", done(run("batch", "show", "spring")))
    done(reported(run, folder, report(order)))


def test_a_dry_run_says_what_would_be_and_writes_nothing(run: Run, folder: Path) -> None:
    words = ("batch", "order", "spring", "--blank", "2", *MANAGER)
    assert "dry run" in done(run(*words, "--dry-run"))
    assert "no batch yet" in done(run("batch", "list"))
    done(run(*words))

    (folder / "chips.txt").write_bytes(chip_list(chips(2)))
    send = ("batch", "export", "spring", "--chips", folder / "chips.txt", "--out", folder / "o", *MANAGER)
    tried = done(run(*send, "--dry-run"))
    assert not (folder / "o").exists()
    told = re.search(r"SHA-256 [0-9a-f]{64}", done(run(*send)))
    assert told
    assert told[0] in tried, "the very bytes"

    order = (folder / "o").read_bytes()
    assert "accepted" in done(reported(run, folder, report(order), "--dry-run"))
    assert re.search(r"in production\s+2", done(run("batch", "show", "spring")))
    done(reported(run, folder, report(order)))
    for more, state in (("--dry-run",), "produced"), ((), "ready at desk"):
        done(run("batch", "deliver", "spring", "--desk", "annexe", *MANAGER, *more))
        assert re.search(rf"{state}\s+2", done(run("batch", "show", "spring")))
    card, number = make(order, transport(folder))[0], resident(run)
    done(run("card", "bind", card.number, number, *DESK, "--dry-run"))
    done(run("card", "discard", card.number, "--reason", "damaged", *DESK, "--dry-run"))
    assert "ready at desk" in done(run("card", "show", card.number))


def test_a_refused_batch_opens_nothing(run: Run, folder: Path) -> None:
    done(run("batch", "order", "spring", "--blank", "2", *MANAGER))
    order = exported(run, folder, chips(2))
    assert run("batch", "refuse", "spring", *MANAGER, answer="n\n").exit_code == 2
    done(run("batch", "refuse", "spring", *MANAGER, "--yes"))
    assert reported(run, folder, report(order)).exit_code == 2
    assert re.search(r"revoked\s+2", done(run("batch", "show", "spring")))


def test_a_discarded_card_is_bound_to_nobody(run: Run, folder: Path) -> None:
    card = at_the_desk(run, folder)[0]
    done(run("card", "discard", card.number, "--reason", "stolen", *DESK))
    refused = run("card", "bind", card.number, resident(run), *DESK)
    assert (refused.exit_code, "stolen cannot become active" in refused.stderr) == (2, True)


# --- who may, and what is refused --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("batch", "order", "spring", "--blank", "2", *DESK), "needs the permission card:batch"),
        (("batch", "order", "spring", "--blank", "2", "--agent", "nobody"), "no active agent nobody"),
        (("card", "bind", "1", "1234567897", *MANAGER), "needs the permission pass:issue"),
        (("batch", "order", "spring", *MANAGER), "Say what to order"),
        (("batch", "order", "spring", "--blank", "2", "--pass", "1234567897", *MANAGER), "Say what to order"),
        (("batch", "order", "Spring 1", "--blank", "2", *MANAGER), "a batch has a short code"),
        (("batch", "deliver", "spring", *MANAGER), "Say where they are"),
        (("batch", "show", "spring"), "No batch has the code spring"),
        (("batch", "refuse", "spring", "--yes", *MANAGER), "No batch has the code spring"),
        (("card", "show", "000000000000"), "No card of a batch has this number"),
        (("card", "show", "000000000001"), "That is no card"),
        (("card", "show", "UID:04112233445566"), "No card of a batch has this chip"),
        (("card", "show", "UID:0411"), "No card of ours says that"),
        (("card", "show", f"https://pass.example.org/t/1?e={'0' * 32}&c={'0' * 16}"), "No card of ours says that"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(run: Run, words: tuple[str, ...], said: str) -> None:
    refused = run(*words)
    assert refused.exit_code == 2, refused.output
    assert said in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_blank_card_asks_for_which_pass(run: Run, folder: Path) -> None:
    card = at_the_desk(run, folder)[0]
    refused = run("card", "bind", card.number, *DESK)
    assert (refused.exit_code, "say for which pass" in refused.stderr) == (2, True)


@pytest.mark.parametrize("photo", [b"GIF89a", JPEG[:-2], JPEG[:-2] + bytes(32_768) + JPEG[-2:]])
def test_a_photo_that_no_maker_can_print_stops_the_order(run: Run, folder: Path, photo: bytes) -> None:
    zoe = resident(run)
    (folder / f"{zoe}.jpg").write_bytes(photo)
    (folder / "chips.txt").write_bytes(chip_list(chips(1)))
    done(run("batch", "order", "spring", "--pass", zoe, *MANAGER))
    refused = run(
        "batch",
        "export",
        "spring",
        "--chips",
        folder / "chips.txt",
        "--out",
        folder / "o",
        "--photos",
        folder,
        *MANAGER,
    )
    assert (refused.exit_code, "is no JPEG" in refused.stdout) == (2, True)
    assert not (folder / "o").exists()


def test_cards_open_an_https_address_or_none(run: Run, folder: Path) -> None:
    done(run("batch", "order", "spring", "--blank", "1", *MANAGER))
    (folder / "chips.txt").write_bytes(chip_list(chips(1)))
    words = ("batch", "export", "spring", "--chips", folder / "chips.txt", "--out", folder / "o", *MANAGER)
    for url in ("http://pass.example.org", "https://café.example", f"https://{'a' * 200}"):
        refused = invoke(folder, *words, url=url)
        assert (refused.exit_code, "Cards open an https:// address" in refused.stderr) == (2, True), refused.output
        assert not (folder / "o").exists()
    done(invoke(folder, *words, url="http://127.0.0.1:8400", card_url="https://pass.example.org"))
    (card,) = make((folder / "o").read_bytes(), transport(folder))
    assert card.tap().startswith("https://pass.example.org/t/1?")


def test_the_way_of_a_batch_is_rehearsed_with_a_maker_who_is_played(run: Run, folder: Path) -> None:
    done(run("batch", "order", "spring", "--blank", "3", *MANAGER))
    done(run("batch", "maker", "chips", "--count", "3", "--out", folder / "chips.txt"))
    order, said = folder / "o.jsonl", folder / "said.jsonl"
    done(run("batch", "export", "spring", "--chips", folder / "chips.txt", "--out", order, *MANAGER))
    done(run("batch", "maker", "report", order, "--out", said))
    assert "3 cards produced, 0 spoiled" in done(run("batch", "report", "spring", said, *MANAGER))
    done(run("batch", "deliver", "spring", "--desk", "town-hall", *MANAGER))
    assert re.search(r"town-hall\s+3", done(run("card", "stock")))


@pytest.mark.parametrize(
    "spoil", [lambda order: order[:-40], lambda order: order.replace(b"1", b"2", 1), lambda _: b""]
)
def test_a_maker_who_is_played_takes_no_order_that_was_altered(
    run: Run, folder: Path, spoil: Callable[[bytes], bytes]
) -> None:
    done(run("batch", "order", "spring", "--blank", "1", *MANAGER))
    whole = exported(run, folder, chips(1))
    (folder / "cut.jsonl").write_bytes(spoil(whole))
    refused = run("batch", "maker", "report", folder / "cut.jsonl", "--out", folder / "said.jsonl")
    assert (refused.exit_code, (folder / "said.jsonl").exists()) == (2, False), refused.output


# --- secrets -----------------------------------------------------------------------------------------


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
