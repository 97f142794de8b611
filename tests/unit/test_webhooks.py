"""Where webhooks may lead, how their messages are signed, and when nobody tries again."""

import hmac
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.errors.floods import BadWebhook
from domain.webhooks import RETRIES, Delivery, Kind, check_url, next_attempt, signature

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "url",
    [
        "https://sirens.example/hook?city=1",
        "https://sirens.example:8443/hook",
        "http://localhost:9000/hook",
        "http://127.0.0.1/hook",
        "http://10.2.3.4:81/",
        "http://[fd00::1]/",
    ],
)
def test_a_message_leaves_by_https_or_stays_in_the_house(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://sirens.example/hook",
        "http://8.8.8.8/",
        "http://169.254.169.254/latest/meta-data",
        "http://0.0.0.0/",
        "https://user:secret@sirens.example/",
        "https:///hook",
        "https://sirens.example/#part",
        "https://sirens.example/a b",
        "https://sirens.example:port/",
        "https://[::1/",
        "ftp://sirens.example/",
        "javascript:alert(1)",
        "https://sirens.example/é",
        f"https://sirens.example/{'a' * 400}",
        "",
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(BadWebhook):
        check_url(url)


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """Standard Webhooks 1.0: HMAC-SHA-256 of `id.timestamp.body`, in base64 behind `v1,`."""
    delivery = Delivery(*(UUID(int=1),) * 3, Kind.FLOOD_LEVEL, "lez", b'{"a":1}', NOON, attempts=0, due_at=NOON)
    headers = signature(b"k" * 32, delivery, NOON)
    seconds = str(int(NOON.timestamp()))
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == (str(UUID(int=1)), seconds)
    version, mac = headers["webhook-signature"].split(",")
    signed = f"{UUID(int=1)}.{seconds}.".encode() + b'{"a":1}'
    assert (version, b64decode(mac)) == ("v1", hmac.digest(b"k" * 32, signed, "sha256"))


def test_it_is_tried_ten_times_within_eleven_hours_and_then_given_up() -> None:
    waits = []
    attempts = 0
    while (due := next_attempt(attempts + 1, NOON)) is not None:
        attempts += 1
        waits.append(due - NOON)
    assert len(waits) + 1 == 10
    assert waits == sorted(RETRIES)
    assert timedelta(hours=10) < sum(waits, timedelta()) < timedelta(hours=11)
