"""The bars of the house (performance.md, B): what was measured against what was promised."""

from msgspec import Struct

from bench.cases import MANY, Row
from bench.growth import Work

ALLOWANCE_US = {"sqlite": 500, "postgresql": 1_000}
"""Above the floor and two durable commits, at one connection."""

ENTRY, AIM = 0.45, 0.55


class Bar(Struct):
    """One promise. `wish` is what we aim at beyond the bound."""

    engine: str
    name: str
    value: float
    bound: float
    unit: str
    at_least: bool = False
    wish: float | None = None

    @property
    def met(self) -> bool:
        """Whether the promise holds."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound


class Extra(Struct):
    """What one engine showed outside the rounds; None for what was not measured."""

    same_pass: float
    work: Work
    start_seconds: float
    million: float | None


def bars(engine: str, rows: list[Row], extra: Extra) -> list[Bar]:
    """Hold one engine's figures against the bars."""
    found = {(row.case, row.connections): row for row in rows if row.engine == engine}
    bare, one, many = found["bare", 1], found["seen", 1], found["seen", MANY]
    commit = found["raw_commit", 1].p50_us
    work = extra.work
    made = [
        Bar(
            engine,
            "32 connections, codes seen before, of /bare",
            many.ratio_to_bare or 0,
            ENTRY,
            "x",
            at_least=True,
            wish=AIM,
        ),
        Bar(
            engine,
            "32 connections, every code new, of /bare",
            found["new", MANY].ratio_to_bare or 0,
            0.30,
            "x",
            at_least=True,
        ),
        Bar(engine, "p50 at one connection", one.p50_us, bare.p50_us + 2 * commit + ALLOWANCE_US[engine], "us"),
        Bar(engine, "p99 at 32 connections, of its p50", many.p99_us / many.p50_us, 3, "x"),
        Bar(engine, "thousandth scan of a pass, of its first", extra.same_pass, 1.25, "x"),
        Bar(engine, "statements of a thousandth scan", work.late_statements, work.early_statements * 1.05, ""),
        Bar(engine, f"{work.unit} of a thousandth scan", work.late, work.early * 1.05, ""),
        Bar(engine, "start to first correct answer", extra.start_seconds, 3, "s"),
    ]
    if extra.million:
        made.append(
            Bar(engine, "5,000 passes against 1,000,000, warm", (many.ratio_to_bare or 0) / extra.million, 1.4, "x")
        )
    return made
