"""A code drawn is found again: turned, blurred, inverted."""

import io
from itertools import product

import pytest
from PIL import Image, ImageFilter, ImageOps

from nfc import picture
from nfc.errors import CodeError

SCALE = 4


def drawn(text: str, scale: int = SCALE) -> Image.Image:
    return Image.open(io.BytesIO(picture.render_png(text, scale=scale)))


def test_a_printed_code_is_version_9_with_its_quiet_zone(printed: str) -> None:
    rows = picture.modules(printed)
    assert len(rows) == 53
    assert {len(row) for row in rows} == {53}
    image = drawn(printed).convert("L")
    assert image.size == ((53 + 8) * SCALE, (53 + 8) * SCALE)
    assert ImageOps.invert(image).getbbox() == (4 * SCALE, 4 * SCALE, 57 * SCALE, 57 * SCALE)


@pytest.mark.parametrize(("degrees", "blur"), list(product((0, 7, 33, 90, 180), (0.0, 0.2, 0.4))))
def test_found_at_any_angle_and_a_little_blurred(printed: str, degrees: int, blur: float) -> None:
    turned = drawn(printed).convert("L").rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    assert picture.find_codes(turned.filter(ImageFilter.GaussianBlur(blur * SCALE))) == [printed]


def test_found_inverted_in_colour_and_on_transparent_ground(printed: str) -> None:
    image = drawn(printed, 3).convert("L")
    assert picture.find_codes(ImageOps.invert(image)) == [printed]
    assert picture.find_codes(ImageOps.colorize(image, "#17324d", "#f4ead2")) == [printed]
    clear = Image.new("RGBA", image.size, (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), mask=ImageOps.invert(image))
    assert picture.find_codes(clear) == [printed]


def test_all_the_codes_of_a_picture_are_found(printed: str) -> None:
    side = drawn(printed).width
    table = Image.new("L", (2 * side, side), 255)
    table.paste(drawn(printed), (0, 0))
    table.paste(drawn("MP3:I12$C2BO2UZ2423ND3.O3G 3"), (side, 0))
    assert sorted(picture.find_codes(table)) == sorted([printed, "MP3:I12$C2BO2UZ2423ND3.O3G 3"])


def test_no_code_is_an_empty_list() -> None:
    assert picture.find_codes(Image.new("RGB", (300, 200), "white")) == []
    assert picture.find_codes(Image.new("1", (1, 1))) == []


class Enormous(Image.Image):
    """A picture of which nobody may touch a pixel."""

    def __init__(self) -> None:
        super().__init__()
        self._size = (10_000, 5_001)

    def load(self) -> None:
        raise AssertionError("decoded")


def test_above_50_megapixels_nothing_is_decoded() -> None:
    with pytest.raises(CodeError) as refusal:
        picture.find_codes(Enormous())
    assert refusal.value.kind == "too_large"


def test_a_file_cut_short_is_unreadable(printed: str) -> None:
    for suffix in ("PNG", "JPEG"):
        data = io.BytesIO()
        drawn(printed, 12).convert("RGB").save(data, suffix)
        with pytest.raises(CodeError) as refusal:
            picture.find_codes(Image.open(io.BytesIO(data.getvalue()[: len(data.getvalue()) // 2])))
        assert refusal.value.kind == "unreadable"


@pytest.mark.parametrize(("place", "value"), [(10, 0x31), (16, 0xFF), (40, 0xFF)])
def test_a_file_that_is_broken_in_its_head_is_told_like_any_other(printed: str, place: int, value: int) -> None:
    """Found by fuzzing: Pillow opens such a file by an error of its own, before there is a picture."""
    data = bytearray(picture.render_png(printed, scale=2))
    data[place] = value
    with pytest.raises(CodeError) as refusal:
        picture.codes_in(bytes(data))
    assert refusal.value.kind in {"unreadable", "too_large", "unknown_type"}


def test_a_file_of_a_picture_is_read_as_the_picture_is(printed: str) -> None:
    assert picture.codes_in(picture.render_png(printed, scale=4)) == [printed]


def test_what_is_no_picture_is_told_so() -> None:
    with pytest.raises(CodeError) as refusal:
        picture.codes_in(b"no picture")
    assert refusal.value.kind == "unknown_type"


def test_the_svg_has_the_same_modules(printed: str) -> None:
    rows = picture.modules(printed)
    svg = picture.render_svg(printed)
    assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 61 61"')
    assert "<script" not in svg
    filled = {(x, row) for left, row, width in picture.runs(rows) for x in range(left, left + width)}
    assert filled == {(x, y) for y, row in enumerate(rows) for x, dark in enumerate(row) if dark}
    assert svg.count("h-") == len(picture.runs(rows))


@pytest.mark.parametrize("text", ["mp2:lower case", "É", "A" * 4000])
def test_what_no_alphanumeric_symbol_holds_is_not_drawn(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        picture.render_png(text, scale=1)
