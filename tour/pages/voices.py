"""What people say at a point, on its sheet: a form that works without JavaScript, and what others have said.

The form is answered with the sheet again (303), so that going back or loading anew sends nothing twice.
"""

from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, post
from litestar.datastructures import FormMultiDict
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from adapters.attempts import Attempts
from api.courier import Courier
from api.expression import PublicRemark, expression_of, take
from api.rules import Rule
from api.settings import Settings
from domain.errors import TooManyAttempts
from domain.errors.expression import NothingSaid, SaidToday, TooMuchWaits
from domain.expression import LONGEST_TEXT, SHORTEST_TEXT, Feeling, RemarkKind, Said
from domain.points import Point
from domain.ports import Clock
from store.database import Begin, Database
from tour.pages.drawing import BESIDE, LANGUAGES, Asked, Language, dated, language_of, read_words

NOTICES = frozenset({"thanks", "waits", "already", "nothing", "many", "full"})
"""What the sheet may say after a form was sent; anything else in the address is nobody's."""

_TRAP = "website"
"""A field that people do not see. Who fills it is a program, and is thanked for nothing."""


WORDS = read_words("voices.toml", "voices")


class Choice(Struct, frozen=True):
    """A feeling to press, and how many have; empty for fewer than five."""

    code: str
    label: str
    people: str


class Voice(Struct, frozen=True):
    """What somebody said, and the answer; `tongue` is the language of the words."""

    label: str
    text: str
    tongue: str
    said: str
    answer: str
    answered: str


class Voices(Struct, frozen=True):
    """Everything that the section of a sheet shows."""

    say: dict[str, str]
    language: Language
    action: str
    notice: str
    choices: list[Choice]
    voices: list[Voice]
    shortest: int = SHORTEST_TEXT
    longest: int = LONGEST_TEXT


async def voices_of(request: Asked, database: Database, point: Point) -> Voices:
    """Say what the sheet of a public point says of others, and asks of its reader."""
    language = language_of(request)
    words, known = WORDS[language], await expression_of(database, point.id)
    notice = request.query_params.get("said", "")
    return Voices(
        say=words,
        language=language,
        action=f"/tour/points/{point.id}/voices",
        notice=words[notice] if notice in NOTICES else "",
        choices=[
            Choice(
                one.feeling,
                words[one.feeling],
                "" if one.count is None else words["people"].format(count=one.count),
            )
            for one in known.counts
        ],
        voices=[_voice(one, language) for one in known.remarks],
    )


@post("/tour/points/{point_id:uuid}/voices", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def say(
    *,
    request: Asked,
    point_id: FromPath[UUID],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    attempts: NamedDependency[Attempts],
    settings: NamedDependency[Settings],
    courier: NamedDependency[Courier],
    database: NamedDependency[Database],
) -> Response[None]:
    """Take the form of a sheet, and lead back to it with a word on what became of it."""
    async with database.look() as unit:
        point = await unit.expression.point(point_id)
    form = await request.form()
    if form.get(_TRAP):
        return _back(point, form, "thanks")
    # Another site's page can send a form in somebody's name, and browsers say so.
    if request.headers.get("sec-fetch-site") == "cross-site":
        return _back(point, form, "nothing")
    try:
        _, remark = await take(
            request,
            point_id,
            _said(form),
            begin=begin,
            clock=clock,
            attempts=attempts,
            settings=settings,
            courier=courier,
        )
    except NothingSaid:
        return _back(point, form, "nothing")
    except SaidToday:
        return _back(point, form, "already")
    except (TooManyAttempts, TooMuchWaits) as refusal:
        return _back(point, form, "many" if isinstance(refusal, TooManyAttempts) else "full")
    return _back(point, form, "thanks" if remark is None else "waits")


def _said(form: FormMultiDict) -> Said:
    """Read what was sent: a form has no types, and a browser sends what was changed by hand too."""
    feeling, text = _field(form, "feeling"), _field(form, "text")
    try:
        kind, felt = RemarkKind(_field(form, "kind")), Feeling(feeling) if feeling else None
    except ValueError:
        raise NothingSaid("This is no kind of remark.") from None
    if len(text) > 2 * LONGEST_TEXT:
        raise NothingSaid("This is too long.")
    return Said(kind, felt, text, _language(form))


def _field(form: FormMultiDict, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _language(form: FormMultiDict) -> Language:
    return next((language for language in LANGUAGES if language == _field(form, "lang")), "fr")


def _back(point: Point, form: FormMultiDict, notice: str) -> Response[None]:
    asked = urlencode({"said": notice, "lang": _language(form)})
    location = f"/tour/points/{point.slug}?{asked}#voices"
    return Response(None, status_code=303, headers={"Location": location, "Cache-Control": "no-store"})


def _voice(one: PublicRemark, language: Language) -> Voice:
    words = WORDS[language]
    label = words[one.feeling] if one.feeling is not None else words[f"{one.kind}_heard"]
    answered = "" if one.answered_on is None else words["answered_on"].format(day=dated(one.answered_on, language))
    return Voice(
        label=label,
        text=one.text,
        tongue=one.language if one.language in {"en", *BESIDE} else "fr",
        said=words["said_on"].format(day=dated(one.said_on, language)),
        answer=one.answer or "",
        answered=answered,
    )
