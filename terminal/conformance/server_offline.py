"""What a server has to do for terminals that decide alone: bundles before, uploads afterwards."""

from datetime import timedelta
from typing import Any, Final

import msgspec

from domain.offline import Content
from nfc import bundle, bundle_delta, key_set, keys
from nfc.bundle import Bundle
from nfc.errors import CodeError
from nfc.keys import KeySet
from nfc.status_list import BUNDLE
from terminal.conformance.asker import Asker, new_key
from terminal.conformance.cases import Case, Failed
from terminal.trust import published


def signs_bundles(asker: Asker) -> None:
    found, _ = _fetched(asker)
    gates = {
        gate.code for site in msgspec.json.decode(found.content, type=Content).sites for gate in site.gates
    }  # every gate of the service, ours among them
    if asker.gate not in gates:
        raise Failed(f"The bundle does not know the gate {asker.gate}.")
    now = asker.clock().timestamp()
    if not found.issued_at - 900 <= now < found.expires_at:
        raise Failed("The bundle was issued in the future, or is over.")


def says_nothing_new(asker: Asker) -> None:
    found, etag = _fetched(asker)
    answer = asker.ask("GET", f"/v1/terminals/bundles/{found.service}", headers={"If-None-Match": etag})
    if answer.status_code != 304:
        raise Failed(f"Asked again with its ETag it answers {answer.status_code} instead of 304.")


def tells_the_difference(asker: Asker) -> None:
    found, _ = _fetched(asker)
    answer = asker.ask("GET", f"/v1/terminals/bundles/{found.service}", params={"since": str(found.sequence)})
    if answer.status_code != 200:
        raise Failed(f"With `since` it answers {answer.status_code} instead of 200.")
    try:
        if answer.headers.get("Content-Type", "").startswith(bundle_delta.MEDIA_TYPE):
            after = bundle_delta.apply(found, answer.content, _keys(asker))
        else:
            after = _read(asker, found.service, answer.content)
    except CodeError as problem:
        raise Failed(f"What it answers with `since` cannot be taken: {problem}.") from problem
    if after.sequence < found.sequence:
        raise Failed("With `since` it answers an older bundle.")


def keeps_bundles_of_others(asker: Asker) -> None:
    asker.expect(asker.ask("GET", "/v1/terminals/bundles/kit-no-such-service"), 404, "bundle-not-found")


def stores_passages_once(asker: Asker) -> None:
    body = _line(asker)
    _statuses(asker, body, "stored")
    _statuses(asker, body, "duplicate")


def lets_the_online_answer_stand(asker: Asker) -> None:
    question = asker.question(asker.pass_)
    said = asker.expect(asker.ask("POST", "/v1/access/validations", json=question), 200)
    told = {"outcome": said.get("outcome"), "reason": said.get("reason")}
    _statuses(asker, _line(asker, **question, **told), "duplicate")


def puts_conflicts_aside(asker: Asker) -> None:
    key = new_key()
    _statuses(asker, _line(asker, key=key), "stored")
    _statuses(asker, _line(asker, key=key, direction="exit"), "conflict")


def settles_every_line(asker: Asker) -> None:
    garbage = msgspec.json.encode({"key": new_key()}) + b"\n"
    lines = garbage + _line(asker, gate="kit-no-such-gate") + _line(asker)
    _statuses(asker, lines, "quarantined", "quarantined", "stored")


def does_not_read_what_was_cut(asker: Asker) -> None:
    _statuses(asker, _line(asker) + _line(asker)[:-1], "stored")


def marks_wrong_clocks(asker: Asker) -> None:
    (one,) = asker.upload(_line(asker), sent_at=asker.clock() - timedelta(hours=1))
    if "clock_suspect" not in one.get("flags", ()):
        raise Failed("A passage by a clock that is an hour off is not flagged `clock_suspect`.")


def wants_the_senders_time(asker: Asker) -> None:
    answer = asker.ask("POST", "/v1/access/uploads", content=_line(asker))
    asker.expect(answer, 400, "invalid-request")


def _statuses(asker: Asker, body: bytes, *expected: str) -> None:
    found = tuple(one.get("status") for one in asker.upload(body))
    if found != expected:
        raise Failed(f"The lines are {', '.join(map(str, found)) or 'not settled'} instead of {', '.join(expected)}.")


def _line(asker: Asker, **other: object) -> bytes:
    passage = {
        "key": new_key(),
        "sequence": int(asker.clock().timestamp()),
        "gate": asker.gate,
        "credential": asker.pass_,
        "direction": "entry",
        "terminalTime": (asker.clock() - timedelta(minutes=1)).isoformat(),
        "outcome": "granted",
        "reason": "welcome",
        "bundle": int(asker.clock().timestamp()) - 120,
    }
    return msgspec.json.encode({**passage, **other}) + b"\n"


def _fetched(asker: Asker) -> tuple[Bundle, str]:
    service = _service(asker)
    answer = asker.ask("GET", f"/v1/terminals/bundles/{service}")
    if answer.status_code != 200 or not answer.headers.get("Content-Type", "").startswith(bundle.MEDIA_TYPE):
        raise Failed(f"The bundle of {service} is answered {answer.status_code}, {answer.headers.get('Content-Type')}.")
    try:
        return _read(asker, service, answer.content), answer.headers.get("ETag", "")
    except CodeError as problem:
        raise Failed(f"The bundle cannot be verified: {problem}.") from problem


def _read(asker: Asker, service: str, data: bytes) -> Bundle:
    return bundle.read(data, _keys(asker), authority=asker.me.authority, service=service, newest=0)


def _service(asker: Asker) -> str:
    said: dict[str, Any] = asker.expect(asker.ask("GET", "/v1/terminals/configuration"), 200)
    site = next((gate.get("site") for gate in said.get("gates", ()) if gate.get("code") == asker.gate), None)
    service = next((one.get("service") for one in said.get("sites", ()) if one.get("code") == site), None)
    if not isinstance(service, str):
        raise Failed(f"The configuration does not tell the service of the gate {asker.gate}.")
    return service


def _keys(asker: Asker) -> KeySet:
    """The authority's keys as its server publishes them, with its root's signature or without."""
    authority = asker.me.authority
    signed = asker.ask("GET", f"/v1/keys/{authority}/signed", token="")
    if signed.status_code == 200:
        return key_set.unverified(signed.content).keys
    plain = asker.ask("GET", "/v1/keys/jwks.json", params={"purpose": BUNDLE, "authority": authority}, token="")
    if plain.status_code != 200:
        raise Failed("The server publishes no keys by which a bundle could be verified.")
    return keys.key_set(
        keys.verify_key(keys.load_point(one.point), purpose=BUNDLE, authority=authority)
        for one in published(plain.content, BUNDLE)
    )


OFFLINE_CASES: Final[tuple[Case[Asker], ...]] = (
    Case("bundle", "A signed bundle tells what a gate needs.", "without-a-network", signs_bundles),
    Case("bundle-unchanged", "Who has the bundle is told so.", "without-a-network", says_nothing_new),
    Case("bundle-since", "Who has a sequence gets what is newer.", "without-a-network", tells_the_difference),
    Case("bundle-foreign", "A service of others has no bundle.", "without-a-network", keeps_bundles_of_others),
    Case("upload", "What is told twice is stored once.", "uploads", stores_passages_once),
    Case(
        "upload-asked-before",
        "What was asked online is not counted again.",
        "uploads",
        lets_the_online_answer_stand,
    ),
    Case(
        "upload-conflict",
        "A second passage under a key is put aside.",
        "uploads",
        puts_conflicts_aside,
    ),
    Case("upload-quarantine", "A bad line holds up no other.", "uploads", settles_every_line),
    Case("upload-cut", "A line without its end is not read.", "uploads", does_not_read_what_was_cut),
    Case("upload-clock", "A wrong clock is corrected and marked.", "uploads", marks_wrong_clocks),
    Case("upload-sent-at", "An upload says when it is sent.", "uploads", wants_the_senders_time),
)
