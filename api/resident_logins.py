"""Logging in as a resident: a code is sent to an address, and who types it has the address, and so the account.

Whether an address is known is neither told nor looked up before somebody has proved that it is theirs. So there is no
answer, and no time that an answer takes, from which a stranger could learn it.
"""

from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct

from adapters.attempts import Attempts
from adapters.keyring import KeyRing
from api.agents import PRINTABLE
from api.ended_sessions import end_session, forget_device
from api.messenger import Messenger
from api.pace import Pace
from api.residents import ACCESS_SECONDS, Asked, ResidentTokens
from api.rules import Rule
from domain import account_logins, account_sessions
from domain.account_letters import Subject
from domain.account_logins import MOST_TRIES, LoginAttempt, code_of, is_right
from domain.account_sessions import AccountSession, Client, LoginWay, is_genuine, open_session, read_token
from domain.accounts import Account, ContactChannel, was_used
from domain.errors import Invalid
from domain.errors.accounts import LoginCodeWrong, RefreshRefused
from domain.errors.places import AuthorityNotFound
from domain.places import Authority
from domain.ports import Clock, Unit
from store.database import Database

CODES_PER_ADDRESS = 5
"""Sent within a quarter of an hour: whoever did not get three will not get the sixth either."""
CODES_PER_SOURCE = 30
WRONG_PER_ADDRESS = 5
WRONG_PER_SOURCE = 30
"""Codes typed wrong within a quarter of an hour, for one address and from one: a library has one for everybody."""

TAGS = ["Residents"]

Address = Annotated[str, Meta(min_length=3, max_length=160, pattern=PRINTABLE)]
Language = Literal["fr", "en"]


class LoginCodeRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Where to send a code: one of `email` and `phone`. `authority` is the code of the city."""

    authority: Annotated[str, Meta(min_length=1, max_length=40, pattern=PRINTABLE)]
    email: Address | None = None
    phone: Address | None = None
    language: Language = "fr"


class LoginCodeSent(Struct, frozen=True, rename="camel"):
    """A code is on its way, whoever has this address. `attempt` goes with it when it is typed."""

    attempt: UUID
    expires_in: int


class CodeTyped(Struct, frozen=True, forbid_unknown_fields=True):
    """The six digits that somebody was sent, and the attempt that they belong to."""

    attempt: UUID
    code: Annotated[str, Meta(min_length=1, max_length=20, pattern=PRINTABLE)]


class ResidentTokenRequest(CodeTyped, frozen=True, forbid_unknown_fields=True):
    """A code that was typed. `device` is what the list of devices will call this one."""

    device: Annotated[str, Meta(min_length=1, max_length=60, pattern=PRINTABLE)]


class RefreshRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The refresh token that came last. It is good for this once."""

    refresh_token: Annotated[str, Meta(min_length=1, max_length=100, pattern=PRINTABLE)]


class ResidentToken(Struct, frozen=True, rename="camel"):
    """An access token for every request (JWT, ES256), and the refresh token by which the next ones come."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    refresh_token: str
    refresh_expires_at: datetime


class LoginCodes:
    """Sends codes and takes them; what is tried too often, for one address or from one, is not tried any more."""

    def __init__(
        self, database: Database, keyring: KeyRing, attempts: Attempts, messenger: Messenger, clock: Clock
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._attempts = attempts
        self._messenger = messenger
        self._clock = clock

    async def send(
        self,
        authority: Authority,
        said: tuple[str | None, str | None],
        *,
        language: str,
        source: str,
        account: Account | None = None,
    ) -> LoginCodeSent:
        """Send a code to an e-mail address or a telephone number; for an account that is to have it, or to log in.

        Raises:
            Invalid, BadContact: it is not one address, or none that is written to.
            TooManyAttempts: for this address, or from this source.
            MailAway, MessageNotSent: it could not be sent.
        """
        channel, address = self._address(*said)
        to, by = f"code-to:{_named(authority.id, address)}", f"code-from:{source}"
        await self._attempts.check(to, limit=CODES_PER_ADDRESS)
        await self._attempts.check(by, limit=CODES_PER_SOURCE)
        await self._attempts.fail(to)
        await self._attempts.fail(by)
        async with self._database.begin() as unit:
            attempt = await account_logins.begin(
                unit,
                authority_id=authority.id,
                channel=channel,
                address=address,
                language=language,
                now=self._clock(),
                account=account,
            )
        subject = Subject.LOGIN_CODE if account is None else Subject.CONTACT_CODE
        code = code_of(self._keyring.login_key(authority.code, attempt.seed))
        await self._messenger.write(subject, authority, channel, address, language=language, code=code)
        return LoginCodeSent(attempt.id, int(account_logins.LIFE.total_seconds()))

    async def take(self, typed: CodeTyped, source: str) -> LoginAttempt:
        """Return the attempt whose code was typed. Each try is counted before it is compared, for all workers.

        Raises:
            LoginCodeWrong: it is another code, or over, spent, or tried too often.
            TooManyAttempts: for this address, or from this source.
        """
        by = f"wrong-code-from:{source}"
        await self._attempts.check(by, limit=WRONG_PER_SOURCE)
        async with self._database.begin() as unit:
            attempt = await unit.accounts.try_attempt(typed.attempt, MOST_TRIES)
            authority = await unit.places.authority_by_id(attempt.authority_id) if attempt is not None else None
        if attempt is None or authority is None:
            await self._attempts.fail(by)
            raise LoginCodeWrong("The code is wrong or over.")
        name = f"wrong-code:{_named(attempt.authority_id, attempt.address)}"
        await self._attempts.check(name, limit=WRONG_PER_ADDRESS)
        right = is_right(self._keyring.login_key(authority.code, attempt.seed), typed.code)
        if not right or attempt.expires_at <= self._clock():
            await self._attempts.fail(name)
            await self._attempts.fail(by)
            raise LoginCodeWrong("The code is wrong or over.")
        return attempt

    def _address(self, email: str | None, phone: str | None) -> tuple[ContactChannel, str]:
        if (email is None) is (phone is None):
            raise Invalid("Give either `email` or `phone`.")
        channel = ContactChannel.EMAIL if email is not None else ContactChannel.SMS
        return channel, self._messenger.address(channel, email or phone or "")


@post("/codes", status_code=202, opt={"rule": Rule.PUBLIC}, summary="Ask for a code", tags=TAGS)
async def send_code(
    *,
    request: Request[Any, Any, Any],
    data: JSONBody[LoginCodeRequest],
    database: NamedDependency[Database],
    codes: NamedDependency[LoginCodes],
    pace: NamedDependency[Pace],
) -> LoginCodeSent:
    """Send six digits by e-mail or text message. The answer is the same whether the address has an account or not."""
    if not data.authority.isprintable():
        raise AuthorityNotFound("No authority has this code.")
    async with database.look() as unit:
        authority = await unit.places.authority(data.authority)
    said = (data.email, data.phone)
    return await codes.send(authority, said, language=data.language, source=pace.source(request))


@post("/tokens", status_code=200, opt={"rule": Rule.PUBLIC}, summary="Log in with a code", tags=TAGS)
async def log_in(
    *,
    request: Request[Any, Any, Any],
    data: JSONBody[ResidentTokenRequest],
    database: NamedDependency[Database],
    codes: NamedDependency[LoginCodes],
    resident_tokens: NamedDependency[ResidentTokens],
    pace: NamedDependency[Pace],
    clock: NamedDependency[Clock],
) -> ResidentToken:
    """Exchange a code for tokens. An address that is new has an account from now on, which sees nobody yet."""
    attempt = await codes.take(data, pace.source(request))
    now = clock()
    async with database.begin() as unit:
        account = await account_logins.log_in(unit, attempt, now=now)
        return await let_in(unit, resident_tokens, account, data.device, way=LoginWay(attempt.channel), now=now)


@post("/tokens/renewal", status_code=200, opt={"rule": Rule.PUBLIC}, summary="Renew the tokens", tags=TAGS)
async def renew(
    *,
    data: JSONBody[RefreshRequest],
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    resident_tokens: NamedDependency[ResidentTokens],
    messenger: NamedDependency[Messenger],
    clock: NamedDependency[Clock],
) -> ResidentToken:
    """Exchange a refresh token for the next two. Who shows one a second time, later than thirty seconds, has a copy:
    the device is logged out, and its owner is told.
    """
    shown, now = read_token(data.refresh_token), clock()
    async with database.begin() as unit:
        known = await unit.account_sessions.by_id(shown.session_id)
        if known is None or known.client is not Client.APP:
            raise RefreshRefused("The refresh token is not valid.")
        if not is_genuine(known, shown, await resident_tokens.refresh_key(unit, known)):
            raise RefreshRefused("The refresh token is not valid.")
        session = await account_sessions.renew(unit, known, shown.generation, now=now)
        refresh = await resident_tokens.refresh(unit, session)
        account = await unit.accounts.by_id(session.authority_id, session.account_id)
        if account is not None and session.revoked_at is None:
            await was_used(unit, account, now=now)
        if session.revoked_at is not None:
            await forget_device(unit, keyring, session)
        authority = await unit.places.authority_by_id(session.authority_id)
        contacts = await unit.accounts.contacts(session.account_id)
        language = account.language if account is not None else "fr"
    if session.revoked_at is not None:
        await messenger.tell(Subject.COPIED, authority, contacts, language=language, device=session.name)
        raise RefreshRefused("This token was used before. The device is logged out: log in again.")
    return _tokens(resident_tokens, session, refresh)


@post("/tokens/end", status_code=204, opt={"rule": Rule.RESIDENT}, summary="Log out", tags=TAGS)
async def log_out(
    request: Asked,
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    clock: NamedDependency[Clock],
) -> None:
    """Log this device out, at once. It is over however often it is said."""
    async with database.begin() as unit:
        await end_session(unit, keyring, request.user.session, now=clock())


async def let_in(
    unit: Unit, tokens: ResidentTokens, account: Account, device: str, *, way: LoginWay, now: datetime
) -> ResidentToken:
    """Let a device in, whatever has just proved who holds it."""
    session = await open_session(unit, account, client=Client.APP, name=device, way=way, now=now)
    return _tokens(tokens, session, await tokens.refresh(unit, session))


def _tokens(tokens: ResidentTokens, session: AccountSession, refresh: str) -> ResidentToken:
    return ResidentToken(tokens.sign(session.id), "Bearer", ACCESS_SECONDS, refresh, session.expires_at)


def _named(authority_id: UUID, address: str) -> str:
    """Name an address where attempts are counted: there it need not be read."""
    return sha256(authority_id.bytes + address.encode()).hexdigest()[:32]


HANDLERS = [send_code, log_in, renew, log_out]
