"""Letters by e-mail: what one is, what may stand in it, and the port by which it leaves."""

import re
from email.utils import parseaddr
from typing import Final, Protocol, runtime_checkable

from msgspec import Struct

from domain.errors.mail import BadLetter

LONGEST_ADDRESS: Final = 254
"""Characters of an address (RFC 5321, 4.5.3.1.3)."""

LONGEST_SUBJECT: Final = 250

_ADDRESS: Final = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]+@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*", re.ASCII | re.IGNORECASE
)
_HEADER: Final = re.compile(r"[!-9;-~]+")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")


class Letter(Struct, frozen=True):
    """One letter to one person. `html` says the same as `text`, for those whose programs show it.

    `headers` are further ones, such as `List-Unsubscribe`; a `Message-ID` among them takes the place of a drawn one.
    """

    recipient: str
    subject: str
    text: str
    html: str = ""
    headers: dict[str, str] = {}


@runtime_checkable
class Mail(Protocol):
    """Sends letters (`adapters.mail`). An installation without one has None in its place."""

    async def send(self, message: Letter) -> None:
        """Hand one letter over. Back from here, the next server has taken it: not that anybody has read it.

        Raises:
            BadLetter: something in it cannot be sent.
            RecipientRefused: nobody has this address.
            LetterRefused: it will not be taken later either.
            MailAway: it may be sent again.
        """
        ...

    async def close(self) -> None:
        """Let go of whatever is open."""
        ...


def check_address(typed: str) -> str:
    """Return an address as it is written to: trimmed, its domain in small letters.

    Raises:
        BadLetter: this is no address that everybody's server takes: letters of ASCII, one @, a domain with a dot.
    """
    address = typed.strip()
    if len(address) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(address):
        raise BadLetter("This is no e-mail address.")
    local, _, domain = address.rpartition("@")
    if len(local) > 64 or local.startswith(".") or local.endswith(".") or ".." in local:
        raise BadLetter("This is no e-mail address.")
    return f"{local}@{domain.lower()}"


def check_sender(text: str) -> tuple[str, str]:
    """Return the name and the address that letters come from, out of `Name <address>` or an address.

    Raises:
        BadLetter: letters cannot come from there.
    """
    name, address = parseaddr(text)
    if _CONTROL.search(name):
        raise BadLetter("A name is one line.")
    return name, check_address(address)


def check_letter(letter: Letter) -> None:
    """Refuse a letter whose subject or headers would become other headers.

    Raises:
        BadLetter: with what cannot be sent.
    """
    check_address(letter.recipient)
    if not letter.subject.strip() or len(letter.subject) > LONGEST_SUBJECT or _CONTROL.search(letter.subject):
        raise BadLetter(f"A subject is one line of 1 to {LONGEST_SUBJECT} characters.")
    for name, value in letter.headers.items():
        if not _HEADER.fullmatch(name) or _CONTROL.search(value):
            raise BadLetter("A header is a name and one line.")
