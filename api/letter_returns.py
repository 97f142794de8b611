"""Letters to residents that come back: named so that they are known again, and counted at the address they went to."""

import hmac
import re
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from adapters.keyring import KeyRing
from adapters.letter_marks import LetterMarks
from adapters.masters import KeyMissing
from adapters.subscriber_keys import SubscriberKeys
from api.settings import Settings
from domain.bounces import Report
from domain.errors.places import AuthorityNotFound
from domain.places import Authority
from domain.ports import Clock
from store.database import Database
from store.deliveries import note_report, reported

_OF_NOTICE: Final = re.compile(r"<([0-9a-f]{32})\.([0-9a-f]{32})@[^<>@\s]{1,253}>")
"""The name of a notice's letter (`domain.deliveries.message_id`): its second half is known to its reader alone."""


def host_of(settings: Settings) -> str:
    """Return the host of an installation, which stands in the names of its letters."""
    return urlsplit(settings.public_url).hostname or "localhost"


class LetterReturns:
    """What becomes of an address that letters come back from (`domain.bounces`)."""

    def __init__(self, database: Database, keyring: KeyRing, clock: Clock, *, host: str) -> None:
        self._database = database
        self._marks = LetterMarks(keyring, host)
        self._subscribers = SubscriberKeys(keyring)
        self._clock = clock

    def name(self, authority: Authority, address: str) -> dict[str, str]:
        """Return the header that names a letter; none where the authority has no master to prove it with."""
        try:
            return {"Message-ID": self._marks.name(authority.code, address, self._clock())}
        except KeyMissing:
            return {}

    async def refused(self, authority: Authority, address: str) -> None:
        """Count a letter that the mail server has refused at its door, because of the address."""
        now = self._clock()
        async with self._database.begin() as unit:
            await unit.accounts.note_bounce(authority.id, address, written_at=now, now=now)

    async def take(self, report: Report) -> bool:
        """Count a letter that a report says has come back, once; tell whether it is one of ours, to that address."""
        notice = _OF_NOTICE.fullmatch(report.message_id)
        if notice is not None:
            return await self._take_notice(UUID(notice[1]), UUID(notice[2]), report)
        written = self._marks.read(report.message_id, report.addresses)
        if written is None:
            return False
        try:
            async with self._database.begin() as unit:
                authority = await unit.places.authority(written.authority)
                await unit.accounts.note_bounce(authority.id, written.address, written_at=written.at, now=self._clock())
        except AuthorityNotFound:
            return False
        return True

    async def _take_notice(self, notice_id: UUID, subscriber_id: UUID, report: Report) -> bool:
        async with self._database.read() as connection:
            known = await reported(connection, notice_id, subscriber_id)
        if known is None:
            return False
        code, whose = known
        if not any(hmac.compare_digest(self._subscribers.whose(code, one), whose) for one in report.addresses):
            return False
        async with self._database.write() as connection:
            await note_report(connection, notice_id, subscriber_id, self._clock())
        return True
