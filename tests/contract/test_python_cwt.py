"""Our signed objects in somebody else's hands: python-cwt verifies them, and signs what we read.

It asks for an older cbor2 than we do, so it has an environment of its own (`make interop`), made here if it misses.
"""

import json
import re
import subprocess
import sys
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from nfc import bundle, bundle_delta, cbor, cose, issued, key_set, keys
from nfc.errors import CodeError
from nfc.keys import SigningKey
from tests import parsers

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-interop" / "bin" / "python"
STRANGER = keys.signing_key(99)


class Signed(Struct, frozen=True):
    """One of our objects, and what its reader has to know."""

    name: str
    message: bytes
    key: SigningKey
    aad: bytes
    typ: str | None = None


OBJECTS = (
    Signed("printed code", parsers._message(parsers._PRINTED), parsers._PRINT, b"MPS-STAT1"),
    Signed("phone's credential", parsers._CREDENTIAL, parsers._PHONE, b"MPS-CRED1"),
    Signed("phone's code", parsers._message(parsers._SHOWN), parsers._DEVICE, b"MPS-QR1"),
    Signed("card object", parsers._OBJECT, parsers._CARD, b"MPS-CARD1"),
    Signed("status list", parsers._LIST, parsers._BUNDLE, b"", "application/statuslist+cwt"),
    Signed("delta", parsers._DELTA, parsers._BUNDLE, b"MPS-DELTA1", "application/statuslist-delta+cwt"),
    Signed("bundle", parsers._BUNDLE_FILE, parsers._BUNDLE, b"MPS-BNDL1", bundle.MEDIA_TYPE),
    Signed("bundle's delta", parsers._BUNDLE_DELTA, parsers._BUNDLE, b"MPS-BNDD1", bundle_delta.MEDIA_TYPE),
    Signed("key set", parsers._SET, parsers._ROOT, b"MPS-KEYS1", key_set.MEDIA_TYPE),
    Signed(
        "gateway's statement",
        urlsafe_b64decode(parsers._STATEMENT.removeprefix("EXT:") + "=="),
        parsers._GATEWAY,
        b"MPS-EXT1",
    ),
    Signed("phone's binding", urlsafe_b64decode(parsers._BINDING + "=="), parsers._DEVICE, b"MPS-BIND1"),
)


def made() -> None:
    """Make the environment, or fail with one line that says how to get it."""
    if PYTHON.exists():
        return
    new = [sys.executable, "-m", "venv", str(PYTHON.parents[1])]
    install = f"{PYTHON} -m pip install --quiet --require-hashes -r deploy/interop.lock".split()
    for command in (new, install):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.fail(f"python-cwt cannot be installed here (make interop): {done.stderr.strip()[-300:]}")


def asked(question: dict[str, Any]) -> dict[str, Any]:
    """What python-cwt answers."""
    made()
    done = subprocess.run(
        [PYTHON, Path(__file__).with_name("cwt_reads.py")],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


def cose_key(key: SigningKey) -> str:
    return keys.cose_key(keys.verify_key(key.public, purpose="print", authority="ville")).hex()


def to_verify(one: Signed, **other: bytes | str) -> dict[str, str]:
    said: dict[str, bytes | str] = {"message": one.message, "aad": one.aad, "key": cose_key(one.key), **other}
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in said.items()}


def payload_of(one: Signed) -> str:
    untagged = one.message.removeprefix(b"\xd2")
    return cose.parse1(untagged, max_bytes=65_536, typ=one.typ).payload.hex()


def theirs(key: SigningKey, payload: bytes, aad: bytes, alg: int) -> dict[str, Any]:
    numbers = key.private.private_numbers()
    point = numbers.public_numbers
    private = {
        name: value.to_bytes(32, "big").hex()
        for name, value in (("x", point.x), ("y", point.y), ("d", numbers.private_value))
    }
    return {**private, "kid": key.kid.hex(), "payload": payload.hex(), "aad": aad.hex(), "alg": alg}


def test_python_cwt_and_we_read_each_other() -> None:
    """One test, for one environment: two workers would make it at once."""
    good = [to_verify(one) for one in OBJECTS]
    wrong_aad = [to_verify(one, aad=b"MPS-OTHER1") for one in OBJECTS]
    wrong_key = [to_verify(one, key=cose_key(STRANGER)) for one in OBJECTS]
    claims = cbor.dump({4: parsers.NOW + 60, 7: bytes(8), -70001: [0, 7]})
    printed = [theirs(parsers._PRINT, claims, b"MPS-STAT1", alg) for alg in (cose.ESP256, cose.ES256)]
    foreign = theirs(STRANGER, claims, b"MPS-STAT1", cose.ESP256)

    answers = asked({"verify": [*good, *wrong_aad, *wrong_key], "sign": [*printed, foreign]})

    verified = answers["verified"]
    read = {one.name: answer.get("payload", answer) for one, answer in zip(OBJECTS, verified, strict=False)}
    assert read == {one.name: payload_of(one) for one in OBJECTS}
    assert all("refused" in answer for answer in verified[len(OBJECTS) :])
    assert len(verified) == 3 * len(OBJECTS)

    *ours, strangers = [bytes.fromhex(one["message"]).removeprefix(b"\xd2") for one in answers["signed"]]
    for message in ours:
        said, _ = issued.read(message, parsers._KEYS, purpose="print", external_aad=b"MPS-STAT1", max_bytes=400)
        assert (said.medium_id, said.status_index, said.authority) == (bytes(8), 7, "ville")
    with pytest.raises(CodeError, match="unknown_key"):
        issued.read(strangers, parsers._KEYS, purpose="print", external_aad=b"MPS-STAT1", max_bytes=400)


def test_every_kind_of_object_that_we_sign_is_among_them() -> None:
    """Their `external_aad` stand in the modules of `nfc`, one each."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "nfc").glob("*.py"))
    named = set(re.findall(r'^_AAD(?:: Final)? = b"(MPS-[A-Z0-9]+)"', text, flags=re.MULTILINE))
    assert named == {one.aad.decode() for one in OBJECTS if one.aad}
