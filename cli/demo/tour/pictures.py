"""The drawings on the sheets of the demonstration: flat, large, the same each time. A real city takes photos."""

import io
from collections.abc import Callable

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 960, 540
_SKY, _GROUND, _INK, _PAPER, _ACCENT = "#d8ecef", "#b9d3a8", "#1c3d45", "#ffffff", "#0b6e74"
_WATER, _SUN, _WALL, _BARK = "#6fb1cf", "#f2c14e", "#efe3cf", "#7a5a3a"

Pen = ImageDraw.ImageDraw


def drawing(motif: str) -> bytes:
    """Draw the picture of a motif, as PNG."""
    image = Image.new("RGB", (WIDTH, HEIGHT), _SKY)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 400, WIDTH, HEIGHT), fill=_GROUND)
    MOTIFS[motif](pen)
    written = io.BytesIO()
    image.save(written, "PNG", compress_level=1)
    return written.getvalue()


def _room(pen: Pen) -> None:
    pen.rectangle((0, 0, WIDTH, HEIGHT), fill=_WALL)
    pen.rectangle((120, 120, 600, 400), fill="#2f6b4f", outline=_BARK, width=14)
    pen.rounded_rectangle((690, 190, 830, 330), 18, fill=_PAPER, outline=_INK, width=6)
    pen.ellipse((750, 250, 770, 270), fill=_ACCENT)
    pen.line((710, 300, 810, 300), fill=_INK, width=5)


def _bicycle(pen: Pen) -> None:
    pen.rectangle((0, 400, WIDTH, 500), fill="#8d979b")
    for left in (300, 520):
        pen.ellipse((left, 270, left + 150, 420), outline=_INK, width=10)
    pen.line((375, 345, 450, 230, 560, 230, 595, 345), fill=_ACCENT, width=12)
    pen.line((375, 345, 480, 345, 560, 230), fill=_ACCENT, width=12)
    pen.line((560, 230, 545, 190, 590, 190), fill=_INK, width=10)
    pen.line((120, 450, 840, 450), fill=_PAPER, width=6)


def _walkers(pen: Pen) -> None:
    pen.rectangle((0, 400, WIDTH, HEIGHT), fill="#c9bfae")
    pen.rectangle((90, 80, 130, 430), fill=_INK)
    pen.rectangle((80, 110, 170, 150), fill=_ACCENT)
    for left, high in ((330, 0), (480, 30), (640, -10)):
        pen.ellipse((left, 180 + high, left + 60, 240 + high), fill=_INK)
        pen.rounded_rectangle((left - 10, 250 + high, left + 70, 400), 24, fill=_ACCENT)


def _stream(pen: Pen) -> None:
    pen.rectangle((0, 130, WIDTH, 400), fill="#a79a86")
    pen.pieslice((200, 170, 700, 670), 180, 360, fill=_SKY)
    pen.rectangle((0, 370, WIDTH, HEIGHT), fill=_WATER)
    pen.rectangle((800, 210, 840, 480), fill=_PAPER, outline=_INK, width=4)
    for mark in range(230, 480, 30):
        pen.line((800, mark, 825, mark), fill=_INK, width=4)


def _garden(pen: Pen) -> None:
    pen.rectangle((0, 380, WIDTH, HEIGHT), fill=_BARK)
    for left in range(120, 860, 120):
        pen.line((left, 390, left, 290), fill="#3f7d3a", width=10)
        pen.ellipse((left - 46, 250, left + 4, 310), fill="#4f9a48")
        pen.ellipse((left - 4, 230, left + 46, 290), fill="#4f9a48")
    pen.rectangle((466, 330, 494, 470), fill=_PAPER, outline=_INK, width=4)


def _glass(pen: Pen) -> None:
    pen.rounded_rectangle((360, 130, 600, 440), 60, fill="#3f8f5f", outline=_INK, width=6)
    pen.ellipse((430, 190, 530, 290), fill=_INK)
    pen.rectangle((400, 340, 560, 380), fill=_PAPER)


def _tap(pen: Pen) -> None:
    pen.rectangle((0, 0, WIDTH, HEIGHT), fill=_WALL)
    pen.rectangle((200, 220, 700, 270), fill="#8d979b")
    pen.rectangle((640, 220, 700, 330), fill="#8d979b")
    pen.ellipse((360, 140, 540, 320), fill=_PAPER, outline=_INK, width=8)
    pen.line((450, 230, 500, 180), fill=_ACCENT, width=8)
    pen.polygon(((670, 350), (640, 410), (700, 410)), fill=_WATER)
    pen.ellipse((640, 385, 700, 445), fill=_WATER)


def _cars(pen: Pen) -> None:
    pen.rectangle((0, 400, WIDTH, HEIGHT), fill="#8d979b")
    pen.rectangle((130, 90, 270, 230), fill=_ACCENT)
    pen.rectangle((175, 115, 195, 205), fill=_PAPER)
    pen.ellipse((175, 110, 240, 170), fill=_PAPER)
    pen.rounded_rectangle((380, 320, 760, 410), 30, fill=_INK)
    pen.polygon(((450, 320), (500, 250), (650, 250), (700, 320)), fill=_INK)
    for left in (440, 640):
        pen.ellipse((left, 370, left + 80, 450), fill="#333333", outline=_PAPER, width=8)


def _mast(pen: Pen) -> None:
    pen.ellipse((700, 50, 830, 180), fill=_SUN)
    pen.rectangle((470, 130, 490, 430), fill=_INK)
    pen.rounded_rectangle((420, 220, 540, 320), 10, fill=_PAPER, outline=_INK, width=5)
    for line in range(240, 320, 20):
        pen.line((425, line, 535, line), fill=_INK, width=3)
    pen.line((400, 130, 560, 130), fill=_INK, width=8)
    pen.ellipse((385, 115, 415, 145), fill=_ACCENT)
    pen.ellipse((545, 115, 575, 145), fill=_ACCENT)


def _cabinet(pen: Pen) -> None:
    pen.rectangle((0, 430, WIDTH, HEIGHT), fill="#8d979b")
    pen.rectangle((330, 190, 630, 450), fill=_PAPER, outline=_INK, width=6)
    for line in range(230, 340, 24):
        pen.line((370, line, 500, line), fill=_INK, width=5)
    pen.rectangle((540, 230, 600, 330), fill=_ACCENT)
    pen.rectangle((468, 90, 492, 190), fill=_INK)
    pen.ellipse((440, 60, 520, 110), fill=_ACCENT, outline=_INK, width=5)
    for left, top in ((110, 120), (190, 210), (720, 110), (800, 230), (130, 300), (860, 140)):
        pen.ellipse((left, top, left + 24, top + 24), fill=_PAPER, outline="#8d979b", width=3)
    pen.rounded_rectangle((690, 370, 900, 440), 26, fill=_INK)
    for left in (720, 830):
        pen.ellipse((left, 415, left + 50, 465), fill="#333333", outline=_PAPER, width=6)


def _skip(pen: Pen) -> None:
    pen.polygon(((240, 260), (720, 260), (660, 430), (300, 430)), fill=_ACCENT, outline=_INK)
    pen.rectangle((90, 220, 120, 430), fill=_INK)
    pen.rectangle((90, 230, 250, 250), fill="#c94b3b")
    pen.rectangle((400, 180, 480, 260), fill=_BARK)
    pen.ellipse((520, 190, 600, 270), fill="#4f9a48")


def _square(pen: Pen) -> None:
    pen.rectangle((0, 400, WIDTH, HEIGHT), fill="#c9bfae")
    pen.polygon(((160, 260), (480, 110), (800, 260)), fill="#a5533f")
    for left in range(190, 800, 110):
        pen.rectangle((left, 260, left + 24, 410), fill=_WALL)
    pen.rounded_rectangle((60, 180, 110, 260), 10, fill=_PAPER, outline=_INK, width=4)
    for reach in (30, 55, 80):
        pen.arc((110 - reach, 220 - reach, 110 + reach, 220 + reach), -40, 40, fill=_ACCENT, width=6)


def _lamp(pen: Pen) -> None:
    pen.rectangle((0, 0, WIDTH, HEIGHT), fill="#1b2a41")
    pen.rectangle((0, 430, WIDTH, HEIGHT), fill="#24384f")
    pen.polygon(((480, 150), (330, 430), (650, 430)), fill="#f6e3a1")
    pen.rectangle((560, 90, 578, 440), fill="#0d1524")
    pen.rectangle((450, 90, 578, 106), fill="#0d1524")
    pen.ellipse((450, 100, 520, 150), fill=_SUN)


def _building(pen: Pen) -> None:
    pen.rectangle((220, 140, 740, 430), fill=_WALL, outline=_INK, width=5)
    for left in range(260, 720, 120):
        for top in (180, 300):
            pen.rectangle((left, top, left + 70, top + 80), fill=_WATER, outline=_INK, width=3)
    pen.polygon(((835, 190), (790, 300), (830, 300), (810, 400), (870, 270), (830, 270)), fill=_SUN, outline=_INK)


MOTIFS: dict[str, Callable[[Pen], None]] = {
    "room": _room,
    "bicycle": _bicycle,
    "walkers": _walkers,
    "stream": _stream,
    "garden": _garden,
    "glass": _glass,
    "tap": _tap,
    "cars": _cars,
    "mast": _mast,
    "cabinet": _cabinet,
    "skip": _skip,
    "square": _square,
    "lamp": _lamp,
    "building": _building,
}
"""What there is to draw, by the name that the sheets give."""
