"""Every screen of the console, with names that would act if they could: axe, width, policy, journal, what comes back.

The demonstration has something on each of them. Links are followed from the home page; a screen that no link leads to
fails here, and so does one that nobody looked at.
"""

import html
import io
import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from urllib.parse import quote, urlencode

import pytest
from litestar import Litestar
from msgspec import Struct
from playwright.sync_api import APIRequestContext, Browser, Page, StorageState, expect
from pypdf import PdfReader

from admin import front as console
from api.app import build_app
from api.settings import Settings
from domain.acts import Act
from tests.accessibility import faults
from tests.city import NOW
from tests.console_door import log_in
from tests.demonstrated import HOSTILE, Demonstrated, demonstrated
from tests.forms import Form, forms
from tests.served import ALMIGHTY

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]  # a city is built and walked first

RAW = "<img src=x"
UNFILLED = re.compile(r"\{[a-z_]+\}")
"""A word of ours in which nobody has put what it speaks of."""

WRITES_SUCH_WORDS = "/console/bands/{code}/write"
"""Where editors are told what `{name}` becomes."""

PARTS = 4
"""In which all screens are looked at: a test of its own for each, for none should take minutes."""

EACH = 5
"""Pages of one kind that are read; one of them is looked at."""

SEEDS = ("/console", "/console/people?q=ma", "/console/journal?act=journal.searched", "/console/nowhere")
BESIDE = {
    "/console/people/{holder}": "/pass",
    "/console/people/{holder}/rights": "/new/piscine-carnet-10/check",
}
"""What is led to only by whoever has none, and what a form of questions leads to."""
NOT_A_SCREEN = {
    "/console/assets/{edition}/{name}": "stylesheets and scripts",
    "/console/hues/{hue}": "a stylesheet",
    "/console/alive": "keeps a session",
    "/console/login": "nobody who is logged in sees it: test_console.py looks at it",
    "/console/login/provider": "leads to the provider",
    "/console/login/back": "comes from the provider",
    "/console/login/code": "only between password and code",
    "/console/sites/{site}/stream": "never ends",
    "/console/sites/{site}/now": "the part of a board that moves",
    "/console/sites/{site}/passages/{passage}": "from a board, while a passage of today can be taken back",
}


class Screens(Struct):
    """What was found by following links: pages by route, files by route, and what went wrong on the way."""

    pages: dict[str, list[str]]
    texts: dict[str, str]
    files: set[str]
    wrong: list[str]
    unjournalled: list[str]
    state: StorageState


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstrated]:
    with demonstrated(tmp_path_factory.mktemp("demonstrated")) as running:
        yield running


@pytest.fixture(scope="module")
def acts() -> dict[str, Act | None]:
    """Every screen that can be asked for, with the act that it declares."""
    app: Litestar = build_app(
        Settings(database_url="sqlite:///none.sqlite3"), clock=lambda: NOW, more_routes=(console.ROUTER,)
    )
    found: dict[str, Act | None] = {}
    for route in app.routes:
        handlers = getattr(route, "route_handler_map", {})
        if route.path_format.startswith("/console") and "GET" in handlers:
            entry = handlers["GET"]
            found[route.path_format] = (entry[0] if isinstance(entry, tuple) else entry).opt.get("journal")
    return found


@pytest.fixture(scope="module")
def screens(browser: Browser, city: Demonstrated, acts: dict[str, Act | None]) -> Screens:
    with browser.new_context(locale="fr-FR") as context:
        log_in(context.new_page(), city)
        found = Screens({}, {}, set(), [], [], context.storage_state())
        walk(city, context.request, acts, found)
    return found


def namer(routes: dict[str, Act | None]) -> Callable[[str], str | None]:
    """Tell which route answers a path: the one that names most of it."""
    known = [
        (re.compile(re.sub(r"\\\{[^}]+\}", "[^/]+", re.escape(route))), route)
        for route in sorted(routes, key=lambda route: (route.count("{"), -len(route)))
    ]

    def name(path: str) -> str | None:
        bare = path.partition("?")[0]
        return next((route for pattern, route in known if pattern.fullmatch(bare)), None)

    return name


def walk(city: Demonstrated, request: APIRequestContext, acts: dict[str, Act | None], found: Screens) -> None:
    """Follow every link, some of each kind."""
    name, read = namer(acts), defaultdict[str, int](int)
    refused = re.search(
        r"/console/requests/D-[^\"?#/]+", request.get(f"{city.url}/console/requests?stage=rejected").text()
    )
    assert refused is not None, "a letter is written to somebody whose request was refused"
    waiting = deque([*SEEDS, f"{refused[0]}/letter"])
    seen = set(waiting)
    while waiting:
        path = waiting.popleft()
        route = name(path)
        if route is None or route in NOT_A_SCREEN or read[route] >= EACH:
            continue
        read[route] += 1
        lines = city.journal()
        answer = request.get(city.url + path, max_redirects=0)
        act = acts[route]
        if act is not None and answer.ok and act not in {one for _, one in city.journal(lines[-1][0] if lines else 0)}:
            found.unjournalled.append(path)
        if "html" not in answer.headers.get("content-type", ""):
            found.files.add(route)
            continue
        if answer.status != 200 and route != "/console/{rest}":
            found.wrong.append(f"{answer.status} {path}")
            continue
        text = answer.text()
        if RAW in text:
            found.wrong.append(f"runs {path}")
        if route != WRITES_SUCH_WORDS and (unfilled := UNFILLED.search(re.sub(r"<[^>]+>", " ", text))):
            found.wrong.append(f"says {unfilled[0]} {path}")
        found.pages.setdefault(route, []).append(path)
        found.texts[path] = text
        beside = [path.partition("?")[0] + BESIDE[route]] if route in BESIDE else []
        for link in [*re.findall(r'(?:href|src)="(/console[^"#]*)', text), *beside]:
            wanted = html.unescape(link)
            if wanted not in seen:
                seen.add(wanted)
                waiting.append(wanted)


def test_a_link_leads_to_every_screen_and_none_of_them_runs_what_somebody_wrote(
    screens: Screens, acts: dict[str, Act | None]
) -> None:
    assert screens.wrong == []
    missed = acts.keys() - screens.pages.keys() - screens.files - NOT_A_SCREEN.keys()
    assert " ".join(sorted(missed)) == ""
    assert sum(RAW in html.unescape(text) for text in screens.texts.values()) > 40, "the names are not there to be seen"


def test_whoever_looks_at_a_screen_that_speaks_of_somebody_leaves_a_line(screens: Screens) -> None:
    assert screens.unjournalled == []


@pytest.mark.parametrize("part", range(PARTS))
def test_every_screen_is_accessible_fits_and_breaks_no_policy_by_day_and_by_night(
    browser: Browser, city: Demonstrated, screens: Screens, part: int
) -> None:
    wrong: list[tuple[str, object]] = []
    with browser.new_context(locale="fr-FR", storage_state=screens.state) as context:
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.on("dialog", lambda dialog: wrong.append((page.url, dialog.message)))
        page.on("console", lambda said: wrong.append((page.url, said.text)) if "Policy" in said.text else None)
        for path in [paths[0] for paths in screens.pages.values()][part::PARTS]:
            page.set_viewport_size({"width": 390, "height": 900})
            page.goto(city.url + path)
            wrong += [(path, "acts")] if page.locator("[onerror]").count() else []
            wrong += [(path, one) for one in faults(page, day=390, night=1280)]
    assert wrong == []


def test_nothing_that_is_asked_or_sent_comes_back_as_more_than_words(
    browser: Browser, city: Demonstrated, screens: Screens, acts: dict[str, Act | None]
) -> None:
    every = [form for text in screens.texts.values() for form in forms(text)]
    asked = {name for form in every if form.method == "get" for name in form.sent}
    query = urlencode(dict.fromkeys(sorted({*asked, "after", "line", "said", "text", "act"}), HOSTILE))
    wrong = []
    with browser.new_context(locale="fr-FR", storage_state=screens.state) as context:
        request = context.request

        def look(what: str, answer_status: int, text: str) -> None:
            if answer_status >= 500 or RAW in text:
                wrong.append(f"{answer_status} {what}")

        for route in acts.keys() - NOT_A_SCREEN.keys():
            path = re.sub(r"\{[^}]+\}", quote(HOSTILE, safe=""), route)
            for address in {path, *(f"{one.partition('?')[0]}?{query}" for one in screens.pages.get(route, ())[:1])}:
                answer = request.get(city.url + address, max_redirects=0)
                if "html" in answer.headers.get("content-type", ""):
                    look(address, answer.status, answer.text())
        for form in hostile_forms(screens, acts):
            sent = request.post(city.url + form.action, form=form.filled(HOSTILE), max_redirects=3)
            look(f"POST {form.action}", sent.status, sent.text())
    assert wrong == []


def hostile_forms(screens: Screens, acts: dict[str, Act | None]) -> list[Form]:
    """One form of each kind in which people write, but those that end the session in which they are sent."""
    found: dict[str, Form] = {}
    for text in screens.texts.values():
        for form in forms(text):
            kind = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[^/]*[0-9][^/]*", "*", form.action)
            if form.method == "post" and form.free and "/account/" not in form.action:
                found.setdefault(kind, form)
    return list(found.values())


def test_an_official_prints_a_report_of_one_page(
    browser: Browser, city: Demonstrated, screens: Screens, photograph: Callable[[Page, str], None]
) -> None:
    with browser.new_context(locale="fr-FR", storage_state=screens.state) as context:
        page = context.new_page()
        page.goto(f"{city.url}/console")
        page.get_by_role("link", name="Tableaux de bord").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Tableaux de bord")
        printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True, print_background=False, format="A4")))
        assert len(printed.pages) == 1
        assert "Val-Clair" in printed.pages[0].extract_text()
        photograph(page, "report")


def test_the_officer_finds_who_opened_a_file(
    browser: Browser, city: Demonstrated, screens: Screens, photograph: Callable[[Page, str], None]
) -> None:
    person = next(path for path in screens.pages["/console/people/{holder}"] if "?" not in path)
    with browser.new_context(locale="fr-FR", storage_state=screens.state) as context:
        page = context.new_page()
        page.goto(f"{city.url}{person}")
        page.get_by_role("link", name="Journal").first.click()
        page.get_by_label("Dossier").fill(person.rpartition("/")[2])
        page.get_by_label("Acte").select_option("file.shown")
        page.get_by_role("button", name="Chercher").click()
        expect(page.get_by_role("row").nth(1)).to_contain_text(ALMIGHTY)
        photograph(page, "journal")
