"""Logging in at an identity provider as a resident: the way there, the way back, and the device that began.

The provider's answer comes to a browser; the tokens are for an app, or for a page of ours. Between the two goes a
ticket of two minutes, which only the device that began can turn in.
"""

import secrets
from collections.abc import Mapping
from typing import Final, NoReturn
from urllib.parse import urlencode

import structlog
from msgspec import Struct

from adapters.oidc import Answered, Oidc, begin, resume
from api.settings import Settings
from domain.account_identities import CHALLENGE, LONGEST_SUBJECT, issue_ticket
from domain.errors import DomainError, Invalid, NotFound
from domain.errors.accounts import BadRedirect
from domain.errors.agents import IdentityRefused, ProviderAway
from domain.places import Authority
from domain.ports import Clock
from store.database import Database

BACK: Final = "/sign-in/provider/back"
"""Under `public_url`; the provider knows it, and sends nobody elsewhere."""

LONGEST_REDIRECT: Final = 300

log = structlog.get_logger("residents")


class Journey(Struct, frozen=True):
    """Who began, and how they get back: it travels sealed in the state."""

    authority: str
    language: str
    challenge: str
    redirect: str


class ProviderLogins:
    """The provider of residents, where an installation has one."""

    def __init__(self, database: Database, oidc: Oidc | None, clock: Clock, *, settings: Settings) -> None:
        self._database = database
        self._oidc = oidc
        self._clock = clock
        self._pages = f"{settings.public_url.rstrip('/')}/"
        self._apps = frozenset(settings.app_redirects)
        self.name = settings.resident_oidc_name if oidc is not None else ""

    async def leave_for(self, secret: str, asked: Mapping[str, str]) -> str:
        """Return where a browser with this secret goes, to come back to the `redirect` that was asked for.

        Raises:
            NotFound, AuthorityNotFound: nobody logs in here by a provider, or there is no such city.
            BadRedirect, Invalid: nobody is sent back there, or what the device keeps secret is not said.
            ProviderAway, IdentityRefused: it does not answer, or not as a provider does.
        """
        oidc = self._known()
        journey = self._journey(asked)
        async with self._database.look() as unit:
            await unit.places.authority(journey.authority)
        words = f"{journey.authority} {journey.language} {journey.challenge} {journey.redirect}"
        return await oidc.address(begin(secret, words, self._clock()))

    async def come_back(self, secret: str, said: Mapping[str, str]) -> str:
        """Return where the browser goes with what the provider answered: a ticket, or the code of what went wrong.

        Raises:
            IdentityRefused: nobody knows who began, so nobody is sent anywhere.
        """
        oidc = self._known()
        going, wanted = resume(secret, said.get("state", ""), self._clock())
        code, language, challenge, redirect = wanted.split(" ", 3)
        try:
            answered = await oidc.answered(going, said.get("code", ""), issuer=said.get("iss", ""))
            _check(answered, oidc.level)
        except (IdentityRefused, ProviderAway) as refusal:
            log.warning("resident_provider", refused=refusal.code, why=refusal.detail)
            return f"{redirect}?{urlencode({'error': refusal.code})}"
        async with self._database.begin() as unit:
            authority: Authority = await unit.places.authority(code)
            ticket = await issue_ticket(
                unit,
                authority_id=authority.id,
                issuer=oidc.issuer,
                subject=answered.subject,
                id_token=answered.id_token,
                challenge=challenge,
                language=language,
                now=self._clock(),
            )
        return f"{redirect}?{urlencode({'ticket': ticket})}"

    async def way_out(self, id_token: str) -> str:
        """Return where the browser ends its visit at the provider; empty where it has no such place, or is away."""
        try:
            return await self._known().leaving(id_token, self._pages)
        except DomainError as problem:
            log.warning("resident_provider", refused=problem.code, why=problem.detail)
            return ""

    def _journey(self, asked: Mapping[str, str]) -> Journey:
        redirect, challenge = asked.get("redirect", ""), asked.get("challenge", "")
        authority = asked.get("authority", "")
        ours = redirect.startswith(self._pages) and redirect.isprintable() and not set("?# \\") & set(redirect)
        if len(redirect) > LONGEST_REDIRECT or not (ours or redirect in self._apps):
            raise BadRedirect("Nobody is sent back there.")
        if not CHALLENGE.fullmatch(challenge):
            raise Invalid("`challenge` is the SHA-256 of a secret of the device, in base64url (RFC 7636).")
        if not authority.isprintable() or " " in authority or not authority:
            raise Invalid("`authority` is the code of the city.")
        return Journey(authority, "en" if asked.get("language") == "en" else "fr", challenge, redirect)

    def _known(self) -> Oidc:
        if self._oidc is None:
            raise NotFound("Nobody logs in here by a provider.")
        return self._oidc


def new_secret() -> str:
    """Draw what a browser keeps while its login is on its way."""
    return secrets.token_urlsafe(32)


def _check(answered: Answered, level: str) -> None:
    def refuse(why: str) -> NoReturn:
        raise IdentityRefused(why)

    if not 0 < len(answered.subject) <= LONGEST_SUBJECT or not answered.subject.isprintable():
        refuse("The provider does not say who it is (sub).")
    if not level <= answered.level <= "eidas3" or len(answered.level) != len(level):
        refuse("The provider is less sure than asked (acr).")
