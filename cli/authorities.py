"""`multipass authority`."""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import rich_click as click

from adapters.clock import utc_now
from adapters.keyring import INSTALLATION, OF_AN_AUTHORITY, KeyRing, KeyState, Purpose
from cli.screen import say, table
from cli.session import Session, with_session
from cli.stop import Stop
from domain.errors import AlreadyExists
from domain.places import Authority
from domain.text import Text

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@click.group("authority", epilog="Example: multipass authority list")
def command() -> None:
    """Local authorities that this installation hosts."""


@command.command("add", epilog="Example: multipass authority add cornelia --name-fr Cornélia --name-en Cornelia")
@click.argument("code")
@click.option("--name-fr", required=True, help="Name on cards and pages, in French.")
@click.option("--name-en", required=True, help="Name on cards and pages, in English.")
@click.option("--zone", default="Europe/Paris", show_default=True, help="Time zone in which its days begin.")
@click.option("--colour", default="#0b5fa5", show_default=True, help="Its colour, as #rrggbb.")
@with_session
async def add(session: Session, code: str, *, name_fr: str, name_en: str, zone: str, colour: str) -> None:
    """Write an authority, and make the keys it signs with."""
    if not _CODE.fullmatch(code):
        raise Stop(f"{code!r} is no code: use up to 40 small letters, digits and hyphens.")
    if not _COLOUR.fullmatch(colour):
        raise Stop(f"{colour!r} is no colour: write it as #0b5fa5.")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Stop(f"{zone!r} is no time zone: write it as Europe/Paris.") from None
    now = utc_now()
    async with session.database.begin() as unit:
        if any(one.code == code for one in await unit.places.authorities()):
            raise AlreadyExists(f"There is an authority {code} already.")
        await unit.places.add_authority(
            Authority(unit.ids.row(), code, Text(fr=name_fr, en=name_en), zone, colour, created_at=now)
        )
        # Inside, so that an authority without keys never comes to be; a key without its authority harms nobody.
        _make_keys(session.keyring, code)
    say(f"{name_en} is written as {code}, with its keys.")
    say(f"Next: multipass agent add LOGIN --name NAME --role administrator --authority {code}")


@command.command("list", epilog="Example: multipass authority list")
@with_session
async def list_(session: Session) -> None:
    """List the authorities."""
    async with session.database.look() as unit:
        found = await unit.places.authorities()
    rows = ((one.code, one.name.fr, one.name.en, one.zone, one.colour) for one in found)
    table(("Code", "Name (fr)", "Name (en)", "Zone", "Colour"), rows, empty="There is no authority yet.")


def _make_keys(keyring: KeyRing, authority: str) -> None:
    """Make what is missing: an authority's keys and master, the installation's token key."""
    signing = {(entry.authority, entry.purpose) for entry in keyring.entries if entry.state is KeyState.SIGNING}
    for owner, purpose in (*((authority, purpose) for purpose in OF_AN_AUTHORITY), (INSTALLATION, Purpose.TOKEN)):
        if (owner, purpose) not in signing:
            keyring.generate(owner, purpose, now=utc_now())
    keyring.make_master(authority, now=utc_now())
