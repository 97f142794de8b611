"""HTTP, the transport: network servers, context brokers and portals post here what they have to say.

`POST /hooks/{source}` and anything below it, with the token of the source in `Authorization: Bearer`. 204 means stored;
400 means refused and kept for the agents; 503 with Retry-After means that the sender keeps it and comes again.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from litestar import Request, Router, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath

from api.rules import Rule
from domain.errors import NotAuthenticated
from domain.ports import Clock
from tour.ingest import PAGE_BYTES
from tour.ingest.arrivals import Agreement, Intake, arrive_beside
from tour.ingest.sources import Message

Caller = Request[Any, Any, Any]


class Hooks:
    """The sources that may post, by their codes, and where their messages go."""

    def __init__(self, agreements: Mapping[str, Agreement], intake: Intake, clock: Clock) -> None:
        self._agreements = agreements
        self._intake = intake
        self._clock = clock

    def agreement_with(self, source: str, authorization: str) -> Agreement:
        """Find out who is talking.

        Raises:
            NotAuthenticated: no source of this code, or not its token: both look the same from outside.
        """
        scheme, _, token = authorization.partition(" ")
        agreement = self._agreements.get(source)
        known = agreement.token_sha256 if agreement else ""
        said = sha256(token.strip().encode()).hexdigest()
        if agreement is None or not known or scheme.lower() != "bearer" or not compare_digest(said, known):
            raise NotAuthenticated("No source of this code has this token.")
        return agreement

    async def receive(self, agreement: Agreement, body: bytes, address: str) -> None:
        """Store what was posted, readable or not, and return after the commit.

        Raises:
            Malformed: it cannot be read; it is kept for the agents.
            Overloaded: it was not stored.
        """
        arrival = await arrive_beside(agreement, Message(body, self._clock(), address))
        await self._intake.store(arrival)
        if arrival.refusal:
            raise arrival.refusal


@post(
    ["/hooks/{source:str}", "/hooks/{source:str}/{below:path}"],
    status_code=204,
    opt={"rule": Rule.PUBLIC},
    request_max_body_size=PAGE_BYTES,
    include_in_schema=False,
)
async def receive(request: Caller, hooks: NamedDependency[Hooks], source: FromPath[str]) -> None:
    """Take a message of a source, written as was agreed with it; answer once it is stored.

    The same message may be sent again at any time: it counts once.
    """
    agreement = hooks.agreement_with(source, request.headers.get("authorization", ""))
    address = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    await hooks.receive(agreement, await request.body(), address)


def router(give: Callable[[], Hooks]) -> Router:
    """The routes of the webhook, for `more_routes` of the application; `give` says where messages go."""
    return Router("/", route_handlers=[receive], dependencies={"hooks": Provide(give, sync_to_thread=False)})
