"""`multipass household reference`."""

from contextlib import suppress

import rich_click as click

from cli.screen import say
from cli.session import Session, authority_of, authority_option, with_session
from domain.errors.people import HouseholdNotFound
from domain.fiscal_numbers import household_reference

_PURPOSE = "fiscal-number"
"""No sector's name: what this key makes is known to none of them."""


@click.command("reference", epilog="Example: multipass household reference")
@click.option("--fiscal-number", prompt=True, hide_input=True, help="Asked for, and not shown, unless given.")
@authority_option
@with_session
async def reference(session: Session, *, fiscal_number: str, authority_code: str | None) -> None:
    """Tell under which reference the household of a fiscal number stands in the register, or would stand.

    One household, one reference, wherever it lives: who asks for a second card under another address is found. The
    number itself is kept nowhere, and no reference leads back to it.
    """
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
        name = household_reference(session.keyring.sector_key(authority.code, _PURPOSE), fiscal_number)
        with suppress(HouseholdNotFound):
            await unit.people.household(authority.id, name)
            say(f"This household is in the register: multipass household show {name}")
            return
    say(f"This household is new. Next: multipass household found {name} --commune CODE")
