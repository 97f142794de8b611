"""`multipass phone`."""

from base64 import urlsafe_b64encode

import rich_click as click

from adapters import phones
from adapters.clock import utc_now
from api.journalled_objects import about_pass
from cli.journalling import on_account_option, record
from cli.passes import hexadecimal, last_moment, pass_of
from cli.screen import say
from cli.session import Session, authority_option, with_session
from domain.acts import Act


@click.group("phone", epilog="Example: multipass phone bind 1234567897 hEOhASigWFODGmtJ0gBq…")
def command() -> None:
    """Bind phones as media of a pass."""


@command.command("bind", epilog="Example: multipass phone bind 1234567897 hEOhASigWFODGmtJ0gBq…")
@click.argument("number")
@click.argument("proof")
@authority_option
@on_account_option
@with_session
async def bind(session: Session, number: str, proof: str, *, authority_code: str | None) -> None:
    """Make a phone a medium of a pass, and print its credential.

    PROOF is what the phone says to be bound: it has the key that it sends, and means this pass. What is printed is for
    that phone alone. To stop it: multipass pass block.
    """
    async with session.database.begin() as unit:
        authority, pass_, _ = await pass_of(unit, authority_code, number)
        medium, credential = await phones.bind(
            unit,
            session.keyring,
            authority,
            pass_,
            proof,
            expires_at=last_moment(pass_, authority),
            now=utc_now(),
        )
        await record(session, unit, authority.id, Act.PHONE_BOUND, about_pass(pass_))
    say(f"The phone is medium {hexadecimal(medium)} of pass {pass_.number}. Its credential, for thirty days:")
    say(urlsafe_b64encode(credential).rstrip(b"=").decode())
