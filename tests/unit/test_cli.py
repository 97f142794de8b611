"""The command line on a real installation of one authority, built by the migrations."""

import asyncio
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from adapters.clock import utc_now
from adapters.keyring import KeyRing, Purpose
from cli.main import front
from domain.limits import Limit, Measure, Window
from domain.passes import MediumKind, add_medium
from domain.people import Household, Subject, join
from domain.places import Gate, Passback, Site, Zone
from domain.products import Product
from domain.text import Text
from nfc import qr
from nfc.picture import find_codes
from store.database import Database

Run = Callable[..., Result]

ADA = ("--first-name", "Ada", "--last-name", "Lovelace", "--born", "1990-12-10", "--commune", "59350")
NAME = Text(fr="Piscine", en="Pool")


async def furnish(database: Database) -> None:
    """Give the authority a gate and two products."""
    async with database.begin() as unit:
        owner = (await unit.places.authorities())[0].id
        site, zone, gate = (UUID(int=number) for number in (1, 2, 3))
        await unit.places.add_site(Site(site, owner, "pool", "pool", NAME, "59350"))
        await unit.places.add_zone(Zone(zone, owner, site, "pool", None, Passback.NONE, 0))
        await unit.places.add_gate(Gate(gate, owner, zone, "pool-1", NAME))
        visits = (Limit(0, Measure.VISIT, 10_000, Window.WHOLE),)
        await unit.products.add(Product(UUID(int=4), owner, "carnet", "pool", Subject.PERSON, NAME, visits))
        waste = Text(fr="Déchèterie", en="Waste centre")
        await unit.products.add(Product(UUID(int=5), owner, "waste", "waste-centre", Subject.HOUSEHOLD, waste))
    await database.close()


def invoke(folder: Path, *words: str | Path, answer: str | None = None) -> Result:
    settings = {
        "MULTIPASS_DATABASE_URL": f"sqlite:///{folder}/multipass.sqlite3",
        "MULTIPASS_KEYS_FOLDER": str(folder / "keys"),
    }
    return CliRunner().invoke(front, [str(word) for word in words], prog_name="multipass", env=settings, input=answer)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    assert invoke(folder, "migrate").exit_code == 0
    added = invoke(folder, "authority", "add", "cornelia", "--name-fr", "Cornélia", "--name-en", "Cornelia")
    assert added.exit_code == 0, added.output
    asyncio.run(furnish(Database(f"sqlite:///{folder}/multipass.sqlite3")))
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "installation"))


@pytest.fixture
def run(folder: Path) -> Run:
    def run_here(*words: str | Path, answer: str | None = None) -> Result:
        return invoke(folder, *words, answer=answer)

    return run_here


def number_in(result: Result) -> str:
    assert result.exit_code == 0, result.output
    found = re.search(r"Pass (\d{10})", result.output)
    assert found
    return found[1]


def media_in(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return re.findall(r"\b[0-9a-f]{16}\b", result.output)


def refusal_of(result: Result) -> str:
    """The one line of an error."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("multipass: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_the_front_door_loads_nothing_of_a_server_before_one_is_built() -> None:
    """A gate's small computer runs `multipass terminal scan`; the console and its pages are none of its business."""
    said = "import sys, multipass, cli.main; print(sorted({'litestar', 'sqlalchemy', 'admin'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_new_holder_leaves_with_a_card_whose_code_their_authority_signed(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    issued = run("pass", "issue", "R-1", *ADA, "--product", "carnet", "--out", tmp_path / "out")
    number_in(issued)
    assert (tmp_path / "out" / "card.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "out" / "card.svg").read_text(encoding="utf-8").startswith("<svg")
    with Image.open(tmp_path / "out" / "card.png") as picture:
        (text,) = find_codes(picture)
    code = qr.read(text, KeyRing(folder / "keys").verify_keys(Purpose.PRINT), int(utc_now().timestamp()))
    assert code.authority == "cornelia"
    assert media_in(run("pass", "show", number_in(issued))) == [code.medium_id.hex()]


def test_a_pass_shows_its_holder_and_what_remains_of_its_rights(run: Run) -> None:
    number = number_in(run("pass", "issue", "R-1", *ADA, "--product", "carnet"))
    shown = run("pass", "show", f"{number[:4]} {number[4:8]} {number[8:]}").output
    assert "Ada Lovelace (R-1)" in shown
    assert "10 of 10 visits in all" in shown


def test_a_known_holder_gets_another_pass_by_reference(run: Run) -> None:
    first = number_in(run("pass", "issue", "R-1", *ADA))
    assert number_in(run("pass", "issue", "R-1")) != first


def test_a_reference_is_drawn_for_a_newcomer_who_brings_none(run: Run) -> None:
    drawn = re.search(r"\((R-\w{8})\)", run("pass", "issue", *ADA).output)
    assert drawn
    assert number_in(run("pass", "issue", drawn[1]))


def test_a_right_of_households_goes_to_the_holders_household(run: Run, folder: Path) -> None:
    number = number_in(run("pass", "issue", "R-1", *ADA))
    database = Database(f"sqlite:///{folder}/multipass.sqlite3")

    async def move_in() -> None:
        async with database.begin() as unit:
            owner = (await unit.places.authorities())[0].id
            holder = await unit.people.holder(owner, "R-1")
            await unit.people.add_household(Household(UUID(int=9), owner, "H-1", utc_now(), date(2099, 1, 1)))
            await join(unit, holder, UUID(int=9), since=date(2020, 1, 1))

    async def subjects() -> list[UUID]:
        async with database.look() as unit:
            return [right.subject_id for right in await unit.products.entitlements([UUID(int=9)], date(2020, 1, 1))]

    asyncio.run(move_in())
    number_in(run("pass", "issue", "R-1", "--product", "waste"))
    assert asyncio.run(subjects()) == [UUID(int=9)]
    assert "no limit" in run("pass", "show", number).output
    asyncio.run(database.close())


def test_a_right_of_households_goes_to_the_person_who_has_none(run: Run) -> None:
    number = number_in(run("pass", "issue", "R-1", *ADA, "--product", "waste"))
    assert "waste-centre" in run("pass", "show", number).output


def test_nothing_is_issued_when_one_product_is_unknown(run: Run) -> None:
    assert "nothing-like-it" in refusal_of(run("pass", "issue", "R-1", *ADA, "--product", "nothing-like-it"))
    assert "No holder has" in refusal_of(run("pass", "issue", "R-1"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Say who the pass is for"),
        (("R-404",), "No holder has"),
        (("R-1", "--first-name", "Ada"), "needs all four"),
        (("R-1", *ADA[:-1], "Lille"), "no INSEE code"),
        (("R-1", *ADA, "--from", "2027-02-01", "--until", "2027-01-01"), "before it begins"),
        (("R-1", *ADA, "--until", "2150-01-01"), "choose an earlier end"),
        (("R-1", *ADA, "--kind", "phone", "--out", "cards"), "A phone shows its own code"),
        (("R-1", *ADA, "--authority", "elsewhere"), "No authority has the code elsewhere"),
        (("R-1", *ADA[:4], "--born", "10/12/1990"), "'10/12/1990' does not match the format"),
    ],
)
def test_a_wrong_issue_is_told_in_one_line(run: Run, words: tuple[str, ...], said: str) -> None:
    assert said in refusal_of(run("pass", "issue", *words))


def test_a_holder_is_not_registered_twice(run: Run) -> None:
    number_in(run("pass", "issue", "R-1", *ADA))
    assert "already" in refusal_of(run("pass", "issue", "R-1", *ADA))


def test_a_lost_card_is_blocked_once_and_replaced_by_another_code(run: Run, tmp_path: Path) -> None:
    number = number_in(run("pass", "issue", "R-1", *ADA))
    (lost,) = media_in(run("pass", "block", number, "--reason", "lost"))[:1]
    assert "is lost" in refusal_of(run("pass", "block", number, "--reason", "lost"))
    assert "cannot become" in refusal_of(run("pass", "block", number, lost, "--reason", "suspended"))
    (new,) = media_in(run("pass", "replace", number, lost[:6], "--out", tmp_path / "out"))
    assert new != lost
    assert (tmp_path / "out" / "card.png").exists()
    shown = run("pass", "show", number).output
    assert re.search(rf"{lost}\s+print\s+replaced", shown)
    assert re.search(rf"{new}\s+print\s+active", shown)


def test_replacing_says_what_is_due_and_the_cash_office_finds_it(run: Run, tmp_path: Path) -> None:
    """Sète: 5 euros; waived for a theft that was reported."""
    fees = tmp_path / "fees.toml"
    fees.write_text("[replacement_fees.print]\nloss = 5\ntheft = 5\n", encoding="utf-8")
    assert run("catalogue", "load", fees).exit_code == 0
    number = number_in(run("pass", "issue", "R-1", *ADA))
    assert "Nothing is due" in run("pass", "fees", "--from", "2026-01-01").output
    (lost,) = media_in(run("pass", "block", number, "--reason", "lost"))[:1]
    assert "is not replaced for defect" in refusal_of(run("pass", "replace", number, lost, "--reason", "defect"))
    replaced = run("pass", "replace", number, lost)
    assert "Due: 5.00 € (loss)." in replaced.output
    (stolen,) = media_in(run("pass", "block", number, "--reason", "stolen"))[:1]
    waived = run("pass", "replace", number, stolen, "--reason", "theft_reported")
    assert "Nothing is due (theft reported)." in waived.output
    listed = run("pass", "fees", "--from", "2026-01-01").output
    assert re.search(rf"{number}\s+loss\s+5\.00 €", listed)
    assert "In all: 5.00 €." in listed
    assert "Nothing is due" in run("pass", "fees", "--from", "2026-01-01", "--until", "2026-01-02").output


def test_a_medium_in_use_is_not_replaced(run: Run) -> None:
    number = number_in(run("pass", "issue", "R-1", *ADA))
    (medium,) = media_in(run("pass", "show", number))
    assert "cannot become replaced" in refusal_of(run("pass", "replace", number, medium))


def test_which_of_several_media_to_block_is_asked(run: Run, folder: Path) -> None:
    number = number_in(run("pass", "issue", "R-1", *ADA))

    async def give_a_phone() -> None:
        database = Database(f"sqlite:///{folder}/multipass.sqlite3")
        async with database.begin() as unit:
            owner = (await unit.places.authorities())[0].id
            pass_ = await unit.passes.by_number(owner, number)
            await add_medium(unit, pass_, kind=MediumKind.PHONE, expires_at=utc_now(), now=utc_now())
        await database.close()

    asyncio.run(give_a_phone())
    printed, phone = media_in(run("pass", "show", number))
    blocked = run("pass", "block", number, "--reason", "stolen", answer="2\n")
    assert f"Medium {phone} of pass {number} is stolen" in blocked.output
    assert re.search(rf"{printed}\s+print\s+active", run("pass", "show", number).output)


def test_a_card_printed_again_carries_the_same_code(run: Run, tmp_path: Path) -> None:
    number = number_in(run("pass", "issue", "R-1", *ADA, "--out", tmp_path / "first"))
    assert run("pass", "print", number, "--out", tmp_path / "again").exit_code == 0
    assert (tmp_path / "again" / "card.svg").read_bytes() == (tmp_path / "first" / "card.svg").read_bytes()


def test_a_card_that_would_be_refused_is_not_printed(run: Run, tmp_path: Path) -> None:
    number = number_in(run("pass", "issue", "R-1", *ADA))
    (lost,) = media_in(run("pass", "block", number, "--reason", "lost"))[:1]
    assert "Replace it first" in refusal_of(run("pass", "print", number, "--medium", lost, "--out", tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_a_mistyped_pass_number_is_told_from_one_that_does_not_exist(run: Run) -> None:
    assert "no pass number" in refusal_of(run("pass", "show", "1234567890"))
    assert "No pass has" in refusal_of(run("pass", "show", "1234567897"))


def test_an_agent_gets_a_password_that_is_not_stored(run: Run, folder: Path) -> None:
    added = run("agent", "add", "ines", "--name", "Inès Roux", "--role", "desk", "--role", "manager", "--generate")
    password = re.search(r"shown this once: (\S+)", added.output)
    assert password
    assert password[1].encode() not in (folder / "multipass.sqlite3").read_bytes()
    assert re.search(r"ines\s+Inès Roux\s+desk, manager\s+cornelia\s+active", run("agent", "list").output)
    assert "already" in refusal_of(run("agent", "add", "ines", "--name", "I", "--role", "desk", "--generate"))


def test_an_agent_gets_a_role_for_one_place_and_loses_it(run: Run) -> None:
    run("agent", "add", "ines", "--name", "Inès Roux", "--role", "desk", "--generate")
    service = ("--service", "waste-centre")
    assert "site_agent at waste-centre" in run("agent", "grant", "ines", "site_agent", *service).output
    assert "there already" in refusal_of(run("agent", "grant", "ines", "site_agent", *service))
    assert "the service 'zoo'" in refusal_of(run("agent", "grant", "ines", "desk", "--service", "zoo"))
    assert "No site" in refusal_of(run("agent", "grant", "ines", "desk", "--site", "nowhere"))
    assert "name no place" in refusal_of(run("agent", "grant", "ines", "administrator", *service))
    assert "not have this role" in refusal_of(run("agent", "take-back", "ines", "site_agent"))
    assert "now: desk." in run("agent", "take-back", "ines", "site_agent", *service).output


def test_an_account_is_closed_and_opened_but_not_that_of_the_last_administrator(run: Run) -> None:
    for login in ("ada", "bea"):
        run("agent", "add", login, "--name", login.title(), "--role", "administrator", "--generate")
    assert run("agent", "close", "ada").exit_code == 0
    assert "somebody else an administrator" in refusal_of(run("agent", "close", "bea"))
    assert "somebody else an administrator" in refusal_of(run("agent", "take-back", "bea", "administrator"))
    assert "may log in again (administrator)" in run("agent", "reopen", "ada").output
    assert run("agent", "close", "bea").exit_code == 0
    assert "shown this once" in run("agent", "password", "ada", "--generate").output


def test_a_password_is_asked_for_twice_and_must_be_long(run: Run) -> None:
    words = ("agent", "add", "noe", "--name", "Noé", "--role", "desk")
    assert run(*words, answer="three good words\nthree good words\n").exit_code == 0
    short = run("agent", "add", "zoe", "--name", "Zoé", "--role", "desk", answer="short\nshort\n")
    assert short.exit_code == 2
    assert "at least 12 characters" in short.stderr


def test_a_new_key_signs_in_place_of_the_old_one(run: Run, tmp_path: Path) -> None:
    old = re.findall(r"\b[0-9a-f]{8}\b", run("keys", "list").output)[0]
    assert run("keys", "new", "--purpose", "print").exit_code == 0
    assert re.search(rf"{old}\s+print\s+cornelia\s+verifying", run("keys", "list").output)
    published = msgspec.json.decode(run("keys", "show", "--purpose", "print").output)
    assert old in {key["kid"] for key in published["keys"]}


@pytest.mark.parametrize("purpose", ["print", "phone", "bundle"])
def test_an_authority_begins_with_a_key_for_each_purpose_and_gets_more(run: Run, purpose: str) -> None:
    (first,) = re.findall(rf"\b([0-9a-f]{{8}})\s+{purpose}\s+cornelia\s+signing", run("keys", "list").output)
    assert run("keys", "new", "--purpose", purpose).exit_code == 0
    assert re.search(rf"{first}\s+{purpose}\s+cornelia\s+verifying", run("keys", "list").output)


def test_a_withdrawn_key_is_asked_about_and_no_longer_published(run: Run) -> None:
    kid = re.findall(r"\b[0-9a-f]{8}\b", run("keys", "list").output)[0]
    assert run("keys", "withdraw", kid, answer="n\n").exit_code == 2
    assert kid in run("keys", "show").output
    assert run("keys", "withdraw", kid, "--yes").exit_code == 0
    assert kid not in run("keys", "show").output
    assert "No print key signs" in refusal_of(run("pass", "issue", "R-1", *ADA))
    assert "No holder has" in refusal_of(run("pass", "issue", "R-1"))


def test_a_pairing_code_is_shown_in_two_groups_of_unmistakable_characters(run: Run) -> None:
    code = run("terminal", "code", "pool-1", "--name", "Pool 1").output.splitlines()[0]
    assert re.fullmatch(r"[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}", code)
    assert "No terminal is paired yet" in run("terminal", "list").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("terminal", "code", "nowhere", "--name", "x"), "No gate has the code nowhere"),
        (("terminal", "revoke", "seven"), "no terminal's ID"),
        (("terminal", "revoke", str(UUID(int=7))), "No such terminal"),
        (("keys", "withdraw", "00000000"), "no key 00000000"),
        (("authority", "add", "cornelia", "--name-fr", "C", "--name-en", "C"), "already"),
        (("authority", "add", "Two Words", "--name-fr", "C", "--name-en", "C"), "is no code"),
        (("authority", "add", "c", "--name-fr", "C", "--name-en", "C", "--colour", "blue"), "is no colour"),
        (("authority", "add", "c", "--name-fr", "C", "--name-en", "C", "--zone", "Lille"), "is no time zone"),
        (("migrate", "--to", "nowhere"), "nowhere"),
    ],
)
def test_a_wrong_word_is_told_in_one_line(run: Run, words: tuple[str, ...], said: str) -> None:
    assert said in refusal_of(run(*words))


def test_several_authorities_must_be_told_apart(run: Run) -> None:
    assert run("authority", "add", "ourlea", "--name-fr", "Ourléa", "--name-en", "Ourlea").exit_code == 0
    assert "--authority: cornelia, ourlea" in refusal_of(run("terminal", "list"))
    assert run("terminal", "list", "--authority", "ourlea").exit_code == 0


def test_a_setting_that_does_not_fit_is_named(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.setenv("MULTIPASS_PORT", "eighty")
    assert "port" in refusal_of(run("keys", "list"))


def test_an_empty_database_is_not_made_by_looking_at_it(tmp_path: Path) -> None:
    assert "multipass migrate" in refusal_of(invoke(tmp_path, "authority", "list"))
    assert list(tmp_path.iterdir()) == []


def test_a_migration_is_checked_done_and_undone(tmp_path: Path) -> None:
    assert invoke(tmp_path, "migrate", "--check").exit_code == 1
    assert invoke(tmp_path, "migrate", "--to", "0001").exit_code == 0
    assert "this program needs" in refusal_of(invoke(tmp_path, "authority", "list"))
    assert invoke(tmp_path, "migrate").exit_code == 0
    assert invoke(tmp_path, "migrate", "--check").exit_code == 0
    assert invoke(tmp_path, "migrate", "--to", "0001", answer="n\n").exit_code == 2
    assert invoke(tmp_path, "migrate", "--to", "0001", "--yes").exit_code == 0
    assert invoke(tmp_path, "migrate", "--check").exit_code == 1
