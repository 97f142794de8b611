"""What the description of the API says of points and itineraries: bodies, problems, examples, parameters."""

from typing import Any

from api import itineraries, point_views

BODIES = (
    point_views.PointRequest,
    point_views.SheetRequest,
    point_views.ReasonRequest,
    point_views.TargetRequest,
    point_views.PointLine,
    point_views.PointView,
    point_views.EntryView,
    point_views.MediaView,
    itineraries.ItineraryRequest,
    itineraries.ItineraryView,
)

_CHANGED = {
    "409": "What the point is now does not lead there.",
    "412": "Somebody has changed the point since it was read.",
    "428": "The change does not say which version it changes.",
}
_INCOMPLETE = {**_CHANGED, "409": "The sheet lacks something: `detail` names every field. Or nobody submitted it."}
_NOT_READY = {"409": "The sheet lacks something that a plate must say: `detail` names every field."}

PROBLEMS: dict[tuple[str, str], dict[str, str]] = {
    ("/v1/points", "post"): {
        "404": "The authority has no device of a code that the sheet names, or its photo is not kept here.",
        "409": "A point has this slug.",
    },
    ("/v1/points/{plate}", "put"): _CHANGED,
    ("/v1/points/{plate}/submission", "post"): _INCOMPLETE,
    ("/v1/points/{plate}/return", "post"): _CHANGED,
    ("/v1/points/{plate}/publication", "post"): {
        **_INCOMPLETE,
        "403": "The role does not allow it, or the agent wrote the sheet.",
    },
    ("/v1/points/{plate}/suspension", "post"): _CHANGED,
    ("/v1/points/{plate}/archival", "post"): _CHANGED,
    ("/v1/points/{plate}/target", "put"): _CHANGED,
    ("/v1/points/{plate}/plate", "get"): _NOT_READY,
    ("/v1/points/plates", "get"): {**_NOT_READY, "404": "One of the numbers is no plate of yours."},
    ("/v1/points/media", "post"): {
        "400": "The file is no photo and no recording.",
        "413": "The file is larger than 10 MB.",
    },
    ("/v1/itineraries/{slug}", "put"): {"409": "Another authority has an itinerary of this slug."},
}

_SHEET = {
    "title": {"fr": "L’air de la classe 12", "en": "The air of room 12"},
    "place": {"fr": "École Gambetta, 1er étage", "en": "Gambetta school, first floor"},
    "communeCode": "34172",
    "latitude": 43.6112,
    "longitude": 3.8767,
    "blur": "building",
    "devices": ["ecole-gambetta-12"],
    "streams": [{"device": "ecole-gambetta-12", "quantity": "co2"}],
    "whatItIs": {
        "fr": "Un capteur de CO2.",
        "easy": "C’est une petite boîte. Elle mesure l’air.",
        "en": "A CO2 sensor.",
    },
    "doesNot": [{"fr": "Il ne filme pas.", "en": "It does not film."}],
    "chain": {"tech": ["air_quality", "city:lorawan_radio"], "purpose": ["health"], "data": ["values_time"]},
    "endsOn": "2029-08-31",
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "/v1/points": {"slug": "air-classe-12", "sheet": _SHEET},
    "/v1/points/{plate}": {"sheet": _SHEET},
    "/v1/points/{plate}/return": {"reason": "Le texte facile manque."},
    "/v1/points/{plate}/suspension": {"reason": "Le capteur est en réparation."},
    "/v1/points/{plate}/archival": {"reason": "Le capteur a été démonté."},
    "/v1/points/{plate}/target": {"target": "/tour/points/air-classe-13"},
    "/v1/itineraries/{slug}": {
        "walk": {
            "title": {"fr": "Au fil de l’eau", "en": "Along the water"},
            "theme": "water",
            "stops": [{"plate": "4829176"}, {"plate": "5120348", "way": {"fr": "Suivez le quai."}}],
            "distanceM": 1200,
            "minutes": 40,
            "shade": {"fr": "À l’ombre après le pont."},
            "wheelchair": True,
        },
        "public": True,
    },
}

PARAMETERS = {
    "plates": ("The numbers of plates, 80 at most, with commas between them.", "4829176,5120348"),
    "plate": ("The seven digits on the plate.", "4829176"),
    "slug": ("The end of its address.", "au-fil-de-l-eau"),
    "If-Match": ("The `ETag` of the version that is changed.", '"3"'),
}
