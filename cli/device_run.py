"""`multipass terminal run`, `status`, `sync`: a gate that works with and without its server."""

import sys
import threading
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Literal

import msgspec
import rich_click as click

from adapters.clock import utc_now
from cli.device import _gate, _gate_option, _lang_option, _state_option
from cli.screen import console, say
from cli.stop import Stop
from cli.verdict import show
from domain.access.facts import Direction
from domain.text import Text
from nfc.hce import Challenge
from terminal import queue, readers
from terminal.device import Device
from terminal.errors import NoAnswer, TerminalError, Unsupported
from terminal.run import Command, Gate, Shown
from terminal.run import run as run_gate
from terminal.sounds import Speaker

_IDLE_SECONDS = 2.5
"""How long a verdict stays: the next person has come forward by then."""

_READY = {
    Direction.ENTRY: Text(fr="Entrée : présentez votre pass", en="Entrance: show your pass"),
    Direction.EXIT: Text(fr="Sortie : présentez votre pass", en="Exit: show your pass"),
    Direction.DEPOSIT: Text(fr="Présentez votre pass", en="Show your pass"),
}
_ALONE = Text(
    fr="Sans réseau : décidé ici, transmis plus tard ({waiting} en attente).",
    en="No network: decided here, told later ({waiting} waiting).",
)

_AWAY = "The server does not answer."


@click.command("run", epilog="Example: multipass terminal run --gate pool-entrance --sound")
@_state_option
@_gate_option
@click.option("--exit", "leaving", is_flag=True, help="Begin with people who leave, instead of those who come in.")
@click.option(
    "--reader",
    default="keyboard",
    show_default=True,
    help="keyboard: a scanner that types; pcsc or pcsc:NAME: a reader of cards and phones.",
)
@click.option(
    "--page",
    "port",
    type=click.IntRange(0, 65_535),
    metavar="PORT",
    help="The screen is a page with a camera, in this machine's own browser: http://127.0.0.1:PORT/gate.",
)
@click.option("--sound", is_flag=True, help="A sound for each verdict; the bell where nothing plays sounds.")
@click.option("--json", "as_json", is_flag=True, help="Print each answer as a line of JSON, and nothing else.")
@_lang_option
def run(
    path: Path,
    *,
    gate: str | None,
    leaving: bool,
    reader: str,
    port: int | None,
    sound: bool,
    as_json: bool,
    lang: Literal["fr", "en"],
) -> None:
    """Be a gate: read passes, show who may go through, with the server or without.

    Type / and Enter to go over from entries to exits and back, ? for the state of things, q to end. Ends too where
    what it reads from ends.
    """
    if port is not None and (reader != "keyboard" or sound or as_json):
        raise Stop("A page reads and sounds by itself: leave out --reader, --sound and --json.")
    with Device(path, utc_now) as device:
        here = _gate(device.pairing, gate)
        if here not in device.pairing.gates:
            raise Stop(f"{device.pairing.name} does not serve {here}. It serves {', '.join(device.pairing.gates)}.")
        door = Gate(device, here, Direction.EXIT if leaving else Direction.ENTRY)
        if port is not None:
            from cli import device_page

            device.keeper.start()
            device_page.serve(device, door, port, code=here, lang=lang)
            return
        source = _source(device, here, reader)
        front = _Front(device, door, french=lang == "fr", as_json=as_json, speaker=Speaker() if sound else None)
        device.reporter.gate = here
        device.start()
        front.ready()
        try:
            run_gate(door, source, show=front.show, command=front.command)
        except KeyboardInterrupt:
            pass
        finally:
            front.close()


@click.command("status", epilog="Example: multipass terminal status")
@_state_option
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def status(path: Path, *, as_json: bool) -> None:
    """Say how a terminal is: what it has to tell, how old its bundle is, whether the server answers.

    Status 0 when all is well, 1 when somebody should look.
    """
    with Device(path, utc_now) as device:
        try:
            with device.client() as client:
                client.bundle(_service(device))
            trouble = ""
        except Unsupported:
            trouble = ""  # it answers, and that is what was asked
        except NoAnswer:
            trouble = _AWAY
        except TerminalError as problem:
            trouble = str(problem)
        found = _state(device, trouble)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    else:
        say(*_lines(found))
    sys.exit(1 if trouble or not found["bundle"] else 0)


@click.command("sync", epilog="Example: multipass terminal sync")
@_state_option
def sync(path: Path) -> None:
    """Bring what was decided alone, and fetch keys and bundle, once and now.

    Status 0 when the server has all of it, 1 when something waits.
    """
    with Device(path, utc_now) as device:
        with device.client() as client:
            device.keeper.turn(client)
        waiting, trouble = queue.waiting(device.disk), device.keeper.trouble
    say(f"{waiting} passages wait to be told." if waiting else "Everything is told.", *([trouble] if trouble else []))
    sys.exit(1 if waiting or trouble else 0)


class _Front:
    """What people see and hear of a gate."""

    def __init__(self, device: Device, gate: Gate, *, french: bool, as_json: bool, speaker: Speaker | None) -> None:
        self._device = device
        self._gate = gate
        self._french = french
        self._as_json = as_json
        self._speaker = speaker
        self._whole = sys.stdout.isatty() and not as_json
        self._idle: threading.Timer | None = None

    def show(self, shown: Shown) -> None:
        """Show a verdict, and let it be heard."""
        self._stop_idling()
        if self._speaker is not None:
            self._speaker.play(shown.answer.outcome)
        if self._as_json:
            said = {**msgspec.to_builtins(shown.answer), "key": shown.key, "alone": shown.alone}
            click.echo(msgspec.json.encode(said).decode())
            return
        show(shown.answer, french=self._french, whole=self._whole)
        if shown.trouble:
            say(shown.trouble)
        elif shown.alone:
            say(self._said(_ALONE).format(waiting=queue.waiting(self._device.disk)))
        if self._whole:
            self._idle = threading.Timer(_IDLE_SECONDS, self.ready)
            self._idle.daemon = True
            self._idle.start()

    def command(self, asked: Command) -> None:
        """Answer whoever stands at the terminal."""
        self._stop_idling()
        if asked is Command.STATUS and not self._as_json:
            away = "" if self._device.link.online or self._device.link.revoked else _AWAY
            say(*_lines(_state(self._device, self._device.keeper.trouble or away)))
        else:
            self.ready()

    def ready(self) -> None:
        """Wait for the next person."""
        if self._as_json:
            return
        if self._whole:
            console().clear()
        say(self._said(_READY[self._gate.direction]))

    def close(self) -> None:
        """End with the last sound."""
        self._stop_idling()
        if self._speaker is not None:
            self._speaker.close()

    def _stop_idling(self) -> None:
        if self._idle is not None:
            self._idle.cancel()

    def _said(self, text: Text) -> str:
        return text.fr if self._french else text.en


def _source(device: Device, gate: str, reader: str) -> Iterable[str]:
    if reader == "keyboard":
        return _typed()
    kind, _, name = reader.partition(":")
    if kind != "pcsc":
        raise Stop(f"{reader} is no reader: use keyboard, pcsc or pcsc:NAME.")

    def draw() -> Challenge:
        place = device.bundles.place(gate)
        service = place.held.bundle.service if place is not None else ""
        return device.challenges.draw(service, int(device.clock.now().timestamp()))

    return readers.credentials(readers.PcscReader(name), draw)


def _typed() -> Iterator[str]:
    """Lines as they are typed; what is no text is read as what it cannot be."""
    for line in sys.stdin.buffer:
        yield line.decode(errors="replace")


def _service(device: Device) -> str:
    places = (device.bundles.place(gate) for gate in device.pairing.gates)
    return next((place.held.bundle.service for place in places if place is not None), "pool")


def _state(device: Device, trouble: str) -> dict[str, object]:
    now, place = device.clock.now(), None
    for gate in device.pairing.gates:
        place = place or device.bundles.place(gate)
    held = place.held if place is not None else None
    return {
        "terminal": device.pairing.name,
        "server": device.pairing.server,
        "gates": device.pairing.gates,
        "waiting": queue.waiting(device.disk),
        "online": not trouble,
        "revoked": device.link.revoked,
        "clockSure": device.clock.sure,
        "trouble": trouble,
        "bundle": None
        if held is None or place is None
        else {
            "service": held.bundle.service,
            "sequence": held.bundle.sequence,
            "ageSeconds": int(held.age(now).total_seconds()),
            "fails": place.site.policy.fails,
        },
        "places": _places(device, now.date().isoformat()),
    }


def _places(device: Device, today: str) -> list[str]:
    """Say of each gate's site when it is open today, as the server told it last."""
    sites = {site.code: site for site in device.reporter.configuration.sites}
    said = []
    for gate in device.reporter.configuration.gates:
        site = sites.get(gate.site)
        hours = [day.hours for day in site.days if day.day.isoformat() == today] if site is not None else []
        if site is not None and hours:
            spans = ", ".join(f"{span.opens} to {span.closes}" for span in hours[0])
            said.append(f"{gate.name['en']}, {site.name['en']}: {f'open {spans}' if spans else 'closed'} today.")
    return said


def _lines(found: dict[str, object]) -> list[str]:
    bundle = found["bundle"]
    lines = [
        f"{found['terminal']}, of {found['server']}",
        "The server answers." if found["online"] else str(found["trouble"]),
        f"{found['waiting']} passages wait to be told." if found["waiting"] else "Everything is told.",
    ]
    places = found["places"]
    lines += places if isinstance(places, list) else []
    if isinstance(bundle, dict):
        age = timedelta(seconds=bundle["ageSeconds"])
        lines.append(
            f"Without network: bundle {bundle['sequence']} of {bundle['service']}, {age} old, fails {bundle['fails']}."
        )
    else:
        lines.append("Without network: nobody, for there is no bundle yet.")
    if found["revoked"]:
        lines.append("This terminal was revoked: it decides nothing. Pair it anew.")
    if not found["clockSure"]:
        lines.append("The time is not sure: without network nobody is let in until the server tells it.")
    return lines
