"""`--dry-run`: everything is done, nothing is kept. Of the keyring, what would have changed is said."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress

import click

from adapters.keyring import KeyRing
from cli.screen import say
from cli.session import Session
from domain.ports import Unit

dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")


def rehearsed(session: Session, *, dry_run: bool) -> KeyRing:
    """Return the keyring to work on."""
    return session.keyring.rehearsal() if dry_run else session.keyring


class _NothingWritten(Exception):
    """It was only tried."""


@asynccontextmanager
async def tried(session: Session, *, dry_run: bool) -> AsyncIterator[Unit]:
    """Open a unit of work, which a dry run leaves without a commit, saying so."""
    with suppress(_NothingWritten):
        async with session.database.begin() as unit:
            yield unit
            if dry_run:
                raise _NothingWritten
    if dry_run:
        say("Nothing was written: this was a dry run.")


def say_what_would_change(session: Session, ring: KeyRing) -> None:
    """Compare a rehearsal with what there is."""
    lines = [
        *_changes("key", _keys(session.keyring), _keys(ring)),
        *_changes("master", _masters(session.keyring), _masters(ring)),
        *_changes("custodian", _custodians(session.keyring), _custodians(ring)),
        *(f"Would {deed} the file {name}." for name, deed in sorted(ring.folder.would_change.items())),
    ]
    say(*(lines or ["Nothing would change."]))
    say("Nothing was changed: --dry-run. A new key is drawn when it is made, so its name will be another.")


def _keys(ring: KeyRing) -> dict[str, str]:
    return {f"{one.kid} ({one.purpose}, {one.authority or 'installation'})": str(one.state) for one in ring.entries}


def _masters(ring: KeyRing) -> dict[str, str]:
    return {one.name: str(one.state) for one in ring.masters.entries}


def _custodians(ring: KeyRing) -> dict[str, str]:
    return {f"{one.name} ({one.fingerprint})": "trusted" for one in ring.masters.custodians}


def _changes(what: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for name in {**before, **after}:
        match before.get(name), after.get(name):
            case None, str(now):
                yield f"Would make {what} {name}: {now}."
            case str(then), None:
                yield f"Would take away {what} {name}: {then} until now."
            case then, now if then != now:
                yield f"Would change {what} {name}: {then} -> {now}."
