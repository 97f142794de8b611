"""A browser at the door of the console."""

from typing import Protocol

from playwright.sync_api import Page

from tests.city import PASSWORD
from tests.served import ALMIGHTY


class Somewhere(Protocol):
    """A city that is served."""

    @property
    def url(self) -> str:
        """Where."""
        ...


def log_in(page: Page, city: Somewhere, wanted: str = "/console", *, login: str = ALMIGHTY) -> Page:
    """Log an agent in who wanted a page of the console, and return with it."""
    page.goto(city.url + wanted)
    page.get_by_label("Identifiant").fill(login)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url(city.url + wanted)
    return page
