"""Drawing a page of the tour in the reader's language.

French, English and French that is easy to read say everything. Spanish and Occitan (`tongues/*.toml`) say what stands
around the sheets; what measures say stays in French there, marked as such. They are offered where a sheet is written in
them, and never chosen by a browser: whoever reads Spanish may read English better than half of a page in French.
"""

import tomllib
from collections.abc import Container
from datetime import date, datetime
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
from web.moments import clock_of, day

Asked = Request[Any, Any, Any]
Page = Response[bytes]
Language = Literal["fr", "en", "easy", "es", "oc"]

LANGUAGES: tuple[Language, ...] = get_args(Language)

_HERE = Path(__file__).parent


BESIDE: dict[Language, dict[str, Any]] = {
    code: tomllib.loads((_HERE / "tongues" / f"{code}.toml").read_text(encoding="utf-8")) for code in ("es", "oc")
}
"""Languages in which sheets may be written and what measures say is not."""

NAMES: dict[Language, str] = {
    "fr": "Français",
    "en": "English",
    "easy": "Facile à lire",
    **{code: said["name"] for code, said in BESIDE.items()},
}


def read_words(file: str, table: str) -> dict[Language, dict[str, str]]:
    """Read the words of pages: French, English and easy French from a file, the others from a table of theirs."""
    texts = tomllib.loads((_HERE / file).read_text(encoding="utf-8"))
    return {
        "fr": {key: typeset(text["fr"]) for key, text in texts.items()},
        "en": {key: text["en"] for key, text in texts.items()},
        "easy": {key: typeset(text.get("easy", text["fr"])) for key, text in texts.items()},
        **{code: {key: typeset(text) for key, text in said[table].items()} for code, said in BESIDE.items()},
    }


WORDS = read_words("words.toml", "page")


def spoken(language: Language) -> Spoken:
    """Return the language of numbers, and of what measures say."""
    return "en" if language == "en" else "fr"


def tag_of(language: Language) -> str:
    """Return the language as HTML names it."""
    return "fr" if language == "easy" else language


def dated(of: date, language: Language, *, year: bool = False) -> str:
    """Say a day, in words where we have them."""
    if language in BESIDE:
        return f"{of:%d/%m/%Y}"
    return f"{day(of, spoken(language))} {of.year}" if year else day(of, spoken(language))


def timed(at: datetime, language: Language) -> str:
    """Say the time of a local instant, in words where we have them."""
    return f"{at:%H:%M}" if language in BESIDE else clock_of(at, spoken(language))


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
        self.words = WORDS[language]

    def __call__(self, text: Said | Words | Text | None) -> str | Markup:
        """Say a text in the reader's language; one that is not translated is marked as French."""
        match text:
            case None:
                return ""
            case Text():
                return text.en if self.language == "en" else text.fr
            case Said():
                return self.plain(text) if self.language not in BESIDE else _french(self.plain(text))
        said = text.said(Written(self.language))
        if self.tongue(text) == tag_of(self.language) or not said.text:
            return said.text
        note = self.words["in_french"]
        return Markup('<span lang="fr">{}</span> <small class="tongue">({})</small>').format(said.text, note)

    def plain(self, text: Said | Words) -> str:
        """Say a text where no marks fit: a title, an attribute."""
        if isinstance(text, Words):
            return text.said(Written(self.language)).text
        found: str = getattr(text, "fr" if self.language in BESIDE else self.language)
        return found

    def tongue(self, text: Words) -> str:
        """Name the language that a text is said in, for an attribute `lang`."""
        said = text.said(Written(self.language)).language
        return "fr" if said is Written.EASY else said.value


def _french(text: str) -> Markup:
    return Markup('<span lang="fr">{}</span>').format(text)


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
    request: Asked,
    name: str,
    *,
    authority: Authority | None,
    at: datetime,
    status_code: int = 200,
    tongues: Container[str] = (),
    **what: object,
) -> Page:
    """Draw a page. Caches may hold it for as long as what it shows is fresh.

    `at` stands in the zone of the place; `tongues` are the languages in which sheets of the tour are written.
    """
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
            lang=tag_of(language),
            languages=[
                (tag_of(each), NAMES[each], address(request, "lang", each), each == language)
                for each in LANGUAGES
                if each not in BESIDE or each in tongues or each == language
            ],
            kept=kept,
            here=address(request, "lang", language),
            authority=authority,
            hue=hue_of(authority.colour) if authority is not None else None,
            as_of=timed(at, language),
            **what,
        )
    )
    headers = {
        "Cache-Control": f"public, max-age={FRESH.seconds}" if status_code == 200 else "no-store",
        "Vary": "Accept-Language",
        "Content-Language": tag_of(language),
    }
    return Response(body.encode(), status_code=status_code, media_type="text/html", headers=headers)


def address(request: Asked, name: str, value: str) -> str:
    """The same page with one thing asked for differently: the rest stays."""
    asked = [(known, each) for known, each in request.query_params.multi_items() if known != name]
    return f"{request.url.path}?{urlencode([*asked, (name, value)])}"


def local(at: datetime, authority: Authority | None) -> datetime:
    """Say an instant in the zone of an authority; without one, in UTC."""
    return at.astimezone(ZoneInfo(authority.zone)) if authority is not None else at
