"""`multipass terminal pair`, `rotate-key`, `scan`, `deposit`, `cancel`: being a terminal, with no installation."""

import re
import secrets
from pathlib import Path

import msgspec
import rich_click as click

from adapters.clock import utc_now
from cli.screen import say, spoken
from cli.stop import Stop
from cli.verdict import show
from domain.access.answer import Answer
from domain.access.facts import Direction
from domain.access.reasons import Outcome, Reason
from domain.conditions import VehicleClass
from nfc import pairing_code
from nfc.errors import CodeError
from terminal import client, disk, rotation, state, wire
from terminal.device import Device
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
@click.argument("url", required=False)
@click.argument("code", required=False)
@click.option(
    "--picture",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A picture of the QR that an agent shows; it has both.",
)
@_state_option
def pair(url: str | None, code: str | None, picture: Path | None, path: Path) -> None:
    """Become a terminal of the server at URL, with the CODE that an agent gave, or with a picture of its QR.

    One that was revoked may be paired anew: what it has still to tell is told under its new name.
    """
    server, spoken_code = _invitation(url, code, picture)
    stopped = state.is_database(path) and disk.is_revoked(path)
    if path.exists() and not stopped:
        raise Stop(f"{path} holds a terminal already. Name another file with --state, or remove it.")
    paired = client.pair(server, spoken_code)
    if stopped:
        with disk.opened(path) as kept:
            kept.pair(paired)
    else:
        state.save(path, paired)
    say(f"This is now {paired.name}, for {', '.join(paired.gates)}.")
    say(f"Next: multipass terminal run --state {path}")


def _invitation(url: str | None, code: str | None, picture: Path | None) -> tuple[str, str]:
    """Return the address of the server and the code, typed or photographed."""
    if picture is None:
        if url is None or code is None:
            raise Stop("Give the server's URL and the CODE of an agent, or --picture with the QR that they show.")
        return url, code
    if url is not None:
        raise Stop("Give the URL and the CODE, or --picture: not both.")
    try:
        found = pairing_code.read(code_in(picture))
    except CodeError:
        raise Stop(f"The code in {picture} pairs no terminal. An agent shows one: multipass terminal code.") from None
    return found.server, found.code


@click.command("rotate-key", epilog="Example: multipass terminal rotate-key")
@_state_option
def rotate_key(path: Path) -> None:
    """Give a terminal a new key. Its name, its gates and what it has to tell stay; the old key opens nothing more.

    May run beside `run`. Where the server's answer is lost, do it again.
    """
    with Device(path, utc_now) as device:
        rotation.rotate(device.disk, lambda known: client.TerminalClient(known, clock=utc_now))
        say(f"{device.pairing.name} has a new key.")


_gate_option = click.option("--gate", metavar="CODE", help="At which gate; needed where the terminal serves several.")
_json_option = click.option("--json", "as_json", is_flag=True, help="Print the server's answer as JSON.")
_lang_option = click.option("--lang", type=click.Choice(["fr", "en"]), default=spoken, help="Language of the words.")
_pay_option = click.option(
    "--pay", metavar="EUROS:REFERENCE", help="What was paid for it, and the till's reference: 20.00:cb-42."
)


@click.command("scan", epilog="Example: multipass terminal scan card.png --gate pool-entrance")
@click.argument("picture", type=click.Path(path_type=Path))
@_state_option
@_gate_option
@click.option("--exit", "leaving", is_flag=True, help="Somebody leaves, instead of coming in.")
@click.option("--vehicle", type=click.Choice([kind.value for kind in VehicleClass]), help="What they come with.")
@click.option("--height", type=click.IntRange(1, 1_000), metavar="CM", help="Its height in centimetres.")
@click.option("--weight", type=click.IntRange(1, 100_000), metavar="KG", help="Its gross weight in kilograms.")
@click.option("--kind", "kinds", metavar="KIND=AMOUNT", multiple=True, help="What they bring: rubble=1m3.")
@_pay_option
@_json_option
@_lang_option
@click.pass_context
def scan(
    context: click.Context,
    picture: Path,
    path: Path,
    *,
    gate: str | None,
    leaving: bool,
    vehicle: str | None,
    height: int | None,
    weight: int | None,
    kinds: tuple[str, ...],
    pay: str | None,
    as_json: bool,
    lang: str,
) -> None:
    """Read the pass in a PICTURE and ask the server whether it opens the gate.

    Status 0 when the gate opens, 1 when it stays shut, 2 when nobody could tell.
    """
    known = state.load(path)
    here, payment, key = _gate(known, gate), _payment(pay), secrets.token_hex(8)
    seen = wire.Vehicle(vehicle, height, weight)
    credential = code_in(picture)
    with client.TerminalClient(known, clock=utc_now) as terminal:
        answer = terminal.validate(
            credential,
            gate=here,
            direction=Direction.EXIT if leaving else Direction.ENTRY,
            vehicle=seen if seen != wire.Vehicle() else None,
            items=[_item(text) for text in kinds],
            payment=payment,
            key=key,
        )
    _tell(context, answer, as_json=as_json, lang=lang, key=None if leaving else key)


@click.command("deposit", epilog="Example: multipass terminal deposit card.png --kind rubble=0.5m3 --kind tyre=2piece")
@click.argument("picture", type=click.Path(path_type=Path))
@click.option(
    "--kind", "kinds", metavar="KIND=AMOUNT", multiple=True, required=True, help="A kind and how much of it: green=1m3."
)
@_state_option
@_gate_option
@_pay_option
@_json_option
@_lang_option
@click.pass_context
def deposit(
    context: click.Context,
    picture: Path,
    kinds: tuple[str, ...],
    path: Path,
    *,
    gate: str | None,
    pay: str | None,
    as_json: bool,
    lang: str,
) -> None:
    """Record what somebody who came in with the pass in a PICTURE hands over.

    Units are m3, litre and piece, as each kind is measured. Status 0 when it is recorded, 1 when it is refused.
    """
    known = state.load(path)
    items, here, payment = [_item(text) for text in kinds], _gate(known, gate), _payment(pay)
    key, credential = secrets.token_hex(8), code_in(picture)
    with client.TerminalClient(known, clock=utc_now) as terminal:
        answer = terminal.deposit(credential, gate=here, items=items, payment=payment, key=key)
    _tell(context, answer, as_json=as_json, lang=lang, key=key)


@click.command("cancel", epilog="Example: multipass terminal cancel 9f02c41ab7d3e865")
@click.argument("key")
@_state_option
@_json_option
@_lang_option
@click.pass_context
def cancel(context: click.Context, key: str, path: Path, *, as_json: bool, lang: str) -> None:
    """Take back the entry or the deposit that this terminal recorded under KEY, a few minutes ago.

    Status 0 when it is taken back, 1 when it is too late or was done before.
    """
    with client.TerminalClient(state.load(path), clock=utc_now) as terminal:
        answer = terminal.cancel(key)
    _tell(context, answer, as_json=as_json, lang=lang, key=None)


def _gate(known: state.State, gate: str | None) -> str:
    if gate is None and len(known.gates) != 1:
        raise Stop(f"{known.name} serves several gates, say which with --gate: {', '.join(known.gates)}.")
    return gate or known.gates[0]


def _payment(text: str | None) -> wire.Payment | None:
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,6})(?:\.(\d\d))?:(\S+)", text)
    if found is None:
        raise Stop(f"{text} is no payment: write euros and the till's reference, like 20.00:cb-42.")
    euros, cents, reference = found.groups(default="00")
    return wire.Payment(100 * int(euros) + int(cents), reference)


def _item(text: str) -> wire.Item:
    found = re.fullmatch(r"([a-z]+)=(\d+(?:\.\d+)?)(m3|litre|piece)", text)
    if found is None:
        raise Stop(f"{text} is no deposit: write the kind, how much and its unit, like rubble=0.5m3.")
    kind, amount, unit = found.groups()
    return wire.Item(kind, unit, float(amount))


def _tell(context: click.Context, answer: Answer, *, as_json: bool, lang: str, key: str | None) -> None:
    """Print an answer, with the key by which it may be taken back, and end with its status."""
    opens = answer.outcome in _OPENS
    if as_json:
        click.echo(msgspec.json.encode(answer).decode())
    else:
        show(answer, french=lang == "fr")
        if opens and key is not None and answer.reason is not Reason.DOUBLE_READ:  # which counted nothing
            word = "Pour annuler" if lang == "fr" else "To take it back"
            say(f"{word}{' ' if lang == 'fr' else ''}: multipass terminal cancel {key}")
    context.exit(0 if opens else 1)
