"""A word on what was done, left for the page that comes next, in a cookie that nobody but its own session can make."""

import base64
import binascii
import hmac

_LONGEST = 500


def seal(text: str, secret: str, *, longest: int = _LONGEST) -> str:
    """Return what the cookie holds: `longest` characters of the word at most."""
    text = text[:longest]
    mark = hmac.digest(secret.encode(), b"said" + text.encode(), "sha256").hex()
    return f"{base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}.{mark}"


def unseal(sealed: str, secret: str) -> str:
    """Return the word; empty where there is none, or another session left it."""
    kept, _, _ = sealed.partition(".")
    try:
        text = base64.urlsafe_b64decode(kept + "=" * (-len(kept) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
    return (
        text if secret and hmac.compare_digest(seal(text, secret, longest=len(text)).encode(), sealed.encode()) else ""
    )
