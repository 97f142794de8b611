"""What a terminal has to do, whatever its server does: tried by a double that errs on purpose."""

import re
import time
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from domain.access.reasons import Outcome
from terminal.conformance.cases import Case, Failed
from terminal.conformance.city import GATE, tampered
from terminal.conformance.double import TERMINAL_ID, Asked, Reply, lines_of, problem
from terminal.conformance.scene import BUNDLES, TOKENS, UPLOADS, VALIDATIONS, Scene, once

_KEY = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_OPENS = {Outcome.GRANTED, Outcome.GRANTED_WITH_WARNING}
_LATE_SECONDS = 6.0
"""Longer than anybody waits at a gate."""


def pairs(scene: Scene) -> None:
    scene.wait(lambda: scene.double.key is not None, otherwise="Nobody has paired: give the terminal the code.")
    asked = next(one for one in scene.requests("/v1/terminals/pairings") if one.json().get("publicKey"))
    if asked.json()["publicKey"].keys() != {"kty", "crv", "x", "y"}:
        raise Failed("The public key has other members than kty, crv, x and y: a private one must never be sent.")


def proves_its_key(scene: Scene) -> None:
    scene.wait(lambda: scene.double.tokens, otherwise="No token was asked for with a proof that can be verified.")
    claims = [found for one in scene.requests(TOKENS) if (found := scene.double.claims(one)) is not None]
    last = claims[-1]
    if last["sub"] != TERMINAL_ID or float(last["exp"]) - float(last["iat"]) > 300 or len(str(last["jti"])) > 64:
        raise Failed("The proof names another subject, lasts for more than five minutes or has too long a `jti`.")
    if len({one["jti"] for one in claims}) < len(claims):
        raise Failed("A proof was used twice.")


def fetches_a_bundle(scene: Scene) -> None:
    scene.wait(lambda: scene.requests(BUNDLES), otherwise="No bundle was fetched: without a network nobody comes in.")


def asks(scene: Scene) -> None:
    said = scene.question().json()
    if not _KEY.fullmatch(str(said.get("key"))) or said.get("gate") != GATE:
        raise Failed("The key or the gate of the question is none.")
    at = said.get("terminalTime")
    if at is not None and datetime.fromisoformat(at).tzinfo is None:
        raise Failed("`terminalTime` has no offset.")


def asks_again_after_a_lost_answer(scene: Scene) -> None:
    with scene.script(once(VALIDATIONS, Reply(cut=True))):
        first = scene.question()
        again = scene.again(first)
    if again is not None and again.json() != first.json():
        raise Failed("The second try has another body: the key belongs to one question, `terminalTime` included.")


def is_not_led_astray(scene: Scene) -> None:
    with scene.script(_twice(scene)):
        first = scene.question()
    second = scene.question()
    if second.json().get("key") == first.json().get("key"):
        raise Failed("Two people share one key.")
    if second in scene.double.misled:
        scene.again(second)  # by the same line it has heard what the first person was told


def waits_when_told(scene: Scene) -> None:
    with scene.script(once(VALIDATIONS, problem(429, "too-many-attempts", {"Retry-After": "1"}))):
        first = scene.question()
        again = scene.again(first)
    if again is not None and again.at - first.at < 0.9:
        raise Failed(f"It asks again after {again.at - first.at:.1f} s, though `Retry-After` says 1.")


def decides_when_it_takes_too_long(scene: Scene) -> None:
    slow = {VALIDATIONS: Reply(503, delay=_LATE_SECONDS)}
    with scene.script(lambda asked: slow.get(asked.path)):
        first = scene.question()
        key = first.json().get("key")
        scene.wait(
            lambda: [one for one in scene.told(since=first.at) if one.line.get("key") == key],
            otherwise="After three seconds it neither decides by itself nor tells so, under the key of its question.",
        )


def uses_its_offline_rules(scene: Scene) -> None:
    told = scene.alone()
    if told.line.get("outcome") not in _OPENS or told.line.get("bundle") != scene.double.city.newest.sequence:
        raise Failed(
            f"An entitled pass hears {told.line.get('outcome')}, {told.line.get('reason')} "
            f"by bundle {told.line.get('bundle')} instead of {scene.double.city.newest.sequence}."
        )


def keeps_stopped_passes_out(scene: Scene) -> None:
    told = scene.alone(scene.stopped)
    if told.line.get("outcome") in _OPENS:
        raise Failed("A pass that the bundle names as stopped was let in.")


def renews_its_token(scene: Scene) -> None:
    with scene.script(once(VALIDATIONS, problem(401, "not-authenticated"))):
        first = scene.question()
        again = scene.again(first)
    if again is None or not scene.requests(TOKENS, since=first.at):
        raise Failed("After a 401 it does not prove its key and ask again under the same key.")


def keeps_the_newest_bundle(scene: Scene) -> None:
    city = scene.double.city
    older = city.make(sequence=city.newest.sequence - 1, stopped=tuple(range(64)))
    _served(scene, Reply(body=city.sign(older), media_type="application/mps-bundle", headers={"ETag": 'W/"older"'}))


def believes_no_forged_bundle(scene: Scene) -> None:
    city = scene.double.city
    newer = city.make(sequence=city.newest.sequence + 1, stopped=tuple(range(64)))
    forged = tampered(city.sign(newer))
    _served(scene, Reply(body=forged, media_type="application/mps-bundle", headers={"ETag": 'W/"forged"'}))


def trusts_no_bundle_for_ever(scene: Scene) -> None:
    city, since = scene.double.city, scene.mark()
    city.newest = city.make(sequence=city.newest.sequence + 1, age=timedelta(days=10))
    try:
        scene.fetch(since)
        told = scene.alone()
    finally:
        city.newer()
    scene.fetch(scene.mark())
    if told.line.get("outcome") in _OPENS:
        raise Failed("By a bundle that ended nine days ago somebody was let in.")


def tells_again_what_was_not_heard(scene: Scene) -> None:
    with scene.script(once(UPLOADS, Reply(cut=True))):
        first = scene.alone()
    scene.wait(
        lambda: [one for one in scene.told(since=first.at) if one.at > first.at and one.text == first.text],
        otherwise="An upload without an answer does not come again, with the same bytes.",
    )


def forgets_what_is_settled(scene: Scene) -> None:
    statuses = iter(("duplicate", "conflict", "quarantined"))

    def script(asked: Asked) -> Reply | None:
        if asked.path != UPLOADS:
            return None
        told = enumerate(lines_of(asked.body), 1)
        results = [{"line": number, "key": one.get("key"), "status": next(statuses, "stored")} for number, one in told]
        return Reply(body=msgspec.json.encode({"serverTime": scene.double.clock().isoformat(), "results": results}))

    with scene.script(script):
        settled = [scene.alone() for _ in range(3)]
        last = scene.alone()
    again = [one for one in scene.told(since=last.at) if one.line.get("key") in {two.line["key"] for two in settled}]
    if again:
        raise Failed("A line that was settled is sent again: duplicate, conflict and quarantined are final too.")


def counts_without_a_gap(scene: Scene) -> None:
    numbers: dict[str, int] = {}
    for one in scene.told():
        numbers.setdefault(str(one.line.get("key")), int(one.line.get("sequence", -1)))
    found = sorted(numbers.values())
    if not found:
        raise Failed("Nothing was told.")
    if found != list(range(found[0], found[0] + len(found))):
        raise Failed(f"The sequences of its lines have gaps or repeat: {', '.join(map(str, found))}.")


def says_how_it_is(scene: Scene) -> None:
    scene.wait(lambda: scene.requests("/v1/terminals/heartbeats"), otherwise="No heartbeat came.")
    said = scene.requests("/v1/terminals/heartbeats")[-1].json()
    if not said.get("version") or datetime.fromisoformat(str(said.get("terminalTime"))).tzinfo is None:
        raise Failed("A heartbeat lacks its `version`, or a `terminalTime` with its offset.")


def corrects_its_clock(scene: Scene) -> None:
    since = scene.mark()
    scene.double.tokens.clear()

    def script(asked: Asked) -> Reply | None:
        claims = scene.double.claims(asked) if asked.path == TOKENS else None
        ahead = scene.double.clock() + timedelta(hours=1)
        if claims is None or abs(float(claims["iat"]) - ahead.timestamp()) < 900:
            return None
        return problem(401, "clock-skew", serverTime=ahead.isoformat())

    def corrected() -> bool:
        found = [scene.double.claims(one) for one in scene.requests(TOKENS, since=since)]
        now = scene.double.clock().timestamp()
        return any(one is not None and float(one["iat"]) - now > 2_700 for one in found)

    with scene.script(script):
        scene.tap()
        scene.wait(corrected, otherwise="After `clock-skew` its proofs do not go by `serverTime`.")
    scene.double.tokens.clear()


def stops_when_revoked(scene: Scene) -> None:
    with scene.script(lambda _asked: problem(401, "not-authenticated")):
        scene.double.tell("revoked")
        scene.tap()
        time.sleep(min(_LATE_SECONDS, scene.patience))
        since = scene.mark()
        scene.tap()
        time.sleep(min(3.0, scene.patience))
        if scene.requests(VALIDATIONS, since=since):
            raise Failed("A revoked terminal, whose proofs are refused, goes on asking about people.")


def _served(scene: Scene, reply: Reply) -> None:
    """Offer a bundle that is not to be believed, and see by which one is decided."""
    since = scene.mark()
    with scene.script(lambda asked: reply if asked.path.startswith(BUNDLES) else None):
        scene.fetch(since)
    told = scene.alone()
    if told.line.get("bundle") != scene.double.city.newest.sequence or told.line.get("outcome") not in _OPENS:
        raise Failed(f"It decides by bundle {told.line.get('bundle')} instead of {scene.double.city.newest.sequence}.")


def _twice(scene: Scene) -> Any:  # noqa: ANN401 - as `Scene.script` has it
    def script(asked: Asked) -> Reply | None:
        if asked.path != VALIDATIONS:
            return None
        said = scene.double.honest(asked)
        return replace(said, echo=True)

    return script


TERMINAL_CASES: Final[tuple[Case[Scene], ...]] = (
    Case("pair", "It makes its own key and brings the public half with the code.", "1-pair-once", pairs),
    Case("token", "It proves its key, each time with a fresh proof.", "2-prove-the-key", proves_its_key),
    Case("bundle", "It fetches the bundle while there is a network.", "without-a-network", fetches_a_bundle),
    Case("ask", "A pass that is shown is asked about, as it was read.", "3-ask", asks),
    Case(
        "lost-answer",
        "An answer that is lost is asked for again under its key.",
        "keys-and-tries",
        asks_again_after_a_lost_answer,
    ),
    Case("doubled-answer", "An answer that comes twice is nobody else's.", "keys-and-tries", is_not_led_astray),
    Case("retry-after", "It waits as long as a 429 says.", "error-handling", waits_when_told),
    Case(
        "slow-answer",
        "After three seconds it decides alone, under the same key.",
        "without-a-network",
        decides_when_it_takes_too_long,
    ),
    Case(
        "use-offline-rules",
        "A server without its database is as good as none.",
        "error-handling",
        uses_its_offline_rules,
    ),
    Case(
        "stopped-offline",
        "A stopped pass stays out without a network, too.",
        "without-a-network",
        keeps_stopped_passes_out,
    ),
    Case("token-ended", "A 401 is answered by a new proof, and the same question.", "error-handling", renews_its_token),
    Case("bundle-older", "A bundle of a lower sequence is not taken.", "without-a-network", keeps_the_newest_bundle),
    Case(
        "bundle-tampered",
        "A bundle with a broken signature is not taken.",
        "without-a-network",
        believes_no_forged_bundle,
    ),
    Case("bundle-expired", "By a bundle of last week nobody comes in.", "without-a-network", trusts_no_bundle_for_ever),
    Case(
        "upload-lost",
        "Lines without an answer are sent again, byte for byte.",
        "uploads",
        tells_again_what_was_not_heard,
    ),
    Case("upload-settled", "Stored, duplicate, conflict, quarantined: forgotten.", "uploads", forgets_what_is_settled),
    Case("upload-sequence", "Its lines are counted without a gap.", "uploads", counts_without_a_gap),
    Case("heartbeat", "It says how it is.", "heartbeats", says_how_it_is),
    Case("clock-skew", "A wrong clock goes by the server's.", "2-prove-the-key", corrects_its_clock),
    Case("revoked", "A revoked terminal asks nothing more.", "error-handling", stops_when_revoked),
)
