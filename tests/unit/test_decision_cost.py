"""What a decision costs, counted in calls: the same on every machine, however busy. `bench.decision` has the time."""

import gc
import sys
from types import FrameType

import pytest
from msgspec.structs import replace

from bench.decision import EVERY_CONDITION, ordinary, richest, richest_priced, richest_refused
from domain.access.decide import decide
from domain.access.facts import Facts
from domain.access.reasons import Reason


def calls(facts: Facts) -> int:
    """How many functions of Python a decision calls."""
    counted = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal counted
        counted += event == "call"

    fresh, before = replace(facts), sys.getprofile()
    gc.disable()  # a collection calls functions too: those who asked to hear of it
    sys.setprofile(count)
    try:
        decide(fresh)
    finally:
        sys.setprofile(before)
        gc.enable()
    return counted


@pytest.mark.parametrize(
    ("facts", "heard", "most"),
    [
        (ordinary(), Reason.WELCOME, 60),
        (richest(), Reason.WELCOME, 100),
        (richest_refused(), Reason.QUOTA_SPENT, 150),
        (richest_priced(), Reason.OVERAGE, 150),
    ],
)
def test_a_decision_calls_few_functions(facts: Facts, heard: Reason, most: int) -> None:
    """A call takes about a tenth of a microsecond; a decision may take twenty."""
    assert decide(facts).reason is heard
    assert calls(facts) <= most


def test_the_richest_case_leaves_no_condition_out() -> None:
    for field in EVERY_CONDITION.__struct_fields__:
        assert (
            getattr(EVERY_CONDITION, field)
            != EVERY_CONDITION.__struct_defaults__[EVERY_CONDITION.__struct_fields__.index(field)]
        )
