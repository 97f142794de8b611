"""Files that pages load: stylesheets and small modules of our own. An address changes with its content."""

from functools import cached_property
from hashlib import sha256
from pathlib import Path

from litestar import Response

from domain.errors import NotFound

FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}

SHARED = Path(__file__).parent / "pages" / "shared"
"""What more than one surface loads, each from its own address: a page takes files of its own surface alone."""

_TYPES = {".css": "text/css", ".js": "text/javascript", ".png": "image/png", ".svg": "image/svg+xml"}


class Assets:
    """The files of some folders, served below one address."""

    def __init__(self, *folders: Path, under: str) -> None:
        self._folders = folders
        self._under = under

    @cached_property
    def _files(self) -> dict[str, tuple[bytes, str]]:
        found = (path for folder in self._folders for path in folder.iterdir())
        return {path.name: (path.read_bytes(), _TYPES[path.suffix]) for path in found if path.suffix in _TYPES}

    @cached_property
    def edition(self) -> str:
        """One for all files, so that a module finds the others beside it."""
        content = b"".join(name.encode() + body for name, (body, _) in sorted(self._files.items()))
        return sha256(content).hexdigest()[:16]

    def address(self, name: str) -> str:
        """Return where a file is to be loaded from.

        Raises:
            KeyError: there is none of this name.
        """
        self._files[name]
        return f"{self._under}/{self.edition}/{name}"

    def serve(self, edition: str, name: str) -> Response[bytes]:
        """Serve a file; under an older or newer address it is not to be kept.

        Raises:
            NotFound: there is none of this name.
        """
        found = self._files.get(name)
        if found is None:
            raise NotFound("No such file.")
        body, media_type = found
        headers = FOR_EVER if edition == self.edition else {"Cache-Control": "no-store"}
        return Response(body, media_type=media_type, headers=headers)


def hue_sheet(hue: int) -> Response[bytes]:
    """Serve the one hue of an authority as a stylesheet, for pages that carry no style of their own."""
    return Response(f":root {{ --hue: {hue % 360} }}\n".encode(), media_type="text/css", headers=FOR_EVER)
