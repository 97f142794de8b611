"""Passkeys of residents: a key in their telephone that logs them in without an address, and without a code to wait for.

A challenge lies nowhere: it is sealed with a key that follows from the city's master and from a number that whoever
asked was told, and is good for five minutes, once. An address is never asked for, so nobody learns by it who has an
account. A code goes on opening the account: no passkey is the only way in.
"""

from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, Final
from uuid import UUID, uuid4

import msgspec
import structlog
from msgspec import Meta, Struct

from adapters import passkeys as web
from adapters.attempts import Attempts
from adapters.keyring import KeyRing
from adapters.passkeys import Party
from api.agents import PRINTABLE
from api.messenger import Messenger
from api.residents import Resident
from domain import passkeys
from domain.account_letters import Subject
from domain.accounts import Account, Contact, shown, was_used
from domain.errors import NotFound
from domain.errors.accounts import PasskeyUnusable
from domain.errors.agents import PasskeyRefused
from domain.passkeys import LONGEST_NAME, Passkey
from domain.places import Authority
from domain.ports import Clock, Unit
from store.database import Database

WRONG_PER_SOURCE: Final = 30
"""Passkeys refused within a quarter of an hour, from one address."""

_LOGIN = "resident login"

log = structlog.get_logger("residents")

Name = Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME, pattern=PRINTABLE)]


class PasskeyAsked(Struct, frozen=True, rename="camel"):
    """What `navigator.credentials` is given as `publicKey`, after `parseRequestOptionsFromJSON` or the like."""

    options: dict[str, Any]
    expires_in: int


class LoginAsked(PasskeyAsked, frozen=True):
    """The same, and the number that goes with the answer."""

    attempt: UUID


class ResidentPasskeys:
    """Makes passkeys and takes them, where the address of this installation lets browsers know any."""

    def __init__(
        self,
        database: Database,
        keyring: KeyRing,
        attempts: Attempts,
        messenger: Messenger,
        clock: Clock,
        *,
        public_url: str,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._attempts = attempts
        self._messenger = messenger
        self._clock = clock
        self._party = web.party_of(public_url)

    @property
    def host(self) -> str:
        """The name that passkeys are made for; empty where browsers would know none: they want a name, and TLS."""
        return self._party.id if self._party is not None else ""

    async def ask_for_new(self, resident: Resident) -> PasskeyAsked:
        """Write what a browser needs to make another passkey for the account that is logged in."""
        mine = resident.account
        async with self._database.look() as unit:
            known = await unit.account_passkeys.of(mine.id)
            contacts = await unit.accounts.contacts(mine.id)
            authority = await unit.places.authority_by_id(mine.authority_id)
        city = authority.name.en if mine.language == "en" else authority.name.fr
        called = shown(contacts[0]) if contacts else city
        asked = web.ask_for_new(
            self._asking(),
            web.draw_challenge(self._secret(authority, resident.session.id), _registration(mine), self._clock()),
            issuer=city,
            user_id=mine.id.bytes,
            login=called,
            name=called,
            known=[one.credential_id for one in known],
            discoverable=True,
        )
        return PasskeyAsked(msgspec.json.decode(asked), _seconds())

    async def register(self, resident: Resident, answer: str, *, name: str) -> Passkey:
        """Take the passkey that was made for `ask_for_new`, and tell the addresses of the account.

        Raises:
            PasskeyUnusable: something of it does not hold, or it was taken before.
            AlreadyExists, TooManyPasskeys: as `domain.passkeys.register`.
        """
        try:
            authority, new, contacts = await self._register(resident, answer, name)
        except PasskeyRefused as refusal:
            # Who is logged in stays so: 401 would have an app renew its tokens and try for ever.
            raise PasskeyUnusable(refusal.detail) from refusal
        language = resident.account.language
        await self._messenger.tell(Subject.PASSKEY, authority, contacts, language=language, device=name)
        return new

    async def _register(self, resident: Resident, answer: str, name: str) -> tuple[Authority, Passkey, list[Contact]]:
        now, mine = self._clock(), resident.account
        async with self._database.begin() as unit:
            authority = await unit.places.authority_by_id(mine.authority_id)
            challenge = web.challenge_of_new(answer)
            secret = self._secret(authority, resident.session.id)
            until = web.check_challenge(challenge, secret, _registration(mine), now)
            found = web.made(self._asking(), challenge, answer)
            await unit.account_passkeys.spend(_hash(challenge), until=until, now=now)
            new = await passkeys.register(
                unit,
                unit.account_passkeys,
                mine,
                credential_id=found.credential_id,
                public_key=found.public_key,
                sign_count=found.sign_count,
                name=name,
                now=now,
            )
            return authority, new, await unit.accounts.contacts(mine.id)

    def ask_for_one(self, authority: Authority) -> LoginAsked:
        """Write what a browser needs to show any passkey that it has for this installation."""
        attempt = uuid4()
        challenge = web.draw_challenge(self._secret(authority, attempt), _LOGIN, self._clock())
        asked = web.ask_for_one(self._asking(), challenge, allowed=())
        return LoginAsked(options=msgspec.json.decode(asked), expires_in=_seconds(), attempt=attempt)

    async def prove(self, attempt: UUID, answer: str, source: str) -> Account:
        """Return the account whose passkey has answered; why another did not, the log alone is told.

        Raises:
            PasskeyRefused: it is not believed.
            TooManyAttempts: from this address, within a quarter of an hour.
        """
        by = f"wrong-passkey-from:{source}"
        await self._attempts.check(by, limit=WRONG_PER_SOURCE)
        try:
            return await self._prove(attempt, answer)
        except PasskeyRefused as refusal:
            log.warning("resident_passkey", why=refusal.detail)
            await self._attempts.fail(by)
            raise PasskeyRefused("The passkey was not accepted.") from refusal

    async def _prove(self, attempt: UUID, answer: str) -> Account:
        now, said = self._clock(), web.read(answer)
        async with self._database.look() as unit:
            passkey = await unit.account_passkeys.by_credential(said.credential_id)
            if passkey is None or said.user_id != passkey.owner_id.bytes:
                raise PasskeyRefused("Nobody has registered this passkey.")
            authority = await unit.places.authority_by_id(passkey.authority_id)
        until = web.check_challenge(said.challenge, self._secret(authority, attempt), _LOGIN, now)
        counted = web.sign_count(self._asking(), said.challenge, answer, public_key=passkey.public_key)
        async with self._database.begin() as unit:
            await unit.account_passkeys.spend(_hash(said.challenge), until=until, now=now)
            goes_on = await passkeys.use(unit.account_passkeys, passkey, counted, now=now)
            account = await self._owner(unit, passkey, now, used=goes_on)
            contacts = await unit.accounts.contacts(account.id)
        if not goes_on:
            await self._messenger.tell(
                Subject.PASSKEY_COPIED, authority, contacts, language=account.language, device=passkey.name
            )
            raise PasskeyRefused("The passkey has counted less than before: there may be a copy of it.")
        return account

    async def _owner(self, unit: Unit, passkey: Passkey, now: datetime, *, used: bool) -> Account:
        account = await unit.accounts.by_id(passkey.authority_id, passkey.owner_id)
        if account is None:
            raise PasskeyRefused("The account was deleted a moment ago.")
        return await was_used(unit, account, now=now) if used else account

    def _secret(self, authority: Authority, turn: UUID) -> str:
        return self._keyring.passkey_key(authority.code, turn.bytes).hex()

    def _asking(self) -> Party:
        if self._party is None:
            raise NotFound("Browsers know no passkey of this address.")
        return self._party


def _registration(account: Account) -> str:
    return f"resident registration {account.id}"


def _hash(challenge: bytes) -> bytes:
    return sha256(challenge).digest()


def _seconds() -> int:
    return int(web.LIFE.total_seconds())
