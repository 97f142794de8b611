"""A form whose session was over when it was sent: it is kept in the login page, and sent after the login.

What was typed is sealed with the browser's own secret and says whose session it was: it comes back in that browser
alone, to that agent alone, and only once they press the button. Passwords and codes are not kept.
"""

import base64
import binascii
import hmac
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from msgspec import Struct

from domain.agents import Agent

_NEVER = frozenset({"csrf", "password", "new", "again", "code"})


class Unsent(Struct, frozen=True):
    """A form on its way. `fields` are as they were typed."""

    agent_id: UUID
    path: str
    fields: tuple[tuple[str, str], ...]

    def sealed(self, secret: str) -> str:
        """Write it for a hidden field."""
        content = msgspec.json.encode(self)
        return f"{base64.b64encode(content).decode()}.{_seal(secret, content)}"


def opened(sealed: str, secret: str, agent: Agent) -> Unsent | None:
    """Read it again, if this browser sealed it and it is this agent's."""
    content, _, seal = sealed.rpartition(".")
    try:
        raw = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        return None
    if not secret or not hmac.compare_digest(seal.encode(), _seal(secret, raw).encode()):
        return None
    unsent = msgspec.json.decode(raw, type=Unsent)
    return unsent if unsent.agent_id == agent.id else None


async def keep(connection: ASGIConnection[Any, Any, Any, Any], agent_id: UUID) -> None:
    """Note what a form held whose session is over; its token has been checked."""
    if isinstance(connection, Request):
        form = await connection.form()
        fields = [(name, text) for name, text in form.multi_items() if isinstance(text, str) and name not in _NEVER]
        connection.state.unsent = Unsent(agent_id, connection.url.path, tuple(fields))


def _seal(secret: str, content: bytes) -> str:
    return hmac.digest(secret.encode(), b"unsent " + content, "sha256").hex()
