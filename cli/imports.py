"""`multipass import`: old files of cards, households and organisations, from a spreadsheet into the register."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Literal

import rich_click as click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from adapters.card_files import read_card_file
from adapters.cards import CardKeys
from adapters.clock import utc_now
from adapters.import_models import model_file
from adapters.import_report import report_csv
from api.importing import Importer
from cli.account import agent_of, agent_option
from cli.screen import console, long_date, say, spoken, table
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from domain import imports
from domain.agents import Permission
from domain.import_headings import guess
from domain.import_kinds import FIELDS_OF, Field, ImportKind
from domain.import_words import FIELDS, KINDS, REASONS, STATES, sentence
from domain.imports import Import, ImportState, LineFlaw, Plan
from domain.journal import Door, Origin
from domain.places import Authority, local_day

TOGETHER = 1_000
"""Lines of a batch: a command has a process of its own."""

_SHOWN = 20
_A_DAY = click.DateTime(["%Y-%m-%d"])
_FILE = click.Path(path_type=Path, dir_okay=False)
_code = click.argument("code")


@click.group("import", epilog="Example: multipass import check pool-2019")
def command() -> None:
    """Take old files in: CSV or XLSX, checked before anything is written.

    What a file is about is its --kind: cards, households or organisations. `model` writes one of each to fill in.
    add a file, look at what `check` says of each line, then `run`. A run that was interrupted goes on where it was.
    docs/imports.md has the whole way.
    """


@command.command("add", epilog="Example: multipass import add pool-2019 cards.xlsx --product pool-year --agent lucas")
@_code
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in ImportKind]),
    default=ImportKind.CARDS.value,
    show_default=True,
    help="What the file is about.",
)
@click.option(
    "--column", "columns", metavar="FIELD=HEADING", multiple=True, help="Which column holds what, over the guess."
)
@click.option("--mapping", "mapping_name", metavar="NAME", help="Columns as they were kept under this name.")
@click.option("--keep-mapping", metavar="NAME", help="Keep the columns under this name for the next file.")
@click.option("--product", "products", metavar="CODE", multiple=True, help="Right for everybody; several may be given.")
@click.option("--commune", metavar="CODE", help="INSEE code where those live of whom no line says it.")
@click.option("--outside", is_flag=True, help="Take people of communes outside the territory too, by INSEE code.")
@click.option("--extend", is_flag=True, help="Let lines join households and organisations of the register, too.")
@click.option(
    "--until", type=_A_DAY, metavar="YYYY-MM-DD", help="Day after the last of passes; in a year unless given."
)
@agent_option
@authority_option
@with_session
async def add(
    session: Session,
    code: str,
    file: Path,
    *,
    kind: str,
    columns: tuple[str, ...],
    mapping_name: str | None,
    keep_mapping: str | None,
    products: tuple[str, ...],
    commune: str | None,
    outside: bool,
    extend: bool,
    until: datetime | None,
    login: str,
    authority_code: str | None,
) -> None:
    """Bring a FILE under a CODE, and say what its columns are. Nobody is in the register yet.

    Columns are guessed from their headings: the answer shows them, and --column corrects them. The fields are
    last_name, first_name and born_on, which a file must have, and reference, commune, card, product and last_day.
    A file of households has household, too, and may have guardians, joins_on and leaves_on; one of organisations has
    name, with organisation or registration, and may have kind, seat, joins_on and leaves_on.
    """
    agent = await agent_of(session, login, authority_code, Permission.PEOPLE_IMPORT)
    content, now = _content(file), utc_now()
    read, of_kind = read_card_file(content), ImportKind(kind)
    fields = FIELDS_OF[of_kind]
    async with session.database.begin() as unit:
        authority = await authority_of(unit, authority_code)
        today = local_day(now, authority.zone)
        if mapping_name:
            kept = await unit.imports.mapping(authority.id, mapping_name)
        else:
            kept = guess(read.headings, of_kind)
        plan = Plan(
            columns={**{field: kept[field] for field in fields if field in kept}, **_columns(columns, fields)},
            until=until.date() if until else _a_year_after(today),
            commune=commune,
            outside=outside,
            products=products,
            extend=extend,
        )
        for product in products:
            await unit.products.by_code(authority.id, product)
        imports.check_plan(plan, read.headings, today, of_kind)
        if keep_mapping:
            await unit.imports.keep_mapping(authority.id, keep_mapping, plan.columns)
        job = await imports.begin_import(
            unit,
            authority_id=authority.id,
            code=code,
            kind=of_kind,
            file_name=file.name,
            content=content,
            headings=read.headings,
            lines=len(read.rows),
            plan=plan,
            agent_id=agent.id,
            now=now,
        )
    rows = ((field.value, FIELDS[field].en, plan.columns.get(field, "")) for field in fields)
    table(("Field", "What it is", "Column of the file"), rows, empty="")
    say(f"Import {job.code}: {job.lines:,} lines of {job.file_name}. It is kept until {long_date(job.keep_until)}.")
    say(f"Next: multipass import check {code}")


@command.command("check", epilog="Example: multipass import check pool-2019 --agent lucas")
@_code
@agent_option
@authority_option
@with_session
async def check(session: Session, code: str, *, login: str, authority_code: str | None) -> None:
    """Hold every line against the rules and the register, and write nothing but the report."""
    authority = await _may_import(session, login, authority_code)
    job = await _importer(session).check(authority, code)
    await _tell(session, job)
    if job.taken:
        say(f"Next: multipass import run {code}")


@command.command("run", epilog="Example: multipass import run pool-2019 --agent lucas")
@_code
@agent_option
@authority_option
@with_session
async def run(session: Session, code: str, *, login: str, authority_code: str | None) -> None:
    """Take the lines in that the check has found good. Interrupted, it goes on where it was."""
    agent = await agent_of(session, login, authority_code, Permission.PEOPLE_IMPORT)
    authority = await _may_import(session, login, authority_code)
    importer = _importer(session)
    job = await importer.start(authority, code, by=agent.id, origin=Origin(Door.COMMAND))
    columns = (TextColumn("lines"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(), disable=not sys.stdout.isatty(), transient=True) as bars:
        bar = bars.add_task("lines", total=job.lines, completed=job.done)
        while job.state is ImportState.RUNNING:
            job = await importer.step(authority, code, most=TOGETHER)
            bars.update(bar, completed=job.done)
    await _tell(session, job)


@command.command("show", epilog="Example: multipass import show pool-2019")
@_code
@authority_option
@with_session
async def show(session: Session, code: str, authority_code: str | None) -> None:
    """Show how far an import is, and what was wrong with its lines."""
    async with session.database.look() as unit:
        job = await unit.imports.by_code((await authority_of(unit, authority_code)).id, code)
    await _tell(session, job)


@command.command("report", epilog="Example: multipass import report pool-2019 --out report.csv")
@_code
@click.option("--out", type=_FILE, required=True, help="Where the report goes, as CSV.")
@authority_option
@with_session
async def report(session: Session, code: str, *, out: Path, authority_code: str | None) -> None:
    """Write the lines that are not taken in, with their reasons, as a spreadsheet reads them."""
    async with session.database.look() as unit:
        job = await unit.imports.by_code((await authority_of(unit, authority_code)).id, code)
        flaws = await unit.imports.flaws(job.id, after=0, most=job.lines)
    _write(out, report_csv(flaws, "fr" if spoken() == "fr" else "en").encode())
    say(f"{job.refused:,} lines are in {out}.")


@command.command("list", epilog="Example: multipass import list")
@authority_option
@with_session
async def list_(session: Session, authority_code: str | None) -> None:
    """List the imports, newest first."""
    async with session.database.look() as unit:
        found = await unit.imports.all_of((await authority_of(unit, authority_code)).id)
    rows = (
        (
            one.code,
            KINDS[one.kind].en,
            one.file_name,
            STATES[one.state].en,
            f"{one.done:,} of {one.lines:,}",
            f"{one.refused:,}",
        )
        for one in found
    )
    table(
        ("Import", "Kind", "File", "State", "Lines", "Refused"),
        rows,
        empty="There is no import yet: multipass import add",
    )


@command.command("model", epilog="Example: multipass import model households --out households.xlsx")
@click.argument("kind", type=click.Choice([kind.value for kind in ImportKind]))
@click.option("--out", type=_FILE, required=True, help="Where the model goes, as XLSX.")
@authority_option
@with_session
async def model(session: Session, kind: str, *, out: Path, authority_code: str | None) -> None:
    """Write a file of a KIND that is filled in with people who do not exist: keep its headings, replace its lines."""
    async with session.database.look() as unit:
        communes = await unit.places.communes((await authority_of(unit, authority_code)).id)
    language: Literal["fr", "en"] = "fr" if spoken() == "fr" else "en"
    _write(out, model_file(ImportKind(kind), language, communes[0].name if communes else ""))
    say(f"A model is in {out}. Next: multipass import add CODE {out} --kind {kind}")


@command.command("drop", epilog="Example: multipass import drop pool-2019 --agent lucas")
@_code
@agent_option
@authority_option
@with_session
async def drop(session: Session, code: str, *, login: str, authority_code: str | None) -> None:
    """Give an import up and delete its file. Who has come in stays."""
    authority = await _may_import(session, login, authority_code)
    async with session.database.begin() as unit:
        job = await imports.drop(unit, await unit.imports.hold(authority.id, code), now=utc_now())
    say(f"Import {job.code} is given up, its file deleted; {job.taken if job.started_at else 0:,} people stay.")


async def _may_import(session: Session, login: str, authority_code: str | None) -> Authority:
    await agent_of(session, login, authority_code, Permission.PEOPLE_IMPORT)
    async with session.database.look() as unit:
        return await authority_of(unit, authority_code)


def _importer(session: Session) -> Importer:
    return Importer(session.database, CardKeys(session.keyring), utc_now)


def _content(path: Path) -> bytes:
    return path.read_bytes()


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _columns(said: tuple[str, ...], fields: tuple[Field, ...]) -> dict[Field, str]:
    chosen = {}
    for one in said:
        field, _, heading = one.partition("=")
        if field not in {each.value for each in fields} or not heading:
            raise Stop(f"--column {one}: say FIELD=HEADING, with one of {', '.join(fields)}.")
        chosen[Field(field)] = heading
    return chosen


async def _tell(session: Session, job: Import) -> None:
    tried = job.state in {ImportState.DRAFT, ImportState.CHECKED}
    say(f"Import {job.code} ({STATES[job.state].en.lower()}): {job.done:,} of {job.lines:,} lines looked at,")
    say(f"{job.taken:,} {'would come in' if tried else 'came in'}, {job.refused:,} {'would' if tried else 'did'} not.")
    async with session.database.look() as unit:
        counted = await unit.imports.tally(job.id)
        flaws = await unit.imports.flaws(job.id, after=0, most=_SHOWN)
    if counted:
        table(("How often", "Why"), ((f"{many:,}", REASONS[reason].en) for reason, many in counted.items()), empty="")
        table(("Line", "Column", "What is wrong"), map(_row, flaws), empty="")
        say(f"All of them: multipass import report {job.code} --out report.csv")


def _row(flaw: LineFlaw) -> tuple[str, str, str]:
    return str(flaw.line), FIELDS[flaw.field].en if flaw.field else "", sentence(flaw).en


def _a_year_after(day: date) -> date:
    return day.replace(year=day.year + 1, day=min(day.day, 28) if day.month == 2 else day.day)
