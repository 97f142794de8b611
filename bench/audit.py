"""After the load: what was answered, what was recorded and what was counted must be the same."""

from collections import Counter
from typing import Any

import msgspec

from bench.installation import Installation
from bench.population import Row, row_id
from bench.rows import TERMINALS

_EVENTS = """
SELECT k.terminal_id, k.key, v.outcome, v.reason FROM scan_key AS k JOIN validation AS v ON v.number = k.number
"""
_OPENS = ("granted", "granted_with_warning")
_TERMINALS = [row_id(Row.TERMINAL, number) for number in range(TERMINALS)]


def disagreements(installation: Installation) -> list[str]:
    """Compare an installation's answers with its database; every difference in words, none if all is well."""
    problems = []
    answered = {}
    for said in installation.said:
        if said.status != 200:
            continue
        key = (_TERMINALS[said.token], said.key)
        if key in answered:
            problems.append(f"key {said.key} was answered twice")
        answered[key] = (said.outcome, said.reason)
    failed = Counter(said.status for said in installation.said if said.status != 200)
    problems += [f"{count} requests were answered {status}" for status, count in failed.items()]

    ask = installation.engine.ask
    recorded = {(_hex(row[0]), row[1]): (row[2], row[3]) for row in ask(installation.database, _EVENTS)}
    events = ask(installation.database, "SELECT count(*) FROM validation")[0][0]
    if events != len(recorded):
        problems.append(f"{events} events have {len(recorded)} keys")
    if lost := answered.keys() - recorded.keys():
        problems.append(f"{len(lost)} answers have no event")
    if silent := recorded.keys() - answered.keys():
        problems.append(f"{len(silent)} events were never answered")
    if other := [key for key, verdict in answered.items() if recorded.get(key, verdict) != verdict]:
        problems.append(f"{len(other)} answers differ from their events")
    return problems + _counters(installation, list(recorded.values()))


def _counters(installation: Installation, verdicts: list[tuple[str, str]]) -> list[str]:
    ask = installation.engine.ask
    spent: Counter[tuple[str, str, int]] = Counter()
    for entitlement, charges in ask(
        installation.database, "SELECT entitlement_id, charges FROM validation WHERE charges <> '[]'"
    ):
        for position, _starts_on, ends_before, amount in msgspec.json.decode(charges):
            spent[_hex(entitlement), ends_before, position] += amount
    used = {
        (_hex(row[0]), str(row[1]), row[2]): row[3]
        for row in ask(installation.database, "SELECT entitlement_id, ends_before, position, used FROM counter")
    }
    problems = []
    if spent != used:
        wrong = sum(spent[key] != used.get(key, 0) for key in spent.keys() | used.keys())
        problems.append(f"{wrong} counters differ from what the events charged")
    granted = sum(outcome in _OPENS and reason != "double_read" for outcome, reason in verdicts)
    entries = ask(installation.database, "SELECT coalesce(sum(entries), 0) FROM occupancy")[0][0]
    if entries != granted:
        problems.append(f"{granted} entries were granted and {entries} were counted")
    return problems


def granted_share(installation: Installation) -> float:
    """The part of all answers that opened a gate and counted; a second reading does not."""
    return sum(said.outcome in _OPENS and said.reason != "double_read" for said in installation.said) / len(
        installation.said
    )


def _hex(identifier: Any) -> str:  # noqa: ANN401 - a UUID or, from SQLite, its digits
    return str(identifier).replace("-", "")
