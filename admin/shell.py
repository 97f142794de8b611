"""The frame of every page of the console: `draw` it, or `go` on to another with a word on what was done.

`docs/console.md` shows how a screen is added.
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

from admin import assets, navigation
from admin.visits import Asked, Visit, form_token, secret_of
from admin.words import LANGUAGE, PAGES, Words, chosen, language_of, read_words
from api.settings import Settings
from domain.agents import Agent
from web.cookies import FORM_FIELD, cookie, cookie_name
from web.hue import hue_of
from web.moments import Language
from web.saying import Said, Times
from web.wording import SHARED_PAGES

Page = Response[bytes]

OWN = read_words("shell")

_NO_AUTHORITY = "#0b6e4f"
_SAID = "said"
_YEAR = 365 * 24 * 3600
_LONGEST_SAID = 500

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Nothing inline: a name that holds a script stays a name."""

NO_DEVICES = "camera=(), microphone=(), geolocation=()"
"""A page that uses a device says so itself."""


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


def draw(request: Asked, template: str, *, words: Words, status_code: int = 200, **what: object) -> Page:
    """Draw a page of `pages/` in the reader's language; `words` are those of its family, beside the shell's own."""
    language = language_of(request)
    agent: Agent | None = request.scope.get("user")
    visit: Visit | None = request.scope.get("auth")
    authority = visit.authority if visit is not None else None
    now = request.app.state.clock().astimezone(ZoneInfo(authority.zone if authority is not None else "UTC"))
    body = (
        _environment()
        .get_template(template)
        .render(
            say={**OWN[language], **words[language]},
            said=Said(language),
            time=Times(language, now),
            language=language,
            other_language=_other(request, language),
            agent=agent,
            authority=authority,
            hue=hue_of(authority.colour if authority is not None else _NO_AUTHORITY),
            groups=navigation.for_agent(agent) if agent is not None else [],
            search=navigation.search_for(agent) if agent is not None else "",
            path=request.url.path,
            form_field=FORM_FIELD,
            form_token=form_token(secret_of(request)),
            notice=_notice(request),
            **what,
        )
    )
    headers = {
        "Content-Security-Policy": CONTENT_POLICY,
        "Permissions-Policy": NO_DEVICES,
        "Cache-Control": "no-store",
        "Content-Language": language,
    }
    return Response(
        body.encode(), status_code=status_code, media_type="text/html", headers=headers, cookies=_cookies(request)
    )


def go(request: Asked, location: str, *, said: str = "") -> Response[None]:
    """Lead on after a form (303): loading the next page anew sends nothing twice. `said` stands above it once."""
    headers = {"Location": location, "Cache-Control": "no-store"}
    if "hx-request" in request.headers:
        # htmx would follow a redirect within the part of the page that it fills.
        headers = {"HX-Redirect": location, "Cache-Control": "no-store"}
    told = [cookie(request.app.state.settings, _SAID, _sealed(request, said[:_LONGEST_SAID]))] if said else []
    return Response(None, status_code=204 if "HX-Redirect" in headers else 303, headers=headers, cookies=told)


def _other(request: Asked, language: Language) -> str:
    """The same page in the other language."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return f"{request.url.path}?{urlencode([*kept, ('lang', 'en' if language == 'fr' else 'fr')])}"


def _cookies(request: Asked) -> list[Cookie]:
    settings: Settings = request.app.state.settings
    set_now = []
    by_hand = chosen(request)
    if by_hand is not None:
        set_now.append(cookie(settings, LANGUAGE, by_hand, seconds=_YEAR))
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
    return text if hmac.compare_digest(_sealed(request, text).encode(), sealed.encode()) else ""


def _sealed(request: Asked, text: str) -> str:
    seal = hmac.digest(secret_of(request).encode(), b"said" + text.encode(), "sha256").hex()
    return f"{base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}.{seal}"
