"""Devices of the connected city as agents write them: one by a form, many by a file, and keeping one from residents.

A form is one line of the register's file (docs/tour-register.md), and takes the way of a file: the same checks, the
same faults, told at their field.
"""

import csv
from contextlib import suppress
from io import StringIO

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath

from admin.devices import PATH, WORDS
from admin.forms import Form, read
from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import language_of
from domain.agents import Permission
from domain.devices import Device, DeviceKind, Sight, Stream
from domain.errors.devices import BadDeviceFile, HomeShown
from domain.ports import Clock
from store.database import Begin, Database
from tour.catalogue import CATALOGUE
from tour.device_file import LONGEST, OF_DEVICE, OF_STREAM
from tour.known import from_catalogue
from tour.register import Report, bring_in, keep_back, show_again

LONGEST_CELL = 200
_LONGEST_REASON = 120
_UTF8_BYTES = 4
_MANAGE = {"rule": Permission.SENSOR_MANAGE}
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


@get("/devices/new", opt=_MANAGE, include_in_schema=False)
async def new(request: Asked) -> Page:
    """Ask for a device and what it measures first."""
    return _form(request, Form({"public": "no", "camera": Sight.NONE}), "")


@post("/devices/new", opt=_MANAGE, include_in_schema=False)
async def register(request: Asked, begin: NamedDependency[Begin]) -> Page | Response[None]:
    """Register a device. A code that is taken is refused: a device is changed on its own page."""
    form = await read(request)
    return await _take(request, begin, form, "")


@get("/devices/{code:str}/write", opt=_MANAGE, include_in_schema=False)
async def write_form(request: Asked, code: FromPath[str], database: NamedDependency[Database]) -> Page:
    """Ask what changes of a device and of one of its streams; without a stream, for a new one."""
    async with database.look() as unit:
        device = await unit.devices.by_code(request.user.authority_id, code)
        streams = await unit.devices.streams(device.id)
    wanted = request.query_params.get("stream", "")
    stream = next((one for one in streams if str(one.id) == wanted), None)
    return _form(request, Form({**_of_device(device), **(_of_stream(stream) if stream else {})}), code)


@post("/devices/{code:str}/write", opt=_MANAGE, include_in_schema=False)
async def write(request: Asked, code: FromPath[str], begin: NamedDependency[Begin]) -> Page | Response[None]:
    """Write a device and one stream of it anew; its other streams stay as they are."""
    form = await read(request)
    form.typed["device"] = code
    return await _take(request, begin, form, code)


@get("/devices/import", opt=_MANAGE, include_in_schema=False)
async def file_form(request: Asked) -> Page:
    """Ask for a file of devices."""
    return _file(request, Form(), "", None)


@post("/devices/import", opt=_MANAGE, request_max_body_size=2 * _UTF8_BYTES * LONGEST, include_in_schema=False)
async def import_file(request: Asked, begin: NamedDependency[Begin]) -> Page | Response[None]:
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
            report = await _brought(request, begin, text, keep=form.kept("deed") == "keep")
        except BadDeviceFile:
            form.refuse("file", "bad_file")
    if report is None:
        return _file(request, form, "", None, status_code=422)
    if form.kept("deed") == "keep" and not report.refused:
        return go(request, PATH, said=_said(request, "imported_said").format(count=len(report.lines)))
    return _file(request, form, text, report, status_code=422 if report.refused else 200)


@post("/devices/{code:str}/suspend", opt=_MANAGE, include_in_schema=False)
async def suspend(
    request: Asked, code: FromPath[str], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> Response[None]:
    """Keep a device from residents, and say why to colleagues. It is heard as before."""
    form = await read(request)
    reason = form.text("reason", longest=_LONGEST_REASON)
    if form.is_wrong:
        return go(request, f"{PATH}/{code}", said=_said(request, "reason_missing"))
    async with begin() as unit:
        device = await unit.devices.by_code(request.user.authority_id, code)
        await keep_back(unit, device, reason, now=clock())
    return go(request, f"{PATH}/{code}", said=_said(request, "suspended_said"))


@post("/devices/{code:str}/resume", opt=_MANAGE, include_in_schema=False)
async def resume(
    request: Asked, code: FromPath[str], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> Response[None]:
    """Show a device to residents again, unless it is one that they never see."""
    try:
        async with begin() as unit:
            device = await unit.devices.by_code(request.user.authority_id, code)
            await show_again(unit, device, now=clock())
    except HomeShown:
        return go(request, f"{PATH}/{code}", said=_said(request, "home-shown"))
    return go(request, f"{PATH}/{code}", said=_said(request, "resumed_said"))


async def _take(request: Asked, begin: Begin, form: Form, code: str) -> Page | Response[None]:
    for name in _FIELDS:
        form.text(name, longest=LONGEST_CELL, required=False)
    device = form.kept("device").strip()
    if not form.is_wrong and not code:
        async with begin() as unit:
            if await unit.devices.find(request.user.authority_id, device) is not None:
                form.refuse("device", "code_taken")
    if not form.is_wrong:
        report = await _brought(request, begin, _line(form), keep=True)
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


async def _brought(request: Asked, begin: Begin, text: str, *, keep: bool) -> Report:
    """Bring a file into the register, or see what would become of it: with one line refused, nothing is written."""
    report = Report(())
    with suppress(_NothingWritten):
        async with begin() as unit:
            report = await bring_in(unit, request.auth.authority, text, from_catalogue())
            if report.refused or not keep:
                raise _NothingWritten
    return report


def _form(request: Asked, form: Form, code: str, *, status_code: int = 200) -> Page:
    language = language_of(request)
    return draw(
        request,
        "devices/write.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        code=code,
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


def _of_device(device: Device) -> dict[str, str]:
    return {
        "device": device.code,
        "name_fr": device.name.fr,
        "name_en": device.name.en,
        "kind": device.kind.value,
        "model": device.model,
        "camera": device.sight.value,
        "latitude": f"{device.latitude:.10g}",
        "longitude": f"{device.longitude:.10g}",
        "commune": device.commune_code,
        "installed_on": device.installed_on.isoformat(),
        "retired_on": device.retired_on.isoformat() if device.retired_on is not None else "",
        "source": device.source,
        "source_key": device.source_key,
        "public": _yes(device.public),
    }


def _of_stream(stream: Stream) -> dict[str, str]:
    return {
        "quantity": stream.quantity,
        "channel": stream.channel,
        "period_minutes": f"{stream.period_seconds / 60:.10g}",
        "delay_minutes": f"{stream.delay_seconds / 60:.10g}",
        "low": _number(stream.low),
        "high": _number(stream.high),
        "max_step_per_minute": _number(stream.max_step_per_minute),
        "may_stand_still": _yes(stream.may_stand_still),
        "shown": _yes(stream.public),
        "calibrated_on": stream.calibrated_on.isoformat() if stream.calibrated_on is not None else "",
        "time_zone": stream.time_zone,
        "stream": str(stream.id),
    }


def _yes(said: bool) -> str:  # noqa: FBT001 - a cell of the file
    return "yes" if said else "no"


def _number(value: float | None) -> str:
    return f"{value:.10g}" if value is not None else ""


def _said(request: Asked, word: str) -> str:
    return WORDS[language_of(request)][word]


ROUTES = (file_form, import_file, new, register, write_form, write, suspend, resume)
