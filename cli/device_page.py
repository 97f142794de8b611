"""`multipass terminal run --page`: the gate's screen is a page in this machine's own browser."""

from typing import Literal

from cli.screen import say
from cli.stop import Stop
from terminal import queue
from terminal.device import Device
from terminal.page import File, Line, PageServer
from terminal.run import Gate
from web.gate_shell import HEADERS, Decider, whole


def serve(device: Device, gate: Gate, port: int, *, code: str, lang: Literal["fr", "en"]) -> None:
    """Serve the page until the process is told to end."""

    def line() -> Line:
        link = device.link
        return Line(device.pairing.name, (code,), link.online, link.revoked, queue.waiting(device.disk))

    files = {path: File(asset.media_type, asset.body) for path, asset in whole(Decider.TERMINAL, lang).items()}
    try:
        page = PageServer(gate, port, files=files, headers=HEADERS, line=line)
    except OSError as problem:
        raise Stop(f"Port {port} is taken ({problem.strerror}). Name another: --page {port + 1}.") from problem
    say(f"The gate's page: {page.url}")
    try:
        page.serve()
    except KeyboardInterrupt:
        pass
    finally:
        page.close()
