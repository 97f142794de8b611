"""A paper photographed by a telephone, through its own file chooser, until the reviewer reads it upright."""

import io
import re

import pytest
import zxingcpp
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect

from adapters.document_file import LARGEST, SIDE
from nfc.picture import render_png
from tests.browser.test_portal_requests import Somebody, asked, city, send
from tests.console_door import log_in
from tests.served import Served

__all__ = ["city"]

pytestmark = pytest.mark.browser

PAGE = (3024, 4032)
"""What the sensor of an ordinary telephone sees of a page held upright: twelve megapixels."""
PRINTED = "IDENTITE 0123456789"
MAKER = b"Maker of Cameras"


def photographed() -> bytes:
    """A photo as a telephone makes it: megabytes, on its side, and who made it and where it was taken."""
    page = Image.effect_noise(PAGE, 12).point([min(grey + 90, 255) for grey in range(256)]).convert("RGB")
    pen = ImageDraw.Draw(page)
    pen.rectangle((0, 0, PAGE[0], 400), "red")
    pen.rectangle((0, PAGE[1] - 400, PAGE[0], PAGE[1]), "blue")
    page.paste(Image.open(io.BytesIO(render_png(PRINTED, scale=16))).convert("RGB"), (300, 600))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter, clockwise
    exif[0x010F] = MAKER.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (50.0, 38.0, 1.2), 3: "E", 4: (3.0, 3.0, 48.0)})
    written = io.BytesIO()
    page.transpose(Image.Transpose.ROTATE_90).save(written, "JPEG", quality=92, exif=exif)
    return written.getvalue()


def read_by_the_reviewer(browser: Browser, city: Served, request: str) -> bytes:
    """Open the request at the console, see its paper beside the form, and fetch it as the page does."""
    with browser.new_context(locale="fr-FR") as context:
        page = log_in(context.new_page(), city, f"/console/requests/{request}")
        picture = page.locator("figure.document img")
        expect(picture).to_have_js_property("complete", value=True)
        assert picture.evaluate("(one) => one.naturalHeight > one.naturalWidth"), "it lies on its side"
        return context.request.get(city.url + (picture.get_attribute("src") or ""), timeout=60_000).body()


def choose_a_photo(page: Page, photo: bytes) -> None:
    """Press the field that opens the camera, and take what it gives: the browser's own chooser, as on a telephone."""
    with page.expect_file_chooser() as chooser:
        page.get_by_label("Prendre une photo").click()
    chooser.value.set_files({"name": "IMG_20261123_141502.jpg", "mimeType": "image/jpeg", "buffer": photo})


def red_and_blue(picture: Image.Image, height: int) -> tuple[bool, bool]:
    """Whether a line of a picture is red, and whether it is blue."""
    found = picture.getpixel((picture.width // 2, height))
    assert isinstance(found, tuple)
    return found[0] > 200, found[2] > 200


@pytest.mark.parametrize("scripts", [True, False], ids=["made smaller by the page", "sent whole, without a script"])
def test_a_photo_of_a_telephone_reaches_the_reviewer_upright_readable_and_without_where_it_was_taken(
    browser: Browser, city: Served, *, scripts: bool
) -> None:
    photo = photographed()
    assert 2 * 2**20 < len(photo) < LARGEST
    assert Image.open(io.BytesIO(photo)).getexif().get_ifd(0x8825)
    page = Somebody(browser, city).on_a_phone(java_script_enabled=scripts)
    asked(page)
    page.goto(f"{page.url.rpartition('/')[0]}/papers/identity")
    choose_a_photo(page, photo)
    page.get_by_role("button", name="Envoyer ce papier").click()
    expect(page.get_by_role("status")).to_have_text("Votre papier est bien arrivé.")
    page.get_by_role("link", name=re.compile("^Continuer")).click()
    send(page)
    request = page.url.rpartition("/")[2]
    page.context.close()

    kept = read_by_the_reviewer(browser, city, request)

    shown = Image.open(io.BytesIO(kept))
    assert shown.size == (PAGE[0] * SIDE // PAGE[1], SIDE)
    assert red_and_blue(shown, 50) == (True, False), "its head is up"
    assert red_and_blue(shown, SIDE - 50) == (False, True)
    assert [one.text for one in zxingcpp.read_barcodes(shown)] == [PRINTED]
    assert (dict(shown.getexif()), b"Exif" in kept, MAKER in kept) == ({}, False, False)
    assert len(kept) < 2 * 2**20
