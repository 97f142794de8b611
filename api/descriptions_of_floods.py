"""What the description of the API says of flood levels and webhooks."""

from typing import Any

from api import flood_thresholds, floods, webhooks

TAGS = {
    "Floods": "Where rivers stand, who confirms what residents read, and what was behind each change.",
    "Webhooks": "Other software that wants to be told.",
}

_DECIDED = {"409": "It was decided before, or something newer has taken its place."}

PROBLEMS: dict[tuple[str, str], dict[str, str]] = {
    ("/v1/floods/thresholds", "post"): {"404": "No device of yours with this code measures that."},
    ("/v1/floods/thresholds/{thresholds_id}/confirmation", "post"): {
        **_DECIDED,
        "403": "The role does not allow it, or the agent has proposed these thresholds.",
    },
    ("/v1/floods/thresholds/{thresholds_id}/refusal", "post"): _DECIDED,
    ("/v1/floods/changes", "get"): {"404": "No gauge of yours has this code."},
    ("/v1/floods/changes/{change_id}/confirmation", "post"): _DECIDED,
    ("/v1/floods/changes/{change_id}/refusal", "post"): _DECIDED,
    ("/v1/floods/stations/{station}/levels", "post"): {"409": "This is the public level already."},
    ("/v1/webhooks", "post"): {
        "404": "The authority has no master key to derive secrets from.",
        "409": "The authority has ten webhooks.",
    },
}

BODIES = (
    floods.RefusalRequest,
    floods.DeclarationRequest,
    floods.StationView,
    floods.ChangeView,
    flood_thresholds.ThresholdsRequest,
    flood_thresholds.ThresholdsView,
    webhooks.WebhookRequest,
    webhooks.WebhookView,
    webhooks.RegisteredWebhook,
    webhooks.DeliveryView,
)

_WORDS = {"words": "La sonde est sous une branche, l’eau est basse."}

REQUEST_EXAMPLES: dict[str, Any] = {
    "/v1/floods/thresholds": {
        "station": "lez-garigliano",
        "level1M": 2.1,
        "level2M": 3.0,
        "level3M": 3.8,
        "hysteresisM": 0.15,
        "witnesses": [{"device": "lez-amont", "value": 1.6}],
    },
    "/v1/floods/changes/{change_id}/refusal": _WORDS,
    "/v1/floods/stations/{station}/levels": {"level": 2, "words": "L’eau passe sur la route du pont."},
    "/v1/webhooks": {"url": "https://panneaux.val-clair.example/crues"},
}

PARAMETERS: dict[str, tuple[str, Any]] = {
    "station": ("The code of the device that is a gauge.", "lez-garigliano"),
    "thresholds_id": ("The id of thresholds, as their list gives it.", "01a20100-0a23-7e01-8c1b-3a5f5f3c2d11"),
    "change_id": ("The id of a change, as the journal gives it.", "01a20100-0a23-7e01-8c1b-3a5f5f3c2d12"),
    "webhook_id": ("The webhook's id, as its registration answered it.", "01a20100-0a23-7e01-8c1b-3a5f5f3c2d13"),
    "lines": ("At most so many lines, the newest.", 50),
}
