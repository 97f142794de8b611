"""No route that shows or changes personal data is without its act: whoever adds one has to name it."""

import pytest
from litestar import Litestar

from admin import front as console
from api.app import build_app
from api.settings import Settings
from domain.acts import Act
from domain.agents import Permission
from tests.city import NOW

NOT_PERSONAL: dict[Permission, str] = {
    Permission.TERMINAL_READ: "devices on walls",
    Permission.TERMINAL_MANAGE: "devices on walls",
    Permission.SENSOR_READ: "devices in streets",
    Permission.SENSOR_MANAGE: "devices in streets",
    Permission.FLOOD_READ: "rivers",
    Permission.FLOOD_MANAGE: "rivers",
    Permission.FLOOD_CONFIRM: "rivers; who confirmed stands in the level's own journal",
    Permission.WEBHOOK_MANAGE: "other software",
    Permission.EXPRESSION_MODERATE: "what somebody without a name said; who decided stands beside it",
    Permission.POINT_EDIT: "the tour; who wrote stands in the sheet's own journal",
    Permission.POINT_PUBLISH: "the tour",
    Permission.FIGURES_READ: "counts, small ones hidden",
    Permission.FIGURES_ENTER: "populations and costs; who entered a cost stands beside it",
    Permission.NOTICE_WRITE: "what the city says to everybody; who wrote it stands beside it",
    Permission.SITE_WATCH: "how many people are inside, and passages without names",
    Permission.CATALOGUE_MANAGE: "what the city offers; who changed it, when and why stands in the modification",
    Permission.REQUEST_CONFIGURE: "texts and terms; who wrote a text stands beside it",
}
"""Permissions whose routes say nothing about a person, with the reason. Every other one is personal."""

NOBODY_IN_IT = {
    ("GET", "/v1/made-cards/stock"): "how many blank cards a desk has left",
    ("GET", "/console/imports"): "which files were brought in when",
    ("GET", "/console/import-models/{kind}"): "people who do not exist",
    ("POST", "/console/imports/{code}/run"): "the importer writes it down itself, when it starts and when it is done",
    ("GET", "/console/batches"): "how many cards were ordered when",
    ("GET", "/console/requests/new"): "a form with nothing in it",
    ("GET", "/console/sites/{site}/heads/{zone}"): "how many people are inside",
    ("GET", "/console/purges"): "how many rows were erased when, and by which rule",
    ("GET", "/console/purges.csv"): "how many rows were erased when, and by which rule",
    ("GET", "/console/jobs"): "what the program does by itself, and when",
    ("GET", "/v1/card-batches"): "how many cards were ordered when",
    ("GET", "/v1/request-texts"): "what an authority says to anybody",
    ("GET", "/v1/request-terms"): "what an authority asks of anybody",
}


@pytest.fixture(scope="module")
def app() -> Litestar:
    settings = Settings(database_url="sqlite:///none.sqlite3")
    return build_app(settings, clock=lambda: NOW, more_routes=(console.ROUTER,))


def declared(app: Litestar) -> dict[tuple[str, str], tuple[object, object]]:
    """The rule and the act of every route and method."""
    found = {}
    for route in app.routes:
        for method, entry in getattr(route, "route_handler_map", {}).items():
            handler = entry[0] if isinstance(entry, tuple) else entry
            found[method, route.path_format] = (handler.opt.get("rule"), handler.opt.get("journal"))
    return found


def test_every_route_with_a_personal_permission_declares_its_act(app: Litestar) -> None:
    without = [
        key
        for key, (rule, act) in declared(app).items()
        if isinstance(rule, Permission)
        and rule not in NOT_PERSONAL
        and not isinstance(act, Act)
        and key not in NOBODY_IN_IT
    ]
    assert without == []


def test_what_is_said_to_be_about_nobody_is_a_route_without_an_act(app: Litestar) -> None:
    routes = declared(app)
    assert {key: routes[key][1] for key in NOBODY_IN_IT} == dict.fromkeys(NOBODY_IN_IT)


def test_an_act_is_declared_where_an_agent_answers_for_it_alone(app: Litestar) -> None:
    """Of whoever needs no permission it is not known who acts."""
    assert [key for key, (rule, act) in declared(app).items() if act and not isinstance(rule, Permission)] == []
