"""A browser that is the pass, before the reference terminal: with network, without, and once its owner has lost it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from domain.access.answer import Answer
from domain.access.reasons import Outcome, Reason
from terminal.reading import code_in
from tests.bad_line import Line, bad_line
from tests.browser.test_portal import PATIENCE_MS, Portal, come_in, portal_in
from tests.journey.test_a_gate_without_network import Gate
from tests.served import Served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with portal_in(tmp_path_factory.mktemp("gate")) as opened:
        yield opened


@pytest.fixture(scope="module")
def city(portal: Portal) -> Served:
    """What Chromium is opened after."""
    return portal.city


@pytest.fixture
def gate(portal: Portal, tmp_path: Path) -> Iterator[Gate]:
    """The program's own terminal, paired with the city over a line that may be cut."""
    with bad_line(int(portal.city.url.rpartition(":")[2])) as line:
        gate = Gate(portal.city, line, tmp_path / "gate.json")
        yield gate
        gate.device.__exit__()


class Screen:
    """A phone's screen, held before the camera of a gate."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page, self.folder, self.second = page, folder, ""

    def before(self, gate: Gate, door: str) -> tuple[Answer, bool]:
        """Show the next code that the screen makes, as a picture; also tell whether the gate was alone with it."""
        picture = self.page.locator("[data-part=picture]")
        expect(picture).to_have_attribute("data-second", re.compile(rf"^(?!{self.second}$)\d+$"))
        self.second = picture.get_attribute("data-second") or ""
        file = self.folder / f"{self.second}.png"
        picture.screenshot(path=file)
        said = gate.show(code_in(file), door)
        return said.answer, said.alone

    def online(self, gate: Gate, door: str) -> Answer:
        """Show codes until the city itself answers one: on a busy machine the three seconds of a gate are soon over."""
        for _ in range(_TRIES):
            answer, alone = self.before(gate, door)
            if not alone:
                return answer
            meet(gate)
        pytest.fail("The city never answered in time.")


_TRIES = 10


def meet(gate: Gate) -> None:
    """Let the gate meet its city: it tells, and fetches what is new."""
    assert any(gate.look() for _ in range(_TRIES))


def on_a(browser: Browser, width: int) -> BrowserContext:
    context = browser.new_context(viewport={"width": width, "height": 780}, locale="fr-FR")
    context.set_default_timeout(PATIENCE_MS)
    return context


def test_a_lost_phone_that_opened_gates_without_network_opens_none_any_more(
    browser: Browser, portal: Portal, gate: Gate, tmp_path: Path
) -> None:
    """Issue G: associate, show, granted, granted offline, block, refused; V1 at the gate, V2 after its next look."""
    phone = on_a(browser, 390)
    page = phone.new_page()
    come_in(page, portal, "zoe@example.org")
    page.get_by_role("link", name=f"Pass {portal.city.pass_number}").click()
    page.get_by_role("link", name="Montrer avec cet appareil").click()
    page.get_by_role("button", name="Montrer avec cet appareil").click()
    screen = Screen(page, tmp_path)
    assert screen.online(gate, "pool-1").outcome is Outcome.GRANTED

    page.evaluate("async () => { await navigator.serviceWorker.ready }")
    phone.set_offline(True)
    page.reload()
    expect(page.locator("[data-part=offline]")).to_be_visible()
    assert screen.online(gate, "free-1").outcome is Outcome.GRANTED
    meet(gate)  # its first bundle: one of before would know the new phone within five minutes
    gate.line.mode = Line.CUT
    answer, alone = screen.before(gate, "free-1")
    assert (answer.reason, alone) == (Reason.WELCOME, True)
    gate.line.mode = Line.GOOD
    meet(gate)

    computer = on_a(browser, 1280)
    home = computer.new_page()
    come_in(home, portal, "zoe@example.org", linked=True)
    home.get_by_role("link", name=f"Pass {portal.city.pass_number}").click()
    home.get_by_role("link", name="Bloquer ou délier ce téléphone").click()
    home.get_by_label("C’est perdu").check()
    home.get_by_role("button", name="Bloquer ou délier ce téléphone").click()
    expect(home.get_by_role("status")).to_have_text("C’est bloqué. Les portes le refusent maintenant.")
    computer.close()

    assert screen.online(gate, "free-1").reason is Reason.MEDIUM_LOST
    meet(gate)
    gate.line.mode = Line.CUT
    answer, alone = screen.before(gate, "free-1")
    assert (answer.reason, alone) == (Reason.MEDIUM_BLOCKED, True)

    phone.set_offline(False)
    expect(page.locator("[data-part=stopped]")).to_be_visible()
    for part in ("picture", "ring", "renewed"):
        expect(page.locator(f"[data-part={part}]")).to_be_hidden()
    phone.close()
