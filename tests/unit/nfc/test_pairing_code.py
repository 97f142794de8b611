"""The QR by which a device is paired."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from nfc import base45, pairing_code
from nfc.errors import CodeError
from nfc.pairing_code import PREFIX, PairingCode
from nfc.picture import find_codes, render_png


def test_a_camera_reads_back_where_the_server_is_and_the_code() -> None:
    text = pairing_code.write("https://pass.val-clair.example", "K7QF-2M9X")
    (seen,) = find_codes(Image.open(io.BytesIO(render_png(text, scale=4))))
    assert pairing_code.read(seen) == PairingCode("https://pass.val-clair.example", "K7QF-2M9X")


@pytest.mark.parametrize(
    ("server", "code"),
    [("ftp://pass.example", "K"), ("https://", "K"), ("pass.example", "K"), ("https://[", "K"), ("https://a", "")],
)
def test_nothing_is_written_that_leads_nowhere(server: str, code: str) -> None:
    with pytest.raises(ValueError, match="no pairing code"):
        pairing_code.write(server, code)


def test_an_address_too_long_for_a_screen_is_refused() -> None:
    with pytest.raises(ValueError, match="no pairing code"):
        pairing_code.write("https://" + "a" * 300, "K7QF-2M9X")


@pytest.mark.parametrize("text", ["", "MP2:AB", "HTTPS://PASS.EXAMPLE", "mpp1:AB"])
def test_another_kind_of_code_is_told_apart(text: str) -> None:
    with pytest.raises(CodeError) as refused:
        pairing_code.read(text)
    assert refused.value.kind == "unknown_type"


@pytest.mark.parametrize(
    "inside",
    [
        b"",
        b"[]",
        b'["https://a"]',
        b'["https://a","K","more"]',
        b'["javascript:x","K"]',
        b'["https://a","\\n"]',
        b"\xff",
    ],
)
def test_a_broken_pairing_code_is_unreadable(inside: bytes) -> None:
    with pytest.raises(CodeError) as refused:
        pairing_code.read(PREFIX + base45.encode(inside))
    assert refused.value.kind == "unreadable"


@given(st.text(max_size=500))
def test_whatever_is_shown_is_a_pairing_code_or_refused(text: str) -> None:
    for said in (text, PREFIX + text):
        try:
            found = pairing_code.read(said)
        except CodeError:
            continue
        assert found.server.startswith("http")
