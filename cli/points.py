"""`multipass points`: the points of the tour, from a file to the plate in the street."""

from contextlib import suppress
from pathlib import Path
from uuid import UUID

import rich_click as click

from adapters.clock import utc_now
from adapters.media_folder import MediaFolder
from adapters.plate_sheet import plate_pdf, sheet_pdf
from api.plates import face_of
from cli.account import agent_of, agent_option
from cli.screen import say, spoken, table
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from domain import points
from domain.agents import Permission
from domain.errors.points import BadMedia, BadPointFile, PointNotFound
from domain.languages import Language
from domain.places import local_day
from domain.points import Point
from domain.ports import Unit
from tour.point_file import LONGEST, PointFile, read_csv, read_toml
from tour.point_import import Author, PointOutcome, bring_in_points
from tour.register import Result


@click.group("points", epilog="Example: multipass points import points.toml --agent marie --dry-run")
def command() -> None:
    """Points of the tour: write their sheets, publish them, print their plates."""


@command.command("import", epilog="Example: multipass points import points.toml --agent marie --submit")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--submit", is_flag=True, help="Hand every draft of the file over for review.")
@click.option("--dry-run", is_flag=True, help="Check everything, write nothing.")
@agent_option
@authority_option
@with_session
async def import_(
    session: Session, file: Path, *, submit: bool, dry_run: bool, login: str, authority_code: str | None
) -> None:
    """Write the sheets and itineraries of a FILE, TOML or CSV: all of it, or nothing.

    Every entry is told: new, changed, there already, or refused and why. Photos and recordings lie beside the file.
    """
    agent = await agent_of(session, login, authority_code, Permission.POINT_EDIT)
    written = _read(file, MediaFolder(Path(session.settings.media_folder)))
    report: list[PointOutcome] = []
    with suppress(_NothingWritten):
        async with session.database.begin() as unit:
            report = await bring_in_points(unit, agent.authority_id, written, Author(agent.id, utc_now(), submit))
            if dry_run or any(one.result is Result.REFUSED for one in report):
                raise _NothingWritten
    # A number that was drawn and taken back would only be copied by mistake.
    kept = not dry_run and not any(one.result is Result.REFUSED for one in report)
    rows = ((str(one.number), one.slug, one.plate if kept else "", _said(one)) for one in report)
    table(("entry", "point", "plate", "result"), rows, empty="The file says nothing.")
    if refused := sum(one.result is Result.REFUSED for one in report):
        raise Stop(f"{refused} of {len(report)} entries are refused: nothing was written.")
    if dry_run:
        say("Nothing was written: this was a dry run.")


class _NothingWritten(Exception):
    """The file was only tried, or an entry of it is refused."""


def _read(file: Path, media: MediaFolder) -> PointFile:
    def keep(name: str) -> str:
        try:
            return media.keep((file.parent / name).read_bytes()).digest
        except OSError as problem:
            raise BadMedia(f"{name}: {problem.strerror}.") from problem

    try:
        with file.open(encoding="utf-8", newline="") as opened:
            written = opened.read(LONGEST + 1)
    except UnicodeDecodeError:
        raise BadPointFile(f"{file} is not UTF-8.") from None
    return read_csv(written, keep) if file.suffix.lower() == ".csv" else read_toml(written, keep)


def _said(one: PointOutcome) -> str:
    if one.result is Result.CHANGED:
        return f"changed: {', '.join(one.changes) or 'itinerary'}"
    if one.fault is not None:
        return f"refused, {one.fault.column or 'entry'}: {one.fault.words} ({one.fault.code})"
    return one.result.value


@command.command("list", epilog="Example: multipass points list --to-review")
@click.option("--to-review", is_flag=True, help="Only published points whose end has passed.")
@authority_option
@with_session
async def list_(session: Session, *, to_review: bool, authority_code: str | None) -> None:
    """List the points with the numbers of their plates, and what becomes of each."""
    language = Language.FRENCH if spoken() == "fr" else Language.ENGLISH
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
        found = await unit.points.all_of(authority.id)
    today = local_day(utc_now(), authority.zone)
    rows = (
        (
            one.plate,
            one.slug,
            one.sheet.title.said(language).text,
            one.state.value,
            "to be reviewed" if one.to_review(today) else "",
        )
        for one in found
        if one.to_review(today) or not to_review
    )
    empty = "No point is to be reviewed." if to_review else "No point yet: multipass points import FILE"
    table(("plate", "point", "title", "state", ""), rows, empty=empty)


@command.command("publish", epilog="Example: multipass points publish air-classe-12 --agent paul")
@click.argument("slugs", nargs=-1, required=True, metavar="POINT...")
@agent_option
@authority_option
@with_session
async def publish(session: Session, slugs: tuple[str, ...], *, login: str, authority_code: str | None) -> None:
    """Publish submitted points, all or none. Who wrote a sheet does not publish it."""
    agent = await agent_of(session, login, authority_code, Permission.POINT_PUBLISH)
    now = utc_now()
    async with session.database.begin() as unit:
        for slug in slugs:
            point = await _point(unit, agent.authority_id, slug)
            await points.publish(unit, point, agent_id=agent.id, now=now)
    say(*(f"{slug} is published." for slug in slugs))


@command.command("plates", epilog="Example: multipass points plates plates.pdf air-classe-12 --single")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("slugs", nargs=-1, metavar="[POINT]...")
@click.option("--single", is_flag=True, help="One plate to a page of its own size, for the maker of signs.")
@authority_option
@with_session
async def plates(
    session: Session, file: Path, slugs: tuple[str, ...], *, single: bool, authority_code: str | None
) -> None:
    """Print plates into a PDF FILE: of the points named, or of all that residents see."""
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
        chosen = (
            [await _point(unit, authority.id, slug) for slug in slugs]
            if slugs
            else [one for one in await unit.points.all_of(authority.id) if one.public is not None]
        )
        faces = [await face_of(unit, authority, one, public_url=session.settings.public_url) for one in chosen]
    if not faces:
        raise Stop("Residents see no point yet: multipass points publish POINT")
    draw = plate_pdf if single else sheet_pdf
    _write(file, draw(faces, made_at=utc_now()))
    say(f"{len(faces)} {'plate' if len(faces) == 1 else 'plates'} in {file}.")


def _write(file: Path, content: bytes) -> None:
    file.write_bytes(content)


async def _point(unit: Unit, authority_id: UUID, slug: str) -> Point:
    point = await unit.points.find(authority_id, slug)
    if point is None:
        raise PointNotFound(f"No point is called {slug}: multipass points list shows them.")
    return point
