"""Messages to telephones: what an address is, which services are written to, and the RFC's own example."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from adapters.push_cipher import encrypt
from adapters.push_services import PushServices
from domain.errors.push import BadPushAddress, PushAway, PushRefused
from domain.push import MOST_BYTES, PushAddress, check_address

POINT = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
SECRET = "BTBZMqHH6r4Tts7J_aSIgg"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
SEALED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
    "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)
"""RFC 8291, section 5."""

ENDPOINT = "https://push.example/a"


def raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def test_the_example_of_rfc_8291_is_encrypted_as_it_stands_there() -> None:
    sender = ec.derive_private_key(int.from_bytes(raw(SENDER), "big"), ec.SECP256R1())
    address = check_address(ENDPOINT, POINT, SECRET, made_for="00")
    record = b"When I grow up, I want to be a watermelon\x02"
    assert text(encrypt(record, address, sender=sender, salt=raw(SALT))) == SEALED


def test_an_address_keeps_what_a_browser_has_given() -> None:
    assert check_address(ENDPOINT, POINT, SECRET, made_for="3fa90c1e") == PushAddress(
        ENDPOINT, raw(POINT), raw(SECRET), "3fa90c1e"
    )


@pytest.mark.parametrize(
    ("endpoint", "point", "secret"),
    [
        ("ftp://push.example/a", POINT, SECRET),
        ("https:///a", POINT, SECRET),
        ("https://user@push.example/a", POINT, SECRET),
        ("https://push.example/a#b", POINT, SECRET),
        ("https://push.example\\@10.0.0.1/a", POINT, SECRET),
        ("https://push.example:99999/a", POINT, SECRET),
        ("https://push.example/é", POINT, SECRET),
        ("https://push.example/" + "a" * 1_000, POINT, SECRET),
        (ENDPOINT, "BA", SECRET),
        (ENDPOINT, text(raw(POINT)[:-1] + b"\x00"), SECRET),  # beside the curve
        (ENDPOINT, text(b"\x04" + bytes(64)), SECRET),
        (ENDPOINT, "*" * 87, SECRET),
        (ENDPOINT, POINT, text(bytes(15))),
        (ENDPOINT, POINT + "A" * 60, SECRET),
    ],
)
def test_what_no_browser_gives_is_refused(endpoint: str, point: str, secret: str) -> None:
    with pytest.raises(BadPushAddress):
        check_address(endpoint, point, secret, made_for="00")


@pytest.mark.parametrize(
    ("endpoint", "taken"),
    [
        ("https://updates.push.example/w/1", True),
        ("https://updates.push.example:443/w/1", True),
        ("https://eu.notify.example/x", True),
        ("https://push.ville.example:8443/x", True),
        ("https://updates.push.example:8443/w/1", False),
        ("http://updates.push.example/w/1", False),
        ("https://updates.push.example.evil.example/", False),
        ("https://notify.example/x", False),
        ("https://evilnotify.example/x", False),
        ("https://push.ville.example/x", False),
        ("https://10.0.0.1/x", False),
        ("https://[::1/x", False),
        ("https://updates.push.example@10.0.0.1/x", False),
    ],
)
def test_only_services_that_the_operator_has_named_are_written_to(endpoint: str, *, taken: bool) -> None:
    named = PushServices(("updates.push.example", "*.notify.example", "https://push.ville.example:8443"))
    assert named.takes(endpoint) is taken
    assert not PushServices(()).takes(endpoint)


async def test_a_named_service_that_leads_into_a_private_network_is_not_written_to() -> None:
    with pytest.raises(PushRefused):
        await PushServices(("localhost",)).route("https://localhost/a")
    with pytest.raises(PushRefused):
        await PushServices(("push.example",)).route("https://localhost/a")


async def test_a_service_is_reached_at_the_address_that_was_looked_at_under_its_own_name() -> None:
    route = await PushServices(("https://localhost:8443",)).route("https://localhost:8443/a?b=c")
    assert route.host == "localhost:8443"
    assert route.url in {"https://127.0.0.1:8443/a?b=c", "https://[::1]:8443/a?b=c"}
    assert route.extensions == {"sni_hostname": "localhost"}


async def test_a_service_whose_name_is_unknown_is_tried_again() -> None:
    with pytest.raises(PushAway):
        await PushServices(("*.push.example",)).route(f"https://{'a' * 64}.push.example/a")


def test_a_message_leaves_room_for_what_encryption_adds() -> None:
    assert MOST_BYTES + 16 + 4 + 1 + 65 + 1 + 16 <= 4_096
