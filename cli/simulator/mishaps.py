"""What goes wrong, by chance: weather, power, clocks, disks, the server itself, thieves."""

from datetime import timedelta
from functools import partial

from cli.simulator import visits
from cli.simulator.city import Person
from cli.simulator.server import Interruption
from cli.simulator.stage import Stage
from cli.simulator.station import Station
from cli.simulator.wire import Weather

_DAY = timedelta(days=1)
_GOOD, _LOSSY = timedelta(hours=14), timedelta(hours=10)
_LONGEST_CUT = timedelta(days=3)
_DEEPEST = 40
"""How many waits or readings of a clock into something a crash may come."""


def plan(stage: Stage) -> None:
    """Note the first of everything; each notes what follows."""
    for station in stage.stations:
        if stage.dice.random() < 0.3:
            station.set_clock(_wrong(stage))
        _weather(stage, station)
        stage.often(5 * _DAY, partial(_power_cut, stage, station))
        stage.often(20 * _DAY, partial(_new_clock, stage, station))
        stage.often(15 * _DAY, partial(_full_disk, stage, station))
        stage.often(20 * _DAY, partial(_damage, stage, station))
    stage.often(_DAY, partial(_drop_server, stage))
    for _ in range(max(1, len(stage.stations) * stage.days // 150)):
        stage.agenda.at(stage.any_time(), partial(_steal, stage))
    for _ in range(max(1, len(stage.city.people) * stage.days // 300)):
        stage.agenda.at(stage.any_time(), partial(_lose_card, stage))


# --- weather, power, clocks, disks --------------------------------------------------------------------


def _weather(stage: Stage, station: Station) -> None:
    """Good, then lossy or cut, then good again."""
    if station.wire.weather is Weather.GOOD and stage.agenda() > stage.agenda.start:
        station.wire.weather = stage.dice.choice((Weather.LOSSY, Weather.CUT))
    else:
        station.wire.weather = Weather.GOOD
    if station.wire.weather is Weather.CUT:
        wait = stage.some_time(_LONGEST_CUT) if stage.dice.random() < 0.7 else _LONGEST_CUT * stage.dice.random()
    else:
        mean = _GOOD if station.wire.weather is Weather.GOOD else _LOSSY
        wait = timedelta(seconds=stage.dice.expovariate(1 / mean.total_seconds()))
    stage.books.log(f"{station.name}: the network is {station.wire.weather}")
    if stage.agenda() + wait < stage.ends:
        stage.agenda.after(wait, partial(_weather, stage, station))


def _power_cut(stage: Stage, station: Station) -> None:
    """The power goes at some reading of the clock from now on, and comes back after a while."""
    station.readings_left = stage.dice.randrange(_DEEPEST)
    dark = stage.some_time(2 * _DAY)

    def back() -> None:
        station.switch_off()
        station.switch_on()
        stage.books.log(f"{station.name}: starts anew")
        stage.books.count("terminal restarts")
        station.look()

    stage.agenda.after(timedelta(hours=2) + dark, back)


def _new_clock(stage: Stage, station: Station) -> None:
    station.set_clock(_wrong(stage) if stage.dice.random() < 0.5 else timedelta(0))
    stage.books.log(f"{station.name}: its clock is off by {station.wire.offset}")
    stage.books.count("clocks set")


def _wrong(stage: Stage) -> timedelta:
    return stage.some_time(timedelta(hours=30)) * stage.dice.choice((-1, 1))


def _full_disk(stage: Stage, station: Station) -> None:
    station.break_disk()
    stage.books.log(f"{station.name}: its disk is full")
    stage.books.count("full disks")
    stage.agenda.after(stage.some_time(_DAY), station.mend_disk)


def _damage(stage: Stage, station: Station) -> None:
    if station.damage_line():
        stage.books.count("lines damaged")


# --- the server -------------------------------------------------------------------------------------


def _drop_server(stage: Stage) -> None:
    """It falls in the middle of a request, a long upload where there is one, and starts again after a while."""
    waiting = [station for station in stage.stations if station.waiting and station.revoked_at is None]
    station = stage.dice.choice(waiting or list(stage.stations))
    station.wire.weather = Weather.GOOD
    deep = stage.dice.randrange(_DEEPEST)
    station.wire.interruption = Interruption(deep, stage.server.drop_request, drops=True)
    station.look()
    station.wire.interruption = None
    down = not stage.server.up
    stage.books.log(f"the server {'falls' if down else 'holds'} at wait {deep} of {station.name}")
    if not down:
        stage.server.stop()
    stage.books.count("server drops in a request" if down else "server stops")
    stage.agenda.after(stage.some_time(timedelta(hours=6)), stage.server.start)


# --- thieves ----------------------------------------------------------------------------------------


def _steal(stage: Stage) -> None:
    """Somebody takes a terminal away, shows it cards, and brings it to a network as it is being revoked."""
    here = [station for station in stage.stations if station.revoked_at is None and station.on]
    if not here:
        return
    station = max(here, key=lambda one: (one.waiting, stage.dice.random()))
    stage.books.log(f"{station.name}: is stolen with {station.waiting} lines to tell")
    stage.books.count("terminals stolen")
    for _ in range(stage.dice.randint(0, 20)):
        person = stage.dice.choice(stage.city.people)
        wait = stage.some_time(timedelta(hours=6))
        stage.agenda.after(wait, partial(visits.show, stage, station, person.code, person.card_name))
    station.wire.weather = Weather.CUT
    stage.agenda.after(timedelta(hours=6), partial(_revoke, stage, station))


def _revoke(stage: Stage, station: Station) -> None:
    """An agent revokes it, in the middle of an upload if there is one."""
    if station.revoked_at is not None:
        return
    stage.server.start()
    terminal_id = station.terminal_id
    revoking = Interruption(stage.dice.randrange(_DEEPEST // 2), partial(stage.agent.revoke, terminal_id))
    station.wire.weather, station.wire.interrupt_path = Weather.GOOD, "/v1/access/uploads"
    station.wire.interruption = revoking
    station.switch_on()
    station.look()
    station.wire.interruption, station.wire.interrupt_path = None, ""
    if not revoking.happened:
        stage.server.run(stage.agent.revoke(terminal_id))
    station.revoked_at = stage.agenda()
    stage.books.log(f"{station.name}: is revoked, {station.waiting} lines left")
    stage.books.count(f"terminals revoked{' in an upload' if revoking.happened else ''}")
    if stage.dice.random() < 0.6:
        stage.agenda.after(stage.some_time(2 * _DAY), partial(_find, stage, station))


def _find(stage: Stage, station: Station) -> None:
    """It is found, and paired anew with what it remembers."""
    stage.server.start()
    station.wire.weather = Weather.GOOD
    station.switch_on()
    station.readings_left = None
    station.mend_disk()
    station.look()
    station.pair(stage.agent.invite(station.name, station.gates), station.wire)
    stage.books.log(f"{station.name}: is found and paired anew, {station.waiting} lines left")
    stage.books.count("terminals paired anew")
    station.look()


def _lose_card(stage: Stage) -> None:
    """A card is lost, found by somebody who tries it, reported after a while, and replaced."""
    person = stage.dice.choice(stage.city.people)
    code, medium = person.code, person.card_name
    stage.books.log(f"{medium} is lost")
    stage.books.count("cards lost")
    for _ in range(stage.dice.randint(2, 12)):
        station = stage.dice.choice(stage.stations)
        stage.agenda.after(stage.some_time(6 * _DAY), partial(visits.show, stage, station, code, medium))
    stage.agenda.after(stage.some_time(2 * _DAY), partial(_report, stage, person, medium))


def _report(stage: Stage, person: Person, medium: str) -> None:
    if person.card_name != medium:
        return  # lost twice, and reported already
    stage.server.start()
    stage.agent.block(person)
    stage.books.blocked[medium] = stage.agenda()
    stage.books.log(f"{medium} is reported and stopped")
    stage.replace_card(person)
