"""What a request has to prove: photos and PDFs from a telephone, what is sworn instead, the answer to a question."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec.structs import replace

from adapters.document_file import LARGEST
from adapters.document_vault import DocumentVault
from api.days import named
from api.resident_papers import remove_document
from domain.applications import Application
from domain.documents import Document, DocumentKind, Safe, add_document
from domain.errors import NotFound
from domain.errors.requests import (
    DocumentChecked,
    DocumentNotFound,
    DocumentRefused,
    RequestChanged,
    RequestStepRefused,
    TooManyDocuments,
)
from domain.ports import Clock
from domain.request_terms import Proof
from domain.requests import STEPS, Deed, RequestStatus
from domain.resident_requests import LONGEST_ANSWER, hold_own, reply
from portal.drafts import OF_MINE, PATH, QUESTIONS, WORDS, Mine, draft_of, mine_of, save
from portal.shell import Page, draw, go, language_of
from portal.visits import Asked
from store.database import Database
from web.forms import Form, read

_FIELDS = ("photo", "file")
"""Two ways to the same: the camera of a telephone, and what lies on a device already."""

_LARGEST_FORM = LARGEST + 4 * 2**20
"""A file that is a little too large is refused at its field, in words; only beyond is nothing read of it."""


@get("/requests/{request_reference:str}/papers", **OF_MINE)
async def papers(request: Asked, request_reference: FromPath[str], database: NamedDependency[Database]) -> Page:
    """List what is asked for, each with what was sent of it."""
    mine = await _open(request, database, request_reference)
    asked = [(one, _given(mine, one)) for one in mine.terms.wanted(mine.said.services)]
    return draw(request, "requests/papers.html", words=WORDS, mine=mine, asked=asked, **_step(mine))


@get("/requests/{request_reference:str}/papers/{proof:str}", **OF_MINE)
async def paper(
    request: Asked, request_reference: FromPath[str], proof: FromPath[str], database: NamedDependency[Database]
) -> Page:
    """Ask for one of them: a photo, a file, or a sworn statement where that does."""
    mine = await _open(request, database, request_reference)
    return _paper_page(request, mine, _asked(mine, proof), Form())


@post("/requests/{request_reference:str}/papers/{proof:str}", request_max_body_size=_LARGEST_FORM, **OF_MINE)
async def send_paper(
    *,
    request: Asked,
    request_reference: FromPath[str],
    proof: FromPath[str],
    database: NamedDependency[Database],
    vault: NamedDependency[DocumentVault],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Take in a file. One more takes nothing away, so no other device is in its way; the same one twice is one."""
    mine, form = await _open(request, database, request_reference), await read(request)
    asked = _asked(mine, proof)
    chosen = asked.kinds if len(asked.kinds) == 1 else [one for one in asked.kinds if one == form.kept("kind")]
    kind = next(iter(chosen), None)
    data = await _file(request)
    if kind is None:
        form.refuse("kind", "choose_one")
    if data is None:
        form.refuse("file", "file_missing")
    if form.is_wrong or data is None or kind is None:
        return _paper_page(request, mine, asked, form)
    try:
        await _keep(request, database, vault, clock, mine, kind, data)
    except DocumentRefused as refused:
        form.refuse("file", f"flaw_{refused.flaw}")
    except TooManyDocuments:
        form.refuse("file", "too_many_documents")
    else:
        return go(request, f"{mine.path}/papers", said=WORDS[language_of(request)]["paper_came"])
    return _paper_page(request, mine, asked, form)


@post("/requests/{request_reference:str}/papers/{proof:str}/sworn", **OF_MINE)
async def swear(
    *,
    request: Asked,
    request_reference: FromPath[str],
    proof: FromPath[str],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Response[None]:
    """Swear to something instead of proving it, or rather send the paper after all."""
    mine, form = await draft_of(request, database, request_reference), await read(request)
    asked = _asked(mine, proof)
    if not asked.declaration:
        raise NotFound("Nobody may swear to this.")
    swears = form.kept("sworn") == "yes"

    def change(said: Application) -> Application:
        others = tuple(code for code in said.declared if code != asked.code)
        return replace(said, declared=(*others, asked.code) if swears else others)

    saved = await save(request, database, clock, request_reference, change, form=None)
    say = WORDS[language_of(request)]
    word = ("sworn_noted" if swears else "sworn_taken_back") if saved else "changed_before_act"
    return go(request, f"{mine.path}/papers", said=say[word])


@get("/requests/{request_reference:str}/documents/{document_id:uuid}/removal", **OF_MINE)
async def ask_remove(
    request: Asked, request_reference: FromPath[str], document_id: FromPath[UUID], database: NamedDependency[Database]
) -> Page | Response[None]:
    """Ask whether a paper that was sent by mistake shall really go, and say what that means."""
    mine, say = await mine_of(request, database, request_reference), WORDS[language_of(request)]
    found = next((one for one in mine.documents if one.id == document_id), None)
    if found is None:
        raise DocumentNotFound("The request has no such document.")
    if not mine.may_take_back(found):
        return go(request, mine.path, said=say["paper_stays"])
    return draw(
        request,
        "ask.html",
        words=WORDS,
        title=say["paper_remove_title"].format(paper=say[f"kind_{found.kind}"]),
        lead=say["paper_remove_lead"],
        button=say["paper_remove_now"],
        action=f"{mine.path}/documents/{document_id}/removal",
        back=f"{mine.path}/papers",
    )


@post("/requests/{request_reference:str}/documents/{document_id:uuid}/removal", **OF_MINE)
async def remove(
    *,
    request: Asked,
    request_reference: FromPath[str],
    document_id: FromPath[UUID],
    database: NamedDependency[Database],
    vault: NamedDependency[DocumentVault],
    clock: NamedDependency[Clock],
) -> Response[None]:
    """Take a paper back: pressed twice, it is gone once."""
    reference, say = named(request_reference), WORDS[language_of(request)]
    try:
        await remove_document(database, vault, request.user.account, reference, document_id, now=clock())
    except (DocumentChecked, RequestStepRefused):
        return go(request, f"{PATH}/{reference}", said=say["paper_stays"])
    return go(request, f"{PATH}/{reference}/papers", said=say["paper_removed"])


@get("/requests/{request_reference:str}/answer", **OF_MINE)
async def ask_answer(request: Asked, request_reference: FromPath[str], database: NamedDependency[Database]) -> Page:
    """Show what we have asked, and what may be answered."""
    return _answer_page(request, await _questioned(request, database, request_reference), Form())


@post("/requests/{request_reference:str}/answer", **OF_MINE)
async def answer(
    request: Asked, request_reference: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page | Response[None]:
    """Send the answer: words, statements, or the papers that came before it. The days that were left run again."""
    mine, form = await _questioned(request, database, request_reference), await read(request)
    seen = form.whole("version", least=1, most=10**9)
    words = form.lines("words", longest=LONGEST_ANSWER, required=False)
    sworn = tuple(one.code for one in mine.lacking if one.declaration and form.ticked(f"sworn_{one.code}"))
    if not (words or sworn or _since_asked(mine)):
        form.refuse("words", "nothing_answered")
    if form.is_wrong:
        return _answer_page(request, mine, form)
    try:
        async with database.begin() as unit:
            held = await hold_own(unit, request.user.account, mine.request.reference, seen=seen or 0, now=clock())
            await reply(unit, held, declared=sworn, words=words)
    except RequestChanged:
        form.refuse("version", "changed_meanwhile")
        return _answer_page(request, await _questioned(request, database, request_reference), form)
    return go(request, mine.path, said=WORDS[language_of(request)]["answered"])


async def _open(request: Asked, database: Database, reference: str) -> Mine:
    """Read a request that still takes papers.

    Raises:
        RequestStepRefused: it is decided, or taken back.
    """
    mine = await mine_of(request, database, reference)
    if not STEPS[mine.request.status]:
        raise RequestStepRefused(f"A request that is {mine.request.status} takes no more papers.")
    return mine


async def _questioned(request: Asked, database: Database, reference: str) -> Mine:
    mine = await mine_of(request, database, reference)
    if mine.request.status is not RequestStatus.NEEDS_MORE_INFO:
        raise RequestStepRefused(f"Nobody has asked anything of a request that is {mine.request.status}.")
    return mine


def _asked(mine: Mine, code: str) -> Proof:
    found = next((one for one in mine.terms.wanted(mine.said.services) if one.code == named(code)), None)
    if found is None:
        raise NotFound("The request asks for no such proof.")
    return found


def _given(mine: Mine, proof: Proof) -> list[Document]:
    return [one for one in mine.documents if one.kind in proof.kinds]


def _since_asked(mine: Mine) -> bool:
    """Whether a paper came after the question, and is still there."""
    asked = max((one.version for one in mine.entries if one.deed is Deed.ASKED), default=0)
    came = {one.at for one in mine.entries if one.deed is Deed.DOCUMENT_ADDED and one.version > asked}
    return any(one.received_at in came for one in mine.documents)


async def _file(request: Asked) -> bytes | None:
    """Return the file that was sent by one of the two fields; None where neither holds one."""
    sent = await request.form()
    for name in _FIELDS:
        file = sent.get(name)
        if isinstance(file, UploadFile) and file.filename:
            return await file.read()
    return None


async def _keep(  # noqa: PLR0917 - who, where, when, and what
    request: Asked,
    database: Database,
    vault: DocumentVault,
    clock: Clock,
    mine: Mine,
    kind: DocumentKind,
    data: bytes,
) -> None:
    async with database.look() as unit:
        document_id = unit.ids.row()
    safe = await vault.keep(request.auth.authority.code, document_id, data)
    kept = False
    try:
        kept = await _add(request, database, clock, mine, safe, kind)
    finally:
        if not kept:
            vault.remove([document_id])


async def _add(  # noqa: PLR0917 - as `_keep`
    request: Asked, database: Database, clock: Clock, mine: Mine, safe: Safe, kind: DocumentKind
) -> bool:
    """Put it with the request; tell whether it was not there yet."""
    async with database.begin() as unit:
        held = await hold_own(unit, request.user.account, mine.request.reference, seen=0, now=clock())
        known = await unit.documents.of_request(held.request.id)
        if any(one.digest == safe.digest and one.kind is kind for one in known):
            return False
        hand = replace(held.hand, seen=held.request.version)
        await add_document(unit, held.request, hand, safe, kind=kind)
    return True


def _step(mine: Mine) -> dict[str, Any]:
    """Say which question it is, of a draft; a request that was sent has none any more."""
    is_draft = mine.request.status is RequestStatus.DRAFT
    return {"step": QUESTIONS.index("papers") + 1 if is_draft else 0, "steps": len(QUESTIONS)}


def _paper_page(request: Asked, mine: Mine, proof: Proof, form: Form) -> Page:
    return draw(
        request,
        "requests/paper.html",
        words=WORDS,
        status_code=422 if form.is_wrong else 200,
        scripts=True,
        mine=mine,
        form=form,
        proof=proof,
        names=[(kind.value, WORDS[language_of(request)][f"kind_{kind}"]) for kind in proof.kinds],
        may_swear=proof.declaration and mine.request.status is RequestStatus.DRAFT,
        most_bytes=LARGEST,
        **_step(mine),
    )


def _answer_page(request: Asked, mine: Mine, form: Form) -> Page:
    language = language_of(request)
    words = {
        **WORDS[language],
        **{
            f"label_sworn_{one.code}": one.name.fr if language == "fr" else one.name.en
            for one in mine.lacking
            if one.declaration
        },
    }
    question = next(one for one in reversed(mine.entries) if one.deed is Deed.ASKED)
    wrong = 409 if "version" in form.wrong else 422
    return draw(
        request,
        "requests/answer.html",
        words={language: words},
        status_code=wrong if form.is_wrong else 200,
        mine=mine,
        form=form,
        question=question,
        came=_since_asked(mine),
        sworn=[one for one in mine.lacking if one.declaration],
    )


ROUTES = (papers, paper, send_paper, swear, ask_remove, remove, ask_answer, answer)
