"""Is it alive, can it decide."""

from typing import Literal

from litestar import Response, Router, get
from litestar.di import NamedDependency
from msgspec import Struct
from sqlalchemy import select

from api.rules import Rule
from store.database import Database
from store.tables.ledger import ledger_head


class Alive(Struct, frozen=True):
    """The process answers."""

    status: Literal["ok"] = "ok"


@get("/live", opt={"rule": Rule.PUBLIC}, summary="Is the process alive?", tags=["Health"])
async def live() -> Alive:
    """Answer without asking anybody."""
    return Alive()


@get("/ready", opt={"rule": Rule.PUBLIC}, summary="Can it decide?", tags=["Health"])
async def ready(database: NamedDependency[Database]) -> Response[Alive]:
    """Answer once the database does; a load balancer asks this."""
    async with database.read() as connection:
        await connection.execute(select(ledger_head.c.number))
    return Response(Alive(), headers={"Cache-Control": "no-store"})


ROUTER = Router(path="/health", route_handlers=[live, ready])
