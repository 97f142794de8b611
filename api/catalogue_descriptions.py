"""What the description of the API says of the catalogue and its modifications."""

from typing import Any

from api import catalogue

TAGS = {
    "Catalogue": "What products and sites say, and modifications of it: drafted, previewed, in force at their time."
}

_TEXT = "The text is no catalogue file, or what it says contradicts itself; `detail` names the place."
_SETTLED = {"403": "The role does not reach all of it.", "409": "It is in force, withdrawn or waiting already."}

PROBLEMS: dict[tuple[str, str], dict[str, str]] = {
    ("/v1/catalogue/modifications", "post"): {
        "400": _TEXT,
        "403": "The role does not reach all of it.",
    },
    ("/v1/catalogue/modifications/{modification}/activation", "post"): {
        **_SETTLED,
        "400": "Its time is too far away, or what it says contradicts itself by now.",
        "409": "It is no draft, it is empty, or what it was written on has changed (`moved-meanwhile`).",
    },
    ("/v1/catalogue/modifications/{modification}/withdrawal", "post"): _SETTLED,
    ("/v1/catalogue/modifications/{modification}/take-up", "post"): {
        **_SETTLED,
        "409": "It is neither a draft nor held back.",
    },
    ("/v1/catalogue/modifications/{modification}/undo", "post"): {
        **_SETTLED,
        "409": "It is not in force, or nothing of it can be undone.",
    },
}

BODIES = (
    catalogue.OfferedView,
    catalogue.DraftRequest,
    catalogue.ActivationRequest,
    catalogue.UndoRequest,
    catalogue.ModificationView,
    catalogue.PreviewView,
)

_QUOTA = (
    '[[products]]\ncode = "decheterie-foyer"\nservice = "waste-centre"\nsubject = "household"\n'
    'name = { fr = "Déchèterie", en = "Waste centre" }\n'
    'limits = [{ unit = "visit", amount = 26, window = "year" }]\n'
)

REQUEST_EXAMPLES: dict[str, Any] = {
    "/v1/catalogue/modifications": {"reason": "Délibération du 16 novembre", "text": _QUOTA},
    "/v1/catalogue/modifications/{modification}/activation": {"at": "2026-12-01T06:00:00+01:00"},
    "/v1/catalogue/modifications/{modification}/undo": {"reason": "La délibération est reportée"},
}

PARAMETERS: dict[str, tuple[str, Any]] = {
    "modification": ("The number of a modification of the authority's catalogue.", 12),
    "below": ("Only those with a smaller number.", 50),
}
