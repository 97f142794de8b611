"""`multipass jobs`: what servers do by themselves, and how it goes."""

import rich_click as click

from adapters.clock import utc_now
from cli.screen import table
from cli.session import Session, with_session
from domain.jobs import JOBS, Condition, standings
from store.jobs import rounds_noted


@click.command("jobs", epilog="Example: multipass jobs")
@click.pass_context
def command(context: click.Context) -> None:
    """Jobs of the background: when each ran last in each worker, and how it went.

    Status 0 where all go well, 1 where somebody should look, or no server runs.
    """
    wells: list[bool] = []
    _list(wells)
    context.exit(0 if wells and all(wells) else 1)


@with_session
async def _list(session: Session, wells: list[bool]) -> None:
    now = utc_now()
    async with session.database.read() as connection:
        found = standings(await rounds_noted(connection), now)
    wells += [one.condition is Condition.WELL for one in found]
    rows = [
        (
            _name(standing.job),
            standing.condition.value,
            one.worker,
            f"{one.began_at:%Y-%m-%d %H:%M:%S}",
            f"{one.took_seconds:.1f} s",
            f"{one.failures} times: {one.problem}" if one.problem else "",
        )
        for standing in found
        for one in standing.rounds
    ]
    columns = ("job", "state", "worker", "last began (UTC)", "took", "failed")
    table(columns, rows, empty="No server runs, or none has noted anything yet: multipass serve")


def _name(code: str) -> str:
    return next((name.en for job, name in JOBS.items() if job == code), code)
