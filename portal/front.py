"""The portal as the application takes it: every family of pages, behind the session and its forms."""

from litestar import Router
from litestar.types import ControllerRouterHandler

from api.pace import keep_pace
from portal import (
    account,
    apologies,
    app,
    assets,
    brief,
    cards,
    contacts,
    door,
    home,
    identities,
    logins,
    media,
    notices,
    passes,
    passkeys,
    persons,
    photo,
    provider,
    request_papers,
    request_persons,
    request_places,
    request_sending,
    requests,
    temporary,
)
from portal.visits import own_forms_only, visitor

FAMILIES: tuple[tuple[ControllerRouterHandler, ...], ...] = (
    assets.ROUTES,
    door.ROUTES,
    provider.ROUTES,
    account.ROUTES,
    contacts.ROUTES,
    passkeys.ROUTES,
    identities.ROUTES,
    logins.ROUTES,
    persons.ROUTES,
    photo.ROUTES,
    passes.ROUTES,
    brief.ROUTES,
    media.ROUTES,
    cards.ROUTES,
    temporary.ROUTES,
    app.ROUTES,
    notices.ROUTES,
    requests.ROUTES,
    request_persons.ROUTES,
    request_places.ROUTES,
    request_papers.ROUTES,
    request_sending.ROUTES,
    home.ROUTES,
)
"""A new family adds its routes here, and its entry to `portal/navigation.py`. Paths lie under `/moi`."""

ROUTER = Router(
    path="/moi",
    route_handlers=[route for family in FAMILIES for route in family],
    guards=[keep_pace, own_forms_only],
    exception_handlers=apologies.HANDLERS,
    opt={"who": visitor},
)
