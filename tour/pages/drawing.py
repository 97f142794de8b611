"""Drawing a page of the tour in the reader's language: French, English, or French that is easy to read."""

import tomllib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response
from markupsafe import Markup

from api.boards import FRESH
from domain.languages import Language as Written
from domain.languages import Words
from domain.places import Authority
from domain.text import Text
from tour.catalogue.loading import typeset
from tour.terms import Words as Said
from web.hue import hue_of
from web.moments import Language as Spoken
from web.moments import clock_of

Asked = Request[Any, Any, Any]
Page = Response[bytes]
Language = Literal["fr", "en", "easy"]

LANGUAGES: tuple[Language, ...] = get_args(Language)
NAMES: dict[Language, str] = {"fr": "Français", "en": "English", "easy": "Facile à lire"}

_HERE = Path(__file__).parent


def _words() -> dict[Language, dict[str, str]]:
    texts = tomllib.loads((_HERE / "words.toml").read_text(encoding="utf-8"))
    french = {key: typeset(text["fr"]) for key, text in texts.items()}
    easy = {key: typeset(text.get("easy", text["fr"])) for key, text in texts.items()}
    return {"fr": french, "en": {key: text["en"] for key, text in texts.items()}, "easy": easy}


WORDS = _words()


def spoken(language: Language) -> Spoken:
    """Return the language of dates and numbers."""
    return "en" if language == "en" else "fr"


def chosen(request: Asked) -> Language | None:
    """Return the language that was chosen by hand, if any."""
    asked = request.query_params.get("lang")
    return next((language for language in LANGUAGES if language == asked), None)


def language_of(request: Asked) -> Language:
    """Return the language chosen by hand, else the first of ours that the browser asks for, else French."""
    by_hand = chosen(request)
    if by_hand is not None:
        return by_hand
    for wish in request.headers.get("accept-language", "").lower().split(","):
        match wish.strip()[:2]:
            case "fr":
                return "fr"
            case "en":
                return "en"
    return "fr"


class Reader:
    """What a template says, in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.lang = spoken(language)
        self.words = WORDS[language]

    def __call__(self, text: Said | Words | Text | None) -> str | Markup:
        """Say a text in the reader's language; one of a sheet that is not translated is marked as French."""
        match text:
            case None:
                return ""
            case Text():
                return text.en if self.language == "en" else text.fr
            case Said():
                found: str = getattr(text, self.language)
                return found
        said = text.said(Written(self.language))
        if self.language != "en" or said.language is Written.ENGLISH or not said.text:
            return said.text
        note = self.words["in_french"]
        return Markup('<span lang="fr">{}</span> <small class="tongue">({})</small>').format(said.text, note)

    def plain(self, text: Words) -> str:
        """Say a text of a sheet where no marks fit: a title, an attribute."""
        return text.said(Written(self.language)).text

    def tongue(self, text: Words) -> str:
        """Name the language that a text is said in, for an attribute `lang`."""
        return "en" if text.said(Written(self.language)).language is Written.ENGLISH else "fr"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def draw(
    request: Asked, name: str, *, authority: Authority | None, at: datetime, status_code: int = 200, **what: object
) -> Page:
    """Draw a page. Caches may hold it for as long as what it shows is fresh. `at` stands in the zone of the place."""
    language = language_of(request)
    # A language that was chosen by hand is kept along the links; one that the browser asks for needs no word.
    kept = f"?lang={language}" if chosen(request) else ""
    said = Reader(language)
    body = (
        _environment()
        .get_template(name)
        .render(
            say=said.words,
            said=said,
            language=language,
            lang=said.lang,
            languages=[(each, NAMES[each], address(request, "lang", each)) for each in LANGUAGES],
            kept=kept,
            here=address(request, "lang", language),
            authority=authority,
            hue=hue_of(authority.colour) if authority is not None else None,
            as_of=clock_of(at, said.lang),
            **what,
        )
    )
    headers = {
        "Cache-Control": f"public, max-age={FRESH.seconds}" if status_code == 200 else "no-store",
        "Vary": "Accept-Language",
        "Content-Language": said.lang,
    }
    return Response(body.encode(), status_code=status_code, media_type="text/html", headers=headers)


def address(request: Asked, name: str, value: str) -> str:
    """The same page with one thing asked for differently: the rest stays."""
    asked = [(known, each) for known, each in request.query_params.multi_items() if known != name]
    return f"{request.url.path}?{urlencode([*asked, (name, value)])}"


def local(at: datetime, authority: Authority | None) -> datetime:
    """Say an instant in the zone of an authority; without one, in UTC."""
    return at.astimezone(ZoneInfo(authority.zone)) if authority is not None else at
