"""The recordings of a sheet: one in French, one in each language beside it; listened to, replaced, taken away."""

import asyncio
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct
from msgspec.structs import replace

from adapters.media_folder import LARGEST_RECORDING, LONGEST_RECORDING, MediaFolder
from admin.forms import Form, read
from admin.point_languages import language_named, text_of
from admin.points import PATH, WORDS, point_of, save
from admin.sheet_words import tag_of
from admin.shell import Page, draw, go
from admin.undoing import Undo
from admin.visits import Asked
from admin.words import language_of
from domain.agents import Permission
from domain.errors.points import BadMedia, MediaNotFound
from domain.languages import LONGEST_TEXT, Language, Words
from domain.points import Point
from domain.ports import Clock
from domain.sheets import Recording, Sheet
from store.database import Begin, Database

_EDIT: dict[str, Any] = {"rule": Permission.POINT_EDIT}
_SOUND = "audio/mpeg"


class Heard(Struct, frozen=True):
    """The recording of a sheet in one language; `digest` is empty where nobody has spoken it."""

    code: str
    tag: str
    digest: str
    seconds: int
    transcript: str


@get("/points/{plate:str}/recordings", opt=_EDIT, include_in_schema=False)
async def recordings(
    request: Asked, plate: FromPath[str], database: NamedDependency[Database], media: NamedDependency[MediaFolder]
) -> Page:
    """List the recordings of a sheet by language, each to be listened to."""
    async with database.look() as unit:
        point = await point_of(unit, request, plate)
    heard = [await _heard(point.sheet, language, media) for language in Language]
    return draw(request, "points/recordings.html", words=WORDS, point=point, heard=heard)


@get("/points/{plate:str}/recordings/{code:str}", opt=_EDIT, include_in_schema=False)
async def recording_form(
    *,
    request: Asked,
    plate: FromPath[str],
    code: FromPath[str],
    database: NamedDependency[Database],
    media: NamedDependency[MediaFolder],
) -> Page:
    """Ask for the recording of a sheet in a language, and for the same words to read."""
    language = language_named(code)
    async with database.look() as unit:
        point = await point_of(unit, request, plate)
    spoken = point.sheet.recording
    typed = {"digest": spoken.spoken(language), _transcript(language): _said(spoken, language)} if spoken else {}
    return await _page(request, point, language, Form(typed), media)


@post(
    "/points/{plate:str}/recordings/{code:str}",
    opt=_EDIT,
    include_in_schema=False,
    request_max_body_size=LARGEST_RECORDING + 64 * 1024,
)
async def write_recording(
    *,
    request: Asked,
    plate: FromPath[str],
    code: FromPath[str],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    media: NamedDependency[MediaFolder],
) -> Page | Response[None]:
    """Keep a recording and its words as a draft. What was there before is put back by one button."""
    language, form = language_named(code), await read(request)
    await _keep(request, form, media)
    transcripts = {one.value: text_of(form, _transcript(one)) for one in Language if _transcript(one) in form.typed}
    async with begin() as unit:
        point = await point_of(unit, request, plate)
        sheet = await _with(point.sheet, language, form, transcripts, media)
        saved = await save(unit, point, sheet, form, agent_id=request.user.id, now=clock())
        if saved is None:
            return await _page(request, point, language, form, media, status_code=422)
    before = point.sheet.recording
    replaced = before is not None and before.spoken(language) not in {"", form.kept("digest")}
    undo = _put_back(saved, point, language) if replaced else None
    word = "recording_replaced_said" if replaced else "recording_kept_said"
    return go(request, f"{PATH}/{plate}/recordings", said=_words(request)[word], undo=undo)


@post("/points/{plate:str}/recordings/{code:str}/removal", opt=_EDIT, include_in_schema=False)
async def remove_recording(
    *,
    request: Asked,
    plate: FromPath[str],
    code: FromPath[str],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> Response[None]:
    """Take a recording off the draft. The French one goes last, and its words go with it."""
    language, form = language_named(code), await read(request)
    path = f"{PATH}/{plate}/recordings"
    async with begin() as unit:
        point = await point_of(unit, request, plate)
        spoken = point.sheet.recording
        if spoken is None or not spoken.spoken(language):
            return go(request, path, said=_words(request)["recording_gone_said"])
        if language is Language.FRENCH and len(spoken.digests) > 1:
            return go(request, path, said=_words(request)["others_first_said"])
        left = None if language is Language.FRENCH else _speaking(spoken, language, "")
        saved = await save(
            unit, point, replace(point.sheet, recording=left), form, agent_id=request.user.id, now=clock()
        )
    if saved is None:
        return go(request, path, said=_words(request)["look_again_said"])
    undo = _put_back(saved, point, language)
    return go(request, path, said=_words(request)["recording_removed_said"], undo=undo)


def _put_back(saved: Point, before: Point, language: Language) -> Undo | None:
    """Fill in the form that puts the recording back which was there before, with its words."""
    spoken = before.sheet.recording
    if spoken is None:
        return None
    texts = {_transcript(one): said for one in Language if (said := _said(spoken, one))}
    fields = {"version": str(saved.version), "digest": spoken.spoken(language), **texts}
    return Undo(f"{PATH}/{saved.plate}/recordings/{language.value}", fields)


async def _keep(request: Asked, form: Form, media: MediaFolder) -> None:
    """Keep a recording that was sent, under the name that goes with the form: it need not be sent twice."""
    sent = (await request.form()).get("recording")
    if isinstance(sent, UploadFile) and sent.filename:
        try:
            kept = await asyncio.to_thread(media.keep, await sent.read())
        except BadMedia:
            form.refuse("recording", "bad_recording")
            return
        if kept.media_type != _SOUND:
            form.refuse("recording", "bad_recording")
        else:
            form.typed["digest"] = kept.digest


async def _with(sheet: Sheet, language: Language, form: Form, transcripts: dict[str, str], media: MediaFolder) -> Sheet:
    """Return the sheet with the recording of a form; the sheet itself where something does not fit."""
    digest, before = form.kept("digest"), sheet.recording
    if not digest:
        form.refuse("recording", "recording_first")
    elif before is None and language is not Language.FRENCH:
        form.refuse("recording", "french_recording_first")
    elif not (await _kept(digest, media))[0]:
        form.refuse("recording", "bad_recording")
    if form.is_wrong:
        return sheet
    spoken = _speaking(before or Recording(digest, Words()), language, digest)
    return replace(sheet, recording=replace(spoken, transcript=replace(spoken.transcript, **transcripts)))


def _speaking(spoken: Recording, language: Language, digest: str) -> Recording:
    if language is Language.FRENCH:
        return replace(spoken, digest=digest)
    return replace(spoken, also=replace(spoken.also, **{language.value: digest}))


async def _page(
    request: Asked, point: Point, language: Language, form: Form, media: MediaFolder, *, status_code: int = 200
) -> Page:
    reader, code = language_of(request), language.value
    words, name = WORDS[reader], _transcript(language)
    label = f"{words['label_transcript']}, {words[f'language_{code}']}"
    kept, now = await _kept(form.kept("digest"), media), await _heard(point.sheet, language, media)
    spoken = point.sheet.recording
    return draw(
        request,
        "points/recording.html",
        words={**WORDS, reader: {**words, f"label_{name}": label}},
        status_code=status_code,
        point=point,
        form=form,
        code=code,
        tag=tag_of(language),
        name=name,
        kept=kept,
        now=now,
        french=_said(spoken, Language.FRENCH) if spoken is not None and language is not Language.FRENCH else "",
        awaits_french=spoken is None and language is not Language.FRENCH,
        megabytes=LARGEST_RECORDING // 2**20,
        minutes=LONGEST_RECORDING // 60,
        longest=LONGEST_TEXT,
    )


async def _kept(digest: str, media: MediaFolder) -> tuple[str, int]:
    """Return a recording that goes with a form, and its seconds; nothing where the name is no recording."""
    try:
        seconds = await asyncio.to_thread(media.seconds, digest)
    except MediaNotFound:
        return "", 0
    return (digest, seconds) if seconds else ("", 0)


async def _heard(sheet: Sheet, language: Language, media: MediaFolder) -> Heard:
    spoken = sheet.recording
    digest, seconds = await _kept(spoken.spoken(language), media) if spoken is not None else ("", 0)
    text = _said(spoken, language) if spoken is not None else ""
    return Heard(language.value, tag_of(language), digest, seconds, text)


def _said(spoken: Recording, language: Language) -> str:
    found: str = getattr(spoken.transcript, language.value)
    return found


def _transcript(language: Language) -> str:
    return f"transcript_{language.value}"


def _words(request: Asked) -> dict[str, str]:
    return WORDS[language_of(request)]


ROUTES = (recordings, recording_form, write_recording, remove_recording)
