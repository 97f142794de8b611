"""Programs as processes of their own, born of one that has loaded what a server is made of and put it together.

That takes longer than most tests, and this suite starts a server some hundred times. So one process beside each process
of tests does it once (`tests.loaded`), and forks: what is born is a real process with the environment, the words and
the log that it is given, and can be asked to end or be killed. That the program also starts from nothing is seen where
a command is typed (`tests/journey/test_agent_issues_a_pass.py`, and the demonstrations).
"""

import multiprocessing
import multiprocessing.connection
import os
import runpy
import signal
import socket
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.loaded"])


class Running:
    """`python -m module words...`, as it runs at the top of the checkout. What it says is added to `log`.

    A `door` is a socket that listens: its number in the new process follows `--fd`.
    """

    def __init__(
        self,
        module: str,
        words: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        *,
        door: socket.socket | None = None,
    ) -> None:
        self._process = _FORKS.Process(
            target=_become,
            args=(module, tuple(words), dict(environment), str(log), door),
            daemon=True,  # nobody waits for it at the end of the tests
        )
        self._process.start()

    @property
    def runs(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.is_alive()

    def stop(self, seconds: float) -> None:
        """Ask it to end (SIGTERM), and pull the plug where it has not within so long."""
        self._process.terminate()
        self._process.join(seconds)
        self.kill()

    def kill(self) -> None:
        """Pull the plug (SIGKILL)."""
        self._process.kill()
        self._process.join()


def _become(
    module: str, words: tuple[str, ...], environment: dict[str, str], log: str, door: socket.socket | None
) -> None:
    os.setsid()  # Ctrl-C is for the tests to handle
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    threading.Thread(target=_go_with_the_tests, daemon=True).start()
    sys.argv = [module, *words, *(("--fd", str(door.fileno())) if door is not None else ())]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _go_with_the_tests() -> None:
    """End when the process of the tests does, even by SIGKILL."""
    tests = multiprocessing.parent_process()
    assert tests is not None
    multiprocessing.connection.wait([tests.sentinel])
    os.kill(os.getpid(), signal.SIGKILL)
