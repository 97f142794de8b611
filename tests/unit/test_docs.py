"""The documents tell the truth: their code runs, and what they list is what the program has."""

import re
import tomllib
from collections.abc import Iterator
from types import FunctionType
from typing import Any
from uuid import UUID

import msgspec
import pytest
from cryptography.exceptions import InvalidSignature
from msgspec.structs import replace

from adapters import card_order
from api.rules import Rule
from domain.access.explain import explain
from domain.access.reasons import Reason
from domain.access.rule_words import WORDS, RuleWords, name_of
from domain.access.rules import ALWAYS
from domain.agents import Permission
from domain.calendars import HOLIDAY_REGIONS
from domain.conditions import Conditions
from domain.limits import ONE, Measure, Window
from domain.offline_policy import OfflinePolicy
from domain.people import Subject
from domain.product_checks import check_product
from domain.products import Product, Terms
from domain.sales import Means
from domain.services import BY_CODE
from domain.text import Text
from domain.waste import KINDS
from nfc import bundle, bundle_delta, keys
from tests.facts import question
from tests.pages import ROOT, blocks, run, section, statuses

FIELDS = ROOT / "web" / "pages" / "fields.html"
REAL = "Rules of real places, as data"


# --- docs/adding-a-service.md --------------------------------------------------------------------


@pytest.fixture
def museum() -> Iterator[dict[str, Any]]:
    """The service and its tests, as a reader of the page would have written them."""
    file, tests = blocks("docs/adding-a-service.md", "python")
    service = run(file, "museum.py", {})["SERVICE"]
    BY_CODE[service.code] = service
    try:
        yield run(tests, "test_museum.py", {})
    finally:
        del BY_CODE[service.code]


def test_a_museum_added_by_following_the_page_decides_as_the_page_says(museum: dict[str, Any]) -> None:
    tests = [thing for name, thing in museum.items() if name.startswith("test_") and isinstance(thing, FunctionType)]
    assert len(tests) == 4
    for test in tests:
        test()


def test_the_museums_own_rule_explains_itself_with_the_words_of_the_page(museum: dict[str, Any]) -> None:
    (words,) = blocks("docs/adding-a-service.md", "toml")
    written = tomllib.loads(words)["rules"]
    rules = (*ALWAYS, *BY_CODE["museum"].rules)
    assert {name_of(rule) for rule in rules} - WORDS.rules.keys() == written.keys()
    WORDS.rules.update(msgspec.convert(written, dict[str, RuleWords]))
    try:
        group = {Measure.VISIT: 12 * ONE}
        said = explain(question(doorway=museum["MUSEUM"], hours=museum["TEN_TO_SIX"], asked=group, crowd=100))
    finally:
        for name in written:
            del WORDS.rules[name]
    assert said.decisive == "groups_when_quiet"
    assert any("a group of 10 or fewer" in step.asks.en for step in said.steps)


def test_the_line_that_registers_a_service_is_the_line_of_the_code() -> None:
    (change,) = blocks("docs/adding-a-service.md", "diff")
    lines = change.splitlines()
    before = "\n".join(line[1:] for line in lines if not line.startswith("+"))
    assert before in (ROOT / "domain" / "services" / "__init__.py").read_text(encoding="utf-8")
    assert [line for line in lines if line.startswith("+")] == ["+    museum.SERVICE,"]


# --- docs/products.md ----------------------------------------------------------------------------


def test_every_window_has_an_example_that_is_accepted_and_a_row_that_says_what_it_needs() -> None:
    source, _rules = blocks("docs/products.md", "python")
    examples = run(source, "products.md", {})["EXAMPLES"]
    assert [limit.window for limit in examples.values()] == list(Window)
    name = Text(fr="Essai", en="Trial")
    for limit in examples.values():
        check_product(Product(UUID(int=1), UUID(int=2), "p", "pool", Subject.PERSON, name, (limit,)))
    needed = {
        limit.window: [field for field in ("starts", "ends", "days") if getattr(limit, field) is not None]
        for limit in examples.values()
    }
    rows = re.findall(
        r"^\| `(\w+)` \|[^|]*\|[^|]*\|([^|]*)\|", section("docs/products.md", "Windows"), flags=re.MULTILINE
    )
    assert {window: re.findall(r"`(\w+)`", needs) for window, needs in rows} == needed


def test_every_rule_of_a_real_place_on_the_page_is_a_product_that_is_accepted() -> None:
    _windows, source = blocks("docs/products.md", "python")
    rules = run(source, "products.md", {})["RULES"]
    told = re.findall(r"^\|[^|]+\|[^|]+\| `\"(\w+)\"` \|$", section("docs/products.md", REAL), flags=re.MULTILINE)
    assert told == list(rules)
    name = Text(fr="Essai", en="Trial")
    for limits, terms in rules.values():
        made = Product(UUID(int=1), UUID(int=2), "p", "pool", Subject.PERSON, name, limits)
        check_product(replace(made, terms=terms))


def test_every_condition_and_term_is_told() -> None:
    page = section("docs/products.md", "Conditions") + section("docs/products.md", "Terms")
    fields = {*Conditions.__struct_fields__, *Terms.__struct_fields__} - {"conditions", "points", "entry_minutes"}
    assert {field for field in fields if f"`{field}`" not in page} == set()


def test_the_reasons_of_conditions_exist() -> None:
    told = re.findall(r"\| `(\w+)`[^|]*\|$", section("docs/products.md", "Conditions"), flags=re.MULTILINE)
    assert len(told) == 8
    assert set(told) <= set(Reason)


def test_every_unit_is_named() -> None:
    page = (ROOT / "docs" / "products.md").read_text(encoding="utf-8")
    assert {unit for unit in Measure if f"`{unit}`" not in page} == set()


def test_every_code_of_entry_that_the_page_names_exists() -> None:
    told = section("docs/products.md", "What is refused at entry")
    codes = {
        code
        for row in re.findall(r"^\| (`.+?`) \|", told, flags=re.MULTILINE)
        for code in re.findall(r"`([\w-]+)`", row)
    }
    assert len(codes) == 19
    assert codes <= statuses().keys()


# --- docs/tariffs.md -----------------------------------------------------------------------------


def test_the_prices_of_the_page_are_accepted_together() -> None:
    (source,) = blocks("docs/tariffs.md", "python")
    said = run(source, "tariffs.md", {})
    name, terms = Text(fr="Entrée", en="Entry"), Terms(term=said["TERM"])
    check_product(
        Product(UUID(int=1), UUID(int=2), "p", "pool", Subject.PERSON, name, terms=terms, prices=said["PRICES"])
    )


def test_every_code_that_the_page_of_tariffs_names_exists() -> None:
    page = (ROOT / "docs" / "tariffs.md").read_text(encoding="utf-8")
    codes = {"overlapping-prices", "price-out-of-reach", "window-never-opens"}
    codes |= set(re.findall(r"`\d{3} ([a-z-]+)`", page))
    assert len(codes) == 7
    assert codes <= statuses().keys()
    assert set(re.findall(r"`([a-z]+)`", page.split("`means` is ")[1].split(";")[0])) == set(Means)


# --- docs/places.md ------------------------------------------------------------------------------


def test_the_calendar_of_the_page_does_what_the_page_says() -> None:
    (source,) = blocks("docs/places.md", "python")
    assert run(source, "places.md", {})["POOL"].sessions


def test_the_value_of_the_page_of_words_is_explained_as_the_page_says() -> None:
    (shown,) = blocks("docs/tour-words.md", "python")
    told = run(shown, "docs/tour-words.md", {})["told"]
    text = (ROOT / "docs/tour-words.md").read_text(encoding="utf-8")
    quoted = " ".join(line.removeprefix("> ") for line in text.splitlines() if line.startswith("> ")).replace("**", "")
    assert told.sentence.fr.replace("\u00a0", " ") == quoted


def test_every_kind_of_waste_is_listed_as_the_program_has_it() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| (.+?) \| (.+?) \| (\w+) \|$", section("docs/places.md", "A site"), flags=re.MULTILINE
    )
    assert rows == [(kind.code, kind.name.fr, kind.name.en, kind.unit) for kind in KINDS]


def test_every_region_with_bank_holidays_of_its_own_is_listed() -> None:
    rows = re.findall(r"^\| .+? \| (`.+`) \|$", section("docs/places.md", "Bank holidays"), flags=re.MULTILINE)
    assert sorted(re.findall(r"`(\w+)`", " ".join(rows))) == sorted(HOLIDAY_REGIONS)


def test_every_code_by_which_a_place_is_refused_exists() -> None:
    told = section("docs/places.md", "What is refused at entry")
    cells = re.findall(r"^\| (`.+?`) \|", told, flags=re.MULTILINE)
    codes = {code for cell in cells for code in re.findall(r"`([\w-]+)`", cell)}
    assert len(codes) == 24
    assert codes <= statuses().keys()


# --- docs/credentials.md -------------------------------------------------------------------------


def test_a_printed_code_is_verified_with_standard_tools_as_the_page_does_it() -> None:
    said: dict[str, Any] = {}
    for source in blocks("docs/credentials.md", "python"):
        run(source, "credentials.md", said)
    assert said["code"].medium_id == bytes.fromhex("5a1e00c0ffee1234")


def test_the_pages_proof_fails_when_a_single_bit_of_the_signature_differs() -> None:
    said: dict[str, Any] = {}
    sources = blocks("docs/credentials.md", "python")
    place = next(number for number, source in enumerate(sources) if "public.verify(" in source)
    for source in sources[:place]:
        run(source, "credentials.md", said)
    proof = sources[place]
    said["signature"] = said["signature"][:-1] + bytes([said["signature"][-1] ^ 1])
    with pytest.raises(InvalidSignature):
        run(proof, "credentials.md", said)


# --- docs/cards.md -------------------------------------------------------------------------------


def test_cards_and_phones_are_verified_with_standard_tools_as_the_page_does_it() -> None:
    said: dict[str, Any] = {}
    for source in blocks("docs/cards.md", "python"):
        run(source, "cards.md", said)
    assert said["tap"].uid == said["uid"] == bytes.fromhex("04de5f1eacc040")
    assert said["session"].counter == 0
    assert said["proof"].medium_id == bytes.fromhex("0102030405060708")


# --- docs/personalisation.md ---------------------------------------------------------------------


def test_a_card_is_made_and_read_as_the_page_does_it() -> None:
    said: dict[str, Any] = {}
    for source in blocks("docs/personalisation.md", "python"):
        run(source, "personalisation.md", said)
    assert (said["tap"].assurance, said["tap"].counter) == (2, 1)
    assert said["report"].batch == "2026-spring"


def test_the_pages_order_has_the_fields_that_the_program_writes() -> None:
    said: dict[str, Any] = {}
    for source in blocks("docs/personalisation.md", "python"):
        run(source, "personalisation.md", said)
    for line, kind in ((said["header"], card_order.Header), (said["card"], card_order.OrderCard)):
        fields = msgspec.structs.fields(kind)
        assert list(line) == [field.encode_name for field in fields]
        for field in fields:
            if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
                known = {one.encode_name for one in msgspec.structs.fields(field.type)}
                assert line[field.encode_name].keys() <= known
                told = section("docs/personalisation.md", "For the maker: the order")
                assert all(f"`{name}`" in told for name in known - {"piccDataOffset", "macInputOffset", "macOffset"})


# --- docs/offline.md -----------------------------------------------------------------------------


def test_a_bundle_and_its_delta_are_read_with_standard_tools_as_the_page_does_it() -> None:
    said: dict[str, Any] = {}
    for source in blocks("docs/offline.md", "python"):
        run(source, "offline.md", said)
    trusted = keys.key_set([keys.verify_key(said["PUBLIC"], purpose="bundle", authority="val-clair")])
    ours = bundle.read(said["BUNDLE"], trusted, authority="val-clair", service="pool", newest=0)
    assert bundle_delta.apply(ours, said["DELTA"], trusted).entitled == said["entitled"]


def test_the_page_of_bundles_tells_every_field_of_a_policy() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", section("docs/offline.md", "How old it may be"), flags=re.MULTILINE)
    assert tuple(rows[1:]) == OfflinePolicy.__struct_fields__


# --- docs/console.md -----------------------------------------------------------------------------


def test_the_screen_that_the_page_shows_is_one_of_the_console() -> None:
    (source,), (template,) = blocks("docs/console.md", "python"), blocks("docs/console.md", "html")
    screen = run(source, "passes.py", {})
    assert [screen[name].opt["rule"] for name in ("show", "note")] == [Permission.PASS_READ] * 2
    assert set(re.findall(r"fields\.(\w+)", template)) <= set(re.findall(r"macro (\w+)", FIELDS.read_text()))


def test_the_page_that_is_shown_is_one_of_the_portal() -> None:
    (source,), (template,) = blocks("docs/portal.md", "python"), blocks("docs/portal.md", "html")
    page = run(source, "passes.py", {})
    assert [page[name].opt["rule"] for name in ("show", "note")] == [Rule.RESIDENT] * 2
    assert set(re.findall(r"fields\.(\w+)", template)) <= set(re.findall(r"macro (\w+)", FIELDS.read_text()))


def test_no_page_shows_python_that_nobody_runs() -> None:
    shown = {page.name for page in (ROOT / "docs").rglob("*.md") if "```python" in page.read_text(encoding="utf-8")}
    assert shown == {
        "adding-a-service.md",
        "cards.md",
        "clients.md",  # run by tests/contract/test_docs_clients.py
        "console.md",
        "credentials.md",
        "mobile-api.md",  # run by tests/contract/test_docs_mobile.py
        "offline.md",
        "personalisation.md",
        "places.md",
        "portal.md",
        "products.md",
        "tariffs.md",
        "tour-words.md",
    }
