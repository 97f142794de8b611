"""A desk grants ten entries, ends a right, closes a service and opens it again; each time a gate is asked."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import Struct
from playwright.sync_api import Browser, Page, expect

from adapters.clock import utc_now
from adapters.keyring import KeyRing
from domain.agents import Role
from store.database import Database
from tests.accessibility import violations
from tests.city import City, TestPass, resident
from tests.console_door import log_in
from tests.served import Served, served

pytestmark = pytest.mark.browser


class Peopled(Struct):
    """A served city with three residents: with no right, with ten entries, with a year at the pool."""

    served: Served
    people: dict[str, TestPass]

    def tap(self, reference: str) -> dict[str, Any]:
        """Show somebody's code at a pool without a barrier, by the route that terminals use."""
        token = self.served.terminal_token(f"rights-{reference}-{utc_now().timestamp()}")
        shown = {"key": f"{reference}-{utc_now().timestamp()}", "gate": "free-1"}
        answer = httpx.post(
            f"{self.served.url}/v1/access/validations",
            json={**shown, "credential": self.people[reference].code},
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        )
        heard: dict[str, Any] = answer.raise_for_status().json()
        return heard


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peopled]:
    folder = tmp_path_factory.mktemp("rights")
    with served(folder) as running:
        yield Peopled(running, asyncio.run(_people(folder, running.city)))


async def _people(folder: Path, city: City) -> dict[str, TestPass]:
    database, keyring, now = (
        Database(f"sqlite:///{folder}/city.sqlite3", patience=30),
        KeyRing(folder / "keys"),
        utc_now(),
    )
    starts, ends = (now.date().replace(year=now.year + turn, day=1) for turn in (-1, 1))
    people = {
        reference: await resident(database, keyring, city, reference, rights=rights, now=now, starts=starts, ends=ends)
        for reference, rights in (("B-NONE", ()), ("B-TEN", ("carnet-10",)), ("B-YEAR", ("pool-year",)))
    }
    await database.close()
    return people


def check_looks(page: Page) -> None:
    for scheme in ("light", "dark"):
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            assert violations(page) == [], f"{page.url} {scheme} {width}"
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def test_a_desk_grants_ten_entries_with_the_keyboard_and_the_gate_lets_in(
    browser: Browser, city: Peopled, photograph: Callable[[Page, str], None]
) -> None:
    assert city.tap("B-NONE")["outcome"] == "payment_required"
    with browser.new_context(locale="fr-FR") as context:
        page = context.new_page()
        page.on("pageerror", lambda problem: pytest.fail(f"{problem}"))
        log_in(page, city.served, login=city.served.city.agents[Role.DESK].login)
        page.goto(f"{city.served.url}/console/people/B-NONE")
        page.keyboard.press("d")
        page.get_by_role("link", name="carnet-10").press("Enter")
        page.get_by_label("Dernier jour").fill(str(utc_now().date().replace(year=utc_now().year + 1, day=28)))
        check_looks(page)
        page.get_by_role("button", name="Vérifier").press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Vérifiez, puis accordez")
        expect(page.get_by_text("10 passages en tout")).to_be_visible()
        check_looks(page)
        photograph(page, "check")
        page.keyboard.press("e")
        expect(page.get_by_role("status")).to_contain_text("C’est accordé : carnet-10")
        expect(page.get_by_role("cell", name="10 passages sur 10")).to_be_visible()
        check_looks(page)
        photograph(page, "granted")
        page.goto(f"{city.served.url}/console/people/B-NONE/suspensions")
        check_looks(page)
    heard = city.tap("B-NONE")
    assert (heard["outcome"], heard["remaining"][0]["left"]) == ("granted", 9)


def test_a_desk_ends_a_right_and_the_gate_refuses(
    browser: Browser, city: Peopled, photograph: Callable[[Page, str], None]
) -> None:
    with browser.new_context(locale="fr-FR") as context:
        page = context.new_page()
        log_in(page, city.served, login=city.served.city.agents[Role.DESK].login)
        page.goto(f"{city.served.url}/console/people/B-TEN/rights")
        page.get_by_role("link", name="Y mettre fin (carnet-10)").click()
        expect(page.get_by_text("Cela ne s’annule pas")).to_be_visible()
        check_looks(page)
        photograph(page, "end")
        page.get_by_label("Pourquoi").select_option("Elle a quitté le territoire")
        page.get_by_role("button", name="Y mettre fin aujourd’hui").click()
        expect(page.get_by_role("status")).to_contain_text("C’est terminé : carnet-10")
    assert city.tap("B-TEN")["outcome"] == "payment_required"


def test_without_a_script_a_service_is_closed_to_somebody_and_opened_again(
    browser: Browser, city: Peopled, photograph: Callable[[Page, str], None]
) -> None:
    with browser.new_context(locale="fr-FR", java_script_enabled=False) as context:
        page = context.new_page()
        log_in(page, city.served, login=city.served.city.agents[Role.DESK].login)
        page.goto(f"{city.served.url}/console/people/B-YEAR")
        page.get_by_role("link", name="Suspendre ou rouvrir un service").click()
        page.get_by_label("Service", exact=True).select_option("Piscine")
        page.get_by_label("Pourquoi").select_option("Le règlement du lieu n’a pas été respecté")
        page.get_by_label("Dernier jour").fill(f"{utc_now().year + 1}-03-03")
        page.get_by_role("button", name="Suspendre ce service").click()
        expect(page.get_by_role("status")).to_contain_text("C’est suspendu : Piscine")
        photograph(page, "closed")
        heard = city.tap("B-YEAR")
        assert (heard["outcome"], heard["reason"]) == ("denied", "service_suspended")
        assert "Demandez pourquoi au guichet" in str(heard)
        page.get_by_role("link", name="← Zoé Lefèvre").click()
        expect(page.get_by_role("note")).to_contain_text("Service suspendu : Piscine, jusqu’au")
        page.get_by_role("link", name="Rouvrir ou changer").click()
        page.get_by_role("button", name="Rouvrir").click()
        expect(page.get_by_role("status")).to_contain_text("C’est rouvert : Piscine")
    assert city.tap("B-YEAR")["outcome"] == "granted"
