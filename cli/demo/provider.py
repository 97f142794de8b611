"""The demonstration's own identity providers: they play ProConnect and FranceConnect, over real HTTP, without password.

Discovery, code flow with PKCE, an id token and signed claims (ES256), and the way out. Whoever wants to be somebody
chooses them from a list: it proves nothing, and says so.
"""

import base64
import html
import secrets
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric import ec
from litestar import Litestar, Request, Response, get, post
from msgspec import Struct

from domain.ports import Clock

CLIENT_ID = "multipass-demonstration"
CLIENT_SECRET = "a secret that everybody knows"
SIRET = "20012345600017"
"""Of nobody: its check digit is wrong."""

_KID = "demonstration"
_LIFE_SECONDS = 120
_PAGE = """<!doctype html><html lang="fr"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Identité de démonstration</title><link rel="stylesheet" href="/style.css">
<main><h1>Identité de démonstration</h1><p>Ici, {plays} est joué par la démonstration : qui voulez-vous être ?<br>
<span lang="en">The demonstration plays {plays} here: who would you like to be?</span></p>
<ul>{people}</ul></main></html>"""
_STYLE = (
    ":root{color-scheme:light dark}body{font:1.0625rem/1.5 system-ui,sans-serif}main{max-width:34rem;margin:3rem auto;"
    "padding:0 1rem}ul{padding:0;list-style:none}a{display:block;color:inherit;padding:.75rem 0;"
    "border-bottom:1px solid}"
)


class Person(Struct, frozen=True):
    """Somebody whom this provider knows."""

    uid: str
    given_name: str
    usual_name: str
    role: str = ""
    siret: str = SIRET


RESIDENTS = (
    Person("camille", "Camille", "Verdelhan", "carnet de piscine"),
    Person("solene", "Solène", "Rochevive", "tous les services"),
    Person("nobody", "Noé", "Sansfiche", "inconnu du registre"),
)
"""Fictional people who may come in as residents; a code of a desk ties each to their file."""


class Provider:
    """Answers as ProConnect does. `id_claims` and `user_claims` are its word; tests let it lie."""

    plays = "ProConnect"

    def __init__(self, people: Sequence[Person], clock: Clock) -> None:
        self.issuer = ""
        self.private = ec.generate_private_key(ec.SECP256R1())
        self._people = {person.uid: person for person in people}
        self._clock = clock
        self._codes: dict[str, tuple[dict[str, str], Person]] = {}
        self._tokens: dict[str, Person] = {}

    def id_claims(self, asked: dict[str, str], person: Person) -> dict[str, Any]:
        """Say who has logged in, in answer to which login."""
        now = int(self._clock().timestamp())
        return {
            "iss": self.issuer,
            "aud": asked["client_id"],
            "sub": self._sub(person),
            "nonce": asked["nonce"],
            "iat": now,
            "exp": now + _LIFE_SECONDS,
            "acr": "eidas1",
        }

    def user_claims(self, person: Person) -> dict[str, Any]:
        """Say what is known of somebody."""
        return {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": self._sub(person),
            "given_name": person.given_name,
            "usual_name": person.usual_name,
            "email": f"{person.uid}@demonstration.example",
            "uid": person.uid,
            "siret": person.siret,
        }

    def signed(self, claims: dict[str, Any]) -> str:
        """Sign what is said."""
        return jwt.encode(claims, self.private, algorithm="ES256", headers={"kid": _KID})

    def user_answer(self, person: Person) -> Response[str]:
        """Answer with signed claims."""
        return Response(self.signed(self.user_claims(person)), media_type="application/jwt")

    def app(self) -> Litestar:
        """Put its doors together."""

        @get("/.well-known/openid-configuration")
        async def describe() -> dict[str, Any]:
            places = {
                "authorization_endpoint": "authorize",
                "token_endpoint": "token",
                "userinfo_endpoint": "userinfo",
                "jwks_uri": "jwks",
                "end_session_endpoint": "end",
            }
            return {"issuer": self.issuer, **{name: f"{self.issuer}/{path}" for name, path in places.items()}}

        @get("/jwks")
        async def keys() -> dict[str, Any]:
            public = jwt.algorithms.ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
            return {"keys": [{**public, "kid": _KID, "use": "sig", "alg": "ES256"}]}

        @get("/style.css", media_type="text/css")
        async def style() -> str:
            return _STYLE

        @get("/authorize", media_type="text/html")
        async def choose(request: Request[Any, Any, Any]) -> str:
            asked = dict(request.query_params)
            return _PAGE.format(
                plays=self.plays,
                people="".join(
                    f'<li><a href="/as?{html.escape(urlencode({**asked, "uid": person.uid}))}">'
                    f"{html.escape(f'{person.given_name} {person.usual_name}')} ({html.escape(person.role)})</a></li>"
                    for person in self._people.values()
                ),
            )

        @get("/as")
        async def answer(request: Request[Any, Any, Any]) -> Response[None]:
            asked = dict(request.query_params)
            code = secrets.token_urlsafe(24)
            self._codes[code] = (asked, self._people[asked["uid"]])
            back = {"code": code, "state": asked["state"], "iss": self.issuer}
            return Response(None, status_code=303, headers={"Location": f"{asked['redirect_uri']}?{urlencode(back)}"})

        @post("/token", status_code=200)
        async def exchange(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
            sent = {name: values[-1] for name, values in parse_qs((await request.body()).decode()).items()}
            asked, person = self._codes.pop(sent.get("code", ""), ({}, None))  # a code counts once
            if person is None or not _is_answer(sent, asked):
                return Response({"error": "invalid_grant"}, status_code=400)
            access = secrets.token_urlsafe(24)
            self._tokens[access] = person
            id_token = self.signed(self.id_claims(asked, person))
            return Response({"access_token": access, "token_type": "Bearer", "id_token": id_token})

        @get("/userinfo")
        async def tell(request: Request[Any, Any, Any]) -> Response[Any]:
            person = self._tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
            return Response({}, status_code=401) if person is None else self.user_answer(person)

        @get("/end")
        async def leave(request: Request[Any, Any, Any]) -> Response[None]:
            back = request.query_params["post_logout_redirect_uri"]
            return Response(None, status_code=303, headers={"Location": back})

        return Litestar([describe, keys, style, choose, answer, exchange, tell, leave], openapi_config=None)

    @contextmanager
    def serving(self, port: int = 0) -> Iterator[str]:
        """Answer on a port of this machine, in a thread; give the issuer's address."""
        with socket.create_server(("127.0.0.1", port)) as door:
            self.issuer = f"http://127.0.0.1:{door.getsockname()[1]}"
            config = uvicorn.Config(self.app(), log_config=None, access_log=False, lifespan="off", loop="asyncio")
            server = uvicorn.Server(config)
            thread = threading.Thread(target=server.run, args=([door],), name="provider", daemon=True)
            thread.start()
            try:
                yield self.issuer
            finally:
                server.should_exit = True
                thread.join(timeout=5)

    def _sub(self, person: Person) -> str:
        return sha256(f"{self.plays} {CLIENT_ID} {person.uid}".encode()).hexdigest()


class FranceConnect(Provider):
    """Answers as FranceConnect does to whoever asks for `openid` alone: a number, the same each time, for us only."""

    plays = "FranceConnect"

    def user_claims(self, person: Person) -> dict[str, Any]:
        """Say nothing of anybody but the number."""
        return {"iss": self.issuer, "aud": CLIENT_ID, "sub": self._sub(person)}


def _is_answer(sent: dict[str, str], asked: dict[str, str]) -> bool:
    """Tell whether a code is redeemed by the client that began, with the verifier it hashed (RFC 7636)."""
    digest = sha256(sent.get("code_verifier", "").encode()).digest()
    return (
        (sent.get("client_id"), sent.get("client_secret")) == (asked["client_id"], CLIENT_SECRET)
        and sent.get("redirect_uri") == asked["redirect_uri"]
        and asked.get("code_challenge_method") == "S256"
        and base64.urlsafe_b64encode(digest).decode().rstrip("=") == asked["code_challenge"]
    )
