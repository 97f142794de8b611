"""What the verbs on residents' accounts ask of the store."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from domain.agent_ports import Passkeys

if TYPE_CHECKING:
    from domain.account_answers import KeptAnswer
    from domain.account_identities import ResidentIdentity, Ticket
    from domain.account_links import Bond, Link, LinkCode, Person
    from domain.account_logins import LoginAttempt
    from domain.account_sessions import AccountSession, Entered
    from domain.accounts import Account, Contact, ContactChannel
    from domain.passes import Pass


class Accounts(Protocol):
    """Accounts, the addresses that open them, and for whom each acts."""

    async def add(self, new: "Account") -> None: ...
    async def save(self, changed: "Account") -> None:
        """Write when an account was used or warned, and keep what hangs on it as long."""
        ...

    async def speak(self, account_id: UUID, language: str) -> None:
        """Write in which language an account is written to."""
        ...

    async def warn(self, warned: "Account") -> bool:
        """Write that an account was warned, as `save`; tell whether nobody had before."""
        ...

    async def remove(self, account_id: UUID) -> None:
        """Delete an account with its addresses, links and sessions. The register stays as it is."""
        ...

    async def by_id(self, authority_id: UUID, account_id: UUID) -> "Account | None": ...
    async def by_address(self, authority_id: UUID, channel: "ContactChannel", address: str) -> "Account | None": ...

    async def add_contact(self, new: "Contact") -> None:
        """Write an address.

        Raises:
            ContactTaken: it opens another account, perhaps since a moment ago.
        """
        ...

    async def confirm_anew(self, authority_id: UUID, channel: "ContactChannel", address: str, now: datetime) -> None:
        """Write to an address again from which letters came back: somebody has just read one there."""
        ...

    async def note_bounce(self, authority_id: UUID, address: str, *, written_at: datetime, now: datetime) -> bool:
        """Count a letter that came back from an e-mail address, each letter once; tell whether it counted.

        The last that is borne makes the address unreachable. An address that opens no account counts nothing.
        """
        ...

    async def remove_contact(self, gone: "Contact") -> None: ...
    async def contacts(self, account_id: UUID) -> "list[Contact]": ...

    async def add_attempt(self, new: "LoginAttempt") -> None: ...
    async def try_attempt(self, attempt_id: UUID, most: int) -> "LoginAttempt | None":
        """Count one try of an attempt and return it; None if it is not there or was tried `most` times."""
        ...

    async def spend_attempt(self, attempt_id: UUID) -> bool:
        """Delete an attempt; tell whether it was still there."""
        ...

    async def replace_code(self, new: "LinkCode") -> None:
        """Write a code in place of every other of its person and kind."""
        ...

    async def take_code(self, authority_id: UUID, code_hash: bytes) -> "LinkCode | None":
        """Delete a code as it is read; None if there is none."""
        ...

    async def put_link(self, new: "Link") -> None:
        """Write a link, in place of one between the same two."""
        ...

    async def remove_link(self, gone: "Link") -> None: ...
    async def links(self, account_id: UUID) -> "list[Link]": ...
    async def own_link(self, holder_id: UUID) -> "Link | None": ...

    async def persons(self, account_id: UUID, day: date) -> "list[Person]":
        """List for whom an account acts on a day, its owner first, then by name."""
        ...

    async def acting_for(self, holder_id: UUID, day: date) -> "dict[UUID, Bond]":
        """Find the accounts that act for somebody on a day, and by what bond each does."""
        ...

    async def passes(self, account_id: UUID, day: date) -> "list[Pass]":
        """List the passes of those for whom an account acts on a day, the newest first."""
        ...

    async def pass_of(self, account_id: UUID, number: str, day: date) -> "Pass":
        """Find one of these passes by its number.

        Raises:
            PassNotFound: the account acts for nobody who has it.
        """
        ...


class AccountIdentities(Protocol):
    """Who residents are at an identity provider, and tickets on their way from there."""

    async def add(self, new: "ResidentIdentity") -> None:
        """Write an identity.

        Raises:
            IdentityTaken: it opens another account, perhaps since a moment ago, or the account has one of this issuer.
        """
        ...

    async def by_subject(self, authority_id: UUID, issuer: str, subject: str) -> "ResidentIdentity | None": ...
    async def of(self, account_id: UUID) -> "list[ResidentIdentity]": ...
    async def remove(self, account_id: UUID, identity_id: UUID) -> bool: ...
    async def add_ticket(self, new: "Ticket") -> None: ...
    async def take_ticket(self, ticket_hash: bytes) -> "Ticket | None":
        """Delete a ticket as it is read; None if there is none."""
        ...


class AccountSessions(Protocol):
    """The devices and browsers that residents are logged in with."""

    async def add(self, new: "AccountSession") -> None: ...
    async def renew(self, next_: "AccountSession", *, was: "AccountSession") -> bool:
        """Write the next generation where the session is still what it was; tell whether it was."""
        ...

    async def end(self, ended: "AccountSession") -> None: ...
    async def by_id(self, session_id: UUID) -> "AccountSession | None": ...
    async def entered(self, session_id: UUID) -> "Entered | None":
        """Find the session that a token names, with its account and authority, as they are at this moment."""
        ...

    async def one(self, account_id: UUID, session_id: UUID) -> "AccountSession": ...
    async def of(self, account_id: UUID) -> "list[AccountSession]":
        """List the sessions of an account, the one that was used last first."""
        ...

    async def logins(self, account_id: UUID, most: int) -> "list[AccountSession]":
        """List the sessions of an account by their login, the last one first."""
        ...

    async def answer(self, account_id: UUID, key: str) -> "KeptAnswer | None": ...
    async def keep_answer(self, new: "KeptAnswer") -> None:
        """Write what is answered under a key.

        Raises:
            AlreadyExists: an answer stands there since a moment ago.
        """
        ...


class AccountUnit(Protocol):
    """The part of a transaction that is about residents' accounts."""

    @property
    def accounts(self) -> Accounts:
        """The accounts of residents."""
        ...

    @property
    def account_sessions(self) -> AccountSessions:
        """The sessions of residents."""
        ...

    @property
    def account_identities(self) -> AccountIdentities:
        """Who residents are elsewhere."""
        ...

    @property
    def account_passkeys(self) -> Passkeys:
        """The passkeys of residents."""
        ...
