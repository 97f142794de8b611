"""The console as the application takes it: every family of screens, behind the session and its forms."""

from litestar import Router
from litestar.types import ControllerRouterHandler

from admin import account, apologies, assets, door, home, imports, sites
from admin.visits import own_forms_only, visitor

FAMILIES: tuple[tuple[ControllerRouterHandler, ...], ...] = (
    (assets.asset, assets.hues),
    (door.login_page, door.log_in, door.log_out),
    (account.account, account.end_session, account.end_other_sessions),
    (sites.sites, sites.site, sites.site_now, sites.stream, sites.enter, sites.deposit, sites.passage, sites.cancel),
    (
        imports.listed,
        imports.add,
        imports.show,
        imports.plan,
        imports.mapping,
        imports.run,
        imports.drop,
        imports.report,
    ),
    (home.home, home.nowhere),
)
"""A new family adds its routes here, and its entry to `admin/navigation.py`. Paths lie under `/console`."""

ROUTER = Router(
    path="/console",
    route_handlers=[route for family in FAMILIES for route in family],
    guards=[own_forms_only],
    exception_handlers=apologies.HANDLERS,
    opt={"who": visitor},
)
