"""Passkeys of agents, as the doors ask for them: what a browser is asked, and whom its answer lets in."""

import hmac
from hashlib import sha256
from typing import Any
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from litestar import Request

from adapters import passkeys as web
from adapters.attempts import Attempts
from adapters.keyring import INSTALLATION, KeyRing, Purpose
from adapters.passkeys import Made, Party
from api.auth import real_source
from api.logins import FAILED_LOGINS_PER_SOURCE, failures_from
from api.settings import Settings
from domain import passkeys
from domain.acts import Act
from domain.agents import Agent
from domain.errors import NotFound
from domain.errors.agents import PasskeyRefused
from domain.journal import Door, Entry, Kind, Object, Origin
from domain.passkeys import Passkey
from domain.ports import Clock
from store.database import Database

_LOGIN = "login"
_NOBODY = UUID(int=0)

log = structlog.get_logger("console")


class Passkeys:
    """What agents prove themselves with alone, where the address of this installation lets browsers know passkeys."""

    def __init__(
        self, database: Database, keyring: KeyRing, attempts: Attempts, clock: Clock, *, settings: Settings
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._attempts = attempts
        self._clock = clock
        self._settings = settings
        self._party = web.party_of(settings.public_url)

    @property
    def host(self) -> str:
        """The name that passkeys are made for; empty where browsers would know none: they want a name, and TLS."""
        return self._party.id if self._party is not None else ""

    async def stand_in(self, agent: Agent) -> bool:
        """Tell whether a passkey is the second factor that an account must have: then a password is not enough."""
        if self._party is None or self._settings.second_factor != "required" or not agent.sees_people:
            return False
        async with self._database.look() as unit:
            return bool(await unit.passkeys.of(agent.id))

    async def ask_for_new(self, agent: Agent, secret: str) -> str:
        """Write what a browser needs to make another passkey for an agent; `secret` is that of their session."""
        async with self._database.look() as unit:
            known = await unit.passkeys.of(agent.id)
            authority = await unit.places.authority_by_id(agent.authority_id)
        return web.ask_for_new(
            self._asking(),
            web.draw_challenge(secret, _registration(agent), self._clock()),
            issuer=authority.name.fr,
            user_id=agent.id.bytes,
            login=agent.login,
            name=agent.name,
            known=[one.credential_id for one in known],
        )

    async def register(
        self, agent: Agent, secret: str, answer: str, *, name: str, request: Request[Any, Any, Any]
    ) -> Passkey:
        """Take the passkey that was made for `ask_for_new`, and write down that the account has it.

        Raises:
            PasskeyRefused: something of it does not hold, or it was taken before.
            AlreadyExists, TooManyPasskeys: as `domain.passkeys.register`.
        """
        now, challenge = self._clock(), web.challenge_of_new(answer)
        until = web.check_challenge(challenge, secret, _registration(agent), now)
        found: Made = web.made(self._asking(), challenge, answer)
        async with self._database.begin() as unit:
            await unit.passkeys.spend(_hash(challenge), until=until, now=now)
            new = await passkeys.register(
                unit,
                unit.passkeys,
                agent,
                credential_id=found.credential_id,
                public_key=found.public_key,
                sign_count=found.sign_count,
                name=name,
                now=now,
            )
            await unit.journal.add(self._entry(agent, Act.PASSKEY_ADDED, request))
        return new

    async def remove(self, agent: Agent, passkey_id: UUID, request: Request[Any, Any, Any]) -> None:
        """Take a passkey of one's own off one's account, and write that down.

        Raises:
            LastWayIn, PasskeyNotFound: as `domain.passkeys.remove`.
        """
        must = self._settings.second_factor == "required" and agent.sees_people
        async with self._database.begin() as unit:
            telephone = await unit.second_factors.of(agent.id)
            has_telephone = telephone is not None and telephone.confirmed_at is not None
            await passkeys.remove(unit, agent, passkey_id, is_second_factor=must and not has_telephone)
            await unit.journal.add(self._entry(agent, Act.PASSKEY_REMOVED, request))

    async def ask_for_one(self, login: str, secret: str) -> str:
        """Write what a browser needs to show a passkey. Whether a login has an account, or a passkey, is not said.

        Without a login the browser offers the passkeys that it finds by itself. `secret` is that of the door's cookie.
        """
        allowed: list[bytes] = []
        if login:
            async with self._database.look() as unit:
                agent = await unit.agents.by_login(login)
                known = await unit.passkeys.of(agent.id if agent is not None else _NOBODY)  # as long for everybody
            allowed = [one.credential_id for one in known] or [self._nobodys(login)]
        challenge = web.draw_challenge(secret, _LOGIN, self._clock())
        return web.ask_for_one(self._asking(), challenge, allowed=allowed)

    async def prove(self, request: Request[Any, Any, Any], secret: str, answer: str, *, login: str) -> Agent:
        """Return the agent whose passkey has answered in this browser; `login` is what was typed with it, if anything.

        Raises:
            PasskeyRefused: with what does not hold, for the log.
            TooManyAttempts: from this address, within a quarter of an hour.
        """
        return await self._counted(request, secret, answer, login=login, purpose=_LOGIN)

    async def ask_again(self, agent: Agent, secret: str, purpose: str) -> str:
        """Write what a browser needs for its agent to show a passkey once more, for one thing that opens a way in.

        `secret` is that of their session; `purpose` says what exactly it is for: the answer is good for nothing else.
        """
        async with self._database.look() as unit:
            known = await unit.passkeys.of(agent.id)
        challenge = web.draw_challenge(secret, _again(agent, purpose), self._clock())
        return web.ask_for_one(self._asking(), challenge, allowed=[one.credential_id for one in known])

    async def prove_again(
        self, request: Request[Any, Any, Any], agent: Agent, secret: str, answer: str, purpose: str
    ) -> None:
        """Make sure that it is an agent who asks for one thing here and now: `answer` is that to `ask_again`.

        Raises:
            PasskeyRefused, TooManyAttempts: as `prove`.
        """
        await self._counted(request, secret, answer, login=agent.login, purpose=_again(agent, purpose))

    async def _counted(
        self, request: Request[Any, Any, Any], secret: str, answer: str, *, login: str, purpose: str
    ) -> Agent:
        source = failures_from(request, self._settings)
        await self._attempts.check(source, limit=FAILED_LOGINS_PER_SOURCE)
        try:
            return await self._prove(request, secret, answer, login=login, purpose=purpose)
        except PasskeyRefused as refusal:
            log.warning("passkey", why=refusal.detail)
            await self._attempts.fail(source)
            raise

    async def _prove(
        self, request: Request[Any, Any, Any], secret: str, answer: str, *, login: str, purpose: str
    ) -> Agent:
        now, party, said = self._clock(), self._asking(), web.read(answer)
        until = web.check_challenge(said.challenge, secret, purpose, now)
        async with self._database.look() as unit:
            passkey = await unit.passkeys.by_credential(said.credential_id)
            agent = await unit.agents.by_id(passkey.owner_id) if passkey is not None else None
        if passkey is None or agent is None:
            raise PasskeyRefused("Nobody has registered this passkey.")
        if (said.user_id or agent.id.bytes) != agent.id.bytes or login not in {"", agent.login}:
            raise PasskeyRefused("It is somebody else's passkey.")
        if not agent.active:
            raise PasskeyRefused("The account is closed.")
        counted = web.sign_count(party, said.challenge, answer, public_key=passkey.public_key)
        async with self._database.begin() as unit:
            await unit.passkeys.spend(_hash(said.challenge), until=until, now=now)
            goes_on = await passkeys.use(unit.passkeys, passkey, counted, now=now)
            if not goes_on:
                await unit.journal.add(self._entry(agent, Act.PASSKEY_SUSPECTED, request))
        if not goes_on:
            raise PasskeyRefused("The passkey has counted less than before: there may be a copy of it.")
        return agent

    def _entry(self, agent: Agent, act: Act, request: Request[Any, Any, Any]) -> Entry:
        session = getattr(request.scope.get("auth"), "session", None)
        address = real_source(request, self._settings.trusted_proxies)
        origin = Origin(Door.CONSOLE, address, session.id if session is not None else None)
        return Entry(agent.authority_id, agent.id, act, Object(Kind.AGENT, str(agent.id)), origin, self._clock())

    def _asking(self) -> Party:
        if self._party is None:
            raise NotFound("Browsers know no passkey of this address.")
        return self._party

    def _nobodys(self, login: str) -> bytes:
        """Make up a passkey for a login that has none, always the same: nobody learns who has an account."""
        key = self._keyring.signing_key(INSTALLATION, Purpose.TOKEN).private
        secret = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return hmac.digest(secret, b"passkey of nobody " + login.encode(), "sha256")


def _registration(agent: Agent) -> str:
    return f"registration {agent.id}"


def _again(agent: Agent, purpose: str) -> str:
    return f"once more {agent.id} {purpose}"


def _hash(challenge: bytes) -> bytes:
    return sha256(challenge).digest()
