"""`/tour/data`: how to take these values elsewhere, in plain words."""

from litestar import get
from litestar.di import NamedDependency

from api.rules import Rule
from tour.pages.drawing import WORDS, Asked, Page, draw, language_of, local
from tour.pages.points import owner
from tour.showcase import Showcase

WAYS = (
    ("points", "/v1/tour/points"),
    ("geojson", "/v1/tour/points.geojson"),
    ("csv", ""),
    ("events", "/v1/tour/events"),
    ("sta", "/sta/v1.1"),
    ("ngsi", "/ngsi-ld/v1/entities"),
    ("dcat", "/v1/tour/catalogue.jsonld"),
    ("openapi", "/v1/tour/openapi.json"),
)


@get("/tour/data", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def data(request: Asked, showcase: NamedDependency[Showcase]) -> Page:
    """Show the ways to the data."""
    scene = await showcase.scene()
    authority, words = owner(scene), WORDS[language_of(request)]
    ways = [(words[f"data_{name}"], words[f"data_{name}_words"], address) for name, address in WAYS]
    return draw(
        request,
        "data.html",
        authority=authority,
        at=local(scene.at, authority),
        tongues=scene.register.tongues,
        ways=ways,
    )
