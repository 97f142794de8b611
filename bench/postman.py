"""Letters as residents get them: read from the folder in which the server leaves them, and taken out of it."""

import asyncio
import re
from contextlib import suppress
from pathlib import Path

LOOK_SECONDS = 0.05
PATIENCE_SECONDS = 60.0

_TO = re.compile(rb"^To: (?:.*<)?([^<>\s]+@[^<>\s]+?)>?\r?$", re.MULTILINE)
_CODE = re.compile(rb"\b(\d{6})\b")


class Postman:
    """Brings the codes that letters hold to whoever waits for them, and counts the other letters to `counted`."""

    def __init__(self, folder: Path, counted: str) -> None:
        self.others = 0
        self._counted = counted
        self._folder = folder
        self._codes: dict[str, asyncio.Future[str]] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._task = asyncio.create_task(self._walk())

    async def stop(self) -> None:
        """End, with the letters that lie there now."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._round()

    def expect(self, address: str) -> asyncio.Future[str]:
        """Wait for the code that an address is sent; to be called before it is asked for."""
        waiting: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._codes[address] = waiting
        return waiting

    async def _walk(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self._round()

    def _round(self) -> None:
        for path in self._folder.glob("*.eml"):
            letter = path.read_bytes()
            path.unlink()
            found, code = _TO.search(letter), _CODE.search(letter.partition(b"\r\n\r\n")[2])
            to = found[1].decode() if found is not None else ""
            waiting = self._codes.pop(to, None)
            if waiting is not None and code is not None:
                waiting.set_result(code[1].decode())
            elif to.startswith(self._counted):
                self.others += 1
