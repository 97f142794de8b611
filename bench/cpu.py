"""CPU time of processes, from /proc: what a request costs whoever else shares the machine."""

import os
from pathlib import Path

from msgspec import Struct

_TICK_US = 1e6 / os.sysconf("SC_CLK_TCK")
_IDLE = slice(3, 5)
"""Fields of /proc/stat that are no work: idle, and waiting for a disk."""


class Usage(Struct, frozen=True):
    """CPU microseconds of the two sides, and the part of all the machine's time that went to strangers."""

    server_us: float = 0.0
    database_us: float = 0.0
    foreign: float = 0.0


class Meter:
    """CPU time spent since it was made, by a server and by a PostgreSQL with all its children."""

    def __init__(self, server_pid: int, database_pid: int | None) -> None:
        self._server_pid = server_pid
        self._database_pid = database_pid
        self._before = self._read()

    def used(self) -> Usage:
        """Tell who used what."""
        server, database, own, busy, total = (
            after - before for after, before in zip(self._read(), self._before, strict=True)
        )
        return Usage(server, database, max(0.0, busy - server - database - own) / max(total, _TICK_US))

    def _read(self) -> tuple[float, float, float, float, float]:
        server = process_us(self._server_pid)
        pid = self._database_pid
        database = 0.0 if pid is None else process_us(pid) + children_us(pid)  # those that have ended too
        ticks = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        total, idle = sum(ticks), sum(ticks[_IDLE])
        return (
            server,
            database,
            process_us(os.getpid()),
            (total - idle) * _TICK_US,
            total * _TICK_US,
        )


def process_us(pid: int) -> float:
    """User and system time of a process and of all its threads; nothing once it has gone."""
    fields = _fields(pid)
    return (int(fields[11]) + int(fields[12])) * _TICK_US if fields else 0.0


def children_us(pid: int) -> float:
    """User and system time of the children of a process and of theirs, living or ended; nothing once it has gone."""
    fields = _fields(pid)
    if not fields:
        return 0.0
    ended = (int(fields[13]) + int(fields[14])) * _TICK_US
    return ended + sum(process_us(child) + children_us(child) for child in _children(pid))


def _fields(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
