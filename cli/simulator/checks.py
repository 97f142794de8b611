"""What the client side saw, held against the export: the promises of a run, each by its name.

What disagrees comes back as a sentence that names the tap.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from cli.simulator.agent import Row
from cli.simulator.books import Books, Tap
from cli.simulator.city import City
from cli.simulator.station import Station
from domain.access.answer import Answer
from domain.access.facts import Direction
from domain.access.merge import TOLERANCE, Flag
from domain.access.reasons import Outcome, Reason

_OPENS = frozenset({Outcome.GRANTED, Outcome.GRANTED_WITH_WARNING})
_NO_PASSAGE = frozenset({Reason.DOUBLE_READ, Reason.SAME_TRIP})
_ZONE = ZoneInfo("Europe/Paris")


class Scene(Struct, frozen=True):
    """Everything that is looked at."""

    books: Books
    rows: Sequence[Row]
    city: City
    stations: Sequence[Station]
    untold: frozenset[datetime]
    """Taps that lie in an outbox."""

    def by_tap(self) -> Mapping[datetime, list[Row]]:
        """The lines of the export, by the instant that names their tap."""
        found: defaultdict[datetime, list[Row]] = defaultdict(list)
        for row in self.rows:
            if row.terminal_time is not None:
                found[row.terminal_time].append(row)
        return found


Check = Callable[[Scene], Iterator[str]]


def each_key_once(scene: Scene) -> Iterator[str]:
    """E1, O1: a tap is in the export once at most, whatever was doubled, delayed or sent again."""
    for shown_at, rows in scene.by_tap().items():
        if len(rows) > 1 and shown_at in scene.books.taps:
            said = " and ".join(f"{row.outcome} {row.reason} by terminal {row.terminal_id}" for row in rows)
            yield f"{_tap(scene.books.taps[shown_at])} is in the export {len(rows)} times: {said}"


def nothing_without_a_request(scene: Scene) -> Iterator[str]:
    """E3: each line of the export is a tap."""
    for row in scene.rows:
        if row.terminal_time not in scene.books.taps:
            yield f"passage {row.cursor} at {row.gate} ({row.happened_at}) is nobody's"


def nothing_lost(scene: Scene) -> Iterator[str]:
    """E2, O1: what somebody heard is in the export, or still in an outbox while the run goes on."""
    stored = scene.by_tap()
    for shown_at, tap in scene.books.taps.items():
        if not tap.on_record or tap.damaged or shown_at in stored or tap.heard is None:
            continue
        if tap.heard.alone and shown_at in scene.untold:
            continue
        yield f"{_tap(tap)} is not in the export{', nor in any outbox' if tap.heard.alone else ''}"
    for shown_at, tap in scene.books.taps.items():
        final = {one.status for one in tap.settled} & {"stored", "duplicate"}
        if final and shown_at not in stored:
            yield f"{_tap(tap)} was acknowledged as {', '.join(final)} and is not in the export"


def as_it_was_said(scene: Scene) -> Iterator[str]:
    """E2, O2: the export says what the person heard; where the server had stored its own answer first, that one."""
    for shown_at, rows in scene.by_tap().items():
        tap = scene.books.taps.get(shown_at)
        if tap is None:
            continue
        for row in rows:
            told = (row.outcome, row.reason)
            if not row.offline:
                answer = _answer(tap)
                if answer != told:
                    yield f"{_tap(tap)} stands as {told}, and the server answered {answer}"
                elif (
                    tap.on_record
                    and tap.heard
                    and not tap.heard.alone
                    and (tap.heard.outcome, tap.heard.reason) != told
                ):
                    yield f"{_tap(tap)} stands as {told}"
            elif tap.heard is not None and (tap.heard.outcome, tap.heard.reason) != told:
                yield f"{_tap(tap)} stands as {told}"


def times_are_true(scene: Scene) -> Iterator[str]:
    """T1: what a wrong clock said is put right, and marked so, and no other is."""
    for shown_at, rows in scene.by_tap().items():
        tap = scene.books.taps.get(shown_at)
        for row in rows:
            if tap is None or not row.offline or tap.damaged:
                continue
            sent = next((one for one in tap.settled if one.at == row.recorded_at), None)
            if sent is None or sent.offset != tap.offset:
                continue  # its clock was set in between: nobody can know
            wrong = abs(tap.offset) > TOLERANCE
            if wrong is not (Flag.CLOCK_SUSPECT in row.flags):
                yield f"{_tap(tap)}: its clock was off by {tap.offset}, flags are {[*row.flags]}"
            if abs(row.happened_at - tap.at) > TOLERANCE:
                yield f"{_tap(tap)} happened at {row.happened_at}, says the export"


def flags_as_answered(scene: Scene) -> Iterator[str]:
    """O2: what the upload was answered is what the export says."""
    for shown_at, rows in scene.by_tap().items():
        tap = scene.books.taps.get(shown_at)
        if tap is None or len(rows) != 1:
            continue
        for one in tap.settled:
            if one.status in {"stored", "duplicate"} and one.flags != (rows[0].flags if rows[0].offline else ()):
                yield f"{_tap(tap)} was answered {one.status} {[*one.flags]}, and bears {[*rows[0].flags]}"


def quotas_hold(scene: Scene) -> Iterator[str]:
    """Q1: online nobody passes beyond a quota. O2: each visit beyond it was alone, and is flagged; no other is."""
    used: Counter[tuple[str, str]] = Counter()
    flagged: Counter[tuple[str, str]] = Counter()
    for row in scene.rows:
        for charge in row.charges:
            window = (charge.right, charge.ends_before)
            quota = scene.city.quotas[charge.right]
            used[window] += round(charge.amount)
            beyond = Flag.OVER_QUOTA in row.flags
            flagged[window] += beyond
            if not row.offline and used[window] > quota:
                yield f"{_row(scene, row)} is visit {used[window]} of {quota}, granted online"
            if row.offline and beyond is not (used[window] > quota):
                yield f"{_row(scene, row)} is visit {used[window]} of {quota}, flags are {[*row.flags]}"
    for window, visits in used.items():
        surplus = max(0, visits - scene.city.quotas[window[0]])
        if flagged[window] != surplus:
            yield f"a right to {scene.city.quotas[window[0]]} visits has {visits}, {flagged[window]} are flagged"


def spent_as_granted(scene: Scene) -> Iterator[str]:
    """O2: whoever was let in alone on a right that counts visits was counted: nothing is free of charge by accident."""
    for row in scene.rows:
        if row.outcome not in _OPENS and row.charges:
            yield f"{_row(scene, row)} was refused and counted"


def stopped_media(scene: Scene) -> Iterator[str]:
    """V1: a stopped medium is let in nowhere online. O2: what a gate let in alone meanwhile is flagged, no other is."""
    for row in scene.rows:
        tap = scene.books.taps.get(row.terminal_time) if row.terminal_time is not None else None
        if tap is None or row.direction is not Direction.ENTRY or row.outcome not in _OPENS:
            continue
        blocked = scene.books.blocked.get(tap.medium)
        if blocked is not None and blocked < row.recorded_at and not row.offline:
            yield f"{_row(scene, row)} was let in online, and had been stopped at {blocked}"
        stopped = blocked is not None and blocked <= row.happened_at
        if row.offline and stopped is not (Flag.REVOKED_AT_THE_TIME in row.flags):
            yield f"{_row(scene, row)} was stopped at {blocked} and bears {[*row.flags]}"


def revoked_terminals(scene: Scene) -> Iterator[str]:
    """V1: once the server has said that a terminal is revoked, nothing more comes from it."""
    now: Counter[UUID | None] = Counter(row.terminal_id for row in scene.rows)
    for terminal_id, then in scene.books.revoked.items():
        if now[terminal_id] != then:
            yield f"terminal {terminal_id} had {then} passages when it was revoked, and has {now[terminal_id]}"


def one_gate_for_one_showing(scene: Scene) -> Iterator[str]:
    """A phone's code opens one gate once, as long as gates can ask."""
    opened: dict[str, Row] = {}
    for row in scene.rows:
        tap = scene.books.taps.get(row.terminal_time) if row.terminal_time is not None else None
        if tap is None or row.offline or not tap.showing.startswith("MP1:"):
            continue
        if row.outcome in _OPENS and row.reason not in _NO_PASSAGE and tap.direction is Direction.ENTRY:
            if tap.showing in opened:
                yield f"{_row(scene, row)} opened with the code that had opened {opened[tap.showing].gate}"
            opened[tap.showing] = row


def alone_within_bounds(scene: Scene) -> Iterator[str]:
    """The policy of each site holds at each of its gates, over crashes and changed clocks."""
    entries: Counter[tuple[int, str, str, str]] = Counter()
    for tap in scene.books.taps.values():
        if not tap.entered_alone:
            continue
        place = scene.city.place_of(tap.gate)
        day = tap.at.astimezone(_ZONE).date().isoformat()
        entries[tap.station, place.code, tap.medium, day] += 1
        if place.policy.fails == "closed":
            yield f"{_tap(tap)} at a site that fails closed"
        if entries[tap.station, place.code, tap.medium, day] > place.policy.entries:
            yield f"{_tap(tap)} is entry {entries[tap.station, place.code, tap.medium, day]} of the day, alone"


CHECKS: tuple[Check, ...] = (
    each_key_once,
    nothing_without_a_request,
    nothing_lost,
    as_it_was_said,
    times_are_true,
    flags_as_answered,
    quotas_hold,
    spent_as_granted,
    stopped_media,
    revoked_terminals,
    one_gate_for_one_showing,
    alone_within_bounds,
)


def disagreements(scene: Scene) -> list[str]:
    """Hold everything against everything."""
    return [
        f"{check.__doc__ and check.__doc__.partition(':')[0]}: {words}" for check in CHECKS for words in check(scene)
    ]


def told_otherwise(scene: Scene) -> int:
    """Count those who were answered alone, while the server had stored an answer that says something else."""
    rows = scene.by_tap()
    return sum(
        tap.on_record
        and tap.heard is not None
        and tap.heard.alone
        and any(not row.offline and row.outcome != tap.heard.outcome for row in rows.get(shown_at, ()))
        for shown_at, tap in scene.books.taps.items()
    )


def _answer(tap: Tap) -> tuple[Outcome, Reason] | None:
    if tap.answered is None:
        return None
    said = msgspec.json.decode(tap.answered, type=Answer)
    return said.outcome, said.reason


def _row(scene: Scene, row: Row) -> str:
    tap = scene.books.taps.get(row.terminal_time) if row.terminal_time is not None else None
    return _tap(tap) if tap is not None else f"passage {row.cursor}"


def _tap(tap: Tap) -> str:
    heard = "unheard" if tap.heard is None else f"{tap.heard.outcome} {tap.heard.reason}"
    how = ", alone" if tap.heard is not None and tap.heard.alone else ""
    when = f"{tap.at:%d %b %H:%M:%S}"
    return (
        f"tap {tap.number} ({when}, terminal {tap.station}, {tap.medium} {tap.direction} at {tap.gate}: {heard}{how})"
    )
