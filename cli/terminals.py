"""`multipass terminal`, the agent's side: open a pairing, list and revoke."""

import asyncio
from pathlib import Path
from uuid import UUID

import rich_click as click

from adapters import pairing_codes
from adapters.clock import utc_now
from cli.conformance import conformance
from cli.device import cancel, deposit, pair, rotate_key, scan
from cli.device_run import run, status, sync
from cli.screen import long_date, say, table
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from domain.terminals import PAIRING_TTL, Profile, condition_of, offer_pairing, revoke_terminal
from nfc import pairing_code
from nfc.picture import render_png


@click.group("terminal", epilog="Example: multipass terminal code pool-entrance --name 'Pool 1'")
def command() -> None:
    """Pair terminals, and be one: run a gate, scan a pass."""


for act in (pair, run, status, sync, rotate_key, scan, deposit, cancel, conformance):
    command.add_command(act)


@command.command("code", epilog="Example: multipass terminal code pool-entrance --name 'Pool 1'")
@click.argument("gates", metavar="GATE...", nargs=-1, required=True)
@click.option("--name", required=True, help="What people call the terminal.")
@click.option(
    "--profile",
    type=click.Choice([kind.value for kind in Profile]),
    default=Profile.HANDHELD.value,
    show_default=True,
    help="What kind of device it is: it may call what its kind needs, and nothing else.",
)
@click.option("--qr", "picture", type=click.Path(path_type=Path, dir_okay=False), help="Write the code as a QR (PNG).")
@authority_option
@with_session
async def code_(
    session: Session,
    *,
    gates: tuple[str, ...],
    name: str,
    profile: str,
    picture: Path | None,
    authority_code: str | None,
) -> None:
    """Open a pairing: whoever brings the code within half an hour becomes a terminal of these gates, once."""
    code = pairing_codes.draw()
    async with session.database.begin() as unit:
        authority = await authority_of(unit, authority_code)
        await offer_pairing(
            unit,
            authority_id=authority.id,
            code=code,
            name=name,
            gate_codes=tuple(dict.fromkeys(gates)),
            profile=Profile(profile),
            now=utc_now(),
        )
    minutes = int(PAIRING_TTL.total_seconds() // 60)
    say(f"{code}", f"This code pairs {name}, once, in the next {minutes} minutes.")
    if picture is not None:
        shown = render_png(pairing_code.write(session.settings.public_url, code), scale=8)
        await asyncio.to_thread(picture.write_bytes, shown)
        say(f"Next, on the terminal: multipass terminal pair --picture {picture}")
    else:
        say(f"Next, on the terminal: multipass terminal pair {session.settings.public_url} {code}")


@command.command("list", epilog="Example: multipass terminal list")
@authority_option
@with_session
async def list_(session: Session, authority_code: str | None) -> None:
    """List the terminals of an authority."""
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
        health = await unit.terminals.heartbeats(authority.id)
        found = [(one, await unit.terminals.gate_codes(one.id)) for one in await unit.terminals.all_of(authority.id)]
    now = utc_now()
    table(
        ("Terminal", "Name", "Kind", "Gates", "State", "Backlog", "Paired"),
        (
            (
                str(one.id),
                one.name,
                one.profile,
                ", ".join(gates),
                condition_of(one, health.get(one.id), now).replace("_", " "),
                str(health[one.id].backlog) if one.id in health else "",
                long_date(one.paired_at),
            )
            for one, gates in found
        ),
        empty="No terminal is paired yet: multipass terminal code GATE --name NAME",
    )


@command.command("revoke", epilog="Example: multipass terminal revoke 0197a1de-3f60-7c11-9a55-5c2d1f0e7b42")
@click.argument("terminal_id", metavar="ID")
@authority_option
@with_session
async def revoke(session: Session, terminal_id: str, authority_code: str | None) -> None:
    """Take a terminal's right to ask away, for good. Its next request is refused."""
    try:
        wanted = UUID(terminal_id)
    except ValueError:
        raise Stop(f"{terminal_id} is no terminal's ID: multipass terminal list shows them.") from None
    async with session.database.begin() as unit:
        authority = await authority_of(unit, authority_code)
        revoked = await revoke_terminal(unit, authority_id=authority.id, terminal_id=wanted)
    say(f"{revoked.name} is revoked. To use the device again, pair it anew.")
