"""One unlimited pass a thousand times: neither the time nor the work of a passage may grow with its history."""

import time
from statistics import median

from msgspec import Struct

from bench.codes import Ask
from bench.installation import Installation, Sample, sample
from bench.rows import gate_code

SCANS = 1_000
EDGE = 20
"""Scans at each end that stand for the first and the thousandth: one alone would measure the machine's mood."""

WINDOW = 100
"""Scans over which work is counted at each end."""

_FLUSH_SECONDS = 1.2
"""A PostgreSQL session reports what it has read once a second, after a transaction."""

_ROWS_READ = """
SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) FROM pg_stat_user_tables WHERE relname IN ('holder',
    'beneficiary', 'pass', 'medium', 'entitlement', 'counter', 'presence', 'occupancy', 'ledger_head', 'validation',
    'scan_key')
"""
"""Not those of the catalogue and the tokens: what a start reads there is reported at any time later."""

_COMMITS = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"


class SamePass(Struct):
    """Thousands of scans. `ratio` is the late time over the early one, as a median over the passes."""

    samples: list[Sample]
    ratio: float


class Work(Struct):
    """What a scan cost the database, early and late: whole statements (PostgreSQL: transactions), rows or steps."""

    unit: str
    early_statements: float
    late_statements: float
    early: float
    late: float


def same_pass(installation: Installation, asks: list[Ask]) -> SamePass:
    """Show each of these a thousand times, one after the other."""
    samples, ratios = [], []
    for ask in asks:
        run = installation.load(connections=1, seconds=60, asks=_again(ask, SCANS))
        samples.append(sample(run))
        ratios.append(median(run.latencies_ns[-EDGE:]) / median(run.latencies_ns[:EDGE]))
    return SamePass(samples, median(ratios))


def work(installation: Installation, ask: Ask) -> Work:
    """Count what the scans of a fresh pass cost at both ends of a thousand. The server must be one that counts."""
    installation.tap(ask)  # the catalogue, the token and the code are known from here on
    ends = []
    for skipped in (0, SCANS - 2 * WINDOW):
        if skipped:
            installation.load(connections=1, seconds=60, asks=_again(ask, skipped))
        before = _counted(installation, ask)
        installation.load(connections=1, seconds=60, asks=_again(ask, WINDOW))
        after = _counted(installation, ask)
        # The scan that makes PostgreSQL report counts too.
        scans = WINDOW + (installation.engine.name == "postgresql")
        ends.append([(late - early) / scans for late, early in zip(after, before, strict=True)])
    (early_statements, early), (late_statements, late) = ends
    unit = "rows" if installation.engine.name == "postgresql" else "steps"
    return Work(unit, early_statements, late_statements, early, late)


def _counted(installation: Installation, ask: Ask) -> tuple[float, float]:
    if installation.engine.name == "sqlite":
        done = installation.work()
        return done.statements, done.steps
    time.sleep(_FLUSH_SECONDS)
    installation.tap(ask)
    time.sleep(0.1)
    (commits,), (rows,) = (installation.engine.ask(installation.database, q)[0] for q in (_COMMITS, _ROWS_READ))
    return float(commits), float(rows)


def _again(ask: Ask, times: int) -> list[Ask]:
    """Show one code again and again, each time at the other gate of the site."""
    (gate, credential), site = ask, ask[0].rpartition("-")[0]
    return [(gate_code(site, visit) if visit else gate, credential) for visit in range(times)]
