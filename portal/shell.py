"""The frame of every page of the portal: `draw` it, or `go` on to another with a word on what was done.

`docs/portal.md` shows how a page is added.
"""

import base64
import binascii
import hmac
from functools import cache
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response
from litestar.datastructures import Cookie

from api.residents import Resident
from api.settings import Settings
from domain.places import Authority
from portal import assets
from portal.navigation import NAVIGATION
from portal.visits import DOOR, Asked, Visit, form_token, secret_of
from portal.words import PAGES, read_words
from web import wording
from web.cookies import FORM_FIELD, cookie, cookie_name
from web.hue import hue_of
from web.moments import Language
from web.saying import Said, Times
from web.wording import LANGUAGE, SHARED_PAGES, Words

Page = Response[bytes]

_OWN = read_words("shell")
NO_AUTHORITY = "#0b6e4f"
"""The colour of pages that belong to no authority."""
_SAID = "resident-said"
_YEAR = 365 * 24 * 3600
_LONGEST_SAID = 500

_CONTENT_POLICY = (
    "default-src 'none'; {scripts}style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
_SCRIPTS = "script-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader([PAGES, SHARED_PAGES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = assets.address
    return environment


def draw(
    request: Asked,
    template: str,
    *,
    words: Words,
    status_code: int = 200,
    authority: Authority | None = None,
    scripts: bool = False,
    **what: object,
) -> Page:
    """Draw a page of `pages/` in the reader's language; `words` are those of its family, beside the shell's own.

    `authority` is for pages before the login. Only a page that says so may run `scripts`, and only files of ours.
    """
    language = language_of(request)
    resident: Resident | None = request.scope.get("user")
    visit: Visit | None = request.scope.get("auth")
    whose = visit.authority if visit is not None else authority
    now = request.app.state.clock().astimezone(ZoneInfo(whose.zone if whose is not None else "UTC"))
    body = (
        _environment()
        .get_template(template)
        .render(
            say={**_OWN[language], **words[language]},
            said=Said(language),
            time=Times(language, now),
            language=language,
            other_language=_other(request, language),
            resident=resident if visit is not None else None,
            authority=whose,
            hue=hue_of(whose.colour if whose is not None else NO_AUTHORITY),
            navigation=NAVIGATION if visit is not None else (),
            path=request.url.path,
            form_field=FORM_FIELD,
            form_token=form_token(secret_of(request)),
            notice=_notice(request),
            **what,
        )
    )
    headers = {
        "Content-Security-Policy": _CONTENT_POLICY.format(scripts=_SCRIPTS if scripts else ""),
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        "Cache-Control": "no-store",
        "Content-Language": language,
    }
    return Response(
        body.encode(), status_code=status_code, media_type="text/html", headers=headers, cookies=_cookies(request)
    )


def go(request: Asked, location: str, *, said: str = "") -> Response[None]:
    """Lead on after a form (303): loading the next page anew sends nothing twice. `said` stands above it once."""
    headers = {"Location": location, "Cache-Control": "no-store"}
    told = [cookie(request.app.state.settings, _SAID, _sealed(request, said[:_LONGEST_SAID]))] if said else []
    return Response(None, status_code=303, headers=headers, cookies=told)


def language_of(request: Asked) -> Language:
    """Return the language chosen by hand, else that of the account, else what the browser asks for."""
    by_hand = wording.chosen(request) or wording.ours(
        request.cookies.get(cookie_name(request.app.state.settings, LANGUAGE), "")
    )
    if by_hand is not None:
        return by_hand
    visit: Visit | None = request.scope.get("auth")
    mine = wording.ours(request.user.account.language) if visit is not None and request.scope.get("user") else None
    return mine or wording.language_of(request)


def chosen_language(request: Asked, language: Language) -> Cookie:
    """Make the cookie by which a browser keeps a language."""
    return cookie(request.app.state.settings, LANGUAGE, language, seconds=_YEAR)


def _other(request: Asked, language: Language) -> str:
    """The same page in the other language; after a form, its address may not be asked for, and the first page is."""
    if request.method != "GET":
        return f"/moi?lang={'en' if language == 'fr' else 'fr'}"
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return f"{request.url.path}?{urlencode([*kept, ('lang', 'en' if language == 'fr' else 'fr')])}"


def _cookies(request: Asked) -> list[Cookie]:
    settings: Settings = request.app.state.settings
    set_now = []
    by_hand = wording.chosen(request)
    if by_hand is not None:
        set_now.append(chosen_language(request, by_hand))
    if request.state.get("door"):
        set_now.append(cookie(settings, DOOR, request.state.door))
    if cookie_name(settings, _SAID) in request.cookies:
        set_now.append(cookie(settings, _SAID, "", seconds=0))
    return set_now


def _notice(request: Asked) -> str:
    """Read what the page before has left to be said; only what this session has sealed."""
    kept, _, _ = (sealed := request.cookies.get(cookie_name(request.app.state.settings, _SAID), "")).partition(".")
    try:
        text = base64.urlsafe_b64decode(kept + "=" * (-len(kept) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
    if not secret_of(request):
        return ""
    return text if hmac.compare_digest(_sealed(request, text).encode(), sealed.encode()) else ""


def _sealed(request: Asked, text: str) -> str:
    seal = hmac.digest(secret_of(request).encode(), b"said" + text.encode(), "sha256").hex()
    return f"{base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}.{seal}"
