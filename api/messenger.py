"""Writing to residents about their accounts: by e-mail or by text message, in their language."""

import structlog
from msgspec.structs import replace

from api.letter_returns import LetterReturns
from domain.account_letters import Subject, letter, text_message
from domain.accounts import Contact, ContactChannel, address_of
from domain.errors import DomainError
from domain.errors.accounts import BadContact
from domain.errors.mail import RecipientRefused
from domain.mail import Letter, Mail
from domain.places import Authority
from domain.sms import Sms

log = structlog.get_logger("residents")


class Messenger:
    """What an installation writes with; either may be missing. Nobody writes while a transaction is open."""

    def __init__(
        self,
        mail: Mail | None,
        sms: Sms | None,
        *,
        countries: tuple[str, ...],
        returns: LetterReturns | None = None,
        home: str = "",
    ) -> None:
        self._mail = mail
        self._sms = sms
        self._countries = countries
        self._returns = returns
        self._home = home
        """The address of residents' pages, with which letters end; empty where there are none."""

    def address(self, channel: ContactChannel, typed: str) -> str:
        """Return an address as it is kept, if this installation can write to it.

        Raises:
            BadContact: it is none, or nothing is sent by this channel here.
        """
        if (self._mail if channel is ContactChannel.EMAIL else self._sms) is None:
            raise BadContact(f"Nobody is written to by {channel} here.")
        return address_of(channel, typed, countries=self._countries)

    async def write(
        self,
        subject: Subject,
        authority: Authority,
        channel: ContactChannel,
        address: str,
        *,
        language: str,
        **given: str,
    ) -> None:
        """Write one message.

        Raises:
            MailAway, MessageNotSent: it may be sent again.
            RecipientRefused, LetterRefused: it will never be taken.
        """
        if channel is ContactChannel.EMAIL and self._mail is not None:
            await self._send(
                self._mail, authority, letter(subject, authority, address, language, given, home=self._home)
            )
        elif channel is ContactChannel.SMS and self._sms is not None:
            await self._sms.send(text_message(subject, authority, address, language, given))

    async def tell(
        self, subject: Subject, authority: Authority, contacts: list[Contact], *, language: str, **given: str
    ) -> bool:
        """Tell an account something at all its addresses; one that cannot be reached keeps nothing from its way.

        Where letters came back from, nothing is sent until its owner has confirmed it anew.

        Returns whether one of them was.
        """
        reached = False
        for contact in contacts:
            if contact.unreachable_at is not None:
                continue
            try:
                await self.write(subject, authority, contact.channel, contact.address, language=language, **given)
                reached = True
            except DomainError as problem:
                log.warning("resident_not_told", subject=subject.value, problem=problem.code)
        return reached

    async def _send(self, mail: Mail, authority: Authority, message: Letter) -> None:
        """Send an e-mail under a name by which it is known again, and count it where the address is refused."""
        if self._returns is None:
            await mail.send(message)
            return
        try:
            await mail.send(replace(message, headers=self._returns.name(authority, message.recipient)))
        except RecipientRefused:
            await self._returns.refused(authority, message.recipient)
            raise

    async def close(self) -> None:
        """Let go of whatever is open."""
        for opened in (self._mail, self._sms):
            if opened is not None:
                await opened.close()
