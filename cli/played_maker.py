"""`multipass batch maker`: the card maker is played, to rehearse the way of a batch or to try the demonstration."""

from pathlib import Path

import rich_click as click

from adapters import played_maker
from cli.screen import say
from cli.stop import Stop
from domain.errors.cards import BatchFileRefused
from domain.personalisation import LARGEST

_OUT = click.Path(path_type=Path, dir_okay=False)
_LARGEST_FILE = 256 * 1024 * 1024


@click.group("maker", epilog="Example: multipass batch maker chips --count 3 --out chips.txt")
def command() -> None:
    """Play the card maker, for a rehearsal. No card is made: a card of such a batch is a number and nothing else."""


@command.command("chips", epilog="Example: multipass batch maker chips --count 3 --out chips.txt")
@click.option("--count", type=click.IntRange(1, LARGEST), required=True, help="As many as the batch has cards.")
@click.option("--out", type=_OUT, required=True, help="Where the list goes.")
def chips(count: int, out: Path) -> None:
    """Write a list of chips, as a maker sends it for a batch. There are no such chips."""
    out.write_bytes(played_maker.chips(count))
    say(f"{count:,} chips in {out}. Next: the order file, at the console or by multipass batch export")


@command.command("report", epilog="Example: multipass batch maker report order.jsonl --out report.jsonl")
@click.argument("order", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--out", type=_OUT, required=True, help="Where the report goes.")
def report(order: Path, out: Path) -> None:
    """Answer an ORDER with the report that every card was made."""
    if order.stat().st_size > _LARGEST_FILE:
        raise Stop(f"{order} is too large for an order.")
    try:
        said = played_maker.report(order.read_bytes())
    except BatchFileRefused as refused:
        raise Stop(f"{order}: {refused.flaws[0].what}") from None
    out.write_bytes(said)
    say(f"The report is in {out}. Next: read it at the console, or by multipass batch report")
