"""Two addresses that a resident's browser goes through to an identity provider and back. They show nothing."""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.datastructures import Cookie
from litestar.di import NamedDependency

from api.pace import keep_pace
from api.provider_logins import BACK, ProviderLogins, new_secret
from api.resident_answers import HANDLERS
from api.rules import Rule
from api.settings import Settings

_SECONDS = 600


@get("/sign-in/provider", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def leave(
    request: Request[Any, Any, Any],
    provider_logins: NamedDependency[ProviderLogins],
    settings: NamedDependency[Settings],
) -> Response[None]:
    """Send a browser to the provider: `authority`, `redirect`, `challenge` and perhaps `language` say for whom."""
    secret = request.cookies.get(_name(settings), "") or new_secret()
    answer = _go(await provider_logins.leave_for(secret, request.query_params))
    answer.set_cookie(_cookie(settings, secret))
    return answer


@get(BACK, opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def come_back(
    request: Request[Any, Any, Any],
    provider_logins: NamedDependency[ProviderLogins],
    settings: NamedDependency[Settings],
) -> Response[None]:
    """Send a browser on to whoever began, with a ticket or with the code of what went wrong."""
    secret = request.cookies.get(_name(settings), "")
    answer = _go(await provider_logins.come_back(secret, request.query_params))
    answer.set_cookie(_cookie(settings, "", seconds=0))
    return answer


def _go(address: str) -> Response[None]:
    headers = {"Location": address, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return Response(None, status_code=303, headers=headers)


def _name(settings: Settings) -> str:
    return f"{'__Host-' if _is_secure(settings) else ''}multipass-sign-in"


def _cookie(settings: Settings, value: str, *, seconds: int = _SECONDS) -> Cookie:
    """Make a cookie that scripts cannot read and that comes along when the provider sends the browser back."""
    return Cookie(
        key=_name(settings),
        value=value,
        max_age=seconds,
        path="/",
        secure=_is_secure(settings),
        httponly=True,
        samesite="lax",
    )


def _is_secure(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")


ROUTER = Router(path="/", route_handlers=[leave, come_back], guards=[keep_pace], exception_handlers=HANDLERS)
