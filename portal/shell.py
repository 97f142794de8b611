"""The frame of every page of the portal: `draw` it, or `go` on to another with a word on what was done.

`docs/portal.md` shows how a page is added.
"""

from functools import cache
from zoneinfo import ZoneInfo

from jinja2 import Environment
from litestar import Response
from litestar.datastructures import Cookie

from api.residents import Resident
from api.settings import Settings
from domain.places import Authority
from domain.text import Text
from portal import assets
from portal.navigation import NAVIGATION
from portal.visits import DOOR, Asked, Visit, form_token, secret_of
from portal.words import PAGES, read_words
from web import wording
from web.cookies import FORM_FIELD, cookie, cookie_name
from web.drawing import DrawnPage
from web.frames import NO_AUTHORITY, environment, other_language
from web.hue import hue_of
from web.moments import Language
from web.parting import seal, unseal
from web.saying import Said, Times
from web.wording import LANGUAGE, Words

Page = Response[bytes]

_OWN = read_words("shell")
_SAID = "resident-said"
_YEAR = 365 * 24 * 3600

_CONTENT_POLICY = (
    "default-src 'none'; {scripts}style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
_SCRIPTS = "script-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "


class _Said(Said):
    """Says them beside words that are set, whoever typed them: with apostrophes and spaces as French has them."""

    def __call__(self, text: Text) -> str:
        """Choose the language."""
        return wording.typeset(text.fr) if self._language == "fr" else text.en


@cache
def _environment() -> Environment:
    return environment(PAGES, asset=assets.address)


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
    shown = dict(
        say={**_OWN[language], **words[language]},
        said=_Said(language),
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
    headers = {
        "Content-Security-Policy": _CONTENT_POLICY.format(scripts=_SCRIPTS if scripts else ""),
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        "Cache-Control": "no-store",
        "Content-Language": language,
    }
    return DrawnPage(
        lambda: _environment().get_template(template).render(shown),
        status_code=status_code,
        headers=headers,
        cookies=_cookies(request),
    )


def go(request: Asked, location: str, *, said: str = "") -> Response[None]:
    """Lead on after a form (303): loading the next page anew sends nothing twice. `said` stands above it once."""
    headers = {"Location": location, "Cache-Control": "no-store"}
    told = [cookie(request.app.state.settings, _SAID, seal(said, secret_of(request)))] if said else []
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
    return other_language(request, language)


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
    """Read what the page before has left to be said."""
    sealed = request.cookies.get(cookie_name(request.app.state.settings, _SAID), "")
    return unseal(sealed, secret_of(request))
