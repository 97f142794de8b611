"""What a server has to do for terminals, tried from outside: pairing, proofs of key, the gate."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from domain.access.reasons import COLOURS, Outcome
from nfc import keys
from terminal import client
from terminal.conformance.asker import Asker, new_key
from terminal.conformance.cases import Case, Failed, Skipped
from terminal.conformance.server_offline import OFFLINE_CASES
from terminal.errors import TerminalError

_OPENS = {Outcome.GRANTED, Outcome.GRANTED_WITH_WARNING}


def pairs(asker: Asker) -> None:
    if asker.code is None:
        raise Skipped("No pairing code was given.")
    try:
        asker.state = client.pair(asker.url, asker.code)
    except TerminalError as problem:
        raise Failed(str(problem)) from problem
    asker.paired_here = True
    if not asker.state.gates:
        raise Failed("The answer names no gate.")


def pairs_once(asker: Asker) -> None:
    if asker.code is None or not asker.paired_here:
        raise Skipped("No pairing code was given.")
    public = keys.jwk(keys.verify_key(keys.generate().public, purpose="terminal", authority=""))
    body = {"code": asker.code, "publicKey": {name: public[name] for name in ("kty", "crv", "x", "y")}}
    asker.expect(asker.ask("POST", "/v1/terminals/pairings", json=body, token=""), 403, "pairing-refused")


def gives_tokens(asker: Asker) -> None:
    said = asker.expect(asker.prove(asker.proof()), 200)
    if not said.get("accessToken") or not 60 <= int(said.get("expiresIn", 0)) <= 86_400:
        raise Failed("`accessToken` or `expiresIn` is missing, or no sensible number of seconds.")
    _instant(said, "serverTime")


def takes_a_proof_once(asker: Asker) -> None:
    proof = asker.proof()
    asker.expect(asker.prove(proof), 200)
    asker.expect(asker.prove(proof), 401, "not-authenticated")


def refuses_forged_proofs(asker: Asker) -> None:
    asker.expect(asker.prove(asker.proof(key=keys.generate())), 401, "not-authenticated")


def tells_the_time(asker: Asker) -> None:
    wrong = int((asker.clock() - timedelta(hours=1)).timestamp())
    said = asker.expect(asker.prove(asker.proof(iat=wrong, exp=wrong + 60)), 401, "clock-skew")
    _instant(said, "serverTime")


def wants_a_token(asker: Asker) -> None:
    body = asker.question("MP2:X")
    asker.expect(asker.ask("POST", "/v1/access/validations", json=body, token=""), 401, "not-authenticated")


def grants(asker: Asker) -> None:
    said = _answer(asker, asker.validate(asker.pass_))
    if said["outcome"] not in _OPENS:
        raise Failed(f"The pass that should open the gate hears {said['outcome']}, {said['reason']}.")


def answers_a_key_once(asker: Asker) -> None:
    body = asker.question(asker.pass_)
    first, second = (asker.ask("POST", "/v1/access/validations", json=body) for _ in range(2))
    asker.expect(first, 200)
    asker.expect(second, 200)
    if first.content != second.content:
        raise Failed("The second answer under one key has other bytes than the first: a lost answer would count twice.")


def names_the_key_it_answers(asker: Asker) -> None:
    for text in (asker.pass_, "garbage"):
        key = new_key()
        named = asker.validate(text, key=key).headers.get("Idempotency-Key")
        if named != key:
            raise Failed(f"The answer to {key} names {named}: a terminal cannot tell whose it is.")


def keeps_a_key_for_one_question(asker: Asker) -> None:
    key = new_key()
    asker.expect(asker.validate("garbage", key=key), 200)
    asker.expect(asker.validate("other garbage", key=key), 422, "idempotency-key-reused")


def refuses_garbage_as_a_person(asker: Asker) -> None:
    said = _answer(asker, asker.validate("garbage"))
    if said["outcome"] != Outcome.DENIED:
        raise Failed(f"Garbage hears {said['outcome']}.")


def refuses_stopped_passes(asker: Asker) -> None:
    if asker.stopped is None:
        raise Skipped("No stopped pass was given: --stopped.")
    said = _answer(asker, asker.validate(asker.stopped))
    if said["outcome"] in _OPENS:
        raise Failed(f"The stopped pass opens the gate: {said['reason']}.")


def knows_its_gates(asker: Asker) -> None:
    asker.expect(asker.validate("garbage", gate="kit-no-such-gate"), 404, "gate-not-found")


def refuses_unknown_fields(asker: Asker) -> None:
    asker.expect(asker.validate("garbage", surprise=1), 400, "invalid-request")


def refuses_large_bodies(asker: Asker) -> None:
    asker.expect(asker.validate("x" * 9_000), 413, "body-too-large")


def takes_heartbeats(asker: Asker) -> None:
    ahead = asker.clock() + timedelta(seconds=90)
    body = {"version": "kit-1", "terminalTime": ahead.isoformat(), "backlog": 0, "gate": asker.gate}
    said = asker.expect(asker.ask("POST", "/v1/terminals/heartbeats", json=body), 200)
    _instant(said, "serverTime")
    if not 60 <= float(said.get("driftSeconds", 0)) <= 120 or int(said.get("nextInSeconds", 0)) < 1:
        raise Failed("A clock 90 seconds ahead is not told so by `driftSeconds`, or `nextInSeconds` is missing.")


def hands_out_configurations(asker: Asker) -> None:
    path = "/v1/terminals/configuration"
    answer = asker.ask("GET", path)
    said = asker.expect(answer, 200)
    if asker.gate not in {gate.get("code") for gate in said.get("gates", ())}:
        raise Failed(f"The configuration does not name the gate {asker.gate}.")
    again = asker.ask("GET", path, headers={"If-None-Match": answer.headers.get("ETag", "")})
    if again.status_code != 304:
        raise Failed(f"Asked again with its ETag it answers {again.status_code} instead of 304.")


def tells_changes(asker: Asker) -> None:
    state = asker.me
    with client.TerminalClient(state, clock=asker.clock) as terminal:
        try:
            with terminal.changes() as stream:
                next(stream)
        except TerminalError as problem:
            raise Failed(str(problem)) from problem
        except StopIteration:
            raise Failed("The stream of changes ends before its first event.") from None


def changes_keys(asker: Asker) -> None:
    if not asker.paired_here:
        raise Skipped("Only a terminal that was paired by this run gets a new key: give --code.")
    before, old_token = asker.me, asker.token(fresh=True)
    new = keys.generate()
    public = keys.jwk(keys.verify_key(new.public, purpose="terminal", authority=""))
    body = {
        "publicKey": {name: public[name] for name in ("kty", "crv", "x", "y")},
        "assertion": asker.proof(key=new),
    }
    asker.expect(asker.ask("POST", "/v1/terminals/key", json=body), 200)
    asker.expect(asker.ask("GET", "/v1/terminals/configuration", token=old_token), 401, "not-authenticated")
    asker.expect(asker.prove(asker.proof()), 401, "not-authenticated")
    asker.state = replace(before, private_key=keys.dump_pem(new).decode())
    asker.token(fresh=True)


def _answer(asker: Asker, answer: Any) -> dict[str, Any]:  # noqa: ANN401 - a response of httpx
    said = asker.expect(answer, 200)
    try:
        outcome = Outcome(said["outcome"])
        words = (*said["text"].values(), *said["nextStep"].values(), said["reason"], said["decidedAt"])
    except (KeyError, ValueError, AttributeError) as problem:
        raise Failed(f"The answer lacks a field, or has a value that is none: {problem}.") from problem
    if not all(words) or {"fr", "en"} - said["text"].keys():
        raise Failed("The answer has no words for the person, in French and in English.")
    if said.get("colour") != COLOURS[outcome]:
        raise Failed(f"The colour of {outcome} is {said.get('colour')} instead of {COLOURS[outcome]}.")
    return said


def _instant(said: dict[str, Any], name: str) -> datetime:
    try:
        return msgspec.convert(said.get(name), datetime).astimezone(UTC)
    except (msgspec.ValidationError, TypeError) as problem:
        raise Failed(f"`{name}` is missing, or no instant with its time zone.") from problem


SERVER_CASES: Final[tuple[Case[Asker], ...]] = (
    Case("pair", "A code pairs one terminal and names its gates.", "1-pair-once", pairs),
    Case("pair-once", "A code that was used pairs nobody.", "1-pair-once", pairs_once),
    Case("token", "A proof of key is exchanged for a token.", "2-prove-the-key", gives_tokens),
    Case("proof-once", "A proof works once.", "2-prove-the-key", takes_a_proof_once),
    Case("proof-forged", "A proof by another key is refused.", "2-prove-the-key", refuses_forged_proofs),
    Case("clock-skew", "A clock that is off is told the time.", "2-prove-the-key", tells_the_time),
    Case("no-token", "Without a token nothing is decided.", "2-prove-the-key", wants_a_token),
    Case("granted", "A good pass opens the gate, with words and colour.", "3-ask", grants),
    Case("same-key", "One key is answered with the same bytes.", "keys-and-tries", answers_a_key_once),
    Case("key-named", "An answer names the key it answers.", "keys-and-tries", names_the_key_it_answers),
    Case("key-reused", "One key is good for one question.", "keys-and-tries", keeps_a_key_for_one_question),
    Case("garbage", "Garbage is a refused person, not an error.", "3-ask", refuses_garbage_as_a_person),
    Case("stopped", "A stopped pass is refused.", "3-ask", refuses_stopped_passes),
    Case("foreign-gate", "A gate of others is not found.", "errors", knows_its_gates),
    Case("unknown-field", "A field that is unknown is refused.", "errors", refuses_unknown_fields),
    Case("too-large", "A body over 8 KiB is refused.", "errors", refuses_large_bodies),
    *OFFLINE_CASES,
    Case("heartbeat", "A heartbeat is told the drift of its clock.", "heartbeats", takes_heartbeats),
    Case("configuration", "A terminal learns its gates, once.", "configuration", hands_out_configurations),
    Case("changes", "A stream tells what changes.", "configuration", tells_changes),
    Case("key-change", "A new key ends the old one and its tokens.", "changing-the-key", changes_keys),
)
