"""`multipass resident`."""

import asyncio
from pathlib import Path

import rich_click as click

from adapters.clock import utc_now
from adapters.letter import letter_pdf
from api.journalled_objects import about_holder
from cli.journalling import on_account_option, record
from cli.members import full_name, local_today
from cli.screen import long_date, say
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from domain.account_links import LinkKind, make_code
from domain.account_paper import code_letter
from domain.acts import Act


@click.group("resident", epilog="Example: multipass resident code R-1042 --letter r-1042.pdf")
def command() -> None:
    """Accounts of residents: the code that ties somebody to one, and its end."""


@command.command("code", epilog="Example: multipass resident code R-1042 --letter r-1042.pdf")
@click.argument("reference", metavar="HOLDER")
@click.option(
    "--mandate", is_flag=True, help="For somebody whom the HOLDER trusts, who will see their passes for a year."
)
@click.option(
    "--letter",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the letter that brings it, as a PDF, in the place of showing it.",
)
@click.option("--english", is_flag=True, help="Write the letter in English.")
@authority_option
@on_account_option
@with_session
async def code(
    session: Session,
    reference: str,
    *,
    mandate: bool,
    letter: Path | None,
    english: bool,
    authority_code: str | None,
) -> None:
    """Draw the code by which somebody follows the passes of a HOLDER. It is told once, and ends the one before."""
    now = utc_now()
    async with session.database.begin() as unit:
        authority = await authority_of(unit, authority_code)
        holder = await unit.people.holder(authority.id, reference)
        kind = LinkKind.MANDATE if mandate else LinkKind.OWN
        drawn = await make_code(unit, holder, kind=kind, by=None, now=now, today=local_today(authority))
        office = (await unit.requests.terms(authority.id)).office
        await record(session, unit, authority.id, Act.ACCOUNT_CODE_GIVEN, about_holder(holder.id))
    text, made = drawn
    if letter is None:
        say(f"{full_name(holder)}: {text}, until {long_date(made.expires_at)}.")
        return
    language, address = "en" if english else "fr", session.settings.public_url
    paper = code_letter(authority, office, holder, drawn, language=language, public_url=address)
    await asyncio.to_thread(letter.write_bytes, letter_pdf(paper, made_at=now))
    say(f"Written: {letter}")


@command.command("unlink", epilog="Example: multipass resident unlink R-1042")
@click.argument("reference", metavar="HOLDER")
@authority_option
@on_account_option
@with_session
async def unlink(session: Session, reference: str, authority_code: str | None) -> None:
    """Take a HOLDER from the account that follows them as its own: it was stolen, or is somebody else's."""
    async with session.database.begin() as unit:
        authority = await authority_of(unit, authority_code)
        holder = await unit.people.holder(authority.id, reference)
        link = await unit.accounts.own_link(holder.id)
        if link is None:
            raise Stop(f"{full_name(holder)} has no account.")
        await unit.accounts.remove_link(link)
        await record(session, unit, authority.id, Act.ACCOUNT_UNLINKED, about_holder(holder.id))
    say(f"No account follows {full_name(holder)} as its own any more.")
