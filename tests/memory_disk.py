"""Where tests keep their files: in memory, on a machine that has plenty, for a disk waits for each commit.

Nothing here pulls the plug of the machine: what a killed process had written is there in memory too. The benchmarks
keep to the disk.
"""

import shutil
from functools import cache
from pathlib import Path

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - ours is a folder of its own in it, closed to others
_ROOM = 8 << 30
_LEFT = 8 << 30
"""Bytes that must be free in it, and those that programs must still find in the machine beside them."""


@cache
def memory_disk() -> Path | None:
    """Return the folder of a file system in memory; None where there is none, or little room."""
    try:
        free = shutil.disk_usage(_SHARED_MEMORY).free
        meminfo = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return None
    available = next((int(line.split()[1]) << 10 for line in meminfo.splitlines() if line.startswith("MemAvail")), 0)
    return _SHARED_MEMORY if free >= _ROOM and available >= _ROOM + _LEFT else None
