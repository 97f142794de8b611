"""A broker of the demonstration's own: Mosquitto, where this machine has it, for as long as the city is served."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ELSEWHERE = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")
"""Where packages put it, and where the path of a user seldom leads."""

_PATIENCE_SECONDS = 3.0


@contextmanager
def broker(folder: Path) -> Iterator[int | None]:
    """Run a broker that only this machine reaches; yield its port, or None where there is no Mosquitto."""
    found = shutil.which("mosquitto", path=os.pathsep.join((os.environ.get("PATH", ""), *_ELSEWHERE)))
    if found is None:
        yield None
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    settings = folder / "mosquitto.conf"
    settings.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_dest none\n")
    # A session of its own: the Ctrl-C that ends the demonstration is not for the broker, which ends after its clients.
    process = subprocess.Popen(  # noqa: S603 - the Mosquitto of this machine, with our own settings
        [found, "-c", str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield port if _listens(port, process) else None
    finally:
        process.terminate()
        process.wait()


def _listens(port: int, process: subprocess.Popen[bytes]) -> bool:
    ends = time.monotonic() + _PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < ends:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return True
        except OSError:
            time.sleep(0.02)
    return False
