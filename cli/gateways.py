"""`multipass gateway`."""

from typing import BinaryIO
from uuid import UUID

import rich_click as click

from adapters.clock import utc_now
from cli.screen import long_date, say, table
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from domain.external_media import register_gateway, revoke_gateway
from nfc.keys import KID_BYTES, dump_point, load_public_pem, thumbprint


@click.group("gateway", epilog="Example: multipass gateway add gateway.pub.pem --name Métro")
def command() -> None:
    """Systems that read cards of others for us."""


@command.command("add", epilog="Example: multipass gateway add gateway.pub.pem --name Métro")
@click.argument("public", type=click.File("rb"))
@click.option("--name", required=True, help="What people call it.")
@authority_option
@with_session
async def add(session: Session, public: BinaryIO, name: str, *, authority_code: str | None) -> None:
    """Take a gateway's word for cards of others from now on. PUBLIC is its P-256 key, in PEM.

    Compare the fingerprint with whoever runs the gateway, by voice: whoever has the key can say what they like.
    """
    try:
        key = load_public_pem(public.read())
    except ValueError as problem:
        raise Stop(f"{public.name} is no P-256 public key in PEM.") from problem
    async with session.database.begin() as unit:
        authority = await authority_of(unit, authority_code)
        await register_gateway(
            unit,
            authority_id=authority.id,
            name=name,
            kid=thumbprint(key)[:KID_BYTES],
            public_key=dump_point(key),
            now=utc_now(),
        )
    say(f"{name} may read cards for {authority.code}. Fingerprint: {thumbprint(key).hex()[:16]}")


@command.command("list", epilog="Example: multipass gateway list")
@authority_option
@with_session
async def list_(session: Session, authority_code: str | None) -> None:
    """List the gateways of an authority, revoked ones too."""
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
        found = await unit.external_media.gateways(authority.id)
    rows = ((str(one.id), one.name, one.kid.hex(), one.status, long_date(one.registered_at)) for one in found)
    table(
        ("Gateway", "Name", "Key", "State", "Registered"),
        rows,
        empty="No gateway is registered: multipass gateway add PUBLIC --name NAME",
    )


@command.command("revoke", epilog="Example: multipass gateway revoke 0197a1de-3f60-7c11-9a55-5c2d1f0e7b42")
@click.argument("gateway_id", metavar="ID")
@authority_option
@with_session
async def revoke(session: Session, gateway_id: str, authority_code: str | None) -> None:
    """Take a gateway's word for nothing any more, at once and for good."""
    try:
        wanted = UUID(gateway_id)
    except ValueError:
        raise Stop(f"{gateway_id} is no gateway's ID: multipass gateway list shows them.") from None
    async with session.database.begin() as unit:
        authority = await authority_of(unit, authority_code)
        revoked = await revoke_gateway(unit, authority_id=authority.id, gateway_id=wanted)
    say(f"{revoked.name} is revoked. To use it again, give it a new key and add that.")
