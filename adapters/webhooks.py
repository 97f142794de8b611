"""Posting a message to other software: one attempt, bounded in time, following nobody elsewhere."""

import asyncio

import httpx

TIMEOUT_SECONDS = 5.0
"""For each of connecting, sending and reading."""

MOST_SECONDS = 8.0
"""For all of it: one who answers a letter at a time is not waited for. Less than the first pause between attempts."""

USER_AGENT = "MultiPass-Webhooks/1"


class Poster:
    """Posts messages. What comes back beyond the status is not read."""

    def __init__(self) -> None:
        self._opened: httpx.AsyncClient | None = None

    @property
    def _client(self) -> httpx.AsyncClient:
        """The client, opened for the first message: reading the machine's certificates takes a while."""
        if self._opened is None:
            self._opened = httpx.AsyncClient(
                timeout=TIMEOUT_SECONDS,
                follow_redirects=False,
                trust_env=False,
                limits=httpx.Limits(max_connections=10, max_keepalive_connections=0),
            )
        return self._opened

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> tuple[str, bool]:
        """Post once; return what it met, and whether the other side has taken it (a status of 2xx)."""
        all_headers = {**headers, "content-type": "application/json", "user-agent": USER_AGENT}
        try:
            async with (
                asyncio.timeout(MOST_SECONDS),
                self._client.stream("POST", url, content=body, headers=all_headers) as answer,
            ):
                return str(answer.status_code), answer.is_success
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as problem:
            return type(problem).__name__, False

    async def close(self) -> None:
        """Let go of every connection."""
        if self._opened is not None:
            await self._opened.aclose()
