"""Which persons of the register an account acts for.

A person is tied to an account by a code that they were handed: on paper, or at a desk by whoever has seen their papers.
Never by a name and a date of birth, which neighbours know. An account is one person's own. It acts for them, for those
whose guardian the register says they are, and for those who have given it a mandate at a desk.
"""

import secrets
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID

from msgspec import Struct

from domain.accounts import Account
from domain.errors.accounts import AccountHasPerson, ActsThroughOthers, LinkCodeWrong, NoSuchPerson
from domain.guardians import AUTONOMY_AGE, acts_alone
from domain.people import Holder
from domain.periods import FOREVER
from domain.ports import Unit

CODE_LIFE: Final = timedelta(days=60)
"""A letter takes its time, and so does whoever reads it."""

MANDATE_LIFE: Final = timedelta(days=365)
"""Then whoever gave it is asked again."""

_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Digits and letters that nobody takes for one another on paper."""
_LENGTH: Final = 16
"""79 bits: nobody guesses one, so its bare SHA-256 tells nothing."""


class LinkKind(StrEnum):
    """How an account acts for somebody who is not in the care of its owner."""

    OWN = "own"
    MANDATE = "mandate"


class Bond(StrEnum):
    """Why an account sees somebody's passes."""

    OWN = "own"
    MANDATE = "mandate"
    PARENT = "parent"
    TUTOR = "tutor"


class LinkCode(Struct, frozen=True):
    """A code that ties a person to the account of whoever types it. Of the code itself only a SHA-256 is known."""

    code_hash: bytes
    authority_id: UUID
    holder_id: UUID
    kind: LinkKind
    made_by: UUID | None
    made_at: datetime
    expires_at: datetime
    keep_until: date


class Link(Struct, frozen=True):
    """An account acts for a person until the day before `valid_until`."""

    account_id: UUID
    authority_id: UUID
    holder_id: UUID
    kind: LinkKind
    linked_at: datetime
    valid_until: date
    keep_until: date


class Person(Struct, frozen=True):
    """Somebody for whom an account acts today, and why it may."""

    id: UUID
    reference: str
    first_name: str
    last_name: str
    bond: Bond


class Linked(Struct, frozen=True):
    """A link that was made; `taken_from` is the account that was the person's own until now."""

    link: Link
    taken_from: UUID | None = None


async def make_code(
    unit: Unit, holder: Holder, *, kind: LinkKind, by: UUID | None, now: datetime, today: date
) -> tuple[str, LinkCode]:
    """Draw a code for a person, in place of the one of its kind that they had; return it to be handed over, once.

    Raises:
        ActsThroughOthers: they are under sixteen or have a tutor, and neither log in nor give a mandate.
    """
    if not acts_alone(holder, today, await unit.people.guardians_of(holder.id, today)):
        raise ActsThroughOthers("Whoever acts for them logs in.")
    text = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    code = LinkCode(
        code_hash=_hash(text),
        authority_id=holder.authority_id,
        holder_id=holder.id,
        kind=kind,
        made_by=by,
        made_at=now,
        expires_at=now + CODE_LIFE,
        keep_until=(now + CODE_LIFE).date(),
    )
    await unit.accounts.replace_code(code)
    return "-".join(text[start : start + 4] for start in range(0, _LENGTH, 4)), code


async def redeem(unit: Unit, account: Account, typed: str, *, now: datetime, today: date) -> Linked:
    """Tie the person whose code this is to an account. A person has one account of their own: the newest.

    That is also the way back for whoever has lost every address: a new account, and a new code from a desk.

    Raises:
        LinkCodeWrong: there is no such code of this authority, or it is over, or was used.
        AccountHasPerson: it would be the account of a second person.
        ActsThroughOthers: the person has come into somebody's care since.
    """
    code = await unit.accounts.take_code(account.authority_id, _hash(typed))
    if code is None or code.expires_at <= now:
        raise LinkCodeWrong("No code reads so, or it is over.")
    holder = await unit.people.holder_by_id(account.authority_id, code.holder_id)
    if not acts_alone(holder, today, await unit.people.guardians_of(holder.id, today)):
        raise ActsThroughOthers("Whoever acts for them logs in.")
    if code.kind is LinkKind.OWN:
        taken_from = await _make_room(unit, account, holder)
    else:
        taken_from = None
        own = await unit.accounts.own_link(holder.id)
        if own is not None and own.account_id == account.id:
            return Linked(own)  # nobody needs a mandate for themself
    link = Link(
        account_id=account.id,
        authority_id=account.authority_id,
        holder_id=holder.id,
        kind=code.kind,
        linked_at=now,
        valid_until=FOREVER if code.kind is LinkKind.OWN else today + MANDATE_LIFE,
        keep_until=account.keep_until,
    )
    await unit.accounts.put_link(link)
    return Linked(link, taken_from)


async def unlink(unit: Unit, account: Account, reference: str) -> None:
    """Let an account act no more for a person that a code has tied to it.

    Raises:
        NoSuchPerson: it acts for nobody of this reference, or as their guardian: that is for a desk to end.
    """
    for link in await unit.accounts.links(account.id):
        holder = await unit.people.holder_by_id(account.authority_id, link.holder_id)
        if holder.reference == reference:
            await unit.accounts.remove_link(link)
            return
    raise NoSuchPerson("Your account is linked to nobody of this reference.")


def born_before(today: date) -> date:
    """Return the last birthday of those who manage a pass alone today."""
    try:
        return today.replace(year=today.year - AUTONOMY_AGE)
    except ValueError:  # 29 February, sixteen years after a year without one
        return date(today.year - AUTONOMY_AGE, 2, 28)


async def _make_room(unit: Unit, account: Account, holder: Holder) -> UUID | None:
    """Take a person from the account that was their own; return whose that was."""
    for own in await unit.accounts.links(account.id):
        if own.kind is LinkKind.OWN and own.holder_id != holder.id:
            raise AccountHasPerson("This account is somebody else's.")
    before = await unit.accounts.own_link(holder.id)
    if before is None or before.account_id == account.id:
        return None
    await unit.accounts.remove_link(before)
    return before.account_id


def _hash(code: str) -> bytes:
    return sha256("".join(code.split()).replace("-", "").upper().encode()).digest()
