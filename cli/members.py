"""What households and organisations have in common on the command line: options, days and members."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import rich_click as click

from adapters.clock import utc_now
from cli.screen import long_date, table
from domain.people import Beneficiary, Holder
from domain.periods import FOREVER
from domain.places import Authority

A_DAY = click.DateTime(["%Y-%m-%d"])

commune_option = click.option(
    "--commune", metavar="CODE", required=True, help="INSEE code of the commune, such as 59350."
)

since_option = click.option("--from", "since", type=A_DAY, metavar="YYYY-MM-DD", help="First day; today unless given.")
until_option = click.option("--until", type=A_DAY, metavar="YYYY-MM-DD", help="Day after the last; open unless given.")


def local_today(authority: Authority) -> date:
    """The day that it is at the authority's desks."""
    return utc_now().astimezone(ZoneInfo(authority.zone)).date()


def day_of(typed: datetime | None, authority: Authority) -> date:
    """The day that was typed, or today at the authority's desks."""
    return typed.date() if typed else local_today(authority)


def end_of(typed: datetime | None) -> date:
    """The end that was typed, or none."""
    return typed.date() if typed else FOREVER


def full_name(holder: Holder) -> str:
    """The name of a person, with their reference."""
    return f"{holder.first_name} {holder.last_name} ({holder.reference})"


def spoken_period(since: date, until: date) -> str:
    """A period as people say it, its last day included."""
    if until == FOREVER:
        return f"from {long_date(since)} on"
    return f"from {long_date(since)} to {long_date(until - timedelta(days=1))}"


def members_table(members: list[tuple[Holder, Beneficiary]], *, empty: str) -> None:
    """Show who spends the rights of a household or an organisation."""
    rows = (
        (
            holder.reference,
            f"{holder.first_name} {holder.last_name}",
            spoken_period(one.valid_from, one.valid_until),
            "left, shares what was running" if one.former else "member",
        )
        for holder, one in members
    )
    table(("Holder", "Name", "When", "State"), rows, empty=empty)
