"""What the API says of cards that a maker produces and of media that are replaced: bodies, problems, and two files."""

from typing import Any

from api import card_batches, made_cards, media

BODIES = (
    media.ReplacementRequest,
    media.ReplacedView,
    made_cards.BindingRequest,
    made_cards.DiscardRequest,
    made_cards.UnbindRequest,
    made_cards.BoundCard,
    made_cards.MadeCardView,
    card_batches.BatchRequest,
    card_batches.DeliveryRequest,
    card_batches.BatchDetail,
)

_NO_CARD = {
    "400": "What was given is no card, or none of yours.",
    "404": "No card of your batches has this number or this chip.",
}
_NO_BATCH = "You have no batch of this code."
PROBLEMS: dict[tuple[str, str], dict[str, str]] = {
    ("/v1/passes/{number}/media/{medium}/replacement", "post"): {
        "409": "The medium is in use, or was replaced before: also the answer to a retry. Or the pass has ended."
    },
    ("/v1/made-cards", "get"): _NO_CARD,
    ("/v1/made-cards/bindings", "post"): {
        **_NO_CARD,
        "409": "The card was bound before, is not at a desk, is over, or is another pass's; or the pass has ended.",
    },
    ("/v1/made-cards/unbindings", "post"): {
        **_NO_CARD,
        "409": "It is bound to no pass, was bound too long ago, or has been used or stopped since: block it instead.",
    },
    ("/v1/made-cards/discards", "post"): {**_NO_CARD, "409": "The card belongs to a pass, or is out of use already."},
    ("/v1/card-batches", "post"): {
        "404": "A pass is not yours, or the authority has no masters for cards.",
        "409": "You have a batch of this code: also the answer to a retry. Or a card for a pass is on its way.",
    },
    ("/v1/card-batches/{batch}/deliveries", "post"): {"404": _NO_BATCH, "409": "None of these cards can go there."},
    ("/v1/card-batches/{batch}/cancellation", "post"): {
        "404": _NO_BATCH,
        "409": "It was reported on or cancelled before: also the answer to a retry.",
    },
    ("/v1/card-batches/{batch}/order-file", "post"): {
        "404": "You have no batch of this code, or the authority has no transport key.",
        "409": "The batch was sent with other chips, or its order would not be the same any more.",
    },
    ("/v1/card-batches/{batch}/report", "post"): {
        "404": _NO_BATCH,
        "409": "It was not sent, or was reported on before.",
    },
}

_CHIPS = "04de5f1eacc040\n04de5f1eacc041\n"
_REPORT = (
    '{"format":"multipass-cards-report/1","batch":"2026-spring","order":"9f…","count":1}\n'
    '{"sequence":1,"number":"808012345670","uid":"04de5f1eacc040","result":"produced","keyVersion":1}\n'
    '{"count":1,"sha256":"3c…"}\n'
)
_FILES = {
    "/v1/card-batches/{batch}/order-file": ("text/plain", _CHIPS),
    "/v1/card-batches/{batch}/report": ("application/jsonl", _REPORT),
}


def describe_files(document: dict[str, Any]) -> None:
    """Say what the framework cannot know: bodies that are a maker's file as it is."""
    for path, (media_type, example) in _FILES.items():
        content = {media_type: {"schema": {"type": "string"}, "example": example}}
        document["paths"][path]["post"]["requestBody"] = {"required": True, "content": content}
