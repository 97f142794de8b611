"""The hot path: scans in, durable verdicts out, many in one commit.

`lane` gathers what waits, an engine (`sqlite`, `postgres`) reads the facts of the whole batch, `judge` decides each
scan in turn, the engine writes everything in one transaction. No answer leaves before its commit.
"""

from store.database import Database
from store.ledger.lane import Lane, Limits
from store.ledger.scan import KeyConflict, Scan, Settled, TerminalRevoked, UnknownGate

__all__ = ["KeyConflict", "Lane", "Limits", "Scan", "Settled", "TerminalRevoked", "UnknownGate", "lane_for"]


def lane_for(database: Database, *, limits: Limits | None = None) -> Lane:
    """Return the lane of this process on a database; only the driver of that database is loaded."""
    limits = limits or Limits(seconds=database.patience)
    if database.is_sqlite:
        from store.ledger.sqlite import SqliteEngine  # noqa: PLC0415 - one driver, not two

        return Lane(SqliteEngine(database.path, database.catalogue_now), limits=limits)
    from store.ledger.postgres import PostgresEngine  # noqa: PLC0415 - asyncpg is an extra

    return Lane(PostgresEngine(database.dsn, database.catalogue, seconds=database.soon), limits=limits)
