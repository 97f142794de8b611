"""`multipass batch` and `card`: what a manager and a desk type, with a maker in software between them."""

import re
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.batch_commands import (
    DESK,
    MANAGER,
    Run,
    at_the_desk,
    done,
    exported,
    invoke,
    lay_city,
    reported,
    resident,
    transport,
)
from tests.card_maker import chip_list, chips, make, read_order, report

JPEG = b"\xff\xd8\xff\xe0" + bytes(200) + b"\xff\xd9"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    lay_city(folder)
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "installation"))


@pytest.fixture
def run(folder: Path) -> Run:
    def run_here(*words: str | Path, answer: str | None = None) -> Result:
        return invoke(folder, *words, answer=answer)

    return run_here


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
