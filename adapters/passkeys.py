"""Passkeys: what a browser is asked, and what it answers (W3C, Web Authentication Level 3), read by py_webauthn.

It knows nobody: users are bytes, keys are bytes. Whose passkey it is, whether its count goes on and whether its
challenge was answered before is for the caller, who has a database. A challenge lies nowhere: it is sealed with the
secret of the browser that asked for it and says what for and when, so that it can be answered there alone, and for five
minutes.
"""

import hmac
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

import webauthn
from cbor2 import CBORDecodeError
from msgspec import Struct
from webauthn.helpers import (
    options_to_json,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier as Algorithm
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from domain.errors.agents import PasskeyRefused

LIFE: Final = timedelta(minutes=5)
"""How long a challenge waits for its answer."""

LONGEST_ANSWER: Final = 16_384
_NONCE, _TIME, _SEAL = 16, 8, 32

_ALGORITHMS = [Algorithm.ECDSA_SHA_256, Algorithm.EDDSA, Algorithm.RSASSA_PKCS1_v1_5_SHA_256]
"""What telephones, sticks and Windows sign with."""

_UNREADABLE = (
    *(WebAuthnException, CBORDecodeError, ValueError, LookupError, TypeError, AttributeError),
    *(OverflowError, RecursionError),
)
"""What the library raises at bytes that are not what they should be."""


class Party(Struct, frozen=True):
    """Who asks: passkeys are made for `id` and answer to no page of another origin."""

    id: str
    origin: str


def party_of(public_url: str) -> Party | None:
    """Return who asks, by the address of an installation; None where browsers would not know any passkey.

    They want a name, not a number, and TLS, but for `localhost`, which 127.0.0.1 is called as well.
    """
    parts = urlsplit(public_url.lower().replace("//127.0.0.1", "//localhost", 1))
    host = parts.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        safe = parts.scheme == "https" or (parts.scheme == "http" and host == "localhost")
        return Party(host, f"{parts.scheme}://{parts.netloc}") if host and safe else None
    return None


class Made(Struct, frozen=True):
    """A passkey that has just been made. `sign_count` is 0 where the authenticator does not count."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


class Shown(Struct, frozen=True):
    """What an answer says of itself: which passkey, to which challenge, and of whom, where the browser says so."""

    credential_id: bytes
    challenge: bytes
    user_id: bytes | None


def draw_challenge(secret: str, purpose: str, now: datetime) -> bytes:
    """Draw a challenge for one browser, by its secret, and for one purpose."""
    content = secrets.token_bytes(_NONCE) + int(now.timestamp()).to_bytes(_TIME, "big")
    return content + _seal(secret, purpose, content)


def check_challenge(challenge: bytes, secret: str, purpose: str, now: datetime) -> datetime:
    """Return until when a challenge waits for its answer.

    Raises:
        PasskeyRefused: this browser was not given it for this purpose, or it is over.
    """
    content, seal = challenge[: _NONCE + _TIME], challenge[_NONCE + _TIME :]
    if not secret or not hmac.compare_digest(seal, _seal(secret, purpose, content)):
        raise PasskeyRefused("The challenge was not given to this browser for this.")
    until = datetime.fromtimestamp(int.from_bytes(content[_NONCE:], "big"), UTC) + LIFE
    if now >= until:
        raise PasskeyRefused("The challenge is over.")
    return until


def ask_for_new(
    party: Party,
    challenge: bytes,
    *,
    issuer: str,
    user_id: bytes,
    login: str,
    name: str,
    known: Iterable[bytes],
    discoverable: bool = False,
) -> str:
    """Write what a browser needs to make a passkey, as JSON. `known`: what is registered already is not made anew.

    `discoverable`: it must be found without a login, so a stick that has no room for it makes none.
    """
    found = ResidentKeyRequirement.REQUIRED if discoverable else ResidentKeyRequirement.PREFERRED
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=issuer,
        user_id=user_id,
        user_name=login,
        user_display_name=name,
        challenge=challenge,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=found, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_described(known),
        supported_pub_key_algs=_ALGORITHMS,
    )
    return options_to_json(options)


def ask_for_one(party: Party, challenge: bytes, *, allowed: Iterable[bytes]) -> str:
    """Write what a browser needs to show a passkey, as JSON; with none allowed it offers those that it finds."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        allow_credentials=_described(allowed),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def challenge_of_new(answer: str) -> bytes:
    """Return the challenge that a new passkey was made for.

    Raises:
        PasskeyRefused: it is no answer of a browser.
    """
    try:
        credential = parse_registration_credential_json(_short(answer))
        return parse_client_data_json(credential.response.client_data_json).challenge
    except _UNREADABLE as problem:
        raise PasskeyRefused("This is no answer of a browser.") from problem


def read(answer: str) -> Shown:
    """Read what an answer says, before any of it is believed.

    Raises:
        PasskeyRefused: it is no answer of a browser.
    """
    try:
        credential = parse_authentication_credential_json(_short(answer))
        challenge = parse_client_data_json(credential.response.client_data_json).challenge
        return Shown(credential.raw_id, challenge, credential.response.user_handle)
    except _UNREADABLE as problem:
        raise PasskeyRefused("This is no answer of a browser.") from problem


def made(party: Party, challenge: bytes, answer: str) -> Made:
    """Take a new passkey, whose holder has shown themselves to it. Who built it is not asked (no attestation).

    Raises:
        PasskeyRefused: with what does not hold.
    """
    try:
        found = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
            supported_pub_key_algs=_ALGORITHMS,
        )
    except _UNREADABLE as problem:
        raise PasskeyRefused(str(problem)) from problem
    return Made(found.credential_id, found.credential_public_key, found.sign_count)


def sign_count(party: Party, challenge: bytes, answer: str, *, public_key: bytes) -> int:
    """Believe an answer that this key has signed here and now for its holder, and return what it has counted up to.

    Raises:
        PasskeyRefused: with what does not hold.
    """
    try:
        found = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,  # compared in the database, where two who come at once are seen
            require_user_verification=True,
        )
    except _UNREADABLE as problem:
        raise PasskeyRefused(str(problem)) from problem
    return found.new_sign_count


def _described(ids: Iterable[bytes]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=one) for one in ids]


def _short(answer: str) -> str:
    if len(answer) > LONGEST_ANSWER:
        raise PasskeyRefused("The answer is too long.")
    return answer


def _seal(secret: str, purpose: str, content: bytes) -> bytes:
    return hmac.digest(secret.encode(), f"passkey {purpose} ".encode() + content, "sha256")
