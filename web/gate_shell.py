"""The page of a gate, as files: the server gives it to agents' phones, a terminal to its own screen.

No framework is needed to read them: `multipass terminal run --page` serves the same files by itself.
"""

import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final, get_args

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from msgspec import Struct

from domain.waste import KINDS
from web.moments import Language

_WEB = Path(__file__).parent
_GATE = _WEB / "pages" / "gate"
_TEXTS: dict[str, dict[Language, str]] = tomllib.loads((_GATE / "words.toml").read_text(encoding="utf-8"))
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)

_MEDIA_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
}
_DECODER = ("zxing-wasm/share.js", "zxing-wasm/reader/index.js", "zxing-wasm/reader/zxing_reader.wasm")

HEADERS: Final = {
    # The decoder of QR codes is WebAssembly: this page alone may run it.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; media-src 'self'; manifest-src 'self'; worker-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
    # The worker lies in /gate/, the page that it keeps is /gate.
    "Service-Worker-Allowed": "/gate",
}


class Decider(StrEnum):
    """Who decides for the page: the terminal's own process, or the server, asked by a phone."""

    TERMINAL = "terminal"
    PHONE = "phone"


class Asset(Struct, frozen=True):
    """A file as it is served."""

    media_type: str
    body: bytes


@cache
def page(decider: Decider, language: Language) -> Asset:
    """Draw the page in a language."""
    environment = Environment(
        loader=FileSystemLoader(_GATE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    say = _words(language)
    body = environment.get_template("gate.html").render(
        language=language,
        other="en" if language == "fr" else "fr",
        decider=decider,
        say=say,
    )
    return Asset("text/html; charset=utf-8", body.encode())


@cache
def files() -> dict[str, Asset]:
    """Read what the page loads from `/gate/`, by name."""
    drawn = {path.name: path for path in _GATE.iterdir() if path.suffix in _MEDIA_TYPES}
    manifests = {f"manifest.{language}.webmanifest": _manifest(language) for language in LANGUAGES}
    return {name: _read(path) for name, path in sorted(drawn.items())} | manifests


def whole(decider: Decider, language: Language) -> dict[str, Asset]:
    """Gather everything by its address, `/gate` in this language: all that a server of this page alone needs."""
    return {
        "/gate": page(decider, language),
        **{f"/gate?lang={each}": page(decider, each) for each in LANGUAGES},
        **{f"/gate/{name}": asset for name, asset in files().items()},
        "/tokens.css": _read(_WEB / "tokens.css"),
        **{f"/static/{name}": _read(_WEB / "vendor" / name) for name in _DECODER},
    }


def _manifest(language: Language) -> Asset:
    say = _words(language)
    told = {
        "id": "/gate",
        "name": say["title"],
        "short_name": say["short_title"],
        "lang": language,
        "start_url": f"/gate?lang={language}",
        "scope": "/gate",
        "display": "standalone",
        "background_color": "#0b3d2e",
        "theme_color": "#0b3d2e",
        "icons": [
            {"src": "/gate/icon-192.png", "sizes": "192x192", "type": "image/png", "purpose": "any"},
            {"src": "/gate/icon-512.png", "sizes": "512x512", "type": "image/png", "purpose": "any"},
            {"src": "/gate/icon-512.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
        ],
    }
    return Asset(_MEDIA_TYPES[".webmanifest"], msgspec.json.encode(told))


def _words(language: Language) -> dict[str, str]:
    kinds = {f"kind_{kind.code}": getattr(kind.name, language).lower() for kind in KINDS}
    return {key: texts[language] for key, texts in _TEXTS.items()} | kinds


def _read(path: Path) -> Asset:
    return Asset(_MEDIA_TYPES[path.suffix], path.read_bytes())
