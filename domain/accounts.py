"""Residents' accounts: by which addresses somebody logs in, and how long an account waits for them.

An account is no person of the register. What ties the two is a link (`domain.account_links`); without one an account
sees nothing. Nothing says whether an address is known: whoever proves that it is theirs has an account by it.
"""

import re
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.errors import AlreadyExists
from domain.errors.accounts import BadContact, LastContact
from domain.errors.mail import BadLetter
from domain.mail import check_address
from domain.ports import Unit

INACTIVE = timedelta(days=2 * 365)
"""An account that nobody uses is deleted after two years (CNIL, note on inactive accounts)."""

WARNED = timedelta(days=60)
"""How long before that its owner is told."""

LEFT_AFTER_WARNING = timedelta(days=30)
"""What is left at least, however late the warning was."""

NOTICED = timedelta(days=1)
"""How finely it is written down when an account was last used."""

LONGEST_ADDRESS = 160


class ContactChannel(StrEnum):
    """How somebody is written to."""

    EMAIL = "email"
    SMS = "sms"


class Account(Struct, frozen=True):
    """One resident's way in. `language` is the one that they are written to in; `warned_at` is set while they sleep."""

    id: UUID
    authority_id: UUID
    language: str
    created_at: datetime
    seen_at: datetime
    keep_until: date
    warned_at: datetime | None = None


class Contact(Struct, frozen=True):
    """An address that opens an account; its owner has proved that it is theirs.

    `bounces` counts the letters that came back from it, `bounced_at` is when the last of them was written
    (`domain.bounces`). From `unreachable_at` on it is not written to, but for a code that somebody asks for.
    """

    id: UUID
    authority_id: UUID
    account_id: UUID
    channel: ContactChannel
    address: str
    confirmed_at: datetime
    keep_until: date
    bounces: int = 0
    bounced_at: datetime | None = None
    unreachable_at: datetime | None = None


_NUMBER = re.compile(r"\+[1-9][0-9]{7,14}")
_FILLING = re.compile(r"[\s.()/-]")


def address_of(channel: ContactChannel, typed: str, *, countries: tuple[str, ...] = ()) -> str:
    """Return an address as it is kept, compared and written to: the same one, always.

    `countries` are the beginnings of telephone numbers that are written to; none given: all.

    Raises:
        BadContact: it is no address, or none that is written to.
    """
    return _email(typed) if channel is ContactChannel.EMAIL else _number(typed, countries)


def _email(typed: str) -> str:
    # Only ASCII gets through: letters that look or fold alike would let one address stand for another.
    try:
        address = check_address(typed).lower()
    except BadLetter as bad:
        raise BadContact("This is no e-mail address.") from bad
    if len(address) > LONGEST_ADDRESS:
        raise BadContact("This is no e-mail address.")
    return address


def _number(typed: str, countries: tuple[str, ...]) -> str:
    digits = _FILLING.sub("", typed)
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    elif digits.startswith("0"):
        digits = f"+33{digits[1:]}"
    if not (digits.isascii() and _NUMBER.fullmatch(digits)):
        raise BadContact("This is no telephone number.")
    if countries and not digits.startswith(countries):
        raise BadContact("No text messages are sent to this country.")
    return digits


def shown(contact: Contact) -> str:
    """Return an address as others may see it: enough for its owner to know it, too little to write to it."""
    if contact.channel is ContactChannel.SMS:
        return f"{contact.address[:3]} •••• {contact.address[-2:]}"
    name, _, domain = contact.address.partition("@")
    return f"{name[0]}•••@{domain}"


async def open_account(
    unit: Unit, *, authority_id: UUID, channel: ContactChannel, address: str, language: str, now: datetime
) -> Account:
    """Open an account for whoever has just proved that an address is theirs.

    Raises:
        ContactTaken: it opens another one, perhaps since a moment ago.
    """
    new = new_account(unit, authority_id=authority_id, language=language, now=now)
    await unit.accounts.add(new)
    await unit.accounts.add_contact(_contact(unit, new, channel, address, now))
    return new


def new_account(unit: Unit, *, authority_id: UUID, language: str, now: datetime) -> Account:
    """Return an account that nothing opens yet."""
    return Account(
        id=unit.ids.row(),
        authority_id=authority_id,
        language=language,
        created_at=now,
        seen_at=now,
        keep_until=now.date() + INACTIVE,
    )


async def add_contact(unit: Unit, account: Account, *, channel: ContactChannel, address: str, now: datetime) -> Contact:
    """Let one more address open an account: what somebody falls back on who loses the other.

    One that opens it already is confirmed anew.

    Raises:
        ContactTaken: it opens another account.
    """
    for known in await unit.accounts.contacts(account.id):
        if (known.channel, known.address) == (channel, address):
            await unit.accounts.confirm_anew(account.authority_id, channel, address, now)
            return known
    new = _contact(unit, account, channel, address, now)
    await unit.accounts.add_contact(new)
    return new


async def remove_contact(unit: Unit, account: Account, contact: Contact) -> None:
    """Let an address open an account no more.

    Raises:
        LastContact: none would be left.
    """
    if len(await unit.accounts.contacts(account.id)) == 1:
        raise LastContact("Add another address first.")
    await unit.accounts.remove_contact(contact)


async def was_used(unit: Unit, account: Account, *, now: datetime) -> Account:
    """Write down that somebody has used an account, and so keep it longer; once a day is enough."""
    if account.warned_at is None and now < account.seen_at + NOTICED:
        return account
    used = replace(account, seen_at=now, warned_at=None, keep_until=now.date() + INACTIVE)
    await unit.accounts.save(used)
    return used


async def warn(unit: Unit, account: Account, *, now: datetime) -> Account:
    """Write down that the owner of a sleeping account is told, which leaves them a month at least.

    Raises:
        AlreadyExists: another worker tells them, since a moment ago.
    """
    left = max(account.keep_until, now.date() + LEFT_AFTER_WARNING)
    warned = replace(account, warned_at=now, keep_until=left)
    if not await unit.accounts.warn(warned):
        raise AlreadyExists("The owner of this account is being told.")
    return warned


def _contact(unit: Unit, account: Account, channel: ContactChannel, address: str, now: datetime) -> Contact:
    return Contact(
        id=unit.ids.row(),
        authority_id=account.authority_id,
        account_id=account.id,
        channel=channel,
        address=address,
        confirmed_at=now,
        keep_until=account.keep_until,
    )
