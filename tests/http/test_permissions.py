"""S1: who may call what. The table is `permissions.txt`; the routes are the application's own."""

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from litestar import Litestar, get

from admin import front as console
from api.app import build_app
from api.gate import GATE_PATH
from api.rules import Rule
from api.settings import Settings
from domain.agents import PERMISSIONS, Permission, Role
from domain.terminals import Ability
from portal import front as portal
from tests.city import NOW
from tests.client import client_of
from tests.house_app import House
from tests.http.callers import CALLERS, CONSOLE, PORTAL, Callers, Line, judge
from tour.agents import hearing_routes
from tour.hearing import hearing_of

SHARED = pytest.mark.asyncio(loop_scope="module")


def read_table() -> dict[tuple[str, str], Line]:
    text = (Path(__file__).parent / "permissions.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    table = [Line(*re.split(r"\s{2,}", line, maxsplit=3)) for line in lines]
    assert len({(line.method, line.path) for line in table}) == len(table)
    return {(line.method, line.path): line for line in table}


TABLE = read_table()


def declared(app: Litestar) -> dict[tuple[str, str], Any]:
    """Every route and method that the router knows, with the rule it declares (None where there is none)."""
    found: dict[tuple[str, str], Any] = {}
    for route in app.routes:
        handlers = getattr(route, "route_handler_map", None)
        if handlers is None:  # plain ASGI: it looks at the method itself
            found["POST", route.path_format] = route.route_handler.opt.get("rule")  # type: ignore[union-attr]
            continue
        for method, entry in handlers.items():
            handler = entry[0] if isinstance(entry, tuple) else entry
            found[method, route.path_format] = handler.opt.get("rule")
    return found


@pytest.fixture(scope="module")
def app() -> Litestar:
    """The application with its sensors, put together and not started."""
    settings = Settings(database_url="sqlite:///none.sqlite3")
    hearing = hearing_of(settings, lambda: NOW)
    routes = hearing_routes(lambda: hearing)
    return build_app(settings, clock=lambda: NOW, more_routes=(console.ROUTER, portal.ROUTER, *routes))


def test_the_table_lists_every_route_and_nothing_else(app: Litestar) -> None:
    assert {key for key in declared(app) if key[0] != "OPTIONS"} == TABLE.keys()


def test_every_route_declares_the_rule_that_the_table_says(app: Litestar) -> None:
    rules = declared(app)
    assert {key: str(rules[key]) for key in TABLE} == {key: line.rule for key, line in TABLE.items()}


def test_the_roles_of_the_table_are_those_of_the_domain() -> None:
    """A permission gained by a role must be gained here too, by somebody who thought about it."""
    for line in TABLE.values():
        if line.rule in set(Permission):
            holders = {role for role in Role if Permission(line.rule) in PERMISSIONS[role]}
            assert set(line.allowed.split()) == holders, line


def undeclared(app: Litestar) -> list[tuple[str, str]]:
    return [
        key
        for key, rule in declared(app).items()
        if key[0] != "OPTIONS" and not isinstance(rule, Rule | Permission | Ability)
    ]


@get("/v1/forgotten")
async def forgotten() -> str:
    """A route whose author forgot to say who may call it."""
    return "secret"


@get("/v1/misspelt", opt={"rule": "publik"})
async def misspelt() -> str:
    """A rule that is none."""
    return "secret"


def test_no_route_is_undeclared(app: Litestar) -> None:
    assert undeclared(app) == []


def test_an_undeclared_route_is_found(tmp_path: Path) -> None:
    app = build_app(
        Settings(database_url=f"sqlite:///{tmp_path}/none.sqlite3"),
        clock=lambda: NOW,
        more_routes=(forgotten, misspelt),
    )
    assert undeclared(app) == [("GET", "/v1/forgotten"), ("GET", "/v1/misspelt")]


async def test_an_undeclared_route_answers_nobody(migrated_file: Path, tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{migrated_file}", keys_folder=str(tmp_path))
    app = build_app(settings, clock=lambda: NOW, more_routes=(forgotten, misspelt))
    async with client_of(app) as client:
        for path in ("/v1/forgotten", "/v1/misspelt"):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (403, "undeclared-route")
            assert "secret" not in answer.text


NOTICE = {
    "topic": "sites",
    "title": {"fr": "x", "en": "x"},
    "body": {"fr": "x", "en": "x"},
    "expiresAt": "2026-12-24T00:00:00Z",
}
REQUEST_ACTS = ("submission", "withdrawal")
BODIES: dict[str, Any] = {
    "/v1/catalogue/modifications": {"reason": "x", "text": " "},
    "/v1/catalogue/modifications/{modification}/activation": {},
    "/v1/catalogue/modifications/{modification}/undo": {"reason": "x"},
    "/v1/access/validations": {"key": "k", "gate": "pool-1", "credential": "X"},
    "/v1/access/sales": {"key": "k", "gate": "pool-1", "credential": "X", "items": [{"product": "x", "priceCents": 0}]},
    "/v1/access/sales/{sale_id}/payment": {"means": "card", "reference": "x"},
    "/v1/access/deposits": {
        "key": "d",
        "gate": "waste-1",
        "credential": "X",
        "items": [{"kind": "rubble", "unit": "m3", "amount": 1}],
    },
    "/v1/access/cancellations": {"key": "c", "cancels": "k"},
    "/v1/sites/{site}/entries": {"key": "e", "gate": "pool-1", "credential": "X", "motive": "safety"},
    "/v1/sites/{site}/deposits": {
        "key": "h",
        "gate": "waste-1",
        "credential": "X",
        "motive": "safety",
        "items": [{"kind": "rubble", "unit": "m3", "amount": 1}],
    },
    "/v1/passes/{number}/rights": {"key": "r", "product": "x"},
    "/v1/subjects/{kind}/{reference}/circumstances": {"kind": "status", "value": "student"},
    "/v1/subjects/{kind}/{reference}/circumstances/end": {"kind": "status", "value": "student"},
    "/v1/subjects/{kind}/{reference}/suspensions": {"service": "library"},
    "/v1/subjects/{kind}/{reference}/suspensions/end": {"service": "library"},
    "/v1/households": {"reference": "F-1", "commune": "XXXXX"},
    "/v1/households/{household}/members": {"holder": "nobody"},
    "/v1/households/{household}/members/{holder}/departure": {},
    "/v1/households/{household}/split": {"leavers": ["nobody"], "reference": "F-2", "commune": "00101"},
    "/v1/organisations": {"reference": "O-1", "name": "x", "kind": "professional", "commune": "00101"},
    "/v1/organisations/{organisation}/members": {"holder": "nobody"},
    "/v1/organisations/{organisation}/members/{holder}/departure": {},
    "/v1/holders/{holder}/guardians": {"guardian": "nobody", "kind": "tutor"},
    "/v1/holders/{holder}/guardians/{guardian}/end": {},
    "/v1/passages/{passage}/cancellation": {"key": "w", "motive": "other"},
    "/v1/holders/{holder}/account-codes": {"kind": "own"},
    "/v1/holders/{holder}/account-letters": {"kind": "own"},
    "/v1/resident/passes/{number}/media/{medium}/replacement": {"key": "r", "feeCents": 0},
    "/v1/resident/passes/{number}/code": {"service": "pool"},
    "/v1/resident/passes/{number}/card-order": {"key": "o", "reason": "lost", "way": "post", "feeCents": 0},
    "/v1/resident/passes/{number}/card-order/cancellation": {"key": "c"},
    "/v1/resident/passes/{number}/card-order/activation": {"key": "a", "card": "808012345670"},
    "/v1/resident/codes": {"authority": "nowhere", "email": "zoe@example.org"},
    "/v1/resident/tokens": {"attempt": str(UUID(int=0)), "code": "000000", "device": "x"},
    "/v1/resident/tokens/renewal": {"refreshToken": "x"},
    "/v1/resident/tokens/provider": {"ticket": "x", "verifier": "x" * 43, "device": "x"},
    "/v1/resident/account/identities": {"ticket": "x", "verifier": "x" * 43},
    "/v1/resident/passkeys/challenges": {"authority": "nowhere"},
    "/v1/resident/tokens/passkey": {"attempt": str(UUID(int=0)), "answer": {}, "device": "x"},
    "/v1/resident/passkeys/{passkey_id}": {"name": "x"},
    "/v1/resident/account/contacts/codes": {"email": "second@example.org"},
    "/v1/resident/account/contacts": {"attempt": str(UUID(int=0)), "code": "000000"},
    "/v1/resident/notices/choices": {"follows": []},
    "/v1/resident/push": {"endpoint": "https://push.example/a", "keys": {"p256dh": "BA", "auth": "AA"}},
    "/v1/resident/persons": {"key": "l", "code": "x"},
    "/v1/resident/passes/{number}/phones": {"key": "p", "proof": "AAAA"},
    "/v1/resident/passes/{number}/media/{medium}/block": {"key": "b", "reason": "lost"},
    "/v1/resident/requests": {"key": "q"},
    "/v1/resident/requests/{request_reference}/application": {"key": "s", "version": 1, "application": {}},
    "/v1/resident/requests/{request_reference}/answer": {"key": "a", "version": 1},
    **{f"/v1/resident/requests/{{request_reference}}/{act}": {"key": act, "version": 1} for act in REQUEST_ACTS},
    "/v1/agents/tokens": {"login": "nobody", "password": "x"},
    "/v1/passes": {"holderReference": "nobody"},
    "/v1/passes/{number}/media/{medium}/block": {"reason": "lost"},
    "/v1/passes/{number}/media/{medium}/replacement": {},
    "/v1/made-cards/bindings": {"card": "000000000000"},
    "/v1/made-cards/unbindings": {"card": "000000000000", "reason": "wrong_card"},
    "/v1/passes/{number}/suspension": {"reason": "in_doubt"},
    "/v1/sites/{site}/heads/{zone}/counts": {"seen": "0.0.0.0.0", "users": 0, "motive": "round"},
    "/v1/made-cards/discards": {"card": "000000000000", "reason": "lost"},
    "/v1/card-batches": {"code": "x", "blank": 1},
    "/v1/card-batches/{batch}/deliveries": {"desk": "x"},
    "/v1/passes/{number}/cards": {"uid": "04112233445566"},
    "/v1/passes/{number}/phones": {"proof": "AAAA"},
    "/v1/passes/{number}/external-media": {"statement": "EXT:AAAA"},
    "/v1/gateways": {"name": "x", "publicKey": {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}},
    "/v1/terminals/card-authentications": {"uid": "04112233445566", "said": "91AF"},
    "/v1/terminals/card-authentications/{handle}": {"uid": "04112233445566", "said": "9100"},
    "/v1/terminals/pairings": {},
    "/v1/terminals/invitations": {"name": "x", "gates": ["nowhere"]},
    "/v1/terminals/heartbeats": {"version": "1", "terminalTime": NOW.isoformat()},
    "/v1/terminals/key": {
        "publicKey": {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43},
        "assertion": "x" * 30,
    },
    "/v1/terminals/tokens": {"assertion": "x" * 30},
    "/v1/floods/stations/{station}/levels": {"level": 1, "words": "seen"},
    "/v1/floods/changes/{change_id}/refusal": {"words": "a branch"},
    "/v1/floods/thresholds": {"station": "x", "level1M": 1, "level2M": 2, "level3M": 3, "hysteresisM": 0.1},
    "/v1/notices": {**NOTICE, "place": "nowhere"},
    "/v1/notices/{notice_id}": {**NOTICE, "version": 1},
    "/v1/notices/{notice_id}/schedule": {},
    "/v1/webhooks": {"url": "ftp://nowhere", "kinds": ["flood.level"]},
    "/v1/tour/points/{point_id}/remarks": {"kind": "question", "text": "why"},
    "/v1/remarks/{remark_id}/refusal": {"reason": "a name"},
    "/v1/remarks/{remark_id}/answer": {"words": "because"},
    "/v1/tasks/{task_id}/end": {"note": "done"},
    "/v1/points": {"slug": "x", "sheet": {"communeCode": "x"}},
    "/v1/points/{plate}": {"sheet": {}},
    "/v1/points/{plate}/return": {"reason": "x"},
    "/v1/points/{plate}/suspension": {"reason": "x"},
    "/v1/points/{plate}/archival": {"reason": "x"},
    "/v1/points/{plate}/target": {"target": ""},
    "/v1/itineraries/{slug}": {
        "walk": {"title": {}, "stops": [], "distanceM": 1, "minutes": 1},
    },
}
PLACES = {
    "digest": "0" * 64,
    "passkey_id": str(UUID(int=0)),
    "token_id": str(UUID(int=0)),
    "number": "0000000000",
    "medium": "0" * 16,
    "sale_id": str(UUID(int=0)),
    "passage": "0",
    "line": "0",
    "site": "pool",
    "zone": "nowhere",
    "gateway_id": str(UUID(int=0)),
    "kind": "household",
    "reference": "nobody",
    "batch": "none",
    "household": "nobody",
    "organisation": "nobody",
    "modification": "0",
    "what": "texts",
    "holder": "nobody",
    "guardian": "nobody",
    "right_id": str(UUID(int=0)),
    "terminal_id": str(UUID(int=0)),
    **dict.fromkeys(
        ("notice_id", "thresholds_id", "change_id", "webhook_id", "point_id", "remark_id", "task_id"), str(UUID(int=0))
    ),
    "station": "nowhere",
    "authority": "nobody",
    "version": "1",
    "handle": "0" * 22,
    "letter_id": str(UUID(int=0)),
    "source": "nobody",
    "below": "uplink",
    "code": "nowhere",
    "list_number": "0",
    "request_reference": "D-NOWHERE",
    "document_id": str(UUID(int=0)),
    "place": "1",
    "proof": "identity",
    "text_code": "nothing",
    "page": "1",
    "service": "zoo",
    "plate": "0000000",
    "topic": "passages",
    "figure": "none",
    "commune": "00000",
    "cost_id": str(UUID(int=0)),
    "slug": "nowhere",
    "path": "nothing",
    "file_path": "vendor.json",
    "edition": "0",
    "name": "console.css",
    "hue": "165",
    "rest": "nowhere",
    **dict.fromkeys(("session_id", "agent_id", "identity_id", "contact_id", "device_id"), str(UUID(int=0))),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def callers(shared_house: House) -> Callers:
    return Callers(shared_house, PLACES, BODIES)


UNDESCRIBED = ("/docs", "/static", "/hooks", "/console", "/moi", "/sign-in")
"""Beginnings of addresses that the description leaves out: files, pages, the doors of sources (docs/tour-ingest.md),
and where a browser goes through (docs/mobile-api.md).
"""

STREAMS = {"/v1/terminals/changes", "/console/sites/{site}/stream"}
"""Answers without end, which a client in this process would wait for: who may follow them does in `test_devices.py`
and in `tests/browser/test_console_board.py`.
"""


@SHARED
@pytest.mark.parametrize("key", TABLE, ids=" ".join)
async def test_who_may_call_what(callers: Callers, key: tuple[str, str]) -> None:
    """Everybody asks, whatever the others were told: one test for a route, not one for every cell."""
    line = TABLE[key]
    wrong = []
    for caller in CALLERS:
        if line.path in STREAMS and line.lets(caller):
            continue
        answer = await callers.ask(line, caller)
        try:
            judge(line, caller, answer)
        except AssertionError as unexpected:
            may = "may" if line.lets(caller) else "may not"
            wrong.append(f"{caller}, who {may}: {answer.status_code} {answer.text[:300]!r} {unexpected}")
    assert not wrong, "\n".join((f"{line.method} {line.path} answers", *wrong))


@SHARED
async def test_options_are_refused_on_every_route(shared_house: House) -> None:
    for method, path in declared(shared_house.app):
        if method == "OPTIONS":
            answer = await shared_house.client.options(path.format(**PLACES))
            public = path.startswith(("/docs", "/static", CONSOLE, PORTAL))
            assert public or answer.status_code == 403, path
    assert (await shared_house.client.options(GATE_PATH)).status_code in {401, 405}


@SHARED
async def test_what_is_not_there_is_not_found_for_everybody(shared_house: House) -> None:
    for path in ("/v1/nothing", "/admin", "/.env", "/v1/passes/1/secret", "/static/../pyproject.toml"):
        answer = await shared_house.client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found"), path


@SHARED
@pytest.mark.parametrize(
    "path", ["..%2f..%2fpyproject.toml", "%2e%2e/%2e%2e/pyproject.toml", "%2fetc/passwd", "vendor.json%00.css"]
)
async def test_nothing_outside_the_vendored_files_is_served(shared_house: House, path: str) -> None:
    answer = await shared_house.client.get(f"/static/{path}")
    assert answer.status_code in {400, 404}
    assert "multipass" not in answer.text.replace("urn:multipass", "")


@SHARED
async def test_every_answer_carries_the_careful_headers(shared_house: House) -> None:
    for path in ("/v1/agents/me", "/health/live", "/docs", "/v1/nothing", "/static/vendor.json"):
        answer = await shared_house.client.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert "default-src 'self'" in answer.headers["content-security-policy"], path
        assert answer.headers["x-request-id"]
    assert (await shared_house.client.post(GATE_PATH)).headers["x-content-type-options"] == "nosniff"
