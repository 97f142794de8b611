"""Letters that come back: refused at the mail server's door, or hours later by a delivery status notification.

An address from which three letters came back within three months is not written to any more until somebody shows that
they read it. A report is a letter that anybody may send: one is believed only where it brings back the name of a letter
of ours, to that very address (`adapters.letter_marks`).
"""

from datetime import timedelta
from typing import Final

from msgspec import Struct

MOST_BOUNCES: Final = 3
"""Letters that came back, after which nothing more is sent there."""

BOUNCE_WINDOW: Final = timedelta(days=92)
"""Within which they count together: a mailbox that was full in spring is none that is gone in autumn."""

LONGEST_REPORT: Final = 256 * 1024
"""Bytes. A report brings back the head of a letter, or a short letter."""

MOST_RECIPIENTS: Final = 10
"""Of one report. Ours name one: each letter is for one person."""


class Report(Struct, frozen=True):
    """What a server says of one letter that it could not deliver, for good.

    `message_id` is the letter's name as it comes back; `addresses` are all that it may have been sent to, in small
    letters, as the report and the head of the letter have them; `status` an enhanced code such as 5.1.1 (RFC 3463).
    """

    message_id: str
    addresses: tuple[str, ...]
    status: str
