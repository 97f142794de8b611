"""The warden: a process that has loaded what reads files, holds no secret, and is forked anew for each stranger's file.

`python -m adapters.document_warden` is that process. It never reads a file itself. It is sent one end of a line, which
it hands to a fork that has little memory, little time, no files and no other line, reads one file and ends. To begin
such a process from nothing takes longer than to read most files.
"""

import atexit
import gc
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import cache
from typing import Final

import msgspec
from msgspec import Struct

from adapters.document_file import Readable, read_file
from adapters.portrait_file import Frame, portrait
from domain.errors.requests import DocumentRefused
from domain.file_flaws import Flaw

PATIENCE_SECONDS: Final = 40
"""Then a reader is ended, whatever it waits for."""

BEGUN: Final = b"."
"""What a reader says first: whatever becomes of it then is its file's doing."""

_MEMORY_BYTES: Final = 2**30
_CPU_SECONDS: Final = 15


class Answer(Struct, frozen=True):
    """What a reader says: one of the two."""

    readable: Readable | None = None
    flaw: Flaw | None = None


class Warden:
    """The warden of this process, begun when the first file comes. It ends when this process does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self._end)

    def line(self) -> socket.socket:
        """Return a line to a new reader: it takes words and a newline, then the file to its end; it answers once."""
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            try:
                socket.send_fds(self._way(), [b"."], [theirs.fileno()])
            except OSError:  # it has died since: the next one takes it
                self._end()
                socket.send_fds(self._way(), [b"."], [theirs.fileno()])
        return ours

    def _way(self) -> socket.socket:
        if self._control is not None and self._process is not None and self._process.poll() is None:
            return self._control
        self._end()
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own
                [sys.executable, "-B", "-m", __name__],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(sys.path)},
            )
        return self._control

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()  # it reads that, and ends
        if self._process is not None:
            self._process.wait()
        self._control = self._process = None


@cache
def warden() -> Warden:
    """Return the warden of this process."""
    return Warden()


def _shut_in() -> None:
    """Give up what reading a file does not need; the system ends a process that wants more."""
    import resource  # noqa: PLC0415 - Unix alone has it, and the server itself does without

    for kind, most in (
        (resource.RLIMIT_AS, _MEMORY_BYTES),
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    signal.alarm(PATIENCE_SECONDS)


def _drawing(page: int) -> Callable[[bytes], Readable]:
    from adapters.document_page import draw_page  # noqa: PLC0415 - few files are drawn, and the library is large

    return lambda data: Readable("image/jpeg", draw_page(data, page), 1)


def _portraying(frame: Frame) -> Callable[[bytes], Readable]:
    return lambda data: Readable("image/jpeg", portrait(data, frame), 1)


def _work_of(words: list[str]) -> Callable[[bytes], Readable]:
    match words:
        case ["page", page]:
            return _drawing(int(page))
        case ["portrait", zoom, across, down]:
            return _portraying(Frame(int(zoom), int(across), int(down)))
        case _:
            return read_file


def _die_with(line: socket.socket) -> None:
    """Have the system end this process when nobody listens to it any more: the line is hung up at the other end."""
    import fcntl  # noqa: PLC0415 - as above

    fcntl.fcntl(line, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(line, fcntl.F_SETFL, fcntl.fcntl(line, fcntl.F_GETFL) | os.O_ASYNC)
    hung_up = select.poll()
    hung_up.register(line, select.POLLHUP)
    if any(event & select.POLLHUP for _, event in hung_up.poll(0)):
        os._exit(0)  # a moment ago


def _read(line: socket.socket) -> None:
    """Read one file, draw the page that is named, or make a photo of the part that is."""
    line.sendall(BEGUN)
    with line.makefile("rb") as coming:
        work = _work_of(coming.readline().decode().split())
        _shut_in()
        data = coming.read()
        _die_with(line)
        try:
            answer = Answer(readable=work(data))
        except DocumentRefused as refused:
            answer = Answer(flaw=Flaw(refused.flaw))
        except MemoryError:
            answer = Answer(flaw=Flaw.TOO_COSTLY)
    line.sendall(msgspec.msgpack.encode(answer))


def _fork(line: int, control: socket.socket) -> None:
    """Have a process of its own read what comes by a line."""
    if os.fork():
        os.close(line)
        return
    try:
        for way in (control.detach(), sys.stdin.fileno()):
            os.close(way)  # the way to the warden is not a reader's
        with socket.socket(fileno=line) as ours:
            _read(ours)
    finally:
        os._exit(0)


def _bury() -> None:
    """Take note of readers that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def main() -> None:
    """Fork for each line that comes, until nobody is left to send one."""
    gc.freeze()  # forks share the pages of what was loaded
    with socket.socket(fileno=os.dup(sys.stdin.fileno())) as control:
        while True:
            said, lines, _, _ = socket.recv_fds(control, 1, 1)
            if not said:
                return
            _bury()
            for line in lines:
                _fork(line, control)


if __name__ == "__main__":
    main()
