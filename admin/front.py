"""The console as the application takes it: every family of screens, behind the session and its forms."""

from litestar import Router
from litestar.types import ControllerRouterHandler

from admin import (
    account,
    apologies,
    assets,
    batches,
    desk,
    door,
    figures,
    figures_entered,
    floods,
    home,
    imports,
    journal,
    media,
    offline,
    organisations,
    people,
    points,
    request_acts,
    request_entry,
    request_papers,
    request_texts,
    requests,
    sites,
    terminals,
    voices,
)
from admin.visits import own_forms_only, visitor

FAMILIES: tuple[tuple[ControllerRouterHandler, ...], ...] = (
    (assets.asset, assets.hues),
    (door.login_page, door.log_in, door.log_out),
    (account.account, account.end_session, account.end_other_sessions),
    (people.search, people.tap, people.show),
    (desk.card_form, desk.hand_card, desk.pass_form, desk.open_pass),
    (journal.search,),
    (organisations.listed, organisations.register, organisations.show, organisations.join, organisations.leave),
    (media.show, media.block, media.replace),
    figures.ROUTES,
    figures_entered.ROUTES,
    (requests.waiting, requests.show, requests.document, requests.document_page),
    (request_entry.new, request_entry.enter, request_entry.correction, request_entry.correct),
    (request_texts.texts, request_texts.text, request_texts.write),
    (request_papers.receipt, request_papers.letter),
    (request_acts.accept, request_acts.refuse, request_acts.ask, request_acts.take, request_acts.leave),
    (request_acts.answered, request_acts.withdraw, request_acts.check, request_acts.add),
    sites.ROUTES,
    terminals.ROUTES,
    offline.ROUTES,
    batches.ROUTES,
    imports.ROUTES,
    floods.ROUTES,
    points.ROUTES,
    voices.ROUTES,
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
