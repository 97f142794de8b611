"""`multipass terminal pair` and `scan`: being a terminal. Nothing here touches the installation."""

from pathlib import Path

import msgspec
import rich_click as click

from adapters.clock import utc_now
from cli.screen import say, spoken
from cli.stop import Stop
from cli.verdict import show
from domain.access.facts import Direction
from domain.access.reasons import Outcome
from terminal import client, state
from terminal.reading import code_in

_OPENS = frozenset({Outcome.GRANTED, Outcome.GRANTED_WITH_WARNING})

_state_option = click.option(
    "--state",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("var/terminal.json"),
    show_default=True,
    help="File that holds the terminal's pairing.",
)


@click.command("pair", epilog="Example: multipass terminal pair http://127.0.0.1:8400 K7QF-2M9T")
@click.argument("url")
@click.argument("code")
@_state_option
def pair(url: str, code: str, path: Path) -> None:
    """Become a terminal of the server at URL, with the CODE that an agent gave."""
    if path.exists():
        raise Stop(f"{path} holds a terminal already. Name another file with --state, or remove it.")
    paired = client.pair(url, code)
    state.save(path, paired)
    say(f"This is now {paired.name}, for {', '.join(paired.gates)}.")
    say(f"Next: multipass terminal scan PICTURE --state {path}")


@click.command("scan", epilog="Example: multipass terminal scan card.png --gate pool-entrance")
@click.argument("picture", type=click.Path(path_type=Path))
@_state_option
@click.option("--gate", metavar="CODE", help="At which gate; needed where the terminal serves several.")
@click.option("--exit", "leaving", is_flag=True, help="Somebody leaves, instead of coming in.")
@click.option("--json", "as_json", is_flag=True, help="Print the server's answer as JSON.")
@click.option("--lang", type=click.Choice(["fr", "en"]), default=spoken, help="Language of the words.")
@click.pass_context
def scan(
    context: click.Context,
    picture: Path,
    path: Path,
    *,
    gate: str | None,
    leaving: bool,
    as_json: bool,
    lang: str,
) -> None:
    """Read the pass in a PICTURE and ask the server whether it opens the gate.

    Status 0 when the gate opens, 1 when it stays shut, 2 when nobody could tell.
    """
    known = state.load(path)
    if gate is None and len(known.gates) != 1:
        raise Stop(f"{known.name} serves several gates, say which with --gate: {', '.join(known.gates)}.")
    credential = code_in(picture)
    with client.TerminalClient(known, clock=utc_now) as terminal:
        answer = terminal.validate(
            credential,
            gate=gate or known.gates[0],
            direction=Direction.EXIT if leaving else Direction.ENTRY,
        )
    if as_json:
        click.echo(msgspec.json.encode(answer).decode())
    else:
        show(answer, french=lang == "fr")
    context.exit(0 if answer.outcome in _OPENS else 1)
