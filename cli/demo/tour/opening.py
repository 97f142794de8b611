"""Opening the tour: devices into the register, sheets that one agent writes and another publishes, weeks of values."""

from datetime import datetime, timedelta

from adapters.media_folder import MediaFolder
from cli.demo.city import Signpost
from cli.demo.places import LOGINS
from cli.demo.tour.bands import say_otherwise
from cli.demo.tour.past import DAYS, remember
from cli.demo.tour.pictures import drawing
from cli.demo.tour.plan import register_file
from cli.demo.tour.sheets import sheets
from cli.demo.tour.voices import let_people_speak
from domain import points
from domain.agents import Agent, Role
from domain.flood_thresholds import Thresholds, ThresholdsStatus, Witness, confirm_thresholds, propose
from domain.places import Authority
from domain.points import Point
from domain.ports import Unit
from domain.text import Text
from store.database import Database
from tour.known import from_catalogue
from tour.point_import import Author, bring_in_points
from tour.register import Hand, Result, bring_in

_GAUGE = "ourle-pont-vieux"


class Refused(Exception):
    """The demonstration's own files are refused by the product: one of the two is wrong."""


async def open_tour(
    database: Database, authority: Authority, media: MediaFolder, *, now: datetime, days: int
) -> tuple[Signpost, ...]:
    """Open the tour of an authority as agents do, and let it have run for some days. Returns where its plates stand.

    Raises:
        Refused: and by which entry.
    """
    async with database.begin() as unit:
        report = await bring_in(unit, authority, register_file(), from_catalogue(), Hand(None, now))
        if report.refused:
            raise Refused(next(str(line) for line in report.lines if line.result is Result.REFUSED))
    async with database.begin() as unit:
        signposts = await _publish(unit, authority, media, now)
        await _set_thresholds(unit, authority, now)
        writer, reader = await _agent(unit, Role.EDITOR), await _agent(unit, Role.MANAGER)
        await say_otherwise(unit, authority, writer=writer.id, reader=reader.id, now=now)
    await remember(database, authority.id, now - timedelta(days=min(days, DAYS)), now)
    return signposts


async def _publish(unit: Unit, authority: Authority, media: MediaFolder, now: datetime) -> tuple[Signpost, ...]:
    writer, reader = await _agent(unit, Role.EDITOR), await _agent(unit, Role.MANAGER)
    file = sheets(lambda motif: media.keep(drawing(motif)).digest, lambda sound: media.keep(sound).digest)
    told = await bring_in_points(unit, authority.id, file, Author(writer.id, now, submits=True))
    refused = [one for one in told if one.result is Result.REFUSED]
    if refused:
        raise Refused(str(refused[0]))
    published: dict[str, Point] = {}
    for line in file.points:
        point = await unit.points.find(authority.id, line.slug)
        if point is None:
            raise Refused(line.slug)
        published[line.slug] = await points.publish(unit, point, agent_id=reader.id, now=now)
    await let_people_speak(unit, published, agent_id=reader.id, now=now)
    return tuple(
        Signpost(one.plate, slug, Text(fr=one.sheet.title.fr, en=one.sheet.title.en)) for slug, one in published.items()
    )


async def _set_thresholds(unit: Unit, authority: Authority, now: datetime) -> None:
    """Set the metres from which the stream is in flood, as two people do: its sheet then shows the confirmed level."""
    proposer, confirmer = await _agent(unit, Role.MANAGER), await _agent(unit, Role.ADMINISTRATOR)
    _, stream = await unit.floods.gauge(authority.id, _GAUGE)
    _, vigilance = await unit.floods.measure(authority.id, "vigilance-ourle", "flood_vigilance")
    proposed = Thresholds(
        id=unit.ids.row(),
        authority_id=authority.id,
        stream_id=stream.id,
        level_1_m=2.2,
        level_2_m=2.8,
        level_3_m=3.4,
        hysteresis_m=0.1,
        witnesses=(Witness(vigilance.id, 3),),  # from orange on Vigicrues agrees
        status=ThresholdsStatus.PROPOSED,
        proposed_by=proposer.id,
        proposed_at=now,
    )
    await propose(unit, proposed, stream)
    await confirm_thresholds(unit, proposed, agent_id=confirmer.id, now=now)


async def _agent(unit: Unit, role: Role) -> Agent:
    login = next(one.login for one in LOGINS if one.role is role)
    agent = await unit.agents.by_login(login)
    if agent is None:
        raise Refused(login)
    return agent
