"""What the description of the API says of its routes for residents."""

from typing import Any

from litestar import Response, Router

from api import (
    resident_account,
    resident_addresses,
    resident_cards,
    resident_identities,
    resident_keys,
    resident_logins,
    resident_notices,
    resident_papers,
    resident_passes,
    resident_passkeys,
    resident_past_logins,
    resident_phones,
    resident_photos,
    resident_printed,
    resident_push,
    resident_request_words,
    resident_requests,
    resident_temporary,
)
from api.chapters import Chapter
from api.pace import keep_pace
from api.resident_answers import HANDLERS

_ID = "01a20100-0a23-7e01-8c1b-3a5f5f3c2d20"
_SOON = {"429": "Too many attempts; `Retry-After` says how long to wait."}
_SENT = {**_SOON, "404": "No authority has this code.", "503": "The message could not be sent. Try again."}
_PACED = "Too many requests from this address; `Retry-After` says how long to wait."
_REUSED = {"422": "The key was used with another body; nothing was done."}

_TICKET, _VERIFIER = "Zk1mq0v3", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
_PASSKEY = {
    "id": "q83vEjRWeJA",
    "rawId": "q83vEjRWeJA",
    "type": "public-key",
    "response": {"clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0"},
}
_LISTS = ("account", "account/identities", "devices", "logins", "passkeys", "notices", "passes")
_NO_PASSKEYS = "No authority has this code, or browsers know no passkey of this address: it needs a name and TLS."

_CARD = "/v1/resident/passes/{number}/card-order"
_BLOCK = "/v1/resident/passes/{number}/media/{medium}/block"

PROBLEMS: dict[tuple[str, str], dict[str, str]] = {
    ("/v1/resident/codes", "post"): _SENT,
    ("/v1/resident/tokens", "post"): _SOON,
    ("/v1/resident/tokens/renewal", "post"): {"401": "The token is not ours, over, or was used: log in again."},
    ("/v1/resident/passkeys/challenges", "post"): {"404": _NO_PASSKEYS},
    ("/v1/resident/tokens/passkey", "post"): {**_SOON, "401": "The passkey is not believed; why, is not said."},
    ("/v1/resident/passkeys/registrations", "post"): {"404": _NO_PASSKEYS},
    ("/v1/resident/passkeys", "post"): {
        "409": "The passkey is registered already, or the account has ten.",
    },
    ("/v1/resident/provider", "get"): {"404": "Residents log in by no provider here."},
    ("/v1/resident/account/identities", "post"): {"409": "It opens another account, or this one has another."},
    ("/v1/resident/account/identities/{identity_id}", "delete"): {"409": "No address opens the account: add one."},
    ("/v1/resident/tokens/provider", "post"): {"409": "The same identity logs in at this moment: begin again."},
    ("/v1/resident/account/contacts/codes", "post"): {**_SOON, "503": _SENT["503"]},
    ("/v1/resident/account/contacts", "post"): {**_SOON, "409": "The address opens another account."},
    ("/v1/resident/account/contacts/{contact_id}", "delete"): {"409": "It is the only address of the account."},
    ("/v1/resident/persons", "post"): {
        **_REUSED,
        **_SOON,
        "404": "No code reads so, or it is over, or was used.",
        "409": "The account is another person's own.",
    },
    ("/v1/resident/passes/{number}/phones", "post"): {
        **_REUSED,
        "404": "None of your passes has this number, or the city has no key that signs phones.",
        "409": "The phone's key is a medium already, or the pass has ended.",
    },
    ("/v1/resident/passes/{number}/media/{medium}/printed-code", "get"): {"409": "The code is not in use."},
    ("/v1/resident/passes/{number}/media/{medium}/replacement", "post"): {
        **_REUSED,
        "409": "It is in use still, a desk replaces it, or the price is another one now.",
    },
    ("/v1/resident/passes/{number}/code", "post"): {"409": "Nothing that shows this pass is in use."},
    ("/v1/resident/passes/{number}/phones/{medium}/credential", "get"): {
        "409": "The phone was stopped: tie it to the pass again."
    },
    (_CARD, "post"): {
        **_REUSED,
        "409": "A card is ordered already or too often, none is ordered here, or the price is another one now.",
    },
    (f"{_CARD}/cancellation", "post"): {**_REUSED, "409": "The card is being made already."},
    (f"{_CARD}/activation", "post"): {**_REUSED, "409": "No card of this pass is in the post."},
    (_BLOCK, "post"): {**_REUSED, "409": "What the medium is now does not lead there."},
    **resident_request_words.PROBLEMS,
}

EXAMPLES: dict[str, Any] = {
    "/v1/resident/codes": {"authority": "val-clair", "email": "zoe.lefevre@courriel.example"},
    "/v1/resident/tokens": {"attempt": _ID, "code": "287082", "device": "Fairphone 5"},
    "/v1/resident/passkeys/challenges": {"authority": "val-clair"},
    "/v1/resident/tokens/passkey": {"attempt": _ID, "answer": _PASSKEY, "device": "Fairphone 5"},
    "/v1/resident/passkeys": {"name": "Fairphone 5", "answer": _PASSKEY},
    "/v1/resident/passkeys/{passkey_id}": {"name": "Fairphone de Zoé"},
    "/v1/resident/tokens/provider": {"ticket": _TICKET, "verifier": _VERIFIER, "device": "Fairphone 5"},
    "/v1/resident/account/identities": {"ticket": _TICKET, "verifier": _VERIFIER},
    "/v1/resident/tokens/renewal": {"refreshToken": "AaIBAAojfgGMGzpfXzwtIAAAAAM" + "x" * 43},
    "/v1/resident/account/contacts/codes": {"phone": "06 12 34 56 78"},
    "/v1/resident/account/contacts": {"attempt": _ID, "code": "287082"},
    "/v1/resident/notices/choices": {"follows": [{"topic": "sites", "place": "piscine"}, {"topic": "events"}]},
    "/v1/resident/push": {
        "endpoint": "https://push.example.org/up8c1b3a5f",
        "keys": {
            "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "auth": "BTBZMqHH6r4Tts7J_aSIgg",
        },
        "quiet": {"begins": "22:00", "ends": "07:00"},
    },
    "/v1/resident/persons": {"key": "app-000017", "code": "K7QF-2M9X-H4TR-8WZC"},
    "/v1/resident/passes/{number}/media/{medium}/replacement": {"key": "app-000020", "feeCents": 500},
    "/v1/resident/passes/{number}/code": {"service": "pool"},
    "/v1/resident/passes/{number}/phones": {"key": "app-000019", "proof": "hEOhASagWFKkAXgKMjMzNjE3NTk2OQ"},
    _BLOCK: {"key": "app-000018", "reason": "lost"},
    _CARD: {"key": "app-000021", "reason": "lost", "way": "desk", "desk": "siege", "feeCents": 500},
    f"{_CARD}/cancellation": {"key": "app-000022"},
    f"{_CARD}/activation": {"key": "app-000023", "card": "8080 1234 5670"},
    **resident_request_words.EXAMPLES,
}

CHAPTER = Chapter(
    prefix="/v1/resident/",
    tags={
        "Residents": "Logging in by a code, one's own passes and what is left of them, a lost card stopped.",
        **resident_request_words.TAGS,
    },
    bodies=(
        resident_logins.LoginCodeRequest,
        resident_logins.LoginCodeSent,
        resident_logins.ResidentTokenRequest,
        resident_logins.RefreshRequest,
        resident_logins.ResidentToken,
        resident_logins.CodeTyped,
        resident_account.ResidentAccount,
        resident_account.ContactRequest,
        resident_account.ContactView,
        resident_account.MyDevices,
        resident_account.LinkRequest,
        resident_account.PersonLinked,
        resident_identities.ProviderOffered,
        resident_identities.TicketShown,
        resident_identities.ProviderTokenRequest,
        resident_identities.ProviderToken,
        resident_identities.MyIdentity,
        resident_identities.MyIdentities,
        resident_keys.PasskeyLoginRequest,
        resident_keys.PasskeyShown,
        resident_keys.PasskeyMade,
        resident_keys.PasskeyName,
        resident_keys.MyPasskey,
        resident_keys.MyPasskeys,
        resident_passkeys.PasskeyAsked,
        resident_passkeys.LoginAsked,
        resident_past_logins.PastLogins,
        resident_passes.MyPasses,
        resident_passes.MyPassDetail,
        resident_passes.MyPassages,
        resident_passes.StopRequest,
        resident_passes.MyMedium,
        resident_cards.MyCard,
        resident_cards.CardWish,
        resident_cards.CardAct,
        resident_cards.CardArrived,
        resident_notices.NoticeChoices,
        resident_notices.MyNotices,
        resident_push.PushRequest,
        resident_push.MyPush,
        resident_phones.BindRequest,
        resident_phones.MyPhone,
        resident_phones.ShowRequest,
        resident_phones.ShownCode,
        resident_photos.MyPhoto,
        resident_printed.PrintedCode,
        resident_printed.ReplaceRequest,
        resident_printed.Replaced,
        *resident_request_words.BODIES,
    ),
    parameters={
        "contact_id": ("The id of an address, as your account lists it.", _ID),
        "identity_id": ("The id of a provider, as your account lists it.", _ID),
        "passkey_id": ("The id of a passkey, as their list gives it.", _ID),
        "device_id": ("The id of a device, as their list gives it.", _ID),
        "reference": ("How the city names the person, as your account lists them.", "R-000123"),
        "number": ("The ten digits printed on the pass.", "2336175969"),
        "medium": ("The sixteen hexadecimal digits that name a medium of the pass.", "a6cfdefece48fb50"),
        "before": ("The `cursor` of the page that you have; the newest ones, unless given.", "1042"),
        "lines": ("How many lines a page has.", 20),
        "agreed": ("That its holder agrees, or whoever acts for them: without it nothing is taken in.", True),
        "zoom": ("How much of the picture is kept, in percent: 100 is the whole of three by four.", 140),
        "across": ("Where what is kept lies, from left to right, in percent.", 50),
        "down": ("Where what is kept lies, from top to bottom, in percent.", 40),
        **resident_request_words.PARAMETERS,
    },
    problems={
        (path, method): {"429": _PACED, **PROBLEMS.get((path, method), {})}
        for path, method in [
            *PROBLEMS,
            *((f"/v1/resident/{one}", "get") for one in _LISTS),
            *((f"/v1/resident/passes/{{number}}{one}", "get") for one in ("", "/passages", "/card-order")),
            *(("/v1/resident/passkeys/{passkey_id}", one) for one in ("put", "delete")),
            ("/v1/resident/account", "delete"),
            ("/v1/resident/notices/choices", "put"),
            *(("/v1/resident/push", method) for method in ("get", "put", "delete")),
            ("/v1/resident/tokens/end", "post"),
            ("/v1/resident/devices/{device_id}/end", "post"),
            ("/v1/resident/persons/{reference}", "delete"),
            *(("/v1/resident/persons/{reference}/photo", method) for method in ("get", "put", "delete")),
        ]
    },
    files={
        **resident_request_words.FILES,
        "/v1/resident/persons/{reference}/photo": ("image/jpeg", "the bytes of the photo"),
    },
    examples=EXAMPLES,
    schemas=resident_request_words.SCHEMAS,
)


def not_kept(response: Response[Any]) -> Response[Any]:
    """Let nothing on the way keep what speaks of somebody; a reading with a tag has said so itself."""
    response.headers.setdefault("Cache-Control", "no-store")
    return response


ROUTER = Router(
    path="/v1/resident",
    route_handlers=[
        *resident_logins.HANDLERS,
        *resident_account.HANDLERS,
        *resident_identities.HANDLERS,
        *resident_keys.HANDLERS,
        *resident_past_logins.HANDLERS,
        *resident_notices.HANDLERS,
        *resident_push.HANDLERS,
        *resident_passes.HANDLERS,
        *resident_cards.HANDLERS,
        *resident_phones.HANDLERS,
        *resident_printed.HANDLERS,
        *resident_photos.HANDLERS,
        *resident_requests.HANDLERS,
        *resident_temporary.HANDLERS,
        *resident_papers.HANDLERS,
        *resident_addresses.HANDLERS,
    ],
    guards=[keep_pace],
    exception_handlers=HANDLERS,
    after_request=not_kept,
    opt={"chapter": CHAPTER},
)
