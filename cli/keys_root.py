"""`multipass keys root`: the offline key that signs the list of an authority's keys."""

from datetime import UTC, datetime
from pathlib import Path

import rich_click as click

from adapters import roots
from adapters.clock import utc_now
from cli.key_files import make_key_file, open_key_file, read_file, read_public_half
from cli.rehearsal import dry_run_option, rehearsed, say_what_would_change
from cli.screen import say
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from nfc import key_set
from nfc.errors import CodeError
from nfc.key_set import SignedKeySet

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("root", epilog="Example: multipass keys root request --out keys.request")
def command() -> None:
    """The offline key of an authority: it signs which keys verifiers without a network may trust."""


@command.command("new", epilog="Example: multipass keys root new --out root.pem")
@click.option("--out", type=_FILE, required=True, help="Where the private half goes: a medium that is taken away.")
def new(out: Path) -> None:
    """Make a root, on a machine without a network."""
    make_key_file(out, whose="the root")
    say("Next, at the server: multipass keys root trust root.pub.pem")


@command.command("trust", epilog="Example: multipass keys root trust root.pub.pem next-root.pub.pem")
@click.argument("public", type=_FILE, nargs=-1, required=True)
@authority_option
@dry_run_option
@with_session
async def trust(session: Session, public: tuple[Path, ...], authority_code: str | None, *, dry_run: bool) -> None:
    """Name the roots of an authority: the one in force, then the one to succeed it."""
    async with session.database.look() as unit:
        authority = (await authority_of(unit, authority_code)).code
    ring = rehearsed(session, dry_run=dry_run)
    roots.trust(ring.folder, authority, tuple(map(read_public_half, public)))
    if dry_run:
        say_what_would_change(session, ring)
        return
    say(f"{len(public)} root(s) may sign for {authority}. Next: multipass keys root request --out keys.request")


@command.command("request", epilog="Example: multipass keys root request --out keys.request")
@click.option("--out", type=_FILE, required=True, help="What to carry to the root.")
@authority_option
@with_session
async def request(session: Session, out: Path, authority_code: str | None) -> None:
    """Write down the keys in force, for the root to sign."""
    async with session.database.look() as unit:
        authority = (await authority_of(unit, authority_code)).code
    asked = roots.request(session.keyring, authority, now=utc_now())
    _write(out, asked)
    _show(key_set.read_request(asked))
    say(f"Request in {out}. Next, offline: multipass keys root sign {out} --key root.pem --out keys.signed")


@command.command("sign", epilog="Example: multipass keys root sign keys.request --key root.pem --out keys.signed")
@click.argument("asked", type=_FILE, metavar="REQUEST")
@click.option("--key", type=_FILE, required=True, help="The root's private half.")
@click.option("--out", type=_FILE, required=True, help="What to carry back.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@dry_run_option
def sign(asked: Path, key: Path, out: Path, *, yes: bool, dry_run: bool) -> None:
    """Sign a request, on the machine without a network, after a look at what it says."""
    content = read_file(asked)
    try:
        _show(key_set.read_request(content))
    except CodeError as problem:
        raise Stop(f"{asked} is no request of ours: {problem}.") from None
    if dry_run:
        say(f"Would write {out}. Nothing was changed: --dry-run.")
        return
    if not yes:
        click.confirm("Sign it?", abort=True)
    _write(out, key_set.sign(open_key_file(key), content))
    say(f"Signed in {out}. Next, at the server: multipass keys root install {out}")


@command.command("install", epilog="Example: multipass keys root install keys.signed")
@click.argument("signed", type=_FILE)
@authority_option
@dry_run_option
@with_session
async def install(session: Session, signed: Path, authority_code: str | None, *, dry_run: bool) -> None:
    """Publish what the root has signed."""
    async with session.database.look() as unit:
        authority = (await authority_of(unit, authority_code)).code
    ring = rehearsed(session, dry_run=dry_run)
    try:
        found = roots.install(ring, authority, read_file(signed), now=utc_now())
    except CodeError as problem:
        raise Stop(f"{signed} is not published: {problem}.") from None
    _show(found)
    if dry_run:
        say_what_would_change(session, ring)
        return
    say(f"Published at /v1/keys/{authority}/signed.")


def _show(found: SignedKeySet) -> None:
    until = datetime.fromtimestamp(found.expires_at, UTC)
    say(f"Keys of {found.authority}, version {found.version}, good until {until:%d/%m/%Y %H:%M} UTC:")
    for same in found.keys.values():
        say(*(f"  {key.purpose:7} {key.kid.hex()}" for key in same))
    say(f"  signed next by {' or '.join(sorted(kid.hex() for kid in found.roots))}")


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
