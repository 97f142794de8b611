"""A city whose cards are ordered by commands: what a manager and a desk type, and what they get."""

import re
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner, Result

from adapters.clock import utc_now
from adapters.keyring import KeyRing
from adapters.masters import TRANSPORT
from cli.main import front
from tests.card_maker import MadeCard, chip_list, chips, make, report
from tests.custody import make_card_masters, make_master
from tests.migrated import lay

Run = Callable[..., Result]

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


def lay_city(folder: Path) -> None:
    """A city with a manager, a desk and the keys of its cards."""
    lay(folder / "multipass.sqlite3")
    done(invoke(folder, "authority", "add", "ville", "--name-fr", "Ville", "--name-en", "Town"))
    for login, role in (("lucas", "manager"), ("ines", "desk")):
        done(invoke(folder, "agent", "add", login, "--name", login.title(), "--role", role, "--generate"))
    ring = KeyRing(folder / "keys")
    make_card_masters(ring, "ville", now=utc_now())
    make_master(ring, "ville", TRANSPORT, now=utc_now())


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
