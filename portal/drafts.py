"""A request of mine as its pages read and save it: the questions in their order, and which of them is open.

Nothing of the questions is stored beside what the request says: where somebody goes on is seen from what it lacks, on
whichever device (ADR 0058).
"""

from collections.abc import Callable
from typing import Any

from litestar import Request, Response
from msgspec import Struct
from msgspec.structs import replace

from api.days import named
from domain.applications import Application, Person
from domain.dates import written
from domain.documents import Document, may_take_back
from domain.errors.requests import RequestChanged, RequestStepRefused
from domain.file_flaws import FLAWS
from domain.ports import Clock
from domain.request_terms import Proof, Terms, missing
from domain.requests import Entry, PassRequest, RequestStatus
from domain.resident_requests import hold_own, save_draft
from domain.services import BY_CODE
from portal.account import RESIDENT
from portal.shell import Page, draw, go, language_of
from portal.visits import Asked
from portal.words import read_words
from store.database import Database
from web.forms import Form
from web.moments import Language
from web.wording import typeset

WORDS = read_words("requests")
for _flaw, _text in FLAWS.items():
    WORDS["fr"][f"flaw_{_flaw}"], WORDS["en"][f"flaw_{_flaw}"] = typeset(_text.fr), _text.en

PATH = "/moi/requests"
QUESTIONS = ("who", "persons", "address", "services", "papers", "check")
"""In the order in which they are asked. Each has its pages under the request's own."""

Change = Callable[[Application], Application]


class Mine(Struct, frozen=True):
    """A request of mine, with what was done with it and what it lacks.

    `has_code` tells whether a temporary code holds until it is decided.
    """

    request: PassRequest
    terms: Terms
    documents: list[Document]
    entries: list[Entry]
    lacking: list[Proof]
    has_code: bool

    @property
    def path(self) -> str:
        """Where its pages are."""
        return f"{PATH}/{self.request.reference}"

    @property
    def sworn(self) -> list[Proof]:
        """What is wanted, and sworn to instead of shown."""
        wanted = self.terms.wanted(self.said.services)
        return [one for one in wanted if one.declaration and one.code in self.said.declared]

    def may_take_back(self, document: Document) -> bool:
        """Whether a document may be taken back."""
        return may_take_back(self.request, document)

    @property
    def said(self) -> Application:
        """What it says."""
        return self.request.application


async def mine_of(request: Asked, database: Database, reference: str) -> Mine:
    """Read a request of whoever is logged in.

    Raises:
        RequestNotFound: their account has none of this reference.
    """
    async with database.look() as unit:
        found = await unit.resident_requests.one(request.user.account.id, named(reference))
        terms = await unit.requests.terms(found.authority_id)
        documents = await unit.documents.of_request(found.id)
        entries = await unit.requests.entries(found.id)
        given = await unit.temporary_passes.of_request(found.id)
    lacking = missing(terms, found.application, documents)
    return Mine(found, terms, documents, entries, lacking, any(one.ended_at is None for one in given))


async def draft_of(request: Asked, database: Database, reference: str) -> Mine:
    """Read a draft of whoever is logged in, for a page that asks something of it.

    Raises:
        RequestNotFound: as `mine_of`.
        RequestStepRefused: it was sent.
    """
    mine = await mine_of(request, database, reference)
    if mine.request.status is not RequestStatus.DRAFT:
        raise RequestStepRefused(f"A request that is {mine.request.status} asks nothing any more.")
    return mine


async def save(
    request: Asked, database: Database, clock: Clock, reference: str, change: Change, *, form: Form | None
) -> bool:
    """Save what one question was answered.

    Another device may have saved since the form was drawn: then nothing is written, and the form says so. A form that
    comes twice, or changes nothing, is saved already. Without a form the change takes nothing away from what anybody
    said, and is made to whatever the draft says now.
    """
    seen = None if form is None else form.whole("version", least=1, most=10**9)
    async with database.begin() as unit:
        held = await hold_own(unit, request.user.account, named(reference), seen=seen or 0, now=clock())
        said = replace(change(held.request.application), language=language_of(request))
        if said == held.request.application:
            return True
        if form is None:
            held = replace(held, hand=replace(held.hand, seen=held.request.version))
        try:
            await save_draft(unit, held, said)
        except RequestChanged:
            if form is not None:
                form.refuse("version", "changed_meanwhile")
            return False
    return True


def ask(
    request: Asked,
    template: str,
    mine: Mine,
    form: Form,
    *,
    question: str,
    title: str,
    back: str = "",
    theirs: tuple[str, ...] = (),
    scripts: bool = False,
    **what: Any,  # noqa: ANN401 - of the template
) -> Page:
    """Draw the page of a question; one that comes back says what is wrong. `theirs` is what another device answered."""
    if "then" not in form.typed and request.query_params.get("then") == "check":
        form.typed["then"] = "check"
    wrong = 409 if "version" in form.wrong else 422
    return draw(
        request,
        f"requests/{template}.html",
        words=WORDS,
        status_code=wrong if form.is_wrong else 200,
        scripts=scripts,
        mine=mine,
        form=form,
        step=QUESTIONS.index(question) + 1,
        steps=len(QUESTIONS),
        title=title,
        back=f"{mine.path}/check" if form.kept("then") == "check" else back or mine.path,
        theirs=theirs,
        **what,
    )


def go_on(request: Asked, form: Form, reference: str, further: str) -> Response[None]:
    """Lead to the next question, or back to the summary from which somebody came to change one answer."""
    return go(request, f"{PATH}/{named(reference)}/{'check' if form.kept('then') == 'check' else further}")


def open_question(said: Application) -> str:
    """Return the page of the first question that has no answer yet; the summary where all have."""
    for answered, page in (
        (said.persons or said.asker.name, "who"),
        (said.persons, "persons/1"),
        (said.asker.name, "asker"),
        (said.address.line, "address"),
        (said.services, "services"),
    ):
        if not answered:
            return page
    return "check"


def answers(said: Application, language: Language) -> dict[str, tuple[str, ...]]:
    """Say what a request says, question by question, in lines to be read."""
    names = [BY_CODE[code].name for code in said.services if code in BY_CODE]
    address = said.address
    return {
        "asker": (said.asker.name,) if said.asker.name else (),
        "persons": tuple(person_line(one, language) for one in said.persons),
        "address": (address.line, f"{address.postcode} {address.city}") if address.line else (),
        "services": tuple(name.fr if language == "fr" else name.en for name in names),
    }


def person_line(person: Person, language: Language) -> str:
    """Say who somebody is."""
    say = WORDS[language]
    born = say["born_line"].format(
        name=f"{person.first_name} {person.last_name}", day=written(person.born_on, language)
    )
    return f"{born}, {say['two_homes_line']}" if person.two_homes else born


def lead_to_it(request: Request[Any, Any, Any], _error: RequestStepRefused) -> Response[None]:
    """Show where a request stands to whoever asks for something that it is past."""
    reference = named(str(request.path_params["request_reference"]))
    return go(request, f"{PATH}/{reference}", said=WORDS[language_of(request)]["past_that"])


OF_MINE: dict[str, Any] = {
    "opt": RESIDENT,
    "include_in_schema": False,
    "exception_handlers": {RequestStepRefused: lead_to_it},
}
"""What the pages of one request have in common."""
