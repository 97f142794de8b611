"""The frame of every page of the console: `draw` it, or `go` on to another with a word on what was done.

`docs/console.md` shows how a screen is added.
"""

from functools import cache
from zoneinfo import ZoneInfo

from jinja2 import Environment
from litestar import Response
from litestar.datastructures import Cookie

from admin import assets, navigation
from admin.undoing import Left, Undo, sealed, unsealed
from admin.visits import Asked, Visit, form_token, secret_of
from admin.words import LANGUAGE, PAGES, Words, chosen, language_of, read_words
from api.settings import Settings
from domain.agents import Agent
from web.cookies import FORM_FIELD, cookie, cookie_name
from web.drawing import DrawnPage
from web.frames import NO_AUTHORITY, environment, other_language
from web.hue import hue_of
from web.saying import Said, Times

Page = Response[bytes]

OWN = read_words("shell")

_SAID = "said"
_YEAR = 365 * 24 * 3600

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; media-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Nothing inline: a name that holds a script stays a name."""

NO_DEVICES = "camera=(), microphone=(), geolocation=()"
"""A page that uses a device says so itself."""


@cache
def _environment() -> Environment:
    return environment(PAGES, asset=assets.address)


def draw(request: Asked, template: str, *, words: Words, status_code: int = 200, **what: object) -> Page:
    """Draw a page of `pages/` in the reader's language; `words` are those of its family, beside the shell's own."""
    language = language_of(request)
    agent: Agent | None = request.scope.get("user")
    visit: Visit | None = request.scope.get("auth")
    authority = visit.authority if visit is not None else None
    now = request.app.state.clock().astimezone(ZoneInfo(authority.zone if authority is not None else "UTC"))
    shown = dict(
        say={**OWN[language], **words[language]},
        said=Said(language),
        time=Times(language, now),
        language=language,
        other_language=other_language(request, language),
        agent=agent,
        authority=authority,
        hue=hue_of(authority.colour if authority is not None else NO_AUTHORITY),
        groups=navigation.for_agent(agent) if agent is not None else [],
        search=navigation.search_for(agent) if agent is not None else "",
        path=request.url.path,
        form_field=FORM_FIELD,
        form_token=form_token(secret_of(request)),
        just_done=_left(request),
        **what,
    )
    headers = {
        "Content-Security-Policy": CONTENT_POLICY,
        "Permissions-Policy": NO_DEVICES,
        "Cache-Control": "no-store",
        "Content-Language": language,
    }
    return DrawnPage(
        lambda: _environment().get_template(template).render(shown),
        status_code=status_code,
        headers=headers,
        cookies=_cookies(request),
    )


def go(request: Asked, location: str, *, said: str = "", undo: Undo | None = None) -> Response[None]:
    """Lead on after a form (303): loading the next page anew sends nothing twice. `said` stands above it once.

    `undo` stands beside it as a button, where what was done can be undone without harm.
    """
    headers = {"Location": location, "Cache-Control": "no-store"}
    if "hx-request" in request.headers:
        # htmx would follow a redirect within the part of the page that it fills.
        headers = {"HX-Redirect": location, "Cache-Control": "no-store"}
    told = [cookie(request.app.state.settings, _SAID, sealed(said, undo, secret_of(request)))] if said else []
    return Response(None, status_code=204 if "HX-Redirect" in headers else 303, headers=headers, cookies=told)


def _cookies(request: Asked) -> list[Cookie]:
    settings: Settings = request.app.state.settings
    set_now = []
    by_hand = chosen(request)
    if by_hand is not None:
        set_now.append(cookie(settings, LANGUAGE, by_hand, seconds=_YEAR))
    if cookie_name(settings, _SAID) in request.cookies:
        set_now.append(cookie(settings, _SAID, "", seconds=0))
    return set_now


def _left(request: Asked) -> Left:
    """Read what the page before has left to be said."""
    held = request.cookies.get(cookie_name(request.app.state.settings, _SAID), "")
    return unsealed(held, secret_of(request))
