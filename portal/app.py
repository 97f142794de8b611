"""The pass on a phone's screen: an app that is installed from its page, and makes codes without network.

The page holds nothing of anybody: keys and credentials lie in the browser, and the key never leaves it. A browser is
tied to a pass from a page that knows who is logged in; from then on it shows codes for thirty days, and for as long as
it meets the city once within them.
"""

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from adapters.keyring import KeyRing
from api.messenger import Messenger
from api.resident_passes import detail_for
from api.resident_phones import MyPhone, renewed, tell_tied, tie_phone
from api.rules import Rule
from domain.errors import Invalid
from domain.passes import MediumKind, MediumStatus
from domain.ports import Clock
from portal import assets
from portal.account import RESIDENT
from portal.shell import Page, draw, language_of
from portal.visits import Asked
from portal.words import PAGES, read_words
from store.database import Database
from web.forms import read
from web.frames import NO_AUTHORITY
from web.hue import hue_of

WORDS = read_words("app")

_PUBLIC = {"rule": Rule.PUBLIC}
_MODULES = ("app.js", "clock.js", "code.js", "qr.js", "vault.js")
_LONGEST_PROOF = 256


class Now(Struct, frozen=True):
    """The city's clock, in milliseconds since 1970, UTC."""

    now: int


@get("/app", opt=_PUBLIC, include_in_schema=False)
async def app(request: Asked) -> Page:
    """Serve the page that shows the passes of this browser; it is the same for everybody."""
    return draw(request, "app/app.html", words=WORDS, scripts=True)


@get("/clock", opt=_PUBLIC, include_in_schema=False)
async def clock_now(clock: NamedDependency[Clock]) -> Response[Now]:
    """Tell the time: a phone whose clock is off shows codes by ours."""
    return Response(Now(round(clock().timestamp() * 1000)), headers={"Cache-Control": "no-store"})


@get("/service-worker.js", opt=_PUBLIC, include_in_schema=False)
async def worker() -> Response[bytes]:
    """Serve what keeps the page for when there is no network."""
    files = [assets.address(name) for name in (*_MODULES, "portal.css", "icon.svg")]
    shell = ["/moi/app", "/tokens.css", f"/moi/hues/{hue_of(NO_AUTHORITY)}", *files]
    kept = f"const KEPT = {_said(f'pass-{assets.EDITION}')};\nconst SHELL = {_said(shell)};\n"
    body = kept.encode() + (PAGES / "assets" / "worker.js").read_bytes()
    return Response(body, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@get("/manifest.webmanifest", opt=_PUBLIC, include_in_schema=False)
async def manifest(request: Asked) -> Response[bytes]:
    """Serve what a phone needs to install the app."""
    language = language_of(request)
    told = {
        "id": "/moi/app",
        "name": WORDS[language]["title"],
        "short_name": WORDS[language]["title"],
        "lang": language,
        "start_url": "/moi/app",
        "scope": "/moi",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": NO_AUTHORITY,
        "icons": [
            {"src": assets.address(f"icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
            for size in (192, 512)
        ],
    }
    headers = {"Cache-Control": "no-cache", "Content-Language": language}
    return Response(msgspec.json.encode(told), media_type="application/manifest+json", headers=headers)


@get("/passes/{number:str}/phone", opt=RESIDENT, include_in_schema=False)
async def ask_tie(
    request: Asked, number: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page:
    """Ask whether this browser shall show the pass."""
    seen = await detail_for(database, request.user.account, number, clock())
    phones = [one for one in seen.media if one.kind is MediumKind.PHONE and one.status is MediumStatus.ACTIVE]
    in_use = [one.id for one in phones]
    return draw(request, "app/tie.html", words=WORDS, scripts=True, pass_=seen.summary, in_use=in_use)


@post("/passes/{number:str}/phone", status_code=201, opt=RESIDENT, include_in_schema=False)
async def tie(
    *,
    request: Asked,
    number: FromPath[str],
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    messenger: NamedDependency[Messenger],
    clock: NamedDependency[Clock],
) -> Response[MyPhone]:
    """Make the browser that proves its key a medium of the pass; the addresses of the account are told."""
    mine, proof = request.user.account, (await read(request)).kept("proof")
    if not 0 < len(proof) <= _LONGEST_PROOF or not proof.isascii():
        raise Invalid("A browser proves that it has a key.")
    async with database.begin() as unit:
        tied, authority = await tie_phone(unit, keyring, mine, number, proof, now=clock())
    await tell_tied(database, messenger, authority, mine, number)
    return _private(tied)


@get("/passes/{number:str}/phones/{medium:str}/credential", opt=RESIDENT, include_in_schema=False)
async def renew(
    *,
    request: Asked,
    number: FromPath[str],
    medium: FromPath[str],
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    clock: NamedDependency[Clock],
) -> Response[MyPhone]:
    """Give the browser its credential for the next thirty days."""
    return _private(await renewed(database, keyring, request.user.account, number, medium, now=clock()))


def _private(phone: MyPhone) -> Response[MyPhone]:
    return Response(phone, headers={"Cache-Control": "no-store"})


def _said(value: object) -> str:
    return msgspec.json.encode(value).decode()


ROUTES = (app, clock_now, worker, manifest, ask_tie, tie, renew)
