"""`multipass people erase` and `multipass bills` on a real installation."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from adapters.antivirus import Antivirus
from adapters.clock import utc_now
from adapters.document_vault import DocumentVault
from adapters.keyring import KeyRing
from cli.main import front
from domain.portraits import Portrait
from store.database import Database
from store.tables.ledger import passage_detail, validation
from store.tables.passes import medium
from store.tables.people import holder
from tests.city import KEEP
from tests.hostile_files import letter
from tests.migrated import lay

Run = Callable[..., Result]
EXAMPLE = Path(__file__).parents[2] / "docs/examples/catalogue.toml"
ERASE = ("people", "erase", "R-1", "--motive", "objected", "--lang", "en")
SETTLE = ("bills", "settle", "1", "--as", "paid", "--reference", "TR-118")


def invoke(folder: Path, *words: str, answer: str | None = None) -> Result:
    settings = {
        "MULTIPASS_DATABASE_URL": f"sqlite:///{folder}/multipass.sqlite3",
        "MULTIPASS_KEYS_FOLDER": str(folder / "keys"),
        "MULTIPASS_DOCUMENTS_FOLDER": str(folder / "documents"),
    }
    return CliRunner().invoke(front, list(words), prog_name="multipass", env=settings, input=answer)


def said(result: Result, status: int = 0) -> str:
    assert result.exit_code == status, result.output
    return " ".join(result.output.split())


async def furnish(folder: Path) -> None:
    """One passage of R-1, for which 12.50 € are due, and a photo."""
    database = Database(f"sqlite:///{folder}/multipass.sqlite3")
    vault = DocumentVault(folder / "documents", KeyRing(folder / "keys"), Antivirus(""))
    async with database.begin() as unit:
        (authority,) = await unit.places.authorities()
        safe = await vault.keep(authority.code, unit.ids.row(), letter())
        person = await unit.people.holder(authority.id, "R-1")
        agent = await unit.agents.by_login("dora")
        door = await unit.places.gate(authority.id, "waste-centre-north-in")
        assert agent is not None
        await unit.portraits.save(
            Portrait(person.id, authority.id, safe.id, safe.wrapped_key, utc_now(), agent.id, person.id, KEEP)
        )
    site = (await database.catalogue()).doorways[door.id].site
    async with database.write() as connection:
        shown = (await connection.execute(select(medium.c.id, medium.c.pass_id))).one()
        row: dict[str, Any] = {"number": 1, "authority_id": authority.id, "keep_until": KEEP}
        await connection.execute(
            validation.insert().values(
                **row,
                recorded_at=utc_now(),
                terminal_id=agent.id,
                gate_id=door.id,
                site_id=site.id,
                service_code=site.service_code,
                direction="entry",
                medium_id=shown.id,
                pass_id=shown.pass_id,
                outcome="granted_with_warning",
                reason="overage",
                charges="[]",
            )
        )
        await connection.execute(passage_detail.insert().values(**row, billed_cents=1_250, paid_cents=0))
    await database.close()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    lay(folder / "multipass.sqlite3")
    said(invoke(folder, "authority", "add", "cornelia", "--name-fr", "Cornélia", "--name-en", "Cornelia"))
    said(invoke(folder, "catalogue", "load", str(EXAMPLE)))
    said(invoke(folder, "agent", "add", "dora", "--name", "Dora", "--role", "dpo", "--generate"))
    name = ("--first-name", "Ada", "--last-name", "Martin", "--born", "1990-12-10", "--commune", "00101")
    (folder / "number").write_text(said(invoke(folder, "pass", "issue", "R-1", *name)).split()[1])
    asyncio.run(furnish(folder))
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "installation"))


@pytest.fixture
def run(folder: Path) -> Run:
    def run_here(*words: str, answer: str | None = None) -> Result:
        return invoke(folder, *words, answer=answer)

    return run_here


def people(folder: Path) -> int:
    async def count() -> int:
        database = Database(f"sqlite:///{folder}/multipass.sqlite3")
        async with database.read() as connection:
            found = int((await connection.execute(select(func.count()).select_from(holder))).scalar_one())
        await database.close()
        return found

    return asyncio.run(count())


def photos(folder: Path) -> int:
    return len(list((folder / "documents").rglob("*.sealed")))


def test_a_dry_run_shows_what_would_go_and_what_stands_in_the_way(run: Run, folder: Path) -> None:
    shown = said(run(*ERASE, "--dry-run"), status=1)
    for line in ("holder 1 deleted", "pass 1 deleted", "validation 1 about nobody", "portrait 1 deleted"):
        assert line in shown
    assert "12.50 € are still due (passages 1; GDPR, art. 17-3 b and e)" in shown
    assert "12,50 € restent à régler" in said(run(*ERASE[:-1], "fr", "--dry-run"), status=1)
    assert (people(folder), photos(folder)) == (1, 1)


def test_what_is_due_is_settled_then_they_are_erased(run: Run, folder: Path, built: Path) -> None:
    number = (built / "number").read_text()
    refused = said(run(*ERASE, "--yes"), status=2)
    assert "12.50 € are still due" in refused
    assert "R-1 was not erased" in refused
    assert f"waste-centre-north {number} 12.50 € due" in said(run("bills", "list", "--pass", number, "--unsettled"))
    assert "The sum of passage 1 is paid." in said(run(*SETTLE, "--agent", "dora"))
    assert "No such sum." in said(run("bills", "list", "--unsettled"))
    assert "paid TR-118" in said(run("bills", "list"))
    assert people(folder) == 1
    assert "R-1 is erased." in said(run(*ERASE, "--yes", "--agent", "dora"))
    assert (people(folder), photos(folder)) == (0, 0)
    assert "No holder has this reference" in said(run(*ERASE, "--yes"), status=2)
    listed = said(run("bills", "list"))
    assert "paid" in listed
    assert number not in listed
    assert "TR-118" not in listed
    journal = said(run("journal", "search", "--agent", "dora"))
    for act in ("Erased somebody", "Wrote how a passage was settled", "Listed billed passages", "objected"):
        assert act in journal
    assert "Martin" not in journal
    assert "is whole" in said(run("journal", "verify"))


def test_it_is_asked_once_more_and_no_means_no(run: Run, folder: Path) -> None:
    said(run(*SETTLE))
    asked = run(*ERASE, answer="n\n")
    assert asked.exit_code == 2
    assert "Ada Martin (R-1) is erased for good" in asked.output
    assert people(folder) == 1
    said(run(*ERASE, answer="y\n"))
    assert people(folder) == 0


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((*SETTLE[:2], "7", *SETTLE[3:]), "No passage 7 left a sum to be paid later."),
        ((*SETTLE[:-1], " "), "A reference has 1 to 64 characters."),
        ((*SETTLE, "--agent", "nobody"), "There is no active agent nobody"),
        (("bills", "list", "--pass", "123"), "is no pass number"),
        (("people", "erase", "R-9", "--motive", "objected", "--yes"), "No holder has this reference."),
    ],
)
def test_what_cannot_be_is_said_in_one_line(run: Run, words: tuple[str, ...], why: str) -> None:
    assert why in said(run(*words), status=2)
