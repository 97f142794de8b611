"""Run with python-cwt, in an environment of its own: reads our objects, and signs some for us to read.

Takes and gives JSON. Nothing of MultiPass is imported: this is somebody else's word.
"""

import json
import sys
from typing import Any

from cwt import COSE, COSEKey  # type: ignore[import-not-found]  # lives in deploy/interop.lock

TAG = b"\xd2"  # 18, COSE_Sign1: theirs asks for it, ours leave it away where a prefix says what they are


def verify(one: dict[str, str]) -> dict[str, str]:
    """Verify one message under our own COSE_Key: its payload, or why not."""
    message = bytes.fromhex(one["message"])
    try:
        payload = COSE.new().decode(
            message if message.startswith(TAG) else TAG + message,
            COSEKey.from_bytes(bytes.fromhex(one["key"])),
            external_aad=bytes.fromhex(one["aad"]),
        )
    except Exception as refused:  # noqa: BLE001 - whatever it raises is a refusal
        return {"refused": f"{type(refused).__name__}: {refused}"}
    return {"payload": payload.hex()}


def sign(one: dict[str, Any]) -> dict[str, str]:
    """Sign one payload as we would, with the algorithm that is asked for."""
    x, y, d, kid = (bytes.fromhex(one[name]) for name in ("x", "y", "d", "kid"))
    key = COSEKey.new({1: 2, 2: kid, 3: one["alg"], -1: 1, -2: x, -3: y, -4: d})
    signed = COSE.new().encode(
        bytes.fromhex(one["payload"]),
        key,
        protected={1: one["alg"], 4: kid},
        external_aad=bytes.fromhex(one["aad"]),
    )
    return {"message": signed.hex()}


asked = json.load(sys.stdin)
answers = {"verified": [verify(one) for one in asked["verify"]], "signed": [sign(one) for one in asked["sign"]]}
json.dump(answers, sys.stdout)
