"""`multipass batch export` and `report`: the files that travel between an authority and its card maker."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import rich_click as click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from adapters.card_order import Face, Order, address_of, transport_version, write_order
from adapters.clock import utc_now
from adapters.maker_files import read_chips, read_report
from api.batch_files import photos_of
from cli.account import agent_of, agent_option
from cli.journalling import record
from cli.rehearsal import dry_run_option, tried
from cli.requests import vault_of
from cli.screen import console, say, table
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from domain import personalisation
from domain.acts import Act
from domain.agents import Permission
from domain.errors.cards import BatchFileRefused
from domain.journal import Kind, Object
from nfc import uid as uids
from store import batches
from store.portraits import portraits_in

FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
_SHOWN = 20
"""Flaws of a file on one screen."""

code_argument = click.argument("code")


@click.command("export", epilog="Example: multipass batch export 2026-spring --chips chips.txt --out order.jsonl")
@code_argument
@click.option("--chips", type=FILE, required=True, help="The maker's list: the UID of a chip on each line.")
@click.option("--out", type=FILE, required=True, help="Where the order goes; only you may read it.")
@click.option("--transport", type=click.IntRange(1, 255), help="Version of the transport key; the newest unless given.")
@click.option(
    "--photos", type=_FOLDER, help="Folder with NUMBER.jpg, at most 32 KiB each, before the photos taken at desks."
)
@agent_option
@authority_option
@dry_run_option
@with_session
async def export(
    session: Session,
    code: str,
    *,
    chips: Path,
    out: Path,
    transport: int | None,
    photos: Path | None,
    login: str,
    authority_code: str | None,
    dry_run: bool,
) -> None:
    """Write the order of a batch for its maker, once: numbers, chip contents, and keys under the transport key."""
    agent = await agent_of(session, login, authority_code, Permission.CARD_BATCH)
    with _refusals_told(chips), _new_file(out, dry_run=dry_run) as file:
        with chips.open("rb") as listed:
            read = read_chips(listed)
        # Derived, signed and written before the transaction: gates wait for none of it.
        async with session.database.look() as unit:
            authority = await authority_of(unit, authority_code)
            batch = await unit.batches.by_code(authority.id, code)
            key = session.keyring.uid_key(authority.code)
            cards = await personalisation.pair_chips(unit, batch, [uids.digest(key, uid) for uid in read])
        async with session.database.read() as connection:
            names = await batches.names(connection, batch.id)
            kept = photos_of(vault_of(session), authority, await portraits_in(connection, authority.id, batch.id))
        with _progress("cards", batch.size) as bar:
            digest = write_order(
                file,
                session.keyring,
                Order(
                    authority,
                    batch,
                    address_of(session.settings.cards_open),
                    transport or transport_version(session.keyring, authority.code),
                ),
                zip(cards, read, strict=True),
                faces={sequence: Face(*face) for sequence, face in names.items()},
                photo_of=lambda face: _photo(photos, face) or kept(face),
                heard=bar,
            )
        # On the disk before the batch counts as sent: it is written once.
        file.flush()
        os.fsync(file.fileno())
        async with tried(session, dry_run=dry_run) as unit:
            held = await unit.batches.hold(authority.id, code)
            await personalisation.send(unit, held, cards, file_digest=digest, agent_id=agent.id, now=utc_now())
            await record(session, unit, authority.id, Act.BATCH_SENT, Object(Kind.BATCH, code), by=agent)
    say(f"Order of batch {code}: {batch.size:,} cards, SHA-256 {digest.hex()}.")
    if not dry_run:
        say(f"It is in {out}. It is written once: keep it until the report is read.")
        say(f"Next: multipass batch report {code} FILE")


@click.command("report", epilog="Example: multipass batch report 2026-spring report.jsonl --agent lucas")
@code_argument
@click.argument("file", type=FILE)
@agent_option
@authority_option
@dry_run_option
@with_session
async def report(
    session: Session, code: str, file: Path, *, login: str, authority_code: str | None, dry_run: bool
) -> None:
    """Read the maker's report on a batch: all of it, or nothing."""
    agent = await agent_of(session, login, authority_code, Permission.CARD_BATCH)
    with _refusals_told(file):
        async with session.database.look() as unit:
            authority = await authority_of(unit, authority_code)
        with file.open("rb") as lines:
            said = read_report(lines, session.keyring.uid_key(authority.code))
        async with tried(session, dry_run=dry_run) as unit:
            batch = await unit.batches.hold(authority.id, code)
            settled = await personalisation.settle(unit, batch, said, agent_id=agent.id, now=utc_now())
            await record(session, unit, authority.id, Act.BATCH_REPORTED, Object(Kind.BATCH, code), by=agent)
    produced = sum(one.produced for one in said.cards)
    say(f"Batch {code} is {words(settled.state)}: {produced:,} cards produced, {settled.size - produced:,} spoiled.")
    if produced:
        say(f"Next: multipass batch deliver {code} --desk DESK, or --by-post for cards that bear a name")


def words(state: str) -> str:
    """A state of a batch or a card as people read it."""
    return state.replace("_", " ")


def _photo(folder: Path | None, face: Face) -> bytes | None:
    path = folder / f"{face.pass_number}.jpg" if folder is not None else None
    return path.read_bytes() if path is not None and path.exists() else None


@contextmanager
def _new_file(path: Path, *, dry_run: bool) -> Iterator[IO[bytes]]:
    """Open a file that was not there, for our eyes only; it stays if all goes well. A dry run's has no name."""
    if dry_run:
        with tempfile.TemporaryFile() as file:
            yield file
        return
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        try:
            yield file
        except BaseException:
            path.unlink()
            raise


@contextmanager
def _progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(), disable=not sys.stdout.isatty(), transient=True) as bars:
        task = bars.add_task(what, total=total)
        yield lambda done: bars.update(task, completed=done)


@contextmanager
def _refusals_told(path: Path) -> Iterator[None]:
    """Show what is wrong with a file, line by line.

    Raises:
        Stop: something is.
    """
    try:
        yield
    except BatchFileRefused as refused:
        rows = ((str(flaw.line or ""), flaw.what) for flaw in refused.flaws[:_SHOWN])
        table(("Line", "What is wrong"), rows, empty="")
        count = len(refused.flaws)
        raise Stop(
            f"{path.name} is refused and nothing of it was taken: {count} {'flaw' if count == 1 else 'flaws'}."
        ) from None
