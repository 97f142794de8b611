"""Households and organisations on the command line, on a real installation."""

import asyncio
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import front
from domain.limits import Limit, Measure, Window
from domain.people import Subject
from domain.products import Product
from domain.text import Text
from store.database import Database
from tests.migrated import lay

Run = Callable[..., Result]

NAMES = {"R-1": "Ada", "R-2": "Grace", "R-3": "Alan"}


def invoke(folder: Path, *words: str) -> Result:
    settings = {
        "MULTIPASS_DATABASE_URL": f"sqlite:///{folder}/multipass.sqlite3",
        "MULTIPASS_KEYS_FOLDER": str(folder / "keys"),
    }
    return CliRunner().invoke(front, list(words), prog_name="multipass", env=settings)


def said(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.output


def refusal_of(result: Result) -> str:
    assert result.exit_code == 2, result.output
    assert result.stderr.count("\n") == 1
    return result.stderr


async def sell(folder: Path) -> None:
    """Offer 24 visits to households and 4 a month to organisations."""
    database = Database(f"sqlite:///{folder}/multipass.sqlite3")
    async with database.begin() as unit:
        owner = (await unit.places.authorities())[0].id
        for code, subject, limit in (
            ("waste", Subject.HOUSEHOLD, Limit(0, Measure.VISIT, 24_000, Window.YEAR)),
            ("firms", Subject.ORGANISATION, Limit(0, Measure.VISIT, 4_000, Window.MONTH)),
        ):
            name = Text(fr="Déchèterie", en="Waste centre")
            await unit.products.add(Product(unit.ids.row(), owner, code, "waste-centre", subject, name, (limit,)))
    await database.close()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    lay(folder / "multipass.sqlite3")
    said(invoke(folder, "authority", "add", "cornelia", "--name-fr", "Cornélia", "--name-en", "Cornelia"))
    asyncio.run(sell(folder))
    for reference, first_name in NAMES.items():
        name = ("--first-name", first_name, "--last-name", "Martin", "--born", "1990-12-10", "--commune", "59350")
        said(invoke(folder, "pass", "issue", reference, *name))
    said(invoke(folder, "household", "found", "F-1", "--commune", "59350"))
    for reference in ("R-1", "R-2"):
        said(invoke(folder, "household", "add-member", "F-1", reference))
    said(invoke(folder, "pass", "issue", "R-1", "--product", "waste", "--until", "2099-01-01"))
    return folder


@pytest.fixture
def run(built: Path, tmp_path: Path) -> Run:
    copy = Path(shutil.copytree(built, tmp_path / "installation"))

    def run_here(*words: str) -> Result:
        return invoke(copy, *words)

    return run_here


def test_a_household_shows_where_it_lives_who_belongs_to_it_and_what_remains(run: Run) -> None:
    shown = said(run("household", "show", "F-1"))
    assert re.search(r"59350, from .+ on", shown)
    assert re.search(r"R-1\s+Ada Martin\s+from .+ on\s+member", shown)
    assert "24 of 24 visits this year" in shown


def test_a_household_moves_with_its_members(run: Run) -> None:
    moved = said(run("household", "move", "F-1", "--commune", "59512", "--on", "2090-01-01"))
    assert "F-1 lives in 59512 from 1 January 2090 on." in moved
    assert "With it: Ada Martin (R-1), Grace Martin (R-2)." in moved
    shown = said(run("household", "show", "F-1"))
    assert "to 31 December 2089" in shown
    assert "59512, from 1 January 2090 on" in shown


def test_a_split_shares_what_runs_and_the_new_household_waits_for_a_right_of_its_own(run: Run) -> None:
    split = said(run("household", "split", "F-1", "R-2", "--as", "F-2", "--commune", "59512"))
    assert "It shares the running rights of F-1 until 31 December 2098." in split
    assert re.search(r"R-2\s+Grace Martin\s+.+\s+left, shares what was running", said(run("household", "show", "F-1")))
    assert re.search(r"R-2\s+Grace Martin\s+.+\s+member", said(run("household", "show", "F-2")))
    assert "until 2099-01-01" in refusal_of(run("pass", "issue", "R-2", "--product", "waste"))

    # Whoever gives up what they share may have the household's own right at once.
    said(run("household", "remove-member", "F-1", "R-2"))
    said(run("pass", "issue", "R-2", "--product", "waste"))
    assert "24 of 24 visits this year" in said(run("household", "show", "F-2"))


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("household", "show", "F-404"), "No household has the reference F-404"),
        (("household", "found", "F-1", "--commune", "59350"), "There is a household F-1 already"),
        (("household", "found", "F-2", "--commune", "Lille"), "'Lille' is no INSEE code"),
        (("household", "add-member", "F-1", "R-1"), "R-1 is a member from"),
        (("household", "add-member", "F-1", "R-404"), "No holder has"),
        (("household", "remove-member", "F-1", "R-3"), "R-3 is no member"),
        (("household", "move", "F-1", "--commune", "59512", "--on", "1999-01-01"), "a move may be recorded from"),
        (("household", "split", "F-1", "R-1", "R-2", "--as", "F-2", "--commune", "59350"), "Everybody would leave"),
        (("household", "split", "F-1", "R-3", "--as", "F-2", "--commune", "59350"), "R-3 does not live in F-1"),
        (("guardian", "add", "R-1", "R-1", "--kind", "tutor"), "R-1 cannot be their own guardian"),
        (("guardian", "add", "R-1", "R-2", "--kind", "parent"), "R-1 is of age from 2008-12-10 on"),
        (("guardian", "end", "R-1", "R-2"), "R-2 does not act for R-1"),
        (("organisation", "show", "PRO-404"), "No organisation has the reference PRO-404"),
        (("pass", "issue", "R-1", "--product", "firms"), "R-1 belongs to no organisation"),
        (("pass", "issue", "R-1", "--product", "firms", "--organisation", "PRO-9"), "belong to an organisation PRO-9"),
    ],
)
def test_a_step_that_leads_nowhere_is_told_in_one_line(run: Run, words: tuple[str, ...], reason: str) -> None:
    assert reason in refusal_of(run(*words))


FIRM = ("--name", "Menuiserie Roux", "--kind", "professional", "--commune", "59350")


def test_a_firm_gets_members_and_a_right(run: Run) -> None:
    registered = said(run("organisation", "register", "PRO-1", *FIRM, "--registration", "732 829 320 00074"))
    assert "Menuiserie Roux (PRO-1) is registered." in registered
    added = said(run("organisation", "add-member", "PRO-1", "R-3", "--until", "2090-01-01"))
    assert "Alan Martin (R-3) works with Menuiserie Roux, from" in added
    said(run("pass", "issue", "R-3", "--product", "firms"))
    shown = said(run("organisation", "show", "PRO-1"))
    assert "professional, 73282932000074, 59350" in shown
    assert re.search(r"R-3\s+Alan Martin\s+from .+ to 31 December 2089\s+member", shown)
    assert "4 of 4 visits this month" in shown
    left = said(run("organisation", "remove-member", "PRO-1", "R-3", "--on", "2089-01-01"))
    assert "From 1 January 2089 on, Alan Martin (R-3) spends nothing of Menuiserie Roux." in left
    assert "to 31 December 2088" in said(run("organisation", "show", "PRO-1"))


def test_a_firm_without_a_siret_that_checks_is_refused(run: Run) -> None:
    assert "is registered with its SIRET" in refusal_of(run("organisation", "register", "PRO-1", *FIRM))
    wrong = run("organisation", "register", "PRO-1", *FIRM, "--registration", "73282932000075")
    assert "a digit may be wrong, or two swapped" in refusal_of(wrong)


def test_a_guardian_is_appointed_listed_and_discharged(run: Run) -> None:
    child = ("--first-name", "Emmy", "--last-name", "Martin", "--born", "2085-03-01", "--commune", "59350")
    said(run("pass", "issue", "R-9", *child, "--from", "2090-01-01"))
    added = said(run("guardian", "add", "R-9", "R-1", "--kind", "parent", "--from", "2085-03-01"))
    assert "Ada Martin (R-1) acts for Emmy Martin (R-9), from 1 March 2085 to 28 February 2103." in added
    said(run("guardian", "add", "R-2", "R-3", "--kind", "tutor"))
    for reference in ("R-2", "R-3"):
        listed = said(run("guardian", "list", reference))
        assert re.search(r"Alan Martin \(R-3\)\s+Grace Martin \(R-2\)\s+tutor\s+from .+ on", listed)
    ended = said(run("guardian", "end", "R-2", "R-3"))
    assert "Alan Martin (R-3) does not act for Grace Martin (R-2) any more." in ended
    assert "Nobody acts for Grace Martin (R-2)" in said(run("guardian", "list", "R-2"))
    minor = refusal_of(run("guardian", "add", "R-2", "R-9", "--kind", "tutor"))
    assert "R-9 comes of age on 2103-03-01" in minor


def test_a_resident_gets_a_code_for_an_account_on_the_screen_or_on_paper(run: Run, tmp_path: Path) -> None:
    shown = said(run("resident", "code", "R-1"))
    assert re.search(r"Ada Martin \(R-1\): (?:[2-9A-Z]{4}-){3}[2-9A-Z]{4}, until ", shown)
    letter = tmp_path / "r-1.pdf"
    written = said(run("resident", "code", "R-1", "--mandate", "--letter", str(letter), "--english"))
    assert letter.read_bytes().startswith(b"%PDF")
    assert not re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", written), "what stands on paper is not shown"
    assert "Ada Martin (R-1) has no account" in refusal_of(run("resident", "unlink", "R-1"))
    assert "No holder has this reference" in refusal_of(run("resident", "code", "R-77"))
