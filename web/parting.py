"""A word on what was done, left for the page that comes next, in a cookie that nobody but its own session can make."""

import base64
import binascii
import hmac

_LONGEST = 500


def seal(text: str, secret: str) -> str:
    """Return what the cookie holds."""
    text = text[:_LONGEST]
    mark = hmac.digest(secret.encode(), b"said" + text.encode(), "sha256").hex()
    return f"{base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}.{mark}"


def unseal(sealed: str, secret: str) -> str:
    """Return the word; empty where there is none, or another session left it."""
    kept, _, _ = sealed.partition(".")
    try:
        text = base64.urlsafe_b64decode(kept + "=" * (-len(kept) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
    return text if secret and hmac.compare_digest(seal(text, secret).encode(), sealed.encode()) else ""
