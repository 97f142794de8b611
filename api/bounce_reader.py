"""Reading what mail servers report of letters that they could not deliver: once a minute, from a folder of theirs."""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from adapters.delivery_reports import ReportFolder, read_report
from api.letter_returns import LetterReturns
from api.rounds import Rounds
from domain.errors.mail import ReportUnreadable
from domain.ports import Clock

EVERY_SECONDS = 60.0

ASIDE_DAYS: Final = 30
"""How long what is no report of ours is left to a person: it holds addresses."""

_AT_ONCE = 200

log = structlog.get_logger("bounces")


class BounceReader:
    """One for each process. What two read at once counts once."""

    def __init__(self, folder: ReportFolder, returns: LetterReturns, clock: Clock) -> None:
        self._folder = folder
        self._returns = returns
        self._clock = clock
        self.rounds = Rounds("bounces", self.round, every_seconds=EVERY_SECONDS)

    async def round(self) -> None:
        """Read whatever has come, and forget what was put aside long ago. The log counts, and names nobody."""
        believed = aside = 0
        for name in await asyncio.to_thread(self._folder.waiting, _AT_ONCE):
            if await self._is_ours(name):
                believed += 1
                await asyncio.to_thread(self._folder.drop, name)
            else:
                aside += 1
                await asyncio.to_thread(self._folder.put_aside, name)
        if believed or aside:
            log.info("reports", believed=believed, aside=aside)
        await asyncio.to_thread(self._folder.forget, self._clock() - timedelta(days=ASIDE_DAYS))

    async def _is_ours(self, name: str) -> bool:
        try:
            report = read_report(await asyncio.to_thread(self._folder.read, name))
        except ReportUnreadable:
            return False
        # What is only late needs nothing of us, whoever's letter it is.
        return report is None or await self._returns.take(report)
