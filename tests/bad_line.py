"""A line that fails: a TCP proxy between a client and a server, real sockets on both sides."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from enum import Enum, auto


class Line(Enum):
    """What the line does from now on."""

    GOOD = auto()
    LOSES_ANSWERS = auto()
    """The question arrives and is answered; the answer does not."""
    HANGS = auto()
    """Connections are taken, and nothing moves."""
    CUT = auto()
    """Nobody is there."""


class BadLine:
    """Carries connections to a port of this machine. `mode` may change at any time, `lose` counts answers to lose."""

    def __init__(self, port: int) -> None:
        self.mode = Line.GOOD
        self.lose = 0
        """While `mode` is good: how many answers to validations still get lost on the way."""
        self.taken = 0
        """How many connections were taken so far."""
        self._to = port
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self._ended = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._ended.set()
        self._door.close()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            self.taken += 1
            if self.mode is Line.CUT:
                client.close()
            else:
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client, socket.create_connection(("127.0.0.1", self._to)) as server:
            back = threading.Thread(target=self._back, args=(server, client), daemon=True)
            back.start()
            while data := client.recv(65_536):
                while self.mode is Line.HANGS and not self._ended.wait(0.02):
                    pass
                if self.mode is Line.CUT:
                    break
                server.sendall(data)
            server.shutdown(socket.SHUT_RDWR)
            back.join(1)

    def _back(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65_536):
                losing = self.lose > 0 and b'"outcome"' in data
                self.lose -= losing
                if self.mode is not Line.GOOD or losing:
                    client.shutdown(socket.SHUT_RDWR)
                    return
                client.sendall(data)


@contextlib.contextmanager
def bad_line(port: int) -> Iterator[BadLine]:
    """A line until the context ends."""
    line = BadLine(port)
    try:
        yield line
    finally:
        line.close()
