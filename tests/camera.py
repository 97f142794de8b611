"""A camera for Chromium: what it sees is a file, which a test may change between two looks."""

import io
from pathlib import Path

from PIL import Image

from nfc.picture import render_png

SIZE = (640, 480)


def flags(film: Path) -> list[str]:
    """What Chromium is started with to have this camera. Leave of the person in front of it is the page's to ask."""
    return ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"]


def film(path: Path, code: str | None) -> None:
    """Show a code to the camera, a little askew as people hold it; None shows an empty wall."""
    wall = Image.new("RGB", SIZE, (96, 104, 112))
    if code is not None:
        shown = Image.open(io.BytesIO(render_png(code, scale=6))).convert("RGB")
        shown.thumbnail((400, 400))
        wall.paste(shown.rotate(4, expand=True, fillcolor=(96, 104, 112), resample=Image.Resampling.BICUBIC), (100, 20))
    frame = io.BytesIO()
    wall.save(frame, "JPEG", quality=92)
    path.write_bytes(frame.getvalue() * 10)
