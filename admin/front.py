"""The console as the application takes it: every family of screens, behind the session and its forms."""

from litestar import Router
from litestar.types import ControllerRouterHandler

from admin import (
    account,
    apologies,
    assets,
    batches,
    door,
    figures,
    figures_entered,
    floods,
    home,
    imports,
    offline,
    proofs,
    provider,
    request_acts,
    request_entry,
    request_papers,
    requests,
    sites,
    staff,
    staff_acts,
    terminals,
    voices,
)
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
    (requests.waiting, requests.show, requests.document, requests.document_page),
    (request_entry.new, request_entry.enter),
    (request_papers.receipt, request_papers.letter),
    (request_acts.accept, request_acts.refuse, request_acts.ask, request_acts.take, request_acts.leave),
    (request_acts.answered, request_acts.withdraw, request_acts.check, request_acts.add),
    (
        sites.sites,
        sites.board,
        sites.site_now,
        sites.stream,
        sites.enter,
        sites.deposit,
        sites.shown_passage,
        sites.cancel,
    ),
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
    (terminals.listed, terminals.new, terminals.invite, terminals.revoke),
    (
        *(batches.listed, batches.order, batches.show, batches.make_order_file),
        *(batches.report, batches.deliver, batches.refuse),
    ),
    (offline.report, offline.facts, offline.held, offline.replay, offline.drop),
    (floods.rivers, floods.confirm, floods.refuse, floods.declare),
    (voices.queue, voices.publish, voices.erase, voices.answer, voices.jobs, voices.close),
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
