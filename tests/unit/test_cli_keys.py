"""`multipass keys`: rotation, the root, the secret and the two custodians, as people at a keyboard do it."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters import roots
from adapters.clock import utc_now
from adapters.keyring import KeyRing, KeyState, Purpose
from cli.main import front
from nfc import key_set
from nfc.diversify import Slot
from tests.migrated import lay

pytestmark = pytest.mark.usefixtures("quick_secrets")

Run = Callable[..., Result]

SECRET = "the secret of this keyring"
PASSWORD = "a password of one's own"
TWICE = f"{PASSWORD}\n{PASSWORD}\n"


def invoke(folder: Path, *words: str | Path, answer: str | None = None, secret: str = SECRET) -> Result:
    settings = {
        "MULTIPASS_DATABASE_URL": f"sqlite:///{folder}/multipass.sqlite3",
        "MULTIPASS_KEYS_FOLDER": str(folder / "keys"),
        "MULTIPASS_KEY_PASSWORD": secret,
    }
    return CliRunner().invoke(front, [str(word) for word in words], prog_name="multipass", env=settings, input=answer)


@pytest.fixture(scope="module")
def built(quick_secrets: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    lay(folder / "multipass.sqlite3")
    added = invoke(folder, "authority", "add", "ville", "--name-fr", "Ville", "--name-en", "Town")
    assert added.exit_code == 0, added.output
    for name in ("alice", "bruno", "carla", "root"):
        made = invoke(folder, "keys", "custodian", "key", "--out", folder / f"{name}.pem", answer=TWICE)
        assert made.exit_code == 0, made.output
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "installation"))


@pytest.fixture
def run(folder: Path) -> Run:
    def run_here(*words: str | Path, answer: str | None = None, secret: str = SECRET) -> Result:
        return invoke(folder, "keys", *words, answer=answer, secret=secret)

    return run_here


def ring(folder: Path, secret: str = SECRET) -> KeyRing:
    return KeyRing(folder / "keys", password=secret)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "keys").iterdir()}


def both(folder: Path, first: str = "alice", second: str = "bruno") -> tuple[str | Path, ...]:
    return ("--custodian", folder / f"{first}.pem", "--custodian", folder / f"{second}.pem")


def appoint(run: Run, folder: Path) -> None:
    for name in ("alice", "bruno"):
        added = run("custodian", "add", name, folder / f"{name}.pub.pem")
        assert added.exit_code == 0, added.output


# --- keys that sign ---------------------------------------------------------------------------------


def test_rotation_publishes_the_next_key_first_and_lets_it_sign_a_fortnight_later(run: Run, folder: Path) -> None:
    old = ring(folder).signing_key("ville", Purpose.PHONE).kid
    assert "is published" in run("rotate", "--purpose", "phone").output
    coming = ring(folder).coming("ville", Purpose.PHONE)
    assert coming is not None
    assert ring(folder).signing_key("ville", Purpose.PHONE).kid == old
    assert bytes.fromhex(coming.kid) in ring(folder).verify_keys(Purpose.PHONE), "accepted before its first signature"

    early = run("rotate", "--purpose", "phone")
    assert early.exit_code == 2
    assert "may sign from" in early.stderr

    assert "signs phone from now on" in run("rotate", "--purpose", "phone", "--at-once").output
    states = {entry.kid: entry.state for entry in ring(folder).entries}
    assert (states[old.hex()], states[coming.kid]) == (KeyState.VERIFYING, KeyState.SIGNING)


def test_the_key_takes_over_by_itself_once_the_fortnight_is_over(folder: Path) -> None:
    there, now = ring(folder), utc_now()
    entry = there.announce("ville", Purpose.PRINT, now=now)
    wait = timedelta(days=14)
    assert there.take_over("ville", Purpose.PRINT, now=now + wait, announced=wait).kid == entry.kid


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("new", "--purpose", "print"),
            ("Would make key", "signing -> verifying", "Would write the file keyring.json"),
        ),
        (("rotate", "--purpose", "phone"), ("phone, ville): coming", "Would write the file keyring.json")),
        (("withdraw", "KID"), ("signing -> withdrawn", "Would write the file keyring.json")),
        (("master", "withdraw", "uid"), ("master ville uid 1: in force -> withdrawn",)),
        (("custodian", "add", "alice", "alice.pub.pem"), ("Would make custodian alice",)),
        (("root", "trust", "root.pub.pem"), ("Would write the file root-ville.json",)),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_a_dry_run_says_what_would_change_and_changes_nothing(
    run: Run, folder: Path, words: tuple[str, ...], said: tuple[str, ...]
) -> None:
    kid = ring(folder).signing_key("ville", Purpose.PRINT).kid.hex()
    before = content(folder)
    shown = run(
        *(kid if word == "KID" else folder / word if word.endswith(".pem") else word for word in words), "--dry-run"
    )
    assert shown.exit_code == 0, shown.output
    assert all(part in shown.output for part in said), shown.output
    assert "Nothing was changed" in shown.output
    assert content(folder) == before


def test_a_new_secret_opens_the_keyring_and_the_old_one_no_longer(run: Run, folder: Path) -> None:
    (folder / "new-secret").write_text("another secret of it\n")
    uid_key, before = ring(folder).uid_key("ville"), content(folder)
    assert (
        "Would write the file secrets.json" in run("rewrap", "--secret-file", folder / "new-secret", "--dry-run").output
    )
    assert content(folder) == before
    assert run("rewrap", "--secret-file", folder / "new-secret").exit_code == 0
    assert ring(folder, "another secret of it").uid_key("ville") == uid_key
    assert run("show", secret="another secret of it").exit_code == 0
    assert run("show").exit_code == 2


# --- the root ---------------------------------------------------------------------------------------


def test_the_root_signs_offline_and_a_verifier_that_pinned_it_trusts_the_keys(run: Run, folder: Path) -> None:
    assert run("root", "request", "--out", folder / "asked").exit_code == 2, "there is no root yet"
    assert run("root", "trust", folder / "root.pub.pem").exit_code == 0
    assert run("root", "request", "--out", folder / "asked").exit_code == 0
    signed = run(
        "root", "sign", folder / "asked", "--key", folder / "root.pem", "--out", folder / "signed",
        answer=f"y\n{PASSWORD}\n",
    )  # fmt: skip
    assert signed.exit_code == 0, signed.output
    assert all(purpose in signed.output for purpose in ("print", "phone", "bundle", "version 1"))
    assert run("root", "install", folder / "signed").exit_code == 0

    there = ring(folder)
    pinned = roots._as_keys(roots.trusted(there.folder, "ville"), "ville")
    found = key_set.read(
        roots.published(there, "ville"), pinned, authority="ville", now=int(utc_now().timestamp()), last_version=0
    )
    assert found.version == 1
    assert there.signing_key("ville", Purpose.PRINT).kid in found.keys

    again = run("root", "install", folder / "signed")
    assert (again.exit_code, "does not follow" in again.stderr) == (2, True)


def test_what_changed_since_the_request_is_not_published(run: Run, folder: Path) -> None:
    run("root", "trust", folder / "root.pub.pem")
    run("root", "request", "--out", folder / "asked")
    run("new", "--purpose", "print")
    run(
        "root", "sign", folder / "asked", "--key", folder / "root.pem", "--out", folder / "signed", "--yes",
        answer=f"{PASSWORD}\n",
    )  # fmt: skip
    refused = run("root", "install", folder / "signed")
    assert (refused.exit_code, "have changed" in refused.stderr) == (2, True)


def test_another_key_than_the_root_signs_in_vain(run: Run, folder: Path) -> None:
    run("root", "trust", folder / "root.pub.pem")
    run("root", "request", "--out", folder / "asked")
    run(
        "root", "sign", folder / "asked", "--key", folder / "carla.pem", "--out", folder / "signed", "--yes",
        answer=f"{PASSWORD}\n",
    )  # fmt: skip
    refused = run("root", "install", folder / "signed")
    assert (refused.exit_code, "unknown_key" in refused.stderr) == (2, True)


# --- two custodians ---------------------------------------------------------------------------------


def test_two_custodians_make_take_out_and_bring_back_a_master(run: Run, folder: Path) -> None:
    appoint(run, folder)
    for kind in ("card-1", "card-2"):
        made = run("master", "make", kind, *both(folder), answer=f"{PASSWORD}\n{PASSWORD}\n")
        assert made.exit_code == 0, made.output
    master = ring(folder).card_master("ville", Slot.SERVER, 1)
    assert ring(folder).card_versions("ville") == (1,)

    out = run("master", "export", "card-2", *both(folder), "--out", folder / "out", answer=f"{PASSWORD}\n{PASSWORD}\n")
    assert out.exit_code == 0, out.output
    shares = sorted((folder / "out").iterdir())
    assert [path.name for path in shares] == ["ville-card-2-1.alice.share", "ville-card-2-1.bruno.share"]
    assert not any(master.hex() in path.read_text() or master in path.read_bytes() for path in shares)

    (folder / "keys" / "secrets.json").unlink()
    appoint(run, folder)
    brought = run(
        "master", "import", "card-2", *both(folder), "--share", shares[0], "--share", shares[1],
        answer=f"{PASSWORD}\n{PASSWORD}\n",
    )  # fmt: skip
    assert brought.exit_code == 0, brought.output
    assert ring(folder).card_master("ville", Slot.SERVER, 1) == master
    assert "import ville card-2 1" in run("master", "list").output


@pytest.mark.parametrize("deed", ["make", "export", "import"])
def test_one_custodian_alone_gets_nowhere(run: Run, folder: Path, deed: str) -> None:
    appoint(run, folder)
    if deed == "export":
        assert run("master", "make", "card-2", *both(folder), answer=f"{PASSWORD}\n{PASSWORD}\n").exit_code == 0
    more: dict[str, tuple[str | Path, ...]] = {"make": (), "export": ("--out", folder / "out"), "import": ()}
    before = content(folder)
    for who in (
        ("--custodian", folder / "alice.pem"),
        both(folder, "alice", "alice"),
        both(folder, "alice", "carla"),
    ):
        alone = run("master", deed, "card-2", *who, *more[deed], answer=f"{PASSWORD}\n{PASSWORD}\n")
        assert alone.exit_code == 2, alone.output
    assert content(folder) == before
    assert not (folder / "out").exists()


def test_a_custodian_without_the_password_is_not_there(run: Run, folder: Path) -> None:
    appoint(run, folder)
    wrong = run("master", "make", "card-2", *both(folder), answer=f"{PASSWORD}\nguess\n")
    assert (wrong.exit_code, "wrong password" in wrong.stderr) == (2, True)


def test_a_third_custodian_needs_the_two_there_are(run: Run, folder: Path) -> None:
    appoint(run, folder)
    third = ("custodian", "add", "carla", folder / "carla.pub.pem")
    assert run(*third).exit_code == 2
    assert run(*third, *both(folder), answer=f"{PASSWORD}\n{PASSWORD}\n").exit_code == 0
    assert "carla" in run("custodian", "list").output


def test_without_a_secret_no_master_is_made(run: Run) -> None:
    refused = run("master", "make", "card-2", secret="")
    assert (refused.exit_code, "key_password" in refused.stderr) == (2, True)


def test_no_password_and_no_secret_is_repeated_on_the_screen(run: Run, folder: Path) -> None:
    appoint(run, folder)
    made = run("master", "make", "card-2", *both(folder), answer=f"{PASSWORD}\n{PASSWORD}\n")
    master = ring(folder).card_master("ville", Slot.SERVER, 1)
    assert not any(secret in made.output for secret in (PASSWORD, SECRET, master.hex()))
