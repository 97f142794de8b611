"""The console as the application takes it: every family of screens, behind the session and its forms."""

from litestar import Router
from litestar.types import ControllerRouterHandler

from admin import account, apologies, assets, door, figures, figures_entered, home, proofs, provider, staff, staff_acts
from admin.visits import own_forms_only, second_factor_first, visitor

FAMILIES: tuple[tuple[ControllerRouterHandler, ...], ...] = (
    (assets.asset, assets.hues),
    (door.login_page, door.log_in, door.code_page, door.log_in_by_code, door.log_out),
    (provider.to_provider, provider.from_provider),
    (account.account, account.end_session, account.end_other_sessions),
    (proofs.password_page, proofs.set_password),
    (proofs.code_page, proofs.prepare_code, proofs.confirm_code, proofs.end_code),
    figures.ROUTES,
    figures_entered.ROUTES,
    (staff.show_all, staff.new, staff.take_on, staff.show),
    (staff_acts.give_role, staff_acts.withdraw_role, staff_acts.attach_identity, staff_acts.remove_identity),
    (staff_acts.end_sessions, staff_acts.remove_telephone, staff_acts.reset_password),
    (staff_acts.close, staff_acts.reopen),
    (home.home, home.alive, home.nowhere),
)
"""A new family adds its routes here, and its entry to `admin/navigation.py`. Paths lie under `/console`."""

ROUTER = Router(
    path="/console",
    route_handlers=[route for family in FAMILIES for route in family],
    guards=[own_forms_only, second_factor_first],
    exception_handlers=apologies.HANDLERS,
    opt={"who": visitor},
)
