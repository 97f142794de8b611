"""The last logins to an account, for its owner to see whether each was theirs: when, by what, with which device."""

from datetime import datetime

from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Struct

from api.resident_account import RESIDENT
from api.resident_answers import UNCHANGED, tagged
from api.resident_logins import TAGS
from api.residents import Asked
from domain.account_sessions import MOST_LISTED, Client, LoginWay
from domain.ports import Clock
from store.database import Database


class PastLogin(Struct, frozen=True, rename="camel"):
    """One login. `device` is what it called itself; `endedAt` is null while it lasts, `way` where nobody noted it."""

    at: datetime
    way: LoginWay | None
    device: str
    client: Client
    ended_at: datetime | None
    is_this: bool


class PastLogins(Struct, frozen=True):
    """The last logins to an account, fifty at most, the newest first."""

    logins: list[PastLogin]


@get("/logins", opt=RESIDENT, responses=UNCHANGED, summary="See my last logins", tags=TAGS)
async def logins(
    request: Asked, database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Response[PastLogins]:
    """List who came into your account, until ninety days after each was over. No network address is kept."""
    now, this = clock(), request.user.session.id
    async with database.look() as unit:
        found = await unit.account_sessions.logins(request.user.account.id, MOST_LISTED)
    views = [
        PastLogin(one.created_at, one.way, one.name, one.client, one.ended_at(now), one.id == this) for one in found
    ]
    return tagged(request, PastLogins(views))


HANDLERS = [logins]
