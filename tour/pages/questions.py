"""`/tour/questions`: ask in a list or in words, and read what the streams know."""

from litestar import get
from litestar.di import NamedDependency

from api.rules import Rule
from tour.api.points import chosen
from tour.api.wire import sheet_of
from tour.pages.drawing import Asked, Page, draw, local
from tour.pages.points import Entry, owner
from tour.questions import LONGEST, QUESTIONS, Reply, askable, meant, replies
from tour.showcase import Showcase


@get("/tour/questions", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def ask(request: Asked, showcase: NamedDependency[Showcase]) -> Page:
    """Show the questions, and the answers to the one that was asked."""
    scene = await showcase.scene()
    sights, communes = list(scene.sights.values()), scene.register.communes
    known = askable(sights)
    typed = request.query_params.get("text", "")[:LONGEST]
    understood = meant(typed, known, communes)
    by_code = QUESTIONS.get(request.query_params.get("question", ""))
    question = understood.question if typed else by_code
    commune = understood.commune or request.query_params.get("commune", "")
    commune = commune if commune in communes else ""
    found = replies(question, chosen(scene, commune, "")) if question is not None else []
    elsewhere = replies(question, sights) if question is not None and commune and not found else []
    authority = owner(scene)
    return draw(
        request,
        "questions.html",
        authority=authority,
        at=local(scene.at, authority),
        tongues=scene.register.tongues,
        questions=known,
        communes=communes,
        question=question,
        commune=commune,
        typed=typed,
        answers=[_entry(one) for one in found],
        elsewhere=[_entry(one) for one in elsewhere],
    )


def _entry(reply: Reply) -> Entry:
    sheet, point = sheet_of(reply.sight.stand), reply.sight.stand.point
    return Entry(point.slug, sheet.title, sheet.place, away=False, first=reply.said)
