"""`multipass terminal conformance`: a vendor's server tried by a terminal, or a vendor's terminal by a server."""

import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec
import rich_click as click

from adapters.clock import utc_now
from cli.screen import say, table
from cli.stop import Stop
from nfc.picture import render_png
from terminal import state
from terminal.conformance import cases, double
from terminal.conformance.asker import Asker
from terminal.conformance.cases import Result, Verdict
from terminal.conformance.city import GATE
from terminal.conformance.scene import Scene
from terminal.conformance.server_cases import SERVER_CASES
from terminal.conformance.terminal_cases import TERMINAL_CASES
from terminal.reading import code_in

_MARKS = {Verdict.PASSED: "passed", Verdict.FAILED: "FAILED", Verdict.SKIPPED: "skipped"}


@click.command("conformance", epilog="Example: multipass terminal conformance https://pass.example.fr --code K7QF-2M9X")
@click.argument("url", required=False)
@click.option("--listen", type=click.IntRange(0, 65_535), metavar="PORT", help="Be a server double and try a terminal.")
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="With --listen: the address at which the terminal finds us."
)
@click.option("--code", help="A pairing code of the server at URL.")
@click.option(
    "--state",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A terminal that is paired with it already, instead of a code.",
)
@click.option("--pass", "good", metavar="CODE|PICTURE", help="A pass that opens the gate.")
@click.option("--stopped", metavar="CODE|PICTURE", help="One that was lost.")
@click.option("--gate", metavar="CODE", help="At which gate; else the first that the terminal serves.")
@click.option(
    "--demo",
    type=click.Path(path_type=Path, file_okay=False),
    help="Take terminal and passes from the folder of `multipass demo`.",
)
@click.option(
    "--patience",
    type=click.FloatRange(0.1, 3_600),
    default=120.0,
    show_default=True,
    help="With --listen: how many seconds to wait for what a terminal does by and by.",
)
@click.option(
    "--pictures",
    type=click.Path(path_type=Path, file_okay=False),
    help="With --listen: write the QR of each pass into this folder.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON, and nothing else.")
def conformance(
    url: str | None,
    *,
    listen: int | None,
    host: str,
    code: str | None,
    path: Path | None,
    good: str | None,
    stopped: str | None,
    gate: str | None,
    demo: Path | None,
    patience: float,
    pictures: Path | None,
    as_json: bool,
) -> None:
    """Try a server as a terminal would, or with --listen a terminal as a server would, case by case.

    Each case says what it expects and where the guide tells it. Status 1 when one fails.
    """
    if (url is None) is (listen is None):
        raise Stop("Name the URL of a server to try it, or --listen with a port to try a terminal.")
    if url is not None:
        if demo is not None:
            path, good, stopped = _of_demo(demo, path, good, stopped)
        asker = Asker(
            url,
            clock=utc_now,
            code=code,
            state=state.load(path) if path is not None else None,
            good=_pass(good),
            stopped=_pass(stopped),
            gate=gate,
        )
        results = _tried(cases.run(SERVER_CASES, asker), as_json=as_json)
        asker.close()
    else:
        try:
            served = double.Double(utc_now, host=host, port=listen or 0)
        except OSError as problem:
            raise Stop(f"Nobody can listen at {host}:{listen}: {problem.strerror or problem}.") from problem
        results = _listened(served, patience, pictures, as_json=as_json)
    if as_json:
        click.echo(msgspec.json.encode(results).decode())
    else:
        _show(results)
    sys.exit(1 if any(one.verdict is Verdict.FAILED for one in results) else 0)


def _listened(served: double.Double, patience: float, pictures: Path | None, *, as_json: bool) -> list[Result]:
    def show(credential: str) -> None:
        place = served.city.place_of(credential)
        picture = pictures / f"{place}.png" if pictures is not None else None
        _ask(f"Show the pass {picture} at the terminal." if picture is not None else credential)

    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)
        for place, credential in served.city.passes.items():
            (pictures / f"{place}.png").write_bytes(render_png(credential, scale=8))
    _ask(f"The server double is at {served.url}. Pair the terminal with the code {double.CODE}; its gate is {GATE}.")
    if pictures is None:
        _ask("Whenever a line begins with MP2: show it at the terminal as a pass, or write QRs with --pictures.")
    try:
        return _tried(cases.run(TERMINAL_CASES, Scene(served, show, patience=patience)), as_json=as_json)
    finally:
        served.close()


def _ask(text: str) -> None:
    """Say what is to be done, beside the results."""
    click.echo(text, err=True)


def _tried(results: Iterable[Result], *, as_json: bool) -> list[Result]:
    found = []
    for one in results:
        found.append(one)
        if not as_json:
            say(f"{_MARKS[one.verdict]:>7}  {one.id}" + (f": {one.said}" if one.said else ""))
    return found


def _show(results: list[Result]) -> None:
    say("")
    table(
        ("Case", "", "What is expected", "Guide"),
        ((one.id, _MARKS[one.verdict], one.expects, one.guide) for one in results),
        empty="",
    )
    count = {verdict: sum(one.verdict is verdict for one in results) for verdict in Verdict}
    say(", ".join(f"{count[verdict]} {verdict}" for verdict in Verdict) + ".")


def _pass(given: str | None) -> str | None:
    """The text of a pass, typed or photographed."""
    return code_in(Path(given)) if given is not None and Path(given).is_file() else given


def _of_demo(
    folder: Path, path: Path | None, good: str | None, stopped: str | None
) -> tuple[Path, str | None, str | None]:
    """A terminal of the demonstration that runs day and night, a pass for it, and one that was lost."""
    found = sorted((folder / "terminals").glob("*ligne-a*.json")) or sorted(
        (folder / "terminals").glob("*line-a*.json")
    )
    if path is None and not found:
        raise Stop(f"There is no demonstration in {folder}. Build one: multipass demo --no-serve")
    cards = folder / "cards"
    return path or found[0], good or str(cards / "transport.png"), stopped or str(cards / "lost-card.png")
