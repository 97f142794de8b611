"""An identity provider (OpenID Connect, as ProConnect and FranceConnect speak it): code flow with PKCE.

What comes back is believed only if it is signed by a key that the provider publishes, by one of two algorithms, for us,
now, and in answer to this very login. The user's claims are signed too (`application/jwt`): plain JSON is refused.

A login on its way is remembered by nobody: its state is sealed with the secret of the browser's own cookie, and so are
the nonce and the PKCE verifier. It can be answered in that browser alone, and for ten minutes.
"""

import base64
import binascii
import hmac
import secrets
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx
import jwt
import msgspec
from jwt import PyJWK
from msgspec import Struct

from domain.errors.agents import IdentityRefused, ProviderAway
from domain.ports import Clock

ALGORITHMS: Final = ("ES256", "RS256")
ON_ITS_WAY_SECONDS: Final = 600

_TIMEOUT_SECONDS = 5.0
_FUTURE_SECONDS = 60
_LONGEST_ANSWER = 256 * 1024
_KEYS_SECONDS = 60.0
"""How often the keys are fetched at most: a stranger's `kid` is no reason to ask the provider each time."""


class Endpoints(Struct, frozen=True):
    """What the provider publishes of itself (OpenID Connect Discovery)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    end_session_endpoint: str = ""


class Errand(Struct, frozen=True):
    """One login on its way: `state` travels, the two others are derived from it and the browser's own secret."""

    state: str
    nonce: str
    verifier: str


class Answered(Struct, frozen=True):
    """Who came back: what the provider says of them, how sure it is (eIDAS), and the id token that ends their visit."""

    subject: str
    claims: dict[str, Any]
    level: str
    id_token: str


def begin(secret: str, wanted: str, now: datetime) -> Errand:
    """Begin a login in the browser that has this secret; `wanted` comes back with its answer."""
    content = f"{_text(wanted.encode())}.{secrets.token_urlsafe(16)}.{int(now.timestamp())}"
    return errand(secret, f"{content}.{_seal(secret, content)}")


def resume(secret: str, state: str, now: datetime) -> tuple[Errand, str]:
    """Return the login that a state belongs to, and what was wanted.

    Raises:
        IdentityRefused: another browser began it, or nobody, or too long ago.
    """
    content, _, seal = state.rpartition(".")
    if not secret or not hmac.compare_digest(seal.encode(), _seal(secret, content).encode()):
        raise IdentityRefused("The answer belongs to another browser, or to none (state).")
    wanted, _, begun = content.split(".")
    if now.timestamp() - int(begun) > ON_ITS_WAY_SECONDS:
        raise IdentityRefused("The login took too long.")
    try:
        return errand(secret, state), base64.urlsafe_b64decode(wanted + "=" * (-len(wanted) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError) as problem:
        raise IdentityRefused("The state cannot be read.") from problem


def _seal(secret: str, content: str) -> str:
    return hmac.digest(secret.encode(), b"state " + content.encode(), "sha256").hex()


def errand(secret: str, state: str) -> Errand:
    """Derive what belongs to a login: nobody without the browser's secret can answer in its place."""
    return Errand(state, _derived(secret, b"nonce", state), _derived(secret, b"verifier", state))


def _derived(secret: str, use: bytes, state: str) -> str:
    return _text(hmac.digest(secret.encode(), b"oidc " + use + b" " + state.encode(), "sha256"))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class Oidc:
    """The provider of an installation. Nothing is asked of it before somebody logs in there."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str,
        back: str,
        clock: Clock,
        *,
        scopes: str,
        level: str = "eidas1",
    ) -> None:
        self.issuer = issuer
        self.level = level
        self._scopes = scopes
        self._client_id = client_id
        self._client_secret = client_secret
        self._back = back
        self._clock = clock
        self._http = httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, follow_redirects=False, trust_env=False)
        self._endpoints: Endpoints | None = None
        self._keys: dict[str, PyJWK] = {}
        self._keys_at = 0.0

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()

    async def address(self, going: Errand) -> str:
        """Return where the browser is to go.

        Raises:
            ProviderAway: it does not answer, or not as a provider does.
        """
        challenge = _text(sha256(going.verifier.encode()).digest())
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._back,
            "scope": self._scopes,
            "acr_values": self.level,
            "state": going.state,
            "nonce": going.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{(await self._discovered()).authorization_endpoint}?{urlencode(asked)}"

    async def answered(self, going: Errand, code: str, *, issuer: str = "") -> Answered:
        """Return who came back with a code, and the id token, which the provider wants to see again at the logout.

        Raises:
            IdentityRefused: something is not as it must be.
            ProviderAway: it does not answer.
        """
        if not code:
            raise IdentityRefused("The provider sends nobody.")
        ends = await self._discovered()
        if issuer and not hmac.compare_digest(issuer.encode(), self.issuer.encode()):
            raise IdentityRefused("Another provider has answered (RFC 9207).")
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back,
            "client_id": self._client_id,
            "client_secret": self._client_secret,
            "code_verifier": going.verifier,
        }
        tokens = _object(await self._ask("POST", ends.token_endpoint, data=form))
        id_token, access = tokens.get("id_token"), tokens.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access, str):
            raise IdentityRefused("The provider gave no tokens.")
        claims = await self._verified(id_token, timed=True)
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), going.nonce.encode()):
            raise IdentityRefused("The answer belongs to another login (nonce).")
        answer = await self._ask("GET", ends.userinfo_endpoint, headers={"Authorization": f"Bearer {access}"})
        if answer.headers.get("content-type", "").partition(";")[0].strip() != "application/jwt":
            raise IdentityRefused("The claims of the user are not signed.")
        said = await self._verified(answer.text.strip(), timed=False)
        if said.get("sub") != claims["sub"]:
            raise IdentityRefused("The claims are those of somebody else (sub).")
        return Answered(str(claims["sub"]), said, str(claims.get("acr", "")), id_token)

    async def leaving(self, id_token: str, after: str) -> str:
        """Return where the browser ends its session at the provider; nothing where there is no such place."""
        ends = await self._discovered()
        asked = {"id_token_hint": id_token, "post_logout_redirect_uri": after}
        return f"{ends.end_session_endpoint}?{urlencode(asked)}" if ends.end_session_endpoint else ""

    async def _discovered(self) -> Endpoints:
        if self._endpoints is None:
            answer = await self._ask("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            try:
                found = msgspec.convert(_object(answer), Endpoints)
            except msgspec.ValidationError as problem:
                raise ProviderAway("The provider's description cannot be used.") from problem
            places = (found.authorization_endpoint, found.token_endpoint, found.userinfo_endpoint, found.jwks_uri)
            if found.issuer != self.issuer or any(urlsplit(one).scheme != self._scheme for one in places):
                raise ProviderAway("The provider's description is that of another.")
            self._endpoints = found
        return self._endpoints

    @property
    def _scheme(self) -> str:
        return urlsplit(self.issuer).scheme

    async def _verified(self, token: str, *, timed: bool) -> dict[str, Any]:
        """Return the claims of a token that the provider signed for us; its times where it must have them."""
        try:
            header = jwt.get_unverified_header(token)
            key = await self._key(str(header.get("kid", "")))
            if header.get("alg") not in ALGORITHMS or key.algorithm_name != header["alg"]:
                raise IdentityRefused("The signature is of another kind.")
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=self._client_id,
                issuer=self.issuer,
                # Times are held against our own clock, below.
                options={
                    "require": ["sub", "iss", "aud", *(("exp", "iat") if timed else ())],
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
            self._check_times(claims)
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as problem:
            raise IdentityRefused("What the provider sent is not signed as it must be.") from problem
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != self._client_id:
            raise IdentityRefused("The token was made for another party (azp).")
        return claims

    def _check_times(self, claims: dict[str, Any]) -> None:
        now = self._clock().timestamp()
        if "exp" in claims and float(claims["exp"]) <= now:
            raise IdentityRefused("The token is over.")
        if float(claims.get("iat", 0)) > now + _FUTURE_SECONDS or float(claims.get("nbf", 0)) > now + _FUTURE_SECONDS:
            raise IdentityRefused("The token is not valid yet.")

    async def _key(self, kid: str) -> PyJWK:
        now = self._clock().timestamp()
        if kid not in self._keys and now - self._keys_at >= _KEYS_SECONDS:
            found = _object(await self._ask("GET", (await self._discovered()).jwks_uri)).get("keys")
            self._keys = {}
            for each in found if isinstance(found, list) else ():
                algorithm = {"EC": "ES256", "RSA": "RS256"}.get(str(each.get("kty")))
                if algorithm and each.get("kid") and each.get("use", "sig") == "sig":
                    self._keys[str(each["kid"])] = PyJWK(each, algorithm=algorithm)
            self._keys_at = now
        if kid not in self._keys:
            raise IdentityRefused("The signing key is unknown.")
        return self._keys[kid]

    async def _ask(self, method: str, address: str, **more: Any) -> httpx.Response:  # noqa: ANN401 - as httpx
        try:
            answer = await self._http.request(method, address, **more)
        except httpx.HTTPError as problem:
            raise ProviderAway("The provider does not answer.") from problem
        if answer.status_code >= 500 or len(answer.content) > _LONGEST_ANSWER:
            raise ProviderAway(f"The provider answers {answer.status_code}.")
        if answer.status_code != 200:
            raise IdentityRefused(f"The provider refuses ({answer.status_code}).")
        return answer


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        return msgspec.json.decode(answer.content, type=dict[str, Any])
    except msgspec.DecodeError as problem:
        raise IdentityRefused("The provider's answer is no JSON object.") from problem
