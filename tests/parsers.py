"""Every reader of strangers' bytes in `nfc`, each as a function of bytes alone, with genuine inputs to begin from.

For the suite (`tests/unit/nfc/test_every_parser.py`) and for `make fuzz` (`tests/fuzz.py`). Readers that verify a
signature stand here twice: with the bytes as they are, and (`..., signed`) with the bytes as a payload under a
signature that holds, for what lies behind it.
"""

import importlib
import inspect
import io
import pkgutil
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import msgspec
from msgspec import Struct
from PIL import Image

import nfc
from nfc import (
    apdu,
    base45,
    bundle,
    bundle_delta,
    card_object,
    cbor,
    cose,
    ev1,
    ev2,
    gateway_statement,
    hce,
    issued,
    key_set,
    keys,
    messaging,
    online_handle,
    originality,
    pairing_code,
    phone_binding,
    phone_code,
    phone_credential,
    picture,
    printed_code,
    qr,
    sdm,
    status_delta,
    status_list,
    uid,
)
from nfc.bundle import Bundle
from nfc.diversify import Slot
from nfc.gateway_statement import Statement
from nfc.key_set import Unsigned
from nfc.status_list import Status
from terminal.software_card import SoftwareCard
from terminal.software_phone import SoftwarePhone
from tests.known_answers import entries

NOW = 1_800_000_000
URI = "https://pass.example.org/v1/public/ville/status-lists/0"
_PRINT, _PHONE, _BUNDLE, _ROOT, _GATEWAY, _CARD, _DEVICE = (keys.signing_key(number) for number in range(31, 38))
_PURPOSES = {"print": _PRINT, "phone": _PHONE, "bundle": _BUNDLE, "root": _ROOT, "gateway": _GATEWAY, "card": _CARD}
_KEYS = keys.key_set(
    keys.verify_key(key.public, purpose=purpose, authority="ville") for purpose, key in _PURPOSES.items()
)
_KEY, _UID = bytes(16), bytes.fromhex("04de5f1eacc040")
_CHALLENGE = hce.Challenge(bytes(16), bytes(8), NOW, bytes(4))
_SUN = {1: sdm.SunKeys(_KEY, lambda _uid: _KEY)}


class Parser(Struct, frozen=True):
    """One reader: `call` answers or raises `CodeError`, nothing else, within so many milliseconds of CPU time."""

    name: str
    call: Callable[[bytes], object]
    seeds: tuple[bytes, ...]
    milliseconds: float = 10.0
    mebibytes: float = 16.0


def declared() -> Iterator[str]:
    """The functions of `nfc` whose docstring declares a `CodeError`: the readers, however many there are."""
    for module in pkgutil.iter_modules(nfc.__path__):
        here = importlib.import_module(f"nfc.{module.name}")
        for name, found in vars(here).items():
            if inspect.isfunction(found) and found.__module__ == here.__name__ and "CodeError" in (found.__doc__ or ""):
                yield f"{module.name}.{name}"


BEHIND = {
    "gateway_statement.verify": "gateway_statement.read",
    "hce.verify": "hce.read",
    "issued.signer": "issued.read",
    "issued.still_valid": "printed_code.read",
    "key_set.sign": "key_set.read_request",
    "picture.find_codes": "picture.codes_in",
    "phone_code.verify": "phone_code.read",
    "sdm.verify": "sdm.read",
    "status_delta.applied": "status_delta.read, applied",
    "status_delta.load_places": "status_delta.read, applied",
    "status_list.inflate": "bundle.read, signed",
    "uid.check": "uid.digest",
}
"""Readers of what another one has parsed, and the one here through which strangers' bytes come to them."""


def _text(data: bytes) -> str:
    """Any bytes as a text: one character each."""
    return data.decode("latin-1")


def _as_jpeg(png: bytes) -> bytes:
    """The same picture, as a camera would write it."""
    file = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.convert("L").save(file, "JPEG", quality=60)
    return file.getvalue()


def _signed(key: keys.SigningKey, payload: bytes, aad: bytes, typ: str | None = None) -> bytes:
    return cose.sign1(key.private, payload, kid=key.kid, external_aad=aad, typ=typ)


def _payload(message: bytes, typ: str | None = None) -> bytes:
    return cose.parse1(message, max_bytes=65_536, typ=typ).payload


def _b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


# --- genuine inputs ----------------------------------------------------------------------------------

_PRINTED = qr.issue_static(_PRINT, medium_id=bytes(8), expires_at=NOW + 60, status_list=0, status_index=7)
_CREDENTIAL = phone_credential.issue(
    _PHONE, _DEVICE.public, medium_id=bytes(8), expires_at=NOW + 60, status_list=0, status_index=7
)
_SHOWN = phone_code.present(_DEVICE.private, _CREDENTIAL, NOW)
_OBJECT = card_object.issue(_CARD, uid=_UID, medium_id=bytes(8), expires_at=NOW + 60, status_list=0, status_index=7)
_HCE = SoftwarePhone(_DEVICE.private, _CREDENTIAL)
_SELECTED = _HCE.transmit(hce.SELECT)
_ANSWERED = _HCE.transmit(hce.auth_command(_CHALLENGE))
_PLACES = status_list.pack([(5, Status.INVALID), (9, Status.SUSPENDED)])
_LIST = status_list.issue(_BUNDLE, _PLACES, uri=URI, version=3, issued_at=NOW, expires_at=NOW + 86_400, ttl_seconds=60)
_DELTA = status_delta.issue(
    _BUNDLE,
    {5: Status.VALID, 700: Status.INVALID},
    uri=URI,
    from_version=3,
    to_version=4,
    issued_at=NOW,
    expires_at=NOW + 86_400,
    ttl_seconds=60,
)
_KNOWN = status_list.read(_LIST, _KEYS, NOW, uri=URI)
_REQUEST = key_set.payload(
    Unsigned(
        "ville",
        1,
        NOW,
        NOW + 60,
        tuple(one for same in _KEYS.values() for one in same if one.purpose in key_set.PURPOSES),
        (_ROOT.public,),
    )
)
_SET = key_set.sign(_ROOT, _REQUEST)
_STATEMENT = gateway_statement.state(
    _GATEWAY, Statement("amc", bytes(32), "leisure", bytes(12), sam_session=True, iat=NOW, nonce=bytes(16))
)
_BINDING = phone_binding.prove(_DEVICE.private, "2336175969", NOW)
_KNOWN_BUNDLE = Bundle("ville", "pool", 1, NOW, NOW + 60, {0: bytes(4_096)}, {0: bytes(2_048)}, b"", b"{}")
_NEXT_BUNDLE = msgspec.structs.replace(
    _KNOWN_BUNDLE, sequence=2, entitled={0: bundle.bits([5, 700], 16_384)}, content=b'{"authority":"ville"}'
)
_BUNDLE_FILE = bundle.issue(_BUNDLE, _KNOWN_BUNDLE)
_BUNDLE_DELTA = bundle_delta.make(_BUNDLE, _KNOWN_BUNDLE, _NEXT_BUNDLE)
_SUN_URL = "https://pass.example.org/t/1?e=EF963FF7828658A599F3041510671E88&c=94EED9EE65337086"
_CHIP = SoftwareCard(_UID, {Slot.SERVER: _KEY, Slot.META: _KEY}, "https://pass.example.org/t/1")


def _legs(protocol: ModuleType) -> tuple[bytes, Any, bytes]:
    """Both answers of a genuine card, and what the server remembers between them."""
    first = _CHIP.transmit(protocol.first_command(Slot.SERVER))
    command, pending = protocol.answer(_KEY, first, rnd_a=bytes(range(16)))
    return first, pending, _CHIP.transmit(command)


_EV1, _EV1_PENDING, _EV1_DONE = _legs(ev1)
_EV2, _EV2_PENDING, _EV2_DONE = _legs(ev2)
_SESSION = ev2.finish(_KEY, _EV2_PENDING, _EV2_DONE)
_CARD_UID = _CHIP.transmit(messaging.card_uid_command(_SESSION))
_HCERT = tuple(bytes.fromhex(one["cose"]) for one in entries("cose_cwt_hcert.json") if "cose" in one)
_PICTURE = picture.render_png(_PRINTED, scale=2)
_JPEG = _as_jpeg(_PICTURE)


def _message(text: str) -> bytes:
    """The COSE message in a code."""
    return base45.decode(text.partition(":")[2])


def _url(data: bytes) -> str:
    """A SUN message whose parts are as they should be, around these bytes."""
    digits = data.hex().upper().ljust(48, "0")
    return f"https://pass.example.org/t/1?e={digits[:32]}&c={digits[32:48]}"


_WRITTEN = 2_000
"""Bytes that are put into a code: five times what a reader looks at. Of more, what costs time is our own writing."""


def _mp1(data: bytes) -> str:
    """A phone's code whose presentation is these bytes, under the phone's own signature."""
    signed = cose.sign1(_DEVICE.private, data[:_WRITTEN], kid=None, external_aad=b"MPS-QR1")
    return "MP1:" + base45.encode(signed)


def _mp2(data: bytes) -> str:
    return "MP2:" + base45.encode(_signed(_PRINT, data[:_WRITTEN], b"MPS-STAT1"))


_CODES = tuple(text.encode() for text in (_PRINTED, _SHOWN, online_handle.PREFIX + base45.encode(bytes(16))))

PARSERS: tuple[Parser, ...] = (
    Parser("apdu.read", apdu.read, (hce.SELECT, hce.auth_command(_CHALLENGE))),
    Parser("apdu.content", lambda data: apdu.content(data, status=apdu.OK, least=0, most=256), (_ANSWERED, _SELECTED)),
    Parser("base45.decode", lambda data: base45.decode(_text(data)), (b"BB8", b"QED8WEX0", *_CODES)),
    Parser(
        "bundle.read",
        lambda data: bundle.read(data, _KEYS, authority="ville", service="pool", newest=0),
        (_BUNDLE_FILE,),
    ),
    Parser(
        "bundle.read, signed",
        lambda data: bundle.read(
            b"\xd2" + _signed(_BUNDLE, data, b"MPS-BNDL1", bundle.MEDIA_TYPE),
            _KEYS,
            authority="ville",
            service="pool",
            newest=0,
        ),
        (_payload(_BUNDLE_FILE[1:], bundle.MEDIA_TYPE),),
    ),
    Parser("bundle.unverified", bundle.unverified, (_BUNDLE_FILE,)),
    Parser("bundle_delta.apply", lambda data: bundle_delta.apply(_KNOWN_BUNDLE, data, _KEYS), (_BUNDLE_DELTA,)),
    Parser(
        "bundle_delta.apply, signed",
        lambda data: bundle_delta.apply(
            _KNOWN_BUNDLE, b"\xd2" + _signed(_BUNDLE, data, b"MPS-BNDD1", bundle_delta.MEDIA_TYPE), _KEYS
        ),
        (_payload(_BUNDLE_DELTA[1:], bundle_delta.MEDIA_TYPE),),
    ),
    Parser(
        "card_object.from_text",
        lambda data: card_object.from_text(_text(data)),
        (card_object.to_text(_UID, _OBJECT).encode(),),
    ),
    Parser("card_object.read", lambda data: card_object.read(data, _KEYS, NOW, uid=_UID), (_OBJECT,)),
    Parser(
        "card_object.read, signed",
        lambda data: card_object.read(_signed(_CARD, data, b"MPS-CARD1"), _KEYS, NOW, uid=_UID),
        (_payload(_OBJECT),),
    ),
    Parser("card_object.from_file", card_object.from_file, (card_object.to_file(_OBJECT),)),
    Parser("card_object.file_content", card_object.file_content, (card_object.to_file(_OBJECT) + b"\x91\x00",)),
    Parser("cbor.load", cbor.load, (_payload(_OBJECT), _payload(_CREDENTIAL), _REQUEST)),
    Parser("cose.parse1", lambda data: cose.parse1(data, max_bytes=65_536), (_OBJECT, _CREDENTIAL, *_HCERT)),
    Parser("ev1.answer", lambda data: ev1.answer(_KEY, data, rnd_a=bytes(16)), (_EV1,)),
    Parser("ev1.finish", lambda data: ev1.finish(_KEY, _EV1_PENDING, data), (_EV1_DONE,)),
    Parser("ev2.answer", lambda data: ev2.answer(_KEY, data, rnd_a=bytes(16)), (_EV2,)),
    Parser("ev2.finish", lambda data: ev2.finish(_KEY, _EV2_PENDING, data), (_EV2_DONE,)),
    Parser("gateway_statement.parse", lambda data: gateway_statement.parse(_text(data)), (_STATEMENT.encode(),)),
    Parser(
        "gateway_statement.read", lambda data: gateway_statement.read(_text(data), _KEYS, NOW), (_STATEMENT.encode(),)
    ),
    Parser(
        "gateway_statement.read, signed",
        lambda data: gateway_statement.read("EXT:" + _b64(_signed(_GATEWAY, data, b"MPS-EXT1")), _KEYS, NOW),
        (gateway_statement.parse(_STATEMENT).payload,),
    ),
    Parser("hce.read_application", hce.read_application, (_SELECTED,)),
    Parser("hce.read_challenge", hce.read_challenge, (_CHALLENGE.to_bytes(),)),
    Parser("hce.parse", hce.parse, (_ANSWERED,)),
    Parser("hce.read", lambda data: hce.read(_CHALLENGE, data, _KEYS, NOW), (_ANSWERED,)),
    Parser(
        "issued.read",
        lambda data: issued.read(data, _KEYS, purpose="print", external_aad=b"MPS-STAT1", max_bytes=400),
        (_message(_PRINTED),),
    ),
    Parser("key_set.read_request", key_set.read_request, (_REQUEST,)),
    Parser("key_set.unverified", key_set.unverified, (_SET,)),
    Parser("key_set.read", lambda data: key_set.read(data, _KEYS, authority="ville", now=NOW, last_version=0), (_SET,)),
    Parser("messaging.card_uid", lambda data: messaging.card_uid(_SESSION, data), (_CARD_UID,)),
    Parser("online_handle.parse", lambda data: online_handle.parse(_text(data)), _CODES),
    Parser("originality.read_signature", originality.read_signature, (bytes(56) + b"\x91\x90",)),
    Parser(
        "phone_binding.read",
        lambda data: phone_binding.read(_text(data), number="2336175969", now=NOW),
        (_BINDING.encode(),),
    ),
    Parser(
        "phone_binding.read, signed",
        lambda data: phone_binding.read(
            _b64(cose.sign1(_DEVICE.private, data, kid=None, external_aad=b"MPS-BIND1")), number="2336175969", now=NOW
        ),
        (cose.parse1(phone_binding._bytes(_BINDING), max_bytes=400).payload,),
    ),
    Parser(
        "pairing_code.read",
        lambda data: pairing_code.read(_text(data)),
        (pairing_code.write("https://pass.example.org", "K7QF-2M9X").encode(),),
    ),
    Parser("phone_code.parse", lambda data: phone_code.parse(_text(data)), _CODES),
    Parser("phone_code.read", lambda data: phone_code.read(_text(data), _KEYS, NOW), _CODES),
    Parser(
        "phone_code.read, signed", lambda data: phone_code.read(_mp1(data), _KEYS, NOW), (_payload(_message(_SHOWN)),)
    ),
    Parser("phone_credential.read", lambda data: phone_credential.read(data, _KEYS), (_CREDENTIAL,)),
    Parser(
        "phone_credential.read, signed",
        lambda data: phone_credential.read(_signed(_PHONE, data, b"MPS-CRED1"), _KEYS),
        (_payload(_CREDENTIAL),),
    ),
    # What a picture costs is what its pixels cost: bounded by their number, before any is looked at.
    Parser("picture.codes_in", picture.codes_in, (_PICTURE, _JPEG), milliseconds=2_000, mebibytes=256),
    Parser("printed_code.read", lambda data: printed_code.read(_text(data), _KEYS, NOW), _CODES),
    Parser(
        "printed_code.read, signed",
        lambda data: printed_code.read(_mp2(data), _KEYS, NOW),
        (_payload(_message(_PRINTED)),),
    ),
    Parser("qr.read", lambda data: qr.read(_text(data), _KEYS, NOW), _CODES),
    Parser("sdm.parse_url", lambda data: sdm.parse_url(_text(data)), (_SUN_URL.encode(),)),
    Parser(
        "sdm.parse",
        lambda data: sdm.parse("1", e=_text(data[:32]), c=_text(data[32:])),
        (b"EF963FF7828658A599F3041510671E8894EED9EE65337086",),
    ),
    Parser("sdm.read", lambda data: sdm.read(_text(data), _SUN), (_SUN_URL.encode(),)),
    Parser(
        "sdm.read, well formed",
        lambda data: sdm.read(_url(data), _SUN),
        (bytes.fromhex("EF963FF7828658A599F3041510671E8894EED9EE65337086"),),
    ),
    Parser("status_delta.read", lambda data: status_delta.read(data, _KEYS, NOW, uri=URI), (_DELTA,)),
    Parser(
        "status_delta.read, applied",
        lambda data: status_delta.applied(
            _KNOWN,
            status_delta.read(
                b"\xd2" + _signed(_BUNDLE, data, b"MPS-DELTA1", status_delta.MEDIA_TYPE), _KEYS, NOW, uri=URI
            ),
        ),
        (_payload(_DELTA[1:], status_delta.MEDIA_TYPE),),
        milliseconds=30,
    ),
    Parser("status_list.decompress", status_list.decompress, (status_list.compress(_PLACES),)),
    Parser("status_list.read", lambda data: status_list.read(data, _KEYS, NOW, uri=URI), (_LIST,)),
    Parser(
        "status_list.read, signed",
        lambda data: status_list.read(
            b"\xd2" + _signed(_BUNDLE, data, b"", status_list.MEDIA_TYPE), _KEYS, NOW, uri=URI
        ),
        (_payload(_LIST[1:], status_list.MEDIA_TYPE),),
    ),
    Parser("uid.parse", lambda data: uid.parse(_text(data)), (b"04de5f1eacc040", b"08112233")),
    Parser("uid.digest", lambda data: uid.digest(bytes(32), data), (_UID,)),
)
