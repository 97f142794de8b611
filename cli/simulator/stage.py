"""Everybody and everything of a run, for those who let things happen to it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from msgspec import Struct

from cli.simulator.agenda import Agenda
from cli.simulator.agent import Agent
from cli.simulator.books import Books
from cli.simulator.city import City, Person
from cli.simulator.server import Server
from cli.simulator.station import Station


class Stage(Struct, frozen=True):
    """Who is there. `dice` are the run's own: what is drawn is drawn in the order in which it happens."""

    agenda: Agenda
    books: Books
    dice: Random
    server: Server
    agent: Agent
    city: City
    stations: tuple[Station, ...]
    days: int
    replace_card: Callable[[Person], None]

    @property
    def ends(self) -> datetime:
        """When the last day is over."""
        return self.agenda.start + timedelta(days=self.days)

    def some_time(self, longest: timedelta) -> timedelta:
        """A stretch of time of which short ones are as frequent as long ones: from a second on."""
        return timedelta(seconds=longest.total_seconds() ** self.dice.random())

    def any_time(self) -> datetime:
        """Some instant of the run."""
        return self.agenda.start + timedelta(seconds=self.dice.random() * self.days * 86_400)

    def often(self, every: timedelta, act: Callable[[], None]) -> None:
        """Note something that happens now and then to the end, on average as often as this."""
        wait = timedelta(seconds=self.dice.expovariate(1 / every.total_seconds()))

        def happen() -> None:
            act()
            self.often(every, act)

        if self.agenda() + wait < self.ends:
            self.agenda.after(wait, happen)
