"""Who comes when: people in small groups, some read twice at once, some with somebody else's code on a picture."""

from datetime import timedelta
from functools import partial

from cli.simulator.city import Person
from cli.simulator.stage import Stage
from cli.simulator.station import Station
from cli.simulator.wire import LONGEST_DELAY
from domain.access.facts import Direction

RUSHES_A_DAY = 2
_PEOPLE = (1, 6)
_OPENS, _CLOSES = 2, 14
"""Hours after the start of a run's day, which is six in the morning."""


def plan(stage: Stage) -> None:
    """Note when people come: at rush hours, which all terminals have at once; in between and at night nobody does."""
    for day in range(stage.days):
        begins = stage.agenda.start + timedelta(days=day)
        for _ in range(RUSHES_A_DAY):
            rush = begins + timedelta(hours=stage.dice.uniform(_OPENS, _CLOSES))
            for station in stage.stations:
                wait = timedelta(seconds=stage.dice.uniform(0, 120))
                stage.agenda.at(rush + wait, partial(_group, stage, station))
        night = begins + timedelta(hours=stage.dice.uniform(16, 22))
        for station in stage.stations:
            stage.agenda.at(night + timedelta(seconds=stage.dice.uniform(0, 60)), station.look)


def show(stage: Stage, station: Station, text: str, medium: str, direction: Direction = Direction.ENTRY) -> None:
    """Show a code, and hold what the terminal says alone against what it knows."""
    stopped, synced = stage.books.blocked.get(medium), station.synced_at
    tap = station.show(text, gate=station.gates[0], direction=direction, medium=medium)
    if tap is None or not tap.entered_alone:
        if tap is not None and tap.heard is not None and not tap.heard.alone and station.revoked_at is not None:
            stage.books.wrong(f"V1: {station.name} was revoked at {station.revoked_at} and tap {tap.number} was online")
        return
    if stopped is not None and synced is not None and stopped < synced:
        stage.books.wrong(
            f"V2: {medium} was stopped at {stopped}, {station.name} knew it since {synced}: tap {tap.number}"
        )
    if stage.agenda() - station.wire.bundle_seen > LONGEST_DELAY:
        stage.books.wrong(
            f"V2: {station.name} has a bundle of {station.wire.bundle_seen} and opens for tap {tap.number}"
        )
    if station.stopped:
        stage.books.wrong(f"V1: {station.name} knows that it was revoked and opens for tap {tap.number}")


def _group(stage: Stage, station: Station) -> None:
    """A few people within some minutes; the keeper looks before and after, as it does all the time."""
    if stage.dice.random() < 0.6:
        station.look()
    wait = timedelta(0)
    for _ in range(stage.dice.randint(*_PEOPLE)):
        wait += timedelta(seconds=stage.dice.expovariate(1 / 25))
        stage.agenda.after(wait, partial(_visit, stage, station, stage.dice.choice(stage.city.people)))
    stage.agenda.after(wait + timedelta(seconds=30), station.look)


def _visit(stage: Stage, station: Station, person: Person) -> None:
    direction = Direction.EXIT if stage.dice.random() < 0.12 else Direction.ENTRY
    if person.phone is not None and stage.dice.random() < 0.6:
        # By the true time: a phone's own clock is another story.
        text, medium = person.phone.code(int(stage.agenda().timestamp())), f"phone {person.number}"
        if stage.dice.random() < 0.3:
            elsewhere = stage.dice.choice(stage.stations)
            wait = timedelta(seconds=stage.dice.uniform(1, 50))
            stage.agenda.after(wait, partial(_picture, stage, elsewhere, text, medium))
    else:
        text, medium = person.code, person.card_name
    if stage.dice.random() < 0.02:
        text, medium = text[:-1] + "?", f"crumpled {medium}"
    show(stage, station, text, medium, direction)
    if stage.dice.random() < 0.06:
        wait = timedelta(seconds=stage.dice.uniform(0.2, 2.8))
        stage.agenda.after(wait, partial(show, stage, station, text, medium, direction))


def _picture(stage: Stage, station: Station, text: str, medium: str) -> None:
    stage.books.count("pictures of codes shown")
    show(stage, station, text, medium)
