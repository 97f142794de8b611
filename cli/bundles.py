"""`multipass bundle`: what gates are given for when nobody can be asked."""

import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import rich_click as click
from click.exceptions import Exit

from adapters.clock import utc_now
from adapters.keyring import Purpose
from api.bundles import Bundles
from cli.screen import say, table
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from domain.offline import Content
from domain.services import check_service
from nfc import bundle, key_set
from nfc.bundle import Bundle
from nfc.errors import CodeError

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("bundle")
def command() -> None:
    """Make, show and verify offline bundles: what gates decide by when nobody can be asked."""


@command.command(epilog="Example: multipass bundle make pool --out pool.bundle")
@click.argument("service")
@authority_option
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the signed bundle into this file.")
@with_session
async def make(session: Session, service: str, *, authority_code: str | None, out: Path | None) -> None:
    """Make the bundle of a service, unless the last one is true still, and say what is in it.

    Running servers hand out the very same one. A timer that runs this every five minutes spares them the work.
    """
    check_service(service, of="This")
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
    started = time.perf_counter()
    made = await Bundles(session.database, session.keyring, utc_now).current(authority.id, service)
    seconds = time.perf_counter() - started
    _show(made.bundle, len(made.body))
    say(f"It took {seconds:.2f} s.")
    if out is not None:
        _write(out, made.body)


@command.command(epilog="Example: multipass bundle show pool.bundle")
@click.argument("file", type=FILE)
def show(file: Path) -> None:
    """Say what is in a bundle, whoever has signed it."""
    data = _bytes(file)
    _show(_parsed(file, data), len(data))
    say("The signature was not looked at: multipass bundle verify does.")


@command.command(epilog="Example: multipass bundle verify pool.bundle")
@click.argument("file", type=FILE)
@click.option("--newer-than", "newest", type=click.IntRange(0), default=0, help="The sequence that a gate has seen.")
@with_session
async def verify(session: Session, file: Path, *, newest: int) -> None:
    """Check a bundle as a gate of this installation would.

    Status 0 when a gate would take it, 1 when it would not.
    """
    data = _bytes(file)
    claimed = _parsed(file, data)
    trusted = session.keyring.verify_keys(Purpose.BUNDLE)
    started = time.perf_counter()
    try:
        found = bundle.read(data, trusted, authority=claimed.authority, service=claimed.service, newest=newest)
    except CodeError as refused:
        say(f"✘ {refused}")
        raise Exit(1) from None
    milliseconds = 1000 * (time.perf_counter() - started)
    if found.expires_at <= utc_now().timestamp():
        say(f"✘ expired: {_time(found.expires_at)}")
        raise Exit(1)
    say(f"✔ {found.authority}/{found.service} {found.sequence}, until {_time(found.expires_at)}.")
    say(f"Read and verified in {milliseconds:.1f} ms.")


def _bytes(file: Path) -> bytes:
    return file.read_bytes()


def _write(file: Path, signed: bytes) -> None:
    file.write_bytes(signed)
    say(f"Written to {file}.")


def _parsed(file: Path, data: bytes) -> Bundle:
    try:
        return bundle.unverified(data)
    except CodeError as problem:
        raise Stop(f"{file} is no bundle: {problem}.") from problem


def _show(found: Bundle, size: int) -> None:
    content = msgspec.json.decode(found.content, type=Content)
    say(
        f"{found.authority}/{found.service}, sequence {found.sequence}: {size:,} bytes.",
        f"Issued {_time(found.issued_at)}, expires {_time(found.expires_at)}.",
    )
    lists = (
        (str(number), f"{4 * len(places):,}", f"{_stopped(places):,}", f"{_set(found.entitled.get(number, b'')):,}")
        for number, places in sorted(found.status.items())
    )
    table(("List", "Places", "Stopped", "Entitled"), lists, empty="No medium has a place yet.")
    places = (
        (site.code, site.policy.fails, str(site.policy.entries), str(len(site.gates)), str(len(site.days)))
        for site in content.sites
    )
    table(("Site", "Fails", "Entries a day", "Gates", "Days"), places, empty="No site.")
    say(f"Keys: {_keys(found.keys)}")


def _stopped(places: bytes) -> int:
    return sum((byte >> shift & 3) != 0 for byte in places if byte for shift in (0, 2, 4, 6))


def _set(places: bytes) -> int:
    return int.from_bytes(places, "little").bit_count()


def _keys(signed: bytes) -> str:
    if not signed:
        return "none signed; the authority has no root yet (multipass keys root new)."
    try:
        found = key_set.unverified(signed)
    except CodeError as problem:
        return f"{len(signed)} bytes that are no key set ({problem})."
    return f"set {found.version}, {sum(len(same) for same in found.keys.values())} keys, {_time(found.expires_at)}."


def _time(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
