"""What the description of the API says of notices."""

from typing import Any

from api import notices
from domain.notices import NoticeTopic

TAGS = {"Notices": "What the city has to say, by topic and place: drafts, their sending, what became of the letters."}

_NOT_YOURS = "The role does not allow it, or the notice is about no place of yours."
_MOVED = {"403": _NOT_YOURS, "409": "Somebody else has written since, or its state does not lead there."}

PROBLEMS: dict[tuple[str, str], dict[str, str]] = {
    ("/v1/notices", "post"): {"403": _NOT_YOURS, "404": "No site of yours has this code."},
    ("/v1/notices/{notice_id}", "get"): {"403": _NOT_YOURS},
    ("/v1/notices/{notice_id}/figures", "get"): {"403": _NOT_YOURS},
    ("/v1/notices/{notice_id}", "put"): _MOVED,
    ("/v1/notices/{notice_id}/schedule", "post"): _MOVED,
    ("/v1/notices/{notice_id}/recall", "post"): _MOVED,
    ("/v1/notices/{notice_id}/withdrawal", "post"): _MOVED,
}

BODIES = (
    notices.NoticeRequest,
    notices.NoticeChange,
    notices.ScheduleRequest,
    notices.NoticeView,
    notices.NoticePage,
    notices.NoticeFigures,
)

_NOTICE = {
    "topic": "sites",
    "place": "piscine",
    "title": {"fr": "Piscine fermée mardi", "en": "Pool closed on Tuesday"},
    "body": {"fr": "Vidange du **grand bassin**. Réouverture mercredi.", "en": "The pool is emptied. Open Wednesday."},
    "expiresAt": "2026-11-25T07:00:00+01:00",
}

REQUEST_EXAMPLES: dict[str, Any] = {
    "/v1/notices": _NOTICE,
    "/v1/notices/{notice_id}": {**_NOTICE, "version": 1},
    "/v1/notices/{notice_id}/schedule": {"sendAt": "2026-11-23T08:00:00+01:00"},
}

PARAMETER_SCHEMAS: dict[str, dict[str, Any]] = {
    "subject": {"type": "string", "enum": [one.value for one in NoticeTopic]},
}

PARAMETERS: dict[str, tuple[str, Any]] = {
    "notice_id": ("The notice's id, as its list gives it.", "01a20100-0a23-7e01-8c1b-3a5f5f3c2d17"),
    "subject": ("A topic of notices; all, unless given.", "sites"),
}
