"""Reports of mail servers on letters that they could not deliver (RFC 3464), and the folder in which they lie.

Anybody may send something to where reports go: what is no report is refused before any of it is believed.
"""

import os
import re
import stat
from contextlib import suppress
from datetime import datetime
from email.message import Message
from email.parser import BytesParser, HeaderParser
from email.policy import compat32
from email.utils import getaddresses
from pathlib import Path
from typing import Final

from domain.bounces import LONGEST_REPORT, MOST_RECIPIENTS, Report
from domain.errors.mail import BadLetter, ReportUnreadable
from domain.mail import check_address

_FOR_GOOD: Final = re.compile(r"5\.\d{1,3}\.\d{1,3}")
_MOST_PARTS: Final = 20
_LONGEST_NAME: Final = 400
_UNREADABLE: Final = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)
"""What the standard library raises at letters that are not what they should be."""


def read_report(raw: bytes) -> Report | None:
    """Read a report. None: it is one, of a letter that has come late, was passed on or may still arrive.

    Raises:
        ReportUnreadable: it is none.
    """
    if len(raw) > LONGEST_REPORT or raw.lower().count(b"boundary=") > _MOST_PARTS:
        raise ReportUnreadable("It is longer, or more nested, than any report.")
    try:
        return _read(BytesParser(policy=compat32).parsebytes(raw))
    except _UNREADABLE as problem:
        raise ReportUnreadable("It cannot be read as a letter.") from problem


def _read(letter: Message) -> Report | None:
    kind = str(letter.get_param("report-type", "")).lower()
    if letter.get_content_type() != "multipart/report" or kind != "delivery-status" or not letter.is_multipart():
        raise ReportUnreadable("It is no report on a delivery.")
    parts = [part for part in _list(letter.get_payload()) if isinstance(part, Message)]
    groups = next((_list(one.get_payload()) for one in parts if one.get_content_type() == _STATUS), [])
    if not 2 <= len(groups) <= 1 + MOST_RECIPIENTS:
        raise ReportUnreadable("It names nobody, or too many.")
    failed = [one for one in groups[1:] if isinstance(one, Message) and _says(one, "Action").lower() == "failed"]
    statuses = [code[0] for one in failed if (code := _FOR_GOOD.match(_says(one, "Status")))]
    if not statuses:
        return None
    head = next((found for one in parts if (found := _head(one)) is not None), None)
    if head is None:
        raise ReportUnreadable("It does not bring back the head of the letter.")
    said = [_says(one, name).partition(";")[2] for one in failed for name in ("Final-Recipient", "Original-Recipient")]
    said += [address for _, address in getaddresses([_says(head, "To")])]
    name = _says(head, "Message-ID")
    addresses = tuple(dict.fromkeys(address for one in said if (address := _address(one))))[: 2 * MOST_RECIPIENTS + 1]
    if not name or not addresses:
        raise ReportUnreadable("It does not say which letter, or to whom.")
    return Report(name, addresses, statuses[0])


_STATUS: Final = "message/delivery-status"


def _head(part: Message) -> Message | None:
    """Return the head of the letter that came back, whole or alone."""
    if part.get_content_type() == "message/rfc822":
        inner = next(iter(_list(part.get_payload())), None)
        return inner if isinstance(inner, Message) else None
    if part.get_content_type() == "text/rfc822-headers":
        raw = part.get_payload(decode=True)
        return HeaderParser(policy=compat32).parsestr(raw.decode("latin-1")) if isinstance(raw, bytes) else None
    return None


def _says(of: Message, name: str) -> str:
    said = " ".join(str(of.get(name, "")).split())
    if len(said) > _LONGEST_NAME:
        raise ReportUnreadable("A line of it is longer than any.")
    return said


def _list(payload: object) -> list[object]:
    return payload if isinstance(payload, list) else []


def _address(said: str) -> str:
    try:
        return check_address(said.strip().strip("<>")).lower()
    except BadLetter:
        return ""


class ReportFolder:
    """A Maildir of the mail server's, for reports alone: what was read is deleted, the rest is put aside in `cur`."""

    def __init__(self, folder: Path) -> None:
        self._new = folder / "new"
        self._aside = folder / "cur"

    def waiting(self, most: int) -> list[str]:
        """List what has come, the oldest name first."""
        for one in (self._new, self._aside, self._new.parent / "tmp"):
            one.mkdir(parents=True, exist_ok=True, mode=0o700)
        return sorted(path.name for path in self._new.iterdir() if not path.name.startswith("."))[:most]

    def read(self, name: str) -> bytes:
        """Read what has come under a name: a file, no link to one, and no longer than a report.

        Raises:
            ReportUnreadable: it is something else, or another process has taken it.
        """
        try:
            opened = os.open(self._new / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as problem:
            raise ReportUnreadable("It is no file, or gone.") from problem
        with os.fdopen(opened, "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) or found.st_size > LONGEST_REPORT:
                raise ReportUnreadable("It is no file, or longer than any report.")
            return file.read(LONGEST_REPORT + 1)

    def drop(self, name: str) -> None:
        """Delete what was read."""
        (self._new / name).unlink(missing_ok=True)

    def put_aside(self, name: str) -> None:
        """Leave to a person what is no report of ours: mail programs show it as read."""
        with suppress(FileNotFoundError):
            (self._new / name).rename(self._aside / f"{name.partition(':')[0]}:2,S")

    def forget(self, before: datetime) -> int:
        """Delete what was put aside before an instant; return how many that were."""
        old = [one for one in self._aside.iterdir() if one.lstat().st_mtime < before.timestamp()]
        for one in old:
            one.unlink(missing_ok=True)
        return len(old)
