"""The documents tell the truth: their code runs, their links lead somewhere, their commands exist."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import Any
from uuid import UUID

import click
import httpx
import msgspec
import pytest
from cryptography.exceptions import InvalidSignature
from msgspec.structs import replace

from adapters import card_order
from api import gate, problems, terminals
from api.devices import HeartbeatRequest
from api.upload_lines import UploadLine
from cli.main import FAMILIES, front
from domain.access.explain import explain
from domain.access.reasons import COLOURS, Reason
from domain.access.rule_words import WORDS, RuleWords, name_of
from domain.access.rules import ALWAYS
from domain.calendars import HOLIDAY_REGIONS
from domain.conditions import Conditions
from domain.errors import DomainError
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
from terminal.conformance.cases import Case
from terminal.conformance.server_cases import SERVER_CASES
from terminal.conformance.terminal_cases import TERMINAL_CASES
from terminal.errors import NoAnswer, Revoked, TerminalError
from tests.facts import question
from tests.unit.test_terminal_client import Script, granted, problem, token

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
RAISE_THEIR_OWN = (gate, terminals)
"""Some errors of HTTP are defined beside the handler that raises them: loaded here, so that they are known."""

REAL = "Rules of real places, as data"
TERMINALS = "docs/terminal-integration.md"
ADRS = sorted((ROOT / "docs" / "adr").glob("*.md"))


def blocks(page: str, language: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def run(source: str, name: str, into: dict[str, Any]) -> dict[str, Any]:
    exec(compile(source, name, "exec"), into)  # noqa: S102 - our own documents
    return into


def section(page: str, title: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]


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
    assert len(codes) == 6
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


# --- docs/terminal-integration.md ----------------------------------------------------------------


def statuses() -> dict[str, int]:
    """The status of every error of the program, by its code."""
    found: dict[str, int] = {}
    families: list[type[DomainError]] = [DomainError]
    while families:
        error = families.pop()
        families += error.__subclasses__()
        for family, status in problems.STATUS:
            if issubclass(error, family):
                found[error.code] = problems.BY_CODE.get(error.code, status)
                break
    return found


def test_integrators_are_told_codes_that_exist_with_their_status() -> None:
    known = statuses()
    rows = re.findall(r"^\| ([\d, ]+) \| ([^|]+) \|", section(TERMINALS, "Errors"), flags=re.MULTILINE)
    assert len(rows) > 8
    for told, codes in rows:
        expected = {int(status) for status in told.split(",")}
        assert {known[code] for code in re.findall(r"`([a-z-]+)`", codes)} == expected, codes


GUIDE = ROOT / TERMINALS


def anchors(page: str) -> set[str]:
    """The headings of a page, as links name them."""
    found = re.findall(r"^#+ (.+)$", page, flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in found}


@pytest.mark.parametrize("case", [*SERVER_CASES, *TERMINAL_CASES], ids=lambda case: case.id)
def test_every_case_of_the_conformance_kit_leads_to_a_section_that_exists(case: Case[object]) -> None:
    assert case.anchor in anchors(GUIDE.read_text(encoding="utf-8"))


def test_the_guide_lists_every_case_of_the_conformance_kit() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| \[(.+)\]\(#([\w-]+)\) \|$", section(TERMINALS, "Try it"), flags=re.MULTILINE)
    expected = [(case.id, case.expects, case.anchor) for case in SERVER_CASES]
    assert rows == expected + [(case.id, case.expects, case.anchor) for case in TERMINAL_CASES]


def test_every_link_inside_the_guide_leads_to_a_heading() -> None:
    page = GUIDE.read_text(encoding="utf-8")
    assert set(re.findall(r"\]\(#([\w-]+)\)", page)) <= anchors(page)


def test_the_heartbeat_and_the_line_of_the_guide_are_taken() -> None:
    beats = section(TERMINALS, "Heartbeats").split("heartbeats\n")[1].split("```")[0]
    assert msgspec.json.decode(beats, type=HeartbeatRequest).backlog == 3
    (line,) = re.findall(r"```json line\n(.+)\n```", section(TERMINALS, "Uploads"))
    assert msgspec.json.decode(line, type=UploadLine).key == "t7-000045"


HANDLING = re.findall(
    r"^\| (.+?) \| (.+) \|$", section(TERMINALS, "Error handling").split("|---|---|")[1], flags=re.MULTILINE
)
"""What comes, and what to do."""


def handled(replies: list[httpx.Response]) -> str:
    """What the reference terminal does: how often it asks, and how it ends."""
    script = Script(token(), *replies)
    with script.terminal() as terminal:
        try:
            terminal.validate("MP2:X", gate="pool-1")
        except Revoked:
            return "stop"
        except NoAnswer:
            return "again, decide alone" if len(script.scans()) > 1 else "decide alone"
        except TerminalError:
            return "stop"
    return "again" if len(script.scans()) > 1 else "done"


@pytest.mark.parametrize(
    ("row", "replies"),
    [
        ("`429`, `503 overloaded`, `502`, `504`", [problem(429, "too-many-attempts")] * 3),
        ("`429`, `503 overloaded`, `502`, `504`", [problem(503, "overloaded")] * 3),
        ("`503 ledger-unavailable`", [problem(503, "ledger-unavailable")]),
        ("`500`", [problem(500, "internal")]),
        ("`401 not-authenticated`", [problem(401, "not-authenticated"), token(), granted()]),
        ("`403 not-this-terminal`, `404`, `405`", [problem(403, "not-this-terminal")]),
        ("`403 not-this-terminal`, `404`, `405`", [problem(404, "gate-not-found")]),
        ("any other `4xx`", [problem(422, "idempotency-key-reused")]),
    ],
)
def test_the_reference_terminal_handles_errors_as_the_guide_says(row: str, replies: list[httpx.Response]) -> None:
    told = ", ".join(dict.fromkeys(re.findall(r"\*\*(.+?)\*\*", dict(HANDLING)[row])))
    done = handled(replies)
    assert told.startswith(done), (told, done)


def test_integrators_are_told_every_colour_and_outcome() -> None:
    rows = re.findall(r"^\| (\w+) \| `(\w+)` \|", section(TERMINALS, "Colours"), flags=re.MULTILINE)
    assert set(rows) == {(colour.value, outcome.value) for outcome, colour in COLOURS.items()}


def test_reasons_that_integrators_are_told_of_exist() -> None:
    page = (ROOT / TERMINALS).read_text(encoding="utf-8")
    told = set(re.findall(r"hear `(\w+)` or `(\w+)`", page)[0])
    assert told <= set(Reason)


def test_no_page_shows_python_that_nobody_runs() -> None:
    shown = {page.name for page in (ROOT / "docs").rglob("*.md") if "```python" in page.read_text(encoding="utf-8")}
    assert shown == {
        "adding-a-service.md",
        "cards.md",
        "credentials.md",
        "offline.md",
        "personalisation.md",
        "places.md",
        "products.md",
        "tariffs.md",
        "tour-words.md",
    }


# --- commands ------------------------------------------------------------------------------------


def commands() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for line in page.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
            for command in re.findall(r"(?<![\w/.-])multipass ((?:[a-z]+(?:-[a-z]+)* ?)+)(?![\w.:-])", line):
                if command.split()[0] in {family.name for family in FAMILIES}:
                    yield page.name, command.strip()


def test_every_command_that_the_pages_name_exists() -> None:
    named = set(commands())
    assert len(named) > 5
    for page, command in sorted(named):
        family, *rest = command.split()
        loaded = front.resolve_command(click.Context(front), [family])[1]
        if isinstance(loaded, click.Group) and rest:
            assert rest[0] in loaded.commands, f"{page}: multipass {command}"


def test_every_option_in_the_readme_exists() -> None:
    for block in blocks("README.md", "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            words = line.split("#")[0].split()
            if words[:1] != ["multipass"]:
                continue
            family = front.resolve_command(click.Context(front), [words[1]])[1]
            assert isinstance(family, click.Group)
            known = {option for parameter in family.commands[words[2]].params for option in parameter.opts}
            assert {word for word in words if word.startswith("--")} <= known, line


def test_every_make_target_that_the_pages_name_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    for page in PAGES:
        for target in re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text(encoding="utf-8"), flags=re.MULTILINE):
            assert target in targets, f"{page.name}: make {target}"


# --- links, files, decisions ---------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_inside_the_repository_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_module_that_a_page_names_exists(page: Path) -> None:
    top = "adapters|alembic|api|cli|domain|nfc|store|terminal|tests|web"
    for path in re.findall(rf"`((?:{top})/[\w/]+\.(?:py|toml|json))`", page.read_text(encoding="utf-8")):
        if "museum" not in path:
            assert (ROOT / path).exists(), path


def test_decisions_are_numbered_without_gaps_and_say_why_before_what() -> None:
    assert [int(page.name[:4]) for page in ADRS] == list(range(1, len(ADRS) + 1))
    for page in ADRS:
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# {page.name[:4]}. "), page.name
        sections = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
        assert sections == ["Why", "What", "Instead of", "What follows"], page.name
        assert len(text.splitlines()) <= 70, f"{page.name} is longer than a page"


def test_the_licence_is_the_whole_eupl() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")
    assert re.findall(r"^(\d+)\.[A-Z]", text, flags=re.MULTILINE) == [str(number) for number in range(1, 16)]
    assert "Appendix" in text
    assert text.rstrip().endswith(
        "All other changes or additions to this Appendix require the production of a new EUPL version."
    )
