"""How a terminal deals with servers that err: a transport plays the server, one answer after the other."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import jwt
import msgspec
import pytest

from domain.access.reasons import Outcome
from nfc import keys
from terminal import client
from terminal.client import TerminalClient
from terminal.errors import TerminalError
from terminal.state import State
from terminal.wire import Item, Payment, Vehicle

NOW = datetime(2026, 11, 24, 13, 5, tzinfo=UTC)
KEY = keys.signing_key(7)
STATE = State(
    server="http://pass.test",
    terminal_id="0197a1de-3f60-7c11-9a55-5c2d1f0e7b42",
    name="Pool 1",
    authority="cornelia",
    gates=("pool-1",),
    private_key=keys.dump_pem(KEY).decode(),
)
WORDS = {"fr": "Bonne visite", "en": "Enjoy your visit"}
ANSWER = {
    "outcome": "granted",
    "reason": "welcome",
    "colour": "green",
    "text": WORDS,
    "nextStep": WORDS,
    "direction": "entry",
    "decidedAt": "2026-11-24T13:05:00Z",
}

Reply = httpx.Response | Exception


def granted() -> httpx.Response:
    return httpx.Response(200, json=ANSWER)


def token(name: str = "t1", seconds: int = 900) -> httpx.Response:
    return httpx.Response(
        200,
        json={"accessToken": name, "tokenType": "Bearer", "expiresIn": seconds, "serverTime": "2026-11-24T13:05:00Z"},
    )


def problem(status: int, code: str = "", **more: object) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "title": code, "status": status, **more})


class Script:
    """A server that gives these replies, in order, and remembers what it was asked."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.asked: list[httpx.Request] = []
        self.waited: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        if request.url.path.startswith("/v1/access/"):
            reply.headers.setdefault("Idempotency-Key", msgspec.json.decode(request.content)["key"])
        return reply

    def terminal(self, clock: Callable[[], datetime] = lambda: NOW) -> TerminalClient:
        return TerminalClient(STATE, clock=clock, wait=self.waited.append, transport=httpx.MockTransport(self))

    def bodies(self, path: str) -> list[dict[str, str]]:
        found = [request.content for request in self.asked if request.url.path == path]
        return [msgspec.json.decode(content, type=dict[str, str]) for content in found]

    def scans(self) -> list[dict[str, str]]:
        return self.bodies("/v1/access/validations")

    def claims(self) -> list[dict[str, object]]:
        return [
            jwt.decode(
                body["assertion"],
                KEY.public,
                algorithms=["ES256"],
                audience="multipass:terminal-token",
                options={"verify_exp": False, "verify_iat": False},
            )
            for body in self.bodies("/v1/terminals/tokens")
        ]


def test_a_token_is_asked_for_once_and_kept() -> None:
    script = Script(token(), granted(), granted())
    with script.terminal() as terminal:
        assert terminal.validate("MP2:X", gate="pool-1").outcome is Outcome.GRANTED
        terminal.validate("MP2:X", gate="pool-1")
    assert [request.headers.get("Authorization") for request in script.asked] == [None, "Bearer t1", "Bearer t1"]


def test_two_questions_have_two_keys() -> None:
    script = Script(token(), granted(), granted())
    with script.terminal() as terminal:
        terminal.validate("MP2:X", gate="pool-1")
        terminal.validate("MP2:X", gate="pool-1")
    assert len({body["key"] for body in script.scans()}) == 2


@pytest.mark.parametrize("named", ["somebody-else", ""])
def test_an_answer_that_names_another_passage_is_not_heard_and_the_question_is_put_again(named: str) -> None:
    another = httpx.Response(200, json=ANSWER, headers={"Idempotency-Key": named})
    script = Script(token(), another, granted())
    with script.terminal() as terminal:
        assert terminal.validate("MP2:X", gate="pool-1", key="t-1").outcome is Outcome.GRANTED
    assert [body["key"] for body in script.scans()] == ["t-1", "t-1"]


def test_a_refusal_that_names_another_passage_is_not_heard_either() -> None:
    another = httpx.Response(404, json={"code": "gate-not-found"}, headers={"Idempotency-Key": "somebody-else"})
    script = Script(token(), another, granted())
    with script.terminal() as terminal:
        assert terminal.validate("MP2:X", gate="pool-1", key="t-1").outcome is Outcome.GRANTED


def test_what_was_seen_and_paid_goes_with_the_question_and_nothing_else() -> None:
    script = Script(token(), granted(), granted())
    with script.terminal() as terminal:
        terminal.validate("MP2:X", gate="pool-1", vehicle=Vehicle(height_cm=190), payment=Payment(250, "cb-1"))
        terminal.validate("MP2:X", gate="pool-1")
    asked = [msgspec.json.decode(request.content) for request in script.asked[1:]]
    assert asked[0]["vehicle"] == {"heightCm": 190}
    assert asked[0]["payment"] == {"amountCents": 250, "reference": "cb-1"}
    assert asked[1].keys() == {"key", "gate", "credential", "direction", "terminalTime"}


def test_a_deposit_and_its_cancellation_go_to_their_own_doors() -> None:
    script = Script(token(), granted(), granted())
    with script.terminal() as terminal:
        terminal.deposit("MP2:X", gate="waste-1", items=[Item("rubble", "m3", 0.5)], key="d-1")
        terminal.cancel("d-1", key="c-1")
    deposit, cancellation = (msgspec.json.decode(request.content) for request in script.asked[1:])
    assert [request.url.path for request in script.asked[1:]] == ["/v1/access/deposits", "/v1/access/cancellations"]
    assert deposit["items"] == [{"kind": "rubble", "unit": "m3", "amount": 0.5}]
    assert cancellation == {"key": "c-1", "cancels": "d-1"}


def test_a_proof_of_key_says_who_for_whom_and_for_a_minute() -> None:
    script = Script(token(), granted())
    with script.terminal() as terminal:
        terminal.validate("MP2:X", gate="pool-1")
    (claims,) = script.claims()
    assert claims["iss"] == claims["sub"] == STATE.terminal_id
    assert claims["iat"] == int(NOW.timestamp())
    assert claims["exp"] == int(NOW.timestamp()) + 60
    assert len(str(claims["jti"])) <= 64


def test_a_token_near_its_end_is_renewed() -> None:
    now = NOW
    script = Script(token(), granted(), token("t2"), granted())
    with script.terminal(lambda: now) as terminal:
        terminal.validate("MP2:X", gate="pool-1")
        now += timedelta(seconds=890)
        terminal.validate("MP2:X", gate="pool-1")
    assert script.asked[-1].headers["Authorization"] == "Bearer t2"


def test_a_clock_that_is_off_is_corrected_once_by_the_servers() -> None:
    skewed = problem(401, "clock-skew", serverTime="2026-11-24T15:05:00Z")
    script = Script(skewed, token(), granted())
    with script.terminal() as terminal:
        terminal.validate("MP2:X", gate="pool-1")
    first, second = script.claims()
    assert int(str(second["iat"])) - int(str(first["iat"])) == 7200
    assert script.scans()[0]["terminalTime"].startswith("2026-11-24T15:05:00")


def test_a_clock_that_stays_off_is_not_tried_for_ever() -> None:
    skewed = problem(401, "clock-skew", serverTime="2026-11-24T15:05:00Z")
    script = Script(skewed, skewed)
    with script.terminal() as terminal, pytest.raises(TerminalError, match="pair it anew"):
        terminal.validate("MP2:X", gate="pool-1")


def test_a_token_that_ended_early_is_renewed_once_under_the_same_key() -> None:
    script = Script(token(), problem(401, "not-authenticated"), token("t2"), granted())
    with script.terminal() as terminal:
        terminal.validate("MP2:X", gate="pool-1")
    first, second = script.scans()
    assert first["key"] == second["key"]


def test_a_revoked_terminal_is_told_to_be_paired_anew() -> None:
    script = Script(token(), problem(401, "not-authenticated"), problem(401, "not-authenticated"))
    with script.terminal() as terminal, pytest.raises(TerminalError, match="pair it anew"):
        terminal.validate("MP2:X", gate="pool-1")


def test_a_busy_server_is_asked_again_with_the_same_key_after_the_wait_it_wants() -> None:
    busy = httpx.Response(503, headers={"Retry-After": "1"}, json={"code": "overloaded"})
    script = Script(token(), busy, granted())
    with script.terminal() as terminal:
        terminal.validate("MP2:X", gate="pool-1")
    first, second = script.scans()
    assert first == second
    assert script.waited == [1.0]


def test_a_lost_answer_is_asked_for_again_with_the_same_key() -> None:
    script = Script(token(), httpx.ReadTimeout("lost"), granted())
    with script.terminal() as terminal:
        terminal.validate("MP2:X", gate="pool-1")
    first, second = script.scans()
    assert first == second


def test_nobody_waits_longer_than_a_person_would() -> None:
    script = Script(token(), httpx.Response(503, headers={"Retry-After": "60"}, json={}))
    with script.terminal() as terminal, pytest.raises(TerminalError, match="Nothing was granted"):
        terminal.validate("MP2:X", gate="pool-1")
    assert script.waited == []


@pytest.mark.parametrize(
    ("failure", "said"),
    [(httpx.ConnectError("refused"), "cannot be reached"), (httpx.ReadTimeout("slow"), "did not answer in time")],
)
def test_a_server_out_of_reach_is_tried_three_times_and_grants_nothing(failure: Exception, said: str) -> None:
    script = Script(token(), failure, failure, failure)
    with script.terminal() as terminal, pytest.raises(TerminalError, match=f"{said}.*Nothing was granted"):
        terminal.validate("MP2:X", gate="pool-1")
    assert len(script.scans()) == 3
    assert len({body["key"] for body in script.scans()}) == 1


def test_each_try_for_a_token_brings_a_fresh_proof() -> None:
    script = Script(httpx.ReadTimeout("lost"), token(), granted())
    with script.terminal() as terminal:
        terminal.validate("MP2:X", gate="pool-1")
    first, second = script.claims()
    assert first["jti"] != second["jti"]


def test_a_refused_request_is_told_in_the_servers_words() -> None:
    script = Script(token(), problem(404, "gate-not-found", detail="This terminal serves no gate of that code."))
    with script.terminal() as terminal, pytest.raises(TerminalError, match="serves no gate of that code"):
        terminal.validate("MP2:X", gate="elsewhere")


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"outcome": "maybe"}'])
def test_an_answer_that_is_none_grants_nothing(body: bytes) -> None:
    script = Script(token(), httpx.Response(200, content=body))
    with script.terminal() as terminal, pytest.raises(TerminalError, match="does not understand"):
        terminal.validate("MP2:X", gate="pool-1")


def test_pairing_shows_the_public_half_of_a_new_key() -> None:
    paired = {
        "terminalId": STATE.terminal_id,
        "name": "Pool 1",
        "authority": "cornelia",
        "gates": ["pool-1"],
        "serverTime": "2026-11-24T13:05:00Z",
    }
    script = Script(httpx.Response(201, json=paired))
    state = client.pair("http://pass.test/", "ABCD-EFGH", transport=httpx.MockTransport(script))
    sent = msgspec.json.decode(script.asked[0].content)
    public = keys.jwk(keys.verify_key(keys.load_pem(state.private_key.encode()).public, purpose="", authority=""))
    assert sent == {"code": "ABCD-EFGH", "publicKey": {name: public[name] for name in ("kty", "crv", "x", "y")}}
    assert state.server == "http://pass.test"
    assert state.private_key not in repr(state)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (problem(403, "pairing-refused"), "unknown, used or too old"),
        (problem(429, "too-many-attempts"), "too busy"),
        (problem(400, "invalid-request", detail="No."), "refused the request: No."),
        (httpx.ConnectError("refused"), "cannot be reached"),
        (httpx.Response(201, content=b"ok"), "does not understand"),
    ],
)
def test_a_failed_pairing_says_why(reply: Reply, said: str) -> None:
    with pytest.raises(TerminalError, match=said):
        client.pair("http://pass.test", "ABCD-EFGH", transport=httpx.MockTransport(Script(reply)))


@pytest.mark.parametrize("address", ["pass.test", "ftp://pass.test", "http://", ""])
def test_what_is_no_address_is_not_asked(address: str) -> None:
    with pytest.raises(TerminalError, match="not a server's address"):
        client.pair(address, "ABCD-EFGH", transport=httpx.MockTransport(Script()))
