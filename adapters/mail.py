"""E-mail: through the installation's mail server (SMTP), or into a folder where a person or a test reads it.

Nothing here is logged: neither who is written to, nor what.
"""

import asyncio
import os
import secrets
import ssl
from contextlib import suppress
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.policy import EmailPolicy
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

import aiosmtplib

from domain.errors.mail import BadLetter, LetterRefused, MailAway, RecipientRefused
from domain.mail import Letter, Mail, check_address, check_letter, check_sender
from domain.ports import Clock

PATIENCE_SECONDS: Final = 20.0
"""For each step of a conversation with the mail server."""

_AT_HOME: Final = ("127.0.0.1", "::1", "localhost")
"""Hosts that are this machine: nothing can be read on the way there, and TLS is not asked of them."""


class _Policy(EmailPolicy):
    """Breaks a subject with accents into lines as RFC 2047 has it.

    The library's own way forgets the space between two encoded words (python/cpython issue 92081, in 3.11).
    """

    def fold(self, name: str, value: str) -> str:
        """Write one header."""
        if name.lower() != "subject" or value.isascii():
            return str(super().fold(name, value))
        return f"{name}: {Header(str(value), 'utf-8', header_name=name).encode(linesep=self.linesep)}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        """Write one header of a letter that travels."""
        return self.fold(name, value).encode("ascii", "surrogateescape")


_POLICY: Final = _Policy(linesep=SMTP_POLICY.linesep)


def mail_of(*, smtp_url: str, folder: str, sender: str, clock: Clock) -> Mail | None:
    """Return how this installation sends e-mail: by its server, into a folder, or (None) not at all."""
    if smtp_url:
        return SmtpMail(smtp_url, sender, clock)
    return FolderMail(Path(folder), sender, clock) if folder else None


class SmtpMail:
    """Speaks to one mail server: `smtps://user:password@host:465`, or `smtp://host:587`, which must offer STARTTLS.

    A connection for each letter: whoever sends many is slowed down by the server anyway, and nothing is held open.
    """

    def __init__(self, url: str, sender: str, clock: Clock, *, trusted: ssl.SSLContext | None = None) -> None:
        self._to = urlsplit(url)
        self._sender = _sender(sender)
        self._clock = clock
        self._trusted = trusted

    async def send(self, message: Letter) -> None:
        """Hand one letter to the server."""
        written = compose(message, self._sender, self._clock())
        to = self._to
        try:
            await aiosmtplib.send(
                bytes(written),
                sender=self._sender.addr_spec,
                recipients=[check_address(message.recipient)],
                hostname=to.hostname,
                port=to.port or (465 if to.scheme == "smtps" else 587),
                username=unquote(to.username) if to.username else None,
                password=unquote(to.password) if to.password else None,
                timeout=PATIENCE_SECONDS,
                use_tls=to.scheme == "smtps",
                start_tls=_starts_tls(to),
                tls_context=self._trusted,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            raise _refusal(refused.recipients[0].code, RecipientRefused) from None
        except aiosmtplib.SMTPDataError as refused:
            raise _refusal(refused.code, LetterRefused) from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as problem:
            # A refused password or sender is our own mistake: the letter waits until somebody has put it right.
            raise MailAway(f"The mail server is away: {type(problem).__name__}.") from None

    async def close(self) -> None:
        """Nothing is held open between two letters."""


class FolderMail:
    """Writes each letter as an .eml file that only this user may read: for demonstrations and tests, not for people."""

    def __init__(self, folder: Path, sender: str, clock: Clock) -> None:
        self._folder = folder
        self._sender = _sender(sender)
        self._clock = clock

    async def send(self, message: Letter) -> None:
        """Write one letter: whole under its name, or not at all."""
        now = self._clock()
        await asyncio.to_thread(self._write, bytes(compose(message, self._sender, now)), now)

    def _write(self, letter: bytes, now: datetime) -> None:
        name = f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(6)}"
        part = self._folder / f".{name}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(letter)
            part.rename(self._folder / f"{name}.eml")
        except OSError as problem:
            with suppress(OSError):
                part.unlink()
            raise MailAway(f"The folder of letters cannot be written: {type(problem).__name__}.") from None

    async def close(self) -> None:
        """Nothing is held open."""


def compose(letter: Letter, sender: Address, now: datetime) -> EmailMessage:
    """Write a letter as it travels: plain text first, then the same as HTML.

    Raises:
        BadLetter: as `check_letter`.
    """
    check_letter(letter)
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = check_address(letter.recipient)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(now)
    # Machines that answer by themselves ("I am on holiday") leave such letters alone (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    if not any(name.lower() == "message-id" for name in letter.headers):
        message["Message-ID"] = make_msgid(domain=sender.domain)
    try:
        for name, value in letter.headers.items():
            message[name] = value
    except ValueError as problem:
        raise BadLetter("A header stands twice, or cannot be written.") from problem
    message.set_content(letter.text, cte="quoted-printable")
    if letter.html:
        message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    return message


def _sender(text: str) -> Address:
    name, address = check_sender(text)
    return Address(name, addr_spec=address)


def _starts_tls(to: SplitResult) -> bool:
    return to.scheme == "smtp" and to.hostname not in _AT_HOME


def _refusal(code: int, for_good: type[LetterRefused]) -> LetterRefused | MailAway:
    if code >= 500:
        return for_good(f"The mail server refuses it ({code}).")
    return MailAway(f"The mail server asks to come back ({code}).")
