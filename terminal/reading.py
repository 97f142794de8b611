"""From a picture of a pass to the text of its code."""

from pathlib import Path
from typing import Final

from nfc.errors import CodeError
from nfc.picture import codes_in
from terminal.errors import TerminalError

_UNREADABLE: Final = "{path} is a broken picture. Take it again."
_BROKEN: Final = {
    "unknown_type": "{path} is not a picture. Give a PNG or JPEG of the pass.",
    "too_large": "{path} is too large a picture. Take it again at a lower resolution.",
}


def code_in(path: Path) -> str:
    """Return the text of the one code that the picture shows.

    Raises:
        TerminalError: not a picture, no code in it, or several.
    """
    try:
        codes = sorted(set(codes_in(path.read_bytes())))
    except FileNotFoundError:
        raise TerminalError(f"There is no file {path}.") from None
    except OSError as problem:
        raise TerminalError(f"{path} cannot be read: {problem.strerror or problem}.") from problem
    except CodeError as problem:
        raise TerminalError(_BROKEN.get(problem.kind, _UNREADABLE).format(path=path)) from problem
    if not codes:
        raise TerminalError(f"No code was found in {path}. Hold the whole code in the frame, flat and without glare.")
    if len(codes) > 1:
        raise TerminalError(f"{path} shows {len(codes)} different codes. Show one pass at a time.")
    return codes[0]
