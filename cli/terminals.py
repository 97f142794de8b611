"""`multipass terminal`, the agent's side: open a pairing, list and revoke."""

import secrets
from uuid import UUID

import rich_click as click

from adapters.clock import utc_now
from cli.device import cancel, deposit, pair, scan
from cli.device_run import run, status, sync
from cli.issuing import UNAMBIGUOUS
from cli.screen import long_date, say, table
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from domain.places import PAIRING_TTL, offer_pairing, revoke_terminal


@click.group("terminal", epilog="Example: multipass terminal code pool-entrance --name 'Pool 1'")
def command() -> None:
    """Pair terminals, and be one: run a gate, scan a pass."""


for act in (pair, run, status, sync, scan, deposit, cancel):
    command.add_command(act)


@command.command("code", epilog="Example: multipass terminal code pool-entrance --name 'Pool 1'")
@click.argument("gates", metavar="GATE...", nargs=-1, required=True)
@click.option("--name", required=True, help="What people call the terminal.")
@authority_option
@with_session
async def code_(session: Session, gates: tuple[str, ...], name: str, authority_code: str | None) -> None:
    """Open a pairing: whoever brings the code within half an hour becomes a terminal of these gates, once."""
    drawn = "".join(secrets.choice(UNAMBIGUOUS) for _ in range(8))
    code = f"{drawn[:4]}-{drawn[4:]}"
    async with session.database.begin() as unit:
        authority = await authority_of(unit, authority_code)
        await offer_pairing(
            unit,
            authority_id=authority.id,
            code=code,
            name=name,
            gate_codes=tuple(dict.fromkeys(gates)),
            now=utc_now(),
        )
    minutes = int(PAIRING_TTL.total_seconds() // 60)
    say(f"{code}", f"This code pairs {name}, once, in the next {minutes} minutes.")
    say(f"Next, on the terminal: multipass terminal pair {session.settings.public_url} {code}")


@command.command("list", epilog="Example: multipass terminal list")
@authority_option
@with_session
async def list_(session: Session, authority_code: str | None) -> None:
    """List the terminals of an authority."""
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
        found = [(one, await unit.places.gate_codes(one.id)) for one in await unit.places.terminals(authority.id)]
    rows = ((str(one.id), one.name, ", ".join(gates), one.status, long_date(one.paired_at)) for one, gates in found)
    table(
        ("Terminal", "Name", "Gates", "State", "Paired"),
        rows,
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
