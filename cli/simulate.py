"""`multipass simulate`: weeks of a city's terminals on bad networks, in minutes, held against the export."""

import sys
import tempfile
import time
from pathlib import Path

import rich_click as click
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cli.screen import console, say, table

MEMORY = Path("/dev/shm")  # noqa: S108 - a file system in memory, used through tempfile
_SHOWN = 20
"""Counter-examples that are printed of one run; the number of all of them is told."""


@click.command("simulate", epilog="Example: multipass simulate --terminals 8 --days 6 --seed 7")
@click.option("--terminals", type=click.IntRange(1, 500), default=50, show_default=True, help="How many.")
@click.option("--days", type=click.IntRange(1, 365), default=30, show_default=True, help="Days they live.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed is the same run.")
@click.option("--seeds", type=click.IntRange(1), default=1, show_default=True, help="So many runs, from that seed on.")
@click.option("--verbose", is_flag=True, help="Print every step.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep databases, keys and state files here, in a folder for each seed. [kept nowhere]",
)
def command(*, terminals: int, days: int, seed: int, seeds: int, verbose: bool, folder: Path | None) -> None:
    """Live through weeks of bad network with many terminals, and check that nothing is lost or told twice.

    Terminals and server are the program's own; time, network, power and thieves are drawn from the seed. Status 1: what
    the client side saw and what the export says disagree, and the sentences that are printed say where.
    """
    wrong = [one for one in range(seed, seed + seeds) if not _run(one, terminals, days, folder, verbose=verbose)]
    if seeds > 1:
        say(f"{seeds - len(wrong)} of {seeds} seeds agree.")
    if wrong:
        say(
            *(
                f"Again: multipass simulate --terminals {terminals} --days {days} --seed {one} --verbose"
                for one in wrong
            )
        )
        sys.exit(1)


def _run(seed: int, terminals: int, days: int, folder: Path | None, *, verbose: bool) -> bool:
    """Live through one run and print its ledger; tell whether all agrees."""
    from cli.simulator import ledger
    from cli.simulator.run import Scale, live

    scale = Scale(terminals, days)
    columns = (TextColumn("{task.description:<12}"), BarColumn(), TextColumn("day {task.completed} of {task.total}"))
    bars = Progress(*columns, TimeElapsedColumn(), console=console(), disable=verbose or not sys.stdout.isatty())
    began = time.monotonic()
    with _place(folder, seed) as where, bars:
        task = bars.add_task(f"seed {seed}", total=days)
        outcome = live(
            seed,
            scale,
            Path(where),
            tell=say if verbose else None,
            progress=lambda day: bars.update(task, completed=day),
        )
    say(f"Seed {seed}: {terminals} terminals, {days} days, {scale.people} people. The run is {outcome.digest}.")
    table(("", "count"), ledger.lines(outcome.counts), empty="Nothing happened.")
    for problem in outcome.problems[:_SHOWN]:
        say(f"Disagreement: {problem}")
    if len(outcome.problems) > _SHOWN:
        say(f"… and {len(outcome.problems) - _SHOWN} more.")
    if not outcome.problems:
        say("What the terminals saw and what the export says agree.")
    if sys.stdout.isatty():
        say(f"It took {time.monotonic() - began:.0f} s.")
    return not outcome.problems


def _place(folder: Path | None, seed: int) -> "tempfile.TemporaryDirectory[str] | _Kept":
    if folder is None:
        # In memory where there is such a place: no power fails here, so there is nothing that a disk would prove.
        return tempfile.TemporaryDirectory(prefix="multipass-", dir=MEMORY if MEMORY.is_dir() else None)
    return _Kept(folder / f"seed-{seed}")


class _Kept:
    """A folder that stays; it must be new."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> str:
        self._path.mkdir(parents=True)
        return str(self._path)

    def __exit__(self, *_problem: object) -> None:
        """Leave it as it is."""
