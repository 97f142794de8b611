"""A bell between the workers of an installation: who rings it wakes those who wait for news before they look anyway."""

import asyncio
from typing import Protocol


class Bell(Protocol):
    """Rung by whoever has found or written something new. It says nothing of what: the truth is in the database."""

    async def ring(self) -> None:
        """Wake those who wait, on any worker."""
        ...

    async def wait(self, seconds: float) -> bool:
        """Wait until somebody rings, and no longer than this; tell whether somebody has."""
        ...

    async def close(self) -> None:
        """Let go of what was opened to hear."""
        ...


class NoBell:
    """One worker, or several without Redis: each looks when its time has come."""

    async def ring(self) -> None:
        """Nobody else is there to hear."""

    async def wait(self, seconds: float) -> bool:
        """Sleep."""
        await asyncio.sleep(seconds)
        return False

    async def close(self) -> None:
        """Nothing was opened."""
