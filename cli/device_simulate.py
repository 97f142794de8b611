"""`multipass device simulate`: a device that is not there, for whoever connects a source and wants to see it arrive."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from math import sin
from typing import Any

import httpx
import rich_click as click

from adapters.clock import utc_now
from cli.demo.tour.chance import jitter
from cli.demo.tour.curves import Curve
from cli.demo.tour.messages import Post, written
from cli.demo.tour.plan import Part, Simulated, Speaker
from cli.demo.tour.publishing import publish
from cli.demo.tour.sources import PLAIN_MQTT
from cli.demo.tour.systems import CURVES
from cli.screen import say
from cli.stop import Stop
from tour.catalogue import model, quantity
from tour.terms import Field, Quantity
from tour.units import convert

FORMATS = ("chirpstack", "the-things-stack", "ngsi-ld", "sensorthings", "senml", PLAIN_MQTT)
"""What is posted or published; the other formats are of portals that are asked."""

_SWING_SECONDS = 6 * 3600


@click.command("simulate", epilog="Example: multipass device simulate --source lorawan --key 24e124707c010099 --print")
@click.option("--server", default="http://127.0.0.1:8400", show_default=True, metavar="URL", help="Where it posts.")
@click.option("--source", required=True, metavar="CODE", help="The source, as the server's file of sources names it.")
@click.option("--token", metavar="TEXT", help="The token of the source; asked for unless given.")
@click.option("--format", "format_", type=click.Choice(FORMATS), default=FORMATS[0], show_default=True, help="How.")
@click.option("--model", "model_code", default="milesight-am307", show_default=True, metavar="CODE", help="Its make.")
@click.option("--key", required=True, metavar="NAME", help="Its name at the source: devEui, entity id, Datastream.")
@click.option("--value", "values", multiple=True, metavar="FIELD=NUMBER", help="A field that says this, and no other.")
@click.option("--count", type=click.IntRange(1, 100_000), default=1, show_default=True, help="How many messages.")
@click.option("--every", type=click.IntRange(1, 86_400), default=10, show_default=True, help="Seconds between them.")
@click.option("--broker", metavar="HOST:PORT", help="Publish there instead of posting: for plain-mqtt.")
@click.option("--topic", metavar="TEXT", help="The topic, for plain-mqtt.")
@click.option("--print", "only_print", is_flag=True, help="Print what would be sent, and send nothing.")
def simulate(
    *,
    server: str,
    source: str,
    token: str | None,
    format_: str,
    model_code: str,
    key: str,
    values: tuple[str, ...],
    count: int,
    every: int,
    broker: str | None,
    topic: str | None,
    only_print: bool,
) -> None:
    """Speak as a device does, in a real format and through the real door, and tell what the server answers.

    Its values are such as its model measures in a city; --value says others, impossible ones too.
    """
    device = _device(source, model_code, key, _numbers(values), period=timedelta(seconds=every))
    if format_ == PLAIN_MQTT and not (topic and (broker or only_print)):
        raise Stop("plain-mqtt goes by a broker: name it with --broker HOST:PORT, and its --topic.")
    if format_ == "sensorthings" and not key.isdecimal():
        raise Stop("A Datastream of SensorThings is named by a number: --key 42.")
    if format_ == "ngsi-ld" and not re.fullmatch(r"urn:ngsi-ld:\w+:.+", key):
        raise Stop("An entity of NGSI-LD is named by a URN: --key urn:ngsi-ld:WasteContainer:42.")
    if not only_print and format_ != PLAIN_MQTT:
        token = token or click.prompt("Token of the source", hide_input=True)
    for post in _messages(format_, device, count, pause=0 if only_print else every):
        if only_print:
            click.echo(f"{topic or f'POST /hooks/{source}{post.below}'}\n{post.body.decode()}")
        elif broker and topic:
            _publish(post, broker, topic)
        else:
            _post(post, server, token or "")


def _device(source: str, model_code: str, key: str, given: dict[str, float], *, period: timedelta) -> Simulated:
    fields = model(model_code).fields
    unknown = ", ".join(sorted(given.keys() - fields.keys()))
    if unknown:
        raise Stop(f"{model_code} has no field {unknown}: it has {', '.join(fields)}.")
    parts = [
        Part(name, field, _always(given[name], field) if given else _likely(quantity(field.quantity), key))
        for name, field in fields.items()
        if name in given or (not given and quantity(field.quantity).meaning is not None)
    ]
    if not parts:
        raise Stop(f"Residents read nothing of {model_code}: name what it says with --value.")
    return Simulated(Speaker(key, model_code, source, key), tuple(parts), period)


def _always(value: float, field: Field) -> Curve:
    """Say one value, given in the device's own unit."""
    said = convert(value, field.unit, quantity(field.quantity))
    return lambda _: said


def _likely(measured: Quantity, key: str) -> Curve:
    """Say what a device of the demonstration says; of other quantities, swing around the middle of what is likely."""
    known = next((curve for (_, code), curve in CURVES.items() if code == measured.code), None)
    if known is not None:
        return known
    low, high = measured.likely or measured.physical
    return lambda at: (
        (low + high) / 2 + (high - low) / 4 * (0.9 * sin(at.timestamp() / _SWING_SECONDS) + 0.1 * jitter(key, at))
    )


def _numbers(values: tuple[str, ...]) -> dict[str, float]:
    try:
        return {name: float(number) for name, number in (one.split("=", 1) for one in values)}
    except ValueError:
        raise Stop("A value is a field and a number: --value co2=640.") from None


def _messages(format_: str, device: Simulated, count: int, *, pause: float) -> Iterator[Post]:
    for number in range(count):
        if number:
            time.sleep(pause)
        yield written(format_, device, utc_now())


def _post(post: Post, server: str, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    address = f"{server.rstrip('/')}/hooks/{post.source}{post.below}"
    try:
        answer = httpx.post(address, content=post.body, headers=headers, timeout=10)
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        raise Stop(f"{address} does not answer: {problem}.") from problem
    if answer.status_code != httpx.codes.NO_CONTENT:
        raise Stop(f"{answer.status_code} {_code(answer)}")
    say(f"204, stored: {post.body.decode()}")


def _code(answer: httpx.Response) -> str:
    try:
        problem: Any = answer.json()
        return f"{problem['code']}: {problem.get('detail', '')}"
    except (ValueError, KeyError, TypeError):
        return "and no problem that we know: is this address a server of MultiPass?"


def _publish(post: Post, broker: str, topic: str) -> None:
    host, _, port = broker.rpartition(":")
    if not host or not port.isdigit():
        raise Stop("A broker is a host and a port: --broker broker.example.org:1883.")
    try:
        publish(host, int(port), topic, post.body)
    except OSError as problem:
        raise Stop(f"{broker} does not take it: {problem}.") from problem
    say(f"{topic}: {post.body.decode()}")
