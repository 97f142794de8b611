"""What a passkey sends is believed only if every part of it holds; each refusal says which does not."""

import random
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from adapters import passkeys
from adapters.passkeys import LIFE, Party, Shown, party_of
from domain.errors.agents import PasskeyRefused
from tests.authenticator import PRESENT, Authenticator, raw, text
from tests.city import NOW

PARTY = Party("localhost", "http://localhost:8400")
CHALLENGE = b"c" * 56


def for_new(challenge: bytes = CHALLENGE) -> str:
    return passkeys.ask_for_new(
        PARTY, challenge, issuer="Val-Clair", user_id=b"u" * 16, login="ines", name="Inès Roux", known=()
    )


def for_one(challenge: bytes = CHALLENGE) -> str:
    return passkeys.ask_for_one(PARTY, challenge, allowed=())


def test_a_passkey_is_made_and_shown_again() -> None:
    stick = Authenticator()
    made = passkeys.made(PARTY, CHALLENGE, stick.make(for_new()))
    answer = stick.show(for_one())
    assert (made.credential_id, made.sign_count) == (stick.credential_id, 1)
    assert passkeys.read(answer) == Shown(stick.credential_id, CHALLENGE, b"u" * 16)
    assert passkeys.sign_count(PARTY, CHALLENGE, answer, public_key=made.public_key) == 2


@pytest.mark.parametrize(
    ("url", "party"),
    [
        ("https://pass.val-clair.example", Party("pass.val-clair.example", "https://pass.val-clair.example")),
        ("https://Pass.example:8443/x", Party("pass.example", "https://pass.example:8443")),
        ("http://localhost:8400", PARTY),
        ("http://127.0.0.1:8400", PARTY),
        ("http://192.0.2.1:8400", None),
        ("https://[::1]", None),
        ("http://pass.example", None),
        ("", None),
    ],
)
def test_browsers_know_passkeys_for_names_over_tls(url: str, party: Party | None) -> None:
    assert party_of(url) == party


def unverified(stick: Authenticator) -> None:
    stick.flags = PRESENT


def absent(stick: Authenticator) -> None:
    stick.flags = 0


def elsewhere(stick: Authenticator) -> None:
    stick.origin = "http://localhost:8400.evil.example"


def for_another_site(stick: Authenticator) -> None:
    stick.rp_id = "evil.example"


LIES = [
    (elsewhere, "origin"),
    (for_another_site, "RP ID hash"),
    (unverified, "user was not verified"),
    (absent, "not present"),
]


@pytest.mark.parametrize(("lie", "why"), LIES)
def test_a_new_passkey_that_does_not_hold_is_refused_with_its_reason(lie: Any, why: str) -> None:  # noqa: ANN401 - a function
    stick = Authenticator()
    lie(stick)
    with pytest.raises(PasskeyRefused, match=r"(?i)" + why.replace("not present", "user presence|not present")):
        passkeys.made(PARTY, CHALLENGE, stick.make(for_new()))


@pytest.mark.parametrize(("lie", "why"), LIES)
def test_a_shown_passkey_that_does_not_hold_is_refused_with_its_reason(lie: Any, why: str) -> None:  # noqa: ANN401 - a function
    stick = Authenticator()
    key = passkeys.made(PARTY, CHALLENGE, stick.make(for_new())).public_key
    lie(stick)
    with pytest.raises(PasskeyRefused, match=why):
        passkeys.sign_count(PARTY, CHALLENGE, stick.show(for_one()), public_key=key)


def test_another_challenge_another_kind_and_another_signature_are_refused() -> None:
    stick = Authenticator()
    key = passkeys.made(PARTY, CHALLENGE, stick.make(for_new())).public_key
    other = passkeys.made(PARTY, CHALLENGE, Authenticator().make(for_new())).public_key
    for answer, public_key, why in (
        (stick.show(for_one(b"d" * 56)), key, "challenge"),
        (stick.show(for_one(), type="webauthn.create"), key, "client data type"),
        (stick.show(for_one(), tampered=True), key, "signature"),
        (stick.show(for_one()), other, "signature"),
    ):
        with pytest.raises(PasskeyRefused, match=why):
            passkeys.sign_count(PARTY, CHALLENGE, answer, public_key=public_key)


def test_a_challenge_is_for_one_browser_one_purpose_and_five_minutes() -> None:
    challenge = passkeys.draw_challenge("door", "login", NOW)
    assert passkeys.check_challenge(challenge, "door", "login", NOW) == NOW.replace(microsecond=0) + LIFE
    forged = challenge[:-1] + bytes([challenge[-1] ^ 1])
    for shown, secret, purpose, now, why in (
        (challenge, "another", "login", NOW, "not given"),
        (challenge, "", "login", NOW, "not given"),
        (challenge, "door", "register", NOW, "not given"),
        (forged, "door", "login", NOW, "not given"),
        (b"", "door", "login", NOW, "not given"),
        (challenge, "door", "login", NOW + LIFE + timedelta(seconds=1), "over"),
    ):
        with pytest.raises(PasskeyRefused, match=why):
            passkeys.check_challenge(shown, secret, purpose, now)


def test_bytes_of_strangers_are_refused_whatever_they_are() -> None:
    """Any mistake in an answer is one refusal, never an error of ours."""
    stick, rolled = Authenticator(), random.Random(7)
    made, shown = stick.make(for_new()), stick.show(for_one())
    key = passkeys.made(PARTY, CHALLENGE, made).public_key
    for _ in range(300):
        for whole in (made, shown):
            at = rolled.randrange(len(whole))
            broken = whole[:at] + rolled.choice(['"', "A", "{", "_", "\x00", "é", ""]) + whole[at + 1 :]
            with suppress(PasskeyRefused):
                passkeys.read(broken)
            with suppress(PasskeyRefused):
                passkeys.challenge_of_new(broken)
            with suppress(PasskeyRefused):
                passkeys.made(PARTY, CHALLENGE, broken)
            with suppress(PasskeyRefused):
                passkeys.sign_count(PARTY, CHALLENGE, broken, public_key=key)
    for nothing in ("", "null", "[]", "{}", '{"id": 1}', "[" * 5_000, "x" * 20_000, text(raw("AAAA"))):
        for step in (passkeys.read, passkeys.challenge_of_new):
            with pytest.raises(PasskeyRefused):
                step(nothing)
