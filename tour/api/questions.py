"""`/v1/tour/questions` and `/v1/tour/answers`: what people ask, and what the streams know of it now."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from msgspec import Struct

from api.bodies import InvalidRequest
from api.conditional import open_answer
from api.rules import Rule
from domain.languages import Words as Written
from tour.api.points import LIVE, Asked, chosen
from tour.api.wire import sheet_of
from tour.live import Live
from tour.questions import LONGEST, QUESTIONS, askable, meant, replies
from tour.showcase import Showcase
from tour.terms import Words


class AskedView(Struct, frozen=True):
    """A question that some point can answer, and the quantities that do."""

    code: str
    asked: Words
    quantities: tuple[str, ...]


class AnswerView(Struct, frozen=True):
    """What one point answers: `stream.sentence` says it in one go."""

    point: str
    title: Written
    place: Written
    commune: str
    stream: Live


class AnswersView(Struct, frozen=True, rename="camel"):
    """What is known, the freshest first. `question` is None where a typed one was not understood."""

    as_of: datetime
    question: str | None
    commune: str | None
    answers: list[AnswerView]


@get("/questions", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def questions(request: Asked, showcase: NamedDependency[Showcase]) -> Response[Any]:
    """List the questions that can be asked here."""
    scene = await showcase.scene()
    view = [AskedView(one.code, one.asked, one.quantities) for one in askable(list(scene.sights.values()))]
    return open_answer(request, msgspec.json.encode(view), media_type="application/json", cache=LIVE)


@get("/answers", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def answers(
    request: Asked,
    showcase: NamedDependency[Showcase],
    *,
    question: Annotated[str, QueryParameter(max_length=20)] = "",
    commune: Annotated[str, QueryParameter(max_length=5)] = "",
    text: Annotated[str, QueryParameter(max_length=LONGEST)] = "",
) -> Response[Any]:
    """Answer a question by its code, or a typed one; of one commune (INSEE code) where it names one."""
    if question and question not in QUESTIONS:
        raise InvalidRequest(f"question is one of {', '.join(QUESTIONS)}.")
    if not (question or text):
        raise InvalidRequest("Ask a question by its code, or in words as text.")
    scene = await showcase.scene()
    understood = meant(text, askable(list(scene.sights.values())), scene.register.communes)
    asked = QUESTIONS[question] if question else understood.question
    where = commune or understood.commune
    found = replies(asked, chosen(scene, where or "", "")) if asked is not None else []
    view = AnswersView(
        scene.at,
        asked.code if asked is not None else None,
        where,
        [
            AnswerView(
                one.sight.stand.point.slug,
                (sheet := sheet_of(one.sight.stand)).title,
                sheet.place,
                sheet.commune_code,
                one.said,
            )
            for one in found
        ],
    )
    return open_answer(request, msgspec.json.encode(view), media_type="application/json", cache=LIVE)
