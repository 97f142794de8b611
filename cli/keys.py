"""`multipass keys`."""

import msgspec
import rich_click as click

from adapters.clock import utc_now
from adapters.keyring import INSTALLATION, OF_AN_AUTHORITY, KeyState, Purpose
from cli.screen import long_date, say, table
from cli.session import Session, authority_of, authority_option, with_session
from nfc import keys

_SIGNED = {
    Purpose.PRINT: "printed pass",
    Purpose.PHONE: "pass on a phone",
    Purpose.BUNDLE: "status list",
    Purpose.TOKEN: "token",
}


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
@click.option("--purpose", type=click.Choice([purpose.value for purpose in Purpose]), required=True, help="What for.")
@authority_option
@with_session
async def new(session: Session, purpose: str, authority_code: str | None) -> None:
    """Make a key that signs from now on; what the one before has signed stays accepted.

    Print, phone and bundle keys belong to an authority, the token key to the whole installation.
    """
    owner = INSTALLATION
    if Purpose(purpose) in OF_AN_AUTHORITY or authority_code is not None:
        async with session.database.look() as unit:
            owner = (await authority_of(unit, authority_code)).code
    entry = session.keyring.generate(owner, Purpose(purpose), now=utc_now())
    say(f"Key {entry.kid} signs {purpose} for {owner or 'the installation'} from now on.")
    say("Running servers take it up within a second.")


@command.command("withdraw", epilog="Example: multipass keys withdraw 3fa90c1e")
@click.argument("kid")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_session
async def withdraw(session: Session, kid: str, *, yes: bool) -> None:
    """Refuse from now on everything that a key has signed."""
    entry = next((entry for entry in session.keyring.entries if entry.kid == kid), None)
    if entry is not None and entry.state is not KeyState.WITHDRAWN and not yes:
        click.confirm(
            f"Every {_SIGNED[entry.purpose]} signed by {kid} will be refused, for good. Withdraw it?", abort=True
        )
    session.keyring.withdraw(kid)
    say(f"Key {kid} is withdrawn. Running servers refuse it within a second.")
    if entry is not None and entry.state is KeyState.SIGNING:
        say(f"Next: multipass keys new --purpose {entry.purpose}, because nothing signs in its place.")


@command.command("show", epilog="Example: multipass keys show --purpose print")
@click.option("--purpose", type=click.Choice([purpose.value for purpose in Purpose]), help="Only the keys for this.")
@with_session
async def show(session: Session, purpose: str | None) -> None:
    """Print the public halves of the keys in force, as a JWK set (RFC 7517)."""
    purposes = (Purpose(purpose),) if purpose else tuple(Purpose)
    found = [key for one in purposes for key in keys.jwks(session.keyring.verify_keys(one))["keys"]]
    click.echo(msgspec.json.format(msgspec.json.encode({"keys": found}), indent=2).decode())
