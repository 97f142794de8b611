"""`multipass card enrol`, `external`, `list`: chips as media of a pass, ours and those of others."""

import rich_click as click

from adapters import cards, external_media
from adapters.cards import CardKeys
from adapters.clock import utc_now
from api.journalled_objects import about_pass
from cli.journalling import on_account_option, record, record_apart
from cli.passes import hexadecimal, last_moment, named, pass_of
from cli.screen import long_date, say, table
from cli.session import Session, authority_option, with_session
from cli.stop import Stop
from domain.acts import Act
from domain.cards import CardTechnology
from domain.passes import medium_bytes
from store import media


@click.command("enrol", epilog="Example: multipass card enrol 1234567897 --technology ntag424")
@click.argument("number")
@click.argument("uid", required=False)
@click.option(
    "--technology",
    type=click.Choice([technology.value for technology in CardTechnology]),
    default=CardTechnology.NTAG424.value,
    show_default=True,
    help="What the chip is.",
)
@click.option("--signature", metavar="HEX", help="What the chip says of its maker, 56 bytes.")
@click.option("--key-version", type=click.IntRange(1, 255), help="Version of the keys on it; the newest unless given.")
@authority_option
@on_account_option
@with_session
async def enrol(
    session: Session,
    number: str,
    uid: str | None,
    *,
    technology: str,
    signature: str | None,
    key_version: int | None,
    authority_code: str | None,
) -> None:
    """Make a card a medium of a pass. Its UID is kept nowhere.

    UID is what a reader shows, in hexadecimal. Left away, it is asked for: readers type it, and it stays out of the
    shell's history.
    """
    seen = _bytes(uid if uid is not None else str(click.prompt("UID", hide_input=True)), of="UID")
    async with session.database.begin() as unit:
        authority, pass_, _ = await pass_of(unit, authority_code, number)
        medium = await cards.enrol(
            unit,
            CardKeys(session.keyring),
            authority,
            pass_,
            uid=seen,
            technology=CardTechnology(technology),
            signature=_bytes(signature, of="signature") if signature is not None else None,
            key_version=key_version,
            expires_at=last_moment(pass_, authority),
            now=utc_now(),
        )
        await record(session, unit, authority.id, Act.CARD_ENROLLED, about_pass(pass_))
    say(f"The card is medium {hexadecimal(medium)} of pass {pass_.number}. Gates take it from now on.")


@click.command("external", epilog="Example: multipass card external 1234567897 EXT:hEmiASgERGdzR7mg…")
@click.argument("number")
@click.argument("statement")
@click.option("--medium", help="The medium that the same card is already, in another sector.")
@authority_option
@on_account_option
@with_session
async def external(
    session: Session, number: str, statement: str, *, medium: str | None, authority_code: str | None
) -> None:
    """Make a card of others a medium of a pass, in the sector that a gateway has just read it for."""
    async with session.database.begin() as unit:
        authority, pass_, _ = await pass_of(unit, authority_code, number)
        known = named(await unit.passes.media(pass_.id), medium) if medium is not None else None
        bound = await external_media.enrol(
            unit,
            authority,
            pass_,
            statement,
            medium_id=known,
            expires_at=last_moment(pass_, authority),
            now=utc_now(),
        )
        await record(session, unit, authority.id, Act.EXTERNAL_CARD_ENROLLED, about_pass(pass_))
        sectors = await unit.external_media.sectors(bound.id)
    say(f"The card is medium {hexadecimal(bound)} of pass {pass_.number}, known in: {', '.join(sectors)}.")


@click.command("list", epilog="Example: multipass card list 1234567897")
@click.argument("number")
@authority_option
@on_account_option
@with_session
async def list_(session: Session, number: str, *, authority_code: str | None) -> None:
    """List the media of a pass with what they are made of. To stop one: multipass pass block."""
    async with session.database.look() as unit:
        authority, pass_, _ = await pass_of(unit, authority_code, number)
    async with session.database.read() as connection:
        described = await media.describe(connection, pass_.id)
    await record_apart(session, authority.id, Act.MEDIA_LISTED, about_pass(pass_))
    rows = (
        (medium_bytes(one.id).hex(), one.kind, one.status, _made_of(one), long_date(one.created_at))
        for one in described
    )
    table(("Medium", "Kind", "State", "Made of", "Since"), rows, empty="No medium shows this pass.")


def _made_of(one: media.Described) -> str:
    if one.technology is not None:
        return one.technology if one.key_version is None else f"{one.technology}, keys of version {one.key_version}"
    if one.key_security is not None:
        return f"key in {one.key_security}"
    return f"known in {', '.join(one.sectors)}" if one.sectors else ""


def _bytes(text: str, *, of: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise Stop(f"The {of} is written in hexadecimal digits, two for each byte.") from None
