"""Every screen of the console, as each role comes to it: by the links that are there, small, zoomed and typed large.

Whoever adds a screen has it walked by itself: what a role may open and no link leads to is found here too.
"""

import asyncio
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, Dialog, Page

from adapters.card_files import read_card_file
from adapters.clock import utc_now
from domain import imports, itineraries, passes, people, personalisation, points
from domain.agents import Role
from domain.catalogue import changes
from domain.catalogue.contents import ProductContent
from domain.import_headings import guess
from domain.import_kinds import ImportKind
from domain.itineraries import Stop, Walk
from domain.languages import Words
from domain.organisations import OrganisationKind, register_organisation
from domain.places import local_day
from domain.sheets import Link
from domain.text import Text
from store.database import Database
from tests.city import KEEP, City
from tests.console_door import log_in
from tests.http.test_console_photos import face
from tests.point_sheets import SHEET, register_air
from tests.served import Served, served
from tests.tour_world import AGREEMENT, SOURCE
from tour.ingest.arrivals import arrive
from tour.ingest.sources import Message
from tour.ingest.taking import Taker

pytestmark = pytest.mark.browser

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
HOSTILE = f"{LONG}<img src=x onerror=alert(1)>"
CSV = f"Carte;{LONG};Prénom;Né le;Code INSEE\nA1;{LONG};Zoé;17/05/1980;00101\n"

LOOKS = ((320, 640), (640, 450), (768, 1024), (1024, 768))
"""A telephone, a screen of 1,280 at 200 %, a tablet held either way."""

NO_SCREEN = re.compile(
    r"/(assets|hues|alive|stream|now|sheet|plate|receipt|letter|workbook|table|(report|purges)\.csv|order-file|import-models|documents)(/|$)"
)
"""What is a file, or a part of a page."""

AT_THE_DOOR = re.compile(r"/console/login")


class Route:
    """A screen of the table, and who may open it."""

    def __init__(self, path: str, rule: str, allowed: str) -> None:
        self.path = path
        self.pattern = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))
        self.roles = set(Role) if rule == "agent" else {role for role in Role if role.value in allowed.split()}


def screens() -> list[Route]:
    """Every page of the console that the table of permissions knows; those without parameters first."""
    table = (Path(__file__).parents[1] / "http" / "permissions.txt").read_text(encoding="utf-8")
    lines = [re.split(r"\s{2,}", line, maxsplit=3) for line in table.splitlines() if line.startswith("GET   /console")]
    found = [Route(path, rule, allowed) for _, path, rule, allowed in lines if path != "/console/{rest}"]
    found = [one for one in found if not NO_SCREEN.search(one.path) and not AT_THE_DOOR.match(one.path)]
    return sorted(found, key=lambda one: one.path.count("{"))


SCREENS = screens()
NOWHERE = Route("/console/nowhere", "agent", "")
STARTS = (
    "/console",
    NOWHERE.path,
    "/console/people?q=donau",
    "/console/people/R1/passages",
    "/console/people/R-NONE/pass",
    "/console/people/R1/rights/new/carnet-10/check?until=2099-12-31",
    "/console/sites/pool",
    "/console/offline/pool",
)
"""Home, and what is found by searching or stands behind what the small city has little of."""

OF_ANYBODY = re.compile(r"/console/account")
"""The same for each role: it is walked once."""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    with served(folder, documents_folder=str(folder / "documents")) as running:
        asyncio.run(_peopled(folder, running.city))
        _asked(running)
        yield running


async def _peopled(folder: Path, city: City) -> None:
    """Somebody and a firm with names that fit nowhere, two sheets of the tour, and what a manager has begun."""
    database, now = Database(f"sqlite:///{folder}/city.sqlite3", patience=30), utc_now()
    today, owner = local_day(now, city.authority.zone), city.authority.id
    await register_air(database, city)
    async with database.begin() as unit:
        holder = await people.register_holder(
            unit,
            authority_id=owner,
            reference="R-LONG",
            first_name=HOSTILE,
            last_name=LONG,
            born_on=today.replace(year=today.year - 40, day=1),
            commune_code="00101",
            now=now,
            keep_until=KEEP,
        )
        await people.register_holder(
            unit,
            authority_id=owner,
            reference="R-NONE",
            first_name="Ada",
            last_name="Sans-Pass",
            born_on=holder.born_on,
            commune_code="00101",
            now=now,
            keep_until=KEEP,
        )
        await passes.issue(
            unit,
            holder,
            kind=passes.MediumKind.PRINT,
            valid_from=today,
            valid_until=KEEP,
            expires_at=now.replace(year=now.year + 1, day=1),
            now=now,
        )
        firm = await register_organisation(
            unit,
            authority_id=owner,
            reference="FIRM",
            name=HOSTILE,
            kind=OrganisationKind.MUNICIPAL,
            registration=None,
            commune_code="00101",
            now=now,
            keep_until=KEEP,
        )
        await people.join(unit, holder, firm.id, since=today)
        home = await people.found_household(
            unit,
            authority_id=owner,
            reference=LONG[:40],
            commune_code="00101",
            now=now,
            keep_until=KEEP,
        )
        await people.join(unit, holder, home.id, since=today)
        sheet = replace(SHEET, links=(Link(Words(fr=LONG, en=HOSTILE), "https://ville.example/air"),))
        for slug in ("draft", "draft-beside"):
            await points.create(unit, owner, slug, sheet, agent_id=city.agents[Role.EDITOR].id, now=now)
        stops = tuple(Stop(one.plate) for one in await unit.points.all_of(owner))
        walk_ = Walk(title=Words(fr=HOSTILE, en=LONG), stops=stops, distance_m=900, minutes=12)
        await itineraries.write(unit, owner, "walk", walk_, public=False, now=now)
    await _begun(database, city, now)
    await database.close()


async def _begun(database: Database, city: City, now: datetime) -> None:
    """A batch of cards, an old file, a modification of the catalogue, and a message that nobody can read."""
    owner, manager, soon = city.authority.id, city.agents[Role.MANAGER].id, now + timedelta(days=365)
    old = CSV.encode()
    read = read_card_file(old)
    async with database.begin() as unit:
        cards = [personalisation.Wanted(soon, soon.date())]
        await personalisation.order(unit, owner, code="b" * 28, wanted=cards, key_version=1, agent_id=manager, now=now)
        await imports.begin_import(
            unit,
            authority_id=owner,
            code="i" * 28,
            file_name=f"{LONG}.csv",
            content=old,
            headings=read.headings,
            lines=len(read.rows),
            plan=imports.Plan(guess(read.headings, ImportKind.CARDS), until=soon.date()),
            agent_id=manager,
            now=now,
        )
        draft = await changes.draft(unit, owner, agent_id=manager, reason=HOSTILE, now=now)
        before = await unit.modifications.in_force(owner, "product", "waste-24")
        assert isinstance(before, ProductContent)
        await changes.put(unit, draft, replace(before, name=Text(fr=LONG, en=LONG)))
    lost = arrive(AGREEMENT, Message(f"<{LONG}>".encode(), now, f"?event={LONG}"))
    await Taker(database, {SOURCE: city.authority.code}).take([lost])


def _asked(city: Served) -> None:
    """A request, a notice, a passage and a photo from home, by the API."""
    said = {
        "asker": {"name": LONG, "phone": "06 12 34 56 78"},
        "address": {"line": LONG, "postcode": "59000", "city": "Lille", "communeCode": "59350"},
        "persons": [{"firstName": "<i>Nina</i>", "lastName": LONG, "bornOn": "1988-03-02"}],
        "services": ["pool"],
        "declared": ["residence"],
    }
    notice = {
        "topic": "sites",
        "place": "pool",
        "title": {"fr": HOSTILE, "en": LONG},
        "body": {"fr": LONG, "en": LONG},
        "expiresAt": f"{utc_now().year + 1}-01-01T00:00:00Z",
    }
    headers = {"Authorization": f"Bearer {city.agent_token()}"}
    with httpx.Client(base_url=f"{city.url}/v1", headers=headers, timeout=60) as client:
        client.post("/requests", json={"application": said, "channel": "paper"}).raise_for_status()
        client.post("/notices", json=notice).raise_for_status()
        seen = {"Authorization": f"Bearer {city.terminal_token('walk')}"}
        entry = {"key": "walk-1", "gate": "pool-1", "credential": city.code}
        client.post("/access/validations", json=entry, headers=seen).raise_for_status()
        mine = {"Authorization": f"Bearer {city.resident_token('home@ville.example')}"}
        photo = "/resident/persons/R1/photo?agreed=true&zoom=100"
        client.put(photo, content=face(), headers=mine).raise_for_status()


def faults_of(page: Page) -> list[str]:
    """What is wrong with the page as it stands: wider than its window, two things by one key, two titles or none."""
    found = []
    for width, height in LOOKS:
        page.set_viewport_size({"width": width, "height": height})
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append(f"is wider than {width}")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        found.append("is wider than its window with letters twice as large")
    page.evaluate("document.documentElement.style.fontSize = ''")
    keys = page.evaluate(
        "[...document.querySelectorAll('[aria-keyshortcuts]')].filter((one) => one.getClientRects().length)"
        ".map((one) => one.getAttribute('aria-keyshortcuts'))"
    )
    if len(keys) != len(set(keys)):
        found.append(f"has one key for two things: {keys}")
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    found += [f"has two things called {one}" for one in sorted({one for one in ids if ids.count(one) > 1})]
    if page.locator("h1").count() != 1:
        found.append("has not one title")
    return found


def walk(page: Page, city: Served, role: Role) -> tuple[set[str], list[str]]:
    """Follow every link to a screen that was not seen yet; return the screens, and what is wrong with each."""
    waiting, seen, faults = list(STARTS), set[str](), list[str]()
    dialogs: list[str] = []

    def hear(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", hear)
    while waiting:
        path = waiting.pop(0).partition("#")[0]
        screen = next((one for one in SCREENS if one.pattern.fullmatch(urlsplit(path).path)), NOWHERE)
        if screen.path in seen or (screen is NOWHERE and path != screen.path):
            continue
        if role is not Role.DESK and OF_ANYBODY.match(path):
            continue
        if role not in screen.roles:
            faults += [f"{path} is offered to whoever may not open it"] if path not in STARTS else []
            continue
        seen.add(screen.path)
        answer = page.goto(city.url + path)
        assert answer is not None
        if answer.status != (404 if screen is NOWHERE else 200):
            faults.append(f"{path} answers {answer.status}")
        faults += [f"{path} {fault}" for fault in faults_of(page)]
        links = page.eval_on_selector_all("a[href]", "all => all.map((one) => one.href)")
        waiting += [link.removeprefix(city.url) for link in links if link.startswith(f"{city.url}/console")]
    return seen, faults + dialogs


@pytest.mark.parametrize("role", list(Role))
def test_every_screen_of_a_role_fits_every_window_and_leads_nowhere_shut(
    browser: Browser, city: Served, role: Role
) -> None:
    with browser.new_context(locale="fr-FR", device_scale_factor=2) as context:
        page = log_in(context.new_page(), city, login=city.city.agents[role].login)
        seen, faults = walk(page, city, role)
        assert faults == []
        theirs = {one.path for one in SCREENS if role in one.roles}
        shared = {path for path in theirs if role is not Role.DESK and OF_ANYBODY.match(path)}
        assert theirs - shared - seen == set(), "no link leads there"
