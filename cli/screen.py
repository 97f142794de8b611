"""How commands speak on a screen."""

import os
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Console
from rich.table import Table

_PIPE_COLUMNS = 160
"""A pipe or a file has no width of its own: wide enough that no identifier is cut in two."""


def console() -> Console:
    """Return a console on the standard output of this moment. It takes texts as they are, brackets included."""
    width = None if sys.stdout.isatty() else _PIPE_COLUMNS
    return Console(width=width, highlight=False, markup=False, emoji=False)


def say(*lines: str) -> None:
    """Print lines whole, whatever the width: they are made to be copied."""
    for line in lines:
        console().print(line, soft_wrap=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, empty: str) -> None:
    """Print a calm table, or say why there is nothing in it."""
    grid = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        grid.add_row(*row)
    console().print(grid if grid.rows else empty)


def spoken() -> str:
    """The language of the environment, English where it is neither of ours."""
    named = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "fr" if named.startswith("fr") else "en"


def local_time(at: datetime, zone: str) -> str:
    """An instant as the clocks of a territory showed it: 2026-11-24 14:05."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def long_date(day: date) -> str:
    """A day as people say it: 24 November 2026."""
    return f"{day.day} {day:%B} {day.year}"
