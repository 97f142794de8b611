"""`multipass device`: the devices of the connected city, what they say, and what nobody could read."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from uuid import UUID

import rich_click as click

from adapters.clock import utc_now
from cli.device_simulate import simulate
from cli.screen import say, spoken, table
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from domain.errors.devices import BadDeviceFile
from domain.readings import NEVER, Newest
from domain.text import Text
from store.dead_letters import dead_letter, dead_letters
from store.devices import streams_in_service
from store.readings import newest
from store.troubles import open_troubles
from tour.device_file import LONGEST
from tour.freshness import freshness
from tour.known import from_catalogue
from tour.register import Hand, Outcome, Report, Result, bring_in
from tour.upkeep import upkeep


@click.group("device", epilog="Example: multipass device import devices.csv --dry-run")
def command() -> None:
    """Devices of the connected city: register, list, look at what they say."""


command.add_command(simulate)


@command.command("import", epilog="Example: multipass device import devices.csv --dry-run")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Check every line, write nothing.")
@authority_option
@with_session
async def import_(session: Session, file: Path, *, dry_run: bool, authority_code: str | None) -> None:
    """Bring what a FILE says into the register: all of it, or nothing.

    One line is one stream. Every line is told: new, changed, there already, or refused and why.
    """
    written = _text_of(file)
    with suppress(_NothingWritten):
        async with session.database.begin() as unit:
            authority = await authority_of(unit, authority_code)
            report = await bring_in(unit, authority, written, from_catalogue(), Hand(None, utc_now()))
            if report.refused or dry_run:
                raise _NothingWritten
    _tell(report)
    if report.refused:
        raise Stop(f"{report.refused} of {len(report.lines)} lines are refused: nothing was written.")
    if dry_run:
        say("Nothing was written: this was a dry run.")


class _NothingWritten(Exception):
    """The file was only tried, or a line of it is refused."""


def _text_of(file: Path) -> str:
    try:
        with file.open(encoding="utf-8", newline="") as opened:
            return opened.read(LONGEST + 1)
    except UnicodeDecodeError:
        raise BadDeviceFile(f"{file} is not UTF-8: save it as “CSV UTF-8”.") from None


def _tell(report: Report) -> None:
    rows = ((str(one.number), one.device_code, one.quantity, _said(one)) for one in report.lines)
    table(("line", "device", "stream", "result"), rows, empty="The file says nothing.")


def _said(one: Outcome) -> str:
    if one.result is Result.CHANGED:
        return f"changed: {', '.join(one.changes)}"
    faults = (f"{fault.column or 'line'}: {fault.words} ({fault.code})" for fault in one.faults)
    return f"refused, {'; '.join(faults)}" if one.faults else one.result.value


@command.command("list", epilog="Example: multipass device list --troubles")
@click.option("--troubles", is_flag=True, help="Only streams that somebody should look at.")
@authority_option
@with_session
async def list_(session: Session, *, troubles: bool, authority_code: str | None) -> None:
    """List the devices in service, with their streams and how fresh each is."""
    now = utc_now()
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
    async with session.database.read() as connection:
        found = await streams_in_service(connection, authority.id)
        last = await newest(connection, [stream.id for _, stream in found])
        wrong = {one.stream_id: one for one in await open_troubles(connection, authority.id)}
    rows = [
        (
            device.code,
            _in_words(device.name),
            f"{stream.quantity} {stream.channel}".strip(),
            freshness(stream, last.get(stream.id, NEVER), now).state.value,
            f"{wrong[stream.id].trouble} since {_moment(wrong[stream.id].since)}" if stream.id in wrong else "",
        )
        for device, stream in found
        if stream.id in wrong or not troubles
    ]
    empty = "Every stream speaks." if troubles else "No device yet: multipass device import FILE"
    table(("device", "name", "stream", "state", "trouble"), rows, empty=empty)


@command.command("show", epilog="Example: multipass device show school-gambetta-12")
@click.argument("code")
@authority_option
@with_session
async def show(session: Session, code: str, *, authority_code: str | None) -> None:
    """Show a device: where it is, what it measures, and the last word of each stream."""
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
        device = await unit.devices.by_code(authority.id, code)
        streams = await unit.devices.streams(device.id)
    async with session.database.read() as connection:
        last = await newest(connection, [stream.id for stream in streams])
    say(
        f"{_in_words(device.name)} ({device.code}), {device.kind.value}, {device.model}",
        f"at {device.latitude:g}, {device.longitude:g} in {device.commune_code}, since {device.installed_on}"
        + (f", until {device.retired_on}" if device.retired_on is not None else ""),
        f"{device.source_key} at {device.source}; protection level {device.protection_level}; "
        + ("shown to the public" if device.public else "not shown to the public"),
    )
    table(
        ("stream", "every", "between", "last shown", "last hidden"),
        (
            (
                f"{stream.quantity} {stream.channel}".strip(),
                f"{stream.period_seconds / 60:g} min",
                f"{_end(stream.low)} and {_end(stream.high)} {stream.unit}",
                _value(last.get(stream.id, NEVER).shown, stream.unit),
                _value(last.get(stream.id, NEVER).hidden, stream.unit),
            )
            for stream in streams
        ),
        empty="It has no stream.",
    )


@command.command("letters", epilog="Example: multipass device letters --source chirpstack")
@click.option("--source", metavar="CODE", help="Only those of one source.")
@authority_option
@with_session
async def letters(session: Session, *, source: str | None, authority_code: str | None) -> None:
    """List the messages of the last seven days that could not be read, the newest first."""
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
    async with session.database.read() as connection:
        found = await dead_letters(connection, authority.id, source=source)
    rows = (
        (str(one.id), one.source, _moment(one.received_at), one.why, one.detail, "yes" if one.replayed_at else "")
        for one in found
    )
    table(("letter", "source", "received", "why", "detail", "sent again"), rows, empty="Every message was read.")


@command.command("letter", epilog="Example: multipass device letter 0197a1de-3f60-7c11-9a55-5c2d1f0e7b42")
@click.argument("letter_id", metavar="ID", type=click.UUID)
@authority_option
@with_session
async def letter(session: Session, letter_id: UUID, *, authority_code: str | None) -> None:
    """Print a message that could not be read, as it came."""
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
    async with session.database.read() as connection:
        found = await dead_letter(connection, authority.id, letter_id)
    click.echo(found.payload, nl=False)


@command.command("upkeep", epilog="Example: multipass device upkeep")
@with_session
async def upkeep_(session: Session) -> None:
    """Roll readings up, look for silent streams, forget what is old enough. To be run every minute."""
    done = await upkeep(session.database, utc_now())
    say(
        f"{done.quarters} quarters rolled up; {len(done.watched.begun)} troubles begun, {len(done.watched.over)} over; "
        f"{done.forgotten.dead_letters} unread messages forgotten."
    )


def _in_words(name: Text) -> str:
    return name.fr if spoken() == "fr" else name.en


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _end(bound: float | None) -> str:
    return "any" if bound is None else f"{bound:g}"


def _value(value: Newest | None, unit: str) -> str:
    if value is None:
        return "never"
    return f"{value.value:g} {unit}, {_moment(value.observed_at)}, {value.quality.name.lower().replace('_', ' ')}"
