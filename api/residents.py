"""Which resident is calling: their session, by an access token of ten minutes that names it and nothing else.

A token says neither whose account it is nor who they are: two services that saw one could not tell that it is the same
person. The session is read with every request, so what is logged out is out at once.
"""

from typing import Any, Final

from litestar import Request
from litestar.connection import ASGIConnection
from msgspec import Struct

from adapters.keyring import KeyRing
from api.auth import AccessTokens
from domain.account_sessions import AccountSession, Client, Entered, write_token
from domain.accounts import Account
from domain.errors import NotAuthenticated
from domain.places import Authority
from domain.ports import Clock, Unit

AUDIENCE: Final = "multipass:residents:app"
"""The mobile API alone: a token of the portal, of an agent or of a terminal is none here."""

ACCESS_SECONDS: Final = 600

_BEARER = "Bearer "


class Resident(Struct, frozen=True):
    """Who is calling, on which device, and at which authority."""

    account: Account
    session: AccountSession
    authority: Authority


Asked = Request[Resident, Any, Any]
"""A request that a resident makes."""


class ResidentTokens(AccessTokens):
    """The tokens of residents: short ones that are shown with every request, long ones that renew them."""

    def __init__(self, keyring: KeyRing, *, issuer: str, clock: Clock) -> None:
        super().__init__(keyring, issuer=issuer, audience=AUDIENCE, seconds=ACCESS_SECONDS, clock=clock)
        self._secrets = keyring

    async def refresh_key(self, unit: Unit, session: AccountSession) -> bytes:
        """Return what the refresh tokens of a session are proved with."""
        return self.key_at(await unit.places.authority_by_id(session.authority_id), session)

    def key_at(self, authority: Authority, session: AccountSession) -> bytes:
        """Return the same where the authority of a session is known."""
        return self._secrets.refresh_key(authority.code, session.seed)

    async def refresh(self, unit: Unit, session: AccountSession) -> str:
        """Write the refresh token of a session that is good now."""
        return write_token(session, await self.refresh_key(unit, session))


async def authenticate_resident(connection: ASGIConnection[Any, Any, Any, Any]) -> Resident:
    """Return the resident whose token came with the request, as the database knows them now.

    Raises:
        NotAuthenticated: there is no token for this door, or its session is over.
    """
    header = connection.headers.get("authorization", "")
    if not header.startswith(_BEARER):
        raise NotAuthenticated("An access token is needed.")
    state = connection.app.state
    session_id = state.resident_tokens.subject(header.removeprefix(_BEARER))
    async with state.database.look() as unit:
        found: Entered | None = await unit.account_sessions.entered(session_id)
    # An account that is closed takes its sessions along.
    if found is None or found.session.client is not Client.APP or not found.session.is_open(state.clock()):
        raise NotAuthenticated("This device was logged out.")
    return Resident(found.account, found.session, found.authority)
