"""The guide for integrators of terminals tells the truth: codes, cases, lines and what a terminal does on errors."""

import re

import httpx
import msgspec
import pytest

from api.devices import HeartbeatRequest
from api.upload_lines import UploadLine
from domain.access.reasons import COLOURS, Reason
from terminal.conformance.cases import Case
from terminal.conformance.server_cases import SERVER_CASES
from terminal.conformance.terminal_cases import TERMINAL_CASES
from terminal.errors import NoAnswer, Revoked, TerminalError
from tests.pages import ROOT, section, statuses
from tests.unit.test_terminal_client import Script, granted, problem, token

TERMINALS = "docs/terminal-integration.md"


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
