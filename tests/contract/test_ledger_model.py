"""The ledger against a model of plain dictionaries: whatever is tapped, read twice, retried, overridden, cancelled,
handed over, blocked, sold, crashed or slept over, both say the same, and the books close after every step (Q1, Q2, E1,
E2, E3, I1, I2, A1, R1, V1): in every window the quota is what was spent and what remains.

The world is in `ledger_model_world`, the model in `ledger_model`, the machine in `ledger_machine` and its rules in
`ledger_gate_rules` and `ledger_register_rules`; the books are closed by `ledger_audit`.
"""

import asyncio
import itertools
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from adapters.keyring import KeyRing
from tests.contract.ledger_gate_rules import GateRules
from tests.contract.ledger_model_world import build_world
from tests.contract.ledger_register_rules import RegisterRules, TimeRules


class EverythingAtOnce(GateRules, RegisterRules, TimeRules):
    """A city's day."""


# When it fails, hypothesis takes up to five minutes to find the shortest history that does.
@pytest.mark.timeout(900)
@pytest.mark.slow
def test_whatever_happens_the_ledger_does_what_the_model_does(
    database_url: str, engine_name: str, keyring: KeyRing, request: pytest.FixtureRequest
) -> None:
    """Q1, Q2, E1, E2, E3, I1, I2, A1, R1, V1 over random histories; hypothesis prints the shortest one that fails."""
    numbers = itertools.count()
    if engine_name == "sqlite":
        path = Path(database_url.removeprefix("sqlite:///"))

        def fresh() -> str:
            copy = path.with_name(f"example-{next(numbers)}.sqlite3")
            shutil.copyfile(path, copy)
            return f"sqlite:///{copy}"
    else:
        clerk = request.getfixturevalue("clerk")
        base, name = database_url.rsplit("/", 1)
        used: list[str] = []

        def fresh() -> str:
            if used:
                clerk.throw_away(used.pop())
            used.append(clerk.copy(name))
            return f"{base}/{used[0]}"

    world = asyncio.run(build_world(database_url, keyring, fresh))
    machine = type("Machine", (EverythingAtOnce,), {"world": world})
    examples = 200 if engine_name == "sqlite" else 60
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            database=None,
            derandomize=False,
            print_blob=True,
            report_multiple_bugs=False,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )
