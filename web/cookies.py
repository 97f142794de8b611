"""Cookies of pages that know their visitor, the token that their forms carry, and the way back after a login."""

import hmac
from urllib.parse import urlsplit

from litestar.datastructures import Cookie

from api.settings import Settings
from domain.errors import Forbidden

FORM_FIELD = "csrf"
"""The field of a form that shows that one of our pages was drawn with it."""


class ForeignForm(Forbidden):
    """The form was not sent from a page of ours, or its session is over."""

    code = "foreign-form"


def cookie(settings: Settings, name: str, value: str, *, seconds: int | None = None) -> Cookie:
    """Make a cookie that scripts cannot read and other sites do not send; over TLS it belongs to this very host."""
    return Cookie(
        key=cookie_name(settings, name),
        value=value,
        max_age=seconds,
        path="/",
        secure=_is_secure(settings),
        httponly=True,
        samesite="lax",
    )


def cookie_name(settings: Settings, name: str) -> str:
    """Return the whole name: browsers take `__Host-` only from this host, over TLS."""
    return f"{'__Host-' if _is_secure(settings) else ''}multipass-{name}"


def form_token(secret: str, *, of: str) -> str:
    """Return the token of all forms of a session: whoever reads it in a page learns nothing of the session's secret."""
    return hmac.digest(secret.encode(), f"multipass {of} form".encode(), "sha256").hex()


def local_path(wanted: str, home: str) -> str:
    """Return a page under `home` that was asked for before the login; for anything else, `home`.

    Browsers read a backslash as a slash and drop line breaks: what is not plain is not followed.
    """
    parts = urlsplit(wanted) if wanted.isascii() and wanted.isprintable() and "\\" not in wanted else None
    if parts is None or parts.scheme or parts.netloc or "//" in parts.path:
        return home
    inside = parts.path == home or parts.path.startswith(f"{home}/")
    return wanted if inside and not parts.path.startswith(f"{home}/login") else home


def _is_secure(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")
