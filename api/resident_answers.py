"""How residents are answered: an act once under its key, a reading with its tag, a problem in their language."""

from collections.abc import Awaitable, Callable
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any, TypeVar, cast

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.openapi.datastructures import ResponseSpec
from msgspec import Struct

from api import bodies, problems
from api.conditional import names
from api.problems import Problem
from api.residents import Resident
from domain.account_answers import answered, keep
from domain.accounts import Account
from domain.errors import AlreadyExists, DomainError
from domain.ports import Clock, Unit
from domain.text import Text
from store.database import Database

S = TypeVar("S", bound=Struct)

UNCHANGED = {304: ResponseSpec(None, description="What you have is still what is shown.")}
"""What a reading may answer too, for its description."""


async def once(
    database: Database,
    clock: Clock,
    account: Account,
    asked: tuple[str, Struct],
    act: Callable[[Unit], Awaitable[S]],
    *,
    kind: type[S],
) -> S:
    """Do an act once, and answer it always the same; `asked` names what is acted upon, and says what was sent.

    Raises:
        KeyReused: something else was asked under its key.
    """
    key, fingerprint = str(getattr(asked[1], "key")), bodies.fingerprint(asked)  # noqa: B009 - every act's body has one
    for last in (False, True):
        try:
            async with database.begin() as unit:
                body = await answered(unit, account, key, fingerprint)
                if body is None:
                    body = msgspec.json.encode(await act(unit))
                    await keep(unit, account, key, fingerprint=fingerprint, body=body, now=clock())
            return msgspec.json.decode(body, type=kind)
        except AlreadyExists:
            # The same act, sent twice at the same moment: the other one was done, and tells what came of it.
            if last:
                raise
    raise AssertionError


def tagged(request: Request[Any, Any, Any], view: S) -> Response[S]:
    """Answer with an entity tag; who has this already is told so without it. No cache between us keeps it."""
    tag = f'"{sha256(msgspec.json.encode(view)).hexdigest()[:24]}"'
    headers = {"Cache-Control": "private, no-cache", "ETag": tag}
    if names(request.headers.get("if-none-match", ""), tag):
        return cast("Response[S]", Response(None, status_code=304, headers=headers))
    return Response(view, headers=headers)


class Told(Problem, frozen=True, rename="camel", omit_defaults=True):
    """A problem as residents may read it: `message` is in their language."""

    message: str = ""


@cache
def _words() -> dict[str, Text]:
    text = resources.files("api").joinpath("resident_problems.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=dict[str, Text])


def words_for(answer: Problem) -> Text:
    """Return what to say of a problem: by its code, or by its status where the code has no words of its own."""
    words = _words()
    return words.get(answer.code) or words.get(f"status-{answer.status}") or words["status-500"]


def language_of(request: Request[Any, Any, Any]) -> str:
    """Return the language of whoever asks: that of their account, or what their device prefers, or French."""
    caller = request.scope.get("user")
    if isinstance(caller, Resident):
        return caller.account.language
    preferred = request.headers.get("accept-language", "").strip().lower()
    return "en" if preferred.startswith("en") else "fr"


def _in_words(request: Request[Any, Any, Any], answer: Response[bytes]) -> Response[bytes]:
    said = msgspec.json.decode(answer.content, type=Problem)
    words = words_for(said)
    message = words.en if language_of(request) == "en" else words.fr
    fields = {name: getattr(said, name) for name in Problem.__struct_fields__}
    answer.content = msgspec.json.encode(Told(**fields, message=message))
    answer.headers["Content-Language"] = "en" if message == words.en else "fr"
    return answer


def on_domain_error(request: Request[Any, Any, Any], error: DomainError) -> Response[bytes]:
    """Answer a verb's refusal."""
    return _in_words(request, problems.on_domain_error(request, error))


def on_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Answer what the framework refused."""
    return _in_words(request, problems.on_http_error(request, error))


HANDLERS: dict[type[Exception] | int, Any] = {DomainError: on_domain_error, HTTPException: on_http_error}
