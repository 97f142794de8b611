"""The running server against its own description: schemathesis makes up the requests, good and bad."""

import json
from collections.abc import Iterator
from typing import Any
from zlib import crc32

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import load_all_checks
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.result import Err
from schemathesis.generation.modes import GenerationMode
from schemathesis.pytest.lazy import get_all_tests
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from api.app import build_app
from api.bodies import MAX_BODY
from api.documentation import description as described
from api.settings import Settings
from tests.city import NOW
from tests.served import Served, served

GATE = "/v1/access/validations"

_ACTS = ("submission", "return", "publication", "suspension", "archival", "target")
_POINTS = ("/v1/points", "/v1/points/{plate}", *(f"/v1/points/{{plate}}/{act}" for act in _ACTS), "/v1/points/media")

EXCLUDED: dict[str, list[Any]] = {
    # No schema says that a period ends after it begins, or that a point lies on a curve: 400 is right there.
    "/v1/passes": [positive_data_acceptance],
    "/v1/terminals/pairings": [positive_data_acceptance],
    "/v1/gateways": [positive_data_acceptance],
    # ... nor that an amount has three decimals at most, or a time lies in this century.
    GATE: [positive_data_acceptance],
    # ... nor that a terminal has proved the key it offers, or serves the gate it names.
    "/v1/terminals/key": [positive_data_acceptance],
    # ... nor that a text is TOML and makes sense as a catalogue.
    "/v1/catalogue/modifications": [positive_data_acceptance],
    # ... nor how far ahead a modification may be scheduled.
    "/v1/catalogue/modifications/{modification}/activation": [positive_data_acceptance],
    # ... nor where a list goes on, or that a notice ends after it begins.
    "/v1/notices": [positive_data_acceptance],
    "/v1/notices/{notice_id}": [positive_data_acceptance],
    "/v1/notices/{notice_id}/schedule": [positive_data_acceptance],
    # ... nor how many bands a scale has, or that its edges rise.
    "/v1/bands/{code}/editions": [positive_data_acceptance],
    # ... nor which services there are.
    "/v1/terminals/bundles/{service}": [positive_data_acceptance],
    # A number in the place of a time is read as seconds since 1970.
    "/v1/terminals/heartbeats": [positive_data_acceptance, negative_data_rejection],
    # ... nor what a card's chip may answer, which its own tests say.
    "/v1/terminals/card-authentications": [positive_data_acceptance],
    "/v1/terminals/card-authentications/{handle}": [positive_data_acceptance],
    "/v1/access/deposits": [positive_data_acceptance],
    # What is wrong with a line is told in the answer, line by line; an upload may be empty, and cut off anywhere.
    "/v1/access/uploads": [positive_data_acceptance, negative_data_rejection],
    "/v1/offline/report": [positive_data_acceptance],
    "/v1/offline/facts": [positive_data_acceptance],
    # ... nor that a line that was put aside can be read by now.
    "/v1/offline/quarantine/{line}/replay": [positive_data_acceptance],
    # A pass is shown or typed, never both.
    "/v1/sites/{site}/entries": [positive_data_acceptance],
    "/v1/sites/{site}/deposits": [positive_data_acceptance],
    "/v1/replacements": [positive_data_acceptance],
    # ... nor which numbers of cards check, or that an order is for blank cards or for passes.
    "/v1/made-cards": [positive_data_acceptance],
    "/v1/made-cards/bindings": [positive_data_acceptance],
    "/v1/made-cards/unbindings": [positive_data_acceptance],
    "/v1/made-cards/discards": [positive_data_acceptance],
    "/v1/card-batches": [positive_data_acceptance],
    # A maker's file is read line by line, and no schema says what a line is.
    "/v1/card-batches/{batch}/order-file": [positive_data_acceptance],
    "/v1/card-batches/{batch}/report": [positive_data_acceptance],
    # Days in reach, values by kind, numbers that check.
    "/v1/passes/{number}/rights": [positive_data_acceptance],
    "/v1/subjects/{kind}/{reference}/circumstances": [positive_data_acceptance],
    "/v1/subjects/{kind}/{reference}/circumstances/end": [positive_data_acceptance],
    "/v1/subjects/{kind}/{reference}/suspensions": [positive_data_acceptance],
    "/v1/subjects/{kind}/{reference}/suspensions/end": [positive_data_acceptance],
    "/v1/households": [positive_data_acceptance],
    "/v1/households/{household}/members": [positive_data_acceptance],
    "/v1/households/{household}/members/{holder}/departure": [positive_data_acceptance],
    "/v1/households/{household}/split": [positive_data_acceptance],
    "/v1/organisations": [positive_data_acceptance],
    "/v1/organisations/{organisation}/members": [positive_data_acceptance],
    "/v1/organisations/{organisation}/members/{holder}/departure": [positive_data_acceptance],
    "/v1/holders/{holder}/guardians": [positive_data_acceptance],
    "/v1/holders/{holder}/guardians/{guardian}/end": [positive_data_acceptance],
    "/v1/passes/{number}/passages": [positive_data_acceptance],
    "/v1/passes/{number}/explanation": [positive_data_acceptance],
    "/v1/sites/{site}/overrides": [positive_data_acceptance],
    # ... nor how long ago a count may be that heads are compared with.
    "/v1/sites/{site}/heads/{zone}/counts": [positive_data_acceptance],
    # ... nor which addresses may be told of anything, or that nothing is said of a point that is not there.
    "/v1/webhooks": [positive_data_acceptance],
    "/v1/tour/points/{point_id}/remarks": [positive_data_acceptance],
    "/v1/itineraries/{slug}": [positive_data_acceptance],
    # ... nor which figures and periods there are, which services and products, or where a list goes on.
    "/v1/figures/{topic}/{figure}/table": [positive_data_acceptance],
    "/v1/figures/{topic}": [positive_data_acceptance],
    "/v1/figures/{topic}/workbook": [positive_data_acceptance],
    "/v1/requests": [positive_data_acceptance],
    "/v1/requests/{request_reference}/application": [positive_data_acceptance],
    "/v1/requests/{request_reference}/approval": [positive_data_acceptance],
    "/v1/request-terms": [positive_data_acceptance],
    # 0 is read as false.
    "/v1/request-texts/{text_code}": [positive_data_acceptance, negative_data_rejection],
    # ... nor which addresses and codes there are, or what a phone or a passkey proves.
    "/v1/resident/codes": [positive_data_acceptance],
    "/v1/resident/tokens": [positive_data_acceptance],
    "/v1/resident/passkeys": [positive_data_acceptance],
    "/v1/resident/passkeys/challenges": [positive_data_acceptance],
    "/v1/resident/tokens/provider": [positive_data_acceptance],
    "/v1/resident/account/identities": [positive_data_acceptance],
    "/v1/resident/tokens/passkey": [positive_data_acceptance],
    "/v1/resident/account/contacts": [positive_data_acceptance],
    "/v1/resident/account/contacts/codes": [positive_data_acceptance],
    "/v1/resident/passes/{number}/code": [positive_data_acceptance],
    "/v1/resident/passes/{number}/passages": [positive_data_acceptance],
    # Nor whether two numbers are a point of a curve.
    "/v1/resident/push": [positive_data_acceptance],
    # ... nor days in reach, or where a list goes on.
    "/v1/resident/requests": [positive_data_acceptance],
    "/v1/resident/requests/{request_reference}/application": [positive_data_acceptance],
    # A change of a point names the version that it changes; a sheet is held against the words it uses, a photo read.
    **{path: [positive_data_acceptance] for path in _POINTS},
}

PARTS = 16
"""In which all operations are tried. What each is sent is made up when the turn of its part has come: with a test for
each operation, as the library has it, every process of tests would make up all of it before it begins."""


@pytest.fixture(scope="module")
def description() -> BaseSchema:
    """Every operation. Nothing is opened: an application that was only put together knows its description."""
    app = build_app(Settings(keys_folder="none", database_url="sqlite:///none"), clock=lambda: NOW)
    # A stream has no end to wait for: `test_devices.py` follows it over a socket.
    return schemathesis.openapi.from_dict(json.loads(described(app))).exclude(path="/v1/terminals/changes")


@schemathesis.serializer("application/x-ndjson")
def one_line(_context: Any, value: Any) -> bytes:  # noqa: ANN401 - whatever schemathesis makes up
    """What uploads are sent, of one line."""
    return json.dumps(value).encode() + b"\n"


@schemathesis.serializer("application/jsonl")
def as_it_is(_context: Any, value: Any) -> bytes:  # noqa: ANN401 - as above
    """What stands for a maker's report: any text."""
    return str(value).encode()


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served"), log_level="debug") as running:
        yield running


@pytest.fixture(scope="module")
def tokens(city: Served) -> dict[str, str]:
    return {"agent": city.agent_token(), "terminal": city.terminal_token("conformance")}


@settings(
    max_examples=10,  # of each operation, beside those that cover its description
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture],
)
def it_is_as_described(case: schemathesis.Case[Any], city: Served, tokens: dict[str, str]) -> None:
    token = _token_for(case, city, tokens)
    case.call_and_validate(
        base_url=city.url,
        headers={"Authorization": f"Bearer {token}"},
        excluded_checks=[*EXCLUDED.get(case.operation.path, []), *judged_by_its_body_alone(case)],
    )


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_no_request_breaks_the_server_or_its_description(
    part: int,
    description: BaseSchema,
    city: Served,
    tokens: dict[str, str],
    subtests: pytest.Subtests,
) -> None:
    load_all_checks()
    some = description.include(lambda one: crc32(one.operation.label.encode()) % PARTS == part)
    tried = 0
    for one in get_all_tests(schema=some, test_func=it_is_as_described, settings=None, given_kwargs={}):
        if isinstance(one, Err):
            raise one.err()
        operation, attempt = one.ok()
        tried += 1
        with subtests.test(operation=operation.label):
            attempt(city=city, tokens=tokens)
    assert tried, "a part without operations"


def _token_for(case: schemathesis.Case[Any], city: Served, tokens: dict[str, str]) -> str:
    """A resident's is new for each operation: one that deletes the account leaves the others theirs."""
    security = case.operation.definition.raw.get("security", ())
    if {"resident": []} not in security:
        return tokens["terminal" if {"terminal": []} in security else "agent"]
    if case.operation.label not in tokens:
        tokens[case.operation.label] = city.resident_token(f"walker-{len(tokens)}@example.org")
    return tokens[case.operation.label]


def judged_by_its_body_alone(case: schemathesis.Case[Any]) -> list[Any]:
    """What we add to a request heals a missing token, and parameters that nobody asked for are ignored on purpose.

    So only a spoilt body has to be refused; parameters out of bounds are the business of `test_export.py`. One that is
    too large for the door is refused as such (413), which the check does not count.
    """
    if len(json.dumps(case.body, default=str)) > MAX_BODY:
        return [negative_data_rejection]
    body = case.meta.components.get(ParameterLocation.BODY) if case.meta is not None else None
    return [] if body is not None and body.mode is GenerationMode.NEGATIVE else [negative_data_rejection]
