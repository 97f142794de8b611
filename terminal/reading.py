"""From a picture of a pass to the text of its code."""

import warnings
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from nfc.errors import CodeError
from nfc.picture import find_codes
from terminal.errors import TerminalError


def code_in(path: Path) -> str:
    """Return the text of the one code that the picture shows.

    Raises:
        TerminalError: not a picture, no code in it, or several.
    """
    try:
        with warnings.catch_warnings():
            # find_codes has its own, lower limit of pixels and says so in words.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                codes = sorted(set(find_codes(image)))
    except FileNotFoundError:
        raise TerminalError(f"There is no file {path}.") from None
    except UnidentifiedImageError:
        raise TerminalError(f"{path} is not a picture. Give a PNG or JPEG of the pass.") from None
    except Image.DecompressionBombError:
        raise TerminalError(f"{path} is too large a picture. Take it again at a lower resolution.") from None
    except CodeError as problem:
        said = "is too large a picture" if problem.kind == "too_large" else "is a broken picture"
        raise TerminalError(f"{path} {said}. Take it again.") from problem
    except OSError as problem:
        raise TerminalError(f"{path} cannot be read: {problem.strerror or problem}.") from problem
    if not codes:
        raise TerminalError(f"No code was found in {path}. Hold the whole code in the frame, flat and without glare.")
    if len(codes) > 1:
        raise TerminalError(f"{path} shows {len(codes)} different codes. Show one pass at a time.")
    return codes[0]
