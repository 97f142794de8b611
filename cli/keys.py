"""`multipass keys`."""

from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec
import rich_click as click

from adapters.clock import utc_now
from adapters.keyring import INSTALLATION, OF_AN_AUTHORITY, KeyState, Purpose
from cli import keys_masters, keys_root
from cli.key_files import SHORTEST_PASSWORD, read_file
from cli.rehearsal import dry_run_option, rehearsed, say_what_would_change
from cli.screen import long_date, say, table
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from nfc import keys

_SIGNED = {
    Purpose.PRINT: "printed pass",
    Purpose.PHONE: "pass on a phone",
    Purpose.CARD: "object in a card",
    Purpose.BUNDLE: "status list",
    Purpose.PUSH: "message to a telephone",
    Purpose.TOKEN: "token",
}


ANNOUNCED: Final = timedelta(days=14)
"""How long a key is published before it signs: verifiers without a network fetch keys more often than that."""

_purpose = click.option(
    "--purpose", type=click.Choice([purpose.value for purpose in Purpose]), required=True, help="What for."
)


@click.group("keys", epilog="Example: multipass keys list")
def command() -> None:
    """Keys that sign passes and tokens. Private halves never leave the keyring's folder."""


@command.command("list", epilog="Example: multipass keys list")
@with_session
async def list_(session: Session) -> None:
    """List the keys, oldest first."""
    rows = (
        (entry.kid, entry.purpose, entry.authority or "(installation)", entry.state, long_date(entry.created_at))
        for entry in session.keyring.entries
    )
    table(("Key", "Purpose", "Authority", "State", "Made"), rows, empty="The keyring is empty: multipass keys new")


@command.command("new", epilog="Example: multipass keys new --purpose print")
@_purpose
@authority_option
@dry_run_option
@with_session
async def new(session: Session, purpose: str, authority_code: str | None, *, dry_run: bool) -> None:
    """Make a key that signs from now on; what the one before has signed stays accepted.

    Print, phone, card, bundle and push keys belong to an authority, the token key to the whole installation. `rotate`
    gives verifiers without a network time to learn of the new key.
    """
    owner, ring = await _owner(session, purpose, authority_code), rehearsed(session, dry_run=dry_run)
    entry = ring.generate(owner, Purpose(purpose), now=utc_now())
    if owner:
        ring.make_master(owner, now=utc_now())  # those that an authority from before lacks
    if dry_run:
        say_what_would_change(session, ring)
        return
    say(f"Key {entry.kid} signs {purpose} for {owner or 'the installation'} from now on.")
    say("Running servers take it up within a second.")
    _remind_of_root(owner)


@command.command("rotate", epilog="Example: multipass keys rotate --purpose print")
@_purpose
@authority_option
@click.option("--at-once", is_flag=True, help="Do not wait until verifiers have learned of the new key.")
@dry_run_option
@with_session
async def rotate(session: Session, purpose: str, authority_code: str | None, *, at_once: bool, dry_run: bool) -> None:
    """Change the key in two steps: the first call publishes the next one, the second, 14 days later, lets it sign."""
    owner, ring = await _owner(session, purpose, authority_code), rehearsed(session, dry_run=dry_run)
    now = utc_now()
    if ring.coming(owner, Purpose(purpose)) is None:
        entry = ring.announce(owner, Purpose(purpose), now=now)
        said = f"Key {entry.kid} is published, and may sign from {long_date(now + ANNOUNCED)} on: call again then."
    else:
        entry = ring.take_over(owner, Purpose(purpose), now=now, announced=timedelta() if at_once else ANNOUNCED)
        said = f"Key {entry.kid} signs {purpose} from now on. What the one before has signed stays accepted."
    if dry_run:
        say_what_would_change(session, ring)
        return
    say(said)
    _remind_of_root(owner)


@command.command("withdraw", epilog="Example: multipass keys withdraw 3fa90c1e")
@click.argument("kid")
@click.option("--yes", is_flag=True, help="Do not ask.")
@dry_run_option
@with_session
async def withdraw(session: Session, kid: str, *, yes: bool, dry_run: bool) -> None:
    """Refuse from now on everything that a key has signed."""
    entry = next((entry for entry in session.keyring.entries if entry.kid == kid), None)
    if entry is not None and entry.state is not KeyState.WITHDRAWN and not (yes or dry_run):
        click.confirm(
            f"Every {_SIGNED[entry.purpose]} signed by {kid} will be refused, for good. Withdraw it?", abort=True
        )
    ring = rehearsed(session, dry_run=dry_run)
    ring.withdraw(kid, now=utc_now())
    if dry_run:
        say_what_would_change(session, ring)
        return
    say(f"Key {kid} is withdrawn. Running servers refuse it within a second.")
    if entry is not None:
        if entry.state is KeyState.SIGNING:
            say(f"Next: multipass keys new --purpose {entry.purpose}, because nothing signs in its place.")
        _remind_of_root(entry.authority)


@command.command("rewrap", epilog="Example: multipass keys rewrap --secret-file new-secret")
@click.option(
    "--secret-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the new secret stands; asked for, unless given.",
)
@dry_run_option
@with_session
async def rewrap(session: Session, secret_file: Path | None, *, dry_run: bool) -> None:
    """Put the keyring under another secret. Set it as key_password before the next start."""
    if secret_file is not None:
        secret = read_file(secret_file).decode().strip()
    else:
        secret = click.prompt("New secret", hide_input=True, confirmation_prompt=True)
    if len(secret) < SHORTEST_PASSWORD:
        raise Stop(f"Use at least {SHORTEST_PASSWORD} characters.")
    ring = rehearsed(session, dry_run=dry_run)
    ring.rewrap(secret, now=utc_now())
    if dry_run:
        say_what_would_change(session, ring)
        return
    say("The keyring lies under the new secret. Running servers go on; set key_password before the next start.")


@command.command("show", epilog="Example: multipass keys show --purpose print")
@click.option("--purpose", type=click.Choice([purpose.value for purpose in Purpose]), help="Only the keys for this.")
@with_session
async def show(session: Session, purpose: str | None) -> None:
    """Print the public halves of the keys in force, as a JWK set (RFC 7517)."""
    purposes = (Purpose(purpose),) if purpose else tuple(Purpose)
    found = [key for one in purposes for key in keys.jwks(session.keyring.verify_keys(one))["keys"]]
    click.echo(msgspec.json.format(msgspec.json.encode({"keys": found}), indent=2).decode())


async def _owner(session: Session, purpose: str, authority_code: str | None) -> str:
    if Purpose(purpose) not in OF_AN_AUTHORITY and authority_code is None:
        return INSTALLATION
    async with session.database.look() as unit:
        return (await authority_of(unit, authority_code)).code


def _remind_of_root(authority: str) -> None:
    if authority:
        say("Verifiers without a network learn of it from the root: multipass keys root request --out keys.request")


command.add_command(keys_root.command)
command.add_command(keys_masters.masters)
command.add_command(keys_masters.custodians)
