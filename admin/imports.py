"""Imports of old files: the file, what its columns are, what is wrong with its lines, and how far it has come."""

from contextlib import suppress
from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec.structs import replace

from adapters.card_files import LARGEST, read_card_file
from adapters.import_models import XLSX, model_file
from adapters.import_report import report_csv
from admin.forms import Form, read
from admin.paging import paged
from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import language_of, read_words
from api.importing import Importer, offered
from api.journalling import Note, origin_of
from domain import imports
from domain.acts import Act
from domain.agents import Permission
from domain.errors import AlreadyExists
from domain.errors.imports import BadImportFile, BadImportPlan, ImportNotFound
from domain.import_headings import guess
from domain.import_kinds import FIELDS_OF, NEEDED, ImportKind
from domain.import_words import FIELDS, KINDS, REASONS, STATES, sentence
from domain.imports import Import, ImportState, Plan
from domain.places import Authority, local_day
from domain.ports import Clock, Unit
from store.database import Begin, Database

WORDS = read_words("imports")
PATH = "/console/imports"
LINES_OF_A_PAGE = 50

_SHOWN: dict[str, Any] = {"rule": Permission.PEOPLE_IMPORT, "journal": Act.IMPORT_SHOWN}
_PREPARED: dict[str, Any] = {"rule": Permission.PEOPLE_IMPORT, "journal": Act.IMPORT_PREPARED}

_YEAR = 365
_LONGEST_CODE = 28
_LONGEST_HEADING = 200


@get("/imports", opt={"rule": Permission.PEOPLE_IMPORT}, include_in_schema=False)
async def listed(request: Asked, database: NamedDependency[Database], after: FromQuery[str] = "") -> Page:
    """List the imports, and take a new file."""
    return await _list(request, database, Form(), after=after)


@post(
    "/imports",
    opt=_PREPARED,
    include_in_schema=False,
    request_max_body_size=LARGEST + 64 * 1024,
)
async def add(
    *,
    request: Asked,
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Page | Response[None]:
    """Take a file in: what its columns are is asked next."""
    form = await read(request)
    code, kind = form.text("code", longest=_LONGEST_CODE), form.one_of("kind", ImportKind)
    sent = (await request.form()).get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        form.refuse("file", "no_file")
        return await _list(request, database, form, status_code=422)
    content = await sent.read()
    table = None
    with suppress(BadImportFile):
        table = read_card_file(content)
    if table is None:
        form.refuse("file", "bad_file")
    if form.is_wrong or table is None or kind is None:
        return await _list(request, database, form, status_code=422)
    now, authority = clock(), request.auth.authority
    until = date.fromordinal(local_day(now, authority.zone).toordinal() + _YEAR)
    try:
        async with begin() as unit:
            job = await imports.begin_import(
                unit,
                authority_id=authority.id,
                code=code,
                kind=kind,
                file_name=sent.filename,
                content=content,
                headings=table.headings,
                lines=len(table.rows),
                plan=Plan(guess(table.headings, kind), until=until),
                agent_id=request.user.id,
                now=now,
            )
            note.because(job.code)
    except (AlreadyExists, BadImportPlan) as refused:
        form.refuse("code", "code_taken" if isinstance(refused, AlreadyExists) else "bad_code")
        return await _list(request, database, form, status_code=422)
    return go(request, f"{PATH}/{job.code}")


@get("/imports/{code:str}", opt=_SHOWN, include_in_schema=False)
async def show(
    *,
    request: Asked,
    code: FromPath[str],
    database: NamedDependency[Database],
    note: NamedDependency[Note],
    after: FromQuery[int] = 0,
) -> Page:
    """Show an import: its columns before the check, its lines after it, its progress while it runs."""
    async with database.look() as unit:
        job = await unit.imports.by_code(request.user.authority_id, code)
        note.because(job.code)
        return await _one(request, unit, job, _typed(job), after=after)


@post("/imports/{code:str}/plan", opt=_PREPARED, include_in_schema=False)
async def plan(
    *,
    request: Asked,
    code: FromPath[str],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    importer: NamedDependency[Importer],
    note: NamedDependency[Note],
) -> Page | Response[None]:
    """Say what the columns are, and have every line checked in the background."""
    form = await read(request)
    async with begin() as unit:
        job = await unit.imports.hold(request.user.authority_id, code)
        note.because(job.code)
        wanted = await _planned(unit, job, form, request.auth.authority, clock)
        if wanted is None:
            return await _one(request, unit, job, form, status_code=422)
        await imports.ask_for_check(unit, await imports.plan_anew(unit, job, wanted))
        if form.kept("keep_as").strip():
            name = form.text("keep_as", longest=60)
            await unit.imports.keep_mapping(request.user.authority_id, name, wanted.columns)
    importer.rounds.call()
    return go(request, f"{PATH}/{code}")


@post("/imports/{code:str}/mapping", opt=_PREPARED, include_in_schema=False)
async def mapping(
    request: Asked, code: FromPath[str], begin: NamedDependency[Begin], note: NamedDependency[Note]
) -> Response[None]:
    """Take up columns that were kept under a name; those that this file does not have are left out."""
    form = await read(request)
    async with begin() as unit:
        job = await unit.imports.hold(request.user.authority_id, code)
        note.because(job.code)
        kept = await unit.imports.mapping(request.user.authority_id, form.kept("mapping"))
        fitting = {field: kept[field] for field in FIELDS_OF[job.kind] if kept.get(field) in job.headings}
        await imports.plan_anew(unit, job, replace(job.plan, columns=fitting))
    return go(request, f"{PATH}/{code}", said=WORDS[language_of(request)]["mapping_taken"])


@post("/imports/{code:str}/run", opt={"rule": Permission.PEOPLE_IMPORT}, include_in_schema=False)
async def run(request: Asked, code: FromPath[str], importer: NamedDependency[Importer]) -> Response[None]:
    """Let the good lines come in. It goes on in the background, whoever stays."""
    await importer.start(request.auth.authority, code, by=request.user.id, origin=origin_of(request))
    importer.rounds.call()
    return go(request, f"{PATH}/{code}", said=WORDS[language_of(request)]["running_said"])


@post("/imports/{code:str}/drop", opt=_PREPARED, include_in_schema=False)
async def drop(
    *,
    request: Asked,
    code: FromPath[str],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Response[None]:
    """Give an import up, and delete its file."""
    async with begin() as unit:
        job = await unit.imports.hold(request.user.authority_id, code)
        note.because(job.code)
        await imports.drop(unit, job, now=clock())
    return go(request, PATH, said=WORDS[language_of(request)]["dropped_said"])


@get("/imports/{code:str}/report.csv", opt=_SHOWN, include_in_schema=False)
async def report(
    request: Asked, code: FromPath[str], database: NamedDependency[Database], note: NamedDependency[Note]
) -> Response[bytes]:
    """Give the whole report as a spreadsheet reads it."""
    async with database.look() as unit:
        job = await unit.imports.by_code(request.user.authority_id, code)
        note.because(job.code)
        flaws = await unit.imports.flaws(job.id, after=0, most=job.lines)
    return Response(
        report_csv(flaws, language_of(request)).encode(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{job.code}.csv"', "Cache-Control": "no-store"},
    )


@get("/import-models/{kind:str}", opt={"rule": Permission.PEOPLE_IMPORT}, include_in_schema=False)
async def model(request: Asked, kind: FromPath[str], database: NamedDependency[Database]) -> Response[bytes]:
    """Give a file of a kind that is filled in with people who do not exist."""
    if kind not in set(ImportKind):
        raise ImportNotFound("There is no such kind of file.")
    async with database.look() as unit:
        communes = await unit.places.communes(request.user.authority_id)
    name = f"{WORDS[language_of(request)]['model_name']}-{kind}.xlsx"
    return Response(
        model_file(ImportKind(kind), language_of(request), communes[0].name if communes else ""),
        media_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


async def _list(request: Asked, database: Database, form: Form, *, after: str = "", status_code: int = 200) -> Page:
    async with database.look() as unit:
        page = paged(await unit.imports.all_of(request.user.authority_id), after, lambda one: one.code)
    return draw(
        request,
        "imports/index.html",
        words=WORDS,
        status_code=status_code,
        jobs=page.lines,
        more=page.more,
        form=form,
        states=STATES,
        kinds=KINDS,
    )


async def _one(request: Asked, unit: Unit, job: Import, form: Form, *, after: int = 0, status_code: int = 200) -> Page:
    flaws = await unit.imports.flaws(job.id, after=after, most=LINES_OF_A_PAGE)
    lines = sorted({flaw.line for flaw in flaws})
    return draw(
        request,
        "imports/show.html",
        words=WORDS,
        status_code=status_code,
        job=job,
        form=form,
        states=STATES,
        kinds=KINDS,
        words_of_fields=FIELDS,
        columns=FIELDS_OF[job.kind],
        needed=NEEDED[job.kind],
        mappings=await unit.imports.mappings(request.user.authority_id),
        communes=await unit.places.communes(request.user.authority_id),
        products=await offered(unit, request.user.authority_id, job.kind),
        tally=await unit.imports.tally(job.id),
        reasons=REASONS,
        sentence=sentence,
        flaws=flaws,
        next_after=lines[-1] if len(lines) == LINES_OF_A_PAGE else None,
        after=after,
        at_work=job.state in {ImportState.CHECKING, ImportState.RUNNING},
    )


def _typed(job: Import) -> Form:
    """The plan as its form shows it."""
    typed: dict[str, str] = {f"column_{field.value}": heading for field, heading in job.plan.columns.items()}
    typed["last_day"] = date.fromordinal(job.plan.until.toordinal() - 1).isoformat()
    typed["commune"] = job.plan.commune or ""
    typed.update({f"product_{code}": "yes" for code in job.plan.products})
    typed.update({box: "yes" for box in ("outside", "extend") if getattr(job.plan, box)})
    return Form(typed)


async def _planned(unit: Unit, job: Import, form: Form, authority: Authority, clock: Clock) -> Plan | None:
    """Read the plan from its form; None where it does not fit, and says why."""
    columns = {}
    for field in FIELDS_OF[job.kind]:
        heading = form.text(f"column_{field.value}", longest=_LONGEST_HEADING, required=field in NEEDED[job.kind])
        if heading:
            columns[field] = heading
    last_day = form.day("last_day")
    known = await offered(unit, authority.id, job.kind)
    if form.is_wrong or last_day is None:
        return None
    wanted = Plan(
        columns,
        until=date.fromordinal(last_day.toordinal() + 1),
        commune=form.kept("commune") or None,
        outside=form.ticked("outside"),
        products=tuple(code for code in known if form.ticked(f"product_{code}")),
        extend=form.ticked("extend"),
    )
    try:
        imports.check_plan(wanted, job.headings, local_day(clock(), authority.zone), job.kind)
    except BadImportPlan:
        form.refuse(*_why(wanted, job))
        return None
    return wanted


def _why(wanted: Plan, job: Import) -> tuple[str, str]:
    """Say at which field a plan does not fit."""
    missing = imports.missing_fields(wanted, job.kind)
    if missing:
        return f"column_{missing[0].value}", "field_not_chosen"
    headings = list(wanted.columns.values())
    for field, heading in wanted.columns.items():
        if heading not in job.headings or headings.count(heading) > 1:
            return f"column_{field.value}", "column_twice" if heading in job.headings else "field_not_chosen"
    needed = imports.communes_needed(wanted, job.kind)
    if wanted.commune is None and any(field not in wanted.columns for field in needed):
        return "commune", "commune_needed"
    return "last_day", "over_already"


ROUTES = (listed, add, show, plan, mapping, run, drop, report, model)
