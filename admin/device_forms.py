"""Devices of the connected city as agents write them: one by a form, many by a file, and keeping one from residents.

A form is one line of the register's file (docs/tour-register.md), and takes the way of a file: the same checks, the
same faults, told at their field.
"""

import csv
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from io import StringIO
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath

from admin.devices import PATH, WORDS
from admin.forms import Form, read
from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import language_of
from api.journalling import Note, journal_note
from domain.acts import Act
from domain.agents import Permission
from domain.device_changes import LONGEST_REASON, ToldChange
from domain.devices import DeviceKind, Sight
from domain.errors.devices import BadDeviceFile, HomeShown
from domain.journal import LONGEST_ID, Kind, Object
from domain.ports import Clock, Unit
from store.database import Begin, Database
from tour.catalogue import CATALOGUE
from tour.device_cells import of_device, of_stream
from tour.device_file import LONGEST, OF_DEVICE, OF_STREAM
from tour.known import from_catalogue
from tour.register import Hand, Report, bring_in, keep_back, show_again

LONGEST_CELL = 200
_UTF8_BYTES = 4
_LONGEST_NUMBER = 18
_MOST_CHANGES = 20
_MANAGE: dict[str, Any] = {"rule": Permission.SENSOR_MANAGE}
_FIELDS = (*OF_DEVICE, *OF_STREAM)
_ON_THE_WHOLE = {
    "face-recognition-refused": "camera",
    "camera-undeclared": "camera",
    "home-shown": "public",
    "position-outside": "latitude",
    "source-taken": "source_key",
    "impossible-stream": "period_minutes",
}
"""At which field a fault of the whole line stands."""


class _NothingWritten(Exception):
    """What was brought was only tried, or something of it is refused."""


class _CodeTaken(Exception):
    """There is a device of this code: it is changed on its own page."""


class _Overtaken(Exception):
    """Somebody has changed the device since the form was drawn."""

    def __init__(self, since: list[ToldChange]) -> None:
        super().__init__()
        self.since = since


@get("/devices/new", opt=_MANAGE, include_in_schema=False)
async def new(request: Asked) -> Page:
    """Ask for a device and what it measures first."""
    return _form(request, Form({"public": "no", "camera": Sight.NONE}), "")


@post("/devices/new", opt={**_MANAGE, "journal": Act.DEVICE_WRITTEN}, include_in_schema=False)
async def register(
    request: Asked, begin: NamedDependency[Begin], clock: NamedDependency[Clock], note: NamedDependency[Note]
) -> Page | Response[None]:
    """Register a device. A code that is taken is refused: a device is changed on its own page."""
    form = await read(request)
    note.about(Object(Kind.DEVICE, form.kept("device").strip()[:LONGEST_ID]))
    return await _take(request, begin, form, "", clock())


@get("/devices/{code:str}/write", opt=_MANAGE, include_in_schema=False)
async def write_form(request: Asked, code: FromPath[str], database: NamedDependency[Database]) -> Page:
    """Ask what changes of a device and of one of its streams; without a stream, for a new one."""
    async with database.look() as unit:
        device = await unit.devices.by_code(request.user.authority_id, code)
        streams = await unit.devices.streams(device.id)
        seen = _newest(await unit.devices.changes(device.id, after=0, most=1))
    wanted = request.query_params.get("stream", "")
    stream = next((one for one in streams if str(one.id) == wanted), None)
    cells = {**of_stream(stream), "stream": wanted} if stream is not None else {}
    return _form(request, Form({**of_device(device), **cells, "seen": seen}), code)


@post("/devices/{code:str}/write", opt={**_MANAGE, "journal": Act.DEVICE_WRITTEN}, include_in_schema=False)
async def write(
    *,
    request: Asked,
    code: FromPath[str],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Page | Response[None]:
    """Write a device and one stream of it anew; its other streams stay as they are.

    Whoever has not seen what a colleague has changed since reads it first, beside what they typed.
    """
    form = await read(request)
    form.typed["device"] = code
    note.about(Object(Kind.DEVICE, code))
    return await _take(request, begin, form, code, clock())


@get("/devices/import", opt=_MANAGE, include_in_schema=False)
async def file_form(request: Asked) -> Page:
    """Ask for a file of devices."""
    return _file(request, Form(), "", None)


@post(
    "/devices/import",
    opt={**_MANAGE, "journal": Act.DEVICES_IMPORTED},
    request_max_body_size=2 * _UTF8_BYTES * LONGEST,
    include_in_schema=False,
)
async def import_file(
    request: Asked, begin: NamedDependency[Begin], clock: NamedDependency[Clock], note: NamedDependency[Note]
) -> Page | Response[None]:
    """Try a file and tell of each line what would become of it; then, asked again, bring all of it in."""
    form, text = await read(request), ""
    sent = (await request.form()).get("file")
    if isinstance(sent, UploadFile) and sent.filename:
        try:
            text = (await sent.read()).decode("utf-8-sig")
        except UnicodeDecodeError:
            form.refuse("file", "not_utf8")
    else:
        text = form.kept("checked")
        if not text:
            form.refuse("file", "no_file")
    report = None
    if not form.is_wrong:
        try:
            report = await _brought(request, begin, text, clock(), keep=form.kept("deed") == "keep")
        except BadDeviceFile:
            form.refuse("file", "bad_file")
    if report is None:
        return _file(request, form, "", None, status_code=422)
    if form.kept("deed") == "keep" and not report.refused:
        return go(request, PATH, said=_said(request, "imported_said").format(count=len(report.lines)))
    note.nothing()
    return _file(request, form, text, report, status_code=422 if report.refused else 200)


@post("/devices/{code:str}/suspend", opt={**_MANAGE, "journal": Act.DEVICE_KEPT_BACK}, include_in_schema=False)
async def suspend(
    *,
    request: Asked,
    code: FromPath[str],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Response[None]:
    """Keep a device from residents, and say why to colleagues. It is heard as before."""
    form = await read(request)
    reason = form.text("reason", longest=LONGEST_REASON)
    if form.is_wrong:
        note.nothing()
        return go(request, f"{PATH}/{code}", said=_said(request, "reason_missing"))
    note.about(Object(Kind.DEVICE, code))
    async with begin() as unit:
        device = await unit.devices.by_code(request.user.authority_id, code)
        await keep_back(unit, device, reason, Hand(request.user.id, clock()))
    return go(request, f"{PATH}/{code}", said=_said(request, "suspended_said"))


@post("/devices/{code:str}/resume", opt={**_MANAGE, "journal": Act.DEVICE_SHOWN_AGAIN}, include_in_schema=False)
async def resume(
    *,
    request: Asked,
    code: FromPath[str],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Response[None]:
    """Show a device to residents again, unless it is one that they never see."""
    note.about(Object(Kind.DEVICE, code))
    try:
        async with begin() as unit:
            device = await unit.devices.by_code(request.user.authority_id, code)
            await show_again(unit, device, Hand(request.user.id, clock()))
    except HomeShown:
        note.nothing()
        return go(request, f"{PATH}/{code}", said=_said(request, "home-shown"))
    return go(request, f"{PATH}/{code}", said=_said(request, "resumed_said"))


async def _take(request: Asked, begin: Begin, form: Form, code: str, now: datetime) -> Page | Response[None]:
    for name in _FIELDS:
        form.text(name, longest=LONGEST_CELL, required=False)
    device = form.kept("device").strip()
    report = Report(())
    if not form.is_wrong:
        check = partial(_check_seen if code else _check_free, request, form)
        try:
            report = await _brought(request, begin, _line(form), now, keep=True, check=check)
        except _Overtaken as overtaken:
            form.typed["seen"] = _newest(overtaken.since)
            return _form(request, form, code, status_code=409, since=overtaken.since)
        except _CodeTaken:
            form.refuse("device", "code_taken")
        for fault in (fault for line in report.lines for fault in line.faults):
            column = fault.column or _ON_THE_WHOLE.get(fault.code, "device")
            form.refuse(column, fault.code if fault.code in WORDS["fr"] else "does_not_fit")
    if form.is_wrong:
        return _form(request, form, code, status_code=422)
    return go(request, f"{PATH}/{device}", said=_said(request, "written_said"))


def _line(form: Form) -> str:
    """The form as a file of one line."""
    written = StringIO()
    writer = csv.writer(written, delimiter=";")
    writer.writerow(_FIELDS)
    writer.writerow([form.kept(name).strip() for name in _FIELDS])
    return written.getvalue()


async def _brought(
    request: Asked,
    begin: Begin,
    text: str,
    now: datetime,
    *,
    keep: bool,
    check: Callable[[Unit], Awaitable[None]] | None = None,
) -> Report:
    """Bring a file into the register, or see what would become of it: with one line refused, nothing is written."""
    report = Report(())
    with suppress(_NothingWritten):
        async with begin() as unit:
            if check is not None:
                await check(unit)
            report = await bring_in(unit, request.auth.authority, text, from_catalogue(), Hand(request.user.id, now))
            if report.refused or not keep:
                raise _NothingWritten
    return report


async def _check_free(request: Asked, form: Form, unit: Unit) -> None:
    if await unit.devices.find(request.user.authority_id, form.kept("device").strip()) is not None:
        raise _CodeTaken


async def _check_seen(request: Asked, form: Form, unit: Unit) -> None:
    device = await unit.devices.hold(request.user.authority_id, form.kept("device"))
    said = form.kept("seen")
    seen = int(said) if said.isascii() and said.isdigit() and len(said) <= _LONGEST_NUMBER else 0
    since = await unit.devices.changes(device.id, after=seen, most=_MOST_CHANGES)
    if since:
        raise _Overtaken(since)


def _newest(changes: Sequence[ToldChange]) -> str:
    """Return the place in its history that a form is drawn from."""
    return str(changes[0].number) if changes else "0"


def _form(request: Asked, form: Form, code: str, *, status_code: int = 200, since: Sequence[ToldChange] = ()) -> Page:
    if status_code >= 400:
        journal_note().nothing()
    language = language_of(request)
    return draw(
        request,
        "devices/write.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        code=code,
        changes=since,
        kinds=[(one.value, WORDS[language][f"kind_{one.value}"]) for one in DeviceKind],
        sights=[(one.value, WORDS[language][f"sight_{one.value}"]) for one in Sight],
        models=sorted((code, one.name) for code, one in CATALOGUE.models.items()),
        quantities=sorted(
            ((code, one.name.fr if language == "fr" else one.name.en) for code, one in CATALOGUE.quantities.items()),
            key=lambda pair: pair[1],
        ),
    )


def _file(request: Asked, form: Form, text: str, report: Report | None, *, status_code: int = 200) -> Page:
    return draw(
        request,
        "devices/import.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        text=text,
        report=report,
        columns=[*OF_DEVICE, *OF_STREAM],
    )


def _said(request: Asked, word: str) -> str:
    return WORDS[language_of(request)][word]


ROUTES = (file_form, import_file, new, register, write_form, write, suspend, resume)
