"""`multipass keys master` and `multipass keys custodian`: what takes two people."""

import os
from pathlib import Path

import msgspec
import rich_click as click

from adapters.clock import utc_now
from adapters.custody import NEEDED, Act, Approval, Custodian, Deed
from adapters.keyring import KeyRing
from adapters.masters import KINDS, TRANSPORT
from adapters.secrets_file import MasterState, name_of
from adapters.shares import Share, unseal
from cli.key_files import make_key_file, open_key_file, read_file, read_public_half
from cli.rehearsal import dry_run_option, rehearsed, say_what_would_change
from cli.screen import long_date, say, table
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from nfc import keys
from nfc.keys import SigningKey
from nfc.personalisation import key_check

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)

_two = click.option(
    "--custodian",
    "key_files",
    type=_FILE,
    multiple=True,
    help="Key file of a custodian who is present; twice. Each types their own password.",
)
_kind = click.argument("kind", type=click.Choice(KINDS), metavar="KIND")
_version = click.option("--version", type=click.IntRange(1, 255), default=1, show_default=True, help="Which version.")


@click.group("master", epilog="Example: multipass keys master list")
def masters() -> None:
    """Secrets that keys of cards and sectors are derived from: two custodians make, bring or take one."""


@click.group("custodian", epilog="Example: multipass keys custodian list")
def custodians() -> None:
    """People without two of whom no master is made, brought or taken."""


@masters.command("list", epilog="Example: multipass keys master list")
@with_session
async def list_masters(session: Session) -> None:
    """List the masters, and what custodians agreed to."""
    ring = session.keyring
    rows = (
        (one.authority, one.kind, str(one.version), one.state, long_date(one.created_at))
        for one in ring.masters.entries
    )
    table(("Authority", "Master", "Version", "State", "Made"), rows, empty="There is no master yet.")
    for past in ring.masters.acts:
        say(f"{past.act.at:%d/%m/%Y %H:%M} {past.act.deed} {past.act.subject}")
    if not ring.has_secret:
        say("They lie open to whoever reads the folder: set key_password, then multipass keys rewrap.")


@masters.command("make", epilog="Example: multipass keys master make card-2 --custodian a.pem --custodian b.pem")
@_kind
@_version
@authority_option
@_two
@dry_run_option
@with_session
async def make(
    session: Session, kind: str, version: int, authority_code: str | None, key_files: tuple[Path, ...], *, dry_run: bool
) -> None:
    """Draw a master that nobody sees.

    KIND is card-0 to card-4 (the slots of a card), transport (to a card maker), uid or pseudonym.
    """
    authority, ring = await _opened(session, authority_code, dry_run=dry_run)
    approval, _ = _approved("make", name_of(authority, kind, version), key_files)
    ring.change_masters(lambda all_: all_.make(authority, kind, version, approval=approval, now=approval.act.at))
    if dry_run:
        say_what_would_change(session, ring)
        return
    say(f"Master {name_of(authority, kind, version)} is made. Next: multipass keys master export {kind}")


@masters.command(
    "export", epilog="Example: multipass keys master export card-2 --custodian a.pem --custodian b.pem --out ."
)
@_kind
@_version
@authority_option
@_two
@click.option("--out", type=_FOLDER, required=True, help="Folder for the two shares.")
@dry_run_option
@with_session
async def export(
    session: Session,
    kind: str,
    version: int,
    authority_code: str | None,
    *,
    key_files: tuple[Path, ...],
    out: Path,
    dry_run: bool,
) -> None:
    """Take a master out in two shares, each sealed to one of the two custodians."""
    authority, ring = await _opened(session, authority_code, dry_run=dry_run)
    approval, _ = _approved("export", name_of(authority, kind, version), key_files)
    two = ring.change_masters(lambda all_: all_.share_out(authority, kind, version, approval=approval))
    files = {out / f"{authority}-{kind}-{version}.{share.custodian}.share": share for share in two}
    if dry_run:
        say(*(f"Would write {path}." for path in files))
        say_what_would_change(session, ring)
        return
    for path, share in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(share), indent=2))
        say(f"Share of {share.custodian} in {path}.")
    say(f"Check value of the export {two[0].check}. Keep the shares in two places.")
    if kind == TRANSPORT:
        kcv = key_check(ring.transport_key(authority, version))
        say(f"Key check value {kcv}: the maker's machine shows the same once both components are in.")


@masters.command(
    "import",
    epilog="Example: multipass keys master import card-2 --custodian a.pem --custodian b.pem "
    "--share a.share --share b.share",
)
@_kind
@_version
@authority_option
@_two
@click.option(
    "--share", "share_files", type=_FILE, multiple=True, help="A custodian's share, in the same order; twice."
)
@dry_run_option
@with_session
async def import_(
    session: Session,
    kind: str,
    version: int,
    authority_code: str | None,
    *,
    key_files: tuple[Path, ...],
    share_files: tuple[Path, ...],
    dry_run: bool,
) -> None:
    """Put a master together from the two shares of an export."""
    authority, ring = await _opened(session, authority_code, dry_run=dry_run)
    if len(share_files) != NEEDED:
        raise Stop("An import takes two shares: --share, twice.")
    halves = tuple(map(_share, share_files))
    approval, two = _approved("import", name_of(authority, kind, version), key_files)
    opened = tuple((share, key.private) for share, key in zip(halves, two, strict=True))
    ring.change_masters(
        lambda all_: all_.take_in(authority, kind, version, halves=opened, approval=approval, now=approval.act.at)
    )
    if dry_run:
        say_what_would_change(session, ring)
        return
    say(f"Master {name_of(authority, kind, version)} is back. Check value {halves[0].check}.")


@masters.command("withdraw", epilog="Example: multipass keys master withdraw card-2 --version 1")
@_kind
@_version
@authority_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@dry_run_option
@with_session
async def withdraw(
    session: Session, kind: str, version: int, authority_code: str | None, *, yes: bool, dry_run: bool
) -> None:
    """Stop using a master, for good: cards of this version are refused."""
    authority, ring = await _opened(session, authority_code, dry_run=dry_run)
    name = name_of(authority, kind, version)
    if not (yes or dry_run):
        click.confirm(f"Everything derived from {name} stops working, for good. Withdraw it?", abort=True)
    ring.change_masters(lambda all_: all_.withdraw(authority, kind, version))
    if dry_run:
        say_what_would_change(session, ring)
        return
    say(f"Master {name} is {MasterState.WITHDRAWN}. Running servers follow within a second.")


@custodians.command("key", epilog="Example: multipass keys custodian key --out alice.pem")
@click.option("--out", type=_FILE, required=True, help="Where the private half goes.")
def key(out: Path) -> None:
    """Make a custodian's key, on their own machine."""
    make_key_file(out, whose="the custodian")


@custodians.command("component", epilog="Example: multipass keys custodian component a.share --key a.pem --out half")
@click.argument("share", type=_FILE)
@click.option("--key", "key_file", type=_FILE, required=True, help="The custodian's own key file.")
@click.option("--out", type=_FILE, required=True, help="Where the component goes.")
def component(share: Path, key_file: Path, out: Path) -> None:
    """Open one's own SHARE of a transport key for a card maker: 64 hex digits, and worth nothing without the other's.

    On the custodian's own machine; each brings theirs by a way of its own. The maker combines the two by XOR.
    """
    sealed = _share(share)
    if sealed.master.split()[1:2] != [TRANSPORT]:
        raise Stop(f"{share.name} is a share of {sealed.master}: only transport keys leave, the others are imported.")
    half = unseal(sealed, open_key_file(key_file).private)
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(f"{half.hex()}\n")
    say(f"Component of {sealed.custodian} in {out}: give it to the maker, then remove it.")


@custodians.command("list", epilog="Example: multipass keys custodian list")
@with_session
async def list_custodians(session: Session) -> None:
    """List the custodians with the fingerprints that they can read out from their own keys."""
    rows = ((one.name, one.fingerprint, long_date(one.since)) for one in session.keyring.masters.custodians)
    table(("Custodian", "Fingerprint", "Since"), rows, empty="There is no custodian yet: multipass keys custodian add")


@custodians.command("add", epilog="Example: multipass keys custodian add alice alice.pub.pem")
@click.argument("name")
@click.argument("public", type=_FILE)
@_two
@dry_run_option
@with_session
async def add(session: Session, name: str, public: Path, key_files: tuple[Path, ...], *, dry_run: bool) -> None:
    """Trust a custodian. For every one after the first two, two of those there are must be present."""
    if not name.isidentifier():
        raise Stop(f"{name!r} is no name for a custodian: use letters and digits.")
    new = Custodian(name, keys.dump_point(read_public_half(public)), utc_now())
    ring = rehearsed(session, dry_run=dry_run)
    approval = _approved("appoint", f"{new.name} {new.fingerprint}", key_files)[0] if key_files else None
    ring.change_masters(lambda all_: all_.appoint(new, approval=approval))
    if dry_run:
        say_what_would_change(session, ring)
        return
    say(f"{name} is a custodian; fingerprint {new.fingerprint}. Let them compare it with their own.")


@custodians.command("dismiss", epilog="Example: multipass keys custodian dismiss alice")
@click.argument("name")
@_two
@dry_run_option
@with_session
async def dismiss(session: Session, name: str, key_files: tuple[Path, ...], *, dry_run: bool) -> None:
    """Trust a custodian no longer."""
    ring = rehearsed(session, dry_run=dry_run)
    fingerprint = next((one.fingerprint for one in ring.masters.custodians if one.name == name), "")
    approval, _ = _approved("dismiss", f"{name} {fingerprint}", key_files)
    ring.change_masters(lambda all_: all_.dismiss(name, approval=approval))
    if dry_run:
        say_what_would_change(session, ring)
        return
    say(f"{name} is no custodian any more.")


async def _opened(session: Session, authority_code: str | None, *, dry_run: bool) -> tuple[str, KeyRing]:
    if not session.keyring.has_secret:
        raise Stop("Set key_password first, then multipass keys rewrap: without it masters lie open in the folder.")
    async with session.database.look() as unit:
        return (await authority_of(unit, authority_code)).code, rehearsed(session, dry_run=dry_run)


def _approved(deed: Deed, subject: str, key_files: tuple[Path, ...]) -> tuple[Approval, tuple[SigningKey, ...]]:
    """Let each custodian who is present open their key and sign."""
    if len(key_files) != NEEDED:
        raise Stop(f"To {deed} {subject} takes two custodians: --custodian, twice.")
    say(f"To {deed} {subject}:")
    approval, two = Approval(Act(deed, subject, utc_now())), tuple(map(open_key_file, key_files))
    for one in two:
        approval = approval.signed(one)
    return approval, two


def _share(path: Path) -> Share:
    try:
        return msgspec.json.decode(read_file(path), type=Share)
    except msgspec.DecodeError:
        raise Stop(f"{path} is no share of a master.") from None
