"""A desk moves a family out of town and back, in a real browser; the pool for residents follows by itself."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import date

import httpx
import pytest
from msgspec import Struct
from playwright.sync_api import Browser, Page, expect

from adapters.clock import utc_now
from adapters.keyring import KeyRing
from domain.conditions import Conditions
from domain.people import Subject, join, register_holder
from domain.products import Product, Terms, grant, publish_product
from domain.text import Text
from store.database import Database
from tests.accessibility import violations
from tests.city import KEEP, TestPass, resident
from tests.console_door import log_in
from tests.served import Served, served

pytestmark = pytest.mark.browser

HERE, AWAY = "00101", "59350"


class Peopled(Struct):
    """The served city, and the codes of the parent and the child who will move."""

    served: Served
    parent: str
    child: str


@pytest.fixture(scope="module")
def peopled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peopled]:
    with served(tmp_path_factory.mktemp("served")) as running:
        parent, child = asyncio.run(_families(running))
        yield Peopled(running, parent.code, child.code)


@pytest.fixture(scope="module")
def city(peopled: Peopled) -> Served:
    return peopled.served


async def _families(city: Served) -> tuple[TestPass, TestPass]:
    """Register a family for each test; return the one that moves."""
    await _family(city, "plain")
    await _family(city, "long")
    await _with_a_long_name(city, "F-long-parent")
    return await _family(city, "move")


async def _family(city: Served, name: str) -> tuple[TestPass, TestPass]:
    """A parent and a child in one household, each with a right of residents at the pool."""
    folder, now = city.log.parent, utc_now()
    database, keyring = Database(f"sqlite:///{folder}/city.sqlite3", patience=30), KeyRing(folder / "keys")
    parent = await resident(database, keyring, city.city, f"{name}-parent", now=now)
    child = await resident(database, keyring, city.city, f"{name}-child", now=now, born_on=date(2016, 3, 1))
    async with database.begin() as unit:
        (alone,) = await unit.people.memberships(child.holder.id, child.household.id)
        await unit.people.remove_beneficiary(alone)
        await join(unit, child.holder, parent.household.id, since=date(2021, 1, 1))
        product = Product(
            unit.ids.row(),
            city.city.authority.id,
            f"{name}-pool",
            "pool",
            Subject.PERSON,
            Text(fr="Piscine des habitants", en="Pool for residents"),
            terms=Terms(conditions=Conditions(communes=(HERE,))),
        )
        await publish_product(unit, product)
        for whose in (parent, child):
            await grant(
                unit,
                product=product,
                subject_id=whose.holder.id,
                valid_from=date(now.year, 1, 1),
                valid_until=date(now.year + 2, 1, 1),
                now=now,
                keep_until=KEEP,
            )
    await database.close()
    return parent, child


def heard(city: Served, key: str, code: str) -> str:
    """What the gate of the pool says."""
    answer = httpx.post(
        f"{city.url}/v1/access/validations",
        json={"key": key, "gate": "free-1", "credential": code},
        headers={"Authorization": f"Bearer {city.terminal_token(key)}"},
        timeout=60,
    )
    return str(answer.raise_for_status().json()["reason"])


def test_a_desk_moves_a_family_out_of_town_and_the_pool_follows(
    browser: Browser, peopled: Peopled, photograph: Callable[[Page, str], None]
) -> None:
    city = peopled.served
    assert heard(city, "before", peopled.parent) == "welcome"
    with browser.new_context(locale="fr-FR") as context:
        page = context.new_page()
        log_in(page, city)
        page.goto(f"{city.url}/console/people/move-parent")
        page.get_by_role("link", name="Déménagement, arrivée, départ, séparation du foyer F-move-parent").click()
        page.get_by_role("link", name="Le foyer déménage").click()
        page.get_by_label("Code INSEE").fill(AWAY)
        page.get_by_role("button", name="Vérifier").click()

        expect(page.get_by_role("heading", name="À vérifier : le foyer déménage")).to_be_visible()
        expect(page.get_by_text(f"déménage à {AWAY}")).to_have_count(2)
        expect(page.get_by_text("s’arrête de lui-même ce jour-là")).to_have_count(2)
        photograph(page, "to-check")
        page.get_by_role("button", name="Enregistrer le déménagement").click()

        expect(page.get_by_role("status")).to_contain_text("Le déménagement du foyer F-move-parent est enregistré")
        expect(page.locator("dl.facts dd")).to_have_text(AWAY)
        assert heard(city, "away", peopled.child) == "not_resident"
        page.get_by_role("button", name="Annuler ce que je viens de faire").click()
        expect(page.get_by_role("status")).to_contain_text(f"Nouvelle commune : {HERE}")
        expect(page.locator("dl.facts dd")).to_have_text(HERE)
        assert heard(city, "back", peopled.child) == "welcome"


def test_without_scripts_what_was_typed_is_corrected_and_a_band_is_changed(browser: Browser, city: Served) -> None:
    with browser.new_context(locale="fr-FR", java_script_enabled=False) as context:
        page = context.new_page()
        log_in(page, city)
        page.goto(f"{city.url}/console/people/plain-parent/households/F-plain-parent/split")
        page.get_by_label("Code INSEE").fill(AWAY)
        page.get_by_role("checkbox", name="plain-child").check()
        page.get_by_role("button", name="Vérifier").click()
        expect(page.get_by_text(f"part du foyer, et habite désormais {AWAY}")).to_be_visible()
        page.get_by_role("button", name="Corriger").click()
        expect(page.get_by_role("checkbox", name="plain-child")).to_be_checked()
        expect(page.get_by_label("Code INSEE")).to_have_value(AWAY)
        page.get_by_label("Référence du nouveau foyer").fill("F-other")
        page.get_by_role("button", name="Vérifier").click()
        page.get_by_role("button", name="Enregistrer la séparation").click()
        expect(page.get_by_role("status")).to_contain_text("un nouveau foyer pour Zoé Lefèvre")
        page.goto(f"{city.url}/console/people/plain-child/circumstances")
        expect(page.get_by_role("row", name=AWAY)).to_be_visible()


async def _with_a_long_name(city: Served, household: str) -> None:
    async with city.unit() as unit:
        home = await unit.people.household(city.city.authority.id, household)
        long = await register_holder(
            unit,
            authority_id=city.city.authority.id,
            reference="A-REFERENCE-AS-LONG-AS-ONE-MAY-BE",
            first_name="Marie-Antoinette-Éléonore-Guillemette-Françoise-Désirée",
            last_name="de la Rochefoucauld-Montmorency-Saint-Aignan-Beaujeu",
            born_on=date(1980, 5, 17),
            commune_code=HERE,
            now=utc_now(),
            keep_until=KEEP,
        )
        await join(unit, long, home.id, since=date(2022, 1, 1))


def test_the_pages_of_a_household_are_accessible_and_fit_with_long_names(browser: Browser, city: Served) -> None:
    with browser.new_context(locale="fr-FR") as context:
        page = context.new_page()
        log_in(page, city)
        at = f"{city.url}/console/people/long-parent/households/F-long-parent"
        for path in ("", "/leave", "/split", "/circumstances", "/move"):
            page.goto(f"{at}{path}")
            assert_fits(page)
        page.get_by_label("Code INSEE").fill(AWAY)
        page.get_by_role("button", name="Vérifier").click()
        expect(page.get_by_role("heading", name="À vérifier")).to_be_visible()
        assert_fits(page)


def assert_fits(page: Page) -> None:
    """Nothing for axe to find by day or by night, and nothing wider than a small telephone or a desk."""
    for scheme in ("light", "dark"):
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            assert violations(page) == [], f"{page.url} {scheme} {width}"
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{page.url} {width}"
