"""`multipass carry`: an installation in one file, and from it into an empty one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import IO

import rich_click as click
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from adapters.clock import utc_now
from adapters.key_entries import Purpose
from adapters.keyring import KeyRing
from cli.journalling import record
from cli.screen import console, say
from cli.session import Session, with_session
from cli.stop import Stop
from domain.acts import Act
from domain.errors.archives import ArchiveKeysMissing
from domain.journal import Kind, Object
from store import migrate
from store.archive.inward import bring_in, look_through, require_revision
from store.archive.outward import Heard, write_out
from store.archive.package import KeyName, Manifest, Origin, Package

_NEW = click.Path(path_type=Path, dir_okay=False)
_THERE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.group("carry", epilog="Example: multipass carry out town.zip")
def command() -> None:
    """Carry an installation out into one file, and from it into an empty one.

    The file is a ZIP of JSON lines that any program reads. Keys, documents and media are not in it. It takes a town
    from SQLite to PostgreSQL or back, and its data away from MultiPass: docs/reversibility.md.
    """


@command.command("out", epilog="Example: multipass carry out town.zip")
@click.argument("file", type=_NEW)
@with_session
async def out(session: Session, file: Path) -> None:
    """Write the whole installation into FILE, as it is at one moment. Gates go on meanwhile.

    FILE is new, and only you may read it: it names people. The journal says that it was written.
    """
    now = utc_now()
    origin = Origin(
        revision=migrate.newest(),
        program=version("multipass"),
        engine=session.database.url.get_backend_name(),
        written_at=now,
        keys=_keys_of(session.keyring),
        masters=_masters_of(session.keyring),
    )
    with _written(file) as target:
        async with session.database.begin() as unit:
            for authority in await unit.places.authorities():
                await record(session, unit, authority.id, Act.INSTALLATION_CARRIED_OUT, Object(Kind.REGISTER))
        with _progress("Carrying out") as heard:
            manifest = await write_out(session.database, target, origin, heard)
        length = target.tell()
    settings = session.settings
    say(
        f"{file}: {_size(manifest)}, {length / 1e6:,.1f} MB. Only you may read it (mode 0600).",
        "It names people: keep it as you keep the database, and delete it once it has arrived.",
        f"Not in it, to be copied apart: the keyring ({settings.keys_folder}) with its password,",
        f"documents ({settings.documents_folder}), media ({settings.media_folder}), and settings.",
    )


@command.command("in", epilog="Example: multipass carry in town.zip")
@click.argument("file", type=_THERE)
@click.option(
    "--without-keys", is_flag=True, help="Go on though keys are missing: what they have signed stays shut out."
)
@with_session
async def in_(session: Session, file: Path, *, without_keys: bool) -> None:
    """Bring FILE into this installation, whose database is migrated and empty.

    All of it or nothing: every line is held against what was written. Copy the keyring here first.
    """
    with file.open("rb") as source, Package(source) as package:
        manifest = package.manifest
        require_revision(manifest, migrate.newest())
        if not without_keys:
            _require_keys(manifest, session.keyring)
        with _progress("Carrying in") as heard:
            await bring_in(session.database, package, heard, now=utc_now())
    say(
        f"{_size(manifest)}, as of {manifest.origin.written_at:%Y-%m-%d %H:%M} UTC, are here.",
        "Leave the old installation stopped: two that are open would let people in twice and send letters twice.",
        "Agents and residents log in again; terminals find their way by themselves once they reach this server.",
    )


@command.command("check", epilog="Example: multipass carry check town.zip")
@click.argument("file", type=_THERE)
def check(file: Path) -> None:
    """Read FILE to its end, line by line, and say what it is. Nothing is written anywhere."""
    with file.open("rb") as source, Package(source) as package:
        manifest = package.manifest
        require_revision(manifest, migrate.newest())
        with _progress("Checking") as heard:
            look_through(package, heard)
    origin = manifest.origin
    say(
        f"{file} is whole: {_size(manifest)}.",
        f"Written {origin.written_at:%Y-%m-%d %H:%M} UTC by MultiPass {origin.program} from {origin.engine}, "
        f"schema {origin.revision}.",
    )


def _keys_of(keyring: KeyRing) -> tuple[KeyName, ...]:
    """Name the keys that anything in the register hangs on: agents simply log in again under another token key."""
    return tuple(
        KeyName(entry.authority, str(entry.purpose), entry.kid)
        for entry in keyring.entries
        if entry.purpose is not Purpose.TOKEN
    )


def _masters_of(keyring: KeyRing) -> tuple[str, ...]:
    return tuple(sorted(one.name for one in keyring.masters.entries))


def _require_keys(manifest: Manifest, keyring: KeyRing) -> None:
    keys, masters = _keys_of(keyring), _masters_of(keyring)
    missing = [
        *(f"{key.purpose} key {key.kid} of {key.authority}" for key in manifest.origin.keys if key not in keys),
        *(f"master {name}" for name in manifest.origin.masters if name not in masters),
    ]
    if missing:
        raise ArchiveKeysMissing(
            f"The keyring lacks {len(missing)} of the keys that the archive's installation had: "
            f"{', '.join(missing[:12])}{' …' if len(missing) > 12 else ''}. Copy its keyring folder here first; or say "
            "--without-keys: then passes are issued anew, and what lies encrypted stays shut."
        )


@contextmanager
def _written(file: Path) -> Iterator[IO[bytes]]:
    """A file that only we may read; under its own name once it is whole, and nowhere if it never is."""
    if file.exists():
        raise Stop(f"{file} is there already. Name a new file.")
    new = file.with_name(f".{file.name}.new")
    descriptor = os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as target:
            yield target
            target.flush()
            os.fsync(target.fileno())
        new.rename(file)
    finally:
        new.unlink(missing_ok=True)


@contextmanager
def _progress(words: str) -> Iterator[Heard]:
    columns = (TextColumn("{task.description:<36}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeElapsedColumn(), console=console()) as bar:
        task = bar.add_task(words, total=None)

        def heard(table: str, done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, description=f"{words}: {table}")

        yield heard


def _size(manifest: Manifest) -> str:
    filled = sum(entry.rows > 0 for entry in manifest.tables)
    return f"{manifest.rows:,} rows of {filled} tables"
