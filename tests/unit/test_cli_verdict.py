"""What a command says of a price and of what remains, in the person's language."""

from datetime import date

import pytest

from cli.verdict import show
from domain.access.answer import Answer, Price, Remaining
from domain.access.facts import Direction
from domain.access.reasons import COLOURS, REASONS, Outcome, Reason
from domain.limits import Measure
from tests.city import NOW


def shown(capsys: pytest.CaptureFixture[str], outcome: Outcome, price: Price, *left: Remaining, french: bool) -> str:
    meaning = REASONS[Reason.PAYMENT_DUE]
    answer = Answer(
        outcome=outcome,
        reason=Reason.PAYMENT_DUE,
        colour=COLOURS[outcome],
        text=meaning.short,
        next_step=meaning.next_step,
        direction=Direction.ENTRY,
        decided_at=NOW,
        price=price,
        remaining=left,
    )
    show(answer, french=french)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("outcome", "price", "french", "said"),
    [
        (Outcome.PAYMENT_REQUIRED, Price(450, 0), True, "À régler avant d’entrer : 4,50 €"),
        (Outcome.PAYMENT_REQUIRED, Price(450, 0), False, "To pay before entering: €4.50"),
        (Outcome.GRANTED, Price(450, 0), True, "Réglé : 4,50 €"),
        (Outcome.GRANTED_WITH_WARNING, Price(450, 0), False, "Paid: €4.50"),
        (Outcome.GRANTED_WITH_WARNING, Price(0, 2_000), True, "Facturé plus tard : 20,00 €"),
    ],
)
def test_a_price_is_due_until_the_gate_opens(
    capsys: pytest.CaptureFixture[str], outcome: Outcome, price: Price, said: str, *, french: bool
) -> None:
    assert said in shown(capsys, outcome, price, french=french)


def test_what_remains_names_its_kind_of_waste(capsys: pytest.CaptureFixture[str]) -> None:
    left = Remaining("quay", Measure.M3, 0.5, 1, date(2027, 1, 1), kind="rubble")
    said = shown(capsys, Outcome.GRANTED, Price(0, 0), left, french=True)
    assert "reste 0,5 sur 1 m³ (gravats) jusqu’au 31 décembre 2026 (quay)" in said
