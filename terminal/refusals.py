"""What a terminal makes of an answer that is none: a sentence for whoever stands there, and an error to act by."""

from typing import Final, TypeVar

import httpx
import msgspec
from msgspec import Struct

from terminal.errors import NoAnswer, Revoked, TerminalError, Unsupported
from terminal.wire import Problem

BUSY = frozenset({429, 502, 503, 504})
"""Answers of a server that would have answered at another moment."""

USE_OFFLINE_RULES: Final = frozenset({"ledger-unavailable"})
"""Codes of a server that runs and cannot decide, because its database is away."""

_Body = TypeVar("_Body", bound=Struct)


def database_away(response: httpx.Response | None) -> bool:
    """Tell whether the server itself says that it cannot decide: asking again only keeps somebody waiting."""
    return response is not None and problem_of(response).code in USE_OFFLINE_RULES


def answers(response: httpx.Response, key: str) -> bool:
    """Tell whether a response may be that to the passage of this key; without a key, every response may.

    HTTP/1.1 pairs answers with questions by their order alone. What somebody on the way sends twice would be the
    next person's answer, and a gate would open on it.
    """
    return not key or response.headers.get("Idempotency-Key", "" if response.status_code == 200 else key) == key


def retry_after(response: httpx.Response) -> float:
    """Return for how many seconds the server asks to be left alone."""
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else 0.0


def decode(response: httpx.Response, kind: type[_Body]) -> _Body:
    """Return the body of an answer.

    Raises:
        TerminalError: it is none of this kind.
    """
    try:
        return msgspec.json.decode(response.content, type=kind)
    except msgspec.DecodeError as problem:
        raise TerminalError(
            f"The server at {response.url.host} gave an answer that this terminal does not understand. Update it."
        ) from problem


def problem_of(response: httpx.Response) -> Problem:
    """Return the problem that an answer reports."""
    try:
        return msgspec.json.decode(response.content, type=Problem)
    except msgspec.DecodeError:
        return Problem()


def unreachable(server: str, problem: httpx.HTTPError | None) -> TerminalError:
    """Put a silence into a sentence."""
    why = "did not answer in time" if isinstance(problem, httpx.TimeoutException) else "cannot be reached"
    return NoAnswer(f"The server {server} {why}. Nothing was granted; try again.")


def refused(response: httpx.Response) -> TerminalError:
    """Put a problem report into a sentence."""
    problem = problem_of(response)
    if problem.code == "pairing-refused":
        return TerminalError("This pairing code is unknown, used or too old. Ask an agent for a new one.")
    if response.status_code == 401:
        kind = TerminalError if problem.code == "clock-skew" else Revoked
        return kind("The server no longer knows this terminal. Ask an agent for a code and pair it anew.")
    if response.status_code in BUSY:
        return NoAnswer("The server is too busy to answer. Nothing was granted; try again in a moment.")
    said = (problem.detail or problem.title or f"status {response.status_code}").rstrip(".")
    if response.status_code >= 500:
        return NoAnswer(f"The server failed: {said}. Nothing was granted; try again.")
    kind = Unsupported if response.status_code in {403, 404, 405} else TerminalError
    return kind(f"The server refused the request: {said}.")
