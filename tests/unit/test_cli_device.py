"""What `multipass terminal scan` says beside the verdict."""

from datetime import UTC, datetime

import pytest
import rich_click as click
from click.exceptions import Exit

from cli.device import _tell
from domain.access.answer import Answer
from domain.access.facts import Direction
from domain.access.reasons import COLOURS, REASONS, Reason


def said(reason: Reason, capsys: pytest.CaptureFixture[str]) -> str:
    meaning = REASONS[reason]
    answer = Answer(
        outcome=meaning.outcome,
        reason=reason,
        colour=COLOURS[meaning.outcome],
        text=meaning.short,
        next_step=meaning.next_step,
        direction=Direction.ENTRY,
        decided_at=datetime(2026, 11, 24, 13, 5, tzinfo=UTC),
    )
    with click.Context(click.Command("scan")) as context, pytest.raises(Exit):
        _tell(context, answer, as_json=False, lang="en", key="7751c924f37fc799")
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("reason", "offered"),
    [(Reason.WELCOME, True), (Reason.DOUBLE_READ, False), (Reason.MEDIUM_BLOCKED, False)],
)
def test_only_what_was_counted_is_offered_to_be_taken_back(
    reason: Reason, *, offered: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ("multipass terminal cancel 7751c924f37fc799" in said(reason, capsys)) is offered
