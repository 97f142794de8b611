"""Text messages: through an operator's HTTP interface, or into a folder where a person or a test reads them.

Every operator takes a posted JSON object; which fields it has stands in a template. Nothing here is logged: neither who
is written to, nor what.
"""

import asyncio
import os
import secrets
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec

from domain.errors.accounts import MessageNotSent
from domain.ports import Clock
from domain.sms import Sms, TextMessage

TIMEOUT_SECONDS: Final = 10.0

USUAL_BODY: Final = '{"to": "{number}", "text": "{text}"}'


def sms_of(*, url: str, authorization: str, body: str, folder: str, clock: Clock) -> Sms | None:
    """Return how this installation sends text messages: by an operator, into a folder, or (None) not at all."""
    if url:
        return HttpSms(url, authorization, body or USUAL_BODY)
    return FolderSms(Path(folder), clock) if folder else None


class HttpSms:
    """Posts each message to an operator. `body` is a JSON object in whose texts `{number}` and `{text}` are put."""

    def __init__(self, url: str, authorization: str, body: str) -> None:
        self._url = url
        self._headers = {"content-type": "application/json", "user-agent": "MultiPass/1"}
        if authorization:
            self._headers["authorization"] = authorization
        self._template: Any = msgspec.json.decode(body)
        self._opened: httpx.AsyncClient | None = None

    async def send(self, message: TextMessage) -> None:
        """Hand one message to the operator."""
        if self._opened is None:
            self._opened = httpx.AsyncClient(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False)
        said = msgspec.json.encode(_filled(self._template, message))
        try:
            answer = await self._opened.post(self._url, content=said, headers=self._headers)
        except httpx.HTTPError as problem:
            raise MessageNotSent(f"The operator is away: {type(problem).__name__}.") from None
        if not answer.is_success:
            raise MessageNotSent(f"The operator refuses it ({answer.status_code}).")

    async def close(self) -> None:
        """Let go of every connection."""
        if self._opened is not None:
            await self._opened.aclose()


class FolderSms:
    """Writes each message as a file that only this user may read: for demonstrations and tests, not for people."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    async def send(self, message: TextMessage) -> None:
        """Write one message."""
        name = f"{self._clock():%Y%m%dT%H%M%S}-{secrets.token_hex(6)}.json"
        try:
            await asyncio.to_thread(self._write, name, msgspec.json.encode(message))
        except OSError as problem:
            raise MessageNotSent(f"The folder of messages cannot be written: {type(problem).__name__}.") from None

    async def close(self) -> None:
        """Nothing is held open."""

    def _write(self, name: str, said: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = self._folder / f".{name}"
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(said)
        part.rename(self._folder / name)


def _filled(template: Any, message: TextMessage) -> Any:  # noqa: ANN401 - whatever JSON the operator asks for
    """Put number and text into every text of a template: as values, so that no message can become a field."""
    match template:
        case str():
            # The text last: what stands in a message is never looked at again.
            return template.replace("{number}", message.number).replace("{text}", message.text)
        case dict():
            return {name: _filled(value, message) for name, value in template.items()}
        case list():
            return [_filled(value, message) for value in template]
    return template
