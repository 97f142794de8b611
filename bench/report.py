"""The tables on the screen."""

from rich import box
from rich.console import Console
from rich.table import Table

from bench.bars import Bar
from bench.cases import Row

_FIGURES = ("conn.", "req/s", "p50 us", "p99 us", "server us", "db us", "of bare")


def show_rows(console: Console, rows: list[Row]) -> None:
    """Print what was measured; the two CPU columns are microseconds per request."""
    grid = Table("engine", "case", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in _FIGURES:
        grid.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        figures = (row.requests_per_s, row.p50_us, row.p99_us, row.cpu_us_server, row.cpu_us_database)
        grid.add_row(
            row.engine,
            row.case,
            str(row.connections),
            *(f"{figure:,.0f}" for figure in figures),
            "" if row.ratio_to_bare is None else f"{row.ratio_to_bare:.2f}",
        )
    console.print(grid)


def show_bars(console: Console, bars: list[Bar]) -> None:
    """Print each promise with what became of it."""
    grid = Table("engine", "bar", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("measured", "bound", ""):
        grid.add_column(name, justify="right", no_wrap=True)
    for bar in bars:
        sign = ">=" if bar.at_least else "<="
        verdict = "[green]met[/]" if bar.met else "[red]missed[/]"
        if bar.wish is not None and bar.met:
            verdict += f", aim {bar.wish:g} " + ("[green]met[/]" if bar.value >= bar.wish else "[yellow]missed[/]")
        grid.add_row(
            bar.engine, bar.name, f"{_figure(bar.value)} {bar.unit}", f"{sign} {_figure(bar.bound)} {bar.unit}", verdict
        )
    console.print(grid)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
