"""What the description of the API says of places, flood levels, webhooks, and what people say at points."""

from typing import Any

from api import (
    catalogue_descriptions,
    expression,
    figure_descriptions,
    flood_thresholds,
    floods,
    moderation,
    notice_descriptions,
    webhooks,
)
from domain.expression import RemarkStatus

TAGS = {
    **notice_descriptions.TAGS,
    **figure_descriptions.TAGS,
    **catalogue_descriptions.TAGS,
    "Floods": "Where rivers stand, who confirms what residents read, and what was behind each change.",
    "Webhooks": "Other software that wants to be told.",
    "Tour": "The connected city, for anybody: what a point measures, and what people say there.",
    "Expression": "What agents do with what people say: read, publish or erase, answer, and see to it.",
}

_DECIDED = {"409": "It was decided before, or something newer has taken its place."}

_OPEN = {"429": "This address asks too often; `Retry-After` says how long to wait."}

PROBLEMS: dict[tuple[str, str], dict[str, str]] = {
    **notice_descriptions.PROBLEMS,
    **figure_descriptions.PROBLEMS,
    **catalogue_descriptions.PROBLEMS,
    ("/v1/public/{authority}/sites", "get"): {
        **_OPEN,
        "404": "No authority has this code.",
        "503": "The database does not answer.",
    },
    ("/v1/public/{authority}/sites/{code}", "get"): {
        **_OPEN,
        "404": "No authority has this code, or no site of it has.",
        "503": "The database does not answer.",
    },
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
    ("/v1/tour/points/{point_id}/remarks", "get"): {**_OPEN, "404": "No point that is public has this id."},
    ("/v1/tour/points/{point_id}/remarks", "post"): {
        "404": "No point that is public has this id.",
        "409": "This device, or one that looks like it, has said this here today; or too much waits to be read.",
        "429": "This neighbourhood has said a lot; `Retry-After` says how long to wait.",
    },
    ("/v1/remarks/{remark_id}/approval", "post"): _DECIDED,
    ("/v1/remarks/{remark_id}/refusal", "post"): _DECIDED,
    ("/v1/remarks/{remark_id}/answer", "post"): {"409": "What is not published cannot be answered."},
    ("/v1/tasks/{task_id}/end", "post"): {"409": "It was done before."},
}

BODIES = (
    *notice_descriptions.BODIES,
    *figure_descriptions.BODIES,
    *catalogue_descriptions.BODIES,
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
    expression.RemarkRequest,
    expression.RemarkTaken,
    expression.PublicExpression,
    moderation.DeclineRequest,
    moderation.AnswerRequest,
    moderation.TaskDoneRequest,
    moderation.RemarkView,
    moderation.TaskView,
)

_WORDS = {"words": "La sonde est sous une branche, l’eau est basse."}

REQUEST_EXAMPLES: dict[str, Any] = {
    **catalogue_descriptions.REQUEST_EXAMPLES,
    **notice_descriptions.REQUEST_EXAMPLES,
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
    "/v1/webhooks": {"url": "https://panneaux.val-clair.example/crues", "kinds": ["flood.level"]},
    "/v1/tour/points/{point_id}/remarks": {"kind": "question", "text": "La nuit, la sonde mesure-t-elle aussi ?"},
    "/v1/remarks/{remark_id}/refusal": {"reason": "Le texte nomme une personne."},
    "/v1/remarks/{remark_id}/answer": {"words": "Oui, toutes les cinq minutes, jour et nuit."},
    "/v1/tasks/{task_id}/end": {"note": "La plaque est remplacée."},
}

PARAMETER_SCHEMAS: dict[str, dict[str, Any]] = {
    **notice_descriptions.PARAMETER_SCHEMAS,
    **figure_descriptions.PARAMETER_SCHEMAS,
    "status": {"type": "string", "enum": [one.value for one in RemarkStatus], "default": RemarkStatus.WAITING},
}

PARAMETERS: dict[str, tuple[str, Any]] = {
    **notice_descriptions.PARAMETERS,
    **figure_descriptions.PARAMETERS,
    **catalogue_descriptions.PARAMETERS,
    "station": ("The code of the device that is a gauge.", "lez-garigliano"),
    "thresholds_id": ("The id of thresholds, as their list gives it.", "01a20100-0a23-7e01-8c1b-3a5f5f3c2d11"),
    "change_id": ("The id of a change, as the journal gives it.", "01a20100-0a23-7e01-8c1b-3a5f5f3c2d12"),
    "webhook_id": ("The webhook's id, as its registration answered it.", "01a20100-0a23-7e01-8c1b-3a5f5f3c2d13"),
    "point_id": ("The id of a point, as the tour gives it.", "01a20100-0a23-7e01-8c1b-3a5f5f3c2d14"),
    "remark_id": ("The id of words, as their queue gives it.", "01a20100-0a23-7e01-8c1b-3a5f5f3c2d15"),
    "task_id": ("The id of a task, as their list gives it.", "01a20100-0a23-7e01-8c1b-3a5f5f3c2d16"),
    "status": ("What became of the words; those that wait, unless given.", "waiting"),
    "done": ("Whether to list what is done; what is open, unless given.", False),
    "lines": ("At most so many lines, the newest.", 50),
}
